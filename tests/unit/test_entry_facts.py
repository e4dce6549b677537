"""What a destination asks of every visitor: in files, in the ledger, in words, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import BLOCS, EDITION, PLACES, WORLD, Grant, grant, question, regime, source
from tests.unit.file_texts import POLICY, POLICY_FILE, changed, faults, read
from tests.unit.strategies import quick
from visalookup.domain.changes.amendments import without_uncited_sources
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.entry_at import entry_at, entry_for
from visalookup.domain.entry_facts import (
    CitedEntry,
    Concerned,
    EntryCondition,
    EntryConditionKind,
    EntryFacts,
    Fee,
    HowToApply,
    PassportRule,
    PassportValidity,
    ValidityAnchor,
)
from visalookup.domain.entry_phrases import passport_phrase
from visalookup.domain.errors import InvalidValue
from visalookup.domain.lookup import look_up
from visalookup.domain.moments import PartialDate
from visalookup.domain.regimes import WholeRegime
from visalookup.domain.requirements import Requirement
from visalookup.domain.rulebook import Rulebook, build_rulebook
from visalookup.domain.sources import Verification, VerificationLevel
from visalookup.formats.data_folder import read_data
from visalookup.formats.to_payload import regime_content, save_data
from visalookup.formats.yaml_dialect import write_document
from visalookup.storage.entry_facts import entry_column, entry_of

OFFICIAL = Verification(VerificationLevel.OFFICIAL, date(2026, 11, 23))
ENTRY = """\
entry:
  passport:
    validity: {beyond: departure, months: 6}
    issued_within_years: 10
    blank_pages: 2
    source: authority
    note: By the page of the authority.
  conditions:
  - kind: yellow_fever
    text: You come from a country with yellow fever.
    concerns: from_risk_countries
    source: authority
    verification: {level: unverified}
  - kind: arrival_card
    text: You register within three days before arrival.
    url: https://authority.example/card
    source: authority
  how_to_apply:
  - requirement: e_visa
    url: https://authority.example/visa
    fee: {amount: 16.50, currency: USD, on: 2026-01-01}
    usual_time: About three working days.
    source: authority
