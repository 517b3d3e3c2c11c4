"""The sign-in pages: our design, plain words, accessible, and silent about who has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from tests.browser import assert_accessible, assert_sound, sign_in, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long example password"

BEFORE = ["login", "signup", "password/reset", "password/reset/done", "inactive", "logout"]
WITHIN = ["logout", "email", "password/change", "2fa"]


@pytest.fixture
def person():
    user = get_user_model().objects.create_user(
        email="analyst@example.org", name="Sam Example", password=PASSWORD
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.mark.parametrize("width", [1280, 375])
def test_pages_before_signing_in(live_server, open_page, width):
    page = open_page(width=width)
    for path in BEFORE:
        visit(page, f"{live_server.url}/account/{path}/")
        assert_accessible(page)


@pytest.mark.parametrize("width", [1280, 375])
def test_pages_of_ones_own_account(live_server, open_page, width, person):
    page = open_page(width=width)
    visit(page, f"{live_server.url}/account/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Sign out")).to_be_visible()
    for path in WITHIN:
        visit(page, f"{live_server.url}/account/{path}/")
        assert_accessible(page)
        assert page.url.endswith(f"/{path}/")
    for path in ("2fa/totp/activate", "2fa/webauthn/add", "2fa/webauthn"):
        visit(page, f"{live_server.url}/account/{path}/")
        if "reauthenticate" in page.url:
            assert_accessible(page)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Confirm").click()
            expect(page).to_have_url(f"{live_server.url}/account/{path}/")
            visit(page, page.url)
        assert page.url.endswith(f"/{path}/")
        assert_accessible(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_wrong_password_and_an_unknown_person_are_told_the_same(
    live_server, open_page, person, javascript
):
    page = open_page(javascript=javascript)
    said = []
    for email in (person.email, "nobody@example.org"):
        visit(page, f"{live_server.url}/account/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill("wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_title(re.compile("^Error: "))
        assert_sound(page)
        said.append(page.get_by_role("alert").inner_text())
    assert said[0] == said[1]


def test_a_journey_may_begin_signed_in(live_server, desktop, person):
    sign_in(desktop, live_server.url, person)
    visit(desktop, f"{live_server.url}/account/logout/")
    desktop.get_by_role("button", name="Sign out").click()
    expect(desktop.get_by_role("link", name="Sign in")).to_be_visible()
