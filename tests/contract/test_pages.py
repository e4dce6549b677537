"""Every page as browsers and screen readers take it: named, whole, without script, and with no dead link."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.contract.html import Element, page_of

PAGES = {
    "/": 200,
    "/?passport=Kazakhstan&on=2027-03-03&document=service&stay_days=10&also=France": 200,
    "/ask?passport=Kazakstan&destination=Isreal&on=soon&stay_days=-1&document=card&also=Frnce": 422,
    "/ask": 422,
    "/visa/KAZ/ISR": 200,
    "/visa/KAZ/ISR?document=diplomatic": 200,
    "/visa/ISR/KAZ?stay_days=31": 200,
    "/visa/MAR/AZE?on=2024-06-15": 200,
    "/visa/JOR/GBR?on=2024-09-10": 200,
    "/visa/JOR/GBR?on=2024-09-20": 200,
    "/visa/FRA/DEU": 200,
    "/visa/KAZ/KAZ": 200,
    "/visa/KAZ/GRL": 200,
    "/visa/IRN/USA": 200,
    "/visa/USA/ISR": 200,
    "/visa/FRA/KEN": 200,
    "/visa/FRA/DEU?also=KAZ,IRN": 200,
    "/visa/KAZ/ISR?as_of=2020-01-01T00:00:00Z": 200,
    "/visa/KAZ/Isreal": 422,
    "/passports/KAZ": 200,
    "/passports/XXB": 200,
    "/passports/GBN?document=ordinary": 200,
    "/passports/KAZ?on=2024-06-15&document=diplomatic": 200,
    "/passports/Kazakstan": 422,
    "/destinations/ISR": 200,
    "/destinations/DEU": 200,
    "/destinations/KHM": 200,
    "/destinations/GRL": 200,
    "/places": 200,
    "/regimes": 200,
    "/regimes?party=KAZ&status=memorandum_of_intent": 200,
    "/regimes?party=AND&status=withdrawn": 200,
    "/regimes?status=nonsense": 422,
    "/regimes/kaz-isr-2026": 200,
    "/regimes/kaz-isr-2009": 200,
    "/regimes/jor-gbr-eta-2024": 200,
    "/regimes/isr-visa-policy": 200,
    "/regimes/usa-visa-policy": 200,
    "/regimes/eu-free-movement": 200,
    "/regimes/kaz-isr-1999": 404,
    "/about": 200,
    "/coverage": 200,
    "/docs": 200,
    "/docs/agencies": 200,
    "/docs/errors": 200,
    "/nowhere": 404,
}
"""At least one page of every kind, with the status it is sent with."""

NAME = " \N{EN DASH} Visa Lookup"

FOREIGN = {"script", "style", "iframe", "object", "embed", "font", "center", "marquee"}


@pytest.fixture(scope="module", params=list(PAGES))
def page(request: pytest.FixtureRequest, app: Flask) -> Element:
    """Each page in turn."""
    return page_of(app.test_client().get(request.param), PAGES[request.param])


def test_every_address_for_people_is_among_the_samples(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    sampled = {adapter.match(urlsplit(path).path)[0] for path, status in PAGES.items() if status != 404}
    blueprints = {"questions", "records", "coverage", "documentation"}
    known = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in blueprints}
    assert sampled == known


def test_a_page_names_its_language(page: Element) -> None:
    assert page.one("html").attributes["lang"] == "en"


def test_a_page_has_a_title_that_ends_with_the_name_of_the_service(page: Element) -> None:
    title = page.one("head").one("title").text
    assert title.endswith(NAME)
    assert title.removesuffix(NAME).strip()


def test_a_page_has_one_first_heading_and_skips_no_level(page: Element) -> None:
    levels = [int(each.tag[1]) for each in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(each.text for each in page.all("h1", "h2", "h3"))


def test_no_id_stands_twice(page: Element) -> None:
    counted = Counter(each.id for each in page.walk() if each.id is not None)
    assert [each for each, number in counted.items() if number > 1 or not each.strip() or " " in each] == []


def test_a_page_holds_no_script_and_no_style_of_its_own(page: Element) -> None:
    assert page.all(*FOREIGN) == []
    attributes = {name for each in page.walk() for name in each.attributes}
    assert {name for name in attributes if name.startswith("on") or name == "style"} == set()
    addresses = [each.attributes.get("href", "") for each in page.all("a", "link", "area")]
    assert [each for each in addresses if each.lower().startswith(("javascript:", "data:"))] == []


def test_a_page_loads_nothing_from_elsewhere(page: Element) -> None:
    loaded = [each.attributes["src"] for each in page.all("img", "source", "input") if "src" in each.attributes]
    loaded += [each.attributes["href"] for each in page.all("link") if each.attributes["rel"] != "alternate"]
    assert [each for each in loaded if not each.startswith("/static/")] == []


def test_every_link_within_the_page_leads_to_an_element(page: Element) -> None:
    ids = {each.id for each in page.walk() if each.id}
    links = {each.attributes["href"] for each in page.all("a") if each.attributes.get("href", "").startswith("#")}
    assert {each for each in links if each[1:] not in ids} == set()


def test_every_link_has_words_and_an_address(page: Element) -> None:
    for link in page.all("a"):
        assert link.text
        assert link.attributes.get("href")


def test_every_reference_by_id_leads_to_an_element(page: Element) -> None:
    ids = {each.id for each in page.walk() if each.id}
    names = ("for", "aria-labelledby", "aria-describedby", "list", "headers", "aria-controls")
    wanted = {word for each in page.walk() for name in names for word in each.attributes.get(name, "").split()}
    assert wanted <= ids


def test_every_field_has_one_label_and_every_label_a_field(page: Element) -> None:
    controls = page.all("input", "select", "textarea")
    fields = [each for each in controls if each.attributes.get("type") not in ("hidden", "submit")]
    assert Counter(each.attributes["for"] for each in page.all("label")) == Counter(each.id for each in fields)
    assert all(each.text for each in page.all("label"))


def test_every_field_at_fault_says_so_beside_it(page: Element) -> None:
    by_id = {each.id: each for each in page.walk() if each.id}
    for control in page.all("input", "select"):
        faults = [by_id[each] for each in control.attributes.get("aria-describedby", "").split() if "fault" in each]
        assert bool(faults) == (control.attributes.get("aria-invalid") == "true")
        assert all(each.text.startswith("Error: ") for each in faults)


def test_every_picture_has_its_words_or_is_marked_as_ornament(page: Element) -> None:
    assert all("alt" in each.attributes for each in page.all("img"))


def test_every_region_has_a_name(page: Element) -> None:
    for each in page.all("section", "nav") + [each for each in page.walk() if each.attributes.get("role") == "region"]:
        assert each.attributes.get("aria-label") or each.attributes.get("aria-labelledby"), each.text[:80]


def test_every_table_names_its_columns_and_rows(page: Element) -> None:
    for table in page.all("table"):
        assert all(each.attributes.get("scope") in ("col", "row") for each in table.all("th"))
        width = len(table.one("thead").all("th"))
        assert {len(row.all("th", "td")) for row in table.all("tr")} == {width}


def test_a_page_of_something_else_has_another_title(client: FlaskClient) -> None:
    addresses: dict[str, set[str]] = {}
    for path in (path for path, status in PAGES.items() if status == 200):
        title = page_of(client.get(path)).one("head").one("title").text
        addresses.setdefault(title, set()).add(urlsplit(path).path)
    assert {title: paths for title, paths in addresses.items() if len(paths) > 1} == {}


def test_no_page_shows_what_only_programs_say(page: Element) -> None:
    words = page.without(*page.all("code")).text
    assert not re.search(r"\bNone\b|\bTrue\b|\bFalse\b|datetime\.|<[A-Z]\w+ |\{\{|\}\}|undefined|&amp;|&#", words)
    assert not re.search(r"\b(?:visa_required|visa_free|memorandum_of_intent|in_force|e_visa)\b", words)


def test_a_page_quotes_as_english_does(page: Element) -> None:
    """A person's text stands between quotation marks, not in the notation of a programming language."""
    assert not re.search(r"'[^' ]*\\x[0-9a-f]{2}|\\n'", page.text)


