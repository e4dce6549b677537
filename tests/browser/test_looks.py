"""How pages look and sound: on a narrow phone, with large text, on paper, and to who cannot see them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PAGES, PHONE, window

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LIKE_THE_FIRST = [
    [selector]
    for selector in (
        "tbody tr:nth-child(n+9)",
        ".rows li:nth-child(n+9)",
        ".regimes li:nth-child(n+9)",
        "datalist",
        ".tile:nth-child(n+9)",
    )
]
"""Rows beyond the eighth: they are like the first, and hundreds of them take minutes."""
LARGE_TEXT = "html { font-size: 200% !important; }"
WIDE_SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }
"""
SPILLS = """
    () => {
        const scrolls = element => element.closest('.table-scroll, .map-scroll, pre') !== null;
        const hides = element => element.closest('.visually-hidden, .skip, datalist, option') !== null;
        return [...document.querySelectorAll('body *')]
            .filter(element => !scrolls(element) && !hides(element))
            .filter(element => {
                const box = element.getBoundingClientRect();
                return box.width > 0 && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
            })
            .map(element => element.outerHTML.slice(0, 120));
    }
"""
"""What reaches beyond the window, other than within what may scroll by itself."""
CLIPPED = """
    () => [...document.querySelectorAll('main *')]
        .filter(element => !element.closest('.visually-hidden, datalist, select, input'))
        .filter(element => {
            const style = getComputedStyle(element);
            const hides = axis => ['hidden', 'clip'].includes(style['overflow' + axis]);
            return (hides('X') && element.scrollWidth > element.clientWidth + 1)
                || (hides('Y') && element.scrollHeight > element.clientHeight + 1);
        })
        .map(element => element.outerHTML.slice(0, 120))
"""
"""What is cut off."""


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=["wide window", "phone"])
def either(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """A page in a wide window, and one on a phone."""
    with window(browser, site, request.param, bypass_csp=True) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def wide(browser: Browser, site: str) -> Iterator[Page]:
    """A page in a wide window, which tests share."""
    with window(browser, site, bypass_csp=True) as context:
        yield context.new_page()


def scrolls_sideways(page: Page) -> bool:
    found: bool = page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_nothing_against_the_accessibility_guidelines(either: Page, path: str) -> None:
    either.goto(path)
    results = Axe().run(
        either, context={"exclude": LIKE_THE_FIRST}, options={"runOnly": {"type": "tag", "values": WCAG}}
    )
    assert results.violations_count == 0, results.generate_report()
    assert results.response["passes"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_its_window(either: Page, path: str) -> None:
    either.goto(path)
    assert not scrolls_sideways(either)
    assert either.evaluate(SPILLS) == []
    assert either.evaluate(CLIPPED) == []


@pytest.mark.parametrize("path", PAGES)
def test_text_of_twice_the_size_still_fits(wide: Page, path: str) -> None:
    wide.goto(path)
    wide.add_style_tag(content=LARGE_TEXT)
    assert not scrolls_sideways(wide)
    assert wide.evaluate(SPILLS) == []
    assert wide.evaluate(CLIPPED) == []


@pytest.mark.parametrize("path", PAGES)
def test_text_set_wider_still_fits(either: Page, path: str) -> None:
    either.goto(path)
    either.add_style_tag(content=WIDE_SPACING)
    assert not scrolls_sideways(either)
    assert either.evaluate(CLIPPED) == []


def test_what_may_scroll_sideways_is_reached_by_the_keyboard(phone: Page) -> None:
    phone.goto("/places")
    table = phone.locator(".table-scroll")
    assert table.evaluate("element => element.scrollWidth > element.clientWidth"), "it has something to scroll"
    table.focus()
    expect(table).to_be_focused()


def test_two_fields_stand_side_by_side_in_a_wide_window_and_under_each_other_on_a_phone(
    page: Page, phone: Page
) -> None:
    for visitor, beside in ((page, True), (phone, False)):
        visitor.goto("/")
        hold, go = (visitor.locator(each).bounding_box() for each in ("#passport", "#destination"))
        assert hold
        assert go
        assert (hold["y"] == go["y"]) is beside


def test_the_answer_does_not_rest_on_colour_alone(page: Page) -> None:
    words = set()
    for path in ("/visa/KAZ/ISR", "/visa/FRA/DEU", "/visa/KAZ/ISR?as_of=2020-01-01T00:00:00Z"):
        page.goto(path)
        words.add(page.locator(".badge").inner_text())
    assert words == {"Visa needed", "No visa needed", "We do not know"}


def test_colours_chosen_by_the_reader_leave_every_border_and_word(browser: Browser, site: str) -> None:
    with window(browser, site, forced_colors="active") as context:
        page = context.new_page()
        page.goto("/visa/KAZ/ISR")
        for box in (".answer", ".panel.pending", ".badge"):
            expect(page.locator(box).first).to_be_visible()
        assert page.locator(".answer").evaluate("element => getComputedStyle(element).borderLeftStyle") == "solid"


@pytest.mark.parametrize("path", ["/visa/KAZ/ISR", "/visa/JOR/GBR?on=2024-09-20", "/regimes/kaz-isr-2009"])
def test_on_paper_every_source_stands_with_its_address(page: Page, path: str) -> None:
    page.goto(path)
    page.emulate_media(media="print")
    sources = page.locator(".source a")
    assert sources.count() > 0
    for source in sources.all():
        printed = source.evaluate("element => getComputedStyle(element, '::after').content")
        address = source.get_attribute("href")
        assert printed in (f'" {address}"', f'" " "{address}"', '" " attr(href)')


def test_on_paper_the_answer_stays_and_the_way_about_the_site_goes(page: Page) -> None:
    page.goto("/visa/KAZ/ISR")
    page.emulate_media(media="print")
    expect(page.locator(".sentence")).to_be_visible()
    expect(page.get_by_text("It is not in force").first).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("link", name="Ask about another destination")).to_be_hidden()


def test_on_paper_the_answer_says_for_which_day_and_from_which_revision(page: Page) -> None:
    page.goto("/visa/MAR/AZE?on=2024-06-15")
    page.emulate_media(media="print")
    expect(page.locator(".circumstances")).to_be_visible()
    expect(page.locator(".circumstances")).to_contain_text("Ordinary passport · 15 June 2024")
    expect(page.get_by_text("Revision 1.")).to_be_visible()


def test_the_style_sheet_is_all_that_a_page_fetches_besides_its_icon(page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.resource_type))
    page.goto("/visa/KAZ/ISR")
    page.wait_for_load_state("networkidle")
    assert sorted(set(fetched)) in (
        ["document", "image", "stylesheet"],
        ["document", "image", "other", "stylesheet"],
    )


def test_the_server_does_not_tell_which_software_it_is(page: Page) -> None:
    response = page.goto("/")
    assert response
    assert "/" not in response.headers.get("server", ""), "no version"
