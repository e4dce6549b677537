"""What the application shares: the database, the rulebooks, and the clock."""

from __future__ import annotations

from datetime import datetime
from inspect import iscoroutinefunction
from typing import cast

from flask import Flask, current_app
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import Session

from visalookup.config import Settings
from visalookup.services.clock import Clock
from visalookup.services.coverage import CoverageKeeper
from visalookup.services.library import Library
from visalookup.storage.engine import database_url, engine_options, prepare_engine

db = SQLAlchemy(require_default_engine=True)


def init_settings(app: Flask, settings: Settings) -> None:
    """Let the routes know how this process runs."""
    app.extensions["visalookup_settings"] = settings


def init_database(app: Flask, settings: Settings) -> None:
    """Connect the application to its database."""
    url = database_url(settings.database_url)
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": url, **engine_options(url)}}
    db.init_app(app)
    _drop_async_teardown(app)
    with app.app_context():
        prepare_engine(db.engine)


def _drop_async_teardown(app: Flask) -> None:
    """Drop the extension's closing of asynchronous sessions, of which we have none: it costs most of a request."""
    kept = [each for each in app.teardown_appcontext_funcs if not iscoroutinefunction(each)]
    app.teardown_appcontext_funcs[:] = kept


def init_library(app: Flask, clock: Clock) -> None:
    """Give the application its rulebooks, what is measured of them, and its clock."""
    app.extensions["visalookup_library"] = Library()
    app.extensions["visalookup_coverage"] = CoverageKeeper()
    app.extensions["visalookup_clock"] = clock


def session() -> Session:
    """The session of the request at hand."""
    return db.session


def settings() -> Settings:
    """How this process runs."""
    return cast(Settings, current_app.extensions["visalookup_settings"])


def library() -> Library:
    """The rulebooks of this process."""
    return cast(Library, current_app.extensions["visalookup_library"])


def coverage_keeper() -> CoverageKeeper:
    """The coverage last measured in this process."""
    return cast(CoverageKeeper, current_app.extensions["visalookup_coverage"])


def now() -> datetime:
    """The present moment."""
    return cast(Clock, current_app.extensions["visalookup_clock"])()
