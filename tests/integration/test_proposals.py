"""Two pairs of eyes: one person proposes, another publishes or returns, and nothing is written that nobody saw."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import FixedClock
from tests.integration.world import ask
from visalookup.domain.accounts.roles import RIGHTS, Member, Right, Role
from visalookup.domain.changes.proposals import NotAllowed, Outcome, Proposal, ProposalKind
from visalookup.domain.errors import NotFound
from visalookup.domain.wording.changes import change_sentence
from visalookup.formats.faults import FaultyData
from visalookup.services.changes.proposals.decide import publish, return_proposal, take_back
from visalookup.services.changes.proposals.listing import list_proposals
from visalookup.services.changes.proposals.preview import Amendment, preview_change
from visalookup.services.changes.proposals.propose import ProposalOrder, propose
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.audit.models import AuditEntry
from visalookup.storage.ledger import Conflict, last_change_of_regime
from visalookup.storage.models import Revision

GAZETTE = {
    "kind": "official",
    "publisher": "State Gazette",
    "title": "Agreement on visa exemption",
    "url": "https://gazette.example/7",
    "published_on": "2026-11-20",
    "accessed_on": "2026-11-22",
}
SIGNED = {"status": "signed", "on": "2026-11-20", "source": GAZETTE}
PACT = "kaz-isr-2026"


def person(name: str, role: Role) -> Member:
    return Member(1, name, name.capitalize(), role, RIGHTS[role])


EDITH = person("edith", Role.EDITOR)
PAUL = person("paul", Role.PUBLISHER)


class Office:
    """People at work on one ledger."""

    def __init__(self, session: Session, clock: FixedClock) -> None:
        self.session = session
        self.clock = clock
        self.rulebook_store = RulebookStore(lambda: float("inf"))

    def propose(
        self,
        payload: dict[str, Any],
        kind: ProposalKind = ProposalKind.STEP,
        regime_id: str = PACT,
        by: Member = EDITH,
        **order: Any,
    ) -> Proposal:
        seen = {"form_key": repr(payload), "based_on": last_change_of_regime(self.session, regime_id)}
        made = ProposalOrder(**{**seen, "reason": "The gazette says so.", **order})
        amendment = Amendment(kind, regime_id, payload)
        return propose(self.session, RulebookStore(), amendment, made, by, self.clock())

    def publish(self, proposal: Proposal, by: Member = PAUL, *, review: bool = True) -> int:
        return publish(self.session, RulebookStore(), proposal.id, by, review=review, now=self.clock()).revision

    def revisions(self) -> int | None:
        return self.session.scalar(select(func.count()).select_from(Revision))

    def deeds(self) -> list[tuple[str, str]]:
        query = select(AuditEntry.action, AuditEntry.actor).order_by(AuditEntry.number)
        return [(action, actor) for action, actor in self.session.execute(query)]


@pytest.fixture
def office(ledger: Session, clock: FixedClock) -> Office:
    return Office(ledger, clock)


def test_a_proposal_changes_nothing_until_another_person_publishes_it(office: Office) -> None:
    proposal = office.propose(SIGNED)
    assert proposal.summary == "Signed, effective 2026-11-20"
    assert office.revisions() == 1
    assert office.publish(proposal) == 2
    (pending,) = ask(office.session, "KAZ ISR", office.clock()).best.pending
    assert pending.event is not None
    assert pending.event.status == "signed"
    assert [deed for deed in office.deeds() if deed[0] != "revision_recorded"] == [
        ("proposed", "edith"),
        ("published", "paul"),
    ]


def test_nobody_publishes_their_own_proposal_where_review_is_on(office: Office) -> None:
    proposal = office.propose(SIGNED, by=PAUL)
    with pytest.raises(NotAllowed, match="another person must publish it"):
        office.publish(proposal, PAUL)
    assert office.revisions() == 1


def test_an_office_of_one_may_publish_alone_and_the_record_says_so(office: Office) -> None:
    proposal = office.propose(SIGNED, by=PAUL)
    office.publish(proposal, PAUL, review=False)
    (found,) = list_proposals(office.session)
    assert found.decision is not None
    assert found.decision.alone
    assert "published by one person" in office.session.get_one(Revision, 2).reason


def test_an_editor_publishes_nothing(office: Office) -> None:
    proposal = office.propose(SIGNED)
    other_editor = person("emil", Role.EDITOR)
    with pytest.raises(NotAllowed, match="publishers and administrators"):
        office.publish(proposal, other_editor)


def test_a_token_without_the_scope_proposes_nothing(office: Office) -> None:
    reader = Member(1, "edith", "Edith", Role.EDITOR, frozenset({Right.READ}))
    with pytest.raises(NotAllowed):
        office.propose(SIGNED, by=reader)


def test_a_form_sent_twice_is_one_proposal(office: Office) -> None:
    first = office.propose(SIGNED, form_key="the same form")
    assert office.propose(SIGNED, form_key="the same form") == first
    assert len(list_proposals(office.session)) == 1


def test_a_proposal_published_twice_is_one_revision(office: Office) -> None:
    proposal = office.propose(SIGNED)
    office.publish(proposal)
    with pytest.raises(Conflict, match="published by paul already"):
        office.publish(proposal)
    assert office.revisions() == 2


def test_of_two_proposals_on_the_same_record_the_second_must_be_taken_up_again(office: Office) -> None:
    one = office.propose(SIGNED)
    other = office.propose({"status": "withdrawn", "on": "2026-11-21", "source": GAZETTE})
    office.publish(one)
    with pytest.raises(Conflict, match="has changed since this was proposed"):
        office.publish(other)
    renewed = office.propose(
        {"status": "withdrawn", "on": "2026-11-21", "source": "press"}, form_key="again", renews=other.id
    )
    assert office.publish(renewed) == 3
    with pytest.raises(Conflict, match="already been taken up again"):
        office.propose({"status": "withdrawn", "on": "2026-11-21", "source": "press"}, form_key="3", renews=other.id)


def test_who_opened_the_form_before_somebody_else_saved_is_told(office: Office) -> None:
    office.publish(office.propose(SIGNED))
    with pytest.raises(Conflict, match="has changed since you opened this form"):
        office.propose({"milestone": "ratified", "on": "2026-11-22", "source": "press"}, based_on=1)


def test_a_proposal_is_returned_with_a_comment_by_another_person(office: Office) -> None:
    proposal = office.propose(SIGNED)
    returned = return_proposal(office.session, proposal.id, PAUL, "Cite the gazette.", office.clock())
    assert returned.decision is not None
    assert (returned.decision.outcome, returned.decision.comment) == (Outcome.RETURNED, "Cite the gazette.")
    with pytest.raises(Conflict, match="returned by paul already"):
        office.publish(proposal)


def test_only_its_author_takes_a_proposal_back(office: Office) -> None:
    proposal = office.propose(SIGNED)
    with pytest.raises(NotAllowed, match="Only edith"):
        take_back(office.session, proposal.id, PAUL, office.clock())
    taken = take_back(office.session, proposal.id, EDITH, office.clock())
    assert taken.decision is not None
    assert taken.decision.outcome is Outcome.TAKEN_BACK


def test_there_is_no_proposal_of_a_number_nobody_drew(office: Office) -> None:
    with pytest.raises(NotFound):
        publish(office.session, RulebookStore(), 999, PAUL, review=True, now=office.clock())


@pytest.mark.parametrize(
    ("payload", "path", "said"),
    [
        (
            {"status": "in_force", "on": "2026-12-01", "source": GAZETTE},
            ("on",),
            "may only become signed, withdrawn",
        ),
        ({"status": "signed", "on": "2025-12-01", "source": GAZETTE}, ("on",), "comes before the last step"),
        ({"status": "signed", "on": "2026-12-01"}, ("source",), "source is missing"),
        ({"status": "signed", "on": "2026-12-01", "source": "hearsay"}, ("source",), "no source 'hearsay'"),
        ({"status": "signed", "on": "soon", "source": GAZETTE}, ("on",), "is not a date"),
        (
            {"status": "signed", "on": "2026-12-01", "source": {"kind": "press"}},
            ("source", "url"),
            "This is missing",
        ),
        ({"on": "2026-12-01", "source": GAZETTE}, (), "one of the two"),
        ({"milestone": "ratified", "party": "XYZ", "on": "2026-12-01", "source": "press"}, ("party",), "XYZ"),
    ],
)
def test_a_step_that_cannot_be_is_refused_at_its_field_and_nothing_is_written(
    office: Office, payload: dict[str, Any], path: tuple[str, ...], said: str
) -> None:
    with pytest.raises(FaultyData) as refusal:
        office.propose(payload)
    assert any(each.path == path and said in each.message for each in refusal.value.faults), [
        (each.path, each.message) for each in refusal.value.faults
    ]
    assert list_proposals(office.session) == []


def test_a_step_that_was_missed_is_put_in_its_place(office: Office) -> None:
    suspended = {"status": "suspended", "on": "2026-03-01", "source": "gazette"}
    office.publish(office.propose(suspended, regime_id="mar-aze-2024"))
    provisional = {"status": "provisionally_applied", "on": "2024-07-01", "source": "gazette"}
    with pytest.raises(FaultyData, match="1 fault"):
        office.propose(provisional, regime_id="mar-aze-2024")
    office.publish(office.propose({**provisional, "missed": True}, regime_id="mar-aze-2024"))
    assert ask(office.session, "MAR AZE", office.clock(), on="2024-07-15").best.verdict.requirement == "visa_free"


def test_a_correction_keeps_the_entry_and_says_why(office: Office) -> None:
    corrected = {"status": "in_force", "on": "2024-09-01", "source": "gazette"}
    proposal = office.propose(
        {"key": "in_force-1", "entry": corrected}, ProposalKind.CORRECTION, "mar-aze-2024", reason="A misprint."
    )
    office.publish(proposal)
    assert ask(office.session, "MAR AZE", office.clock(), on="2024-08-29").best.verdict.requirement is None
    assert ask(office.session, "MAR AZE", office.clock(), on="2024-09-01").best.verdict.requirement == "visa_free"
    with pytest.raises(FaultyData):
        office.propose(
            {"key": "signed-1", "entry": None}, ProposalKind.CORRECTION, "mar-aze-2024", reason="", form_key="x"
        )


def test_a_rule_gets_other_terms_for_a_reason(office: Office) -> None:
    terms = {"requirement": "visa_free", "stay": {"days": 90}, "source": "gazette"}
    office.publish(office.propose({"key": "MAR-AZE-ordinary", "terms": terms}, ProposalKind.RULE, "mar-aze-2024"))
    best = ask(office.session, "MAR AZE", office.clock()).best.verdict.best
    assert best is not None
    assert best.rule.terms.stay is not None
    assert best.rule.terms.stay.days == 90
    assert best.rule.terms.verification.level == "secondary", "the source was checked no better than before"


def test_a_check_today_makes_the_rules_fresh_and_changes_no_answer(office: Office) -> None:
    payload = {"checked_on": "2026-11-23"}
    amendment = Amendment(ProposalKind.VERIFICATION, "mar-aze-2024", payload)
    preview = preview_change(office.session, RulebookStore(), amendment, office.clock())
    assert [each for each in preview.impact if each.kind == "answer"] == []
    office.publish(office.propose(payload, ProposalKind.VERIFICATION, "mar-aze-2024"))
    best = ask(office.session, "MAR AZE", office.clock()).best.verdict.best
    assert best is not None
    assert (best.rule.terms.verification.level, str(best.rule.terms.verification.verified_on)) == (
        "official",
        "2026-11-23",
    )


def test_a_preview_says_for_whom_the_answer_changes_and_from_when(office: Office) -> None:
    office.publish(office.propose(SIGNED))
    in_force = {"status": "in_force", "on": "2027-03-01", "source": "press"}
    preview = preview_change(
        office.session, RulebookStore(), Amendment(ProposalKind.STEP, PACT, in_force), office.clock()
    )
    said = [change_sentence(each, office.clock()) for each in preview.impact if each.kind == "answer"]
    assert any(
        "Kazakhstan to Israel" in each and "visa required becomes visa-free" in each and "1 March 2027" in each
        for each in said
    ), said
    assert office.revisions() == 2, "a preview writes nothing"


NEW_REGIME = {
    "id": "jor-mar-2026",
    "kind": "bilateral_agreement",
    "title": "Agreement between Jordan and Morocco",
    "parties": ["JOR", "MAR"],
    "verification": {"level": "official", "verified_on": "2026-11-22"},
    "sources": {"gazette": GAZETTE},
    "timeline": [{"status": "signed", "on": "2026-11-20", "source": "gazette"}],
    "rules": [
        {
            "passports": ["JOR"],
            "destinations": ["MAR"],
            "requirement": "visa_free",
            "stay": {"days": 30},
            "source": "gazette",
        },
        {
            "passports": ["MAR"],
            "destinations": ["JOR"],
            "requirement": "visa_free",
            "stay": {"days": 30},
            "source": "gazette",
        },
    ],
}


def test_a_new_regime_comes_with_its_rules_for_both_directions(office: Office) -> None:
    office.publish(office.propose(NEW_REGIME, ProposalKind.REGIME, "jor-mar-2026"))
    for pair in ("JOR MAR", "MAR JOR"):
        (pending,) = ask(office.session, pair, office.clock()).best.pending
        assert pending.regime.id == "jor-mar-2026"
    with pytest.raises(FaultyData) as refusal:
        office.propose(NEW_REGIME, ProposalKind.REGIME, "jor-mar-2026", form_key="again")
    assert refusal.value.faults[0].path == ("id",)


def test_an_agreement_with_one_side_only_is_refused_unless_its_note_says_why(office: Office) -> None:
    one_sided = {**NEW_REGIME, "rules": NEW_REGIME["rules"][:1]}  # type: ignore[index]
    with pytest.raises(FaultyData):
        office.propose(one_sided, ProposalKind.REGIME, "jor-mar-2026")


TABLE = """\
passport,destination,documents,requirement,days,within_days,source,verified_on,note
AZE,ISR,,visa_free,30,,gazette,2026-11-20,
MAR,ISR,,visa_free,14,,gazette,2026-11-20,
"""


def test_a_table_changes_many_rules_or_none(office: Office) -> None:
    upload = {"name": "table.csv", "text": TABLE}
    office.publish(office.propose(upload, ProposalKind.FILE, "isr-visa-policy"))
    assert ask(office.session, "AZE ISR", office.clock()).best.verdict.requirement == "visa_free"
    assert ask(office.session, "MAR ISR", office.clock()).best.verdict.requirement == "visa_free"
    wrong = TABLE + "KAZ,ISR,,visa_fre,30,,gazette,2026-11-20,\nXXX,ISR,,visa_free,x,,hearsay,,\n"
    with pytest.raises(FaultyData) as refusal:
        office.propose({"name": "table.csv", "text": wrong}, ProposalKind.FILE, "isr-visa-policy")
    assert {each.line for each in refusal.value.faults} == {4, 5}


EXTENDING = """\
destination: GRL
extends: ISR
title: Visa policy of Greenland
sources:
  press: shared
