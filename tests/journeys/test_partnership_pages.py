"""The partnership and access pages in a real browser, wide and narrow, as different people."""

from importlib import import_module

import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.browser import assert_accessible, sign_in, visit
from tests.worlds import a_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "county_team": (
        "/organisations/",
        "/organisations/org-health/",
        "/organisations/org-police/edit/",
        "/bodies/body-county-partnership/",
        "/bodies/body-ash-csp/seats/new/",
        "/bodies/new/",
        "/posts/",
        "/linked-plans/new/",
        "/legislation/",
        "/audit-trail/",
        "/my-access/",
        "/roles/",
    ),
    "fire_partner": ("/organisations/org-police/", "/bodies/body-working-group/"),
    "public": ("/bodies/", "/areas/", "/areas/E07000901/", "/areas/E01009901/?generation=2011"),
}


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


@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_is_sound_and_accessible(world, live_server, open_page, width):
    for who, addresses in PAGES.items():
        page = open_page(width=width)
        if who != "public":
            sign_in(page, live_server.url, world.users[who])
        for address in addresses:
            visit(page, live_server.url + address)
            assert_accessible(page)
        if who == "county_team":
            visit(page, f"{live_server.url}/why/body/{world.bodies['working_group'].pk}/")
            assert_accessible(page)


def test_a_seat_is_added_and_ended_without_scripts(world, put_away_trail, live_server, open_page):
    page = open_page(javascript=False)
    sign_in(page, live_server.url, world.users["administrator"])
    visit(page, f"{live_server.url}/bodies/body-ash-csp/")
    page.get_by_role("button", name="Add a seat").click()
    page.get_by_role("button", name="Add seat").click()
    expect(page.locator("body")).to_contain_text("There is a problem")
    page.get_by_label("Which post takes the seat?").select_option(
        label="Safety manager, Woodshire Fire and Rescue"
    )
    page.get_by_role("button", name="Add seat").click()
    expect(page.locator("body")).to_contain_text("Seat added.")
    row = page.get_by_role("row").filter(has_text="Safety manager")
    row.get_by_role("link", name="End").click()
    page.get_by_role("button", name="End the seat").click()
    expect(page.locator("body")).to_contain_text("Seat ended.")
    assert (
        world.bodies["ash_csp"]
        .seats.filter(post=world.posts["fire_partner"], valid_to__isnull=False)
        .exists()
    )
