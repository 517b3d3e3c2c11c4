"""The example, walked: the tutorial step by step, each pair of eyes, each page at both widths."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from frankpledge.evidence.rules import CHARTS
from tests.browser import assert_accessible, visit
from tests.example_home import ROOT, Home
from tests.pdf_checks import assert_pdf_ua

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TUTORIAL = ROOT / "docs/tutorial/from-twelve-assessments-to-my-march-paper.md"
HELD_BACK = "2025-12-kent-synthetic-street.csv"


def see_as(page: Any, example: Home, name: str) -> None:
    page.goto(f"{example.url}/see-it-as/")
    page.get_by_role("button", name=name, exact=True).click()


# The tutorial: one function a numbered heading, in order


def start(page: Any, example: Home) -> None:
    page.goto(example.url)
    page.get_by_role("button", name="Start as county team leader").click()
    late = page.get_by_role("heading", name=re.compile(r"^Late \("))
    late.wait_for()
    for district in ("Thanet", "Dover", "Gravesham"):
        name = f"Strategic assessment 2025-26 of {district} Community Safety Partnership"
        assert page.get_by_role("link", name=name).is_visible()


def import_the_month(page: Any, example: Home) -> None:
    file = example.folder / "to-import" / HELD_BACK
    page.goto(f"{example.url}/returns/new/")
    page.get_by_label("What is in the file?").select_option(
        label="Street-level crime and anti-social behaviour"
    )
    page.get_by_label("Whose data is it?").select_option(label="Kent Police")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name=re.compile("Send")).click()
    rows = pl.read_csv(file, infer_schema=False).height
    page.get_by_text(f"{rows:,}").first.wait_for(timeout=60_000)
    page.reload()
    assert "Stored" in page.locator("main").inner_text()


def ask_about_thanet(page: Any, example: Home) -> None:
    page.goto(f"{example.url}/ask/")
    for choice, link in (
        ("Period", "July to December 2025"),
        ("Place", "Thanet"),
        ("Kind", "Anti-social behaviour"),
        ("Breakdown", "By place"),
    ):
        box = page.locator(".fp-choice").filter(has_text=re.compile(rf"^\s*{choice}"))
        if box.get_attribute("open") is None:
            box.locator("summary").click()
        box.get_by_role("link", name=link, exact=True).click()
    assert "in Thanet" in page.locator("h1").inner_text()
    first = page.locator("table#figures tbody tr").first.inner_text()
    assert "Thanet 005A" in first, "the planted hotspot comes first"
    page.get_by_role("button", name="Save as a Finding").click()
    page.get_by_label("The partnership").check()
    page.get_by_role("button", name="Save the Finding").click()
    assert "The Finding is saved" in page.locator("main").inner_text()


def chase(page: Any, example: Home) -> None:
    page.goto(f"{example.url}/assessments/")
    page.get_by_role("button", name="Chase the 3 late partnerships").click()
    assert "3 late partnerships have been reminded" in page.locator("main").inner_text()


def finish_and_sign(page: Any, example: Home) -> None:
    see_as(page, example, "District officer (Thanet)")
    page.get_by_role("link", name=re.compile("Strategic assessment 2025-26 of Thanet")).click()
    url = page.url
    for kind, words in (("priorities", "The new hotspot first."), ("previous", "Two in three.")):
        page.goto(f"{url}sections/{kind}/")
        page.get_by_label("Commentary").fill(words)
        page.get_by_role("button", name="Save").click()
    page.goto(f"{url}sections/levels/place/")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Place it").click()
    page.goto(f"{url}issues/")
    for box in page.locator("main select").all():
        if not box.input_value():
            box.select_option("part")
    page.get_by_role("button", name="Save").click()
    page.goto(url)
    assert page.get_by_role("button", name="Sign off").get_attribute("aria-disabled") == "true"
    see_as(page, example, "District chair (Thanet)")
    page.goto(f"{url}sign-off/")
    page.get_by_role("button", name="Sign it off").click()
    assert "is signed off" in page.locator("main").inner_text()


def county_table(page: Any, example: Home) -> None:
    see_as(page, example, "County team leader")
    page.goto(f"{example.url}/assessments/county/")
    assert "10 of 12 assessments are signed off" in page.locator("main").inner_text()


def propose(page: Any, example: Home) -> None:
    page.goto(f"{example.url}/agreement/changes/new/")
    page.get_by_label("Which priority?").select_option(
        label="Preventing Neighbourhood Crime and ASB"
    )
    page.get_by_label("Widen it").check()
    page.get_by_label(re.compile("^New name")).fill(
        "Preventing Neighbourhood and Retail Crime and ASB"
    )
    page.get_by_label("Why?").fill("Most districts name shop theft and town centres.")
    page.get_by_label(re.compile("^Shoplifting in Kent")).first.check()
    page.get_by_role("button", name="Propose it").click()
    assert "The change is proposed" in page.locator("main").inner_text()


def decide(page: Any, example: Home) -> None:
    page.get_by_role("button", name="Record the decision").click()
    page.get_by_label("Agreed", exact=True).check()
    page.get_by_label("Which draft brings it in?").select_option(index=1)
    page.get_by_label("Who decided?").fill("The county partnership, 24 March 2026")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{example.url}/agreement/versions/7.0/notes/")
    said = page.locator("main").inner_text()
    assert "6 County priorities: changed" in said
    assert "“Preventing Neighbourhood Crime and ASB” widened to" in said


def download(page: Any, example: Home) -> None:
    page.goto(f"{example.url}/agreement/")
    with page.expect_download() as found:
        page.get_by_role("link", name="Word").click()
    assert found.value.suggested_filename.startswith("OFFICIAL community-safety-agreement-6.0")
    with zipfile.ZipFile(BytesIO(Path(found.value.path()).read_bytes())) as word:
        assert "word/document.xml" in word.namelist()


STEPS: list[Callable[[Any, Home], None]] = [
    start,
    import_the_month,
    ask_about_thanet,
    chase,
    finish_and_sign,
    county_table,
    propose,
    decide,
    download,
]


def test_the_tutorial_step_by_step(example: Home, desktop: Any) -> None:
    headings = re.findall(r"^## \d+\. (.+)$", TUTORIAL.read_text(encoding="utf-8"), flags=re.M)
    assert len(headings) == len(STEPS), "every step of the tutorial is walked"
    desktop.set_default_timeout(30_000)
    for step in STEPS:
        step(desktop, example)


# Every distinct page

PAGES = {
    "public": [
        "/",
        "/ask/",
        "/ask/?dataset=police-street&by=area",
        "/ask/?dataset=police-vulnerability&from=2024-01&to=2024-12&by=area",
        "/agreement/",
        "/agreement/versions/",
        "/agreement/versions/6.0/",
        "/agreement/versions/6.0/document.html",
        "/assessments/county/?cycle=2021-22",
        "/accessibility/",
        "/ask/how-to-read/",
    ],
    "County team leader": [
        "/",
        "/inbox/",
        "/returns/",
        "/returns/new/",
        "/data/",
        "/sharing/",
        "/sharing/information-sharing/",
        "/ask/?dataset=police-street&area=thanet&by=category",
        "/ask/?dataset=police-street&area=E07000114&by=area",
        "/ask/?dataset=police-street&from=2025-01&to=2025-11&area=thanet&against=dover&beside=fire-deliberate",
        "/findings/",
        "/findings/new/",
        "/ask/who-sees/?dataset=fire-deliberate&from=2025-11&to=2025-11&by=area",
        "/assessments/",
        "/assessments/county/",
        "/agreement/versions/7.0/",
        "/agreement/versions/7.0/notes/",
        "/agreement/changes/",
        "/agreement/changes/new/",
        "/my-access/",
        "/audit-trail/",
        "/bodies/",
    ],
}


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_accessible(example: Home, open_page: Any, who: str, width: int) -> None:
    page = open_page(width=width)
    page.set_default_timeout(30_000)
    if who != "public":
        see_as(page, example, who)
    for path in PAGES[who]:
        visit(page, example.url + path)
        assert_accessible(page)


def test_without_scripts_a_question_is_asked_and_kept(example: Home, no_script: Any) -> None:
    see_as(no_script, example, "Analyst")
    visit(no_script, f"{example.url}/ask/?dataset=police-street&by=category")
    no_script.get_by_role("button", name="Save as a Finding").click()
    no_script.get_by_role("button", name="Save the Finding").click()
    assert "The Finding is saved" in no_script.locator("main").inner_text()


# What must not leave


def test_the_public_sees_no_draft_no_finding_no_unpublished_figure(
    example: Home, desktop: Any
) -> None:
    for path in ("/agreement/versions/7.0/", "/agreement/versions/7.0/document.pdf"):
        assert desktop.request.get(example.url + path).status == 404
    visit(desktop, f"{example.url}/findings/")
    assert "No Finding has been saved that you can see" in desktop.locator("main").inner_text()
    answer = desktop.request.get(
        f"{example.url}/ask/?dataset=police-vulnerability&from=2024-02&to=2024-03&by=area"
    )
    assert answer.status == 422
    assert "single months and calendar years" in answer.text()


def test_the_public_figures_are_rounded_and_small_ones_hidden(example: Home) -> None:
    said = json.loads(
        example.run(
            "ask", "--dataset", "police-vulnerability", "--from", "2024-01", "--to", "2024-12",
            "--by", "month,area", "--category", "knife-serious-violence", "--as", "public",
            "--format", "json",
        )
    )  # fmt: skip
    counts = [row["count"] for row in said["rows"]]
    assert "[c]" in counts, "small figures are hidden"
    assert all(count % 5 == 0 for count in counts if isinstance(count, int))


# Each chart a reader may choose: by a link, without scripts, at both widths


@pytest.mark.parametrize("width", [1280, 375])
def test_every_chart_of_the_explorer(
    example: Home, open_page: Callable[..., Any], width: int
) -> None:
    page = open_page(width=width)
    page.set_default_navigation_timeout(60_000)  # the first question warms the engine
    for by, kinds in CHARTS.items():
        for chart in kinds:
            visit(page, f"{example.url}/ask/?from=2025-01&to=2025-11&by={by}&chart={chart}")
            assert_accessible(page)


def test_a_place_is_picked_on_a_map_in_the_list_and_in_the_table(
    example: Home, desktop: Any
) -> None:
    outside: list[str] = []
    desktop.on("request", lambda sent: outside.append(sent.url))
    visit(desktop, f"{example.url}/ask/?from=2025-01&to=2025-11&by=area")
    desktop.get_by_role("button", name="Open a map").press("Enter")
    desktop.locator("[data-map-picture][data-ready]").wait_for(timeout=60_000)
    places = desktop.get_by_label("Go to a place")
    places.select_option(label="Thanet")
    said, picked = desktop.locator("[data-map-said]"), desktop.locator("tr.fp-picked")
    assert re.fullmatch(r"Thanet: [\d.]+ per 1,000", said.inner_text())
    assert picked.locator("th").inner_text() == "Thanet"
    desktop.locator("#figures").get_by_role("rowheader", name="Swale").click()
    assert said.inner_text().startswith("Swale: ")
    assert picked.locator("th").inner_text() == "Swale"
    assert_accessible(desktop)
    here = ("data:", "blob:", example.url)
    assert not [url for url in outside if not url.startswith(here)]


def test_a_chart_is_chosen_by_a_link(example: Home, no_script: Any) -> None:
    visit(no_script, f"{example.url}/ask/?from=2025-01&to=2025-11&by=area")
    box = no_script.locator(".fp-choice").filter(has_text=re.compile(r"^\s*Chart"))
    box.locator("summary").click()
    box.get_by_role("link", name="Tile map").click()
    assert "chart=tiles" in no_script.url
    assert no_script.locator("figure").count() == 1
    files = no_script.get_by_role("link", name="Chart as SVG").get_attribute("href")
    assert "chart=tiles" in files


# The command line


def test_ask_agrees_with_a_plain_count(example: Home) -> None:
    asked = json.loads(
        example.run(
            "ask", "--dataset", "police-street", "--from", "2025-11", "--to", "2025-11",
            "--by", "area", "--format", "json",
        )
    )  # fmt: skip
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "from frankpledge.example.synthetic import County;"
            "print(County().month('2025-11').height)",
        ],
        env=example.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sum(row["count"] for row in asked["rows"]) == int(made.stdout)


def test_assessment_and_agreement_are_written_and_pass_pdf_ua(
    example: Home, tmp_path: Path
) -> None:
    example.run("agreement", "--version", "6.0", "--out", str(tmp_path))
    example.run(
        "assess", "--csp", "thanet", "--from", "2025-01", "--to", "2025-11", "--out", str(tmp_path)
    )
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [
        ".docx", ".docx", ".html", ".html", ".pdf", ".pdf",
    ]  # fmt: skip
    for pdf in tmp_path.glob("*.pdf"):
        assert_pdf_ua(pdf)
    for word in tmp_path.glob("*.docx"):
        subprocess.run(
            ["soffice", "--headless", "--convert-to", "pdf",
             "--outdir", str(tmp_path / "w"), str(word)],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
    assert len(list((tmp_path / "w").glob("*.pdf"))) == 2


def test_wrong_questions_are_answered_in_plain_words(example: Home) -> None:
    example.run("ask", "--dataset", "nothing", expect=1)
    example.run("ask", "--dataset", "police-street", "--area", "atlantis", expect=1)
    example.run("ask", "--dataset", "police-street", "--from", "2025-13", expect=1)
    example.run("agreement", "--version", "99", "--out", "/nowhere", expect=1)
    example.run("assess", "--csp", "atlantis", "--from", "2025-01", "--to", "2025-02",
                "--out", "/nowhere", expect=1)  # fmt: skip


def test_the_trail_is_whole_and_the_example_loads_once(example: Home) -> None:
    assert "each in its place" in example.run("audit", "verify")
    assert "loaded already" in example.run("example", "--no-incidents")
