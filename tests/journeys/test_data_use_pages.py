"""Who used whose data, receipts and requests in a real browser, wide and narrow."""

import pytest

from frankpledge.sharing.models import DataRequest
from tests.browser import assert_accessible, sign_in, visit
from tests.worlds import a_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    return a_world()


@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_is_sound_and_accessible(world, live_server, open_page, width):
    asked = DataRequest.objects.get(provider=world.organisations["police"])
    page = open_page(width=width)
    sign_in(page, live_server.url, world.users["data_provider"])
    for address in (
        "/data-use/",
        "/data-use/org-police/2026-Q1/html/",
        "/data-requests/",
        "/data-requests/new/",
        f"/data-requests/{asked.pk}/",
        f"/data-requests/{asked.pk}/decide/",
    ):
        visit(page, live_server.url + address)
        assert_accessible(page)
