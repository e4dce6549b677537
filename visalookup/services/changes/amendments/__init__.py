"""From what a form or a program sends to the regime as it would be: one module for each kind of proposal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from visalookup.domain.changes.amendments import without_uncited_sources
from visalookup.domain.changes.proposals import ProposalKind
from visalookup.domain.errors import InvalidValue, NotFound
from visalookup.domain.regimes import WholeRegime
from visalookup.services.changes.amendments.confirmations import confirm
from visalookup.services.changes.amendments.context import Amended, AmendmentContext
from visalookup.services.changes.amendments.corrections import correct_entry
from visalookup.services.changes.amendments.rules import amend_rule
from visalookup.services.changes.amendments.steps import add_step
from visalookup.services.changes.amendments.whole import replace_by_file, write_regime

Payload = Mapping[str, Any]

_EXISTING: dict[ProposalKind, Callable[[WholeRegime, Payload, AmendmentContext], Amended]] = {
    ProposalKind.STEP: add_step,
    ProposalKind.CORRECTION: correct_entry,
    ProposalKind.RULE: amend_rule,
    ProposalKind.VERIFICATION: confirm,
}
_WHOLE: dict[ProposalKind, Callable[[WholeRegime | None, Payload, AmendmentContext], Amended]] = {
    ProposalKind.REGIME: write_regime,
    ProposalKind.FILE: replace_by_file,
}


def amend(kind: ProposalKind, before: WholeRegime | None, payload: Payload, context: AmendmentContext) -> Amended:
    """The regime after the amendment, and in a few words what it does.

    Raise FaultyData for a payload that does not fit, with the path of each fault; StepRefused or InvalidValue for
    what the domain refuses; NotFound where there is nothing to amend.
    """
    if kind in _WHOLE:
        amended = _WHOLE[kind](before, payload, context)
    elif before is None:
        raise NotFound("regime", None, "There is no such regime to change", "the list of regimes names them all")
    else:
        amended = _EXISTING[kind](before, payload, context)
    if amended.whole == before:
        raise InvalidValue("Nothing would change: the record says so already.")
    tidy = without_uncited_sources(amended.whole)
    context.check(before, tidy)
    return Amended(tidy, amended.summary)
