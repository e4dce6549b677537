"""The choices of the console's select fields, with their labels."""

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
    """Make the choices available to the templates."""
    functions = (step_choices, requirement_choices, kind_choices, rule_choices, source_choices, label_of)
    app.jinja_env.globals.update({function.__name__: function for function in functions})
    app.jinja_env.globals["source_kind_choices"] = source_kind_choices()


def step_choices(steps: Iterable[Status], milestones: bool = True) -> Choices:
    """The statuses a regime may enter, and optionally the milestone."""
    offered = [("", "choose"), *((str(step), status_label(step)) for step in steps)]
    return [*offered, (MILESTONE, "a milestone of one party")] if milestones else offered


def requirement_choices(requirements: Iterable[Requirement], nothing: str | None = None) -> Choices:
    """The requirements; `nothing` is the label of the empty choice."""
    return [
        ("", nothing or "choose"),
        *((str(requirement), requirement_label(requirement)) for requirement in requirements),
    ]


def kind_choices(kinds: Iterable[RegimeKind]) -> Choices:
    """The legal kinds of a regime."""
    return [(str(kind), kind_label(kind)) for kind in kinds]


def rule_choices(rules: Iterable[Rule]) -> Choices:
    """All rules of a regime, or one."""
    return [("", "every rule of this regime"), *((rule.key, rule.key) for rule in rules)]


def source_choices(sources: Mapping[str, Source]) -> Choices:
    """The sources that rules can be checked against."""
    known = [(key, f"{source.publisher}: {source.title}"[:90]) for key, source in sources.items()]
    return [("", "the source that each of them cites"), (NEW, "another source, described below"), *known]


def source_kind_choices() -> Choices:
    """The kinds of a source."""
    labels = {
        SourceKind.OFFICIAL: "official text",
        SourceKind.SECONDARY: "secondary source",
        SourceKind.PRESS: "press",
    }
    return [("", "choose"), *((str(kind), labels[kind]) for kind in SourceKind)]


_LABELS = {
    "on": "Takes effect on",
    "at": "Takes effect at",
    "cited": "Source",
    "there": "What the first party gets at the second",
    "back": "What the second party gets at the first",
    "reason": "Why, for the record",
}
"""Fields whose label is not derived from their name."""


def label_of(field: str) -> str:
    """The label of a field in the list of faults: `source-url` is "Source, url"."""
    labels = [_LABELS.get(part, part.replace("_", " ")) for part in field.split("-")]
    label = ", ".join(labels)
    return label[:1].upper() + label[1:]
