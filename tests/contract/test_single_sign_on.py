"""Single sign-on, from our page to the provider's and back: a real provider, and one that is not to be trusted."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey
from sqlalchemy import select
from werkzeug import Response
from werkzeug.test import TestResponse

from tests.conftest import MakeDatabase
from tests.contract.conftest import assert_no_leak, close_app
from tests.contract.html import Element, page_of
from tests.contract.identity_provider import (
    DISCOVERY,
    EDITOR,
    KEYS,
    SECRET,
    TOKEN,
    USERINFO,
    Between,
    Provider,
    always,
    build_site,
    in_between,
    running_provider,
    unchanged,
)
from tests.staff_app import StaffBrowser, StaffSite
from visalookup.domain.accounts.roles import Role
from visalookup.domain.errors import InvalidValue
from visalookup.staff.accounts import identity_provider
from visalookup.storage.accounts.models import Account

START = "/staff/sign-in/single"
TOKENS = "/staff/account/tokens"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """The provider, in a process of its own."""
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def alterable(provider: Provider) -> Iterator[Between]:
    with in_between(provider) as between:
        yield between


@pytest.fixture
def between(alterable: Between) -> Iterator[Between]:
    """Somebody between us and the provider."""
    yield alterable
    alterable.altered.clear()


@pytest.fixture
def site(make_sqlite: MakeDatabase, sqlite_template: str, between: Between) -> Iterator[StaffSite]:
    """The service, whose provider is the one in between."""
    site = build_site(make_sqlite(sqlite_template), between.address)
    yield site
    close_app(site.app)


def go(browser: StaffBrowser, start: str = START) -> str:
    """Leave for the provider; where to."""
    response = browser.get(start)
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.location


def come(browser: StaffBrowser, address: str) -> TestResponse:
    """Come back from the provider."""
    parts = urlsplit(address)
    assert parts.path == f"{START}/back"
    return browser.get(f"{parts.path}?{parts.query}")


def sign_in(browser: StaffBrowser, provider: Provider, subject: str = "boris", start: str = START) -> TestResponse:
    """The whole way there and back."""
    return come(browser, provider.sign_in(go(browser, start), subject))


def is_in(browser: StaffBrowser) -> bool:
    return browser.get(TOKENS).status_code == 200


def refused(response: TestResponse, status: int) -> Element:
    """The page that says why nobody was signed in, checked to tell nothing it should not."""
    main = page_of(response, status).one("main")
    assert main.one("h1").text == "You are not signed in"
    assert START in [each.attributes["href"] for each in main.all("a")]
    text = response.get_data(as_text=True)
    assert_no_leak(text)
    assert SECRET not in text
    assert "code=" not in text
    return main


def accounts(site: StaffSite) -> dict[str, Role]:
    """The role of each account."""
    with site.session() as session:
        return {each.name: each.role for each in session.scalars(select(Account))}


def disable(site: StaffSite, name: str) -> None:
    with site.session() as session:
        session.scalars(select(Account).where(Account.name == name)).one().disabled_at = site.clock()


class TestComingIn:
    def test_leads_from_our_page_over_the_providers_to_the_console(
        self, make_sqlite: MakeDatabase, loaded_sqlite_template: str, provider: Provider
    ) -> None:
        site = build_site(make_sqlite(loaded_sqlite_template), provider.address)
        browser = site.browser()
        link = browser.page("/staff/sign-in").one("main").all("a", href=START)
        assert [each.text for each in link] == ["Sign in with single sign-on"]
        response = sign_in(browser, provider, provider.knows("8f2c", **EDITOR))
        assert (response.status_code, response.location) == (303, "/staff")
        home = browser.page("/staff")
        assert "Boris B." in home.text
        close_app(site.app)

    def test_asks_the_provider_with_all_that_protects_the_answer(self, site: StaffSite) -> None:
        asked = parse_qs(urlsplit(go(site.browser())).query)
        assert asked["response_type"] == ["code"]
        assert asked["client_id"] == ["visa-lookup"]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == ["http://localhost/staff/sign-in/single/back"]
        assert "openid" in asked["scope"][0].split()
        for name in ("state", "nonce", "code_challenge"):
            assert len(asked[name][0]) >= 20

    def test_draws_state_and_nonce_anew_each_time(self, site: StaffSite) -> None:
        browser = site.browser()
        asked = [parse_qs(urlsplit(go(browser)).query) for _ in range(2)]
        for name in ("state", "nonce", "code_challenge"):
            assert asked[0][name] != asked[1][name]

    def test_leads_to_the_page_that_was_wanted_but_never_out_of_the_console(
        self, site: StaffSite, provider: Provider
    ) -> None:
        subject = provider.knows("boris", **EDITOR)
        wanted = sign_in(site.browser(), provider, subject, f"{START}?next=/staff/history?actor=ada")
        assert wanted.location == "/staff/history?actor=ada"
        for elsewhere in ("https://evil.example/staff", "//evil.example", "/ask", "/staff/../ask", "/staffroom"):
            response = sign_in(site.browser(), provider, subject, f"{START}?next={elsewhere}")
            assert response.location == "/staff", elsewhere

    def test_takes_the_role_from_the_providers_userinfo_where_the_id_token_has_none(
        self, site: StaffSite, between: Between, provider: Provider
    ) -> None:
        between.pose_as_the_provider()
        between.sign_anew(lambda claims: [claims.pop(name, None) for name in ("roles", "name", "email")])
        assert sign_in(site.browser(), provider, provider.knows("boris", **EDITOR)).status_code == 303
        assert accounts(site) == {"boris": Role.EDITOR}

    def test_renews_the_role_each_time(self, site: StaffSite, provider: Provider) -> None:
        sign_in(site.browser(), provider, provider.knows("boris", **EDITOR))
        provider.knows("boris", **{**EDITOR, "roles": ["visa-editors", "visa-publishers"]})
        sign_in(site.browser(), provider)
        assert accounts(site) == {"boris": Role.PUBLISHER}

    def test_never_links_to_a_local_account_of_the_same_name(self, site: StaffSite, provider: Provider) -> None:
        site.add("boris", Role.ADMINISTRATOR)
        site.add("b@id.example", Role.ADMINISTRATOR)
        sign_in(site.browser(), provider, provider.knows("boris", **EDITOR))
        assert accounts(site)["boris-2"] is Role.EDITOR

    def test_in_another_tab_saves_a_half_filled_form_from_an_ended_session(
        self, site: StaffSite, provider: Provider
    ) -> None:
        browser, subject = site.browser(), provider.knows("boris", **EDITOR)
        sign_in(browser, provider, subject)
        form = {"csrf_token": browser.token(TOKENS), "name": "half-filled", "days": "7"}
        site.clock.move(hours=1)
        ended = page_of(browser.send(TOKENS, form), 401)
        link = ended.one("main").one("a", href=START)
        assert link.attributes["target"] == "_blank"
        site.clock.move(hours=-1)
        sign_in(browser, provider, subject)
        kept = page_of(browser.press(ended, "I have signed in there: continue"), 400)
        filled = page_of(browser.press(kept, "Continue with what you typed"))
        assert filled.one("input", id="name").attributes["value"] == "half-filled"
        assert not filled.all("tbody")

    def test_ends_with_signing_out(self, site: StaffSite, provider: Provider) -> None:
        browser = site.browser()
        sign_in(browser, provider, provider.knows("boris", **EDITOR))
        assert is_in(browser)
        token = browser.token(TOKENS)
        browser.send("/staff/sign-out", {"csrf_token": token})
        assert not is_in(browser)

    def test_survives_many_attempts_given_up_halfway(self, site: StaffSite, provider: Provider) -> None:
        browser = site.browser()
        for _ in range(30):
            go(browser)
        cookie = browser.client.get_cookie("visalookup_staff", path="/staff")
        assert cookie is not None
        assert len(cookie.value) < 3_000, "browsers drop what is larger than 4,096"
        assert sign_in(browser, provider, provider.knows("boris", **EDITOR)).status_code == 303

    def test_is_not_offered_and_not_there_without_a_provider(
        self, make_sqlite: MakeDatabase, sqlite_template: str
    ) -> None:
        site = build_site(make_sqlite(sqlite_template), None)
        page = site.browser().page("/staff/sign-in")
        assert not page.all("a", href=START)
        for path in (START, f"{START}/back"):
            page_of(site.browser().get(path), 404)
        close_app(site.app)


class TestWhoIsNotLetIn:
    def test_somebody_without_a_role_is_told_which_claim_and_whom_to_ask(
        self, site: StaffSite, provider: Provider
    ) -> None:
        browser = site.browser()
        main = refused(sign_in(browser, provider, provider.knows("eve", **{**EDITOR, "roles": ["canteen"]})), 403)
        assert "“roles”" in main.text
        assert "Ask an administrator" in main.text
        assert not is_in(browser)
        assert accounts(site) == {}

    def test_somebody_whose_account_is_disabled(self, site: StaffSite, provider: Provider) -> None:
        first, browser = site.browser(), site.browser()
        sign_in(first, provider, provider.knows("boris", **EDITOR))
        disable(site, "boris")
        assert "disabled" in refused(sign_in(browser, provider), 403).text
        assert not is_in(browser)
        assert not is_in(first)

    def test_somebody_who_declines_at_the_provider(self, site: StaffSite, provider: Provider) -> None:
        browser = site.browser()
        assert "you declined" in refused(come(browser, provider.decline(go(browser))), 403).text

    @pytest.mark.parametrize("error", ["server_error", "login_required", "<script>", "a\nb", "", "x" * 5_000])
    def test_somebody_whom_the_provider_sends_back_with_an_error(self, site: StaffSite, error: str) -> None:
        response = site.browser().client.get(f"{START}/back", query_string={"error": error, "state": "x"})
        refused(response, 502)
        assert "<script>" not in response.get_data(as_text=True)

    def test_somebody_who_did_not_begin_in_this_browser(self, site: StaffSite, provider: Provider) -> None:
        """What an attacker does who wants another person to work in the attacker's account."""
        back = provider.sign_in(go(site.browser()), provider.knows("eve", **EDITOR))
        other = site.browser()
        refused(come(other, back), 400)
        assert not is_in(other)

    @pytest.mark.parametrize("query", ["", "code=abc", "state=abc", "code=abc&state=", "state=%00&code=%FF"])
    def test_somebody_who_comes_back_with_half_of_it(self, site: StaffSite, query: str) -> None:
        browser = site.browser()
        go(browser)
        refused(browser.get(f"{START}/back?{query}"), 400)

    def test_somebody_who_comes_back_twice_with_the_same_answer(self, site: StaffSite, provider: Provider) -> None:
        browser = site.browser()
        back = provider.sign_in(go(browser), provider.knows("boris", **EDITOR))
        assert come(browser, back).status_code == 303
        refused(come(browser, back), 400)

    def test_somebody_with_a_code_that_was_used_before(self, site: StaffSite, provider: Provider) -> None:
        used = provider.sign_in(go(first := site.browser()), provider.knows("boris", **EDITOR))
        come(first, used)
        thief = site.browser()
        state = parse_qs(urlsplit(go(thief)).query)["state"][0]
        code = parse_qs(urlsplit(used).query)["code"][0]
        refused(thief.get(f"{START}/back?code={code}&state={state}"), 502)
        assert not is_in(thief)

    def test_somebody_who_took_too_long(self, site: StaffSite, provider: Provider) -> None:
        browser = site.browser()
        back = provider.sign_in(go(browser), provider.knows("boris", **EDITOR))
        site.clock.move(minutes=10, seconds=1)
        assert "took too long" in refused(come(browser, back), 400).text
        site.clock.move(minutes=-10)
        refused(come(browser, back), 400)


