"""How long a passport must be valid: at home, in Schengen, and where the rule or nobody says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.builders import ask, condition, grant, source
from visalookup.domain.conditions import Condition
from visalookup.domain.entry_facts import CitedEntry, EntryFacts, PassportRule, PassportValidity, ValidityAnchor
from visalookup.domain.lookup import Answer
from visalookup.domain.moments import months_after
from visalookup.domain.sources import Verification, VerificationLevel
from visalookup.domain.trips.passport_validity import (
    BORDERS_CODE,
    FREE_MOVEMENT,
    Validity,
    ValidityCheck,
    ValidityStatus,
    check_validity,
)

ARRIVAL, DEPARTURE = date(2026, 12, 1), date(2026, 12, 10)
THREE_MONTHS_ON = date(2027, 3, 10)
ISSUED = date(2020, 1, 1)
ASKED = (
    "To enter the Schengen area a passport must be valid for three months after you plan to leave"
    " and issued less than ten years before you arrive"
)


def visa_free(*conditions: Condition) -> Answer:
    return ask(grant("visa_free", conditions=conditions))


def checked(
    expires_on: date | None,
    *,
    issued_on: date | None = ISSUED,
    answer: Answer | None = None,
    departure: date | None = DEPARTURE,
    in_schengen: bool = False,
) -> ValidityCheck:
    validity = Validity(issued_on, expires_on)
    return check_validity(answer or visa_free(), validity, ARRIVAL, departure, in_schengen=in_schengen)


def test_at_home_a_document_must_only_be_valid_on_arrival() -> None:
    check = checked(ARRIVAL, answer=ask(passport="ISR"), in_schengen=True)
    assert check == ValidityCheck(ValidityStatus.ENOUGH, "To enter your own country the document must only be valid.")


@pytest.mark.parametrize("in_schengen", [True, False])
def test_a_document_that_expires_during_the_stay_is_too_short_everywhere(in_schengen: bool) -> None:
    assert checked(date(2026, 12, 9), in_schengen=in_schengen) == ValidityCheck(
        ValidityStatus.TOO_SHORT, "The document expires on 9 December 2026, during the stay; renew it first.", DEPARTURE
    )


def test_a_document_that_expires_on_the_day_of_departure_is_valid_during_the_whole_stay() -> None:
    assert checked(DEPARTURE).status is ValidityStatus.NOT_KNOWN


def test_who_moves_freely_needs_a_document_that_is_valid_until_the_day_of_departure() -> None:
    free = ask(grant("freedom_of_movement"))
    assert checked(DEPARTURE, answer=free, in_schengen=True) == ValidityCheck(
        ValidityStatus.ENOUGH, "Who moves freely needs only a valid document.", DEPARTURE, FREE_MOVEMENT
    )


def test_free_movement_elsewhere_says_nothing_of_how_long_the_passport_must_be_valid() -> None:
    assert checked(DEPARTURE, answer=ask(grant("freedom_of_movement"))).status is ValidityStatus.NOT_KNOWN


def test_in_schengen_three_months_after_departure_are_enough_to_the_day() -> None:
    assert checked(THREE_MONTHS_ON, in_schengen=True) == ValidityCheck(
        ValidityStatus.ENOUGH, f"{ASKED}.", THREE_MONTHS_ON, BORDERS_CODE
    )


def test_in_schengen_a_day_less_than_three_months_is_too_short() -> None:
    assert checked(date(2027, 3, 9), in_schengen=True) == ValidityCheck(
        ValidityStatus.TOO_SHORT,
        f"{ASKED}: yours expires on 9 March 2027, before 10 March 2027.",
        THREE_MONTHS_ON,
        BORDERS_CODE,
    )


@pytest.mark.parametrize(
    ("expires_on", "departure", "missing"),
    [
        (None, DEPARTURE, "expires_on"),
        (THREE_MONTHS_ON, None, "departure"),
        (None, None, "expires_on and departure"),
    ],
)
def test_in_schengen_nothing_is_guessed_where_a_day_is_missing(
    expires_on: date | None, departure: date | None, missing: str
) -> None:
    assert checked(expires_on, departure=departure, in_schengen=True) == ValidityCheck(
        ValidityStatus.NOT_KNOWN,
        f"{ASKED}; send {missing} to have it checked.",
        THREE_MONTHS_ON if departure else None,
        BORDERS_CODE,
    )


def test_in_schengen_without_the_day_of_issue_its_age_is_not_known() -> None:
    assert checked(date(2030, 1, 1), issued_on=None, in_schengen=True) == ValidityCheck(
        ValidityStatus.NOT_KNOWN, f"{ASKED}; send issued_on to have it checked.", THREE_MONTHS_ON, BORDERS_CODE
    )


def test_in_schengen_what_expires_too_early_is_too_short_whenever_it_was_issued() -> None:
    assert checked(date(2027, 3, 9), issued_on=None, in_schengen=True).status is ValidityStatus.TOO_SHORT


def test_in_schengen_an_age_of_ten_years_to_the_day_of_arrival_is_a_day_too_much() -> None:
    """Regulation (EU) 2016/399, article 6(1)(a)(ii): issued within the previous ten years."""
    statuses = [checked(date(2030, 1, 1), issued_on=date(2016, 12, day), in_schengen=True).status for day in (1, 2)]
    assert statuses == [ValidityStatus.TOO_SHORT, ValidityStatus.ENOUGH]


def test_in_schengen_a_passport_issued_longer_ago_is_refused_however_long_it_is_valid() -> None:
    assert checked(date(2030, 1, 1), issued_on=date(2016, 11, 30), in_schengen=True) == ValidityCheck(
        ValidityStatus.TOO_SHORT, f"{ASKED}: yours is older than that.", source=BORDERS_CODE
    )


def test_elsewhere_the_conditions_of_the_rule_are_quoted_and_only_those_on_validity() -> None:
    answer = visa_free(
        condition("other", "Your Passport must be VALID for six months."),
        condition("funds", "You can show a valid ticket."),
        condition("other", "The passport is valid on departure."),
    )
    assert checked(None, answer=answer) == ValidityCheck(
        ValidityStatus.SEE_CONDITIONS,
        "The rule asks: Your Passport must be VALID for six months. The passport is valid on departure.",
    )


@pytest.mark.parametrize("answer", [ask(), visa_free(), visa_free(condition("other", "Passports are invalid."))])
def test_elsewhere_without_such_a_condition_it_is_not_known(answer: Answer) -> None:
    assert checked(None, answer=answer) == ValidityCheck(
        ValidityStatus.NOT_KNOWN,
        "Our sources do not say how long the passport must be valid; six months after departure is the usual"
        " advice, so ask the authority if yours has less.",
    )


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-01-15", 3, "2026-04-15"),
        ("2026-09-30", 3, "2026-12-30"),
        ("2026-10-01", 3, "2027-01-01"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2016-12-31", 120, "2026-12-31"),
        ("2016-02-29", 120, "2026-02-28"),
        ("2026-12-05", 12, "2027-12-05"),
    ],
)
def test_a_date_some_months_later_is_the_same_date_or_the_last_of_a_shorter_month(
    day: str, months: int, later: str
) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(later)


GAZETTE = source()
CHECKED = Verification(VerificationLevel.SECONDARY, date(2026, 11, 23))


def facts(
    beyond: str, months: int | None = None, days: int | None = None, blank_pages: int | None = None
) -> CitedEntry:
    validity = PassportValidity(ValidityAnchor(beyond), months, days)
    rule = PassportRule("gazette", CHECKED, validity, blank_pages=blank_pages)
    return CitedEntry(EntryFacts(rule), {"gazette": GAZETTE})


def judged(entry: CitedEntry, expires_on: date | None, departure: date | None = DEPARTURE) -> ValidityCheck:
    return check_validity(visa_free(), Validity(None, expires_on), ARRIVAL, departure, entry, in_schengen=False)


class TestByThePassportRuleOfTheDestination:
    @pytest.mark.parametrize(
        ("entry", "least"),
        [
            (facts("entry", 6), date(2027, 6, 1)),
            (facts("entry", days=120), date(2027, 3, 31)),
            (facts("departure", 6), date(2027, 6, 10)),
            (facts("departure"), DEPARTURE),
            (facts("entry"), DEPARTURE),
        ],
    )
    def test_it_is_enough_to_the_day(self, entry: CitedEntry, least: date) -> None:
        found = judged(entry, least)
        assert (found.status, found.source) == (ValidityStatus.ENOUGH, GAZETTE)
        assert judged(entry, least - timedelta(days=1)).status is ValidityStatus.TOO_SHORT

    def test_where_no_day_is_stated_what_lies_between_arrival_and_departure_is_not_known(self) -> None:
        entry = facts("not_stated", 6)
        days = [date(2027, 5, 31), date(2027, 6, 1), date(2027, 6, 9), date(2027, 6, 10)]
        assert [str(judged(entry, day).status) for day in days] == ["too_short", "not_known", "not_known", "enough"]

    def test_without_the_day_of_departure_it_is_not_known_unless_it_is_too_short_already(self) -> None:
        entry = facts("departure", 6)
        assert judged(entry, date(2027, 5, 31), None).status is ValidityStatus.TOO_SHORT
        assert judged(entry, date(2030, 1, 1), None).status is ValidityStatus.NOT_KNOWN
        assert judged(facts("entry", 6), date(2027, 6, 1), None).status is ValidityStatus.ENOUGH

    def test_without_the_day_of_expiry_it_is_not_known(self) -> None:
        found = judged(facts("entry", 6), None)
        assert (found.status, found.needed_until) == (ValidityStatus.NOT_KNOWN, date(2027, 6, 1))
        assert found.sentence.endswith("six months after you arrive; send expires_on to have it checked.")

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("Your passport is valid for six more months and you hold a ticket.", "enough"),
            ("Your passport is valid for at least 6 months.", "enough"),
            ("Your passport is valid for at least eight months.", "see_conditions"),
            ("Your passport is valid for your stay.", "see_conditions"),
            ("Your passport is valid for 180 days.", "see_conditions"),
        ],
    )
    def test_a_rule_that_asks_otherwise_in_words_is_quoted(self, text: str, status: str) -> None:
        answer = visa_free(condition("other", text))
        validity = Validity(None, date(2030, 1, 1))
        found = check_validity(answer, validity, ARRIVAL, DEPARTURE, facts("entry", 6), in_schengen=False)
        assert str(found.status) == status
        assert (text in found.sentence) == (status == "see_conditions")

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("Your passport is valid for six more months.", "too_short"),
            ("Your passport is valid for at least eight months.", "too_short"),
            ("Your passport is valid for your stay.", "see_conditions"),
            ("Your passport is valid for three more months.", "see_conditions"),
            ("Your passport is valid for some months.", "see_conditions"),
        ],
    )
    def test_too_short_stands_unless_the_rule_asks_for_less_in_words(self, text: str, status: str) -> None:
        answer = visa_free(condition("other", text))
        validity = Validity(None, date(2027, 2, 1))
        found = check_validity(answer, validity, ARRIVAL, DEPARTURE, facts("entry", 6), in_schengen=False)
        assert str(found.status) == status

    @pytest.mark.parametrize(
        ("issued_on", "status", "end"),
        [
            (date(2020, 1, 1), "not_known", "our sources do not say how long it must be valid, so ask the authority."),
            (date(2016, 12, 1), "too_short", "yours is older than that."),
            (None, "not_known", "send issued_on to have it checked."),
        ],
    )
    def test_a_rule_on_its_age_alone_does_not_make_it_valid_long_enough(
        self, issued_on: date | None, status: str, end: str
    ) -> None:
        rule = PassportRule("gazette", CHECKED, issued_within_years=10, blank_pages=1)
        entry = CitedEntry(EntryFacts(rule), {"gazette": GAZETTE})
        validity = Validity(issued_on, date(2036, 1, 1))
        found = check_validity(visa_free(), validity, ARRIVAL, DEPARTURE, entry, in_schengen=False)
        assert (str(found.status), found.needed_until) == (status, None)
        assert found.sentence.endswith(end)

    def test_it_names_the_blank_pages_that_nobody_can_check_here(self) -> None:
        found = judged(facts("entry", 6, blank_pages=2), date(2030, 1, 1))
        assert found.sentence == (
            "To enter Israel a passport must be valid for six months after you arrive and have two blank pages."
        )
