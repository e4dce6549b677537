"""The console: pages on which staff move regimes along their lifecycle."""

from __future__ import annotations

from flask import Blueprint, Flask

from visalookup.staff.guard import init_access
from visalookup.staff.sign_in import entrance

BLUEPRINTS: tuple[Blueprint, ...] = (entrance,)


def init_staff(app: Flask) -> None:
    """Guard the console, and register its pages."""
    init_access(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
