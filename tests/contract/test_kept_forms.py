"""Nothing typed is lost, and nothing is done by accident: forms without a session, or without their token."""

from __future__ import annotations

from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from tests.contract.html import Element, page_of
from tests.staff_app import PASSWORD, StaffBrowser, StaffSite, filled_in
from visalookup.domain.accounts.roles import Role

STEP = "/staff/regimes/kaz-isr-2026/steps"
TYPED = {
    "step": "signed",
    "on": "2026-11-20",
    "note": 'Signed in "Astana" <by both>,\r\nwith three lines\r\nand ünïcödé',
    "cited": "new",
    "source-publisher": "Anadolu Agency",
    "reason": "the gazette of 20 November",
}


def held(page: Element) -> dict[str, str]:
    """What the inputs, lists and boxes of all forms of a page hold."""
    return {name: value for form in page.all("form") for name, value in filled_in(form) if value}


def shows_what_was_typed(page: Element) -> bool:
    seen = held(page)
    lines = {name: value.replace("\r\n", "\n") for name, value in TYPED.items()}
    return {name: seen.get(name, "").replace("\r\n", "\n") for name in TYPED} == lines


@pytest.fixture
def editor(staff_site: StaffSite) -> StaffBrowser:
    return staff_site.client_of(Role.EDITOR)


def expired(browser: StaffBrowser, **form: str) -> Element:
    """The page after a form was sent when the session had ended."""
    token = browser.token(STEP)
    browser.site.clock.move(hours=11)
    return page_of(browser.send(STEP, {**TYPED, "csrf_token": token, **form}), 401)


def test_a_half_filled_form_outlives_the_session_it_was_begun_in(editor: StaffBrowser) -> None:
    page = expired(editor)
    assert "Your session has ended, so nothing was done yet. What you typed is kept" in page.text
    page = page_of(editor.press(page, "Sign in", name="edith", password=PASSWORD))
    assert page.one("h1").text == "You are signed in again"
    page = page_of(editor.press(page, "Continue with what you typed"))
    assert shows_what_was_typed(page)


def test_it_outlives_failed_attempts_to_sign_in_too(editor: StaffBrowser) -> None:
    page = expired(editor)
    for _ in range(2):
        page = page_of(editor.press(page, "Sign in", name="edith", password="wrong again"), 422)  # noqa: S106
    editor.client.delete_cookie("visalookup_staff", path="/staff")
    page = page_of(editor.press(page, "Sign in", name="edith", password=PASSWORD), 400)
    assert "Allow cookies" in page.text
    page = page_of(editor.press(page, "Sign in", name="edith", password=PASSWORD))
    assert shows_what_was_typed(page_of(editor.press(page, "Continue with what you typed")))


def test_a_form_from_before_one_signed_in_anew_goes_on_with_one_press(editor: StaffBrowser) -> None:
    old = editor.token(STEP)
    editor.press(editor.page(STEP), "Sign out")
    editor.sign_in()
    page = page_of(editor.send(STEP, {**TYPED, "csrf_token": old}), 400)
    assert page.one("h1").text == "This form was open for too long"
    assert shows_what_was_typed(page_of(editor.press(page, "Continue with what you typed")))


@pytest.mark.parametrize("token", [{}, {"csrf_token": ""}, {"csrf_token": "forged"}])
def test_a_form_without_its_token_is_not_acted_on(editor: StaffBrowser, token: dict[str, str]) -> None:
    page = page_of(editor.send(STEP, {**TYPED, **token}), 400)
    assert "Nothing was done." in page.text
    assert shows_what_was_typed(page_of(editor.press(page, "Continue with what you typed")))