@dataclass(slots=True)
class Walk:
    """A walk through the site along its links."""

    client: FlaskClient
    seen: dict[str, int] = field(default_factory=dict)

    def status(self, address: str) -> int:
        """With what an address answers, after redirections."""
        path = address.partition("#")[0]
        if path not in self.seen:
            with closing(self.client.get(path, follow_redirects=True)) as response:
                self.seen[path] = response.status_code
        return self.seen[path]

    def dead(self, addresses: Iterable[str]) -> dict[str, int]:
        """The addresses that do not answer 200."""
        return {each: status for each in addresses if (status := self.status(each)) != 200}


def inside(page: Element) -> list[str]:
    """The addresses of our own that a page links to; of a long list of alike ones, some from every part."""
    links = [each.attributes["href"] for each in page.all("a", "link")]
    ours = [each for each in links if each.startswith("/") and not each.startswith("/ask?")]
    return ours[:: 1 + len(ours) // 100]


def test_every_link_to_a_page_of_ours_is_alive(app: Flask) -> None:
    walk = Walk(app.test_client())
    for path, status in PAGES.items():
        assert walk.dead(inside(page_of(walk.client.get(path), status))) == {}, f"on {path}"
    assert len(walk.seen) > 500


def test_every_suggestion_leads_to_an_answer_when_nothing_else_is_wrong(client: FlaskClient) -> None:
    page = page_of(client.get("/ask?passport=Kazakstan&destination=Israel"), 422)
    suggestions = [each.attributes["href"] for each in page.all("a", class_="suggestion")]
    assert suggestions
    assert Walk(client).dead(suggestions) == {}


@pytest.mark.parametrize("address", ["/docs/errors", "/about"])
def test_a_page_of_anchors_can_be_linked_to(client: FlaskClient, address: str) -> None:
    page = page_of(client.get(address))
    assert len([each for each in page.walk() if each.id]) > 3


def test_every_source_is_linked_by_its_title(client: FlaskClient) -> None:
    for path in ("/visa/KAZ/ISR", "/visa/JOR/GBR?on=2024-09-20", "/regimes/kaz-isr-2009"):
        for source in page_of(client.get(path)).all("p", class_="source"):
            link = source.one("a")
            assert re.match(r"https?://", link.attributes["href"])
            assert link.attributes["rel"] == "noreferrer"


def test_what_was_typed_is_kept_when_the_form_comes_back(client: FlaskClient) -> None:
    typed = {
        "passport": "Kazakstan",
        "destination": "Israel",
        "on": "2027-03-03",
        "stay_days": "10",
        "document": "service",
        "also": "France",
        "holds": "USA:visa",
        "also_national": "Syria",
        "purpose": "business",
        "by": "sea",
        "transit": "landside",
    }
    page = page_of(client.get("/ask", query_string=typed), 422)
    kept = {each.attributes["name"]: each.attributes.get("value", "") for each in page.all("input")}
    chosen = {
        choice.attributes["name"]: option.attributes["value"]
        for choice in page.all("select")
        for option in choice.all("option")
        if "selected" in option.attributes
    }
    assert kept | chosen == typed


def test_what_was_typed_is_never_markup(client: FlaskClient) -> None:
    wicked = "\"><script>alert(1)</script><b id='x'>"
    for path in ("/ask?destination=ISR&passport=", "/ask?passport=KAZ&destination=ISR&also=", "/regimes?party="):
        response = client.get(path + wicked.replace("<", "%3C").replace(">", "%3E"))
        page = page_of(response, 422)
        assert page.all("script") == []
        assert "x" not in {each.id for each in page.walk()}


def test_the_coverage_page_shows_every_destination_on_the_map_and_in_the_table(client: FlaskClient) -> None:
    main = page_of(client.get("/coverage")).one("main")
    tiles = main.one("svg", role="img").all("g", class_="tile")
    linked = [each.attributes["href"] for each in main.all("a")]
    assert len(tiles) == len(linked) > 240
    assert "/destinations/KAZ" in linked
    [germany] = [each for each in tiles if each.text == "Germany: Official text read DEU"]
    assert "level-official" in germany.attributes["class"].split()
    [row] = [each for each in main.all("tr") if each.all("a", href="/destinations/DEU")]
    assert sum(int(cell.text) for cell in row.all("td")[1:]) == 199
