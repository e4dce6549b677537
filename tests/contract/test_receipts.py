"""Receipts over JSON: an agency keeps an answer, and proves later what it was told."""

from __future__ import annotations

import base64
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask
from joserfc import jws
from joserfc.jwk import KeySet

from tests.conftest import MORNING, FixedClock, MakeDatabase
from tests.contract.conftest import Api, Json, assert_declared, checked_problem, close_app
from visalookup import create_app
from visalookup.api.v1.receipts.responses import VerifiedJson
from visalookup.config import ROOT, Settings
from visalookup.domain.lifecycle import Status
from visalookup.domain.moments import EffectiveDate
from visalookup.extensions import db, rulebook_store_of
from visalookup.services.changes.add_event import NewEvent, add_event
from visalookup.services.receipts.keys import ReceiptKeys

VERIFY = "/api/v1/receipts/verify"
JWKS = "/.well-known/jwks.json"


def bytes_of(text: str) -> bytes:
    """What base64url without padding stands for (RFC 7515, appendix C)."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def what_was_signed(answer: Json) -> bytes:
    """The documented rule, followed with nothing of ours: all but the signature, as RFC 8785 writes it."""
    rest = deepcopy(answer)
    del rest["receipt"]["signature"]
    return json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def assert_signed(answer: Json, key_set: Json) -> None:
    """Verified with the arithmetic of `cryptography` alone."""
    header, nothing, signature = answer["receipt"]["signature"].split(".")
    assert nothing == ""
    kid = json.loads(bytes_of(header))["kid"]
    (key,) = (each for each in key_set["keys"] if each["kid"] == kid)
    payload = base64.urlsafe_b64encode(what_was_signed(answer)).rstrip(b"=")
    public = Ed25519PublicKey.from_public_bytes(bytes_of(key["x"]))
    public.verify(bytes_of(signature), header.encode() + b"." + payload)


class Receipts(Api):
    """The JSON interface, with what receipts add to it."""

    def give(self, passport: str | list[str] = "KAZ", destination: str = "ISR", **circumstances: str) -> Json:
        return self.ask(passport, destination, receipt="true", **circumstances)

    def verify(self, answer: Json) -> Json:
        response = self.client.post(VERIFY, json=answer)
        assert response.status_code == 200, response.get_data(as_text=True)[:400]
        assert response.headers["Cache-Control"] == "no-store"
        found: Json = response.get_json()
        assert_declared(found, VerifiedJson)
        return found

    def key_set(self) -> Json:
        found: Json = json.loads(self.client.get(JWKS).get_data())
        return found


@pytest.fixture
def receipts(app: Flask) -> Receipts:
    return Receipts(app.test_client())


@dataclass(slots=True)
class OwnService:
    """A service of its own, that may be written to, with a key in a file of its own."""

    app: Flask
    clock: FixedClock
    keys: ReceiptKeys

    @property
    def receipts(self) -> Receipts:
        return Receipts(self.app.test_client())

    def publish(self, regime: str, status: Status, effective: str) -> None:
        with self.app.app_context():
            source = next(iter(rulebook_store_of(self.app).current(db.session).rulebook.regimes[regime].sources))
            step = NewEvent(regime, EffectiveDate.parse(effective), source, status)
            add_event(db.session, step, "tests", self.clock.move(minutes=1))
            db.session.commit()
            rulebook_store_of(self.app).renew(db.session)


@pytest.fixture
def own(make_sqlite: MakeDatabase, loaded_sqlite_template: str, tmp_path: Path) -> Iterator[OwnService]:
    keys = ReceiptKeys(tmp_path / "key.pem", create_if_missing=False)
    keys.replace(MORNING)
    clock = FixedClock(MORNING)
    url = make_sqlite(loaded_sqlite_template)
    app = create_app(Settings(url, log_level="CRITICAL", receipt_key_file=tmp_path / "key.pem"), clock)
    yield OwnService(app, clock, keys)
    close_app(app)


def test_an_answer_with_a_receipt_is_the_answer_and_the_receipt(receipts: Receipts) -> None:
    plain, signed = receipts.ask("KAZ", "ISR"), receipts.give()
    assert signed.keys() - plain.keys() == {"receipt"}
    assert {name: signed[name] for name in plain} == plain
    receipt = signed["receipt"]
    assert receipt.keys() == {"given_at", "question", "signature"}
    assert receipt["given_at"] == "2026-11-23T09:00:00Z"
    assert receipt["question"] == {
        "passports": ["KAZ"],
        "destination": "ISR",
        "on": "2026-11-23",
        "document": "ordinary",
        "stay_days": None,
        "as_of": None,
    }


def test_no_cache_keeps_a_receipt_and_an_answer_without_one_is_as_ever(receipts: Receipts) -> None:
    query = {"passport": "KAZ", "destination": "ISR"}
    signed = receipts.client.get("/api/v1/requirements", query_string={**query, "receipt": "true"})
    assert signed.headers["Cache-Control"] == "no-store"
    assert "ETag" not in signed.headers
    declined = receipts.client.get("/api/v1/requirements", query_string={**query, "receipt": "false"})
    usual = receipts.client.get("/api/v1/requirements", query_string=query)
    assert declined.data == usual.data
    assert declined.headers["ETag"] == usual.headers["ETag"]


def test_anybody_can_verify_it_with_cryptography_alone(receipts: Receipts) -> None:
    answers = (
        receipts.give(),
        receipts.give(["KAZ", "DEU"], "Israel", on="2027-03-01", stay_days="400", document="diplomatic"),
        receipts.give("CIV", "FRA", as_of="2026-11-23T09:00:00Z"),
    )
    for answer in answers:
        assert_signed(answer, receipts.key_set())


def test_any_jose_library_can_verify_it_from_the_key_set(receipts: Receipts) -> None:
    answer = receipts.give()
    keys = KeySet.import_key_set(receipts.key_set())  # type: ignore[arg-type]
    signature = answer["receipt"]["signature"]
    jws.deserialize_compact(signature, keys, algorithms=["Ed25519"], payload=what_was_signed(answer))


def test_a_stranger_finds_what_was_altered(receipts: Receipts) -> None:
    answer = receipts.give()
    answer["answer"] = "no"
    with pytest.raises(InvalidSignature):
        assert_signed(answer, receipts.key_set())


def test_the_key_set_holds_public_keys_and_nothing_secret(receipts: Receipts) -> None:
    response = receipts.client.get(JWKS)
    assert (response.status_code, response.mimetype) == (200, "application/jwk-set+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["ETag"]
    for key in receipts.key_set()["keys"]:
        assert key.keys() == {"kty", "crv", "x", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "Ed25519", "sig")


def test_each_question_of_a_batch_may_ask_for_a_receipt(receipts: Receipts) -> None:
    plain, signed, faulty = receipts.batch(
        {"passport": "KAZ", "destination": "ISR", "receipt": False},
        {"passport": "KAZ", "destination": "ISR", "receipt": True},
        {"passport": "KAZ", "destination": "ISR", "receipt": "true"},
    )
    assert "receipt" not in plain
    assert_signed(signed, receipts.key_set())
    assert receipts.verify(signed)["holds"] is True
    assert faulty["error"]["errors"] == [{"field": "receipt", "detail": "Send true or false."}]


@pytest.mark.parametrize("value", ["yes", "1", "True", "", "null"])
def test_receipt_is_true_or_false_and_nothing_else(receipts: Receipts, value: str) -> None:
    query = {"passport": "KAZ", "destination": "ISR", "receipt": value}
    problem = receipts.refuses(422, "/api/v1/requirements", query_string=query)
    assert problem["errors"] == [{"field": "receipt", "detail": "Send true or false."}]


def test_a_receipt_just_given_holds_and_the_answer_is_the_same(receipts: Receipts) -> None:
    answer = receipts.give(["KAZ", "DEU"], "ISR", stay_days="30")
    found = receipts.verify(answer)
    assert (found["holds"], found["finding"]) == (True, "holds")
    assert found["key"] == {"kid": found["kid"], "retired_at": None}
    assert found["given_at"] == answer["receipt"]["given_at"]
    assert found["revision"] == answer["revision"]
    assert found["answer"] == answer
    assert found["now"]["standing"] == "same"
    assert found["now"]["detail"] == "The answer would be the same now."
    assert found["now"]["differences"] == []
    assert found["now"]["answer"]["sentence"] == answer["sentence"]


def test_how_the_stored_answer_is_spaced_and_ordered_makes_no_difference(receipts: Receipts) -> None:
    answer = receipts.give("CIV", "FRA")
    for text in (json.dumps(answer, indent=4, sort_keys=True), json.dumps(answer, ensure_ascii=False)):
        found = receipts.client.post(VERIFY, data=text.encode(), content_type="application/json")
        assert found.get_json()["holds"] is True


def altered(answer: Json, *path: str, to: Any) -> Json:
    """The answer with another value at a path."""
    found = deepcopy(answer)
    place: Any = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return found


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("answer",), "no"),
        (("requirement",), "visa_free"),
        (("revision",), 2),
        (("passport", "code"), "ISR"),
        (("receipt", "given_at"), "2026-11-23T09:00:01Z"),
        (("receipt", "question", "on"), "2026-11-24"),
        (("receipt", "question", "stay_days"), 1),
        (("more",), "than was said"),
        (("sources",), []),
    ],
)
def test_whatever_is_altered_is_found_and_not_repeated(receipts: Receipts, path: tuple[str, ...], to: Any) -> None:
    found = receipts.verify(altered(receipts.give(), *path, to=to))
    assert (found["holds"], found["finding"]) == (False, "altered")
    assert [found[name] for name in ("answer", "given_at", "revision", "now")] == [None] * 4
    assert "does not hold" in found["detail"]


def test_the_signature_of_another_answer_does_not_hold(receipts: Receipts) -> None:
    other = receipts.give("DEU", "ISR")["receipt"]["signature"]
    assert receipts.verify(altered(receipts.give(), "receipt", "signature", to=other))["finding"] == "altered"


def test_a_receipt_of_another_service_has_an_unknown_key(receipts: Receipts, own: OwnService) -> None:
    found = receipts.verify(own.receipts.give())
    assert (found["holds"], found["finding"], found["key"]) == (False, "unknown_key", None)
    assert found["kid"] == own.keys.public_keys()[0].kid
    assert found["answer"] is None


HEADER = base64.urlsafe_b64encode(b'{"alg":"none","kid":"x","typ":"visalookup-receipt"}').rstrip(b"=").decode()


@pytest.mark.parametrize(
    "signature", ["", "x", "..", "a.b.c", f"{HEADER}..", f"{HEADER}..{'A' * 86}", "é" * 90, f"bm8..{'A' * 86}"]
)
def test_what_is_no_signature_of_ours_is_refused(receipts: Receipts, signature: str) -> None:
    answer = altered(receipts.give(), "receipt", "signature", to=signature)
    problem = receipts.refuses(422, VERIFY, "POST", json=answer)
    assert "signature" in problem["errors"][0]["field"] + problem["errors"][0]["detail"]


@pytest.mark.parametrize("body", [[], {}, {"receipt": None}, {"receipt": {}}, {"receipt": {"signature": 1}}, "x"])
def test_what_is_no_answer_with_a_receipt_is_refused(receipts: Receipts, body: Any) -> None:
    receipts.refuses(422, VERIFY, "POST", json=body)


def test_text_that_different_readers_would_read_differently_is_refused(receipts: Receipts) -> None:
    text = json.dumps(receipts.give())
    twice = '{"answer":"no",' + text[1:]
    for body, content_type, status in (
        (twice, "application/json", 422),
        (text.replace('"stay_days": null', '"stay_days": 1.5'), "application/json", 422),
        (text.replace('"stay_days": null', '"stay_days": 1e999'), "application/json", 400),
        (text[:-1], "application/json", 400),
        (text, "text/plain", 415),
    ):
        checked_problem(receipts.client.post(VERIFY, data=body, content_type=content_type), status)


def test_when_the_law_changes_the_receipt_holds_and_tells_what_is_otherwise(own: OwnService) -> None:
    answer = own.receipts.give(on="2026-12-01")
    own.publish("kaz-isr-2026", Status.SIGNED, "2026-11-01")
    found = own.receipts.verify(answer)
    assert found["holds"] is True
    assert found["now"]["standing"] == "details_changed"
    assert [each["member"] for each in found["now"]["differences"]] == ["pending"]
    own.publish("kaz-isr-2026", Status.IN_FORCE, "2026-11-20")
    found = own.receipts.verify(answer)
    assert found["holds"] is True
    assert found["answer"] == answer
    assert found["now"]["standing"] == "changed"
    assert found["now"]["answer"]["revision"] == answer["revision"] + 2
    deciding = {each["member"]: (each["then"], each["now"]) for each in found["now"]["differences"]}
    assert deciding["answer"] == ("yes", "no")
    assert deciding["requirement"] == ("visa_required", "visa_free")
    assert found["now"]["detail"].startswith("The answer would be another now.")


def test_a_new_key_signs_at_once_and_what_the_old_one_signed_still_holds(own: OwnService) -> None:
    before = own.receipts.give()
    own.keys.replace(own.clock.move(days=1))
    after = own.receipts.give()
    found, found_after = own.receipts.verify(before), own.receipts.verify(after)
    assert found["holds"] is found_after["holds"] is True
    assert found["key"] == {"kid": found["kid"], "retired_at": "2026-11-24T09:00:00Z"}
    assert found_after["key"]["retired_at"] is None
    assert [each["kid"] for each in own.receipts.key_set()["keys"]] == [found_after["kid"], found["kid"]]
    for answer in (before, after):
        assert_signed(answer, own.receipts.key_set())


def test_without_its_key_the_service_gives_no_receipt_and_answers_all_else(own: OwnService, tmp_path: Path) -> None:
    answer = own.receipts.give()
    (tmp_path / "key.pem").unlink()
    for problem in (
        own.receipts.refuses(503, "/api/v1/requirements?passport=KAZ&destination=ISR&receipt=true"),
        own.receipts.refuses(503, VERIFY, "POST", json=answer),
        own.receipts.refuses(503, JWKS),
    ):
        assert str(tmp_path) not in json.dumps(problem)
    assert own.receipts.ask("KAZ", "ISR")["answer"] == "yes"


def curl(receipts: Receipts, folder: Path, line: str) -> Json:
    """Do what a line of the guide says, with files in the folder; the answer."""
    _, option, file, address = shlex.split(line)
    path = address.removeprefix("http://127.0.0.1:8000")
    if option == "--json":
        found: Json = receipts.verify(json.loads((folder / file.removeprefix("@")).read_text()))
        assert path == VERIFY
        return found
    assert option == "-o"
    response = receipts.client.get(path)
    assert response.status_code == 200
    (folder / file).write_bytes(response.data)
    return dict(response.get_json(force=True))


def test_the_guide_leads_from_the_question_to_the_proof(receipts: Receipts, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "receipts.md").read_text()
    answer, verified, _ = (curl(receipts, tmp_path, line) for line in re.findall(r"^curl .*", guide, re.MULTILINE))
    assert verified["holds"] is True
    (program,) = re.findall(r"^```python\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    (tmp_path / "prove.py").write_text(program)
    command = [sys.executable, "prove.py"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - our guide
    assert printed.stdout == f"Given at 2026-11-23T09:00:00Z, revision {answer['revision']}: {answer['sentence']}\n"
    (tmp_path / "answer.json").write_text(json.dumps(answer | {"answer": "no"}))
    refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert refused.returncode != 0
    assert "InvalidSignature" in refused.stderr
