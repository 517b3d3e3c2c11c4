"""An unclear file, a grid and a made contract in a real browser, scripts on and off."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from frankpledge.sharing.models import SavedContract, Submission
from tests.browser import assert_accessible, sign_in, visit
from tests.sharing_world import ASH, BIRCH, TODAY, sharing_world
from tests.workbooks import book_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = [["Area", "When", "What", "How many"], [ASH, "2025-11", "deliberate-primary-fires", 4]]


@pytest.fixture
def world(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY
    return sharing_world()


def go_on(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


@pytest.mark.parametrize(("width", "javascript"), [(1280, False), (375, True)])
def test_a_file_is_asked_about_until_it_is_clear(world, live_server, open_page, width, javascript):
    page = open_page(width=width, javascript=javascript)
    sign_in(page, live_server.url, world.users["fire_sender"])
    visit(page, live_server.url + reverse("submission-new"))
    assert_accessible(page)
    page.get_by_label("What is in the file?").select_option(label="Fires")
    file = {"name": "theirs.xlsx", "mimeType": "", "buffer": book_of(*ROWS)}
    page.locator("input[type=file]").set_input_files(file)
    go_on(page, "Send file")
    assert_accessible(page)
    page.get_by_label("Row 1: Area | When | What | How many").check()
    go_on(page, "Continue")
    assert_accessible(page)
    for field, column in zip(("area_code", "month", "indicator", "count"), ROWS[0], strict=True):
        page.locator(f"[name=column-{field}]").select_option(value=column)
    go_on(page, "Continue")
    assert "Waiting to be checked" in page.content()
    sent = Submission.objects.get()
    assert sent.choices["asked"] is None
    visit(page, live_server.url + reverse("returns-remembered"))
    assert_accessible(page)


@pytest.mark.parametrize("width", [1280, 375])
def test_counts_are_pasted_into_the_grid(world, live_server, open_page, width):
    page = open_page(width=width)
    sign_in(page, live_server.url, world.users["fire_sender"])
    place = reverse("returns-type-in", args=["fire", "fires"])
    visit(page, live_server.url + place)
    assert_accessible(page)
    asked = "?first-month=11&first-year=2025&last-month=12&last-year=2025"
    visit(page, f"{live_server.url}{place}{asked}&indicator=deliberate-primary-fires")
    assert_accessible(page)
    page.locator("[name=n-0-0-0]").evaluate(
        """box => {
            const data = new DataTransfer()
            data.setData("text/plain", "4\\t7\\r\\n0\\t12\\r\\n")
            box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}))
        }"""
    )
    assert page.locator("[name=n-0-1-1]").input_value() == "12"
    go_on(page, "Check")
    assert "4 counts typed, 4 without a fault" in page.content()
    assert_accessible(page)
    go_on(page, "Send")
    assert Submission.objects.get().arrived == "grid"


def test_a_file_is_dropped_on_its_field(world, live_server, desktop):
    sign_in(desktop, live_server.url, world.users["fire_sender"])
    visit(desktop, live_server.url + reverse("submission-new"))
    field = desktop.locator("input[type=file]")
    field.evaluate(
        """field => {
            const data = new DataTransfer()
            data.items.add(new File(["a"], "dropped.csv"))
            const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true})
            field.closest(".govuk-form-group").dispatchEvent(drop)
        }"""
    )
    assert field.evaluate("field => field.files[0].name") == "dropped.csv"


@pytest.mark.parametrize("width", [1280, 375])
def test_the_pages_of_contracts(world, live_server, open_page, width):
    client = Client()
    client.force_login(world.users["leader"])
    raw = "\n".join(
        ["When,Place,What", *(f"2025-11-{d:02},{BIRCH},{'Noise' if d % 2 else 'Litter'}"
                              for d in range(1, 20))]
    ).encode()  # fmt: skip
    sample = SimpleUploadedFile("sample.csv", raw)
    client.post(reverse("contract-new"), {"title": "Noise", "key": "noise", "sample": sample})
    saved = SavedContract.objects.get()
    page = open_page(width=width)
    sign_in(page, live_server.url, world.users["leader"])
    for name, args in (
        ("contract-list", []),
        ("contract-new", []),
        ("contract", [saved.pk]),
        ("contract-change", [saved.pk]),
        ("contract-use", [saved.pk]),
        ("issue-sources", []),
    ):
        visit(page, live_server.url + reverse(name, args=args))
        assert_accessible(page)