def past() -> int:
    return int((datetime.now(UTC) - timedelta(minutes=2)).timestamp())


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts) + "."


FORGERIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another-service"},
    "several audiences and none authorised": {"aud": ["visa-lookup", "another-service"]},
    "another party authorised": {"azp": "another-service"},
    "another nonce": {"nonce": "of another attempt"},
    "no nonce": {"nonce": None},
    "expired": {"exp": past()},
    "no end": {"exp": None},
    "from the future": {"iat": past() + 3_600},
    "nobody": {"sub": None},
    "no text for a subject": {"sub": 7},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


class TestAnAnswerThatCannotBeTrusted:
    @pytest.fixture(autouse=True)
    def boris(self, provider: Provider) -> str:
        return provider.knows("boris", **EDITOR)

    def test_is_taken_where_only_the_key_was_changed_for_another_that_is_published(
        self, site: StaffSite, between: Between, provider: Provider
    ) -> None:
        """So that it is what is wrong with them, and nothing else, by which the forgeries below are found."""
        between.pose_as_the_provider()
        between.sign_anew(unchanged)
        assert sign_in(site.browser(), provider).status_code == 303

    @pytest.mark.parametrize("changed", FORGERIES.values(), ids=FORGERIES.keys())
    def test_is_refused_for_what_it_says(
        self, site: StaffSite, between: Between, provider: Provider, changed: dict[str, Any]
    ) -> None:
        def change(claims: dict[str, Any]) -> None:
            claims.update(changed)
            for name in [name for name, value in changed.items() if value is None]:
                del claims[name]

        between.pose_as_the_provider()
        between.sign_anew(change)
        browser = site.browser()
        assert "cannot be trusted" in refused(sign_in(browser, provider), 502).text
        assert not is_in(browser)
        assert accounts(site) == {}

    def test_is_refused_for_a_signature_of_a_key_that_is_not_the_providers(
        self, site: StaffSite, between: Between, provider: Provider
    ) -> None:
        between.sign_anew(unchanged)
        refused(sign_in(site.browser(), provider), 502)

    def test_is_refused_without_a_signature_and_with_one_that_anybody_could_make(
        self, site: StaffSite, between: Between, provider: Provider
    ) -> None:
        offered = ["none", "HS256", "RS256"]
        between.alter(DISCOVERY, lambda found: {**found, "id_token_signing_alg_values_supported": offered})
        between.alter(TOKEN, lambda found: {**found, "id_token": unsigned({"sub": "boris"})})
        refused(sign_in(site.browser(), provider), 502)
        between.sign_anew(unchanged, OctKey.import_key(SECRET), alg="HS256")
        refused(sign_in(site.browser(), provider), 502)

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            [],
            "text",
            None,
            {"access_token": "x", "token_type": "Bearer"},
            {"access_token": "x", "token_type": "Bearer", "id_token": "not.a.token"},
            {"access_token": "x", "token_type": "Bearer", "id_token": 7},
            {"error": "invalid_grant", "error_description": "the code is not good"},
            {"error": ["x"]},
            Response("<p>hello</p>", 200, content_type="text/html"),
        ],
        ids=repr,
    )
    def test_is_refused_where_it_holds_no_id_token(
        self, site: StaffSite, between: Between, provider: Provider, answer: Any
    ) -> None:
        between.say(TOKEN, answer)
        main = refused(sign_in(site.browser(), provider), 502)
        assert "the code is not good" not in main.text

    @pytest.mark.parametrize("answer", [{}, [], {"keys": []}, {"keys": "x"}, {"keys": [{"kty": "RSA"}]}], ids=repr)
    def test_is_refused_where_there_are_no_keys_to_check_it_with(
        self, site: StaffSite, between: Between, provider: Provider, answer: Any
    ) -> None:
        between.say(KEYS, answer)
        refused(sign_in(site.browser(), provider), 502)

    @pytest.mark.parametrize("answer", [{"sub": "eve", "roles": ["visa-publishers"]}, {}, [], "x"], ids=repr)
    def test_is_refused_where_the_userinfo_is_about_somebody_else(
        self, site: StaffSite, between: Between, provider: Provider, answer: Any
    ) -> None:
        between.pose_as_the_provider()
        between.sign_anew(lambda claims: claims.pop("roles", None))
        between.say(USERINFO, answer)
        refused(sign_in(site.browser(), provider), 502)
        assert accounts(site) == {}

    @pytest.mark.parametrize(
        "change",
        [
            lambda found: {**found, "issuer": "https://evil.example"},
            lambda found: {**found, "token_endpoint": "http://evil.example/token"},
            lambda found: {**found, "jwks_uri": None},
            lambda found: {name: value for name, value in found.items() if name != "authorization_endpoint"},
            always([]),
            always("text"),
            always({}),
            always(Response("<p>hello</p>", 200, content_type="text/html")),
        ],
    )
    def test_is_not_even_asked_for_where_the_provider_does_not_describe_itself_well(
        self, site: StaffSite, between: Between, change: Any
    ) -> None:
        between.alter(DISCOVERY, change)
        assert "cannot be trusted" in refused(site.browser().get(START), 502).text


