"""The pages on which members look after their own account, and administrators after everybody's."""

from __future__ import annotations

from collections import Counter

import pyotp
import pytest
from flask import Flask

from tests.contract.html import Element, page_of
from tests.staff_app import PASSWORD, StaffBrowser, StaffSite
from visalookup.domain.accounts.roles import Role

NEW = "another of four words"
GUESS = "a guess at the desk"
PAGES = ["/staff/account", "/staff/account/two-factor", "/staff/accounts", "/staff/sign-in"]


@pytest.fixture
def editor(staff_site: StaffSite) -> StaffBrowser:
    return staff_site.client_of(Role.EDITOR)


@pytest.fixture
def administrator(staff_site: StaffSite) -> StaffBrowser:
    return staff_site.client_of(Role.ADMINISTRATOR)


def is_signed_in(browser: StaffBrowser) -> bool:
    return browser.get("/staff/account").status_code == 200


def rows(page: Element) -> list[str]:
    return [row.text for row in page.one("tbody").all("tr")]


def change_password(browser: StaffBrowser, present: str = PASSWORD, new: str = NEW, again: str = NEW) -> Element:
    page = browser.page("/staff/account")
    typed = {"password": present, "new_password": new, "new_password_again": again}
    response = browser.press(page, "Change the password", **typed)
    if response.status_code == 303:
        response = browser.get(response.location)
        assert response.status_code == 200
        return page_of(response)
    return page_of(response, response.status_code)


def test_one_sees_who_one_is_and_as_what(editor: StaffBrowser) -> None:
    assert "Edith, in the record as edith , editor." in editor.page("/staff/account").text


def test_another_password_signs_one_out_everywhere_else(editor: StaffBrowser, staff_site: StaffSite) -> None:
    elsewhere = staff_site.browser("edith")
    elsewhere.sign_in()
    page = change_password(editor)
    assert page.one("div", role="status").text == "Your password is changed. Everywhere else you are signed out."
    assert not is_signed_in(elsewhere)
    assert elsewhere.sign_in(PASSWORD).status_code == 422
    assert elsewhere.sign_in(NEW).status_code == 303


@pytest.mark.parametrize(
    ("typed", "field", "fault"),
    [
        ({"present": "not the present one"}, "password", "This is not your current password"),
        ({"new": "too short", "again": "too short"}, "new_password", "too short"),
        ({"new": "edith-edith-edith", "again": "edith-edith-edith"}, "new_password", "made of the account's name"),
        ({"again": "something else entirely"}, "new_password_again", "differ"),
    ],
)
def test_a_password_that_is_not_changed_says_why_at_its_field(
    editor: StaffBrowser, staff_site: StaffSite, typed: dict[str, str], field: str, fault: str
) -> None:
    page = change_password(editor, **typed)
    assert fault in page.one("p", id=f"{field}-fault").text
    assert f"{field}-fault" in page.one("input", id=field).attributes["aria-describedby"].split()
    assert page.one("div", role="alert").one("a", href=f"#{field}")
    assert staff_site.browser("edith").sign_in().status_code == 303


def test_nobody_guesses_the_password_at_an_unattended_desk_more_often_than_at_the_door(
    editor: StaffBrowser, staff_site: StaffSite
) -> None:
    for _ in range(5):
        change_password(editor, present=GUESS)
    page = editor.page("/staff/account")
    typed = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
    response = editor.press(page, "Change the password", **typed)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "900")
    assert staff_site.browser("edith").sign_in().status_code == 429


def test_one_ends_another_session_of_ones_own_and_then_this_one(editor: StaffBrowser, staff_site: StaffSite) -> None:
    staff_site.clock.move(minutes=5)
    elsewhere = staff_site.browser("edith")
    elsewhere.sign_in()
    page = editor.page("/staff/account")
    newer, older = page.one("tbody").all("tr")
    assert "this session" in older.text
    assert "this session" not in newer.text
    assert editor.press(newer, newer.one("button").text).location == "/staff/account"
    assert not is_signed_in(elsewhere)
    assert is_signed_in(editor)
    (own,) = editor.page("/staff/account").one("tbody").all("tr")
    editor.press(own, own.one("button").text)
    assert not is_signed_in(editor)


def test_nobody_ends_the_session_of_somebody_else(administrator: StaffBrowser, editor: StaffBrowser) -> None:
    (row,) = editor.page("/staff/account").one("tbody").all("tr")
    key = row.one("input", name="session").attributes["value"]
    administrator.post("/staff/account/sessions/end", {"session": key})
    assert "had already ended" in administrator.page("/staff/account").one("div", role="status").text
    assert is_signed_in(editor)


def test_a_session_that_has_run_out_is_listed_no_more(editor: StaffBrowser, staff_site: StaffSite) -> None:
    staff_site.browser("edith").sign_in()
    assert len(rows(editor.page("/staff/account"))) == 2
    staff_site.clock.move(minutes=20)
    editor.get("/staff/account")
    staff_site.clock.move(minutes=20)
    assert len(rows(editor.page("/staff/account"))) == 1


def test_the_key_of_a_session_opens_nothing(editor: StaffBrowser) -> None:
    key = editor.page("/staff/account").one("input", name="session").attributes["value"]
    assert key not in editor.cookie()


def switch_on(browser: StaffBrowser) -> pyotp.TOTP:
    page = browser.page("/staff/account/two-factor")
    totp = pyotp.TOTP(page.all("code")[0].text.replace(" ", ""))
    browser.press(page, "Turn it on", code=totp.at(browser.site.clock.now))
    return totp


