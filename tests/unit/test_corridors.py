"""Twenty-five of the busiest corridors of the world, each checked by hand against the source it rests on.

Chosen by what statistical offices and the tourism body of the United Nations publish of arrivals; the order tells
nothing. A failure here is a change of law that somebody has read, or a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import pytest

from tests.unit import real_data
from visalookup.domain.survey import find
from visalookup.domain.wording.answers import describe_stay

ON = date(2026, 11, 23)

CORRIDORS = """
CAN USA visa_free           | up to 6 months                               | omb.report
CHN HKG visa_required       |                                              | www.immd.gov.hk
CHN JPN visa_required       |                                              | www.miami.us.emb-japan.go.jp
CHN MAC visa_required       |                                              | iccaap2026.scimeeting.cn
CHN THA visa_free           | up to 30 days per visit, 90 days in any 180  | epaper.cqcb.com
DEU AUT freedom_of_movement | any length                                   | data.europa.eu
DEU ESP freedom_of_movement | any length                                   | data.europa.eu
DEU ITA freedom_of_movement | any length                                   | data.europa.eu
DEU TUR visa_free           | up to 90 days in any 180                     | embassies.net
FRA ESP freedom_of_movement | any length                                   | data.europa.eu
GBR ESP visa_free           | up to 90 days in any 180                     | eur-lex.europa.eu
GBR FRA visa_free           | up to 90 days in any 180                     | eur-lex.europa.eu
HKG CHN document_not_accepted |                                              | en.wikipedia.org
HKG MAC visa_free           | up to 12 months                              | new.infogalactic.com
IND ARE visa_required       |                                              | www.emirates247.com
KOR JPN visa_free           | up to 90 days                                | all-ikmr32.com
MEX USA visa_required       |                                              | omb.report
MYS THA visa_free           | up to 30 days                                | 2024.aclweb.org
RUS TUR visa_free           | up to 60 days per visit, 90 days in any 180  | embassies.net
SAU BHR freedom_of_movement | any length                                   | www.bahrain.bh
SGP MYS visa_free           | up to 1 month                                | www.imi.gov.my
TWN JPN visa_free           | up to 90 days                                | all-ikmr32.com
UKR POL visa_free           | up to 90 days in any 180                     | eur-lex.europa.eu
USA CAN visa_free           | up to 6 months                               | laws-lois.justice.gc.ca
USA MEX visa_free           | up to 180 days                               | www.asesoriamigratoriaqro.com
"""


@dataclass(frozen=True, slots=True)
class Corridor:
    """What was found by hand: the pair, what is asked, for how long, and whose text says so."""

    passport: str
    destination: str
    requirement: str
    stay: str | None
    host: str

    @classmethod
    def parse(cls, line: str) -> Corridor:
        pair, stay, host = (part.strip() for part in line.split("|"))
        passport, destination, requirement = pair.split()
        return cls(passport, destination, requirement, stay or None, host)


PINNED = [Corridor.parse(line) for line in CORRIDORS.strip().splitlines()]


@pytest.mark.parametrize("pinned", PINNED, ids=lambda each: f"{each.passport}-{each.destination}")
def test_a_busy_corridor_is_answered_as_its_source_says(pinned: Corridor) -> None:
    book = real_data.rulebook()
    places = book.places.by_code
    found = find(book, places[pinned.passport], places[pinned.destination], ON)
    best = found.verdict.best
    assert best is not None
    stay = describe_stay(best.rule.terms.stay) if best.rule.terms.stay else None
    assert (str(found.requirement), stay) == (pinned.requirement, pinned.stay)
    assert urlsplit(best.sources[0].url).netloc == pinned.host
    assert best.sources[0].accessed_on is not None, "somebody has read it"


def test_there_are_twenty_five() -> None:
    assert len({(each.passport, each.destination) for each in PINNED}) == 25
