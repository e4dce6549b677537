"""What the application shares: the database, the rulebooks, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from inspect import iscoroutinefunction
from typing import cast

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

PATIENCE = 10.0
PATIENCE_OF_THE_WATCH = 1.0
"""Seconds to wait for the answer to one statement."""

db = SQLAlchemy(require_default_engine=True)


def init_settings(app: Flask, settings: Settings) -> None:
    """Let the routes know how this process runs."""
    app.extensions["visalookup_settings"] = settings


def init_receipts(app: Flask, settings: Settings) -> None:
    """Give the application the keys of its receipts; none is read before it is needed."""
    app.extensions["visalookup_receipt_keys"] = receipt_keys_of(settings.receipt_key_file)


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


def init_library(app: Flask, clock: Clock) -> None:
    """Give the application its rulebooks, what is measured of them, and its clock."""
    app.extensions["visalookup_library"] = RulebookStore()
    app.extensions["visalookup_coverage"] = CoverageKeeper()
    app.extensions["visalookup_clock"] = clock


def watch_database(app: Flask, each_time: Callable[[Engine], None]) -> RulebookRefresher:
    """Renew the rulebook of this process in the background from now on; whoever starts it stops it."""
    engine = make_polling_engine(settings_of(app).database_url, PATIENCE_OF_THE_WATCH)
    with app.app_context():
        served = db.engine
    watch = RulebookRefresher(rulebook_store_of(app), engine, served.dispose, lambda: each_time(engine))
    watch.start()
    return watch


def rulebook_store_of(app: Flask) -> RulebookStore:
    """The rulebooks of an application's process."""
    return cast(RulebookStore, app.extensions["visalookup_library"])


def clock_of(app: Flask) -> Clock:
    """The clock of an application."""
    return cast(Clock, app.extensions["visalookup_clock"])


def settings_of(app: Flask) -> Settings:
    """How an application runs."""
    return cast(Settings, app.extensions["visalookup_settings"])


def session() -> Session:
    """The session of the request at hand."""
    return db.session


def settings() -> Settings:
    """How this process runs."""
    return settings_of(current_app)


def rulebook_store() -> RulebookStore:
    """The rulebooks of this process."""
    return rulebook_store_of(current_app)


def receipt_keys() -> ReceiptKeys:
    """The keys of this service's receipts."""
    return cast(ReceiptKeys, current_app.extensions["visalookup_receipt_keys"])


def coverage_keeper() -> CoverageKeeper:
    """The coverage last measured in this process."""
    return cast(CoverageKeeper, current_app.extensions["visalookup_coverage"])


def webhook_dependencies() -> WebhookDependencies:
    """What webhooks are made with."""
    key = current_app.secret_key
    assert isinstance(key, str)  # noqa: S101 - the console has set it
    return WebhookDependencies(Seal(key, PURPOSE), Sender(allow_loopback=settings().webhooks_to_loopback))


def now() -> datetime:
    """The present moment."""
    return clock_of(current_app)()
