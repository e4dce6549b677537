"""The console: a change is seen before it is proposed, and whatever is wrong is told without losing a word."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from tests.conftest import MakeDatabase
from tests.contract.conftest import close_app
from tests.contract.html import Element, page_of
from tests.staff_app import PASSWORD, StaffBrowser, StaffSite, filled_in, open_site
from visalookup.domain.accounts.roles import Role
from visalookup.domain.requirements import Requirement
from visalookup.extensions import rulebook_store_of
from visalookup.storage.audit.chain import lock_chain
from visalookup.storage.datasets.comparisons import flag_differences

PACT = "/staff/regimes/kaz-isr-2026"
SOURCE = {
    "cited": "new",
    "source-kind": "official",
    "source-publisher": "State Gazette",
    "source-title": "Agreement on visa exemption",
    "source-url": "https://gazette.example/7",
    "source-published_on": "2026-11-20",
    "source-accessed_on": "2026-11-22",
}
SIGNED = {"step": "signed", "on": "2026-11-20", **SOURCE}
SEE = "See what would change"


@pytest.fixture
def edith(staff_site: StaffSite) -> StaffBrowser:
    return staff_site.client_of(Role.EDITOR)


@pytest.fixture
def paul(staff_site: StaffSite) -> StaffBrowser:
    return staff_site.client_of(Role.PUBLISHER)


def previewed(browser: StaffBrowser, path: str, **typed: str) -> Element:
    return page_of(browser.press(browser.page(path), SEE, **typed))


def proposed(browser: StaffBrowser, path: str, **typed: str) -> str:
    """The address of the proposal that a form became."""
    sent = browser.press(previewed(browser, path, **typed), "Propose it")
    assert sent.status_code == 303, sent.get_data(as_text=True)[:2000]
    return sent.headers["Location"]


def lines(page: Element, kind: str) -> list[str]:
    return (
        [each.text for each in page.all("li")]
        if not kind
        else [
            each.text
            for listed in page.all("ul")
            if kind in listed.attributes.get("class", "")
            for each in listed.all("li")
        ]
    )


def faults(page: Element) -> str:
    return " ".join(each.text for each in page.all("div") if "fault-summary" in each.attributes.get("class", ""))


def refused(browser: StaffBrowser, path: str, **typed: str) -> Element:
    """The form again, with what was typed in it."""
    page = page_of(browser.press(browser.page(path), SEE, **typed), 422)
    form = next(each for each in page.all("form") if each.attributes.get("action") == path)
    kept = dict(filled_in(form))
    assert {name: kept.get(name) for name in typed} == typed
    return page


def test_before_anything_is_saved_the_page_says_which_answers_change_for_whom_and_from_when(
    edith: StaffBrowser, paul: StaffBrowser
) -> None:
    address = proposed(edith, f"{PACT}/steps", **SIGNED)
    assert paul.press(paul.page(address), "Publish it").status_code == 303
    page = previewed(edith, f"{PACT}/steps", **(SIGNED | {"step": "in_force", "on": "2027-03-01"}))
    assert any(
        "Kazakhstan to Israel: visa required becomes visa-free" in each and "from 1 March 2027" in each
        for each in lines(page, "answers")
    ), lines(page, "answers")


def test_what_is_published_is_on_the_public_pages_and_in_the_json(edith: StaffBrowser, paul: StaffBrowser) -> None:
    address = proposed(edith, f"{PACT}/steps", **SIGNED)
    asked = "/api/v1/requirements?passport=KAZ&destination=ISR&on=2026-12-01"

    def statuses() -> list[str]:
        return [each["regime"]["status"] for each in edith.get(asked).get_json()["pending"]]

    assert "signed" not in statuses()
    paul.press(paul.page(address), "Publish it")
    rulebook_store_of(edith.site.app)._tried_at = float("-inf")  # half a second has passed
    assert "signed" in statuses()
    changes = edith.get("/api/v1/changes?limit=500&since=0").get_json()["changes"]
    assert any(each["regime"]["id"] == "kaz-isr-2026" and each["status"] == "signed" for each in changes)
    feed = edith.get("/changes.atom").get_data(as_text=True)
    assert "State Gazette" in feed


def test_only_the_steps_that_are_allowed_have_buttons(edith: StaffBrowser) -> None:
    page = edith.page(PACT)
    steps = {each.attributes["href"] for each in page.all("a") if "?step=" in each.attributes.get("href", "")}
    assert steps == {f"{PACT}/steps?step={step}" for step in ("signed", "withdrawn", "milestone")}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (SIGNED | {"step": "in_force"}, "may only become signed, withdrawn"),
        (SIGNED | {"on": "2025-11-20"}, "comes before the last step"),
        (SIGNED | {"on": ""}, "Takes effect on: This is missing."),
        (SIGNED | {"on": "soon"}, "is not a date"),
        (SIGNED | {"source-url": "gazette"}, "URL"),
        (SIGNED | {"step": ""}, "Say what happened"),
        (SIGNED | {"step": "milestone", "milestone": "ratified", "party": "Kazakstan"}, "Kazakhstan"),
        (SIGNED | {"at": "25:00"}, "not a time of day"),
    ],
)
def test_a_step_that_cannot_be_is_told_beside_its_field_and_nothing_typed_is_lost(
    edith: StaffBrowser, typed: dict[str, str], said: str
) -> None:
    page = refused(edith, f"{PACT}/steps", **typed)
    assert said in faults(page)


def test_who_reviews_sees_the_source_and_can_open_it(edith: StaffBrowser, paul: StaffBrowser) -> None:
    page = paul.page(proposed(edith, f"{PACT}/steps", **SIGNED))
    assert SOURCE["source-url"] in [each.attributes.get("href") for each in page.all("a")]
    assert "(official): State Gazette" in page.one("main").text


def test_who_loses_the_right_while_a_form_is_half_filled_loses_no_word(
    staff_site: StaffSite, edith: StaffBrowser
) -> None:
    """An editor's role cannot fall, so a page of publishers stands for it: what was sent is shown."""
    sent = edith.post("/staff/proposals/1/return", {"comment": "The gazette says otherwise."})
    page = page_of(sent, 403)
    assert "This is for publishers and administrators" in page.one("main").text
    assert "The gazette says otherwise." in page.one("main").text


