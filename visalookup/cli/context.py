"""Shared by all commands: a database session, and errors as one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import click
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from visalookup.config import settings_from
from visalookup.domain.errors import DomainError
from visalookup.domain.moments import parse_day
from visalookup.formats.faults import FaultyData
from visalookup.services.lookup.questions import BadQuestion
from visalookup.services.lookup.rulebook_store import NothingLoaded
from visalookup.services.receipts.keys import KeysAway
from visalookup.storage.engine import make_engine
from visalookup.storage.ledger import Conflict
from visalookup.storage.migrations import current_schema, expected_schema


class DayParameter(click.ParamType[date]):
    """A calendar day, written as 2026-12-01."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; a malformed one is reported by click."""
        try:
            return parse_day(str(value))
        except DomainError as error:
            self.fail(str(error), param, ctx)


DAY = DayParameter()


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn expected errors into one line and a non-zero exit status."""
    try:
        yield
    except FaultyData as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        raise click.ClickException(str(error)) from error
    except BadQuestion as error:
        raise click.ClickException(" ".join(f"{fault.field}: {fault.detail}" for fault in error.faults)) from error
    except (DomainError, KeysAway, NothingLoaded, Conflict) as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(
            f"The database does not answer ({type(error.orig).__name__}); check DATABASE_URL."
        ) from error


@contextmanager
def open_session() -> Iterator[Session]:
    """A session on the configured database, committed at the end; errors become one line."""
    with clear_errors():
        engine = make_engine(settings_from().database_url)
        try:
            with engine.connect() as connection:
                _check_schema(current_schema(connection))
            with Session(engine) as session:
                yield session
                session.commit()
        finally:
            engine.dispose()


def _check_schema(schema: str | None) -> None:
    if schema != expected_schema():
        raise click.ClickException("The database is not on this version's schema; run `visalookup db upgrade`.")
