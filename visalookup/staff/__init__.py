"""The console: pages on which staff move regimes along their lifecycle."""

from __future__ import annotations

from flask import Blueprint, Flask

from visalookup.staff.account import account
from visalookup.staff.accounts import accounts
from visalookup.staff.agencies import agencies
from visalookup.staff.choices import init_choices
from visalookup.staff.differences import differences
from visalookup.staff.guard import init_access
from visalookup.staff.history import history
from visalookup.staff.proposals import proposals
from visalookup.staff.regimes import regimes
from visalookup.staff.sign_in import entrance
from visalookup.staff.single_sign_on import init_single_sign_on, single_sign_on
from visalookup.staff.todo import todo
from visalookup.staff.tokens import tokens
from visalookup.staff.upload import upload
from visalookup.staff.webhooks import webhooks

BLUEPRINTS: tuple[Blueprint, ...] = (
    entrance,
    account,
    accounts,
    agencies,
    todo,
    proposals,
    regimes,
    upload,
    differences,
    history,
    tokens,
    webhooks,
    single_sign_on,
)


def init_staff(app: Flask) -> None:
    """Guard the console, and register its pages."""
    init_access(app)
    init_choices(app)
    init_single_sign_on(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
