"""Tokens: made and revoked in the console, and sent by scripts with their requests."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from tests.conftest import MakeDatabase
from tests.contract.conftest import Json, checked_problem, close_app
from tests.contract.html import Element, page_of
from tests.staff_app import StaffSite, open_site
from visalookup.domain.accounts.roles import Role
from visalookup.services.accounts.accounts import disable_account

OWN = "/staff/account/tokens"
ALL = "/staff/accounts/tokens"
PROPOSALS = "/api/v1/proposals"
PUBLICATION = f"{PROPOSALS}/1/publication"
ORDER = {"name": "nightly", "days": "30", "scope-read": "yes"}


@pytest.fixture
def site(make_sqlite: MakeDatabase, sqlite_template: str) -> Iterator[StaffSite]:
    """The service without data: these pages need none."""
    site = open_site(make_sqlite(sqlite_template))
    yield site
    close_app(site.app)


@pytest.fixture(scope="module")
def still_site(make_sqlite: MakeDatabase, sqlite_template: str) -> Iterator[StaffSite]:
    """The same, one for all tests that get nothing done."""
    site = open_site(make_sqlite(sqlite_template))
    yield site
    close_app(site.app)


def make(site: StaffSite, who: Role = Role.EDITOR, **changed: str) -> str:
    """Make a token in the console, and read its secret there."""
    page = page_of(site.client_of(who).post(OWN, {**ORDER, **changed}, page=OWN))
    return page.one("code", id="secret").text


def ask(site: StaffSite, *words: str, path: str = PROPOSALS, method: str = "GET") -> TestResponse:
    """A script's request with this in the header `Authorization`."""
    headers = {"Authorization": " ".join(words)} if words else {}
    return site.app.test_client().open(path, method=method, headers=headers)


def rows(page: Element) -> list[list[str]]:
    """The table's rows, without the last column, which holds the button."""
    return [[each.text for each in row.all("th", "td")[:-1]] for row in page.one("tbody").all("tr")]


