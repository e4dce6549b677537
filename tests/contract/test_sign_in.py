"""How one gets into the console, stays there, and gets out."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from werkzeug.test import TestResponse

from tests.conftest import MakeDatabase
from tests.contract.conftest import assert_no_leak, close_app
from tests.contract.html import page_of
from tests.staff_app import PASSWORD, StaffBrowser, StaffSite, open_site
from visalookup.domain.accounts.roles import Role

WRONG = "not the right password"
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=10)


def sent_to_sign_in(response: TestResponse) -> bool:
    return response.status_code == 303 and response.location.startswith("/staff/sign-in")


def is_signed_in(browser: StaffBrowser) -> bool:
    response = browser.get("/staff/account")
    assert response.status_code == 200 or sent_to_sign_in(response)
    return response.status_code == 200


def cookie_of(response: TestResponse) -> str:
    return response.headers["Set-Cookie"]


def test_who_is_not_signed_in_is_sent_to_sign_in_and_then_where_they_wanted(staff_site: StaffSite) -> None:
    browser = staff_site.browser("edith")
    sent = browser.get("/staff/regimes?party=KAZ&status=")
    assert (sent.status_code, sent.location) == (
        303,
        "/staff/sign-in?next=%2Fstaff%2Fregimes%3Fparty%3DKAZ%26status%3D",
    )
    signed_in = browser.press(browser.page(sent.location), "Sign in", name="edith", password=PASSWORD)
    assert (signed_in.status_code, signed_in.location) == (303, "/staff/regimes?party=KAZ&status=")
    assert browser.get(signed_in.location).status_code == 200


def test_who_wanted_nothing_else_comes_to_what_there_is_to_do(staff_site: StaffSite) -> None:
    signed_in = staff_site.browser("edith").sign_in()
    assert (signed_in.status_code, signed_in.location) == (303, "/staff")


def test_who_is_signed_in_need_not_sign_in_again(staff_site: StaffSite) -> None:
    response = staff_site.client_of(Role.EDITOR).get("/staff/sign-in?next=/staff/regimes")
    assert (response.status_code, response.location) == (303, "/staff/regimes")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/staff",
        "//evil.example/staff",
        "/",
        "/staffing",
        "/staff/../docs",
        "/staff/%2e%2e/docs",
        "/staff\\@evil.example",
        "\t/staff",
        "javascript:alert(1)",
        "/staff/\r\nSet-Cookie: a=b",
    ],
)
def test_signing_in_leads_nowhere_but_into_the_console(staff_site: StaffSite, elsewhere: str) -> None:
    browser = staff_site.browser("edith")
    form = {"name": "edith", "password": PASSWORD, "next": elsewhere}
    assert browser.post("/staff/sign-in", form, page="/staff/sign-in").location == "/staff"


def test_the_name_may_be_typed_with_capitals_and_blanks(staff_site: StaffSite) -> None:
    assert staff_site.browser(" Edith ").sign_in().status_code == 303


def test_an_unknown_name_a_wrong_password_and_a_disabled_account_are_told_apart_by_nobody(
    staff_site: StaffSite,
) -> None:
    staff_site.client_of(Role.ADMINISTRATOR).post("/staff/accounts/paul/disable", page="/staff/accounts")
    pages = {
        re.sub(r'value="[^"]*"', "", staff_site.browser(name).sign_in(password).get_data(as_text=True))
        for name, password in [("nobody", WRONG), ("edith", WRONG), ("paul", WRONG), ("paul", PASSWORD), ("", "")]
    }
    (page,) = pages
    assert "The name, the password or the code is wrong." in page


def test_a_failed_attempt_keeps_the_name_and_where_one_wanted_to_go_but_no_password(staff_site: StaffSite) -> None:
    browser = staff_site.browser()
    form = {"name": "edith", "password": WRONG, "code": "123456", "next": "/staff/regimes"}
    page = page_of(browser.post("/staff/sign-in", form, page="/staff/sign-in"), 422)
    assert page.one("input", name="name").attributes["value"] == "edith"
    assert WRONG not in str(page)
    assert "123456" not in str(page)
    assert browser.press(page, "Sign in", password=PASSWORD).location == "/staff/regimes"


def test_the_cookie_goes_nowhere_but_to_the_console_and_to_no_script(staff_site: StaffSite) -> None:
    cookie = cookie_of(staff_site.browser("edith").sign_in())
    assert re.fullmatch(r"visalookup_staff=[^;]+; HttpOnly; Path=/staff; SameSite=Lax", cookie)


def test_over_tls_the_cookie_is_never_sent_in_the_open(make_sqlite: MakeDatabase, sqlite_template: str) -> None:
    site = open_site(make_sqlite(sqlite_template), secure_cookies=True)
    assert cookie_of(site.browser().get("/staff/sign-in")).endswith("; Secure; HttpOnly; Path=/staff; SameSite=Lax")
    close_app(site.app)


def test_the_cookie_of_before_is_worth_nothing_after_signing_in(staff_site: StaffSite) -> None:
    browser = staff_site.browser("edith")
    browser.get("/staff/sign-in")
    fixed = browser.cookie()
    browser.sign_in()
    assert not is_signed_in(staff_site.browser().hold(fixed))


def test_a_cookie_that_somebody_changed_is_nobodys(staff_site: StaffSite) -> None:
    cookie = staff_site.client_of(Role.EDITOR).cookie()
    assert is_signed_in(staff_site.browser().hold(cookie))
    forged = f"{cookie[:20]}{'A' if cookie[20] != 'A' else 'B'}{cookie[21:]}"
    assert not is_signed_in(staff_site.browser().hold(forged))


def test_after_signing_out_even_the_kept_cookie_opens_nothing(staff_site: StaffSite) -> None:
    browser = staff_site.client_of(Role.EDITOR)
    kept = browser.cookie()
    response = browser.press(browser.page("/staff/account"), "Sign out")
    assert (response.status_code, response.location) == (303, "/staff/sign-in")
    assert not is_signed_in(browser)
    assert not is_signed_in(staff_site.browser().hold(kept))


def test_signing_out_twice_leads_to_the_same_place(staff_site: StaffSite) -> None:
    browser = staff_site.client_of(Role.EDITOR)
    page = browser.page("/staff/account")
    staff_site.clock.move(hours=11)
    assert browser.press(page, "Sign out").location == "/staff/sign-in"


def test_a_session_that_is_used_goes_on_and_one_left_alone_ends(staff_site: StaffSite) -> None:
    browser = staff_site.client_of(Role.EDITOR)
    for _ in range(3):
        staff_site.clock.move(minutes=29)
        assert is_signed_in(browser)
    staff_site.clock.move(minutes=30)
    assert not is_signed_in(browser)


def test_no_session_outlasts_the_working_day_however_busy(staff_site: StaffSite) -> None:
    browser = staff_site.client_of(Role.EDITOR)
    for _ in range(29):
        staff_site.clock.move(minutes=20)
        assert is_signed_in(browser)
    staff_site.clock.move(minutes=20)
    assert not is_signed_in(browser)


def test_a_disabled_member_is_out_at_once_and_may_come_back_once_enabled(staff_site: StaffSite) -> None:
    editor, administrator = staff_site.client_of(Role.EDITOR), staff_site.client_of(Role.ADMINISTRATOR)
    administrator.post("/staff/accounts/edith/disable", page="/staff/accounts")
    assert not is_signed_in(editor)
    administrator.post("/staff/accounts/edith/enable", page="/staff/accounts")
    assert not is_signed_in(editor)
    assert editor.sign_in().status_code == 303


def test_another_role_counts_from_the_next_request_on(staff_site: StaffSite) -> None:
    editor, administrator = staff_site.client_of(Role.EDITOR), staff_site.client_of(Role.ADMINISTRATOR)
    assert editor.get("/staff/accounts").status_code == 403
    administrator.post("/staff/accounts/edith/role", {"role": "administrator"}, page="/staff/accounts")
    assert editor.get("/staff/accounts").status_code == 200


def test_who_may_not_see_a_page_is_told_who_may(staff_site: StaffSite) -> None:
    page = staff_site.client_of(Role.PUBLISHER).page("/staff/accounts", 403)
    assert page.one("p", class_="lead").text.startswith("This is for administrators; you are signed in as publisher.")


def test_after_five_failures_an_account_waits_and_is_told_how_long(staff_site: StaffSite) -> None:
    browser = staff_site.browser("edith")
    for _ in range(5):
        assert browser.sign_in(WRONG).status_code == 422
        staff_site.clock.move(minutes=1)
    response = browser.sign_in()
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "600"
    assert "Wait 10 minutes" in page_of(response, 429).text
    staff_site.clock.move(minutes=9, seconds=59)
    assert browser.sign_in().status_code == 429
    staff_site.clock.move(seconds=1)
    assert browser.sign_in().status_code == 303


def test_to_wait_counts_as_no_failure_however_often_one_tries_meanwhile(staff_site: StaffSite) -> None:
    browser = staff_site.browser("edith")
    for attempt in range(30):
        assert browser.sign_in(WRONG).status_code == (422 if attempt < 5 else 429)
    staff_site.clock.move(minutes=15)
    assert browser.sign_in().status_code == 303


def test_the_account_of_another_address_and_other_accounts_wait_or_not_as_they_should(
    staff_site: StaffSite,
) -> None:
    for _ in range(5):
        staff_site.browser("edith").sign_in(WRONG)
    assert staff_site.browser("edith", "198.51.100.7").sign_in().status_code == 429
    assert staff_site.browser("paul").sign_in().status_code == 303


def test_who_signs_in_at_last_may_err_five_times_again(staff_site: StaffSite) -> None:
    for password in [WRONG] * 4 + [PASSWORD] + [WRONG] * 4 + [PASSWORD]:
        staff_site.clock.move(seconds=1)
        assert staff_site.browser("edith").sign_in(password).status_code == (422 if password == WRONG else 303)


@pytest.mark.parametrize(
    ("addresses", "neighbour"),
    [
        (["192.0.2.7"], "192.0.2.8"),
        (["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"], "2001:db8:1:3::1"),
        (["::ffff:192.0.2.7", "192.0.2.7"], "192.0.2.8"),
    ],
)
def test_after_twenty_failures_an_address_waits_whatever_names_it_tries(
    staff_site: StaffSite, addresses: list[str], neighbour: str
) -> None:
    for attempt in range(20):
        browser = staff_site.browser(f"nobody{attempt}", addresses[attempt % len(addresses)])
        assert browser.sign_in(WRONG).status_code == 422
    assert staff_site.browser("edith", addresses[0]).sign_in().status_code == 429
    assert staff_site.browser("edith", neighbour).sign_in().status_code == 303


def test_with_a_code_switched_on_the_password_alone_opens_nothing_and_a_code_is_good_once(
    staff_site: StaffSite,
) -> None:
    browser = staff_site.client_of(Role.EDITOR)
    page = browser.page("/staff/account/two-factor")
    secret = page.all("code")[0].text.replace(" ", "")
    totp = pyotp.TOTP(secret)
    assert page_of(browser.press(page, "Turn it on", code="000000"), 422)
    page = browser.page("/staff/account/two-factor")
    assert page.all("code")[0].text.replace(" ", "") == secret
    first = totp.at(staff_site.clock.now)
    assert browser.press(page, "Turn it on", code=first).location == "/staff/account"
    elsewhere = staff_site.browser("edith")
    assert elsewhere.sign_in().status_code == 422
    assert elsewhere.sign_in(code="000000").status_code == 422
    assert elsewhere.sign_in(code=first).status_code == 422
    staff_site.clock.move(seconds=30)
    assert elsewhere.sign_in(code=totp.at(staff_site.clock.now)).status_code == 303
    assert staff_site.browser("edith").sign_in(code=totp.at(staff_site.clock.now)).status_code == 422


def test_a_wrong_code_counts_as_a_failure(staff_site: StaffSite) -> None:
    browser = staff_site.client_of(Role.EDITOR)
    page = browser.page("/staff/account/two-factor")
    totp = pyotp.TOTP(page.all("code")[0].text.replace(" ", ""))
    browser.press(page, "Turn it on", code=totp.at(staff_site.clock.now))
    staff_site.clock.move(minutes=1)
    for _ in range(5):
        assert staff_site.browser("edith").sign_in(code="000000").status_code == 422
    assert staff_site.browser("edith").sign_in(code=totp.at(staff_site.clock.now)).status_code == 429


@pytest.mark.parametrize("path", ["/", "/visa/KAZ/ISR", "/api/v1/places", "/nowhere", "/staffing", "/healthz"])
def test_public_pages_neither_set_a_cookie_nor_depend_on_one(staff_site: StaffSite, path: str) -> None:
    member = staff_site.browser().hold(staff_site.client_of(Role.ADMINISTRATOR).cookie(), "/")
    shown = [browser.get(path) for browser in (staff_site.browser(), member)]
    assert all("Set-Cookie" not in each.headers and "Cookie" not in each.headers.get("Vary", "") for each in shown)
    assert shown[0].data == shown[1].data


def test_a_batch_may_be_posted_by_anybody_without_a_token(staff_site: StaffSite) -> None:
    body = {"queries": [{"passport": "KAZ", "destination": "ISR"}]}
    assert staff_site.app.test_client().post("/api/v1/requirements/batch", json=body).status_code == 200


def test_no_cache_keeps_a_page_of_the_console(staff_site: StaffSite) -> None:
    browser = staff_site.client_of(Role.EDITOR)
    for path in ("/staff/account", "/staff/accounts", "/staff/sign-in", "/staff/nowhere"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"
    assert staff_site.browser().get("/staff/account").headers["Cache-Control"] == "no-store"


def test_behind_a_proxy_the_address_is_the_one_the_proxy_was_asked_from(
    staff_site: StaffSite, trusting_site: StaffSite
) -> None:
    for site, expected in ((staff_site, 429), (trusting_site, 303)):
        for attempt in range(20):
            form = {"name": f"nobody{attempt}", "password": WRONG, "csrf_token": ""}
            browser = site.browser()
            form["csrf_token"] = browser.token("/staff/sign-in")
            browser.send("/staff/sign-in", form, **{"X-Forwarded-For": "203.0.113.9"})
        browser = site.browser("edith")
        form = {"name": "edith", "password": PASSWORD, "csrf_token": browser.token("/staff/sign-in")}
        response = browser.send("/staff/sign-in", form, **{"X-Forwarded-For": "203.0.113.10"})
        assert response.status_code == expected


def test_nothing_of_the_inside_is_told_when_somebody_is_refused(staff_site: StaffSite) -> None:
    browser = staff_site.browser("'; DROP TABLE account; --")
    for response in (browser.sign_in("\x00"), browser.sign_in(code="\U0001f600"), browser.sign_in("x" * 10_000)):
        assert response.status_code == 422
        assert_no_leak(response.get_data(as_text=True))
