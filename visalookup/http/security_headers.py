"""Security headers, on every response."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Pages run no scripts, so the policy allows none."""

DATA_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",
}
"""For data, which browsers do not show as pages: never rendered, framed or followed, and readable by any site."""

_DATA_TYPES = ("application/json", "application/problem+json", "application/x-ndjson", "application/jwk-set+json")

PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, If-None-Match, X-Request-Id",
    "Access-Control-Max-Age": "86400",
}
"""What a page of another site may send. `Authorization` is left out: a key in a public page is no secret."""

IMMUTABLE = "public, max-age=31536000, immutable"
"""For a static file at a URL with a digest of its content."""


def init_security(app: Flask) -> None:
    """Add the headers to every response."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in (DATA_HEADERS if response.mimetype in _DATA_TYPES else PAGE_HEADERS).items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/api/") and request.method == "OPTIONS":
            response.headers.update(PREFLIGHT)
        if request.endpoint == "static" and "v" in request.args:
            response.headers["Cache-Control"] = IMMUTABLE
        return response


def trust_proxies(app: Flask, proxies: int) -> None:
    """Trust `proxies` of our own to report the client's address. Called last, so that it wraps everything else."""
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
        app.try_respond = ProxyFix(app.try_respond, x_for=proxies, x_proto=0, x_host=0)  # type: ignore[attr-defined]
