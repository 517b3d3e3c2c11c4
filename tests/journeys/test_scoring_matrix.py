"""A district loads its own scoring matrix: with scripts off, and looked at in both widths."""

from importlib import import_module

import pytest
from django.db import connection
from playwright.sync_api import expect

from frankpledge.assessment.models import Assessment, Cycle, ScoringModel
from tests.browser import assert_accessible, assert_sound, sign_in, visit
from tests.worlds import TODAY, a_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILE = """kind,axis,value,meaning,guidance
level,Impact,1,Low,"Noise, litter"
level,Impact,2,High,Harm
level,Likelihood,1,Rare,
level,Likelihood,3,Often,
band,,1 to 2,Low,
band,,3 to 6,High,
"""


@pytest.fixture
def world():
    return a_world()


@pytest.fixture
def put_away_trail(transactional_db):
    """The database refuses to empty the trail, so that the guard is lifted after the test."""
    yield
    guard = import_module("frankpledge.access.migrations.0002_audit_cannot_change")
    with connection.cursor() as cursor:
        for statement in guard.UNDO[connection.vendor]:
            cursor.execute(statement)
        cursor.execute("DELETE FROM access_auditentry")
        for statement in guard.SQLITE if connection.vendor == "sqlite" else guard.POSTGRESQL:
            cursor.execute(statement)


@pytest.fixture
def scores(world, live_server):
    cycle = Cycle.objects.create(
        body=world.bodies["county_partnership"], name="2031-32", due_on=TODAY
    )
    found = Assessment.objects.create(
        cycle=cycle, csp=world.bodies["ash_csp"], window_from=TODAY, window_to=TODAY
    )
    return f"{live_server.url}/assessments/{found.pk}/scores/"


def _fill(page, content):
    page.get_by_label("What is it called?").fill("Ash matrix")
    page.get_by_label("Version").fill("1")
    page.get_by_label("Where does it come from?").fill("Our board, May")
    page.set_input_files(
        "input[type=file]",
        {"name": "ours.csv", "mimeType": "text/csv", "buffer": content.encode()},
    )
    page.get_by_role("button", name="Check it").click()


def test_a_file_is_checked_mended_and_loaded_without_scripts(
    world, put_away_trail, scores, live_server, no_script
):
    page = no_script
    sign_in(page, live_server.url, world.users["district_officer"])
    visit(page, scores)
    page.get_by_role("link", name="Load your own scoring matrix").click()
    with page.expect_download() as example:
        page.get_by_role("link", name="Download the example").click()
    assert example.value.suggested_filename == "scoring-matrix-example.csv"
    _fill(page, FILE.replace("band,,3 to 6,High,\n", ""))
    expect(page.locator("body")).to_contain_text("A score of 3 is in no band. Add or widen a band.")
    page.get_by_label("Or paste the cells").fill(FILE)
    page.get_by_role("button", name="Check it").click()
    grid = page.get_by_role("table").inner_text()
    assert "6: High" in grid and "3: High" in grid and "2: Low" in grid
    assert not ScoringModel.objects.filter(name="Ash matrix").exists()
    page.get_by_role("button", name="Confirm and save").click()
    expect(page.locator("body")).to_contain_text("Ash matrix, version 1 is loaded")
    assert ScoringModel.objects.get(name="Ash matrix").axes[0]["levels"][0]["guidance"] == (
        "Noise, litter"
    )


@pytest.mark.parametrize("width", [1280, 375])
def test_the_pages_are_sound_and_accessible(world, scores, live_server, open_page, width):
    page = open_page(width=width)
    sign_in(page, live_server.url, world.users["district_officer"])
    for address in (scores, f"{scores}matrix/"):
        visit(page, address)
        assert_accessible(page)
    _fill(page, "level,Harm,x,Low")
    expect(page.locator("body")).to_contain_text("Line 1: “x” is no level")
    assert_sound(page)
    assert_accessible(page)
    _fill(page, FILE)
    assert page.get_by_role("heading", name="Check your answers").is_visible()
    assert_sound(page)
    assert_accessible(page)
