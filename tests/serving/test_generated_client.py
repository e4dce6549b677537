"""The description of the interface is enough for a generator: the client it makes asks the real service."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from scripts.shell import tool
from tests.serving.server import serving
from visalookup.config import ROOT

NAME = "generated_visa_lookup"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the package that the generator made, without a word of complaint."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.yml"
    config.write_text("post_hooks: []\n")
    words = ["generate", "--path", str(ROOT / "openapi.json"), "--meta", "none", "--config", str(config)]
    made = subprocess.run(  # noqa: S603 - our own words
        [tool("openapi-python-client"), *words, "--output-path", str(folder / NAME), "--fail-on-warning"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield NAME
    sys.path.remove(str(folder))


def of(package: str, name: str) -> ModuleType:
    return importlib.import_module(f"{package}.{name}")


def test_a_generated_client_asks_one_many_and_everything(
    generated: str, loaded_sqlite_url: str, tmp_path: Path
) -> None:
    with (
        serving(loaded_sqlite_url, tmp_path / "log", workers=1) as service,
        of(generated, "client").Client(base_url=f"http://127.0.0.1:{service.port}") as client,
    ):
        reply = of(generated, "api.requirements.ask").sync(client=client, passport=["KAZ"], destination="ISR")
        assert (reply.answer, reply.passport.code, reply.destination.name) == ("yes", "KAZ", "Israel")
        assert reply.sources[0].publisher

        models = of(generated, "models")
        questions = [models.BatchQuestion(passport="KAZ", destination=each) for each in ("ISR", "Isreal")]
        body = models.BatchBody(queries=questions)
        batch = of(generated, "api.requirements.ask_batch").sync(client=client, body=body)
        assert batch.answers[0].answer == "yes"
        assert batch.answers[1].error.index == 1

        view = of(generated, "api.requirements.by_passport").sync(client=client, code="KAZ")
        assert len(view.requirements) > 150

        problem = of(generated, "api.requirements.ask").sync_detailed(
            client=client, passport=["KAZ"], destination="Isreal"
        )
        assert problem.status_code == 422
        assert problem.parsed.errors[0].suggestions[0].code == "ISR"
