"""The question itself: one, many at once, and the views by passport and by destination."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields as dataclass_fields
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from flask import Response, current_app, request, stream_with_context
from marshmallow import ValidationError

from visalookup.api.v1.lookup.arguments import BatchBody, BatchQuestion, QuestionArguments, ViewArguments
from visalookup.api.v1.lookup.plain_answers import plain_answers_of
from visalookup.api.v1.lookup.plain_questions import PlainQuestion, plain_question
from visalookup.api.v1.lookup.responses.answers import LookupResultJson, lookup_result_json
from visalookup.api.v1.lookup.responses.views import BatchResultJson, ViewJson, batch_fault_json, view_json
from visalookup.api.v1.routing import StrictBlueprint, path_parameter, problems, refuse_repeated, responds
from visalookup.api.v1.strict_schema import PLACE, NoArguments
from visalookup.extensions import now, receipt_keys, rulebook_store, session
from visalookup.http.error_handlers import problem_of_question
from visalookup.http.response_cache import rendered_response
from visalookup.http.responses import fresh_json, json_response
from visalookup.rate_limits.hooks import charge
from visalookup.services.lookup.answer_question import LookupResult, answer_from, answer_question
from visalookup.services.lookup.circumstances import StatedForm
from visalookup.services.lookup.questions import BadQuestion, InputFault, QuestionForm
from visalookup.services.lookup.rulebook_store import LoadedRulebook
from visalookup.services.lookup.view_requirements import View, ViewForm, view_destination, view_passport
from visalookup.services.receipts.give import give_receipt

NDJSON = "application/x-ndjson"
MOST_QUESTIONS = 10_000
_ITEMS_AT_A_TIME = 64
_BEGINNING = b'{"answers":['
_STATED = tuple(field.name for field in dataclass_fields(StatedForm))
_CODE = path_parameter("code", PLACE)

requirements = StrictBlueprint(
    "requirements", __name__, url_prefix="/api/v1", description="Do I need a visa from X to Y?"
)


@requirements.get("/requirements")
@requirements.arguments(QuestionArguments, location="query")
@responds(requirements, LookupResultJson)
@problems(requirements, 422, 503)
def ask(arguments: dict[str, Any]) -> Response:
    """Answer one question.

    The answer with its source, how well that was checked, what else applies, and what is announced. With
    `receipt=true` it is signed; keep the whole answer as it is to prove later what the service answered.
    """
    refuse_repeated("passport")
    reply = answer_question(session(), rulebook_store(), _form(arguments), now())
    return fresh_json(_with_receipt(reply)) if arguments.get("receipt") else json_response(lookup_result_json(reply))


@requirements.post("/requirements/batch")
@requirements.arguments(NoArguments, location="query")
@requirements.arguments(BatchBody, location="json")
@responds(requirements, BatchResultJson)
@problems(requirements, 400, 413, 415, 422, 503)
def ask_batch(_arguments: dict[str, Any], body: dict[str, Any]) -> Response:
    """Answer up to 10,000 questions.

    Answers come in order. A bad question is an error in its own place; the others are answered. Ask for
    `application/x-ndjson` to get one answer a line.
    """
    queries = body["queries"]
    if len(queries) > MOST_QUESTIONS:
        detail = f"Send at most {MOST_QUESTIONS} questions at once; these are {len(queries)}."
        raise BadQuestion([InputFault("queries", detail)])
    charge(len(queries))
    loaded = rulebook_store().current(session())
    items = _batch_items(loaded, queries)
    headers = {"Cache-Control": "no-store"}
    if request.accept_mimetypes.best_match(["application/json", NDJSON]) == NDJSON:
        return Response(stream_with_context(_lines(items)), mimetype=NDJSON, headers=headers)
    answers = list(items)
    end = b'],"revision":%d}' % loaded.rulebook.edition.revision
    headers["Content-Length"] = str(len(_BEGINNING) + sum(map(len, answers)) + len(answers) - 1 + len(end))
    return Response(_listed(answers, end), mimetype="application/json", headers=headers)


@requirements.get("/passports/<code>/requirements", parameters=[_CODE])
@requirements.arguments(ViewArguments, location="query")
@responds(requirements, ViewJson)
@problems(requirements, 422, 503)
def by_passport(arguments: dict[str, Any], code: str) -> Response:
    """Everything one passport meets."""
    return _view(view_passport, arguments, code)


@requirements.get("/destinations/<code>/requirements", parameters=[_CODE])
@requirements.arguments(ViewArguments, location="query")
@responds(requirements, ViewJson)
@problems(requirements, 422, 503)
def by_destination(arguments: dict[str, Any], code: str) -> Response:
    """Everything one destination asks."""
    return _view(view_destination, arguments, code)


def _view(view: Callable[..., View], arguments: dict[str, Any], code: str) -> Response:
    refuse_repeated()
    form = ViewForm(code, arguments.get("on"), arguments.get("as_of"), arguments.get("document"))
    found = view(session(), rulebook_store(), form, now())
    if form.as_of is not None:
        return json_response(view_json(found))
    return rendered_response(found.edition, orjson.dumps(view_json(found)), "application/json")


def _with_receipt(reply: LookupResult) -> LookupResultJson:
    answer = lookup_result_json(reply)
    return {**answer, "receipt": give_receipt(reply, answer, receipt_keys())}


def _form(arguments: dict[str, Any]) -> QuestionForm:
    stay_days = arguments.get("stay_days")
    return QuestionForm(
        passports=tuple(arguments["passport"]),
        destination=arguments["destination"],
        on=arguments.get("on"),
        as_of=arguments.get("as_of"),
        document=arguments.get("document"),
        stay_days=None if stay_days is None else str(stay_days),
        lang=arguments.get("lang"),
        stated=StatedForm(**{name: arguments[name] for name in _STATED if name in arguments}),
    )


def _batch_items(loaded: LoadedRulebook, queries: list[Any]) -> Iterator[bytes]:
    """The answer or the fault of each question as JSON; a plain one is prepared already, or is from then on."""
    moment, plain = now(), plain_answers_of(current_app)
    for index, query in enumerate(queries):
        pair = _pair(query)
        prepared = plain.find(loaded, pair, _plain_pair, moment) if pair else None
        yield prepared.body if prepared else _item(loaded, index, query, moment)


def _pair(query: Any) -> tuple[str, str] | None:
    """Passport and destination of a question that says nothing else."""
    if not isinstance(query, dict) or len(query) != 2:
        return None
    passport, destination = query.get("passport"), query.get("destination")
    return (passport, destination) if isinstance(passport, str) and isinstance(destination, str) else None


def _plain_pair(pair: tuple[str, str]) -> PlainQuestion | None:
    return plain_question({"passport": pair[0], "destination": pair[1]})


def _item(loaded: LoadedRulebook, index: int, query: Any, moment: datetime) -> bytes:
    form = _checked_form(query)
    if isinstance(form, BadQuestion):
        return orjson.dumps(batch_fault_json(index, problem_of_question(form)))
    try:
        reply = answer_from(loaded, session(), rulebook_store(), form, moment)
        return orjson.dumps(_with_receipt(reply) if query.get("receipt") else lookup_result_json(reply))
    except BadQuestion as fault:
        return orjson.dumps(batch_fault_json(index, problem_of_question(fault)))


def _listed(answers: list[bytes], end: bytes) -> Iterator[bytes]:
    """The answers as one JSON document, some at a time: twenty megabytes in one piece are copied more slowly."""
    yield _BEGINNING
    for start in range(0, len(answers), _ITEMS_AT_A_TIME):
        if start:
            yield b","
        yield b",".join(answers[start : start + _ITEMS_AT_A_TIME])
    yield end


def _lines(items: Iterator[bytes]) -> Iterator[bytes]:
    """The answers, one a line, some lines at a time."""
    while some := tuple(islice(items, _ITEMS_AT_A_TIME)):
        yield b"\n".join((*some, b""))


_batch_question = BatchQuestion()


def _checked_form(query: Any) -> QuestionForm | BadQuestion:
    try:
        return _form(_batch_question.load(query))
    except ValidationError as error:
        return BadQuestion(list(_faults(error.normalized_messages())))


def _faults(messages: dict[str, Any]) -> Iterator[InputFault]:
    for name, detail in messages.items():
        text = " ".join(detail) if isinstance(detail, list) else str(detail)
        yield InputFault("query" if name == "_schema" else name, text)
