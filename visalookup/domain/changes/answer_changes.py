"""How an answer of then differs from the answer to the same question now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Answer = Mapping[str, Any]
"""An answer by the names of the JSON contract."""

_OF_THE_EDITION = frozenset({"as_of", "revision", "links", "receipt", "other_passports"})
"""Members that say where an answer is from, not what it is; and the answers for other passports, compared each."""

_DECIDING = frozenset({"answer", "requirement", "stay", "conditions", "stay_too_short", "best_passport"})
"""Members by which a traveller acts; the others show why, how well it was checked, and what is announced."""


class ChangeSeverity(StrEnum):
    """What became of an answer."""

    SAME = "same"
    DETAILS_CHANGED = "details_changed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """One member that is not what it was, by the passport whose answer it stands in; None where there was none."""

    passport: str
    member: str
    then: Any
    now: Any

    @property
    def decides(self) -> bool:
        """Whether a traveller would act otherwise."""
        return self.member.partition(".")[0] in _DECIDING


@dataclass(frozen=True, slots=True)
class AnswerComparison:
    """All differences, those by which a traveller acts first."""

    differences: tuple[MemberChange, ...]

    @property
    def severity(self) -> ChangeSeverity:
        """What became of the answer."""
        if not self.differences:
            return ChangeSeverity.SAME
        return ChangeSeverity.CHANGED if self.differences[0].decides else ChangeSeverity.DETAILS_CHANGED

    @property
    def sentence(self) -> str:
        """The same in words."""
        match self.severity:
            case ChangeSeverity.SAME:
                return "The answer would be the same now."
            case ChangeSeverity.DETAILS_CHANGED:
                return f"The answer would be the same now; what is said with it differs: {self._members()}."
            case _:
                return f"The answer would be another now. What differs: {self._members()}."

    def _members(self) -> str:
        return ", ".join(dict.fromkeys(difference.member for difference in self.differences))


def compare_answers(then: Answer, now: Answer) -> AnswerComparison:
    """Compare two answers to one question, for every passport that was held."""
    before, after = _by_passport(then), _by_passport(now)
    found = [
        MemberChange(passport, *difference)
        for passport in dict.fromkeys((*before, *after))
        for difference in _differences("", before.get(passport, {}), after.get(passport, {}))
    ]
    first, first_now = next(iter(before)), next(iter(after))
    if first != first_now:
        found.append(MemberChange(first, "best_passport", first, first_now))
    return AnswerComparison(tuple(sorted(found, key=lambda difference: not difference.decides)))


def _without_later_members(before: Any, after: Any) -> Any:
    """What is now, without members of the format that there were not yet then: an old answer cannot differ by them."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return {name: _without_later_members(before[name], value) for name, value in after.items() if name in before}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [_without_later_members(*pair) for pair in zip(before, after, strict=True)]
    return after


def _by_passport(reply: Answer) -> dict[str, Answer]:
    return {answer["passport"]["code"]: answer for answer in (reply, *reply.get("other_passports", ()))}


def _differences(path: str, then: Answer, now: Answer) -> Iterator[tuple[str, Any, Any]]:
    """Path, value then and value now of what differs; objects are looked into, lists are taken whole."""
    for name in then if then else now:
        before, after = then.get(name), now.get(name)
        after = _without_later_members(before, after)
        if before == after or (not path and name in _OF_THE_EDITION):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _differences(f"{path}{name}.", before, after)
        else:
            yield f"{path}{name}", before, after
