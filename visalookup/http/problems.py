"""Problem details (RFC 9457): the one shape of errors for programs, with what went wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from visalookup.http.place_refs import PlaceRefJson

PROBLEM = "application/problem+json"
PROBLEM_TYPES = "/docs/errors#"


class FieldErrorJson(TypedDict):
    """What is wrong with one field."""

    field: Annotated[str, Meta(description="The parameter or member; what is inside one by a JSON pointer (RFC 6901).")]
    detail: Annotated[str, Meta(description="What is wrong, and what to send instead.")]
    value: NotRequired[Annotated[str, Meta(description="What was sent.")]]
    suggestions: NotRequired[Annotated[list[PlaceRefJson], Meta(description="What might have been meant.")]]


class ProblemJson(TypedDict):
    """Problem details (RFC 9457)."""

    type: Annotated[str, Meta(description="What kind of problem it is; the address explains it.")]
    title: Annotated[str, Meta(description="The kind of problem in words.")]
    status: Annotated[int, Meta(description="The HTTP status.")]
    detail: Annotated[str, Meta(description="What went wrong this time, and what to do.")]
    errors: NotRequired[Annotated[list[FieldErrorJson], Meta(description="Each field at fault.")]]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong and what to do about it; `errors` names each field at fault."""

    status: int
    name: str
    title: str
    detail: str
    errors: tuple[FieldErrorJson, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> ProblemJson:
        """The members defined by RFC 9457, and our own."""
        problem: ProblemJson = {
            "type": f"{PROBLEM_TYPES}{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            problem["errors"] = list(self.errors)
        return problem


_STATUS_PROBLEMS = {
    400: ("malformed", "The request is malformed", "Send a well-formed request; the documentation is at /docs."),
    401: (
        "unauthorized",
        "A key or a token is needed",
        "Send `Authorization: Bearer` with an agency's key, or, for what only staff may do, with a token made at"
        " /staff/account/tokens.",
    ),
    403: (
        "forbidden",
        "This is not allowed",
        "Use a token with the scope that `WWW-Authenticate` names, or ask someone whose role allows it.",
    ),
    404: ("not-found", "Not found", "There is nothing at this address; the documentation is at /docs."),
    405: ("method-not-allowed", "Method not allowed", "Use one of the methods named in the Allow header."),
    409: (
        "conflict",
        "Someone else was first",
        "Read the record again, and send your change again if it is still right.",
    ),
    412: (
        "precondition-failed",
        "It was changed since you read it",
        "Read the record again, and send your change again with its new ETag.",
    ),
    413: ("too-large", "The request is too large", "Send at most 5 MB; split a long list into several requests."),
    414: (
        "uri-too-long",
        "The address is too long",
        "Send one of at most 8,190 characters; for many questions there is POST /api/v1/requirements/batch.",
    ),
    415: ("unsupported-media-type", "Unsupported media type", "Send JSON, with Content-Type: application/json."),
    417: (
        "expectation-failed",
        "The header Expect cannot be met",
        "Leave it out, or send `Expect: 100-continue`.",
    ),
    428: (
        "precondition-required",
        "Say what your change was made on",
        "Send `If-Match` with the ETag of what you read, or `If-None-Match: *` for what is new.",
    ),
    429: (
        "too-many-requests",
        "More was asked than is allowed",
        "Wait as long as `Retry-After` says, and try again; with an agency's key more is allowed.",
    ),
    431: (
        "headers-too-large",
        "The headers are too large",
        "Send at most 100 headers, each of at most 8,190 bytes.",
    ),
    500: (
        "internal-error",
        "Something went wrong on our side",
        "Try again; if it happens again, send us the request id.",
    ),
    501: (
        "not-implemented",
        "This way of sending a body is not known here",
        "Send the body with `Content-Length`, or with `Transfer-Encoding: chunked`.",
    ),
    503: ("not-ready", "The service is not ready", "Try again in a few minutes."),
}
"""The name, title and advice of each problem that is not about the content of a question, by HTTP status."""


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem for an HTTP status without further detail."""
    known = _STATUS_PROBLEMS.get(status)
    if known is None:
        phrase = HTTPStatus(status).phrase
        known = (phrase.lower().replace(" ", "-"), phrase, "The documentation is at /docs.")
    name, title, detail = known
    return Problem(status, name, title, detail, headers=headers or {})


BAD_INPUT = ("bad-input", "The question cannot be understood")

KNOWN_PROBLEMS = (
    Problem(422, *BAD_INPUT, "Read `errors`: each names a field, its fault, and what might have been meant."),
    *(problem_of_status(status) for status in _STATUS_PROBLEMS),
)
"""All problem types, as the documentation lists them."""