class TestAProviderThatFails:
    @pytest.mark.parametrize("status", [429, 500, 503])
    @pytest.mark.parametrize("path", [DISCOVERY, TOKEN, KEYS])
    def test_is_told_to_people_and_forgotten_as_soon_as_it_is_well_again(
        self, site: StaffSite, between: Between, provider: Provider, path: str, status: int
    ) -> None:
        subject = provider.knows("boris", **EDITOR)
        between.say(path, Response("not now", status))
        browser = site.browser()
        response = browser.get(START) if path == DISCOVERY else sign_in(browser, provider, subject)
        assert "does not answer" in refused(response, 503).text
        between.altered.clear()
        assert sign_in(browser, provider, subject).status_code == 303

    def test_is_known_by_its_new_keys_after_it_changed_them(
        self, site: StaffSite, between: Between, provider: Provider
    ) -> None:
        subject = provider.knows("boris", **EDITOR)
        assert sign_in(site.browser(), provider, subject).status_code == 303
        between.pose_as_the_provider()
        between.sign_anew(unchanged)
        assert sign_in(site.browser(), provider, subject).status_code == 303

    def test_is_not_waited_for_long(self, between: Between, monkeypatch: pytest.MonkeyPatch) -> None:
        ended = Event()
        between.alter(DISCOVERY, lambda found: found if ended.wait(5) else None)
        monkeypatch.setattr(identity_provider, "_TIMEOUT_SECONDS", 0.05)
        impatient = build_site("sqlite://", between.address)
        try:
            assert "does not answer" in refused(impatient.browser().get(START), 503).text
        finally:
            ended.set()
            close_app(impatient.app)

    def test_may_not_be_there_at_all(self) -> None:
        site = build_site("sqlite://", "http://127.0.0.1:1")
        assert "does not answer" in refused(site.browser().get(START), 503).text
        close_app(site.app)

    def test_must_be_reached_over_tls_unless_it_runs_on_this_machine(self) -> None:
        for issuer in ("http://id.example", "id.example", "ftp://id.example"):
            with pytest.raises(InvalidValue, match="https://"):
                build_site("sqlite://", issuer)


@pytest.fixture
def log(site: StaffSite) -> Iterator[StringIO]:
    """All that is written to the log, down to the smallest matter."""
    written = StringIO()
    logger, handler = logging.getLogger("visalookup"), logging.StreamHandler(written)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield written
    logger.setLevel(level)
    logger.removeHandler(handler)


def test_the_log_tells_what_went_wrong_and_holds_no_secret_code_or_token(
    site: StaffSite, between: Between, provider: Provider, log: StringIO
) -> None:
    seen = [SECRET]

    def note(found: dict[str, str]) -> dict[str, str]:
        seen.extend([found["access_token"], found["id_token"]])
        return found

    between.alter(TOKEN, note)
    browser, subject = site.browser(), provider.knows("boris", **EDITOR)
    back = provider.sign_in(go(browser), subject)
    seen += [value for values in parse_qs(urlsplit(back).query).values() for value in values]
    assert come(browser, back).status_code == 303
    between.pose_as_the_provider()
    between.sign_anew(lambda claims: claims.update(aud="another-service"))
    sign_in(browser, provider, subject)
    assert "single sign-on failed: invalid_claim: Invalid claim: 'aud'" in log.getvalue()
    assert len(seen) == 5
    assert [each for each in seen if each in log.getvalue()] == []