def test_a_form_forged_by_another_site_does_nothing_and_takes_nobodys_cookie_away(
    editor: StaffBrowser, staff_site: StaffSite
) -> None:
    outside = staff_site.browser()  # the browser holds our cookie back: it is SameSite=Lax
    response = outside.send(STEP, TYPED, **{"Sec-Fetch-Site": "cross-site"})
    assert "Set-Cookie" not in response.headers
    page = page_of(response, 400)
    assert page.one("h1").text == "This form came from another site"
    page = page_of(editor.press(page, "Continue with what you typed"), 400)
    assert shows_what_was_typed(page_of(editor.press(page, "Continue with what you typed")))


def test_a_password_is_never_carried_and_the_page_says_so(editor: StaffBrowser) -> None:
    form = {
        "password": PASSWORD,
        "new_password": "another of four words",
        "new_password_again": "x",
        "kept": "yes",
    }
    response = editor.send("/staff/account/password", form)
    text = response.get_data(as_text=True)
    assert "Passwords are never kept" in text
    assert PASSWORD not in text
    assert "another of four words" not in text
    assert held(page_of(response, 400))["kept"] == "yes"


def test_a_file_cannot_be_carried_and_the_page_says_so(editor: StaffBrowser) -> None:
    file = FileStorage(BytesIO(b"id: kaz-isr-2027"), filename="policy.yaml")
    page = page_of(editor.send("/staff/upload", {"file": file, "reason": "as printed"}), 400)
    assert "A file cannot be kept: choose policy.yaml again." in page.text
    assert held(page)["reason"] == "as printed"
    token = editor.token(STEP)
    editor.site.clock.move(hours=11)
    file = FileStorage(BytesIO(b"id: kaz-isr-2027"), filename="policy.yaml")
    page = page_of(editor.send("/staff/upload", {"file": file, "csrf_token": token}), 401)
    page = page_of(editor.press(page, "Sign in", name="edith", password=PASSWORD))
    assert "choose policy.yaml again" in page.text


def test_to_go_on_with_a_mere_button_shows_its_page_and_presses_nothing(staff_site: StaffSite) -> None:
    administrator = staff_site.client_of(Role.ADMINISTRATOR)
    page = page_of(administrator.send("/staff/accounts/edith/disable", {}), 400)
    response = administrator.press(page, "Continue")
    assert (response.status_code, response.location) == (303, "/staff/accounts")
    page = page_of(administrator.send("/staff/accounts/edith/role", {"role": "publisher"}), 400)
    assert administrator.press(page, "Continue with what you typed").location == "/staff/accounts"
    editor = staff_site.client_of(Role.EDITOR)
    assert "edith, editor." in editor.page("/staff/account").text


def test_a_button_pressed_after_the_session_ended_leads_to_its_page_after_signing_in(
    staff_site: StaffSite,
) -> None:
    administrator = staff_site.client_of(Role.ADMINISTRATOR)
    token = administrator.token("/staff/accounts")
    staff_site.clock.move(hours=11)
    page = page_of(administrator.send("/staff/accounts/edith/disable", {"csrf_token": token}), 401)
    assert "Sign in, then do it again." in page.text
    response = administrator.press(page, "Sign in", name="ada", password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/staff/accounts")
    assert staff_site.browser("edith").sign_in().status_code == 303


def test_no_form_can_be_made_to_go_on_at_another_site(staff_site: StaffSite) -> None:
    browser = staff_site.browser("edith")
    form = {"name": "edith", "password": PASSWORD, "go_on_at": "https://evil.example/", "kept.a": "b"}
    response = browser.post("/staff/sign-in", form, page="/staff/sign-in")
    assert (response.status_code, response.location) == (303, "/staff")
    form["go_on_at"] = "//evil.example/staff"
    form["csrf_token"] = ""
    page = page_of(browser.send("/staff/sign-in", form), 400)
    assert "evil.example" not in str(page)


def test_what_is_carried_cannot_break_out_of_its_page(editor: StaffBrowser) -> None:
    form = {'"><script>alert(1)</script>': '"><script>alert(2)</script>'}
    page = page_of(editor.send(STEP, form), 400)
    assert page.all("script") == []
    assert held(page)['"><script>alert(1)</script>'] == '"><script>alert(2)</script>'
