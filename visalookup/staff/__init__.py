"""The console: pages where staff move regimes along their lifecycle."""

from __future__ import annotations

from flask import Blueprint, Flask

from visalookup.staff.accounts.accounts import accounts
from visalookup.staff.accounts.own_account import account
from visalookup.staff.accounts.sign_in import sign_in_pages
from visalookup.staff.accounts.single_sign_on import init_single_sign_on, single_sign_on
from visalookup.staff.accounts.tokens import tokens
from visalookup.staff.agencies.agencies import agencies
from visalookup.staff.audit.history import history
from visalookup.staff.changes.choices import init_choices
from visalookup.staff.changes.dashboard import dashboard
from visalookup.staff.changes.proposals import proposals
from visalookup.staff.changes.regimes import regimes
from visalookup.staff.datasets.differences import differences
from visalookup.staff.datasets.upload import upload
from visalookup.staff.guard import init_access
from visalookup.staff.webhooks.delivery_log import webhooks

BLUEPRINTS: tuple[Blueprint, ...] = (
    sign_in_pages,
    account,
    accounts,
    agencies,
    dashboard,
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
