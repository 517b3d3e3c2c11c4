"""Every component in every state: accessible, strict, whole at both widths, scripts or not."""

import re

import pytest
from playwright.sync_api import Page, expect

from frankpledge.components.views import STATES
from tests.browser import assert_accessible, assert_sound, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATUS = {"404": 404, "403": 403, "500": 500}
PAGES = ["accessibility/", "privacy/", "other-formats/"] + [
    f"components/?state={state}" for state in STATES
]


@pytest.mark.parametrize("width", [1280, 375])
def test_every_state_is_accessible(live_server, open_page, width):
    page = open_page(width=width)
    for path in PAGES:
        visit(page, f"{live_server.url}/{path}", status=STATUS.get(path.split("=")[-1], 200))
        assert_accessible(page)


@pytest.fixture
def address(live_server):
    return f"{live_server.url}/components/?state="


def fill_short_form(page: Page, *, day: str = "27", month: str = "March", year: str = "2026"):
    page.get_by_label("What will be done").fill("Light the underpass")
    page.get_by_label("Something else").check()
    page.get_by_label("Which kind").fill("Lighting")
    for box, value in (("Day", day), ("Month", month), ("Year", year)):
        page.get_by_label(box, exact=True).fill(value)
    page.get_by_label("Cost (optional)").fill("1,250.50")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_form_says_what_is_wrong_and_leads_there(open_page, address, javascript):
    page = open_page(javascript=javascript)
    visit(page, address + "check-answers")
    fill_short_form(page, day="31", month="feb")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("link", name="Due date must be a real date").click()
    expect(page.get_by_label("Day", exact=True)).to_be_focused()
    assert page.get_by_label("Cost (optional)").input_value() == "1,250.50"
    assert_sound(page)
    if javascript:
        assert_accessible(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_answers_are_checked_changed_and_confirmed(open_page, address, javascript):
    page = open_page(javascript=javascript)
    visit(page, address + "check-answers")
    fill_short_form(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    expect(page.get_by_text("27 March 2026")).to_be_visible()
    expect(page.get_by_text("£1,250.50")).to_be_visible()
    if javascript:
        assert_accessible(page)
    page.get_by_role("button", name="Change Due date").click()
    page.get_by_label("Day", exact=True).fill("28")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("28 March 2026")).to_be_visible()
    page.get_by_role("button", name="Confirm and save").click()
    expect(page.get_by_text("Action added.")).to_be_visible()
    assert_sound(page)


def test_a_choice_reveals_what_it_asks_for(desktop, no_script, address):
    visit(desktop, address + "check-answers")
    expect(desktop.get_by_label("Which kind")).to_be_hidden()
    desktop.get_by_label("Something else").check()
    expect(desktop.get_by_label("Which kind")).to_be_visible()
    visit(no_script, address + "check-answers")
    expect(no_script.get_by_label("Which kind")).to_be_visible()


def test_what_was_not_revealed_is_not_asked_for(desktop, address):
    visit(desktop, address + "check-answers")
    fill_short_form(desktop)
    desktop.get_by_label("New work").check()
    desktop.get_by_role("button", name="Continue").click()
    expect(desktop.get_by_role("heading", name="Check your answers")).to_be_visible()
    expect(desktop.get_by_text("Which kind")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_list_is_filtered_sorted_paged_and_taken_away(open_page, address, javascript):
    page = open_page(javascript=javascript)
    visit(page, address + "list")
    expect(page.get_by_text("1 to 10 of 63 actions")).to_be_visible()
    page.get_by_label("Late", exact=True).check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_text("1 to 10 of 21 actions")).to_be_visible()
    page.get_by_role("link", name="Cost").click()
    page.get_by_role("link", name="Cost").click()
    head = page.get_by_role("columnheader", name="Cost")
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_role("link", name="Page 2").click()
    expect(page.get_by_text("11 to 20 of 21 actions")).to_be_visible()
    assert "status=late" in page.url and "sort=-pence" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    content = download.value.path().read_text(encoding="utf-8-sig")
    assert len(content.splitlines()) == 22
    page.get_by_role("link", name="Remove this filter: Status: Late").click()
    expect(page.get_by_text("of 63 actions")).to_be_visible()
    assert_sound(page)


def test_nothing_found_says_so_and_leads_back(desktop, address):
    visit(desktop, address + "list&words=zzz")
    expect(desktop.get_by_text("Nothing matches.")).to_be_visible()
    assert_accessible(desktop)
    desktop.get_by_role("link", name="Clear all filters").click()
    expect(desktop.get_by_text("1 to 10 of 63 actions")).to_be_visible()


def test_a_faulty_filter_says_so_beside_the_list(desktop, address):
    visit(desktop, address + "list&due_from-day=40&due_from-month=1&due_from-year=2026")
    expect(desktop.get_by_role("link", name="Due from must have a day")).to_be_visible()
    assert_accessible(desktop)


def test_the_keyboard_reaches_everything_first_the_way_past_the_menu(desktop, address):
    visit(desktop, address + "record")
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("link", name="Skip to main content")).to_be_focused()
    refused = desktop.get_by_role("button", name="Sign")
    refused.focus()
    expect(refused).to_be_focused()
    refused.press("Enter")
    assert desktop.url.endswith("state=record")


def test_the_menu_of_a_phone_opens_the_figures_in_print(phone, live_server):
    visit(phone, f"{live_server.url}/components/")
    phone.emulate_media(media="print")
    expect(phone.locator(".govuk-details__text").first).to_be_visible()
    expect(phone.locator(".govuk-tabs__panel").nth(1)).to_be_visible()


def test_progress_without_scripts_offers_a_refresh(no_script, desktop, address):
    visit(no_script, address + "progress")
    expect(no_script.get_by_role("link", name="Refresh this page")).to_be_visible()
    visit(desktop, address + "progress")
    expect(desktop.get_by_role("link", name="Refresh this page")).to_be_hidden()
