"""The survey: what every passport meets everywhere, and what is counted of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import PLACES, Grant, grant, rulebook, source
from tests.unit import real_data
from visalookup.domain.lookup import Question, judge, look_up
from visalookup.domain.moments import PartialDate
from visalookup.domain.requirements import Requirement, Stay, StayTotal
from visalookup.domain.rulebook import Rulebook
from visalookup.domain.sources import Verification, VerificationLevel
from visalookup.services.datasets.coverage import CoverageKeeper, measure_coverage
from visalookup.services.datasets.matrix import MatrixRow, matrix

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNREAD = Verification(VerificationLevel.UNVERIFIED)


def row(passport: str, destination: str, *grants: Grant, on: date | None = None) -> MatrixRow:
    rows = matrix(rulebook(*grants), on, NOW)
    [found] = [each for each in rows if (each.passport, each.destination) == (passport, destination)]
    return found


class TestTheMatrix:
    def test_has_a_row_for_every_document_at_every_place_in_order_of_codes(self) -> None:
        pairs = [(each.passport, each.destination) for each in matrix(rulebook(), None, NOW)]
        assert len(pairs) == len(PLACES.passports) * len(PLACES.destinations)
        assert pairs == sorted(pairs)
        assert ("XXB", "GRL") in pairs
        assert not any(passport == "GRL" or destination == "XXB" for passport, destination in pairs)

    def test_says_what_is_asked_for_how_long_how_well_checked_and_by_what(self) -> None:
        waiver = grant("visa_free", stay=Stay(days=90, within_days=180))
        assert row("KAZ", "ISR", waiver) == ("KAZ", "ISR", "visa_free", 90, 180, "official", "visa-free")

    def test_says_plainly_where_nothing_is_known(self) -> None:
        assert row("KAZ", "ISR") == ("KAZ", "ISR", "unknown", None, None, None, None)

    def test_asks_nothing_of_a_citizen_at_home(self) -> None:
        assert row("KAZ", "KAZ") == ("KAZ", "KAZ", "freedom_of_movement", None, None, "secondary", None)

    def test_counts_a_month_as_thirty_days_and_leaves_an_open_stay_empty(self) -> None:
        assert row("KAZ", "ISR", grant("eta", stay=Stay(months=6))).stay_days == 180
        assert row("KAZ", "ISR", grant("eta", stay=Stay(unlimited=True))).stay_days is None
        capped = Stay(days=60, total=StayTotal(30, calendar_year=True))
        assert row("KAZ", "ISR", grant("eta", stay=capped)).stay_days == 30

    def test_is_of_the_day_asked_for(self) -> None:
        waiver = grant("visa_free", "signed 2026-01-01", "in_force 2027-03-01")
        assert row("KAZ", "ISR", waiver).requirement == "unknown"
        assert row("KAZ", "ISR", waiver, on=date(2027, 3, 1)).requirement == "visa_free"


class TestCoverage:
    def test_counts_pairs_by_requirement_and_by_level_without_citizens_at_home(self) -> None:
        read = grant("visa_free", stay=Stay(days=30))
        unread = grant("visa_required", passport="KAZ", destination="GRL", verification=UNREAD)
        found = measure_coverage(rulebook(read, unread), None, NOW)
        nations = len(PLACES.nations)
        assert found.nations == nations
        assert found.among_nations.pairs == nations * (nations - 1)
        assert found.everywhere.pairs == found.among_nations.pairs + nations, "Greenland issues no passports"
        assert (found.among_nations.answered, found.everywhere.answered) == (1, 2)
        assert found.everywhere.by_requirement == Counter(
            {Requirement.VISA_FREE: 1, Requirement.VISA_REQUIRED: 1, None: found.everywhere.pairs - 2}
        )
        assert found.everywhere.by_level[VerificationLevel.UNVERIFIED] == 1

    def test_a_destination_is_as_old_as_the_oldest_state_it_rests_on(self) -> None:
        fresh = grant("visa_free", stay=Stay(days=30))
        aged = grant("visa_free", destination="JPN", id_="aged", stay=Stay(days=30))
        sources = {"gazette": source(state_on=PartialDate.parse("2019"))}
        aged = replace(aged, regime=replace(aged.regime, sources=sources))
        found = measure_coverage(rulebook(fresh, aged), None, NOW)
        by_code = {each.destination.code: each for each in found.destinations}
        assert by_code["JPN"].oldest == date(2019, 1, 1)
        assert by_code["ISR"].oldest == date(2026, 11, 23)
        assert [each.destination.code for each in found.destinations][-2:] == ["JPN", "ISR"]
        assert found.destinations[0].oldest is None

    def test_the_level_that_prevails_is_the_lesser_where_two_are_level(self) -> None:
        read = grant("visa_free", destination="GRL", stay=Stay(days=30))
        book = rulebook(read)
        [greenland] = [e for e in measure_coverage(book, None, NOW).destinations if e.destination.code == "GRL"]
        assert greenland.prevailing is None, "nothing is known of the others"

    def test_is_measured_once_for_a_revision_and_a_day(self) -> None:
        keeper, book = CoverageKeeper(), rulebook()
        first = keeper.today(book, NOW)
        assert keeper.today(book, NOW) is first
        assert keeper.today(book, NOW.replace(day=24)) is not first


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The rulebook we ship, read before hypothesis looks at the clock."""
    return real_data.rulebook()


@given(data=st.data())
def test_the_verdict_alone_is_the_verdict_of_the_whole_answer(book: Rulebook, data: st.DataObject) -> None:
    asked = Question(
        data.draw(st.sampled_from(book.places.passports)),
        data.draw(st.sampled_from(book.places.destinations)),
        data.draw(st.dates(date(2022, 1, 1), date(2028, 1, 1))),
    )
    assert judge(book, asked) == look_up(book, asked).verdict