"""
WITH_ENTRY = changed(POLICY, "default:\n", f"{ENTRY}default:\n")
FACTS = EntryFacts(
    PassportRule(
        "authority",
        OFFICIAL,
        PassportValidity(ValidityAnchor.DEPARTURE, months=6),
        issued_within_years=10,
        blank_pages=2,
        note="By the page of the authority.",
    ),
    (
        EntryCondition(
            EntryConditionKind.YELLOW_FEVER,
            "You come from a country with yellow fever.",
            "authority",
            Verification(VerificationLevel.UNVERIFIED),
            Concerned.FROM_RISK_COUNTRIES,
        ),
        EntryCondition(
            EntryConditionKind.ARRIVAL_CARD,
            "You register within three days before arrival.",
            "authority",
            OFFICIAL,
            url="https://authority.example/card",
        ),
    ),
    (
        HowToApply(
            Requirement.E_VISA,
            "https://authority.example/visa",
            "authority",
            OFFICIAL,
            Fee("16.50", "USD", PartialDate.parse("2026-01-01")),
            "About three working days.",
        ),
    ),
)


class TestInAFile:
    def test_they_stand_under_entry(self) -> None:
        assert read(POLICY_FILE, WITH_ENTRY)[0].entry == FACTS

    def test_a_file_without_them_states_nothing(self) -> None:
        assert read(POLICY_FILE, POLICY)[0].entry is None

    def test_they_are_written_as_they_were_read(self) -> None:
        policy, rules = read(POLICY_FILE, WITH_ENTRY)
        text = write_document(regime_content(policy, rules, PLACES))
        assert read(POLICY_FILE, text) == (policy, rules)
        assert ENTRY in text

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("    source: authority\n    note", "    source: nowhere\n    note", "not a key under `sources`"),
            ("beyond: departure", "beyond: holiday", "is not one of entry, departure, not_stated"),
            ("months: 6}", "months: 6, days: 5}", "in months or in days"),
            ("kind: yellow_fever", "kind: fever", "is not one of onward_ticket"),
            ("amount: 16.50", "amount: about16", "is no amount"),
            ("currency: USD", "currency: dollars", "is no currency"),
            ("url: https://authority.example/visa", "url: authority.example", "Not a valid URL"),
            ("  conditions:", "  condition:", "Unknown field"),
        ],
    )
    def test_what_cannot_be_is_a_fault(self, old: str, new: str, message: str) -> None:
        assert any(message in fault.message for fault in faults(POLICY_FILE, changed(WITH_ENTRY, old, new)))

    def test_an_official_check_needs_an_official_source(self) -> None:
        text = changed(WITH_ENTRY, "kind: official", "kind: secondary")
        assert any("official, but the source is secondary" in fault.message for fault in faults(POLICY_FILE, text))

    def test_a_source_that_only_they_cite_is_cited(self) -> None:
        more = "  gazette:\n    kind: official\n    publisher: P\n    title: T\n    url: https://g.example\n"
        text = changed(WITH_ENTRY, "sources:\n", f"sources:\n{more}    accessed_on: 2026-11-23\n")
        assert any("'gazette' is not cited" in fault.message for fault in faults(POLICY_FILE, text))
        cited = changed(text, "    source: authority\n    note", "    source: gazette\n    note")
        assert set(read(POLICY_FILE, cited)[0].sources) == {"authority", "gazette"}


class TestInAFileThatExtendsAnother:
    HEAD = "destination: GRL\nextends: ISR\ntitle: Visa policy of Greenland\n"

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        save_data(DataSet(WORLD, BLOCS), tmp_path)
        (tmp_path / "destinations").mkdir()
        (tmp_path / POLICY_FILE).write_text(WITH_ENTRY, "utf-8")
        return tmp_path

    def read(self, folder: Path, more: str = "") -> EntryFacts | None:
        (folder / "destinations" / "GRL.yaml").write_text(self.HEAD + more, "utf-8")
        [found] = [each for each in read_data(folder).regimes if each.policy_of == "GRL"]
        return found.entry

    def test_they_are_taken_over(self, folder: Path) -> None:
        assert self.read(folder) == FACTS
        assert save_data(read_data(folder), folder) == []

    def test_its_own_stand_instead(self, folder: Path) -> None:
        own = "entry:\n  passport:\n    blank_pages: 1\n    source: authority\n"
        assert self.read(folder, own) == EntryFacts(PassportRule("authority", OFFICIAL, blank_pages=1))
        assert save_data(read_data(folder), folder) == []


@st.composite
def passport_rules(draw: st.DrawFn) -> PassportRule:
    beyond = draw(st.sampled_from(ValidityAnchor))
    months, days = draw(st.sampled_from([(6, None), (None, 30), (3, None)]))
    validity = draw(st.none() | st.just(PassportValidity(beyond, months, days)))
    years, pages = draw(st.none() | st.just(10)), draw(st.integers(1, 4))
    return PassportRule("a", OFFICIAL, validity, years, pages, draw(st.none() | st.just("Doubtful.")))


@quick
@given(passport_rules(), st.lists(st.sampled_from(FACTS.conditions)), st.booleans())
def test_a_column_gives_back_what_it_was_made_of(
    rule: PassportRule, conditions: list[EntryCondition], with_ways: bool
) -> None:
    facts = EntryFacts(rule, tuple(conditions), FACTS.how_to_apply if with_ways else ())
    assert entry_of(entry_column(facts)) == facts


@pytest.mark.parametrize(
    ("validity", "years", "pages", "words"),
    [
        ((ValidityAnchor.ENTRY, 6, None), None, None, "be valid for six months after you arrive"),
        ((ValidityAnchor.DEPARTURE, None, None), None, None, "be valid for the whole stay"),
        ((ValidityAnchor.ENTRY, None, None), None, None, "be valid on arrival"),
        ((ValidityAnchor.ENTRY, None, 150), None, 1, "be valid for 150 days after you arrive and have one blank page"),
        (
            (ValidityAnchor.NOT_STATED, 6, None),
            None,
            2,
            "be valid for six months (the source does not state from which day) and have two blank pages",
        ),
        (
            (ValidityAnchor.DEPARTURE, 3, None),
            10,
            None,
            "be valid for three months after you plan to leave and issued less than ten years before you arrive",
        ),
        (None, None, 1, "have one blank page"),
    ],
)
def test_a_passport_rule_in_words(
    validity: tuple[ValidityAnchor, int | None, int | None] | None, years: int | None, pages: int | None, words: str
) -> None:
    asked = PassportValidity(*validity) if validity else None
    assert passport_phrase(PassportRule("a", OFFICIAL, asked, years, pages)) == words


def test_facts_that_state_nothing_are_refused() -> None:
    with pytest.raises(InvalidValue):
        EntryFacts()
    with pytest.raises(InvalidValue):
        PassportRule("a", OFFICIAL)
    with pytest.raises(InvalidValue):
        PassportValidity(ValidityAnchor.NOT_STATED)
    with pytest.raises(InvalidValue):
        EntryFacts(how_to_apply=FACTS.how_to_apply * 2)


def policy(of: str, facts: EntryFacts | None = FACTS) -> Grant:
    made = regime(
        f"{of.lower()}-visa-policy", "in_force 2000-01-01", policy_of=of, entry=facts, sources={"authority": source()}
    )
    return Grant(made, ())


def book(*grants: Grant) -> Rulebook:
    rules = [rule for each in grants for rule in each.rules]
    return build_rulebook(EDITION, PLACES, [each.regime for each in grants], rules)


def requirements_of(found: CitedEntry | None) -> list[str]:
    assert found is not None
    return [str(way.requirement) for way in found.facts.how_to_apply]


class TestForAnAnswer:
    def test_they_are_those_of_the_destination_before_those_of_its_bloc(self) -> None:
        bloc = replace(FACTS, conditions=(), how_to_apply=())
        assert entry_at(book(policy("EUROPE", bloc), policy("IRL")), "IRL") == CitedEntry(
            FACTS, {"authority": source()}
        )
        found = entry_at(book(policy("EUROPE", bloc), policy("IRL", None)), "IRL")
        assert found is not None
        assert found.facts == bloc
        assert entry_at(book(policy("EUROPE", bloc)), "ISR") is None

    def test_they_are_for_visitors_and_not_for_those_at_home_or_who_move_freely(self) -> None:
        israel = policy("ISR")
        visits, free = grant("visa_free"), grant("freedom_of_movement", passport="FRA", id_="free")
        rules = book(israel, visits, free)
        found = [
            entry_for(rules, look_up(rules, question(code, "ISR"))) is not None for code in ("KAZ", "FRA", "ISR", "JPN")
        ]
        assert found == [True, False, False, True]

    def test_ways_to_apply_are_those_for_what_the_answer_offers(self) -> None:
        rules = book(policy("ISR"), grant("e_visa"), grant("visa_free", passport="FRA", id_="free"))
        assert requirements_of(entry_for(rules, look_up(rules, question("KAZ", "ISR")))) == ["e_visa"]
        assert requirements_of(entry_for(rules, look_up(rules, question("FRA", "ISR")))) == []

    def test_where_only_other_ways_are_known_nothing_is(self) -> None:
        ways = EntryFacts(how_to_apply=FACTS.how_to_apply)
        rules = book(policy("ISR", ways), grant("visa_free"))
        assert entry_for(rules, look_up(rules, question("KAZ", "ISR"))) is None


def test_a_source_that_only_they_cite_is_no_leftover() -> None:
    whole = WholeRegime(policy("ISR").regime, ())
    kept = without_uncited_sources(replace(whole, regime=replace(whole.regime, sources={"authority": source()})))
    assert set(kept.regime.sources) == {"authority"}
