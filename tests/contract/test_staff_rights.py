"""Who may do what: every address of the console and of the staff's JSON, for each role and for nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import MakeDatabase
from tests.contract.conftest import build_app, close_app
from tests.staff_app import NAMES, StaffBrowser, StaffSite, open_site
from visalookup.domain.accounts.roles import RIGHTS, Right, Role

EVERYBODY = None
"""The pages on which one signs in."""


def addresses(app: Flask) -> Iterator[tuple[str, str, Right | None]]:
    """Each method and address of the console, with the right its view wants."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff"):
            continue
        view = app.view_functions[rule.endpoint]
        right = getattr(view, "required_right", EVERYBODY)
        assert right is not EVERYBODY or hasattr(view, "public_view"), rule.rule
        path = re.sub(r"<(?:int:)?([a-z_]+)>", lambda found: _SAMPLES.get(found[1], "1"), rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, path, right


_SAMPLES = {"regime_id": "kaz-isr-2026", "key": "KAZ-ISR-ordinary"}


def table() -> list[tuple[str, str, Right | None]]:
    app = build_app("sqlite://")
    found = list(addresses(app))
    close_app(app)
    return found


TABLE = table()
WANTS_SESSION = [(method, path, right) for method, path, right in TABLE if right is not EVERYBODY]

WRITES = {
    "/staff/regimes/new": Right.PROPOSE,
    "/staff/regimes/kaz-isr-2026/steps": Right.PROPOSE,
    "/staff/regimes/kaz-isr-2026/verification": Right.PROPOSE,
    "/staff/upload": Right.PROPOSE,
    "/staff/differences/1": Right.PROPOSE,
    "/staff/proposals/1/publication": Right.PUBLISH,
    "/staff/proposals/1/return": Right.PUBLISH,
    "/staff/proposals/1/withdrawal": Right.PROPOSE,
    "/staff/agencies": Right.ADMINISTER,
    "/staff/agencies/1/keys": Right.ADMINISTER,
    "/staff/agencies/1/keys/1/revocation": Right.ADMINISTER,
    "/staff/agencies/1/limits": Right.ADMINISTER,
    "/staff/webhooks/deliveries/1/replay": Right.ADMINISTER,
}
"""What the table must say of the addresses that change something: written here by hand, so that a slip is seen."""


@pytest.fixture(scope="module")
def site(make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> Iterator[StaffSite]:
    site = open_site(make_sqlite(loaded_sqlite_template))
    yield site
    close_app(site.app)


def test_the_table_covers_what_changes_something() -> None:
    rights = {path: right for method, path, right in TABLE if method == "POST"}
    assert {path: rights.get(path) for path in WRITES} == WRITES
    assert {path for path, right in rights.items() if right is EVERYBODY} == {"/staff/sign-in", "/staff/sign-out"}


@pytest.mark.parametrize(("method", "path", "right"), WANTS_SESSION)
def test_nobody_comes_in_without_a_session(site: StaffSite, method: str, path: str, right: Right) -> None:
    stranger = site.app.test_client()
    response = stranger.open(path, method=method)
    if method == "GET":
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/staff/sign-in?next=")
    else:
        assert response.status_code == 401


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "path", "right"), WANTS_SESSION)
def test_each_role_may_do_what_its_rights_say_and_nothing_else(
    site: StaffSite, method: str, path: str, right: Right, role: Role
) -> None:
    browser: StaffBrowser = site.browser(NAMES[role])
    assert browser.sign_in().status_code == 303
    response = browser.get(path) if method == "GET" else browser.post(path, {})
    allowed = right in RIGHTS[role]
    assert (response.status_code == 403) is not allowed, (response.status_code, allowed)
    assert response.status_code != 500
