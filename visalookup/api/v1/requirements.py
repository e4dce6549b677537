"""The question itself: one, many at once, and the views by passport and by destination."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from flask import Response, request, stream_with_context
from marshmallow import ValidationError

from visalookup.api.v1.answers import BatchReply, ReplySchema, ViewSchema
from visalookup.api.v1.arguments import (
    PLACE,
    BatchBody,
    BatchQuestion,
    NoArguments,
    QuestionArguments,
    ViewArguments,
)
from visalookup.api.v1.representations import Json, reply_json, view_json
from visalookup.api.v1.routing import StrictBlueprint, path_parameter, problems, refuse_repeated
from visalookup.errors import problem_of_question
from visalookup.extensions import library, now, session
from visalookup.responses import fresh_json, json_response
from visalookup.services.answer_batch import MOST_QUESTIONS, answer_batch
from visalookup.services.answer_question import Reply, answer_question
from visalookup.services.questions import BadQuestion, InputFault, QuestionForm
from visalookup.services.view_requirements import View, ViewForm, view_destination, view_passport

NDJSON = "application/x-ndjson"
_CODE = path_parameter("code", PLACE)

requirements = StrictBlueprint(
    "requirements", __name__, url_prefix="/api/v1", description="Do I need a visa from X to Y?"
)


@requirements.get("/requirements")
@requirements.arguments(QuestionArguments, location="query")
@requirements.response(200, ReplySchema)
@problems(requirements, 422, 503)
def ask(arguments: dict[str, Any]) -> Response:
    """Answer one question.

    The answer with its source, how well that was checked, what else applies, and what is announced.
    """
    refuse_repeated("passport")
    return json_response(reply_json(answer_question(session(), library(), _form(arguments), now())))


@requirements.post("/requirements/batch")
@requirements.arguments(NoArguments, location="query")
@requirements.arguments(BatchBody, location="json")
@requirements.response(200, BatchReply)
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
    revision = library().current(session()).rulebook.edition.revision
    replies = answer_batch(session(), library(), map(_checked_form, queries), now())
    items = (_batch_item(index, reply) for index, reply in enumerate(replies))
    if request.accept_mimetypes.best_match(["application/json", NDJSON]) == NDJSON:
        lines = stream_with_context(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE) for item in items)
        return Response(lines, mimetype=NDJSON, headers={"Cache-Control": "no-store"})
    return fresh_json({"answers": list(items), "revision": revision})


@requirements.get("/passports/<code>/requirements", parameters=[_CODE])
@requirements.arguments(ViewArguments, location="query")
@requirements.response(200, ViewSchema)
@problems(requirements, 422, 503)
def by_passport(arguments: dict[str, Any], code: str) -> Response:
    """Everything one passport meets."""
    return _view(view_passport, arguments, code)


@requirements.get("/destinations/<code>/requirements", parameters=[_CODE])
@requirements.arguments(ViewArguments, location="query")
@requirements.response(200, ViewSchema)
@problems(requirements, 422, 503)
def by_destination(arguments: dict[str, Any], code: str) -> Response:
    """Everything one destination asks."""
    return _view(view_destination, arguments, code)


def _view(view: Callable[..., View], arguments: dict[str, Any], code: str) -> Response:
    refuse_repeated()
    form = ViewForm(code, arguments.get("on"), arguments.get("as_of"), arguments.get("document"))
    return json_response(view_json(view(session(), library(), form, now())))


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
    )


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


def _batch_item(index: int, reply: Reply | BadQuestion) -> Json:
    if isinstance(reply, BadQuestion):
        return {"error": {**problem_of_question(reply).as_dict(), "index": index}}
    return reply_json(reply)
