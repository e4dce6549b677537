"""Waivers that ended: what each passport meets on the day before the change, on the day itself, and since.

Every line was read in the source that it names. A failure here is a false "no visa", or a change of law that
somebody has read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import pytest

from tests.unit import real_data
from visalookup.domain.documents import DocumentType
from visalookup.domain.lookup import Answer, Question, look_up

TODAY = date(2026, 11, 23)

QUESTIONS = """
TJK TUR ordinary   2024-04-19 visa_free     | t24.com.tr
TJK TUR ordinary   2024-04-20 visa_required | en.trend.az
TJK TUR ordinary   2026-11-23 visa_required | en.trend.az
TJK TUR diplomatic 2026-11-23 visa_free     | www.cyprus-faq.com
TJK TUR service    2026-11-23 visa_free     | www.cyprus-faq.com
TUR TJK ordinary   2024-04-19 visa_free     | en.fergana.agency
TUR TJK ordinary   2026-11-23 e_visa        | www.evisa.tj
GBR HND ordinary   2024-08-14 visa_free     | www.elheraldo.hn
GBR HND ordinary   2024-08-15 visa_required | departamento19.hn
GBR HND ordinary   2026-11-23 visa_required | departamento19.hn
GBD HND ordinary   2024-08-15 visa_required | departamento19.hn
GBN HND ordinary   2024-08-15 visa_required | departamento19.hn
GBO HND ordinary   2024-08-15 visa_required | departamento19.hn
GBP HND ordinary   2024-08-15 visa_required | departamento19.hn
GBS HND ordinary   2024-08-15 visa_required | departamento19.hn
HND GBR ordinary   2023-07-18 visa_free     | www.ifcreview.com
HND GBR ordinary   2023-07-20 visa_required | www.gov.uk
KNA TUR ordinary   2025-04-30 visa_free     | nevisblog.com
KNA TUR ordinary   2025-05-01 visa_required | www.polemikhaber.com
KNA TUR ordinary   2026-11-23 visa_required | www.polemikhaber.com
KNA TUR diplomatic 2026-11-23 visa_free     | www.wizoapp.com
TUR KNA ordinary   2025-04-30 visa_free     | nevisblog.com
TUR KNA ordinary   2025-05-26 e_visa        | best-citizenships.com
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with the answer that was read, and whose text says so."""

    passport: str
    destination: str
    document: str
    on: date
    requirement: str
    host: str

    @classmethod
    def parse(cls, line: str) -> Asked:
        question, host = (part.strip() for part in line.split("|"))
        passport, destination, document, on, requirement = question.split()
        return cls(passport, destination, document, date.fromisoformat(on), requirement, host)

    def answer(self) -> Answer:
        book = real_data.rulebook()
        passport, destination = (book.places.by_code[code] for code in (self.passport, self.destination))
        return look_up(book, Question(passport, destination, self.on, DocumentType(self.document)))


ASKED = [Asked.parse(line) for line in QUESTIONS.strip().splitlines()]


@pytest.mark.parametrize(
    "asked", ASKED, ids=lambda each: f"{each.passport}-{each.destination}-{each.document}-{each.on}"
)
def test_the_answer_is_that_of_the_day(asked: Asked) -> None:
    verdict = asked.answer().verdict
    assert str(verdict.requirement) == asked.requirement
    assert verdict.best is not None
    assert urlsplit(verdict.best.sources[0].url).netloc == asked.host


@pytest.mark.parametrize("passport", ["GBD", "GBN", "GBO", "GBP", "GBR", "GBS"])
def test_no_kind_of_british_passport_enters_honduras_without_a_visa_on_any_ground(passport: str) -> None:
    assert Asked(passport, "HND", "ordinary", TODAY, "visa_required", "").answer().verdict.also_applies == ()


@pytest.mark.parametrize(
    ("passport", "destination", "ended"),
    [
        ("TJK", "TUR", ["tur-tjk-2018"]),
        ("TUR", "TJK", ["tjk-tur-2024"]),
        ("GBR", "HND", ["gbr-hnd-visa-free"]),
        ("KNA", "TUR", ["kna-tur-2012"]),
        ("TUR", "KNA", ["kna-tur-2012"]),
    ],
)
def test_what_ended_is_shown_beside_the_answer(passport: str, destination: str, ended: list[str]) -> None:
    answer = Asked(passport, destination, "ordinary", TODAY, "", "").answer()
    assert [inactive.regime.id for inactive in answer.ended] == ended
