"""The console: pages on which staff move regimes along their lifecycle."""

from __future__ import annotations

from flask import Blueprint, Flask

BLUEPRINTS: tuple[Blueprint, ...] = ()


def init_staff(app: Flask) -> None:
    """Register the console's pages."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
