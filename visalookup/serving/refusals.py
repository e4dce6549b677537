"""Responses to requests that fail before the application sees them.

The server's parser refuses what is malformed or too large. Here its errors become problem details (RFC 9457), as
everywhere else.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import orjson
from gunicorn.http import errors as faults

from visalookup.http.problems import PROBLEM, Problem, problem_of_status

_HEADER = "A header is malformed or sent twice: send lines of `Name: value`, each name once."
_BODY = "The chunks of the body are malformed: send each as its length in hexadecimal, CRLF, its bytes, CRLF."
_REPLIES: dict[type[Exception], tuple[int, str | None]] = {
    faults.InvalidResponseHeader: (500, None),
    faults.InvalidResponseHeaderName: (500, None),
    faults.ConfigurationProblem: (500, None),
    faults.LimitRequestLine: (414, None),
    faults.LimitRequestHeaders: (431, None),
    faults.ExpectationFailed: (417, None),
    faults.UnsupportedTransferCoding: (501, None),
    faults.InvalidRequestMethod: (400, "The method is malformed: send one such as GET."),
    faults.InvalidHTTPVersion: (400, "The version is not known: send HTTP/1.1."),
    faults.InvalidRequestLine: (
        400,
        "The first line is malformed: send `METHOD /path HTTP/1.1`, and percent-encode all but plain ASCII.",
    ),
    faults.ObsoleteFolding: (400, _HEADER),
    faults.InvalidHeaderName: (400, _HEADER),
    faults.InvalidHeader: (400, _HEADER),
    faults.InvalidChunkSize: (400, _BODY),
    faults.InvalidChunkExtension: (400, _BODY),
    faults.ChunkMissingTerminator: (400, _BODY),
    faults.ParseException: (400, None),
}
"""The status of each error, and the advice where it differs from that of the status; subclasses come first."""


def refusal_of(fault: Exception) -> Problem:
    """Return the problem for an error; an error that is not the client's is reported without its text."""
    status, detail = next((reply for kind, reply in _REPLIES.items() if isinstance(fault, kind)), (500, None))
    problem = problem_of_status(status)
    return problem if detail is None else replace(problem, detail=detail)


def refusal_bytes(problem: Problem) -> bytes:
    """Write the whole response; the connection is closed, because the start of the next request is unknown."""
    body = orjson.dumps(problem.as_dict())
    lines = (
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}",
        "Connection: close",
        f"Content-Type: {PROBLEM}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
    )
    return "\r\n".join((*lines, "", "")).encode() + body
