"""What a traveller does: asks, slips, changes the day, reads the source, and keeps the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, window

HOLD, GO = "I hold a passport of", "I am going to"
MORE = "Date, length of stay, other documents"
ANOTHER = "Another passport you hold"


@pytest.fixture(
    params=[
        pytest.param((DESKTOP, True), id="wide window"),
        pytest.param((PHONE, False), id="phone without JavaScript"),
    ]
)
def visitor(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """A person at a wide window, and one on a small phone without JavaScript: both can do all of this."""
    width, script = request.param
    with window(browser, site, width, java_script_enabled=script) as context:
        yield context.new_page()


def fill_in(page: Page, passport: str, destination: str) -> None:
    page.goto("/")
    page.get_by_label(HOLD).fill(passport)
    page.get_by_label(GO).fill(destination)


def ask(page: Page, passport: str = "Kazakhstan", destination: str = "Israel") -> None:
    fill_in(page, passport, destination)
    submit(page)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Show the answer").click()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def sentence(page: Page) -> Locator:
    return page.locator("article .sentence")


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def test_a_traveller_types_two_countries_and_reads_the_answer(visitor: Page) -> None:
    ask(visitor)
    expect(heading(visitor)).to_have_text("Visa needed")
    expect(sentence(visitor)).to_contain_text("Yes. With an ordinary passport of Kazakhstan you need a visa for Israel")
    expect(visitor).to_have_url(re.compile(r"/visa/KAZ/ISR$"))
    expect(visitor).to_have_title(re.compile("Visa needed: Kazakhstan to Israel"))


def test_the_answer_and_what_is_announced_are_told_apart(visitor: Page) -> None:
    ask(visitor)
    notice = section(visitor, "Announced, but not in force")
    expect(notice).to_contain_text("signed on 27 January 2026")
    expect(notice).to_contain_text("do not travel without a visa because of it")
    expect(notice).to_contain_text("Anadolu Agency")
    answer, announced = visitor.locator("article").bounding_box(), notice.bounding_box()
    assert answer
    assert announced
    assert answer["y"] + answer["height"] <= announced["y"], "the answer comes first"
    expect(visitor.locator("article")).not_to_contain_text("memorandum")


def test_the_answer_is_seen_without_scrolling(visitor: Page) -> None:
    ask(visitor)
    expect(sentence(visitor)).to_be_in_viewport(ratio=1)


def test_enter_asks_as_the_button_does(visitor: Page) -> None:
    fill_in(visitor, "KZ", "Израиль")
    visitor.get_by_label(GO).press("Enter")
    expect(visitor).to_have_url(re.compile(r"/visa/KAZ/ISR$"))


def test_a_slip_of_the_pen_is_mended_with_one_click(visitor: Page) -> None:
    ask(visitor, "Kazakstan", "Israel")
    expect(visitor).to_have_title(re.compile("Please check your question"))
    expect(visitor.get_by_role("alert")).to_contain_text("did you mean Kazakhstan (KAZ)?")
    expect(visitor.get_by_label(HOLD)).to_have_attribute("aria-invalid", "true")
    expect(visitor.get_by_label(HOLD)).to_have_value("Kazakstan")
    expect(visitor.get_by_label(GO)).to_have_value("Israel")
    visitor.get_by_role("link", name="Use Kazakhstan").click()
    expect(heading(visitor)).to_have_text("Visa needed")


def test_two_slips_are_mended_one_after_the_other(visitor: Page) -> None:
    ask(visitor, "Kazakstan", "Isreal")
    visitor.get_by_role("link", name="Use Kazakhstan").click()
    expect(visitor.get_by_label(HOLD)).to_have_value("Kazakhstan")
    expect(visitor.get_by_label(GO)).to_have_attribute("aria-invalid", "true")
    visitor.get_by_role("link", name="Use Israel").click()
    expect(heading(visitor)).to_have_text("Visa needed")


def test_a_slip_in_the_other_passport_is_shown_and_mended_there(visitor: Page) -> None:
    fill_in(visitor, "Kazakhstan", "Germany")
    visitor.get_by_text(MORE).click()
    visitor.get_by_label(ANOTHER).fill("Frnce")
    submit(visitor)
    expect(visitor.get_by_label(ANOTHER)).to_have_attribute("aria-invalid", "true")
    expect(visitor.get_by_label(HOLD)).not_to_have_attribute("aria-invalid", "true")
    visitor.get_by_role("link", name="Use France").click()
    expect(heading(visitor)).to_have_text("No visa needed")
    expect(section(visitor, "With your other passport")).to_contain_text("Kazakhstan")


def test_a_fault_in_the_summary_leads_to_its_field(visitor: Page) -> None:
    ask(visitor, "Kazakhstan", "Nowhereland")
    visitor.get_by_role("alert").get_by_role("link", name=re.compile("is not a place we know")).click()
    expect(visitor).to_have_url(re.compile(r"#destination$"))
    expect(visitor.get_by_label(GO)).to_be_in_viewport()


def test_nothing_typed_is_told_for_both_fields(visitor: Page) -> None:
    visitor.goto("/")
    submit(visitor)
    expect(visitor.get_by_role("alert").get_by_role("listitem")).to_have_count(2)
    expect(visitor.get_by_label(HOLD)).to_have_attribute("aria-invalid", "true")
    expect(visitor.get_by_label(GO)).to_have_attribute("aria-invalid", "true")


def test_who_goes_back_finds_what_was_typed(visitor: Page) -> None:
    ask(visitor)
    expect(heading(visitor)).to_have_text("Visa needed")
    visitor.go_back()
    expect(visitor.get_by_label(HOLD)).to_have_value("Kazakhstan")
    expect(visitor.get_by_label(GO)).to_have_value("Israel")


def test_another_destination_is_asked_with_the_same_passport(visitor: Page) -> None:
    ask(visitor)
    visitor.get_by_role("link", name="Ask about another destination").click()
    expect(visitor.get_by_label(HOLD)).to_have_value("Kazakhstan")
    visitor.get_by_label(GO).fill("Kazakhstan")
    submit(visitor)
    expect(sentence(visitor)).to_contain_text("their own country")


@pytest.mark.parametrize(
    ("day", "answer"),
    [("2024-06-15", "Visa needed"), ("2024-09-01", "No visa needed")],
    ids=["signed", "in force"],
)
def test_the_day_of_travel_decides(visitor: Page, day: str, answer: str) -> None:
    fill_in(visitor, "Morocco", "Azerbaijan")
    visitor.get_by_text(MORE).click()
    visitor.get_by_label("Day of travel").fill(day)
    submit(visitor)
    expect(heading(visitor)).to_have_text(answer)
    expect(visitor).to_have_url(re.compile(f"on={day}"))


def test_the_day_of_an_answer_can_be_changed_from_the_answer(visitor: Page) -> None:
    visitor.goto("/visa/MAR/AZE?on=2024-06-15&document=diplomatic&stay_days=10")
    visitor.get_by_role("link", name=re.compile("change|another day|details", re.IGNORECASE)).click()
    expect(visitor.get_by_label(HOLD)).to_have_value("Morocco")
    expect(visitor.get_by_label(GO)).to_have_value("Azerbaijan")
    expect(visitor.get_by_label("Day of travel")).to_have_value("2024-06-15")
    expect(visitor.get_by_label("Travel document")).to_have_value("diplomatic")
    expect(visitor.get_by_label("Days you will stay")).to_have_value("10")


def test_the_travel_document_decides(visitor: Page) -> None:
    fill_in(visitor, "Kazakhstan", "Israel")
    visitor.get_by_text(MORE).click()
    visitor.get_by_label("Travel document").select_option("Diplomatic passport")
    submit(visitor)
    expect(heading(visitor)).to_have_text("No visa needed")
    expect(section(visitor, "Where this comes from")).to_contain_text("in force since 11 May 2010")


def test_a_longer_stay_than_is_granted_is_told(visitor: Page) -> None:
    fill_in(visitor, "Israel", "Kazakhstan")
    visitor.get_by_text(MORE).click()
    visitor.get_by_label("Days you will stay").fill("31")
    submit(visitor)
    expect(sentence(visitor)).to_contain_text("not for the 31 days you plan")


def test_who_holds_two_passports_is_told_which_to_take(visitor: Page) -> None:
    fill_in(visitor, "Kazakhstan", "Germany")
    visitor.get_by_text(MORE).click()
    visitor.get_by_label(ANOTHER).fill("France")
    submit(visitor)
    expect(heading(visitor)).to_have_text("No visa needed")
    expect(sentence(visitor)).to_contain_text("passport of France")
    others = section(visitor, "With your other passport")
    expect(others).to_contain_text("Yes. With an ordinary passport of Kazakhstan you need a visa for Germany")
    others.get_by_role("link", name="Kazakhstan").click()
    expect(heading(visitor)).to_have_text("Visa needed")


def test_the_hour_of_a_change_within_the_day_is_shown(visitor: Page) -> None:
    fill_in(visitor, "Jordan", "United Kingdom")
    visitor.get_by_text(MORE).click()
    visitor.get_by_label("Day of travel").fill("2024-09-10")
    submit(visitor)
    hours = section(visitor, "The rule changes during this day")
    expect(hours).to_contain_text("From 10 September 2024, 15:00 (UTC+01:00): Visa required")


def test_the_source_is_followed_to_where_it_stands(visitor: Page) -> None:
    visitor.goto("/visa/KAZ/ISR")
    source = section(visitor, "Where this comes from").locator(".source a").first
    address = source.get_attribute("href")
    source.click()
    expect(visitor).to_have_url(str(address))
    expect(visitor).to_have_title("Elsewhere")


def test_the_legal_basis_leads_to_its_timeline_and_back_to_an_answer(visitor: Page) -> None:
    visitor.goto("/visa/KAZ/ISR?document=diplomatic")
    section(visitor, "Where this comes from").get_by_role("link", name=re.compile("Agreement between")).click()
    expect(heading(visitor)).to_contain_text("Agreement between Kazakhstan and Israel")
    steps = section(visitor, "Timeline").get_by_role("listitem")
    expect(steps).to_have_count(3)
    expect(steps.nth(0)).to_contain_text("Signed on 30 June 2009")
    expect(steps.nth(1)).to_contain_text("Ratified by Kazakhstan on 12 October 2009")
    expect(steps.nth(2)).to_contain_text("In force on 11 May 2010")


def test_a_row_of_a_regime_leads_to_the_answer_it_gives(visitor: Page) -> None:
    visitor.goto("/regimes/kaz-isr-2009")
    visitor.get_by_role("link", name="Kazakhstan to Israel").click()
    expect(heading(visitor)).to_have_text("No visa needed")
    expect(visitor.locator("article")).to_contain_text("Diplomatic passport")


def test_the_permanent_link_gives_the_same_answer_as_it_was_known(visitor: Page) -> None:
    ask(visitor)
    before = sentence(visitor).inner_text()
    visitor.get_by_role("link", name="Link to exactly this answer").click()
    expect(visitor).to_have_url(re.compile(r"/visa/KAZ/ISR\?on=\d{4}-\d\d-\d\d&as_of="))
    expect(sentence(visitor)).to_have_text(before)
    expect(visitor.locator("article")).to_contain_text("as known on")


def test_the_permanent_link_of_two_passports_keeps_both(visitor: Page) -> None:
    visitor.goto("/visa/FRA/DEU?also=KAZ")
    visitor.get_by_role("link", name="Link to exactly this answer").click()
    expect(section(visitor, "With your other passport")).to_contain_text("Kazakhstan")


def test_the_answer_as_json_is_one_click_away(visitor: Page) -> None:
    visitor.goto("/visa/KAZ/ISR")
    visitor.get_by_role("link", name="the same as JSON").click()
    expect(visitor.locator("body")).to_contain_text('"answer":"yes"')


def test_from_the_list_of_countries_to_a_passport_to_an_answer(visitor: Page) -> None:
    visitor.goto("/")
    visitor.get_by_role("navigation", name="Main").get_by_role("link", name="Countries").click()
    visitor.get_by_role("link", name="Passport of Kazakhstan").click()
    expect(heading(visitor)).to_have_text("Where a passport of Kazakhstan takes you")
    row = section(visitor, "Visa required").get_by_role("listitem").filter(has_text="Israel")
    expect(row).to_contain_text("change announced")
    row.get_by_role("link", name="Israel").click()
    expect(heading(visitor)).to_have_text("Visa needed")


def test_regimes_are_filtered_by_party_and_status(visitor: Page) -> None:
    visitor.goto("/regimes")
    visitor.get_by_label("Party").fill("Kazakhstan")
    visitor.get_by_label("Status").select_option("Memorandum of intent")
    visitor.get_by_role("button", name="Filter").click()
    listed = visitor.locator(".regimes").get_by_role("listitem")
    expect(listed.filter(has_text="Memorandum of intent between Kazakhstan and Israel")).to_have_count(1)
    expect(visitor.get_by_label("Party")).to_have_value("Kazakhstan")
    expect(visitor.get_by_label("Status")).to_have_value("memorandum_of_intent")
    for tag in listed.locator(".tag").all_inner_texts():
        assert tag == "Memorandum of intent"


def test_a_person_who_strays_finds_the_question_again(visitor: Page) -> None:
    visitor.goto("/nowhere")
    expect(heading(visitor)).to_have_text("Not found")
    visitor.get_by_role("main").get_by_role("link", name="Ask whether you need a visa").click()
    expect(heading(visitor)).to_have_text("Do I need a visa?")


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see at each stop where one is."""
    for _ in range(20):
        page.keyboard.press("Tab")
        outline = focused(page).evaluate("element => getComputedStyle(element).outlineStyle")
        assert outline != "none", f"the focus is not seen on {focused(page).inner_text()}"
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail("the keyboard does not reach it")


def test_the_keyboard_alone_leads_from_the_top_of_the_page_to_the_answer(page: Page) -> None:
    page.goto("/")
    tab_to(page, page.get_by_label(HOLD))
    page.keyboard.type("Kazakhstan")
    tab_to(page, page.get_by_label(GO))
    page.keyboard.type("Israel")
    tab_to(page, page.get_by_role("button", name="Show the answer"))
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Visa needed")


def test_the_keyboard_opens_the_details_and_sets_the_day(page: Page) -> None:
    fill_in(page, "Morocco", "Azerbaijan")
    tab_to(page, page.locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Day of travel"))
    page.keyboard.type("06062024")  # the order of day and month is the browser's
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("on=2024-06-06"))


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page: Page) -> None:
    page.goto("/visa/KAZ/ISR")
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to the content")
    expect(focused(page)).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = focused(page).evaluate("element => document.querySelector('main').contains(element)")
    assert inside, "after the skip, the next stop lies within the content"


def test_a_mistake_is_mended_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/ask?passport=Kazakstan&destination=Israel")
    tab_to(page, page.get_by_role("link", name="Use Kazakhstan"))
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Visa needed")
