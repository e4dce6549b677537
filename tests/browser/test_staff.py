"""The seed case at the console: announced, later signed, later in force, and nobody is misled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    SECONDS_TO_START,
    all_workers,
    free_port,
    wait_until_ready,
    window,
)
from tests.browser.test_looks import CLIPPED, SPILLS, WCAG, scrolls_sideways
from tests.conftest import MakeDatabase, opened
from tests.staff_app import PASSWORD
from visalookup.config import ROOT
from visalookup.domain.accounts.roles import Role
from visalookup.domain.datasets.dataset import DataSet
from visalookup.services.accounts.accounts import NewAccount, add_account
from visalookup.services.agencies.agencies import add_agency, issue_key
from visalookup.services.agencies.usage import UsageCounter
from visalookup.services.clock import system_clock
from visalookup.services.datasets.load_data import LoadOrder, load_data
from visalookup.storage.audit.chain import lock_chain

PEOPLE = {"edith": Role.EDITOR, "paul": Role.PUBLISHER, "ada": Role.ADMINISTRATOR}
WORKERS = 2
SEED = "kaz-isr-2026"
ASKED = "/api/v1/requirements?passport=KAZ&destination=ISR&on=2026-12-01"


@dataclass(frozen=True, slots=True)
class Console:
    """A running service of two worker processes, whose ledger does not know the seed case yet."""

    site: str
    port: int
    workers: tuple[int, ...]

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Let one worker alone answer."""
        others = [each for each in self.workers if each != worker]
        for each in others:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in others:
                os.kill(each, signal.SIGCONT)

    def ask(self, as_of: str | None = None) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", ASKED + (f"&as_of={as_of}" if as_of else ""))
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return answer


def without_seed(data: DataSet) -> DataSet:
    return replace(
        data,
        regimes=tuple(each for each in data.regimes if each.id != SEED),
        rules=tuple(each for each in data.rules if each.regime_id != SEED),
    )


@pytest.fixture(scope="module")
def console(
    make_postgres: MakeDatabase,
    postgres_template: str,
    real_data: DataSet,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Console]:
    url = make_postgres(postgres_template)
    with opened(url) as engine, Session(engine) as session:
        load_data(session, without_seed(real_data), LoadOrder("tests", "The data files"), system_clock())
        session.commit()
        for name, role in PEOPLE.items():
            lock_chain(session)
            add_account(session, NewAccount(name, name.capitalize(), role, PASSWORD), "tests", system_clock())
            session.commit()
        add_agency(session, "silk-road-travel", "Silk Road Travel", "tests", system_clock())
        key = issue_key(session, "silk-road-travel", None, "tests", system_clock()).key
        counter = UsageCounter()
        counter.count(key.id, system_clock(), questions=1200)
        counter.store(session)
    port = free_port()
    log = tmp_path_factory.mktemp("console") / "log"
    changed = {
        "DATABASE_URL": url,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
        "LOG_LEVEL": "WARNING",
        "SECURE_COOKIES": "off",
        "SECRET_KEY": "a key for tests",
    }
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
            yield Console(f"http://127.0.0.1:{port}", port, all_workers(process, WORKERS))
        finally:
            process.terminate()
            process.wait(SECONDS_TO_START)


def signed_in(page: Page, name: str) -> Page:
    page.goto("/staff")
    page.get_by_label("Name of your account").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What needs a person")).to_be_visible()
    return page


@pytest.fixture
def edith(browser: Browser, console: Console) -> Iterator[Page]:
    with window(browser, console.site, DESKTOP) as context:
        yield signed_in(context.new_page(), "edith")


@pytest.fixture
def paul(browser: Browser, console: Console) -> Iterator[Page]:
    with window(browser, console.site, DESKTOP) as context:
        yield signed_in(context.new_page(), "paul")


def fill_source(page: Page, publisher: str, title: str, kind: str, published: str) -> None:
    page.get_by_label("Publisher").fill(publisher)
    page.get_by_label("Title").last.fill(title)
    page.get_by_label("Address").fill("https://news.example/kazakhstan-israel")
    page.get_by_label("Kind").last.select_option(kind)
    page.get_by_label("Published on").fill(published)
    page.get_by_label("Read on").fill("2026-11-23")


def propose(page: Page) -> str:
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_text("Another person must publish it.")).to_be_visible()
    return page.url


def publish(page: Page, proposal: str) -> None:
    page.goto(proposal)
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_text("Published by paul")).to_be_visible()


def told_by_every_worker(console: Console, right: Any) -> dict[str, Any]:
    """The answer of each worker once it is right, which is within a second of the publication."""
    published = time.monotonic()
    answer: dict[str, Any] = {}
    for worker in console.workers:
        with console.only(worker):
            answer = console.ask()
            while not right(answer) and time.monotonic() < published + 1:
                answer = console.ask()
            assert right(answer), (worker, answer["requirement"], answer["pending"])
    return answer


def statuses(answer: dict[str, Any]) -> list[str]:
    return [each["regime"]["status"] for each in answer["pending"] if each["regime"]["id"] == SEED]