class TestInTheConsole:
    def test_a_secret_is_shown_once_and_lets_a_script_in(self, site: StaffSite) -> None:
        secret = make(site)
        assert re.fullmatch(r"vl_[\w-]{43}", secret)
        assert ask(site, "Bearer", secret).status_code == 200
        page = site.client_of(Role.EDITOR).page(OWN)
        assert secret not in site.client_of(Role.EDITOR).get(OWN).get_data(as_text=True)
        assert rows(page) == [["nightly", "read", "2026-12-23 09:00 UTC", "2026-11-23 09:00 UTC"]]

    def test_a_secret_is_kept_by_no_cache(self, site: StaffSite) -> None:
        response = site.client_of(Role.EDITOR).post(OWN, ORDER, page=OWN)
        assert response.headers["Cache-Control"] == "no-store"
        assert "vl_" not in str(response.headers)

    def test_the_form_offers_what_the_role_may_and_ninety_days(self, still_site: StaffSite) -> None:
        offered = {}
        for role in Role:
            form = still_site.client_of(role).page(OWN).one("main")
            ticks = form.all("input", type="checkbox")
            offered[role] = [each.attributes["name"].removeprefix("scope-") for each in ticks]
            assert form.one("input", name="days").attributes["value"] == "90"
        assert offered == {
            Role.EDITOR: ["read", "propose"],
            Role.PUBLISHER: ["read", "propose", "publish"],
            Role.ADMINISTRATOR: ["read", "propose", "publish"],
        }

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "<b>"}, "name"),
            ({"days": "0"}, "days"),
            ({"days": "367"}, "days"),
            ({"days": "many"}, "days"),
            ({"days": "-1"}, "days"),
            ({"days": "²"}, "days"),
            ({"days": "9" * 5_000}, "days"),
            ({"scope-read": ""}, "scopes"),
        ],
    )
    def test_a_fault_is_told_at_its_field_and_nothing_typed_is_lost(
        self, still_site: StaffSite, changed: dict[str, str], field: str
    ) -> None:
        given = {**ORDER, "name": "weekly", **changed}
        page = page_of(still_site.client_of(Role.EDITOR).post(OWN, given, page=OWN), 422)
        main = page.one("main")
        assert page.one("title").text.startswith("Please check")
        fault = main.one("p", id=f"{field}-fault")
        assert (
            f"{field}-fault"
            in main.one("fieldset" if field == "scopes" else "input", id=field).attributes["aria-describedby"]
        )
        assert fault.text.removeprefix("Error: ") in main.one("div", class_="fault-summary").text
        for name in ("name", "days"):
            assert main.one("input", id=name).attributes["value"] == given[name]
        assert not main.all("tbody")

    def test_a_scope_that_was_not_offered_is_not_taken_either(self, still_site: StaffSite) -> None:
        form = {**ORDER, "scope-publish": "yes", "scope-administer": "yes"}
        page = page_of(still_site.client_of(Role.EDITOR).post(OWN, form, page=OWN), 422)
        assert "cannot do more than its owner" in page.one("main").text

    def test_a_double_click_makes_one_token_and_says_so(self, site: StaffSite) -> None:
        make(site)
        page = page_of(site.client_of(Role.EDITOR).post(OWN, ORDER, page=OWN), 422)
        assert "has, or had, a token of that name" in page.one("main").text
        assert len(rows(page)) == 1

    def test_a_form_that_was_kept_over_a_sign_in_comes_back_filled_in_and_makes_nothing(
        self, still_site: StaffSite
    ) -> None:
        browser = still_site.client_of(Role.EDITOR)
        page = page_of(browser.post(OWN, {**ORDER, "name": "kept", "_resume": "1"}, page=OWN))
        assert page.one("input", id="name").attributes["value"] == "kept"
        assert not page.all("tbody")

    def test_one_revokes_ones_own_with_a_button_that_names_it(self, site: StaffSite) -> None:
        secret = make(site)
        browser = site.client_of(Role.EDITOR)
        page = browser.page(OWN)
        assert page.one("tbody").one("button").attributes["aria-label"] == "Revoke nightly"
        response = browser.press(page, "Revoke")
        assert (response.status_code, response.location) == (303, OWN)
        assert ask(site, "Bearer", secret).status_code == 401
        assert "revoked 2026-11-23 09:00 UTC" in browser.page(OWN).one("tbody").text
        assert not browser.page(OWN).one("tbody").all("button")

    def test_nobody_revokes_what_is_another_persons_but_an_administrator(self, site: StaffSite) -> None:
        secret = make(site)
        number = 1
        paul, ada = site.client_of(Role.PUBLISHER), site.client_of(Role.ADMINISTRATOR)
        assert paul.post(f"{OWN}/{number}/revocation", page=OWN).status_code == 404
        assert paul.post(f"{ALL}/{number}/revocation", page=OWN).status_code == 403
        assert ask(site, "Bearer", secret).status_code == 200
        page = ada.page(ALL)
        assert rows(page)[0][:2] == ["nightly", "edith"]
        assert page.one("tbody").one("button").attributes["aria-label"] == "Revoke nightly of edith"
        assert ada.press(page, "Revoke").location == ALL
        assert ask(site, "Bearer", secret).status_code == 401

    def test_each_sees_their_own_only_and_administrators_see_all(self, site: StaffSite) -> None:
        make(site, name="ediths")
        make(site, Role.PUBLISHER, name="pauls")
        assert [row[0] for row in rows(site.client_of(Role.EDITOR).page(OWN))] == ["ediths"]
        assert [row[0] for row in rows(site.client_of(Role.ADMINISTRATOR).page(ALL))] == ["pauls", "ediths"]
        assert site.client_of(Role.PUBLISHER).get(ALL).status_code == 403

    @pytest.mark.parametrize(("role", "path"), [(Role.EDITOR, OWN), (Role.ADMINISTRATOR, ALL)])
    def test_the_pages_have_one_heading_unique_ids_and_a_label_for_every_input(
        self, site: StaffSite, role: Role, path: str
    ) -> None:
        make(site)
        page = site.client_of(role).page(path)
        assert len(page.all("h1")) == 1
        ids = [each.id for each in page.walk() if each.id]
        assert len(ids) == len(set(ids))
        labelled = {each.attributes["for"] for each in page.all("label")}
        shown = [each for each in page.all("input") if each.attributes.get("type") != "hidden"]
        assert {each.id for each in shown} <= labelled


