"""README and docs stay true: their commands run, their answers are current, their links exist."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from visalookup.cli import main
from visalookup.config import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:```json\n(.*?)^```)?", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """A command that a document shows, and the answer shown after it."""

    document: str
    line: str
    answer: str | None

    def __str__(self) -> str:
        return f"{self.document}: {self.line[:60]}"


def commands(program: str) -> list[Command]:
    return [
        Command(path.relative_to(ROOT).as_posix(), line.split("  #")[0].strip(), answer or None)
        for path in DOCUMENTS
        for language, block, answer in BLOCK.findall(path.read_text("utf-8"))
        if language == "sh"
        for line in block.splitlines()
        if line.startswith(f"{program} ")
    ]


def assert_shown(shown: Any, actual: Any, where: str = "answer") -> None:
    """Every member shown is in the actual answer; an answer may hold more."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in actual, f"{where}.{name}"
            assert_shown(value, actual[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(actual) >= len(shown), where
        for index, value in enumerate(shown):
            assert_shown(value, actual[index], f"{where}[{index}]")
    else:
        assert shown == actual, where


@pytest.mark.parametrize("command", commands("curl"), ids=str)
def test_a_curl_line_gets_the_answer_shown(command: Command, client: FlaskClient) -> None:
    address = shlex.split(command.line)[-1]
    assert address.startswith("http://127.0.0.1:8000/")
    response = client.get(address.removeprefix("http://127.0.0.1:8000"))
    assert response.status_code < 500
    if command.answer is not None:
        assert_shown(json.loads(command.answer), response.get_json())


@pytest.mark.parametrize("command", commands("visalookup"), ids=str)
def test_a_visalookup_line_runs(command: Command, loaded_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", loaded_url)
    words = shlex.split(command.line)[1:]
    if words[0] == "serve" or "<" in command.line:
        words = [words[0], "--help"]
    if words[0] == "agency" and words[1] != "add":  # commands for an agency that exists
        CliRunner().invoke(main, ["agency", "add", "silk-road-travel", "--title", "Silk Road Travel"])
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("command", commands("make"), ids=str)
def test_a_make_line_names_a_target(command: Command) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    named = [word for word in shlex.split(command.line)[1:] if "=" not in word]
    assert named
    assert set(named) <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_link_to_a_file_leads_to_it(path: Path) -> None:
    missing = [link for link in LINK.findall(path.read_text("utf-8")) if not (path.parent / link).exists()]
    assert not missing


def test_there_are_examples_of_each_kind() -> None:
    """The patterns above still match."""
    assert len([command for command in commands("curl") if command.answer]) >= 3
    assert len(commands("visalookup")) >= 3
    assert len(commands("make")) >= 4


def test_the_documents_name_no_path_of_our_machines() -> None:
    for path in DOCUMENTS:
        assert not re.search(r"/root/|/home/|/tmp/", path.read_text("utf-8")), path
