"""Two hundred proposals and publications at once, from several processes: none is lost, none is there twice."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MORNING, MakeDatabase, opened
from tests.integration.world import KAZAKHSTAN_ISRAEL, DataFiles, load
from visalookup.domain.accounts.roles import RIGHTS, Member, Role
from visalookup.domain.changes.proposals import ProposalKind
from visalookup.services.audit.verify_audit import verify_audit
from visalookup.services.changes.proposals.decide import publish, take_back
from visalookup.services.changes.proposals.preview import Amendment
from visalookup.services.changes.proposals.propose import ProposalOrder, propose
from visalookup.services.lookup.rulebook_store import RulebookStore
from visalookup.storage.changes.proposals import read_proposals
from visalookup.storage.ledger import Conflict, last_change_of_regime
from visalookup.storage.models import Revision
from visalookup.storage.snapshot import read_regime

PACTS = [f"pact-{number:02}" for number in range(8)]
PROCESSES, EACH = 4, 50


def member(name: str) -> Member:
    return Member(1, name, name, Role.PUBLISHER, RIGHTS[Role.PUBLISHER])


def work(url: str, worker: int) -> int:
    """Propose and publish fifty milestones on regimes that others change too; how often it began anew."""
    anew = 0
    rulebook_store = RulebookStore()
    with opened(url) as engine:
        for number in range(EACH):
            pact = PACTS[(number + worker) % len(PACTS)]
            while not publish_one(Session(engine), rulebook_store, worker, number, pact, anew):
                anew += 1
    return anew


def publish_one(
    session: Session, rulebook_store: RulebookStore, worker: int, number: int, pact: str, attempt: int
) -> bool:
    """Whether it went through; a conflict tells to begin anew on the record as it stands."""
    step = {"milestone": f"notified {worker}-{number}", "on": "2026-11-20", "source": "press"}
    author, publisher = member(f"author-{worker}"), member(f"publisher-{worker}")
    with session:
        seen = last_change_of_regime(session, pact)
        order = ProposalOrder(f"{worker}-{number}-{attempt}", seen, "")
        try:
            proposal = propose(
                session, rulebook_store, Amendment(ProposalKind.STEP, pact, step), order, author, MORNING
            )
            session.commit()
        except Conflict:
            session.rollback()
            return False
        try:
            publish(session, rulebook_store, proposal.id, publisher, review=True, now=MORNING)
            session.commit()
        except Conflict:
            session.rollback()
            take_back(session, proposal.id, author, MORNING)
            session.commit()
            return False
    return True


@pytest.fixture
def url(make_postgres: MakeDatabase, postgres_template: str, files: DataFiles) -> str:
    made = make_postgres(postgres_template)
    for pact in PACTS:
        files.write(f"regimes/{pact}.yaml", KAZAKHSTAN_ISRAEL.replace("kaz-isr-2026", pact))
    with opened(made) as engine, Session(engine) as session:
        load(session, files, MORNING)
        session.commit()
    return made


def test_two_hundred_proposals_and_publications_lose_nothing_and_repeat_nothing(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        list(pool.map(work, [url] * PROCESSES, range(PROCESSES)))

    with opened(url) as engine, Session(engine) as session:
        newest = session.scalar(select(func.max(Revision.number))) or 0
        assert newest == 1 + PROCESSES * EACH
        assert session.scalar(select(func.count()).select_from(Revision)) == newest, "no gap"
        regimes = [read_regime(session, pact, newest) for pact in PACTS]
        names = Counter(each.name for regime in regimes if regime for each in regime.timeline.milestones)
        assert names == {f"notified {worker}-{number}": 1 for worker in range(PROCESSES) for number in range(EACH)}
        decided = [each.decision for each in read_proposals(session, is_open=False, limit=10_000)]
        revisions = [each.revision for each in decided if each and each.revision]
        assert sorted(revisions) == list(range(2, newest + 1)), "each publication is one revision, each revision one"
        assert read_proposals(session, is_open=True, limit=10) == []
        assert list(verify_audit(session).breaks) == []
