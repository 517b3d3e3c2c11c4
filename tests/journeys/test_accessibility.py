"""What axe cannot judge: zoom, wide text spacing, focus, forced colours, titles, live words."""

from __future__ import annotations

import re

import pytest
from django.template import Context, Template
from playwright.sync_api import expect

from frankpledge.analysis.disclosure import PARTNER_PUBLIC, Column, publish
from frankpledge.components.views import STATES
from tests.browser import visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [f"?state={state}" for state in STATES if state not in {"403", "404", "500"}]

SPACED = """() => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }`)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  return document.documentElement.scrollWidth - window.innerWidth
}"""

# A control shows focus when something but the browser's own thin ring changes.
UNSEEN = """() => {
  const look = (one) => {
    const style = getComputedStyle(one)
    const label = one.nextElementSibling ? getComputedStyle(one.nextElementSibling, "::before") : {}
    return [style.boxShadow, style.backgroundColor, style.outline, label.boxShadow].join()
  }
  const unseen = []
  const label = "input[type=radio], input[type=checkbox]"
  const controls = "a[href], button, input, select, summary, textarea"
  for (const one of document.querySelectorAll(controls)) {
    if (!one.getClientRects().length || one.type === "hidden") continue
    const before = look(one)
    one.focus({ focusVisible: true })
    const own = getComputedStyle(one).outlineStyle === "auto" && !one.matches(label)
    if (document.activeElement !== one || look(one) === before || own) unseen.push(one.outerHTML)
    one.blur()
  }
  return unseen.map((html) => html.slice(0, 120))
}"""


@pytest.fixture
def address(live_server):
    return f"{live_server.url}/components/"


def test_at_400_per_cent_and_with_wide_spacing_nothing_runs_off(open_page, address):
    page = open_page(width=320, height=640)
    for path in PAGES:
        visit(page, address + path)
        assert page.evaluate(SPACED) <= 0, path


def test_a_table_that_wide_letters_widen_goes_below_its_filter(open_page, address):
    page = open_page(width=1024)
    visit(page, address + "?state=list")
    assert page.evaluate(SPACED) <= 0
    inside = "e => e.scrollWidth <= e.clientWidth"
    assert page.locator(".fp-list__rows").evaluate(inside)


def test_every_control_shows_that_it_has_the_focus(desktop, address):
    for path in PAGES:
        visit(desktop, address + path)
        assert desktop.evaluate(UNSEEN) == [], path


def test_a_chart_keeps_its_colours_and_its_white_where_colours_are_forced(desktop, address):
    desktop.emulate_media(forced_colors="active", color_scheme="dark")
    visit(desktop, address + "?state=charts")
    for drawing in desktop.locator(".fp-figure__wide").all():
        style = drawing.evaluate(
            "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).forcedColorAdjust]"
        )
        assert style == ["rgb(255, 255, 255)", "none"]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("?state=form", "Add an action, Safer stations – "),
        ("?state=list", "Actions (page 1 of 7) – "),
        ("?state=list&page=2", "Actions (page 2 of 7) – "),
        ("?state=list&due_from-day=40&due_from-month=1&due_from-year=2026", "Error: Actions"),
    ],
)
def test_a_title_tells_pages_of_a_kind_apart(desktop, address, path, title):
    visit(desktop, address + path)
    assert desktop.title().startswith(title)


def test_the_arrow_of_a_sorted_column_is_not_read_out(desktop, address):
    visit(desktop, address + "?state=list")
    expect(desktop.get_by_role("link", name="Due", exact=True)).to_be_visible()


def test_progress_is_spoken_when_it_changes_and_only_then(desktop, address):
    visit(desktop, address + "?state=progress")
    status = desktop.get_by_role("status")
    status.evaluate(
        """e => {
          e.kept = true
          window.spoken = 0
          new MutationObserver(() => window.spoken++).observe(e, { childList: true })
        }"""
    )
    words, page = status.inner_text(), desktop.content()
    desktop.route(re.compile("state=progress"), lambda route: route.fulfill(body=page))
    for _refresh in range(2):
        with desktop.expect_response(re.compile("state=progress")):
            pass
    assert desktop.evaluate("window.spoken") == 0
    page = page.replace(words, "Almost there")
    expect(status).to_have_text("Almost there", timeout=15_000)
    assert status.evaluate("e => e.kept === true"), "the live region itself was swapped"


def test_words_that_recur_are_completed_for_who_hears_them():
    page = Template(
        '{% load components %}{% details "Why" about="Fires" %}No.{% enddetails %}'
        '{% publishable table "figures" %}'
    )
    columns = (Column("code", "Code"), Column("area", "Place"), Column("count", "Count", "count"))
    table = publish(
        title="Fires by place",
        columns=columns,
        rows=[("X1", "Northby", 12)],
        audience="public",
        rule=PARTNER_PUBLIC,
    )
    drawn = page.render(Context({"table": table}))
    assert 'Why<span class="govuk-visually-hidden">: Fires</span>' in drawn
    assert re.search(r'<th scope="row"[^>]*>Northby</th>', drawn)
    assert drawn.count('scope="row"') == 1