class TestAnOfficeOfOnePerson:
    @pytest.fixture
    def alone(self, make_sqlite: MakeDatabase, loaded_sqlite_template: str) -> Iterator[StaffBrowser]:
        site = open_site(make_sqlite(loaded_sqlite_template), review=False)
        yield site.client_of(Role.PUBLISHER)
        close_app(site.app)

    def test_publishes_alone_and_the_record_says_so(self, alone: StaffBrowser) -> None:
        sent = alone.press(previewed(alone, f"{PACT}/steps", **SIGNED), "Publish it alone")
        assert sent.status_code == 303, sent.get_data(as_text=True)[:2000]
        assert "without a second person" in alone.page(sent.headers["Location"]).one("main").text
        history = alone.page("/staff/history?regime=kaz-isr-2026").one("main").text
        assert "proposed and published by one person" in history


class TestDifferencesWithAnOutsideTable:
    @pytest.fixture
    def flagged(self, staff_site: StaffSite) -> StaffSite:
        """A table that lets Kazakhs into Israel without a visa was compared."""
        with staff_site.session() as session:
            lock_chain(session)
            found = [("KAZ", "ISR", Requirement.VISA_FREE), ("KAZ", "TUR", Requirement.VISA_FREE)]
            flag_differences(session, "index.csv", 2, found, "tests", staff_site.clock())
        return staff_site

    def test_only_those_that_stand_are_listed(self, flagged: StaffSite) -> None:
        page = flagged.client_of(Role.EDITOR).page("/staff/differences")
        assert [each.text for each in page.all("h2")] == ["KAZ to ISR"]
        assert "index.csv says visa-free" in page.one("main").text

    def test_one_is_left_as_it_is_only_with_a_word_on_why(self, flagged: StaffSite) -> None:
        editor = flagged.client_of(Role.EDITOR)
        page = editor.page("/staff/differences")
        assert "Say why KAZ to ISR stays" in faults(page_of(editor.press(page, "Looked at"), 422))
        why = "The memorandum is no law yet."
        assert editor.press(page, "Looked at", comment=why).status_code == 303
        assert "There are none" in editor.page("/staff/differences").one("main").text
        assert why in editor.page("/staff/history").one("main").text
        again = page_of(editor.press(page, "Looked at", comment=why), 422)
        assert "This difference was already reviewed" in again.one("main").text


def test_a_missing_source_is_told(edith: StaffBrowser) -> None:
    nothing = {name: "" for name in SOURCE if name != "cited"}
    page = refused(edith, f"{PACT}/steps", step="signed", on="2026-11-20", **nothing)
    assert "A source is missing" in faults(page)


