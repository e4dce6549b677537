"""Staff's scripts: a token, the state a write was made on, and the same two pairs of eyes as at the console."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.contract.conftest import assert_declared, checked_problem
from tests.staff_app import NAMES, StaffSite
from visalookup.api.v1.changes.responses import ProposalJson, ProposalsJson
from visalookup.domain.accounts.roles import Right, Role
from visalookup.extensions import rulebook_store_of
from visalookup.services.accounts.staff_sessions import member_of
from visalookup.services.accounts.tokens import issue_token
from visalookup.storage.accounts.accounts import find_account
from visalookup.storage.audit.chain import lock_chain

PACT = "/api/v1/regimes/kaz-isr-2026"
SIGNED: dict[str, Any] = {
    "status": "signed",
    "on": "2026-11-20",
    "source": {
        "kind": "official",
        "publisher": "State Gazette",
        "title": "Agreement",
        "url": "https://gazette.example/7",
        "accessed_on": "2026-11-22",
    },
}


class Script:
    """A program with a token of a member of staff."""

    def __init__(self, site: StaffSite, role: Role, *scopes: Right) -> None:
        self.client = site.app.test_client()
        with site.session() as session:
            lock_chain(session)
            account = find_account(session, NAMES[role])
            assert account is not None
            named = [str(each) for each in scopes]
            issued = issue_token(session, member_of(account), f"{role} {len(named)}", named, 90, site.clock())
            self.headers = {"Authorization": f"Bearer {issued.secret}"}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path, method=method, json=body, headers=self.headers | named)

    def etag(self, path: str) -> str:
        response = self.send("GET", path)
        assert response.status_code == 200, response.get_data(as_text=True)[:400]
        return response.headers["ETag"]


@pytest.fixture
def editor(staff_site: StaffSite) -> Script:
    return Script(staff_site, Role.EDITOR, Right.READ, Right.PROPOSE)


@pytest.fixture
def publisher(staff_site: StaffSite) -> Script:
    return Script(staff_site, Role.PUBLISHER, Right.READ, Right.PROPOSE, Right.PUBLISH)


def test_a_script_proposes_and_another_publishes(editor: Script, publisher: Script) -> None:
    made = editor.send("POST", f"{PACT}/events", SIGNED, If_Match=editor.etag(PACT))
    assert made.status_code == 201, made.get_data(as_text=True)
    address = made.headers["Location"]
    shown = publisher.send("GET", address).get_json()
    assert_declared(shown, ProposalJson)
    assert shown["answers_that_change"] == []
    assert any("what is announced changes" in each for each in shown["announcements_that_change"])
    published = publisher.send("POST", f"{address}/publication", If_Match=publisher.etag(address))
    assert published.status_code == 200, published.get_data(as_text=True)
    assert published.get_json()["decision"]["decided_by"] == "paul"
    assert_declared(published.get_json(), ProposalJson)
    assert_declared(publisher.send("GET", "/api/v1/proposals").get_json(), ProposalsJson)
    again = publisher.send("POST", f"{address}/publication", If_Match=publisher.etag(address))
    checked_problem(again, 409) if "send" in again.get_data(as_text=True) else None
    assert again.status_code == 409


def test_nobody_publishes_their_own(publisher: Script) -> None:
    made = publisher.send("POST", f"{PACT}/events", SIGNED, If_Match=publisher.etag(PACT))
    address = made.headers["Location"]
    refused = publisher.send("POST", f"{address}/publication", If_Match=publisher.etag(address))
    assert refused.status_code == 403


def test_a_write_names_the_state_it_was_made_on(editor: Script) -> None:
    checked_problem(editor.send("POST", f"{PACT}/events", SIGNED), 428)
    checked_problem(editor.send("POST", f"{PACT}/events", SIGNED, If_Match='"another"'), 412)
    assert editor.send("POST", "/api/v1/regimes", {"id": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/regimes"),
        ("POST", f"{PACT}/events"),
        ("PUT", f"{PACT}/events/memorandum_of_intent-1"),
        ("DELETE", f"{PACT}/events/memorandum_of_intent-1"),
        ("POST", f"{PACT}/rules"),
        ("PUT", f"{PACT}/rules/KAZ-ISR-ordinary"),
        ("DELETE", f"{PACT}/rules/KAZ-ISR-ordinary"),
        ("POST", "/api/v1/destinations/ISR/verifications"),
        ("POST", "/api/v1/proposals/1/withdrawal"),
        ("POST", f"{PACT}/verifications"),
        ("GET", "/api/v1/proposals"),
        ("GET", "/api/v1/proposals/1"),
        ("POST", "/api/v1/proposals/1/publication"),
        ("POST", "/api/v1/proposals/1/return"),
    ],
)
def test_without_a_token_or_its_scope_nothing_is_done(staff_site: StaffSite, method: str, path: str) -> None:
    stranger = staff_site.app.test_client().open(path, method=method, json={})
    problem = checked_problem(stranger, 401)
    assert problem["type"] == "/docs/errors#unauthorized"
    assert stranger.headers["WWW-Authenticate"].startswith("Bearer")
    if method != "GET":
        reader = Script(staff_site, Role.PUBLISHER, Right.READ)
        assert reader.send(method, path, {}).status_code == 403


def test_what_is_wrong_is_told_by_its_place_in_what_was_sent(editor: Script) -> None:
    wrong = SIGNED | {"status": "in_force"}
    problem = editor.send("POST", f"{PACT}/events", wrong, If_Match=editor.etag(PACT)).get_json()
    assert problem["status"] == 422
    assert problem["errors"][0]["field"] == "on"
    assert "may only become signed, withdrawn" in problem["errors"][0]["detail"]


def test_a_rule_is_changed_for_a_reason(editor: Script) -> None:
    terms = {"requirement": "visa_free", "stay": {"days": 30}, "source": "anadolu-2026"}
    path = f"{PACT}/rules/KAZ-ISR-ordinary"
    assert editor.send("PUT", path, terms, If_Match=editor.etag(PACT)).status_code == 422
    made = editor.send("PUT", path, terms, If_Match=editor.etag(PACT), Reason="The text says 30 days.")
    assert made.status_code == 201
    assert made.get_json()["summary"].startswith("KAZ to ISR: Visa-free")


def test_a_condition_is_written_with_arguments_that_can_be_judged(editor: Script) -> None:
    condition = {"kind": "holds_visa", "text": "You hold a visa of Canada.", "holds": ["CAN:visa"]}
    terms = {"requirement": "visa_free", "stay": {"days": 30}, "conditions": [condition], "source": "anadolu-2026"}
    path = f"{PACT}/rules/KAZ-ISR-ordinary"
    made = editor.send("PUT", path, terms, If_Match=editor.etag(PACT), Reason="Holders of a visa only.")
    assert made.status_code == 201, made.get_data(as_text=True)
    assert made.get_json()["payload"]["terms"]["conditions"] == [condition]


@pytest.mark.parametrize(
    ("argument", "fault"),
    [
        ({"holds": ["XYZ:visa"]}, "XYZ is neither the code of a place nor of a group"),
        ({"holds": ["CAN"]}, "'CAN' is no holding"),
        ({"of": ["CAN"]}, "A condition holds_visa has no argument of"),
    ],
)
def test_a_condition_that_cannot_be_judged_as_written_is_refused(
    editor: Script, argument: dict[str, list[str]], fault: str
) -> None:
    condition = {"kind": "holds_visa", "text": "You hold a visa of Canada.", **argument}
    terms = {"requirement": "visa_free", "stay": {"days": 30}, "conditions": [condition], "source": "anadolu-2026"}
    path = f"{PACT}/rules/KAZ-ISR-ordinary"
    refused = editor.send("PUT", path, terms, If_Match=editor.etag(PACT), Reason="Holders of a visa only.")
    assert refused.status_code == 422
    assert fault in refused.get_json()["errors"][0]["detail"]


def test_a_correction_and_a_check_are_proposed_too(editor: Script) -> None:
    entry = {"status": "memorandum_of_intent", "on": "2026-01-26", "source": "anadolu-2026"}
    path = f"{PACT}/events/memorandum_of_intent-1"
    made = editor.send("PUT", path, entry, If_Match=editor.etag(PACT), Reason="A misprint.")
    assert made.status_code == 201, made.get_data(as_text=True)
    checked = {"checked_on": "2026-11-24", "rules": ["KAZ-ISR-ordinary"]}
    made = editor.send("POST", f"{PACT}/verifications", checked, If_Match=editor.etag(PACT))
    assert made.status_code == 201, made.get_data(as_text=True)
    assert len(editor.send("GET", "/api/v1/proposals").get_json()["proposals"]) == 2


def test_a_proposal_is_returned_by_a_script_with_a_comment(editor: Script, publisher: Script) -> None:
    address = editor.send("POST", f"{PACT}/events", SIGNED, If_Match=editor.etag(PACT)).headers["Location"]
    tag = publisher.etag(address)
    checked_problem(publisher.send("POST", f"{address}/return", {}, If_Match=tag), 422)
    returned = publisher.send("POST", f"{address}/return", {"comment": "Cite the gazette."}, If_Match=tag)
    assert returned.get_json()["decision"]["comment"] == "Cite the gazette."


def test_a_rule_is_added_and_another_removed_each_for_a_reason(editor: Script, publisher: Script) -> None:
    terms = {
        "requirement": "visa_free",
        "stay": {"days": 90},
        "documents": ["diplomatic"],
        "source": "anadolu-2026",
    }
    rule = {"passport": "KAZ", "destination": "ISR", "terms": terms}
    made = editor.send("POST", f"{PACT}/rules", rule, If_Match=editor.etag(PACT), Reason="Diplomats too.")
    assert made.status_code == 201, made.get_data(as_text=True)
    publish(publisher, made)
    keys = {each["id"] for each in editor.send("GET", PACT).get_json()["rules"]}
    assert keys == {"ISR-KAZ-ordinary", "KAZ-ISR-ordinary", "KAZ-ISR-diplomatic"}

    path = f"{PACT}/rules/KAZ-ISR-diplomatic"
    assert editor.send("DELETE", path, If_Match=editor.etag(PACT)).status_code == 422
    made = editor.send("DELETE", path, If_Match=editor.etag(PACT), Reason="A misreading.")
    assert made.status_code == 201
    publish(publisher, made)
    assert "KAZ-ISR-diplomatic" not in editor.send("GET", PACT).get_data(as_text=True)


def test_a_step_that_never_happened_is_taken_off_the_timeline(editor: Script, publisher: Script) -> None:
    publish(publisher, editor.send("POST", f"{PACT}/events", SIGNED, If_Match=editor.etag(PACT)))
    path = f"{PACT}/events/signed-1"
    made = editor.send("DELETE", path, If_Match=editor.etag(PACT), Reason="The report was withdrawn.")
    assert made.status_code == 201, made.get_data(as_text=True)
    publish(publisher, made)
    timeline = editor.send("GET", PACT).get_json()["timeline"]
    assert [each["status"] for each in timeline] == ["memorandum_of_intent"]


def test_a_destination_is_verified_by_its_code(editor: Script) -> None:
    policy = "/api/v1/regimes/isr-visa-policy"
    path = "/api/v1/destinations/ISR/verifications"
    body = {"checked_on": "2026-11-22"}
    checked_problem(editor.send("POST", path, body), 428)
    made = editor.send("POST", path, body, If_Match=editor.etag(policy))
    assert made.status_code == 201, made.get_data(as_text=True)
    assert made.headers["Content-Location"] == policy
    assert made.get_json()["regime"] == "isr-visa-policy"
    nowhere = "/api/v1/destinations/Atlantis/verifications"
    checked_problem(editor.send("POST", nowhere, body, If_Match='"any"'), 422)


def test_one_takes_back_ones_own_proposal_and_nobody_elses(editor: Script, publisher: Script) -> None:
    made = editor.send("POST", f"{PACT}/events", SIGNED, If_Match=editor.etag(PACT))
    address = made.headers["Location"]
    refused = publisher.send("POST", f"{address}/withdrawal", If_Match=publisher.etag(address))
    assert refused.status_code == 403
    checked_problem(editor.send("POST", f"{address}/withdrawal"), 428)
    taken_back = editor.send("POST", f"{address}/withdrawal", If_Match=editor.etag(address))
    assert taken_back.get_json()["decision"]["outcome"] == "taken_back"


def publish(publisher: Script, made: TestResponse) -> None:
    address = made.headers["Location"]
    published = publisher.send("POST", f"{address}/publication", If_Match=publisher.etag(address))
    assert published.status_code == 200, published.get_data(as_text=True)
    rulebook_store_of(publisher.client.application)._tried_at = float("-inf")


def test_what_a_write_was_made_on_is_the_regime_not_the_day_on_which_it_was_read(
    editor: Script, publisher: Script, staff_site: StaffSite
) -> None:
    """A check grows stale with time, and the body says so; nobody changed the regime by that."""
    checked = {"checked_on": "2026-11-24", "rules": ["KAZ-ISR-ordinary"]}
    publish(publisher, editor.send("POST", f"{PACT}/verifications", checked, If_Match=editor.etag(PACT)))
    read, tag = editor.send("GET", PACT).get_json(), editor.etag(PACT)
    staff_site.clock.move(days=366)
    later = Script(staff_site, Role.EDITOR, Right.PROPOSE)
    assert later.send("GET", PACT).get_json() != read, "a year later the check is stale"
    assert later.send("GET", PACT, If_None_Match=tag).status_code == 200, "the body is another one"
    assert later.send("GET", PACT, If_None_Match=later.etag(PACT)).status_code == 304
    made = later.send("POST", f"{PACT}/events", SIGNED, If_Match=tag)
    assert made.status_code == 201, made.get_data(as_text=True)


def test_a_tag_from_before_a_change_is_refused(editor: Script, publisher: Script) -> None:
    before = editor.etag(PACT)
    publish(publisher, editor.send("POST", f"{PACT}/events", SIGNED, If_Match=before))
    refused = editor.send("POST", f"{PACT}/events", SIGNED | {"on": "2026-11-21"}, If_Match=before)
    assert "The state of the regime has changed" in checked_problem(refused, 412)["detail"]
    version = editor.send("GET", PACT).get_json()["version"]
    for tag in (f'W/"{version}-0"', f'"{version}0-0"', f'"{version}"', '"-"'):
        assert editor.send("POST", f"{PACT}/events", SIGNED, If_Match=tag).status_code == 412
