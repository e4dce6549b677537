"""Understanding what people type for a place: codes, names in many languages, aliases, near misses."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from visalookup.domain.errors import InvalidValue, quoted
from visalookup.domain.places import Place

LONGEST_NAME = 100
_SUGGESTIONS = 3
_LEAST_LIKENESS = 70.0
_CLOSE_BEHIND = 12.0


class UnknownPlace(InvalidValue):
    """Text that is no place; `suggestions` holds the likeliest ones, best first."""

    def __init__(self, message: str, suggestions: tuple[Place, ...]) -> None:
        super().__init__(message)
        self.suggestions = suggestions


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Finds a place by anything people call it."""

    _by_code: Mapping[str, Place]
    _by_name: Mapping[str, tuple[Place, ...]]

    def find(self, text: str) -> Place:
        """The place meant by a code or name; raise UnknownPlace with suggestions otherwise.

        A code in capitals is a code. In other letters it may be a name too: Nga is Vietnamese for Russia, and NGA
        is Nigeria.
        """
        if len(text) > LONGEST_NAME:
            raise UnknownPlace(f"A place has at most {LONGEST_NAME} characters; send its code or name.", ())
        key, code = normalise(text), text.strip()
        coded = self._by_code.get(code.upper())
        if coded is not None and code.isupper():
            return coded
        named = self._by_name.get(key, ())
        meant = dict.fromkeys([coded, *named] if coded else named)
        if len(meant) == 1:
            return next(iter(meant))
        raise _unknown(text, tuple(meant) or self._likeliest(key))

    def coded(self, code: str) -> Place | None:
        """The place of a code in capitals."""
        return self._by_code.get(code)

    def _likeliest(self, key: str) -> tuple[Place, ...]:
        """The places whose names are most like it, and none much less like it than the first."""
        hits = process.extract(key, self._by_name.keys(), scorer=fuzz.WRatio, limit=12, score_cutoff=_LEAST_LIKENESS)
        likeness = {name: fuzz.ratio(key, name) for name, _, _ in hits}
        least = max(likeness.values(), default=0.0) - _CLOSE_BEHIND
        ranked = sorted((name for name in likeness if likeness[name] >= least), key=lambda name: -likeness[name])
        places = dict.fromkeys(place for name in ranked for place in self._by_name[name])
        return tuple(places)[:_SUGGESTIONS]


def build_gazetteer(places: Iterable[Place], names: Iterable[tuple[str, Mapping[str, str]]] = ()) -> Gazetteer:
    """Index places by code, English name and alias, and by `names`: (language, {alpha-2: name}) pairs.

    English names and aliases are certain. A name in another language that two places share is kept for both,
    so that it is answered with both as suggestions and never guessed.
    """
    listed = list(places)
    by_code = {code: place for place in listed for code in _codes(place)}
    certain: dict[str, tuple[Place, ...]] = {}
    for place in listed:
        for name in (place.name, place.in_sentence, *place.aliases):
            _add(certain, name, place)
    foreign: dict[str, tuple[Place, ...]] = {}
    by_alpha2 = {place.alpha2: place for place in listed if place.alpha2}
    for _, in_language in names:
        for alpha2, name in in_language.items():
            if alpha2 in by_alpha2:
                _add(foreign, name, by_alpha2[alpha2])
    _share_parts_of_names(foreign, certain)
    return Gazetteer(by_code, foreign | certain)


def _share_parts_of_names(foreign: dict[str, tuple[Place, ...]], certain: Mapping[str, tuple[Place, ...]]) -> None:
    """Keep a foreign name that is part of several English ones for all of them: "Congo" is never guessed."""
    having: defaultdict[str, list[str]] = defaultdict(list)
    for name in certain:
        for word in name.split():
            having[word].append(name)
    for key in foreign:
        for name in having.get(key.split()[0], ()):
            if f" {key} " in f" {name} ":
                for place in certain[name]:
                    _add(foreign, key, place)


_VOWEL_SIGNS = (0, 7, 8, 9)
"""Combining classes of signs that tell words apart (in Devanagari, say); all others are accents and points."""


def normalise(text: str) -> str:
    """Case, accents, punctuation and spacing folded away: "Côte d'Ivoire" is "cote d ivoire"."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = (character for character in folded if unicodedata.combining(character) in _VOWEL_SIGNS)
    return " ".join("".join(character if _is_letter(character) else " " for character in bare).split())


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _codes(place: Place) -> list[str]:
    return [code for code in (place.code, place.alpha2, place.icao) if code]


def _add(index: dict[str, tuple[Place, ...]], name: str, place: Place) -> None:
    key = normalise(name)
    if key and place not in index.get(key, ()):
        index[key] = (*index.get(key, ()), place)


def _unknown(text: str, suggestions: tuple[Place, ...]) -> UnknownPlace:
    shown = text.strip()
    if not shown:
        return UnknownPlace("No place is given; send its code or its name, such as KAZ or Kazakhstan.", ())
    hint = " or ".join(f"{place.name} ({place.code})" for place in suggestions)
    advice = f"did you mean {hint}?" if hint else "send its ISO 3166 code or its name."
    return UnknownPlace(f"{quoted(shown)} is not a place we know; {advice}", suggestions)