def test_the_picture_of_the_secret_is_drawn_without_style_or_script(editor: StaffBrowser) -> None:
    picture = editor.page("/staff/account/two-factor").one("div", role="img")
    assert picture.attributes["aria-label"]
    assert picture.one("svg")
    assert [each for each in picture.walk() if {"style", "onload"} & each.attributes.keys()] == []


def test_a_wrong_first_code_switches_nothing_on(editor: StaffBrowser, staff_site: StaffSite) -> None:
    page = editor.page("/staff/account/two-factor")
    page = page_of(editor.press(page, "Turn it on", code="000000"), 422)
    assert "This is not the code the app shows now" in page.one("p", id="code-fault").text
    assert staff_site.browser("edith").sign_in().status_code == 303


def test_the_code_is_switched_off_with_the_password_only(editor: StaffBrowser, staff_site: StaffSite) -> None:
    switch_on(editor)
    assert editor.get("/staff/account/two-factor").location == "/staff/account"
    page = editor.page("/staff/account")
    page = page_of(editor.press(page, "Turn off the code", password_for_off=GUESS), 422)
    assert staff_site.browser("edith").sign_in().status_code == 422
    editor.press(page, "Turn off the code", password_for_off=PASSWORD)
    assert staff_site.browser("edith").sign_in().status_code == 303


def test_a_secret_is_shown_until_its_first_code_and_never_again(editor: StaffBrowser) -> None:
    secret = switch_on(editor).secret
    shown = editor.get("/staff/account").get_data(as_text=True).replace(" ", "")
    assert secret not in shown
    assert editor.client.get_cookie("visalookup_staff", path="/staff")
    assert secret not in editor.cookie()


def test_administrators_see_everybody_and_when_they_were_last_seen(
    administrator: StaffBrowser, editor: StaffBrowser
) -> None:
    page = administrator.page("/staff/accounts")
    ada, edith, paul = rows(page)
    assert ada.startswith("ada Ada password 23 November 2026, 09:00 UTC administrator")
    assert edith.startswith("edith Edith password 23 November 2026, 09:00 UTC")
    assert paul.startswith("paul Paul password never")
    assert len(page.one("tbody").all("form")) == 4, "of oneself nothing can be changed"


def test_an_administrator_gives_roles_disables_and_enables(administrator: StaffBrowser) -> None:
    page = administrator.page("/staff/accounts")
    (form,) = page.all("form", action="/staff/accounts/edith/role")
    response = administrator.press(form, form.one("button").text, role="publisher")
    page = administrator.page(response.location)
    assert page.one("div", role="status").text == "edith is publisher now."
    for button, said in (("Disable edith", "edith is disabled"), ("Enable edith", "edith may sign in again.")):
        page = administrator.page(administrator.press(page, button).location)
        assert said in page.one("div", role="status").text


@pytest.mark.parametrize("what", ["role", "disable", "enable"])
def test_nobody_changes_their_own_account(administrator: StaffBrowser, what: str) -> None:
    response = administrator.post(f"/staff/accounts/ada/{what}", {"role": "editor"})
    assert "This is your own account: ask another administrator" in page_of(response, 403).text
    assert administrator.get("/staff/accounts").status_code == 200


def test_what_cannot_be_done_is_told_on_the_page(administrator: StaffBrowser) -> None:
    page = page_of(administrator.post("/staff/accounts/edith/role", {"role": "king"}), 422)
    assert "is not a role; choose" in page.text
    assert "No account is named" in page_of(administrator.post("/staff/accounts/nobody/disable"), 404).text
    assert "No account is named" in page_of(administrator.post("/staff/accounts/%00/disable"), 404).text


def test_two_administrators_cannot_leave_the_office_without_one(
    administrator: StaffBrowser, staff_site: StaffSite
) -> None:
    administrator.post("/staff/accounts/paul/role", {"role": "administrator"})
    paul = staff_site.client_of(Role.PUBLISHER)
    assert paul.post("/staff/accounts/ada/disable").status_code == 303
    administrator.site.browsers.pop("ada")
    assert not is_signed_in(administrator)
    assert paul.post("/staff/accounts/paul/disable").status_code == 403


@pytest.mark.parametrize("path", ["/staff/account", "/staff/account/two-factor", "/staff/accounts", "/staff/sign-in"])
def test_every_field_has_a_label_every_button_a_name_of_its_own_and_no_id_stands_twice(
    staff_site: StaffSite, administrator: StaffBrowser, path: str
) -> None:
    browser = staff_site.browser() if path == "/staff/sign-in" else administrator
    page = browser.page(path)
    counted = Counter(each.id for each in page.walk() if each.id)
    assert [each for each, number in counted.items() if number > 1] == []
    labelled = {each.attributes["for"] for each in page.all("label")}
    fields = [each for each in page.all("input", "select") if each.attributes.get("type") != "hidden"]
    assert fields
    assert {each.id for each in fields} == labelled
    described = {word for each in page.walk() for word in each.attributes.get("aria-describedby", "").split()}
    assert described <= counted.keys()
    names = Counter(each.text for each in page.all("button"))
    assert [each for each, number in names.items() if number > 1] == []


def test_every_page_of_the_console_wants_a_right_or_is_meant_for_everybody(app: Flask) -> None:
    unguarded = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.partition("/staff")[0] == ""
        and not hasattr(app.view_functions[rule.endpoint], "required_right")
        and not hasattr(app.view_functions[rule.endpoint], "public_view")
    }
    assert unguarded == set()
