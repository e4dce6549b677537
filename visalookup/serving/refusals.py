"""What a client is told whose request breaks off before any application sees it.

The server's parser refuses what is malformed or too large. Here that becomes a problem (RFC 9457) like all others.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import orjson
from gunicorn.http import errors as faults

from visalookup.http.problems import PROBLEM, Problem, problem_of_status

_HEADER = "A header is malformed or sent twice: send lines of `Name: value`, each name once."
_BODY = "The chunks of the body are malformed: send each as its length in hexadecimal, CRLF, its bytes, CRLF."
_REFUSED: dict[type[Exception], tuple[int, str | None]] = {
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
"""The status of each fault, and what to do about it where that is more than the status says; kinds before kin."""


def refusal_of(fault: Exception) -> Problem:
    """The problem that a fault stands for; what is not the client's is told without its text."""
    status, detail = next((told for kind, told in _REFUSED.items() if isinstance(fault, kind)), (500, None))
    problem = problem_of_status(status)
    return problem if detail is None else replace(problem, detail=detail)


def refusal_bytes(problem: Problem) -> bytes:
    """The whole response, after which the connection is closed: where the next request begins nobody knows."""
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
