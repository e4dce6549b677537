"""What all routes of this version share: strict arguments, and errors described as problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request
from flask_smorest import Blueprint

from visalookup.api.openapi import StrictParser
from visalookup.api.response_schemas import reference
from visalookup.http.problems import ProblemJson
from visalookup.services.lookup.questions import BadQuestion, InputFault

View = TypeVar("View", bound=Callable[..., Any])

_parser = StrictParser()


class StrictBlueprint(Blueprint):
    """A blueprint whose arguments refuse what they do not know, and which knows what its views respond with."""

    ARGUMENTS_PARSER = _parser

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declared: list[type] = []
        """The declarations of the responses."""


def responds(blueprint: StrictBlueprint, declared: type, status: int = 200) -> Callable[[View], View]:
    """Describe what an operation responds with, by the type that declares it."""
    blueprint.declared.append(declared)
    return blueprint.response(status, reference(declared))  # type: ignore[no-any-return]


def problems(blueprint: Blueprint, *statuses: int) -> Callable[[View], View]:
    """Describe the problems an operation may answer with."""

    def decorate(view: View) -> View:
        for status in statuses:
            view = blueprint.alt_response(status, schema=reference(ProblemJson))(view)
        return view

    return decorate


def path_parameter(name: str, description: str) -> dict[str, Any]:
    """A parameter of the path, described."""
    return {
        "in": "path",
        "name": name,
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1},
    }


def refuse_repeated(*may_repeat: str) -> None:
    """Refuse a parameter sent twice: of two values for one thing, neither is safe to pick."""
    faults = [
        InputFault(name, "It is given more than once; send it once.")
        for name, values in request.args.lists()
        if len(values) > 1 and name not in may_repeat
    ]
    if faults:
        raise BadQuestion(faults)
