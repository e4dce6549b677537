"""The console as members of staff use it in tests: an application of its own, accounts, and signed-in browsers.

`StaffSite.client_of(Role.EDITOR)` is a browser in which an editor has signed in; its `post` opens the page that
holds the form, and sends the form with its token, as a browser does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse

from tests.conftest import MORNING, UNLIMITED, FixedClock
from tests.contract.html import Element, page_of
from visalookup import create_app
from visalookup.config import Settings, StaffSettings
from visalookup.domain.accounts.roles import Role
from visalookup.extensions import db
from visalookup.services.accounts.accounts import NewAccount, add_account
from visalookup.services.accounts.passwords import hash_password

PASSWORD = "four words without sense"  # noqa: S105 - of accounts in tests only
SIGNING_KEY = "a key for tests"
NAMES = {Role.EDITOR: "edith", Role.PUBLISHER: "paul", Role.ADMINISTRATOR: "ada"}
"""The account of each role that `client_of(role)` signs in to."""

Values = Mapping[str, str | Sequence[str] | FileStorage]


@dataclass(slots=True)
class StaffBrowser:
    """A browser at the console. It keeps its cookie, and sends each form with the token that the form has."""

    site: StaffSite
    name: str = ""
    address: str = "192.0.2.1"
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.site.app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        """The answer to GET, not followed where it leads on."""
        return self.client.get(path, headers=headers, environ_base={"REMOTE_ADDR": self.address})

    def cookie(self) -> str:
        """The value of the cookie it holds."""
        held = self.client.get_cookie("visalookup_staff", path="/staff")
        assert held is not None
        return held.value

    def hold(self, value: str, path: str = "/staff") -> StaffBrowser:
        """Let it hold this cookie, which it sends with every request below the path."""
        self.client.set_cookie("visalookup_staff", value, path=path)
        return self

    def page(self, path: str, status: int = 200) -> Element:
        """The page at an address, checked to be one."""
        return page_of(self.get(path), status)

    def post(self, path: str, form: Values | None = None, *, page: str | None = None) -> TestResponse:
        """Send a form with a right token: that of the page it is on, by default any page this browser may see."""
        return self.send(path, {"csrf_token": self.token(page or self._any_page()), **(form or {})})

    def send(self, path: str, form: Values, **headers: str) -> TestResponse:
        """Send these fields and nothing else."""
        data = MultiDict(form)
        return self.client.post(path, data=data, headers=headers, environ_base={"REMOTE_ADDR": self.address})

    def press(self, page: Element, button: str, **typed: str) -> TestResponse:
        """Press a button of a page, with what is in its form and what is typed into it before."""
        (form,) = (each for each in page.all("form") if button in [found.text for found in each.all("button")])
        (pressed,) = (each for each in form.all("button") if each.text == button)
        values = MultiDict([*filled_in(form), *_own_value(pressed)])
        for name, value in typed.items():
            assert name in values or form.all("input", "textarea", "select", name=name), f"no field {name}"
            values[name] = value
        return self.send(form.attributes["action"], values.to_dict(flat=False))

    def token(self, page: str) -> str:
        """The token against forgery that a page has."""
        found = page_of(self.get(page)).all("input", name="csrf_token")
        return found[0].attributes["value"]

    def sign_in(self, password: str = PASSWORD, code: str = "") -> TestResponse:
        """Fill in the page to sign in on, and send it."""
        form = {"name": self.name, "password": password, "code": code}
        return self.post("/staff/sign-in", form, page="/staff/sign-in")

    def _any_page(self) -> str:
        return "/staff/account" if self.get("/staff/account").status_code == 200 else "/staff/sign-in"


@dataclass(slots=True)
class StaffSite:
    """The service with its console, on a database of its own that tests may write to."""

    app: Flask
    clock: FixedClock
    browsers: dict[str, StaffBrowser] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """The engine of the site's database."""
        with self.app.app_context():
            return db.engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session on the site's database, committed at the end."""
        with Session(self.engine) as session:
            yield session
            session.commit()

    def add(self, name: str, role: Role) -> None:
        """Add an account whose password is `PASSWORD`."""
        with self.session() as session:
            account = add_account(session, NewAccount(name, name.title(), role, PASSWORD), "tests", self.clock())
            account.password_hash = _hash()

    def client_of(self, who: Role | str) -> StaffBrowser:
        """The browser of an account, or of the usual account of a role, in which it is signed in."""
        name = NAMES[who] if isinstance(who, Role) else who
        if name not in self.browsers:
            self.browsers[name] = self.browser(name)
            response = self.browsers[name].sign_in()
            assert response.status_code == 303, response.get_data(as_text=True)[:400]
        return self.browsers[name]

    def browser(self, name: str = "", address: str = "192.0.2.1") -> StaffBrowser:
        """A new browser in which nobody is signed in."""
        return StaffBrowser(self, name, address)


def open_site(
    url: str,
    *,
    review: bool = True,
    secure_cookies: bool = False,
    trusted_proxies: int = 0,
    webhooks_to_loopback: bool = False,
) -> StaffSite:
    """The service on a database, with one account of each role; whoever opens it closes it."""
    clock = FixedClock(MORNING)
    settings = Settings(
        database_url=url,
        log_level="ERROR",
        secret_key=SIGNING_KEY,
        trusted_proxies=trusted_proxies,
        rate_limit_anonymous=UNLIMITED,
        staff=StaffSettings(review=review, secure_cookies=secure_cookies),
        webhooks_to_loopback=webhooks_to_loopback,
    )
    site = StaffSite(create_app(settings, clock), clock)
    for role, name in NAMES.items():
        site.add(name, role)
    return site


def filled_in(form: Element) -> list[tuple[str, str]]:
    """What a browser would send of a form as it stands, without its buttons."""
    pairs: list[tuple[str, str]] = []
    for each in form.all("input", "textarea", "select"):
        name = each.attributes.get("name")
        if name is not None and "disabled" not in each.attributes:
            pairs += [(name, value) for value in _values(each)]
    return pairs


def _values(element: Element) -> list[str]:
    if element.tag == "textarea":
        return ["".join(str(each) for each in element.content).removeprefix("\n")]
    if element.tag == "select":
        options = element.all("option")
        chosen = [each for each in options if "selected" in each.attributes] or options[:1]
        return [each.attributes.get("value", each.text) for each in chosen]
    if element.attributes.get("type") in ("checkbox", "radio"):
        return [element.attributes.get("value", "on")] if "checked" in element.attributes else []
    return [] if element.attributes.get("type") == "file" else [element.attributes.get("value", "")]


def _own_value(button: Element) -> list[tuple[str, str]]:
    name = button.attributes.get("name")
    return [(name, button.attributes.get("value", ""))] if name else []


@cache
def _hash() -> str:
    """One hash for all test accounts: making it takes long on purpose."""
    return hash_password(PASSWORD)