class TestWithARequest:
    def refused(self, response: TestResponse, status: int = 401) -> tuple[Json, str]:
        """The problem and the challenge."""
        return checked_problem(response, status), response.headers["WWW-Authenticate"]

    def test_without_a_token_the_challenge_names_no_error(self, still_site: StaffSite) -> None:
        """RFC 6750, section 3.1: who sent nothing is told only what to send."""
        problem, challenge = self.refused(ask(still_site))
        assert challenge == 'Bearer realm="Visa Lookup"'
        assert problem["type"] == "/docs/errors#unauthorized"
        assert "Authorization: Bearer" in problem["detail"]

    @pytest.mark.parametrize("sent", ["Basic ZWRpdGg6eA==", "Bearer", "Bearer ", "vl_x", "Digest x", "Bearer a, b=c"])
    def test_what_has_not_the_form_of_a_token_is_none(self, still_site: StaffSite, sent: str) -> None:
        assert self.refused(ask(still_site, sent))[1] == 'Bearer realm="Visa Lookup"'

    @pytest.mark.parametrize("secret", ["x", "vl_" + "A" * 43, "vl_é", "x" * 7_000, '"'])
    def test_a_token_that_is_none_of_ours_is_invalid(self, still_site: StaffSite, secret: str) -> None:
        problem, challenge = self.refused(ask(still_site, "Bearer", secret))
        assert challenge == 'Bearer realm="Visa Lookup", error="invalid_token"'
        assert len(problem["detail"]) < 200

    def test_the_word_bearer_may_be_written_in_any_case(self, site: StaffSite) -> None:
        assert ask(site, "bearer", make(site)).status_code == 200

    @pytest.mark.parametrize("way", ["?access_token={}", "?token={}"])
    def test_a_token_in_the_address_is_not_taken_as_it_would_be_logged(self, site: StaffSite, way: str) -> None:
        assert ask(site, path=PROPOSALS + way.format(make(site))).status_code == 401

    def test_a_session_of_the_console_opens_nothing(self, still_site: StaffSite) -> None:
        assert still_site.client_of(Role.ADMINISTRATOR).get(PROPOSALS).status_code == 401

    def test_an_expired_a_revoked_and_a_disabled_ones_say_which_they_are(self, site: StaffSite) -> None:
        secret, other = make(site, days="1"), make(site, Role.PUBLISHER)
        with site.session() as session:
            disable_account(session, "paul", "tests", site.clock())
        assert "disabled" in self.refused(ask(site, "Bearer", other))[0]["detail"]
        site.clock.move(days=1)
        assert "expired" in self.refused(ask(site, "Bearer", secret))[0]["detail"]

    def test_a_token_without_the_scope_is_told_which_one_it_lacks(self, site: StaffSite) -> None:
        secret = make(site, Role.PUBLISHER)
        problem, challenge = self.refused(ask(site, "Bearer", secret, path=PUBLICATION, method="POST"), 403)
        assert challenge == 'Bearer realm="Visa Lookup", error="insufficient_scope", scope="publish"'
        assert problem["type"] == "/docs/errors#forbidden"
        assert "use a token with the scope publish" in problem["detail"]

    def test_a_role_without_the_right_is_sent_to_somebody_else(self, site: StaffSite) -> None:
        response = ask(site, "Bearer", make(site), path=PUBLICATION, method="POST")
        assert "ask for a role that grants it" in self.refused(response, 403)[0]["detail"]

    def test_pages_of_other_sites_are_not_invited_to_send_tokens(self, still_site: StaffSite) -> None:
        allowed = ask(still_site, path=PROPOSALS, method="OPTIONS").headers["Access-Control-Allow-Headers"]
        assert "authorization" not in allowed.lower()

    def test_both_problems_are_explained_in_the_documentation(self, still_site: StaffSite) -> None:
        explained = {each.id for each in page_of(still_site.app.test_client().get("/docs/errors")).all("dt")}
        assert {"unauthorized", "forbidden"} <= explained

    def test_the_description_names_the_scheme_where_it_is_wanted_and_only_there(self, still_site: StaffSite) -> None:
        document: Json = still_site.app.test_client().get("/openapi.json").get_json()
        scheme = document["components"]["securitySchemes"]["staffToken"]
        assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
        wanted = document["paths"][PROPOSALS]["get"]["security"]
        assert wanted == [{"staffToken": []}]
        assert "security" not in document
        assert document["paths"]["/api/v1/requirements"]["get"]["security"] == [{}, {"agencyKey": []}]