def test_the_seed_case_from_announcement_to_law(console: Console, edith: Page, paul: Page) -> None:
    before = console.ask()
    assert statuses(before) == []

    edith.goto("/staff/regimes/new")
    edith.get_by_label("Title").first.fill("Memorandum of intent between Kazakhstan and Israel on visa-free travel")
    edith.get_by_label("Party", exact=True).fill("Kazakhstan")
    edith.get_by_label("and party").fill("Israel")
    edith.get_by_label("Step", exact=True).select_option("memorandum_of_intent")
    edith.get_by_label("Takes effect on").fill("2026-01-27")
    fill_source(edith, "Anadolu Agency", "Kazakhstan, Israel agree to strengthen ties", "press", "2026-01-28")
    for direction in ("What the first party", "What the second party"):
        rule = edith.get_by_role("group", name=direction)
        rule.get_by_label("Requirement").select_option("visa_free")
        rule.get_by_label("Note for the traveller").fill("Length of stay not stated.")
    proposal = propose(edith)
    assert statuses(console.ask()) == [], "a proposal changes nothing"
    publish(paul, proposal)
    announced = told_by_every_worker(console, lambda answer: statuses(answer) == ["memorandum_of_intent"])
    assert announced["requirement"] == "visa_required"

    edith.goto(f"/staff/regimes/{SEED}")
    edith.get_by_role("link", name="Signed", exact=True).click()
    edith.get_by_label("Takes effect on").fill("2026-06-15")
    fill_source(edith, "State Gazette", "Agreement on visa exemption", "official", "2026-06-16")
    publish(paul, propose(edith))
    signed = told_by_every_worker(console, lambda answer: statuses(answer) == ["signed"])
    assert signed["requirement"] == "visa_required"

    edith.goto(f"/staff/regimes/{SEED}/steps?step=in_force")
    edith.get_by_label("Takes effect on").fill("2026-10-01")
    fill_source(edith, "State Gazette", "Entry into force", "official", "2026-09-01")
    edith.get_by_role("button", name="See what would change").click()
    expect(edith.get_by_text("Kazakhstan to Israel: visa required becomes visa-free").first).to_be_visible()
    edith.get_by_role("button", name="Propose it").click()
    publish(paul, edith.url)
    in_force = told_by_every_worker(console, lambda answer: answer["requirement"] == "visa_free")
    assert in_force["answer"] == "no"

    edith.goto("/visa/KAZ/ISR?on=2026-12-01")
    expect(edith.locator(".badge")).to_have_text("No visa needed")
    for earlier, said in ((before, []), (announced, ["memorandum_of_intent"]), (signed, ["signed"])):
        then = console.ask(earlier["as_of"])
        assert (then["requirement"], statuses(then)) == ("visa_required", said), "as it was known before the step"
        edith.goto(f"/visa/KAZ/ISR?on=2026-12-01&as_of={earlier['as_of']}")
        expect(edith.locator(".badge")).to_have_text("Visa needed")


def test_the_keyboard_alone_is_enough_to_propose_a_step(console: Console, edith: Page) -> None:
    edith.goto("/staff/regimes/mar-aze-2024/steps?step=terminated")
    edith.get_by_label("Takes effect on").focus()
    edith.keyboard.type("2027-03-01")
    edith.get_by_label("Who says so").focus()
    edith.keyboard.press("ArrowDown")
    edith.get_by_role("button", name="See what would change").focus()
    edith.keyboard.press("Enter")
    expect(edith.get_by_role("heading", name="What would change")).to_be_visible()
    expect(edith.get_by_text("from 1 March 2027").first).to_be_visible()
    edith.get_by_role("button", name="Propose it").focus()
    edith.keyboard.press("Enter")
    expect(edith.get_by_text("Another person must publish it.")).to_be_visible()


PAGES = (
    "/staff",
    "/staff/proposals",
    "/staff/regimes",
    "/staff/regimes/new",
    "/staff/regimes/mar-aze-2024",
    "/staff/regimes/isr-visa-policy",
    "/staff/regimes/mar-aze-2024/steps",
    "/staff/regimes/mar-aze-2024/timeline/in_force-1",
    "/staff/regimes/mar-aze-2024/rules/MAR-AZE-ordinary",
    "/staff/regimes/mar-aze-2024/rules/new",
    "/staff/regimes/mar-aze-2024/verification",
    "/staff/upload",
    "/staff/differences",
    "/staff/history",
    "/staff/history/1",
    "/staff/account",
    "/staff/account/tokens",
    "/staff/account/two-factor",
    "/staff/accounts/tokens",
    "/staff/agencies",
    "/staff/agencies/silk-road-travel",
    "/staff/regimes?first=50",
    "/staff/accounts",
    "/staff/webhooks",
    "/staff/nowhere",
)
LIKE_THE_FIRST = [
    ["tbody tr:nth-child(n+6)"],
    [".regimes li:nth-child(n+6)"],
    ["datalist"],
    ["option:nth-child(n+9)"],
]


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=["wide window", "phone"])
def ada(request: pytest.FixtureRequest, browser: Browser, console: Console) -> Iterator[Page]:
    """An administrator at a wide window, and on a phone."""
    with window(browser, console.site, request.param, bypass_csp=True) as context:
        yield signed_in(context.new_page(), "ada")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_console_fits_and_has_nothing_against_the_accessibility_guidelines(ada: Page, path: str) -> None:
    ada.goto(path)
    assert not scrolls_sideways(ada)
    assert ada.evaluate(SPILLS) == []
    assert ada.evaluate(CLIPPED) == []
    results = Axe().run(ada, context={"exclude": LIKE_THE_FIRST}, options={"runOnly": {"type": "tag", "values": WCAG}})
    assert results.violations_count == 0, results.generate_report()
