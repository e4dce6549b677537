"""Every refusal of the domain, word for word: what was wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.builders import ISRAEL, PLACES, grant, regime, step
from visalookup.domain.accounts.identities import NoRole
from visalookup.domain.accounts.names import check_account_name, check_display_name
from visalookup.domain.accounts.passwords import check_password
from visalookup.domain.accounts.roles import Role
from visalookup.domain.accounts.tokens import checked_order
from visalookup.domain.agencies.agency import check_may_have_another, check_questions, check_title
from visalookup.domain.datasets.consistency import check_consistency
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.datasets.outside_table import parse_claim
from visalookup.domain.errors import DomainError, quoted
from visalookup.domain.gazetteer import build_gazetteer
from visalookup.domain.lifecycle import build_timeline
from visalookup.domain.moments import YEARS_OF_LAW, EffectiveDate, PartialDate, parse_day, parse_instant
from visalookup.domain.requirements import Stay, StayTotal
from visalookup.domain.webhooks.addresses import Target, check_address, check_public, target_of
from visalookup.domain.webhooks.subscription import CountryPair, checked_pairs

MANY_PAIRS = [CountryPair(str(number), None) for number in range(201)]
PLAIN_HTTP = Target(False, "hooks.example", 80, "/")

REFUSALS: list[tuple[Callable[[], object], str]] = [
    # days and instants
    (
        lambda: PartialDate.parse("28 August 2024"),
        "'28 August 2024' is not a date; write it as 2024-08-28, 2024-08 or 2024.",
    ),
    (lambda: PartialDate.parse("2024-02-30"), "'2024-02-30' is not a day of the calendar."),
    (lambda: parse_day("2024-08"), "'2024-08' is not a day; write it as 2024-08-28."),
    (lambda: parse_day("2023-02-29"), "'2023-02-29' is not a day of the calendar."),
    (lambda: EffectiveDate(), "An effective date is either a day or an instant."),
    (
        lambda: EffectiveDate(date(2024, 9, 10), datetime(2024, 9, 10, tzinfo=UTC)),
        "An effective date is either a day or an instant.",
    ),
    (
        lambda: EffectiveDate(instant=datetime(2024, 9, 10, 15)),  # noqa: DTZ001 - the fault that is refused
        "An instant needs its offset, as in 2024-09-10T15:00:00+01:00.",
    ),
    (lambda: YEARS_OF_LAW.check(date(1799, 12, 31)), "The year 1799 is outside 1800 to 2200."),
    (lambda: YEARS_OF_LAW.check(date(2201, 1, 1)), "The year 2201 is outside 1800 to 2200."),
    (lambda: parse_instant("at three"), "'at three' is not an instant; write it as 2024-09-10T14:00:00Z."),
    (
        lambda: parse_instant("2024-09-10T15:00:00"),
        "'2024-09-10T15:00:00' has no offset; write it as 2024-09-10T15:00:00Z or 2024-09-10T15:00:00+01:00.",
    ),
    (
        lambda: parse_instant("2024-09-10"),
        "'2024-09-10' has no offset; write it as 2024-09-10T00:00:00Z or 2024-09-10T00:00:00+01:00.",
    ),
    (lambda: parse_instant("0001-01-01T00:00:00+01:00"), "'0001-01-01T00:00:00+01:00' is outside the years 1 to 9999."),
    # stays
    (lambda: StayTotal(90), "A total needs either within_days or calendar_year."),
    (lambda: StayTotal(90, 180, calendar_year=True), "A total needs either within_days or calendar_year."),
    (lambda: Stay(), "A stay is given in days, in months or as unlimited: one of them."),
    (lambda: Stay(days=30, months=1), "A stay is given in days, in months or as unlimited: one of them."),
    (lambda: Stay(days=30, unlimited=True), "A stay is given in days, in months or as unlimited: one of them."),
    (lambda: Stay(months=1, within_days=90), "within_days needs days, and cannot be shorter than them."),
    (lambda: Stay(days=30, within_days=29), "within_days needs days, and cannot be shorter than them."),
    # steps of a regime
    (lambda: step("in_force", "2024-08"), "in_force changes an answer, so it needs a day or an instant, not 2024-08."),
    (
        lambda: build_timeline([step("suspended", "2024-08-28")]),
        "suspended on 2024-08-28 is refused: a new regime may only become memorandum_of_intent, signed, in_force.",
    ),
    (
        lambda: build_timeline([step("in_force", "2024-01-01"), step("withdrawn", "2024-08-28")]),
        "withdrawn on 2024-08-28 is refused: a regime in status in_force may only become suspended, terminated.",
    ),
    (
        lambda: build_timeline([step("signed", "2024"), step("withdrawn", "2025"), step("signed", "2026")]),
        "signed on 2026 is refused: a regime in status withdrawn has ended and takes no further step.",
    ),
    # places
    (
        lambda: build_gazetteer([ISRAEL]).find("Isreal"),
        "'Isreal' is not a place we know; did you mean Israel (ISR)?",
    ),
    (
        lambda: build_gazetteer([ISRAEL]).find(" "),
        "No place is given; send its code or its name, such as KAZ or Kazakhstan.",
    ),
    (
        lambda: build_gazetteer([ISRAEL]).find("x" * 101),
        "A place has at most 100 characters; send its code or name.",
    ),
    # members of staff
    (
        lambda: check_account_name("Edith Miller"),
        "'Edith Miller' cannot be an account's name: use lower case letters and digits, with single dots, hyphens or"
        " underscores between them, or an e-mail address.",
    ),
    (lambda: check_display_name(" "), "Write the name of the person as pages show it, in 1 to 100 characters."),
    (
        lambda: check_password("elevenchars", "edith"),
        "The password is too short: use at least 12 characters, such as four words.",
    ),
    (lambda: check_password("x" * 501, "edith"), "The password is too long: use at most 500 characters."),
    (
        lambda: check_password("abcabcabcabcabc", "edith"),
        "The password repeats the same few characters: choose another, such as four words without a connection.",
    ),
    (
        lambda: check_password("Password123456", "edith"),
        "The password is among the commonest, which are guessed first: choose another, such as four words without a"
        " connection.",
    ),
    (
        lambda: check_password("edith.miller2026", "edith.miller"),
        "The password is made of the account's name: choose another, such as four words without a connection.",
    ),
    (
        lambda: checked_order("!", [], 0, Role.EDITOR),
        "Write a name of letters, digits, spaces and . : @ / - _, beginning with a letter or digit."
        " Choose at least one scope: read, propose. Write 1 to 366 days.",
    ),
    (
        lambda: checked_order("", ["administer"], 1, Role.PUBLISHER),
        "Write a name that says what the token is for."
        " There is no scope 'administer'; choose from read, propose, publish.",
    ),
    (
        lambda: checked_order("x" * 61, ["publish"], 1, Role.EDITOR),
        "Write a name of at most 60 characters."
        " A token cannot do more than its owner: as editor choose from read, propose.",
    ),
    # agencies and their webhooks
    (lambda: check_title(" "), "Write the agency's name as pages show it, in 1 to 100 characters."),
    (
        lambda: check_questions(0, "a minute"),
        "Write 1 to 1000000000 questions a minute, or nothing for what is usual.",
    ),
    (
        lambda: check_may_have_another(2, "travels"),
        "travels has 2 keys that are good, and may have 2; revoke one first.",
    ),
    (
        lambda: checked_pairs([]),
        'Send at least one pair; {"passport": "any", "destination": "any"} is every change.',
    ),
    (lambda: checked_pairs(MANY_PAIRS), "These are 201 pairs; send at most 200, or use `any` for one side."),
    (lambda: target_of("https://x/" + "a" * 1991), "The URL has 2001 characters; send at most 2000."),
    (
        lambda: target_of("ftp://hooks.example/"),
        "'ftp://hooks.example/' is not an https address; send one that begins with https://.",
    ),
    (
        lambda: target_of("https://edith@hooks.example/"),
        "Send the URL without a user, a password and a fragment.",
    ),
    (
        lambda: target_of("https://hooks.example:25/"),
        "Port 25 is not one for webhooks; use 443, or one from 1024 on.",
    ),
    (
        lambda: target_of("https://hooks.example/ä"),
        "Send the URL in printable ASCII, with all else percent-encoded, and names in punycode.",
    ),
    (
        lambda: target_of("https://"),
        "'https://' is not a URL; send one like https://example.com/visa-changes.",
    ),
    (
        lambda: check_public("10.0.0.1"),
        "The host of the webhook is at 10.0.0.1, which is not an address of the public internet; use another.",
    ),
    (
        lambda: check_address(PLAIN_HTTP, "93.184.216.34"),
        "Plain HTTP is for this machine only; send a URL that begins with https://.",
    ),
    # tables from elsewhere
    (
        lambda: parse_claim("maybe"),
        "'maybe' is not a number of days, -1, or one of: visa free, visa on arrival, eta, e-visa, visa required,"
        " no admission.",
    ),
]


@pytest.mark.parametrize(("attempt", "words"), REFUSALS)
def test_a_refusal_says_what_is_wrong_and_what_to_do(attempt: Callable[[], object], words: str) -> None:
    with pytest.raises(DomainError) as refusal:
        attempt()
    assert str(refusal.value) == words


def test_a_provider_that_names_no_role_is_no_reason_to_give_up() -> None:
    assert str(NoRole("groups")) == (
        "Your identity provider says who you are, but its claim “groups” names no role in this service. Ask an"
        " administrator of this service which group or role you need, and have it given to you there."
    )


def test_a_long_value_is_quoted_no_further_than_one_reads() -> None:
    assert quoted("x" * 60) == repr("x" * 60)
    assert quoted("x" * 61) == repr("x" * 59 + "…")


def test_records_that_cannot_stand_together_are_all_named() -> None:
    waiver = grant("visa_free", id_="waiver").also("ISR", "KAZ").also("XXX", "ISR")
    uncited = replace(regime("uncited", step("signed", "2026-01-27", key="signed-1")), sources={})
    stray = replace(waiver.rules[0], regime_id="stray")
    missing = replace(waiver.rules[1], terms=replace(waiver.rules[1].terms, source_key="treaty"))
    data = DataSet(tuple(PLACES.by_code.values()), (), (waiver.regime, uncited), (stray, missing, waiver.rules[2]))
    with pytest.raises(DomainError) as refusal:
        check_consistency(data)
    assert str(refusal.value) == (
        "KAZ-ISR belongs to stray, which is gone."
        " uncited: signed-1 cites the source 'gazette', which is gone."
        " waiver: XXX-ISR names a place that is gone."
        " waiver: its rules cite the source 'treaty', which is gone."
    )
