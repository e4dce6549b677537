"""The reviewable data files: what they say, and that writing loses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given

from tests.builders import BLOCS, PLACES, WORLD, grant, milestone, regime, terms
from tests.unit import real_data
from tests.unit.file_texts import POLICY, POLICY_FILE, WAIVER, WAIVER_FILE, changed, read
from tests.unit.strategies import lists_on_the_same_terms, one_entry_for_each_terms, thorough
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.lifecycle import build_timeline
from visalookup.domain.regimes import Regime, Rule
from visalookup.domain.requirements import Purpose, Requirement
from visalookup.formats.data_folder import read_data
from visalookup.formats.expansion import RuleList, build_rules, collapse_rules, entry_order
from visalookup.formats.layout import read_layout
from visalookup.formats.to_payload import regime_file, save_data, write_data


def written(made: Regime, rules: Iterable[Rule]) -> str:
    return write_data(DataSet(WORLD, BLOCS, (made,), tuple(rules)))[regime_file(made)]


def pairs(rules: Iterable[Rule]) -> set[str]:
    return {f"{rule.passport}-{rule.destination}" for rule in rules}


def test_a_regime_file_gives_a_regime_its_timeline_and_a_rule_for_each_pair() -> None:
    waiver, rules = read(WAIVER_FILE, WAIVER)
    assert (waiver.id, waiver.parties, waiver.policy_of) == ("mar-aze-2024", ("AZE", "MAR"), None)
    assert [str(event.status) for event in waiver.timeline.events] == ["signed", "in_force"]
    assert [each.name for each in waiver.timeline.milestones] == ["ratified"]
    assert pairs(rules) == {"MAR-AZE", "AZE-MAR"}


def test_a_destination_file_gives_the_standing_policy_of_a_place() -> None:
    policy, _ = read(POLICY_FILE, POLICY)
    assert (policy.id, policy.parties, policy.policy_of) == ("isr-visa-policy", ("ISR",), "ISR")
    assert policy.timeline.events[0].effective.attested
    assert policy.authority is not None


def test_a_default_reaches_everybody_with_every_document_but_the_citizens() -> None:
    _, rules = read(POLICY_FILE, POLICY)
    everybody = {rule.passport for rule in rules if rule.passport_group == "ALL"}
    assert everybody == set(PLACES.members("ALL")) - {"ISR"}
    assert {rule.key for rule in rules if rule.passport == "XXB"} == {"XXB-ISR-all"}


def test_a_list_reaches_groups_less_its_exceptions_and_remembers_the_group() -> None:
    _, rules = read(POLICY_FILE, POLICY)
    free = {rule.passport: rule.passport_group for rule in rules if rule.terms.requirement == "visa_free"}
    assert free == {"DEU": "EUROPE", "FRA": "EUROPE", "CAN": None}


def test_a_list_says_what_it_grants() -> None:
    _, rules = read(POLICY_FILE, POLICY)
    [online] = [rule for rule in rules if rule.passport == "KAZ" and rule.terms.requirement == "e_visa"]
    assert online.terms.documents == {"diplomatic", "ordinary"}
    assert online.terms.purposes == {Purpose.BUSINESS, Purpose.VISIT}
    assert (online.terms.verification.level, online.terms.note) == ("unverified", "Press reports differ.")


def test_ordinary_passports_and_visits_are_meant_where_nothing_is_said() -> None:
    _, rules = read(WAIVER_FILE, WAIVER)
    assert all(rule.terms.documents == {"ordinary"} and rule.terms.purposes == {"visit"} for rule in rules)


def expanded(*passports: str, to: tuple[str, ...] = ("ISR",), but: tuple[str, ...] = ()) -> set[str]:
    return pairs(build_rules("a-regime", [RuleList(terms(), passports, to, but)], PLACES))


def test_what_is_named_itself_stays_in_though_it_is_left_out_of_a_group() -> None:
    assert expanded("EUROPE", "IRL", but=("IRL",)) == {"DEU-ISR", "FRA-ISR", "IRL-ISR"}


def test_nobody_is_given_a_rule_for_their_own_country() -> None:
    assert expanded("NORTH", to=("NORTH",)) == {"CAN-MEX", "CAN-USA", "MEX-CAN", "MEX-USA", "USA-CAN", "USA-MEX"}


def test_a_territory_without_passports_of_its_own_is_reached_as_a_destination_only() -> None:
    assert expanded("GRL", "CAN", to=("GRL",)) == {"CAN-GRL"}


@thorough
@given(one_entry_for_each_terms())
def test_rules_collapse_into_the_lists_they_came_from(made: list[RuleList]) -> None:
    assert collapse_rules(build_rules("a-regime", made, PLACES), PLACES) == sorted(made, key=entry_order)


def granted(rules: Iterable[Rule]) -> list[tuple[str, str, str]]:
    return sorted((rule.passport, rule.destination, repr(rule.terms)) for rule in rules)


@thorough
@given(lists_on_the_same_terms())
def test_however_lists_are_collapsed_they_grant_the_same(made: list[RuleList]) -> None:
    rules = build_rules("a-regime", made, PLACES)
    assume(len(set(granted(rules))) == len(rules))
    assert granted(build_rules("a-regime", collapse_rules(rules, PLACES), PLACES)) == granted(rules)


def test_two_lists_on_the_same_terms_lose_nobody_who_is_left_out_of_one() -> None:
    """Germany and France are left out of EUROPE, and reached through G4."""
    lists = [RuleList(terms(), ("EUROPE",), ("ISR",), ("DEU", "FRA")), RuleList(terms(), ("G4",), ("ISR",))]
    rules = build_rules("a-regime", lists, PLACES)
    assert pairs(build_rules("a-regime", collapse_rules(rules, PLACES), PLACES)) == pairs(rules)


@pytest.mark.parametrize(("name", "text"), [(WAIVER_FILE, WAIVER), (POLICY_FILE, POLICY)])
def test_what_is_written_reads_back_as_the_same(name: str, text: str) -> None:
    made, rules = read(name, text)
    again = read(name, written(made, rules))
    assert again == (made, rules)
    assert written(*again) == written(made, rules)


def test_a_file_in_canonical_form_is_written_as_it_stands() -> None:
    assert written(*read(POLICY_FILE, POLICY)) == POLICY


def test_in_canonical_form_the_most_favourable_comes_first() -> None:
    text = written(*read(WAIVER_FILE, WAIVER))
    assert text.index("stay: {days: 90, within_days: 180}") < text.index("stay: {days: 30}")


@pytest.mark.parametrize("note", ["yes", "no", "null", "12", "~", "'quoted'", "a: b", "# no comment", "é — ü", "2024"])
def test_a_note_is_text_whatever_it_looks_like(note: str) -> None:
    made, rules = read(POLICY_FILE, POLICY)
    assert read(POLICY_FILE, written(replace(made, note=note), rules))[0].note == note


def test_an_instant_and_its_transition_are_written_in_utc_and_read_back() -> None:
    end = "- status: terminated\n  on: 2026-09-10T15:00:00+01:00\n  source: trend\n"
    grace = "  transition: {until: 2026-10-08, text: Tickets bought before are honoured.}\n"
    made, rules = read(WAIVER_FILE, changed(WAIVER, "rules:\n", f"{end}{grace}rules:\n"))
    text = written(made, rules)
    assert "on: 2026-09-10T14:00:00Z" in text
    assert "until: 2026-10-08" in text
    assert read(WAIVER_FILE, text) == (made, rules)


def test_steps_and_milestones_are_written_together_in_order_of_time() -> None:
    made = grant("visa_free", "signed 2024-05", "in_force 2024-08-28").regime
    party_steps = [milestone("ratified", "2024-06-20"), milestone("notified", "2024")]
    timeline = build_timeline(made.timeline.events, party_steps)
    text = written(regime("a-regime", timeline=timeline), ())
    marks = ["milestone: notified", "status: signed", "milestone: ratified", "status: in_force"]
    assert sorted(marks, key=text.index) == marks


def test_saving_writes_only_what_differs(tmp_path: Path) -> None:
    made, rules = read(POLICY_FILE, POLICY)
    data = DataSet(WORLD, BLOCS, (made,), tuple(rules))
    assert sorted(save_data(data, tmp_path)) == [POLICY_FILE, "groups.yaml", "places.csv"]
    assert save_data(data, tmp_path) == []
    (tmp_path / POLICY_FILE).write_text("destination: ISR\n", "utf-8")
    assert save_data(data, tmp_path) == [POLICY_FILE]


def test_a_folder_reads_back_as_it_was_saved(tmp_path: Path) -> None:
    made, rules = read(POLICY_FILE, POLICY)
    save_data(DataSet(WORLD, BLOCS, (made,), tuple(rules)), tmp_path)
    again = read_data(tmp_path)
    assert set(again.places) == set(WORLD)
    assert set(again.groups) == set(BLOCS)
    assert (again.regimes, again.rules) == ((made,), tuple(rules))


def test_the_data_we_ship_has_no_faults_and_stands_in_its_canonical_form() -> None:
    texts = write_data(real_data.data(), read_layout(real_data.FOLDER))
    assert len(texts) > 100
    assert [name for name, text in texts.items() if (real_data.FOLDER / name).read_text("utf-8") != text] == []


def test_the_data_we_ship_reads_back_from_what_is_written_of_it(tmp_path: Path) -> None:
    save_data(real_data.data(), tmp_path)
    again = read_data(tmp_path)
    assert again == real_data.data()
    assert save_data(again, tmp_path) == []


def test_what_some_of_everybody_get_is_no_default() -> None:
    """A rule for all who hold another state's visa stands among the lists, whoever comes first by favour."""
    visa_holders = """\
- passports: [ALL]
  requirement: visa_free
  stay: {days: 30}
  documents: [all]
  conditions:
  - kind: holds_visa
    text: You hold a valid visa of Japan.
  source: authority
"""
    text = changed(POLICY, "lists:\n", f"lists:\n{visa_holders}")
    policy, rules = read(POLICY_FILE, text)
    again = written(policy, rules)
    assert "default:\n  requirement: visa_required\n" in again
    assert visa_holders in again
    assert set(read(POLICY_FILE, again)[1]) == set(rules)


def test_a_bloc_can_be_left_out_of_a_larger_one() -> None:
    text = changed(POLICY, "  except: [IRL]\n", "  except: [G4, IRL]\n")
    _, rules = read(POLICY_FILE, text.replace("[EUROPE, CAN]", "[EUROPE]"))
    favoured = [rule for rule in rules if rule.terms.requirement is Requirement.VISA_FREE]
    assert pairs(favoured) == set(), "Germany and France are in the G4, and Ireland is named"
