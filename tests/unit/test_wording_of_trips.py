"""What a trip check found, in sentences a traveller understands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.builders import GERMANY, PLACES, UNITED_KINGDOM, grant
from tests.unit.test_trips import SCHENGEN_PLACES, check, leg, passport, transit
from visalookup.domain.requirements import Purpose
from visalookup.domain.trips.stay_limits import Limit, LimitCheck, LimitKind
from visalookup.domain.wording.trips import area_in_sentence, area_name, leg_sentence, limit_sentence

ROLLING = Limit(LimitKind.ROLLING, 90, within_days=180)
KEPT = LimitCheck(
    limit=ROLLING,
    used_on=date(2026, 12, 10),
    used=40,
    left=50,
    last_allowed=date(2027, 1, 29),
    first_overstay=None,
    earliest_arrival=date(2026, 12, 1),
    again_from=date(2026, 12, 11),
)
OVER = replace(KEPT, used=91, left=0, first_overstay=date(2026, 12, 10), earliest_arrival=date(2027, 2, 1))


def test_an_area_is_schengen_or_the_destination_alone() -> None:
    assert area_in_sentence("SCHENGEN", GERMANY) == "the Schengen area"
    assert area_in_sentence("GBR", UNITED_KINGDOM) == "the United Kingdom"
    assert area_name(SCHENGEN_PLACES, "SCHENGEN") == "The SCHENGEN bloc"
    assert area_name(PLACES, "GBR") == "United Kingdom"


NO_DOCUMENT = "No document is valid on 1 December 2026; you need one that is issued by then and has not expired."


def test_a_leg_without_a_valid_document_says_on_which_day() -> None:
    [checked] = check(leg("ISR", "2026-12-01"), documents=[passport(expires_on="2026-11-30")]).legs
    assert leg_sentence(checked) == NO_DOCUMENT


def test_a_leg_with_a_document_that_is_not_issued_yet_says_the_same() -> None:
    [checked] = check(leg("ISR", "2026-12-01"), documents=[passport(issued_on="2026-12-02")]).legs
    assert leg_sentence(checked) == NO_DOCUMENT


def test_an_ordinary_leg_needs_no_words() -> None:
    [checked] = check(leg("ISR", "2026-12-01"), grants=[grant("visa_free")]).legs
    assert leg_sentence(checked) is None


UNKNOWN_TRANSIT = (
    "We hold no rule on transit through the United Kingdom. The answer is the one for a visit, for who passes the"
    " border control; ask the airline or the authority about a change of planes."
)


def test_a_transit_of_which_nothing_is_known_says_so_and_whether_its_days_count() -> None:
    [alone] = check(transit("GBR", "2026-12-01")).legs
    assert leg_sentence(alone) == f"{UNKNOWN_TRANSIT} No days of stay are counted for it."
    within, _ = check(transit("GBR", "2026-12-01"), leg("GBR", "2026-12-02")).legs
    assert leg_sentence(within) == UNKNOWN_TRANSIT


def test_a_transit_that_the_rule_covers_says_so() -> None:
    covering = grant("visa_free", destination="GBR", purposes=frozenset({Purpose.VISIT, Purpose.TRANSIT}))
    [checked] = check(transit("GBR", "2026-12-01"), grants=[covering]).legs
    assert leg_sentence(checked) == "The rule for the United Kingdom is for transit too."


def test_a_transit_through_ones_own_country_needs_no_words() -> None:
    [checked] = check(transit("GBR", "2026-12-01"), documents=[passport("GBR")]).legs
    assert leg_sentence(checked) is None


def test_a_visit_within_a_limit_says_how_much_of_it_is_used() -> None:
    assert limit_sentence(KEPT, "the Schengen area") == (
        "Within the limit: 40 days of 90 days in any 180 in the Schengen area used by 10 December 2026."
    )


def test_a_visit_beyond_a_limit_says_from_when_it_is_too_long_and_when_it_would_be_allowed() -> None:
    used = "Too long: 91 days of 90 days in any 180 in Israel used by 10 December 2026."
    first = "The first day too many is 10 December 2026"
    assert limit_sentence(OVER, "Israel") == (f"{used} {first}; a stay of this length is allowed from 1 February 2027.")
    assert limit_sentence(replace(OVER, earliest_arrival=None), "Israel") == (
        f"{used} {first}; a stay of this length is never allowed under this rule."
    )


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(LimitKind.PER_VISIT, 30), "30 days a visit"),
        (Limit(LimitKind.PER_VISIT, 1), "1 day a visit"),
        (Limit(LimitKind.PER_VISIT, months=1), "1 month a visit"),
        (Limit(LimitKind.PER_VISIT, months=6), "6 months a visit"),
        (ROLLING, "90 days in any 180"),
        (Limit(LimitKind.CALENDAR_YEAR, 120), "120 days in a calendar year"),
    ],
)
def test_a_limit_is_named_by_its_number_and_what_it_is_counted_over(limit: Limit, words: str) -> None:
    sentence = limit_sentence(replace(KEPT, limit=limit, used=1), "Israel")
    assert sentence == f"Within the limit: 1 day of {words} in Israel used by 10 December 2026."
