"""Import an outside table as unverified rules of a separate regime, where we know nothing better."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.datasets.outside_table import TableClaim, TableRow, in_their_classes
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lifecycle import Status, StatusEvent, build_timeline
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.regimes import Regime, RegimeKind, Rule, Terms
from visalookup.domain.requirements import Stay
from visalookup.domain.rulebook import Rulebook, build_rulebook
from visalookup.domain.sources import Source, Verification, VerificationLevel
from visalookup.domain.survey import Finding, find
from visalookup.services.changes.put_regime import put_regime
from visalookup.services.datasets.matrix import day_at_destination
from visalookup.services.lookup.rulebook_store import newest_rulebook
from visalookup.storage.ledger import Author, lock_for_writing
from visalookup.storage.models import Origin

_UNVERIFIED = Verification(VerificationLevel.UNVERIFIED)
_NOTE = "Taken in from a table as it stood; nobody has read the source of this answer."


class ImportOutcome(StrEnum):
    """How one line of the table is handled."""

    NEW = "new"
    """We have no answer: it becomes a rule."""
    MORE_FAVOURABLE = "more favourable"
    """Our answer is unverified and stricter: it becomes a rule, which then answers."""
    SAME = "same"
    """Our answer is the same."""
    BETTER_VERIFIED = "better verified"
    """Our answer differs and is verified: it stays."""
    STRICTER = "stricter"
    """Our answer is unverified and more favourable. It stays for staff to review: a rule cannot remove another one."""

    @property
    def becomes_rule(self) -> bool:
        """Whether the line is imported as a rule."""
        return self in (ImportOutcome.NEW, ImportOutcome.MORE_FAVOURABLE)


@dataclass(frozen=True, slots=True)
class ImportCandidate:
    """One line of the table, our current answer, and how the line is handled."""

    row: TableRow
    finding: Finding
    outcome: ImportOutcome


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import: the source of the table, the id of its regime, and the day it describes."""

    source: Source
    regime_id: str
    on: date
    actor: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import, with the revision if it was applied."""

    proposals: tuple[ImportCandidate, ...]
    revision: int | None = None

    def having(self, outcome: ImportOutcome) -> list[ImportCandidate]:
        """Return the candidates with this outcome."""
        return [candidate for candidate in self.proposals if candidate.outcome is outcome]


def preview_import(session: Session, rows: Sequence[TableRow], order: ImportOrder, now: datetime) -> ImportReport:
    """Return what an import would change; raise InvalidValue if the id belongs to another regime."""
    rulebook = newest_rulebook(session)
    _check_regime(rulebook, order)
    return ImportReport(tuple(_candidates(_without_regime(rulebook, order.regime_id), rows, order, now)))


def apply_import(session: Session, rows: Sequence[TableRow], order: ImportOrder, now: datetime) -> ImportReport:
    """Write the regime with the rules that the preview shows, or retract it if there are none.

    The caller commits.
    """
    lock_for_writing(session)
    report = preview_import(session, rows, order, now)
    rules = tuple(_rule(candidate.row, order) for candidate in report.proposals if candidate.outcome.becomes_rule)
    wanted = DataSet(regimes=(_regime(order, rules),), rules=rules) if rules else DataSet()
    author = Author(order.actor, Origin.STAFF, f"Table imported from {order.source.publisher}")
    return ImportReport(report.proposals, put_regime(session, order.regime_id, wanted, author, now))


def _check_regime(rulebook: Rulebook, order: ImportOrder) -> None:
    known = rulebook.regimes.get(order.regime_id)
    if known is not None and (known.title, known.kind) != (_title(order.source), RegimeKind.DOMESTIC_LAW):
        raise InvalidValue(f"{order.regime_id} is already another regime; choose another id for this table.")


def _without_regime(rulebook: Rulebook, regime_id: str) -> Rulebook:
    """Return the rulebook without an earlier import of the same table."""
    regimes = [regime for regime in rulebook.regimes.values() if regime.id != regime_id]
    rules = [rule for regime in regimes for rule in rulebook.by_regime.get(regime.id, ())]
    return build_rulebook(rulebook.edition, rulebook.places, regimes, rules)


def _candidates(
    rulebook: Rulebook, rows: Iterable[TableRow], order: ImportOrder, now: datetime
) -> Iterable[ImportCandidate]:
    day_at = day_at_destination(None, now)
    for row in rows:
        if row.passport.issues_documents and row.destination.can_be_entered:
            finding = find(rulebook, row.passport, row.destination, max(day_at(row.destination), order.on))
            yield ImportCandidate(row, finding, _outcome(row.claim, finding))


def _outcome(claim: TableClaim, finding: Finding) -> ImportOutcome:
    ours = in_their_classes(finding.requirement)
    if ours is None:
        return ImportOutcome.NEW
    if ours is claim.requirement:
        return ImportOutcome.SAME
    if finding.level is not VerificationLevel.UNVERIFIED:
        return ImportOutcome.BETTER_VERIFIED
    return ImportOutcome.MORE_FAVOURABLE if claim.requirement.rank < ours.rank else ImportOutcome.STRICTER


def _title(source: Source) -> str:
    return f"Entry rules as listed by {source.publisher}: {source.title}"


def _regime(order: ImportOrder, rules: Iterable[Rule]) -> Regime:
    start = StatusEvent(
        key=f"{Status.IN_FORCE}-1",
        status=Status.IN_FORCE,
        effective=EffectiveDate.parse(order.on.isoformat(), attested=True),
        source_key=order.source.key,
    )
    return Regime(
        id=order.regime_id,
        kind=RegimeKind.DOMESTIC_LAW,
        title=_title(order.source),
        parties=tuple(sorted({rule.destination for rule in rules})),
        timeline=build_timeline([start], []),
        sources={order.source.key: order.source},
        verification=_UNVERIFIED,
        note=_NOTE,
    )


def _rule(row: TableRow, order: ImportOrder) -> Rule:
    passport, destination = row.passport.code, row.destination.code
    terms = Terms(
        requirement=row.claim.requirement,
        source_key=order.source.key,
        verification=_UNVERIFIED,
        stay=Stay(days=row.claim.days) if row.claim.days else None,
        note=_NOTE,
    )
    return Rule(f"{passport}-{destination}-ordinary", order.regime_id, passport, destination, terms)
