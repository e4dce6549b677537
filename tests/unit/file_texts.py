"""Data files as people write them, and what is found wrong in them."""

from __future__ import annotations

import pytest

from tests.builders import PLACES
from visalookup.domain.regimes import Regime, Rule
from visalookup.formats.data_folder import read_regime
from visalookup.formats.faults import Fault, FaultyData

WAIVER_FILE = "regimes/mar-aze-2024.yaml"
WAIVER = """\
id: mar-aze-2024
title: Agreement between Morocco and Azerbaijan on visa exemption
kind: bilateral_agreement
parties: [AZE, MAR]
verification: {level: secondary, verified_on: 2026-11-23}
sources:
  trend:
    kind: press
    publisher: Trend
    title: Visa-free travel agreed
    url: https://trend.example/visa
    published_on: '2024'
    accessed_on: 2026-11-23
    state_on: 2024-05
timeline:
- status: signed
  on: 2024-05
  source: trend
- milestone: ratified
  party: AZE
  on: 2024-06-20
  source: trend
- status: in_force
  on: 2024-08-28
  source: trend
rules:
- passports: [MAR]
  destinations: [AZE]
  requirement: visa_free
  stay: {days: 30}
  source: trend
- passports: [AZE]
  destinations: [MAR]
  requirement: visa_free
  stay: {days: 90, within_days: 180}
  source: trend
"""
"""Not in canonical order: the longer stay stands last."""

POLICY_FILE = "destinations/ISR.yaml"
POLICY = """\
destination: ISR
title: Visa policy of Israel
kind: domestic_law
in_force:
  on: 2025-01-01
  attested: true
  source: authority
authority:
  name: Population and Immigration Authority
  url: https://authority.example
verification: {level: official, verified_on: 2026-11-23}
sources:
  authority:
    kind: official
    publisher: Population and Immigration Authority
    title: Entry to Israel
    url: https://authority.example/entry
    accessed_on: 2026-11-23
default:
  requirement: visa_required
  source: authority
lists:
- passports: [EUROPE, CAN]
  except: [IRL]
  requirement: visa_free
  stay: {days: 90, within_days: 180}
  conditions:
  - kind: registration
    text: You fill in a form.
  source: authority
- passports: [KAZ]
  requirement: e_visa
  stay: {days: 30, total: {days: 90, calendar_year: true}}
  documents: [diplomatic, ordinary]
  purposes: [business, visit]
  source: authority
  verification: {level: unverified}
  note: Press reports differ.
note: Overstaying is not treated here.
"""
"""In canonical form."""


def read(name: str, text: str) -> tuple[Regime, list[Rule]]:
    return read_regime(name, text, PLACES)


def changed(text: str, old: str, new: str) -> str:
    """The text with one change, which must be one."""
    assert old in text
    return text.replace(old, new, 1)


def faults(name: str, text: str) -> list[Fault]:
    with pytest.raises(FaultyData) as refused:
        read(name, text)
    return refused.value.faults


def line_of(text: str, start: str) -> int:
    """The number of the first line that starts so, leaving its indent aside."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.lstrip(" -").startswith(start))
