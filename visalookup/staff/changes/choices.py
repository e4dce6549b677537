"""What may be chosen in the console's forms, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Flask

from visalookup.domain.lifecycle import Status
from visalookup.domain.regimes import RegimeKind, Rule
from visalookup.domain.requirements import Requirement
from visalookup.domain.sources import Source, SourceKind
from visalookup.domain.wording.answers import kind_label, status_label
from visalookup.domain.wording.requirements import requirement_label
from visalookup.staff.changes.forms.sources import NEW
from visalookup.staff.changes.forms.steps import MILESTONE

Choices = list[tuple[str, str]]


def init_choices(app: Flask) -> None:
    """Give the templates their choices."""
    offers = (step_choices, requirement_choices, kind_choices, rule_choices, source_choices, label_of)
    app.jinja_env.globals.update({each.__name__: each for each in offers})
    app.jinja_env.globals["source_kind_choices"] = source_kind_choices()


def step_choices(steps: Iterable[Status], milestones: bool = True) -> Choices:
    """The statuses a regime may enter, and the milestone."""
    offered = [("", "choose"), *((str(each), status_label(each)) for each in steps)]
    return [*offered, (MILESTONE, "a milestone of one party")] if milestones else offered


def requirement_choices(requirements: Iterable[Requirement], nothing: str | None = None) -> Choices:
    """The requirements; `nothing` is what it is called to choose none."""
    return [("", nothing or "choose"), *((str(each), requirement_label(each)) for each in requirements)]


def kind_choices(kinds: Iterable[RegimeKind]) -> Choices:
    """What a regime can be in law."""
    return [(str(each), kind_label(each)) for each in kinds]


def rule_choices(rules: Iterable[Rule]) -> Choices:
    """All rules of a regime, or one."""
    return [("", "every rule of this regime"), *((each.key, each.key) for each in rules)]


def source_choices(sources: Mapping[str, Source]) -> Choices:
    """What rules can have been checked against."""
    known = [(key, f"{each.publisher}: {each.title}"[:90]) for key, each in sources.items()]
    return [("", "the source that each of them cites"), (NEW, "another source, described below"), *known]


def source_kind_choices() -> Choices:
    """What a source can be."""
    words = {
        SourceKind.OFFICIAL: "official text",
        SourceKind.SECONDARY: "secondary source",
        SourceKind.PRESS: "press",
    }
    return [("", "choose"), *((str(each), words[each]) for each in SourceKind)]


_LABELS = {
    "on": "Takes effect on",
    "at": "Takes effect at",
    "cited": "Source",
    "there": "What the first party gets at the second",
    "back": "What the second party gets at the first",
    "reason": "Why, for the record",
}
"""Fields that are shown under another name than their own."""


def label_of(field: str) -> str:
    """What a field is called where its fault is told: `source-url` is "Source, url"."""
    parts = [_LABELS.get(each, each.replace("_", " ")) for each in field.split("-")]
    words = ", ".join(parts)
    return words[:1].upper() + words[1:]
