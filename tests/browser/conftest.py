"""A person at a browser: a real Chromium, before the service as gunicorn runs it, on the real data.

Nothing leaves this machine: what a page links to elsewhere is answered by a stand-in.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from scripts.tools import find_chromium
from tests.conftest import MakeDatabase, build
from tests.made_once import SharedFolder
from tests.unit import real_data
from visalookup.config import ROOT
from visalookup.services.clock import system_clock

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE = 1280, 320
"""Widths of the window, in CSS pixels: 320 is what WCAG 1.4.10 asks for."""

SECONDS_TO_START = 60
STAND_IN = "<!doctype html><title>Elsewhere</title>"


@pytest.fixture(scope="session")
def database_url(make_sqlite: MakeDatabase, shared_folder: SharedFolder) -> str:
    """A SQLite file with the real data, recorded by the clock the server itself goes by."""
    path = shared_folder.file(
        "loaded-now.sqlite", lambda path: build(f"sqlite:///{path}", real_data.data(), system_clock())
    )
    return make_sqlite(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def site(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running service."""
    port = free_port()
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    changed = {"DATABASE_URL": database_url, "PORT": str(port), "WEB_CONCURRENCY": "1", "LOG_LEVEL": "WARNING"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"],
            cwd=ROOT,
            env={**os.environ, **changed},
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_ready(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(SECONDS_TO_START)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Ask /readyz again and again until it answers 200; fail at once where the process ends."""
    for _ in range(SECONDS_TO_START * 20):
        if _is_ready(port):
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"The server did not become ready:\n{log.read_text()}")


def all_workers(process: subprocess.Popen[bytes], number: int) -> tuple[int, ...]:
    """The processes that answer: the first may answer before the last is there, wait for `number` of them."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(SECONDS_TO_START * 20):
        workers = tuple(int(each) for each in children.read_text().split())
        if len(workers) == number:
            return workers
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"{number} workers were asked for, but there are {workers}")


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium of this machine, or Playwright's own."""
    given = os.environ.get("CHROMIUM") or find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(given) if given else None, args=list(CHROMIUM_ARGUMENTS)
        )
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, site: str, width: int = DESKTOP, **settings: Any) -> Iterator[BrowserContext]:
    """A browser window that remembers nothing; our pages must fetch nothing from elsewhere by themselves."""
    context = browser.new_context(
        base_url=site, viewport={"width": width, "height": 900}, locale="en-GB", timezone_id="UTC", **settings
    )
    context.set_default_timeout(15_000)
    strangers: list[str] = []

    def stand_in(route: Route) -> None:
        if not route.request.is_navigation_request():
            strangers.append(route.request.url)
        route.fulfill(body=STAND_IN, content_type="text/html")

    context.route(lambda url: not url.startswith(site), stand_in)
    yield context
    context.close()
    assert strangers == [], "a page fetched something from elsewhere"


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page in a wide window; a test may add styles of its own, as a reader's browser does."""
    with window(browser, site, bypass_csp=True) as context:
        yield context.new_page()


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Page]:
    """A page on a small phone."""
    with window(browser, site, PHONE, is_mobile=True, has_touch=True) as context:
        yield context.new_page()


PAGES = (
    "/",
    "/ask?passport=Kazakstan&destination=Isreal&on=soon&stay_days=-1&also=Frnce",
    "/visa/KAZ/ISR",
    "/visa/ISR/KAZ?stay_days=31",
    "/visa/JOR/GBR?on=2024-09-10",
    "/visa/MAR/AZE?on=2024-06-15",
    "/visa/IRN/USA",
    "/visa/FRA/KEN",
    "/visa/KAZ/ISR?as_of=2020-01-01T00:00:00Z",
    "/visa/FRA/DEU?also=KAZ,IRN",
    "/passports/KAZ",
    "/destinations/GBR",
    "/destinations/KHM",
    "/places",
    "/regimes",
    "/regimes?party=KAZ&status=memorandum_of_intent",
    "/regimes?party=Kazakstan",
    "/regimes/kaz-isr-2026",
    "/regimes/jor-gbr-eta-2024",
    "/regimes/isr-visa-policy",
    "/about",
    "/coverage",
    "/docs",
    "/docs/agencies",
    "/docs/errors",
    "/nowhere",
)
"""A page of every kind, and of every kind of answer."""