"""


def test_a_file_that_is_uploaded_stands_on_its_own(office: Office) -> None:
    """What it would take over could change between the preview and the publication."""
    with pytest.raises(FaultyData) as refusal:
        office.propose({"name": "destinations/GRL.yaml", "text": EXTENDING}, ProposalKind.FILE, "grl-visa-policy")
    assert [(fault.line, fault.message.split(";")[0]) for fault in refusal.value.faults] == [
        (2, "This file has to stand on its own and cannot extend ISR"),
        (5, "Write the source 'press' in full: this file has to stand on its own."),
    ]


def test_a_file_that_is_uploaded_may_name_the_rest(office: Office) -> None:
    from tests.integration.world import ISRAEL

    text = f"{ISRAEL}- {{passports: [REST], requirement: visa_free, stay: {{days: 7}}, source: gazette}}\n"
    upload = {"name": "destinations/ISR.yaml", "text": text}
    office.publish(office.propose(upload, ProposalKind.FILE, "isr-visa-policy"))
    assert ask(office.session, "JOR ISR", office.clock()).best.verdict.requirement == "visa_free"


def test_a_file_replaces_a_regime_whole(office: Office) -> None:
    from tests.integration.world import ISRAEL

    stricter = ISRAEL.replace("requirement: e_visa", "requirement: visa_free")
    upload = {"name": "destinations/ISR.yaml", "text": stricter}
    office.publish(office.propose(upload, ProposalKind.FILE, "isr-visa-policy"))
    assert ask(office.session, "AZE ISR", office.clock()).best.verdict.requirement == "visa_free"
