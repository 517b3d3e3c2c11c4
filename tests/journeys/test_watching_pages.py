"""Emerging issues and saved questions in a real browser, wide and narrow."""

import pytest
from playwright.sync_api import expect

from frankpledge.evidence.actions.telling import link_of
from frankpledge.evidence.models import SavedQuestion, Signal, Subscription
from tests.browser import assert_accessible, sign_in, visit
from tests.worlds import a_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    return a_world()


@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_is_sound_and_accessible(world, live_server, open_page, width):
    signal = Signal.objects.get(where="Ash")
    question = SavedQuestion.objects.get(owner=world.users["analyst"])
    page = open_page(width=width)
    for who, addresses in (
        (
            "county_team",
            ["/emerging/", f"/emerging/{signal.pk}/", f"/emerging/{signal.pk}/dismiss/"],
        ),
        (
            "analyst",
            [
                "/emerging/",
                "/my-questions/",
                f"/my-questions/{question.pk}/",
                f"/my-questions/{question.pk}/change/",
                f"/my-questions/{question.pk}/delete/",
                link_of(Subscription.objects.get(question=question)),
            ],
        ),
    ):
        sign_in(page, live_server.url, world.users[who])
        for address in addresses:
            visit(page, live_server.url + address)
            assert_accessible(page)


def test_the_board_and_its_form_work_without_scripts(world, live_server, open_page):
    page = open_page(width=1280, javascript=False)
    sign_in(page, live_server.url, world.users["county_team"])
    visit(page, live_server.url + "/emerging/?state=dismissed")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Clear all filters").click()
    page.get_by_role("link", name="Fires in Ash: 40 in December 2025").click()
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="Dismiss it").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
