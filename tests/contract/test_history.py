"""The history in the console: who did what, before and after, its sources, as CSV, and any moment's answer."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import MakeDatabase
from tests.contract.conftest import close_app
from tests.integration.conftest import written
from tests.integration.world import load, new_event, record
from tests.staff_app import StaffSite, open_site
from visalookup.domain.accounts.roles import Role
from visalookup.domain.lifecycle import Status
from visalookup.services.audit.export_history import COLUMNS, plain_cell
from visalookup.storage.audit.chain import append_entry, lock_chain


@pytest.fixture(scope="module")
def site(
    make_sqlite: MakeDatabase, sqlite_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StaffSite]:
    """The small world, and two steps of the memorandum between Kazakhstan and Israel recorded an hour later."""
    site = open_site(make_sqlite(sqlite_template))
    with site.session() as session:
        load(session, written(tmp_path_factory.mktemp("small")), site.clock())
        site.clock.move(hours=1)
        record(session, new_event("kaz-isr-2026", Status.SIGNED, "2026-12-01"), site.clock())
        record(session, new_event("kaz-isr-2026", Status.IN_FORCE, "2027-03-01", "notice"), site.clock())
    site.clock.move(hours=1)
    yield site
    close_app(site.app)


@pytest.fixture
def signed(site: StaffSite) -> int:
    """The number of the entry by which the signature was recorded."""
    rows = rows_of(site, Role.EDITOR, regime="kaz-isr-2026", actor="boris")
    return min(int(row["number"]) for row in rows)


def rows_of(site: StaffSite, role: Role, **asked: str) -> list[dict[str, str]]:
    response = site.client_of(role).client.get("/staff/history.csv", query_string=asked)
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    assert response.headers["Content-Disposition"] == 'attachment; filename="history-2026-11-23.csv"'
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


class TestTheList:
    def test_names_who_did_what_and_to_which_regime(self, site: StaffSite, signed: int) -> None:
        page = site.client_of(Role.EDITOR).page("/staff/history")
        rows = [row.text for row in page.one("tbody").all("tr")]
        (row,) = (row for row in rows if row.startswith(f"{signed} "))
        assert "2026-11-23 10:00 boris signed of kaz-isr-2026, effective 2026-12-01" in row
        assert "(1 source, 1 timeline entry) kaz-isr-2026" in row
        assert any("1 group" in row and "kaz-isr-2026" in row for row in rows)

    def test_can_be_filtered_by_regime_person_action_and_day(self, site: StaffSite) -> None:
        browser = site.client_of(Role.EDITOR)

        def found(query: str) -> int:
            return len(browser.page(f"/staff/history?{query}").all("th", scope="row"))

        assert found("regime=kaz-isr-2026&actor=boris") == 2
        assert found("actor=boris&action=revision_recorded&from=2026-11-23&until=2026-11-23") == 2
        assert found("regime=kaz-isr-2026") == 3
        assert found("regime=no-such-regime") == 0
        assert found("actor=boris&from=2026-11-24") == 0
        assert found("actor=boris&until=2026-11-22") == 0

    def test_says_what_is_wrong_with_a_filter_and_keeps_it(self, site: StaffSite) -> None:
        browser = site.client_of(Role.EDITOR)
        page = browser.page("/staff/history?from=tomorrow&until=9999-12-31&actor=boris", 422)
        assert "'tomorrow' is not a day" in page.one("p", id="from-fault").text
        assert "Send a year from 1900 to 2199." in page.one("p", id="until-fault").text
        assert page.one("input", id="from").attributes["value"] == "tomorrow"
        assert page.one("option", value="boris").attributes["selected"] == ""
        assert browser.page("/staff/history?from=2026-11-24&until=2026-11-23", 422)
        assert browser.get("/staff/history.csv?from=tomorrow").status_code == 422

    def test_turns_from_page_to_page(self, site: StaffSite) -> None:
        with site.session() as session:
            lock_chain(session)
            for number in range(120):
                append_entry(
                    session,
                    action="difference_reviewed",
                    actor="turner",
                    subject=f"pair {number}",
                    details={},
                    now=site.clock(),
                )
        browser = site.client_of(Role.EDITOR)
        address, seen = "/staff/history?actor=turner", []
        while address:
            page = browser.page(address)
            seen += [each.text for each in page.all("th", scope="row")]
            older = page.all("a", rel="next")
            address = older[0].attributes["href"] if older else ""
        assert len(seen) == len(set(seen)) == 120
        assert seen == sorted(seen, key=int, reverse=True)
        (newer,) = page.all("a", rel="prev")
        again = browser.page(newer.attributes["href"])
        assert [each.text for each in again.all("th", scope="row")] == seen[50:100]


class TestWhatIsAboutAccounts:
    def test_is_shown_to_those_who_look_after_them_and_to_nobody_else(self, site: StaffSite) -> None:
        assert "signed_in" in {row["action"] for row in rows_of(site, Role.ADMINISTRATOR, actor="ada")}
        for role in (Role.EDITOR, Role.PUBLISHER):
            site.client_of(role)
            actions = {row["action"] for row in rows_of(site, role)}
            assert "revision_recorded" in actions
            assert not {each for each in actions if each.startswith(("sign", "account", "role"))}
            chosen = site.client_of(role).page("/staff/history").one("select", id="action")
            assert "Signed in" not in chosen.text

    def test_not_even_by_its_number(self, site: StaffSite) -> None:
        rows = rows_of(site, Role.ADMINISTRATOR, action="account_added")
        address = f"/staff/history/{rows[0]['number']}"
        assert "Account added" in site.client_of(Role.ADMINISTRATOR).page("/staff/history?action=account_added").text
        assert site.client_of(Role.ADMINISTRATOR).get(address).status_code == 200
        assert site.client_of(Role.EDITOR).get(address).status_code == 404


class TestOneEntry:
    def test_shows_before_and_after_with_the_source(self, site: StaffSite, signed: int) -> None:
        page = site.client_of(Role.EDITOR).page(f"/staff/history/{signed}")
        text = page.one("main").text
        assert "Timeline entry signed-1 added in kaz-isr-2026" in text
        assert "Status Signed" in text
        assert "Takes effect 2026-12-01" in text
        links = {link.text: link.attributes["href"] for link in page.all("a")}
        assert links["Notice of the ministry"] == "https://ministry.example/3"

    def test_shows_rules_that_change_alike_as_one(self, site: StaffSite) -> None:
        first = rows_of(site, Role.EDITOR, action="revision_recorded", regime="kaz-isr-2026")[-1]["number"]
        text = site.client_of(Role.EDITOR).page(f"/staff/history/{first}").one("main").text
        assert "5 rules added in isr-visa-policy" in text
        assert "GBR to ISR" in text
        assert "Requirement Visa required" in text

    def test_leads_to_the_answer_just_before_and_just_after(self, site: StaffSite, signed: int) -> None:
        browser = site.client_of(Role.EDITOR)
        pair = "passport=KAZ&destination=ISR&on=2027-04-01"
        answers = {}
        for when in ("before", "after"):
            asked = browser.get(f"/staff/as-of/{signed + 1}?{pair}&when={when}").headers["Location"]
            answers[when] = browser.page(browser.get(asked).headers["Location"]).one("main").text
            known_at = parse_qs(urlsplit(asked).query)["as_of"]
            assert known_at[0] < "2026-11-23T10:00:01"
        assert answers["before"].index("Yes.") >= 0
        assert "No. With an ordinary passport of Kazakhstan you need no visa for Israel" in answers["after"]
        assert "No. With an ordinary passport of Kazakhstan" not in answers["before"]

    def test_that_is_not_there_is_not_found(self, site: StaffSite) -> None:
        browser = site.client_of(Role.EDITOR)
        for number in (0, 999_999, 10**12):
            assert browser.get(f"/staff/history/{number}").status_code == 404
            assert browser.get(f"/staff/as-of/{number}").status_code == 404


class TestTheCsv:
    def test_has_a_line_for_each_record_with_before_after_reason_and_sources(
        self, site: StaffSite, signed: int
    ) -> None:
        rows = [row for row in rows_of(site, Role.EDITOR, actor="boris") if row["number"] == str(signed)]
        assert {tuple(row) for row in rows} == {COLUMNS}
        (step,) = (row for row in rows if row["record"] == "timeline entry signed-1")
        assert step["before"] == ""
        assert step["after"] == "Status: Signed; Takes effect: 2026-12-01; Source: notice"
        assert step["regime"] == "kaz-isr-2026"
        assert step["reason"].startswith("signed of kaz-isr-2026")
        assert step["sources"] == "Ministry: Notice of the ministry https://ministry.example/3"

    def test_holds_every_record_of_a_load(self, site: StaffSite) -> None:
        rows = [row for row in rows_of(site, Role.EDITOR, until="2026-11-23") if row["actor"] == "ana"]
        records = Counter(row["record"].partition(" ")[0] for row in rows)
        assert records["rule"] == 11
        assert records["place"] == 6
        assert {row["regime"] for row in rows if row["record"].startswith("rule")} > {
            "mar-aze-2024",
            "jor-gbr-eta",
        }

    def test_of_a_regime_leaves_out_what_else_a_load_wrote(self, site: StaffSite) -> None:
        assert {row["regime"] for row in rows_of(site, Role.EDITOR, regime="mar-aze-2024")} == {"mar-aze-2024"}

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
    def test_has_no_cell_that_a_spreadsheet_takes_for_a_formula(self, text: str) -> None:
        assert plain_cell(text) == f"'{text}"
        assert plain_cell("90 days - or fewer") == "90 days - or fewer"

    def test_even_where_somebody_wrote_one(self, site: StaffSite) -> None:
        with site.session() as session:
            lock_chain(session)
            append_entry(session, action="proposed", actor="eve", subject="=HYPERLINK(1)", details={}, now=site.clock())
        (row,) = rows_of(site, Role.EDITOR, actor="eve")
        assert row["subject"] == "'=HYPERLINK(1)"


class TestALoadOfTheRealData:
    @pytest.fixture
    def real(self, make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> Iterator[StaffSite]:
        site = open_site(make_sqlite(loaded_sqlite_template))
        yield site
        close_app(site.app)

    def test_is_shown_in_part_and_says_where_the_rest_is(self, real: StaffSite) -> None:
        page = real.client_of(Role.EDITOR).page("/staff/history/1")
        assert "more records, all of which are in the CSV" in page.one("main").text
        headings = [each.text for each in page.all("h3")]
        assert [each for each in headings if " rules added in " in each]
        assert len(headings) < 120
        assert len(page.one("main").text) < 100_000
