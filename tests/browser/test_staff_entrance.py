"""In a real browser: in through the identity provider, and a token made with the keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_looks import CLIPPED, SPILLS, WCAG, scrolls_sideways
from tests.conftest import MakeDatabase
from tests.contract.conftest import close_app
from tests.contract.identity_provider import EDITOR, Provider, Silent, build_site, running_provider
from tests.staff_app import PASSWORD
from visalookup.domain.accounts.roles import Role

TOKENS = "/staff/account/tokens"


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of the application while it is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as provider:
        provider.knows("boris", **EDITOR)
        provider.knows("eve", roles=["canteen"])
        yield provider


@pytest.fixture(scope="module")
def entrance(make_sqlite: MakeDatabase, sqlite_template: str, provider: Provider) -> Iterator[str]:
    """The service with a provider, and with one account that has a password."""
    site = build_site(make_sqlite(sqlite_template), provider.address)
    site.add("ada", Role.ADMINISTRATOR)
    with served(site.app) as address:
        yield address
    close_app(site.app)


@pytest.fixture(params=[DESKTOP, PHONE], ids=["wide window", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, entrance: str, provider: Provider) -> Iterator[Page]:
    """A wide window, and a phone, in which nobody is signed in; they reach us, the provider and nobody else."""
    context = browser.new_context(base_url=entrance, viewport={"width": request.param, "height": 900})
    context.set_default_timeout(15_000)
    known = (entrance, provider.address)
    context.route(lambda url: not url.startswith(known), lambda route: route.abort())
    yield context.new_page()
    context.close()


def looks_well(page: Page) -> None:
    page.wait_for_load_state()  # a heading can be seen before the style sheet is there
    assert not scrolls_sideways(page)
    assert page.evaluate(SPILLS) == []
    assert page.evaluate(CLIPPED) == []
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    assert results.violations_count == 0, results.generate_report()


def come_in_as(page: Page, subject: str) -> None:
    """Go to a page of the console, from there to the provider, and sign in there."""
    page.goto(TOKENS)
    page.get_by_role("link", name="Sign in with single sign-on").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def press_tab_until(page: Page, name: str) -> None:
    """Move on with the tabulator until what has this name has the focus."""
    wanted = page.get_by_label(name, exact=True).or_(page.get_by_role("button", name=name, exact=True))
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.first.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"{name} is not reached with the keyboard")


def test_the_way_in_through_the_provider_leads_to_the_page_that_was_wanted(page: Page) -> None:
    come_in_as(page, "boris")
    expect(page).to_have_url(f"{page.url.partition('/staff')[0]}{TOKENS}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your tokens")
    expect(page.get_by_role("link", name="Boris B.")).to_be_visible()


def test_who_has_no_role_gets_a_page_that_says_so(page: Page) -> None:
    come_in_as(page, "eve")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
    expect(page.get_by_text("its claim “roles” names no role")).to_be_visible()
    looks_well(page)


def test_a_token_is_made_and_revoked_with_the_keyboard_alone(page: Page, request: pytest.FixtureRequest) -> None:
    name = "import on a phone" if "phone" in request.node.name else "import at a desk"
    come_in_as(page, "boris")
    press_tab_until(page, "Name")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing was saved. Please check")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_accessible_description(
        "Error: Write a name that says what the token is for. What it is for, so that you recognise it."
    )
    looks_well(page)
    press_tab_until(page, "Name")
    page.keyboard.type(name)
    press_tab_until(page, "Propose changes")
    page.keyboard.press("Space")
    press_tab_until(page, "Make the token")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"The token {name} is made")).to_be_visible()
    expect(page.locator("#secret")).to_contain_text("vl_")
    looks_well(page)
    press_tab_until(page, f"Revoke {name}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=name)).to_contain_text("revoked")
    looks_well(page)


def test_the_list_of_everybodys_tokens_looks_well(page: Page) -> None:
    page.goto("/staff/accounts/tokens")
    page.get_by_label("Name of your account").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Everyone")
    looks_well(page)
