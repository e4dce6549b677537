"""Receipts on the command line: what is in a file is verified, and keys are changed without losing any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MORNING, FixedClock
from tests.contract.conftest import close_app
from tests.integration.command_line import CommandLine
from visalookup import create_app
from visalookup.config import Settings

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: CommandLine) -> Path:
    """The file that the settings name, with a key in it."""
    path = tmp_path / "keys" / "receipt.pem"
    monkeypatch.setenv("RECEIPT_KEY_FILE", str(path))
    small.says("receipt", "key", "new")
    return path


@pytest.fixture
def answer(small: CommandLine, key_file: Path) -> Json:
    """An answer with its receipt, as the service gives it."""
    app = create_app(Settings(small.url, log_level="ERROR", receipt_key_file=key_file), FixedClock(MORNING))
    query = {"passport": ["MAR", "AZE"], "destination": "AZE", "on": "2026-12-01", "receipt": "true"}
    response = app.test_client().get("/api/v1/requirements", query_string=query)
    close_app(app)
    assert response.status_code == 200, response.text
    found: Json = response.get_json()
    return found


def stored(tmp_path: Path, answer: Json) -> str:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer, indent=2))
    return str(path)


def test_a_receipt_that_holds_tells_all_that_was_said(small: CommandLine, answer: Json, tmp_path: Path) -> None:
    said = small.says("receipt", "verify", stored(tmp_path, answer))
    assert said.startswith("The signature holds: this service gave just this answer")
    kid = small.says("receipt", "key", "list").split()[0]
    assert f"  Key: {kid}\n" in said
    assert "  Given at 2026-11-23T09:00:00Z, from revision 1.\n" in said
    assert "  Asked: MAR, AZE to AZE on 2026-12-01, document ordinary.\n" in said
    for each in (answer, *answer["other_passports"]):
        assert f"  Answered: {each['sentence']}\n" in said
    assert "  Now, from revision 1: The answer would be the same now.\n" in said


def test_it_is_read_from_standard_input_too_and_printed_as_json(
    small: CommandLine, answer: Json, tmp_path: Path
) -> None:
    found = json.loads(small.says("receipt", "verify", "--json", stored(tmp_path, answer)))
    assert (found["holds"], found["now"]["standing"]) == (True, "same")
    assert found["answer"] == answer


def test_after_a_step_it_tells_what_is_otherwise(small: CommandLine, answer: Json, tmp_path: Path) -> None:
    small.says(
        *("regime", "add-event", "mar-aze-2024", "--status", "terminated", "--on", "2026-11-01"),
        *("--source", "notice", "--publisher", "Ministry", "--title", "Denunciation", "--kind", "official"),
        *("--url", "https://ministry.example/3"),
    )
    said = small.says("receipt", "verify", stored(tmp_path, answer))
    assert said.startswith("The signature holds")
    assert "  Now, from revision 2: The answer would be another now. What differs: " in said
    assert '    MAR answer: "no" then, ' in said


def test_one_that_was_altered_is_told_and_nothing_of_it_repeated(
    small: CommandLine, answer: Json, tmp_path: Path
) -> None:
    result = small.run("receipt", "verify", stored(tmp_path, answer | {"answer": "not_admitted"}))
    assert result.exit_code == 1
    assert result.stdout.startswith("The signature does not hold: answer or receipt were altered")
    assert "Answered" not in result.stdout
    assert result.stderr == ""


def test_one_of_another_service_is_told(
    small: CommandLine, answer: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEIPT_KEY_FILE", str(tmp_path / "other" / "receipt.pem"))
    small.says("receipt", "key", "new")
    result = small.run("receipt", "verify", stored(tmp_path, answer))
    assert result.exit_code == 1
    assert result.stdout.startswith("The key that the receipt names is none of this service's")


@pytest.mark.parametrize(("text", "fault"), [("{", "request: It is not JSON"), ("{}", "receipt: It is missing")])
def test_what_is_no_receipt_is_refused(small: CommandLine, tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(text)
    assert small.refuses("receipt", "verify", str(path)).startswith(fault)


def test_after_a_new_key_what_the_old_one_signed_still_holds(small: CommandLine, answer: Json, tmp_path: Path) -> None:
    old = small.says("receipt", "key", "list").split()[0]
    new = small.says("receipt", "key", "new").removesuffix(" signs from now on.\n")
    first, second = small.says("receipt", "key", "list").splitlines()
    assert first == f"{new} signs"
    assert second.startswith(f"{old} retired 2")
    assert f"  Key: {old} (retired 2" in small.says("receipt", "verify", stored(tmp_path, answer))


def test_without_the_file_that_the_settings_name_it_says_so(small: CommandLine, key_file: Path) -> None:
    key_file.unlink()
    assert small.refuses("receipt", "key", "list").startswith("Receipts can neither be given nor checked now.")
