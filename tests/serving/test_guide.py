"""The guide for agencies: its programs run as printed, against the service as it is deployed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from scripts.shell import tool
from tests.conftest import MORNING, MakeDatabase, opened
from tests.serving.server import Service, serving
from visalookup.config import ROOT
from visalookup.services.agencies.agencies import add_agency, issue_key

GUIDE = (ROOT / "docs/agencies.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|python|javascript)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
PROGRAMS = [(language, text, number) for number, (language, text) in enumerate(BLOCKS)]
PRINTED = {
    (
        "python",
        "def ask",
    ): r"yes \w+\n\d+ questions are left in this minute\nnothing has changed\nISR may have been",
    ("javascript", "function ask"): r"yes \w+\nnothing has changed",
    ("python", "iter_lines"): r"KAZ ISR yes\nGBR France no\nKAZ Isreal destination: ",
    ("javascript", "/batch"): r"yes no at revision \d+",
    ("python", "/api/v1/trips"): r"A \['no', 'no'\]",
    ("python", "/api/v1/changes"): r"[1-9]\d* changes concern passports of Kazakhstan; go on from \S+",
}
"""What a program prints, by its language and a piece of its text."""


@pytest.fixture(scope="module")
def service(
    make_sqlite: MakeDatabase, loaded_sqlite_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, str]]:
    """The service, and an agency's key."""
    url = make_sqlite(loaded_sqlite_template)
    with opened(url) as engine, Session(engine) as session:
        add_agency(session, "silk-road-travel", "Silk Road Travel", "tests", MORNING)
        key = issue_key(session, "silk-road-travel", None, "tests", MORNING).secret
        session.commit()
    with serving(url, tmp_path_factory.mktemp("guide") / "log") as service:
        yield service, key


def test_the_guide_has_programs_in_each_language() -> None:
    assert {language for language, _text, _number in PROGRAMS} == {"sh", "python", "javascript"}
    assert len([program for program in PROGRAMS if program[0] != "sh"]) == len(PRINTED)


@pytest.mark.parametrize(("language", "text"), [pytest.param(a, b, id=f"{a}-{n}") for a, b, n in PROGRAMS if a != "sh"])
def test_a_program_prints_what_it_should(
    service: tuple[Service, str], tmp_path: Path, language: str, text: str
) -> None:
    running, key = service
    program = tmp_path / ("program.py" if language == "python" else "program.mjs")
    program.write_text(text)
    command = [sys.executable if language == "python" else tool("node"), str(program)]
    environment = {**os.environ, "VISA_LOOKUP": f"http://127.0.0.1:{running.port}", "VISA_LOOKUP_KEY": key}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our guide
    assert (ended.returncode, ended.stderr) == (0, "")
    (expected,) = (expected for (known, piece), expected in PRINTED.items() if known == language and piece in text)
    assert re.match(expected, ended.stdout), ended.stdout


@pytest.mark.parametrize("text", [pytest.param(b, id=f"curl-{n}") for a, b, n in PROGRAMS if a == "sh"])
def test_a_line_of_curl_gets_an_answer(service: tuple[Service, str], text: str) -> None:
    running, key = service
    line = text.strip().replace("vla_YOUR-KEY", key).replace("127.0.0.1:8000", f"127.0.0.1:{running.port}")
    words = [*shlex.split(line), "--silent", "--show-error", "--fail"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our guide
    assert (ended.returncode, ended.stderr) == (0, "")
    assert '"revision":' in ended.stdout
