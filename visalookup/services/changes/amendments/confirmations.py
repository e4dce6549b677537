"""Checked against its source, and still true: for a rule, a regime or a whole destination."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visalookup.domain.changes.amendments import confirmed
from visalookup.domain.date_phrases import describe_day
from visalookup.domain.errors import DomainError
from visalookup.domain.regimes import WholeRegime
from visalookup.formats.amendment_schemas import ConfirmationShape
from visalookup.services.changes.amendments.context import Amended, AmendmentContext, fault


def confirm(before: WholeRegime, payload: Mapping[str, Any], context: AmendmentContext) -> Amended:
    """The regime with these rules verified on the day; raise FaultyData where there is nothing to verify."""
    shape = context.read(payload, ConfirmationShape())
    if not before.rules:
        raise fault("This regime gives no rule, so there is nothing to verify.", "rules")
    regime, source = before.regime, None
    if "source" in shape:
        regime, source = context.cited(before.regime, shape["source"], "source")
    try:
        after = confirmed(WholeRegime(regime, before.rules), shape["rules"], shape["checked_on"], source)
    except DomainError as error:
        raise fault(str(error), "rules") from error
    checked = len(shape["rules"]) or len(before.rules)
    rules = "1 rule" if checked == 1 else f"{checked} rules"
    return Amended(after, f"Still true: {rules} checked on {describe_day(shape['checked_on'])}")