def test_who_is_overtaken_by_somebody_else_keeps_what_they_typed_and_may_go_on(
    edith: StaffBrowser, paul: StaffBrowser
) -> None:
    opened = edith.page(f"{PACT}/steps")
    address = proposed(paul, f"{PACT}/steps", **(SIGNED | {"step": "milestone", "milestone": "approved"}))
    admin = edith.site.client_of(Role.ADMINISTRATOR)
    assert admin.press(admin.page(address), "Publish it").status_code == 303
    late = page_of(edith.press(opened, SEE, **SIGNED), 409)
    assert "Someone else changed this record" in faults(late)
    again = page_of(edith.press(late, SEE))
    assert edith.press(again, "Propose it").status_code == 303


def test_a_double_click_makes_one_proposal(edith: StaffBrowser) -> None:
    preview = previewed(edith, f"{PACT}/steps", **SIGNED)
    one, other = (edith.press(preview, "Propose it") for _ in range(2))
    assert one.status_code == other.status_code == 303
    assert one.headers["Location"] == other.headers["Location"]


def test_an_expired_session_loses_nothing_that_was_typed(edith: StaffBrowser) -> None:
    opened = edith.page(f"{PACT}/steps")
    edith.site.clock.move(hours=11)
    asked = page_of(edith.press(opened, SEE, **SIGNED), 401)
    signed_in = edith.press(asked, "Sign in", name="edith", password=PASSWORD)
    resumed = page_of(signed_in)
    form = page_of(edith.press(resumed, "Continue with what you typed"))
    kept = dict(filled_in(next(each for each in form.all("form") if each.attributes["action"] == f"{PACT}/steps")))
    assert kept["source-publisher"] == "State Gazette"
    assert page_of(edith.press(form, SEE)).all("h1")[0].text == "What would change"


