"""Pages for travellers, rendered on the server, complete without any script."""

from __future__ import annotations

from flask import Flask


def init_web(app: Flask) -> None:
    """Register the pages."""
