"""A small world in data files, as people write and correct them, and the few verbs by which tests tell a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from visalookup.domain.datasets.dataset import DataSet
from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import EffectiveDate
from visalookup.domain.sources import Source, SourceKind
from visalookup.formats.data_folder import read_data
from visalookup.services.changes.add_event import NewEvent, Recorded, add_event
from visalookup.services.datasets.load_data import LoadOrder, LoadReport, load_data
from visalookup.services.lookup.answer_question import LookupResult, answer_question
from visalookup.services.lookup.questions import QuestionForm
from visalookup.services.lookup.rulebook_store import RulebookStore

PLACES = """\
code,alpha2,icao,kind,citizens_of,name,article,aliases,timezone,authority_name,authority_url
AZE,AZ,,state,,Azerbaijan,,,Asia/Baku,,
GBR,GB,,state,,United Kingdom,the,UK,Europe/London,,
ISR,IL,,state,,Israel,,,Asia/Jerusalem,,
JOR,JO,,state,,Jordan,,,Asia/Amman,,
KAZ,KZ,,state,,Kazakhstan,,,Asia/Almaty,,
MAR,MA,,state,,Morocco,,,Africa/Casablanca,,
"""

GROUPS = """\
- code: CASPIAN
  name: Caspian neighbours
  members: [AZE, KAZ]
  source: {kind: official, publisher: Secretariat, title: Charter, url: https://caspian.example/charter}
"""

GAZETTE = """\
  gazette:
    kind: official
    publisher: Gazette
    title: Notice
    url: https://gazette.example/1
    accessed_on: 2026-11-20
"""

PRESS = """\
  press:
    kind: press
    publisher: The News
    title: They signed
    url: https://news.example/2
    accessed_on: 2026-11-20
"""

VERIFICATION = "verification: {level: secondary, verified_on: 2026-11-20}\n"

ISRAEL = f"""\
destination: ISR
title: Visa policy of Israel
in_force: {{on: 2023-01-01, attested: true, source: gazette}}
authority: {{name: Population Authority, url: https://authority.example}}
{VERIFICATION}
sources:
{GAZETTE}
default: {{requirement: visa_required, source: gazette}}
lists:
- passports: [CASPIAN]
  except: [KAZ]
  requirement: e_visa
  stay: {{days: 30}}
  source: gazette
"""

MOROCCO_AZERBAIJAN = f"""\
id: mar-aze-2024
kind: bilateral_agreement
title: Agreement between Morocco and Azerbaijan on visa exemption
parties: [AZE, MAR]
{VERIFICATION}
sources:
{GAZETTE}
{PRESS}
timeline:
- {{status: signed, on: 2024-05, source: press}}
- {{milestone: ratified, party: AZE, on: 2024-06-20, source: press}}
- {{status: in_force, on: 2024-08-28, source: gazette}}
rules:
- passports: [MAR]
  destinations: [AZE]
  requirement: visa_free
  stay: {{days: 30}}
  source: gazette
- passports: [AZE]
  destinations: [MAR]
  requirement: visa_free
  stay: {{days: 30}}
  source: gazette
"""

KAZAKHSTAN_ISRAEL = f"""\
id: kaz-isr-2026
kind: bilateral_agreement
title: Memorandum of intent between Kazakhstan and Israel on visa-free travel
parties: [ISR, KAZ]
{VERIFICATION}
sources:
{PRESS}
timeline:
- {{status: memorandum_of_intent, on: 2026-01-27, source: press}}
rules:
- {{passports: [KAZ], destinations: [ISR], requirement: visa_free, stay: {{days: 30}}, source: press}}
- {{passports: [ISR], destinations: [KAZ], requirement: visa_free, stay: {{days: 30}}, source: press}}
"""

JORDAN_UNITED_KINGDOM = f"""\
id: jor-gbr-eta
kind: unilateral_decision
title: Electronic travel authorisation of the United Kingdom for Jordan
parties: [GBR]
{VERIFICATION}
sources:
{GAZETTE}
timeline:
- {{status: in_force, on: 2024-02-22, source: gazette}}
rules:
- {{passports: [JOR], destinations: [GBR], requirement: eta, stay: {{months: 6}}, source: gazette}}
"""

FILES = {
    "places.csv": PLACES,
    "groups.yaml": GROUPS,
    "destinations/ISR.yaml": ISRAEL,
    "regimes/mar-aze-2024.yaml": MOROCCO_AZERBAIJAN,
    "regimes/kaz-isr-2026.yaml": KAZAKHSTAN_ISRAEL,
    "regimes/jor-gbr-eta.yaml": JORDAN_UNITED_KINGDOM,
}


@dataclass(frozen=True, slots=True)
class DataFiles:
    """A data folder that a test may change."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace what stands in a file; it must stand there."""
        text = (self.folder / name).read_text("utf-8")
        assert before in text
        self.write(name, text.replace(before, after))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def read(self) -> DataSet:
        return read_data(self.folder)


def instant(text: str) -> datetime:
    """An instant, given with its offset or in UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def load(
    session: Session,
    files: DataFiles,
    now: datetime,
    reason: str = "Data files loaded",
    *,
    preview: bool = False,
    overwrite_staff: bool = False,
    fingerprint: str | None = None,
) -> LoadReport:
    """Load the files and commit."""
    session.commit()
    order = LoadOrder("ana", reason, preview, overwrite_staff, fingerprint)
    report = load_data(session, files.read(), order, now)
    session.commit()
    return report


NOTICE = Source("notice", SourceKind.OFFICIAL, "Ministry", "Notice of the ministry", "https://ministry.example/3")


def new_event(regime_id: str, status: Status, on: str, source: str | Source = NOTICE, **more: Any) -> NewEvent:
    """A step of a regime, resting on a new source unless one it has is named."""
    return NewEvent(regime_id, EffectiveDate.parse(on), source, status, **more)


def record(session: Session, event: NewEvent, now: datetime) -> Recorded:
    """What staff do: record a step, and commit."""
    session.commit()
    recorded = add_event(session, event, "boris", now)
    session.commit()
    return recorded


def ask(
    session: Session,
    question: str,
    now: datetime,
    rulebook_store: RulebookStore | None = None,
    *,
    on: str | None = None,
    as_of: str | None = None,
) -> LookupResult:
    """Ask `question`, written as "MAR AZE", from what the ledger holds."""
    passport, destination = question.split()
    form = QuestionForm((passport,), destination, on, as_of)
    return answer_question(session, rulebook_store or RulebookStore(), form, now)
