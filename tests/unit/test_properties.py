"""What holds of every lifecycle, every rulebook, every answer and every name."""

from __future__ import annotations

import random
import unicodedata
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.builders import EDITION, PLACES, Grant, ask, grant, step
from tests.builders import rulebook as book_of
from tests.unit import real_data
from tests.unit.strategies import (
    ALLOWED,
    day,
    days_asked,
    grants,
    instants_of,
    quick,
    stays_planned,
    steps,
    thorough,
)
from visalookup.domain.errors import StepRefused
from visalookup.domain.gazetteer import Gazetteer, UnknownPlace
from visalookup.domain.lifecycle import Status, StatusEvent, build_timeline
from visalookup.domain.lookup import Answer, Basis, Question, look_up
from visalookup.domain.moments import day_bounds
from visalookup.domain.places import Place
from visalookup.domain.rulebook import Rulebook, build_rulebook
from visalookup.services.lookup.place_names import names_in_shipped_languages

STANDING = grant("visa_required", id_="standing")


class ARegimeAlongItsLifecycle(RuleBasedStateMachine):
    """A waiver takes steps on growing days; it answers only while it is in force or provisionally applied."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[StatusEvent] = []
        self.today = date(2026, 1, 1)

    @property
    def status(self) -> str | None:
        return self.taken[-1].status if self.taken else None

    @precondition(lambda self: bool(ALLOWED[self.status]))
    @rule(choice=st.randoms(use_true_random=False), gap=st.integers(1, 40))
    def an_allowed_step_is_taken(self, choice: random.Random, gap: int) -> None:
        self.today += timedelta(days=gap)
        event = step(choice.choice(sorted(ALLOWED[self.status])), self.today.isoformat())
        timeline = build_timeline([*self.taken, event])
        assert timeline.events == (*self.taken, event)
        self.taken.append(event)

    @rule(choice=st.randoms(use_true_random=False), gap=st.integers(1, 40))
    def any_other_step_is_refused_and_changes_nothing(self, choice: random.Random, gap: int) -> None:
        refused = choice.choice(sorted(set(Status) - ALLOWED[self.status]))
        before = self.waiver()
        with pytest.raises(StepRefused):
            build_timeline([*self.taken, step(refused, (self.today + timedelta(days=gap)).isoformat())])
        assert self.waiver() == before

    @rule(hours=st.integers(-48, 24 * 200))
    def only_a_regime_in_effect_changes_the_answer(self, hours: int) -> None:
        instant = datetime.fromisoformat("2026-01-01T00:00:00+02:00") + timedelta(hours=hours)
        local = instant.astimezone(PLACES.by_code["ISR"].zone).date()
        taken = [event.status for event in self.taken if event.effective.day and event.effective.day <= local]
        in_effect = bool(taken) and taken[-1] in {"in_force", "provisionally_applied"}
        answer = ask(STANDING, *self.waiver(), on=instant.isoformat())
        assert answer.verdict.requirement == ("visa_free" if in_effect else "visa_required")

    def waiver(self) -> list[Grant]:
        return [grant("visa_free", *self.taken, id_="waiver")] if self.taken else []


TestARegimeAlongItsLifecycle = ARegimeAlongItsLifecycle.TestCase
TestARegimeAlongItsLifecycle.settings = quick


def answer_at(book: Rulebook, destination: str, on: date | datetime, stay_days: int | None = None) -> Answer:
    return look_up(book, Question(PLACES.by_code["KAZ"], PLACES.by_code[destination], on, stay_days=stay_days))


@thorough
@given(grants(), days_asked(), stays_planned(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_changes_no_answer(
    given_: list[Grant], on: date, stay_days: int | None, shuffled: random.Random
) -> None:
    regimes = [each.regime for each in given_]
    rules = [rule for each in given_ for rule in each.rules]
    shuffled.shuffle(regimes)
    shuffled.shuffle(rules)
    other = build_rulebook(EDITION, PLACES, regimes, rules)
    assert answer_at(other, "ISR", on, stay_days) == answer_at(book_of(*given_), "ISR", on, stay_days)


@thorough
@given(steps(), st.randoms(use_true_random=False))
def test_the_order_in_which_steps_are_recorded_changes_no_timeline(
    taken: list[StatusEvent], shuffled: random.Random
) -> None:
    recorded = taken.copy()
    shuffled.shuffle(recorded)
    assert build_timeline(recorded) == build_timeline(taken)


@thorough
@given(steps(), st.data())
def test_steps_known_only_by_their_month_stand_where_the_lifecycle_has_them(
    taken: list[StatusEvent], data: st.DataObject
) -> None:
    early = {"memorandum_of_intent", "signed", "withdrawn"}
    recorded = [
        step(event.status, str(event.effective)[:7]) if event.status in early and data.draw(st.booleans()) else event
        for event in taken
    ]
    assert build_timeline(data.draw(st.permutations(recorded))).events == tuple(recorded)


def check_sources(answer: Answer) -> None:
    """A known answer names its source; an unknown one names none and says so."""
    known = answer.verdict.basis is not Basis.NOTHING_KNOWN
    assert bool(answer.sources) is known
    assert (answer.verification is not None) is known
    assert (answer.verdict.answer == "unknown") is not known
    assert all(source.publisher and source.url for source in answer.sources)
    for noted in (*answer.pending, *answer.ended):
        assert noted.rule.terms.source_key in noted.regime.sources


@thorough
@given(grants(), days_asked(), stays_planned())
def test_every_answer_names_its_source_or_says_that_we_do_not_know(
    given_: list[Grant], on: date, stay_days: int | None
) -> None:
    check_sources(answer_at(book_of(*given_), "ISR", on, stay_days))


def codes() -> st.SearchStrategy[str]:
    return st.deferred(lambda: st.sampled_from(sorted(real_data.rulebook().places.by_code)))


@thorough
@given(codes(), codes(), st.dates(date(2015, 1, 1), date(2030, 1, 1)), stays_planned())
def test_every_answer_from_the_data_we_ship_names_its_source_or_says_that_we_do_not_know(
    passport: str, destination: str, on: date, stay_days: int | None
) -> None:
    book = real_data.rulebook()
    places = book.places.by_code
    check_sources(look_up(book, Question(places[passport], places[destination], on, stay_days=stay_days)))


@thorough
@given(st.sampled_from(["ISR", "JPN", "USA", "GBR"]), stays_planned(), st.data())
def test_the_answer_for_a_day_is_never_more_favourable_than_at_any_instant_of_it(
    destination: str, stay_days: int | None, data: st.DataObject
) -> None:
    book = book_of(*data.draw(grants(destination)))
    on = data.draw(days_asked())
    instant = data.draw(instants_of(*day_bounds(on, PLACES.by_code[destination].zone)))
    of_the_day = answer_at(book, destination, on, stay_days).verdict
    assert of_the_day.strictness >= answer_at(book, destination, instant, stay_days).verdict.strictness


@thorough
@given(grants(), days_asked())
def test_the_next_change_is_what_is_answered_from_then_on(given_: list[Grant], on: date) -> None:
    book = book_of(*given_)
    change = answer_at(book, "ISR", on).next_change
    if change is None:
        later = [answer_at(book, "ISR", day(number)).verdict.strictness for number in range(16) if day(number) > on]
        assert len(set(later)) <= 1
    else:
        assert answer_at(book, "ISR", change.moment).verdict == change.verdict


def told_apart(gazetteer: Gazetteer, text: str) -> list[Place]:
    """The place found, or the places suggested instead of a guess."""
    try:
        return [gazetteer.find(text)]
    except UnknownPlace as error:
        return list(error.suggestions)


def test_every_place_is_found_by_each_of_its_codes_and_english_names() -> None:
    gazetteer = real_data.gazetteer()
    for place in real_data.data().places:
        called = (place.code, place.alpha2, place.icao, place.name, place.in_sentence, *place.aliases)
        assert [(text, gazetteer.find(text).code) for text in called if text and gazetteer.find(text) != place] == []


def test_every_place_is_found_by_its_name_in_every_language_or_suggested_and_never_mistaken() -> None:
    gazetteer = real_data.gazetteer()
    by_alpha2 = {place.alpha2: place for place in real_data.data().places if place.alpha2}
    mistaken = [
        (language, name, by_alpha2[alpha2].code, [place.code for place in told_apart(gazetteer, name)])
        for language, names in names_in_shipped_languages()
        for alpha2, name in names.items()
        if alpha2 in by_alpha2 and by_alpha2[alpha2] not in told_apart(gazetteer, name)
    ]
    assert mistaken == []


def typed(name: str, manner: str) -> str:
    """A name as people type it."""
    without_accents = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    manners = {
        "shouted": name.upper(),
        "whispered": name.lower(),
        "plain": without_accents,
        "spaced": f"  {name.replace(' ', '   ')} ",
        "hyphenated": name.replace(" ", "-"),
    }
    return manners[manner]


@quick
@given(
    st.deferred(lambda: st.sampled_from(real_data.data().places)),
    st.sampled_from(["shouted", "whispered", "plain", "spaced", "hyphenated"]),
)
def test_a_place_is_found_however_its_name_is_typed(place: Place, manner: str) -> None:
    assert real_data.gazetteer().find(typed(place.name, manner)) == place
