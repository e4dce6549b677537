"""Visa Lookup: do I need a visa from X to Y, on which day, by which source."""

from __future__ import annotations

from flask import Flask

from visalookup.config import LARGEST_BODY, Settings, settings_from
from visalookup.http.converters import RowNumber
from visalookup.services.clock import Clock, system_clock


def create_app(settings: Settings | None = None, clock: Clock = system_clock) -> Flask:
    """The web application; its settings come from the environment unless they are given."""
    from visalookup import api, extensions, fast_path, staff, web
    from visalookup.http import error_handlers as errors
    from visalookup.http import health, response_cache
    from visalookup.http import security_headers as security
    from visalookup.rate_limits import hooks as limits
    from visalookup.telemetry import instrumentation as observability

    settings = settings or settings_from()
    app = Flask("visalookup", static_url_path="/static")
    app.url_map.converters["int"] = RowNumber
    app.url_map.merge_slashes = False  # a redirect would name whatever host the client named
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    request_observer = observability.init_observability(app, settings)
    security.init_security(app)
    errors.init_errors(app)
    extensions.init_state(app, settings, clock, request_observer)
    extensions.init_database(app, settings)
    response_cache.init_response_cache(app)
    limits.init_limits(app, settings)
    api.init_api(app)
    web.init_web(app)
    staff.init_staff(app)
    health.init_health(app)
    fast_path.init_fast_path(app, request_observer)
    security.trust_proxies(app, settings.trusted_proxies)
    return app
