"""Finding regimes, and showing one whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from visalookup.domain.applicability import dates_worth_saying, period_of
from visalookup.domain.errors import InvalidValue, NotFound, quoted
from visalookup.domain.lifecycle import Status, StatusEvent
from visalookup.domain.periods import Period
from visalookup.domain.places import Place, Places
from visalookup.domain.regimes import Regime, Rule
from visalookup.domain.rulebook import Edition
from visalookup.services.lookup.questions import InputReader
from visalookup.services.lookup.rulebook_store import LoadedRulebook, RulebookStore
from visalookup.storage.ledger import last_change_of_regime


@dataclass(frozen=True, slots=True)
class RegimeSummary:
    """A regime with where it stands now; `event` is None where its first step lies ahead."""

    regime: Regime
    event: StatusEvent | None


@dataclass(frozen=True, slots=True)
class RegimeDetail:
    """A regime with its rules. `version` is the revision that last changed it: what If-Match names."""

    regime: Regime
    event: StatusEvent | None
    rules: tuple[Rule, ...]
    places: Places
    zone_of: Place
    version: int

    def dates(self, rule: Rule) -> Period:
        """The dates of a rule of its own, since the regime first had effect."""
        effective = (event.effective for event in self.regime.timeline.events if event.status.has_effect)
        return dates_worth_saying(rule, period_of(rule, self.places), next(effective, None))


@dataclass(frozen=True, slots=True)
class RegimeList:
    """Regimes that match, in order of their ids."""

    summaries: tuple[RegimeSummary, ...]
    edition: Edition


def list_regimes(
    session: Session, rulebook_store: RulebookStore, party: str | None, status: str | None, now: datetime
) -> RegimeList:
    """Regimes of a party (itself or through a group) in a status; raise BadQuestion for what neither is."""
    loaded = rulebook_store.current(session)
    reading = InputReader(loaded.gazetteer, loaded.rulebook.places)
    place = reading.place("party", party) if party else None
    wanted = reading.value("status", status, _read_status, None)
    reading.raise_if_invalid()
    found = (
        summarise(regime, loaded, now)
        for regime in loaded.rulebook.regimes.values()
        if place is None or _is_party(place, regime, loaded.rulebook.places)
    )
    matching = (each for each in found if wanted is None or (each.event and each.event.status is wanted))
    return RegimeList(tuple(matching), loaded.rulebook.edition)


def show_regime(session: Session, rulebook_store: RulebookStore, regime_id: str, now: datetime) -> RegimeDetail:
    """One regime whole; raise NotFound."""
    loaded = rulebook_store.current(session)
    regime = loaded.rulebook.regimes.get(regime_id)
    if regime is None:
        raise no_such_regime(regime_id)
    return RegimeDetail(
        regime=regime,
        event=summarise(regime, loaded, now).event,
        rules=loaded.rulebook.by_regime.get(regime_id, ()),
        places=loaded.rulebook.places,
        zone_of=clock_place(regime, loaded.rulebook.places),
        version=last_change_of_regime(session, regime_id, loaded.rulebook.edition.revision),
    )


def no_such_regime(regime_id: str) -> NotFound:
    """Return the refusal of a regime id that does not exist."""
    return NotFound(
        "regime", regime_id, f"No regime has the id {quoted(regime_id)}", "the list of regimes names them all"
    )


def policy_at(loaded: LoadedRulebook, destination: str) -> Regime:
    """The standing policy that holds at a place (its code or name): its own, or that of its bloc.

    Raise BadQuestion where it is no destination, and NotFound where no policy is held.
    """
    reading = InputReader(loaded.gazetteer, loaded.rulebook.places)
    place = reading.destination(destination)
    reading.raise_if_invalid()
    assert place is not None  # noqa: S101 - a missing one is a fault
    places = loaded.rulebook.places
    for each in loaded.rulebook.regimes.values():
        group = each.policy_of
        if group is not None and place.code in places.members(group) and not places.has_left(group, place.code):
            return each
    raise NotFound("policy", place.code, f"No policy of {place.name} is held", "upload a file to begin one")


def summarise(regime: Regime, loaded: LoadedRulebook, now: datetime) -> RegimeSummary:
    """A regime with the last step it has taken by now."""
    zone = clock_place(regime, loaded.rulebook.places).zone
    return RegimeSummary(regime, regime.timeline.event_at(now, zone))


def clock_place(regime: Regime, places: Places) -> Place:
    """The place by whose clock a regime as a whole is dated: its first party, or a member of it."""
    members = (code for party in regime.parties for code in places.members(party))
    return places.by_code[next(members)]


def _is_party(place: Place, regime: Regime, places: Places) -> bool:
    return any(place.code in places.members(party) for party in regime.parties)


def _read_status(text: str) -> Status | None:
    try:
        return Status(text.lower())
    except ValueError:
        raise InvalidValue(f"{quoted(text)} is not a status; send one of {', '.join(Status)}.") from None
