"""What the application shares: its state, the database, the rulebooks, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from visalookup.config import Settings
from visalookup.services.clock import Clock
from visalookup.services.datasets.coverage import CoverageKeeper
from visalookup.services.lookup.rulebook_refresher import RulebookRefresher
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.services.receipts.keys import ReceiptKeys, receipt_keys_of
from visalookup.services.sealing import Seal
from visalookup.services.webhooks.sending import Sender
from visalookup.services.webhooks.subscriptions import PURPOSE, WebhookDependencies
from visalookup.storage.engine import (
    database_url,
    engine_options,
    limit_statement_time,
    make_polling_engine,
    prepare_engine,
)
from visalookup.telemetry.instrumentation import RequestObserver

PATIENCE = 10.0
PATIENCE_OF_THE_WATCH = 1.0
"""Seconds to wait for the answer to one statement."""

db = SQLAlchemy(require_default_engine=True)
Part = TypeVar("Part")
_STATE = "visalookup"
"""The one name under which Flask keeps what is ours."""


@dataclass(slots=True)
class AppState:
    """What one application keeps in this process, by its type; `parts` are those whose types are of upper layers."""

    settings: Settings
    clock: Clock
    request_observer: RequestObserver
    receipt_keys: ReceiptKeys
    """None is read before it is needed."""
    rulebook_store: RulebookStore = field(default_factory=RulebookStore)
    coverage_keeper: CoverageKeeper = field(default_factory=CoverageKeeper)
    describe_api: Callable[[], dict[str, Any]] = dict
    """Makes the OpenAPI document; an empty one until the JSON interface is there."""
    _parts: dict[type[object], object] = field(default_factory=dict)

    def add(self, part: object) -> None:
        """Keep a part under its own class."""
        self._parts[type(part)] = part

    def part(self, kind: type[Part]) -> Part:
        """The part of this class; raise LookupError where none was added."""
        part = self.find_part(kind)
        if part is None:
            raise LookupError(f"The application was made without a {kind.__name__}.")
        return part

    def find_part(self, kind: type[Part]) -> Part | None:
        """The part of this class, if there is one."""
        part = self._parts.get(kind)
        return part if isinstance(part, kind) else None


def init_state(app: Flask, settings: Settings, clock: Clock, request_observer: RequestObserver) -> None:
    """Give the application its state."""
    app.extensions[_STATE] = AppState(settings, clock, request_observer, receipt_keys_of(settings.receipt_key_file))


def state_of(app: Flask) -> AppState:
    """The state of an application."""
    state: AppState = app.extensions[_STATE]
    return state


def init_database(app: Flask, settings: Settings) -> None:
    """Connect the application to its database."""
    url = database_url(settings.database_url)
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": url, **engine_options(url)}}
    db.init_app(app)
    _drop_async_teardown(app)
    with app.app_context():
        prepare_engine(db.engine)
        limit_statement_time(db.engine, PATIENCE, lambda: rulebook_store_of(app).is_away)


def _drop_async_teardown(app: Flask) -> None:
    """Drop the extension's closing of asynchronous sessions, of which we have none: it costs most of a request."""
    kept = [each for each in app.teardown_appcontext_funcs if not iscoroutinefunction(each)]
    app.teardown_appcontext_funcs[:] = kept


def watch_database(app: Flask, each_time: Callable[[Engine], None]) -> RulebookRefresher:
    """Renew the rulebook of this process in the background from now on; the caller must stop it."""
    engine = make_polling_engine(settings_of(app).database_url, PATIENCE_OF_THE_WATCH)
    with app.app_context():
        served = db.engine
    watch = RulebookRefresher(rulebook_store_of(app), engine, served.dispose, lambda: each_time(engine))
    watch.start()
    return watch


def rulebook_store_of(app: Flask) -> RulebookStore:
    """The rulebooks of an application's process."""
    return state_of(app).rulebook_store


def clock_of(app: Flask) -> Clock:
    """The clock of an application."""
    return state_of(app).clock


def settings_of(app: Flask) -> Settings:
    """How an application runs."""
    return state_of(app).settings


def session() -> Session:
    """The session of this request."""
    return db.session


def settings() -> Settings:
    """How this process runs."""
    return settings_of(current_app)


def rulebook_store() -> RulebookStore:
    """The rulebooks of this process."""
    return rulebook_store_of(current_app)


def receipt_keys() -> ReceiptKeys:
    """The keys of this service's receipts."""
    return state_of(current_app).receipt_keys


def coverage_keeper() -> CoverageKeeper:
    """The coverage last measured in this process."""
    return state_of(current_app).coverage_keeper


def webhook_dependencies() -> WebhookDependencies:
    """What webhooks are made with."""
    key = current_app.secret_key
    assert isinstance(key, str)  # noqa: S101 - the console has set it
    return WebhookDependencies(Seal(key, PURPOSE), Sender(allow_loopback=settings().webhooks_to_loopback))


def now() -> datetime:
    """The present moment."""
    return clock_of(current_app)()
