"""CITIZENS, NON_CITIZENS and REST: lists that need not name everybody they leave out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from tests.builders import BLOCS, PLACES, WORLD, terms
from tests.unit.file_texts import POLICY, POLICY_FILE, WAIVER, WAIVER_FILE, changed, faults, line_of, read
from tests.unit.strategies import one_entry_for_each_terms, thorough
from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.places import Place, PlaceKind, index_places
from visalookup.domain.regimes import Rule
from visalookup.formats.checks import Assembly
from visalookup.formats.expansion import RuleList, build_rules
from visalookup.formats.list_groups import PassportWriter, citizens, resolve_list_groups
from visalookup.formats.to_payload import regime_file, write_data
from visalookup.formats.yaml_dialect import Document

FREE = """\
  requirement: visa_free
  stay: {days: 14}
  source: authority
"""
BRITISH = Place("GBN", PlaceKind.DOCUMENT, "British National (Overseas)")


def with_list(passports: str) -> str:
    """The policy with one more list, for fourteen days."""
    return changed(POLICY, "lists:\n", f"lists:\n- {passports}\n{FREE}")


def fortnight(text: str) -> list[Rule]:
    return [rule for rule in read(POLICY_FILE, text)[1] if rule.terms.stay and rule.terms.stay.days == 14]


def reached(passports: str) -> set[str]:
    return {rule.passport for rule in fortnight(with_list(passports))}


def everybody_but(*codes: str) -> set[str]:
    return set(PLACES.members("ALL")) - {"ISR", *codes}


def test_citizens_are_all_who_hold_a_passport_of_a_nationality() -> None:
    assert reached("passports: [CITIZENS]\n  except: [KAZ, CAN]") == everybody_but("XXB", "KAZ", "CAN")


def test_british_nationals_have_a_nationality_though_they_are_no_citizens() -> None:
    places = index_places([*WORLD, BRITISH])
    assert set(places.members("ALL")) - citizens(places) == {"XXB"}


def test_all_others_are_no_citizens() -> None:
    assert reached("passports: [NON_CITIZENS]") == {"XXB"}


def test_the_rest_is_whom_no_list_of_the_file_names_wherever_it_stands() -> None:
    """EUROPE but Ireland, Canada and Kazakhstan are named, the one above and the other below."""
    assert reached("passports: [REST]") == everybody_but("XXB", "DEU", "FRA", "CAN", "KAZ")


def test_the_rest_can_be_enlarged_and_lessened() -> None:
    lists = "passports: [REST, NON_CITIZENS, KAZ]\n  except: [IRL, NORTH]"
    assert reached(lists) == everybody_but("DEU", "FRA", "CAN", "IRL", "MEX", "USA")


def test_a_list_with_a_built_in_group_names_nobody() -> None:
    text = with_list("passports: [REST]").replace("- passports: [KAZ]", "- passports: [CITIZENS]")
    assert "KAZ" in {rule.passport for rule in fortnight(text)}


def test_rules_know_everybody_only_as_all() -> None:
    short, long = with_list("passports: [REST]"), with_list("passports: [ALL]\n  except: [CAN, DEU, FRA, KAZ, XXB]")
    assert read(POLICY_FILE, short) == read(POLICY_FILE, long)
    assert {rule.passport_group for rule in fortnight(short)} == {"ALL"}


def test_a_dated_regime_uses_them_too() -> None:
    everyone = changed(WAIVER, "- passports: [MAR]", "- passports: [REST]")
    named = changed(WAIVER, "- passports: [MAR]", "- passports: [ALL]\n  except: [AZE, XXB]")
    assert read(WAIVER_FILE, everyone) == read(WAIVER_FILE, named)


def test_the_writer_chooses_the_fewest_names() -> None:
    policy, rules = read(POLICY_FILE, with_list("passports: [ALL]\n  except: [CAN, DEU, FRA, KAZ, XXB]"))
    text = write_data(DataSet(WORLD, BLOCS, (policy,), tuple(rules)))[regime_file(policy)]
    assert f"- passports: [REST]\n{FREE}" in text
    assert read(POLICY_FILE, text) == (policy, rules)


@pytest.mark.parametrize(
    ("left_out", "names"),
    [
        ((), "ALL"),
        (("KAZ",), "ALL but KAZ"),
        (("XXB",), "CITIZENS"),
        (("CAN", "DEU", "XXB"), "REST"),
        (("CAN", "DEU"), "REST XXB"),
        (("CAN", "DEU", "FRA", "KAZ"), "REST XXB but FRA KAZ"),
        (("CAN", "XXB"), "CITIZENS but CAN"),
        (("AZE", "KAZ", "XXB"), "CITIZENS but AZE KAZ"),
    ],
)
def test_names_are_the_fewest_and_the_plainest_of_as_many(left_out: tuple[str, ...], names: str) -> None:
    named = RuleList(terms(), ("CAN", "DEU"), ("ISR",))
    everybody = RuleList(terms("e_visa"), ("ALL",), ("ISR",), left_out)
    passports, exceptions = PassportWriter([named, everybody], PLACES).names(everybody)
    assert " ".join([*passports, *(["but", *exceptions] if exceptions else [])]) == names


@thorough
@given(one_entry_for_each_terms())
def test_whatever_lists_there_are_they_read_back_as_the_same_rules(made: list[RuleList]) -> None:
    writer = PassportWriter(made, PLACES)
    names = [writer.names(entry) for entry in made]
    assembly = Assembly(Document("regimes/a-regime.yaml", None, None), PLACES)
    written = [{"passports": list(passports), "except_": list(exceptions)} for passports, exceptions in names]
    read_again = [
        replace(entry, passports=tuple(shape["passports"]), exceptions=tuple(shape["except_"]))
        for entry, shape in zip(made, resolve_list_groups(assembly, written, "rules"), strict=True)
    ]
    assert assembly.faults == []
    assert build_rules("a-regime", read_again, PLACES) == build_rules("a-regime", made, PLACES)


FAULTS = [
    ("passports: [REST, EUROPE]", "EUROPE cannot stand beside"),
    ("passports: [ALL, CITIZENS]", "ALL cannot stand beside"),
    ("passports: [REST, CITIZENS]", "REST is a part of CITIZENS"),
    ("passports: [REST, REST]", "a group is named once"),
    ("passports: [CITIZENS, KAZ]", "KAZ is named twice, itself or through a group"),
    ("passports: [REST, KAZ, KAZ]", "KAZ is named twice, itself or through a group"),
    ("passports: [REST, ISR]", "ISR is named twice"),
    ("passports: [REST, GRL]", "GRL issues no passports"),
    ("passports: [REST, XYZ]", "XYZ is neither the code of a place nor of a group"),
    ("passports: [REST]\n  except: [XYZ]", "XYZ is neither the code of a place nor of a group"),
    ("passports: [REST]\n  except: [KAZ]", "KAZ is in none of the groups named here"),
    ("passports: [NON_CITIZENS]\n  except: [XXB]", "This list reaches nobody"),
]


@pytest.mark.parametrize(("passports", "message"), FAULTS)
def test_what_such_a_list_cannot_mean_is_a_fault_at_its_line(passports: str, message: str) -> None:
    text = with_list(passports)
    found = faults(POLICY_FILE, text)
    assert [message in fault.message for fault in found] == [True]
    key = "except:" if "none of" in message or "except: [XYZ]" in passports else "passports:"
    assert found[0].line == line_of(text, key)