def test_a_forged_form_does_nothing(edith: StaffBrowser) -> None:
    sent = edith.send(f"{PACT}/steps", SIGNED | {"action": "propose"}, **{"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 400
    assert edith.send(f"{PACT}/steps", SIGNED | {"action": "propose"}).status_code == 400
    assert "Nothing is waiting." in edith.page("/staff/proposals").text


def test_a_returned_proposal_is_taken_up_again_as_it_was_typed(edith: StaffBrowser, paul: StaffBrowser) -> None:
    address = proposed(edith, f"{PACT}/steps", **SIGNED)
    empty = paul.press(paul.page(address), "Return it")
    assert empty.status_code == 422
    assert paul.press(paul.page(address), "Return it", comment="Cite the gazette of the 21st.").status_code == 303
    page = edith.page(address)
    assert "Cite the gazette of the 21st." in page.text
    (again,) = (each.attributes["href"] for each in page.all("a") if each.text == "Take it up again")
    form = next(each for each in edith.page(again).all("form") if each.attributes["action"] == f"{PACT}/steps")
    assert dict(filled_in(form))["source-title"] == "Agreement on visa exemption"


def test_a_new_regime_with_rules_for_both_directions_is_one_form(edith: StaffBrowser, paul: StaffBrowser) -> None:
    typed = {
        "title": "Agreement between Andorra and Bhutan",
        "first": "Andorra",
        "second": "BTN",
        "kind": "bilateral_agreement",
        "step": "signed",
        "on": "2026-11-20",
        **{name: value for name, value in SOURCE.items() if name != "cited"},
        "out-requirement": "visa_free",
        "out-days": "30",
        "back-requirement": "visa_free",
        "back-days": "90",
        "back-within_days": "180",
    }
    address = proposed(edith, "/staff/regimes/new", **typed)
    assert paul.press(paul.page(address), "Publish it").status_code == 303
    rulebook_store_of(edith.site.app)._tried_at = float("-inf")
    found = edith.get("/api/v1/regimes/and-btn-2026").get_json()
    assert found["parties"] == ["AND", "BTN"] or [each["code"] for each in found["parties"]] == ["AND", "BTN"]
    refused(edith, "/staff/regimes/new", **(typed | {"first": "Andora", "second": ""}))


def test_a_rule_is_corrected_for_a_reason_only(edith: StaffBrowser) -> None:
    path = f"{PACT}/rules/KAZ-ISR-ordinary"
    preview = previewed(edith, path, days="30")
    without = page_of(edith.press(preview, "Propose it"), 422)
    assert "Say in a sentence why the record should change" in faults(without)
    assert proposed(edith, path, days="30", reason="The text says 30 days.").startswith("/staff/proposals/")


def test_a_rule_is_given_the_days_on_which_it_holds(edith: StaffBrowser) -> None:
    path, dates = f"{PACT}/rules/KAZ-ISR-ordinary", {"from": "2027-02-01", "until": "2027-06-30"}
    assert "from 1 February 2027 until 30 June 2027" in previewed(edith, path, **dates).text
    assert proposed(edith, path, reason="The text says so.", **dates).startswith("/staff/proposals/")


@pytest.mark.parametrize(
    ("typed", "message"),
    [({"from": "2027"}, "'2027' is not a day"), ({"from": "2027-02-01", "until": "2027-01-01"}, "before it begins")],
)
def test_days_on_which_no_rule_can_hold_are_refused(edith: StaffBrowser, typed: dict[str, str], message: str) -> None:
    assert message in faults(refused(edith, f"{PACT}/rules/KAZ-ISR-ordinary", **typed))


def test_an_entry_that_never_happened_is_removed_for_a_reason(edith: StaffBrowser) -> None:
    page = edith.page("/staff/regimes/mar-aze-2024/timeline/in_force-1")
    form = next(each for each in page.all("form") if "timeline" in each.attributes.get("action", ""))
    sent = edith.send(
        form.attributes["action"],
        dict(filled_in(form)) | {"remove": "yes", "reason": "A mix-up.", "action": "preview"},
    )
    preview = page_of(sent)
    assert any("Morocco to Azerbaijan" in each for each in lines(preview, "answers"))


def test_a_whole_destination_is_verified_in_one_action(edith: StaffBrowser) -> None:
    led = edith.get("/staff/destinations?code=DEU")
    assert led.headers["Location"] == "/staff/regimes/schengen-visa-policy"
    page = previewed(edith, "/staff/regimes/schengen-visa-policy/verification", checked_on="2026-11-23")
    assert "No answer changes." in page.text


def test_an_upload_tells_every_refusal_by_its_line(edith: StaffBrowser) -> None:
    table = (
        "passport,destination,documents,requirement,days,within_days,source,verified_on,note\n"
        "KAZ,ISR,,visa_fre,30,,anadolu-2026,,\nXYZ,ISR,,visa_free,30,,hearsay,,\n"
    )
    sent = FileStorage(BytesIO(table.encode()), "rules.csv")
    page = page_of(edith.post("/staff/upload", {"file": sent, "regime": "kaz-isr-2026", "action": "preview"}), 422)
    assert "Line 2" in faults(page)
    assert "Line 3" in faults(page)
    assert "KAZ,ISR,,visa_fre" in page.text, "the text stays in the form"


def test_an_uploaded_file_shows_every_change_before_it_is_proposed(edith: StaffBrowser) -> None:
    table = (
        "passport,destination,documents,requirement,days,within_days,source,verified_on,note\n"
        "KAZ,ISR,,visa_free,30,,anadolu-2026,,\n"
    )
    sent = FileStorage(BytesIO(table.encode()), "rules.csv")
    page = page_of(edith.post("/staff/upload", {"file": sent, "regime": "kaz-isr-2026", "action": "preview"}))
    assert any("KAZ-ISR-ordinary" in each for each in lines(page, ""))
    assert edith.press(page, "Propose it").status_code == 303


def test_an_office_of_one_publishes_alone_where_the_setting_allows_it(staff_site: StaffSite) -> None:
    assert "Publish it alone" not in previewed(staff_site.client_of(Role.PUBLISHER), f"{PACT}/steps", **SIGNED).text


def test_the_first_page_lists_what_needs_a_person(edith: StaffBrowser) -> None:
    proposed(edith, f"{PACT}/steps", **SIGNED)
    page = edith.page("/staff")
    assert "Signed, effective 2026-11-20" in page.text
    assert len(page.all("section")) == 5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/staff/regimes/atlantis", 404),
        (f"{PACT}/timeline/nothing-1", 404),
        (f"{PACT}/rules/nothing", 404),
        ("/staff/proposals/999", 404),
        ("/staff/destinations?code=Atlantis", 422),
        ("/staff/regimes?party=Atlantis", 422),
    ],
)
def test_what_is_not_there_is_told_on_a_page(edith: StaffBrowser, path: str, status: int) -> None:
    page_of(edith.get(path), status)
