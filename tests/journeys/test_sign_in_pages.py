"""The sign-in pages: our design, plain words, accessible, and silent about who has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
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


def _confirmed(page, url):
    """The page at an address, with the password given again where it is asked for."""
    page.goto(url)
    _give_password_again(page)
    expect(page).to_have_url(url)
    return visit(page, url)


def _give_password_again(page):
    if "reauthenticate" in page.url:
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()


def _device(page):
    """A made-up device with a lock of its own, which says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def _signed_in(page, url, person):
    visit(page, f"{url}/account/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Sign out")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 375])
def test_a_passkey_is_added_signs_in_alone_and_is_removed(live_server, open_page, person, width):
    url = live_server.url.replace("127.0.0.1", "localhost")  # passkeys are for names only
    page = open_page(width=width)
    _device(page)
    _signed_in(page, url, person)
    _confirmed(page, f"{url}/account/2fa/webauthn/add/")
    assert_accessible(page)
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page).not_to_have_url(f"{url}/account/2fa/webauthn/add/")
    visit(page, f"{url}/account/2fa/webauthn/")
    assert_accessible(page)
    assert "Signs you in alone" in page.locator("main").inner_text()

    visit(page, f"{url}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    visit(page, f"{url}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("link", name="Sign out")).to_be_visible()

    _confirmed(page, f"{url}/account/2fa/webauthn/")
    page.get_by_role("link", name="remove Work laptop").click()
    page.wait_for_load_state()
    if "webauthn/reauthenticate" in page.url:
        page.get_by_role("button", name="Use a passkey").click()
    else:
        _give_password_again(page)
    expect(page.get_by_role("heading", name="Remove “Work laptop”?")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Remove the passkey").click()
    visit(page, f"{url}/account/2fa/webauthn/")
    assert "You have none" in page.locator("main").inner_text()


@pytest.mark.parametrize("width", [1280, 375])
def test_a_code_is_asked_for_and_recovery_codes_are_shown(live_server, open_page, person, width):
    page, url = open_page(width=width), live_server.url
    _signed_in(page, url, person)
    _confirmed(page, f"{url}/account/2fa/totp/activate/")
    secret = page.locator("main strong").inner_text()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    page.get_by_label("Authenticator code").fill(code)
    page.get_by_role("button", name="Add the app").click()
    for path in ("2fa", "2fa/recovery-codes", "2fa/recovery-codes/generate", "2fa/totp/deactivate"):
        visit(page, f"{url}/account/{path}/")
        assert_accessible(page)
    visit(page, f"{url}/account/2fa/recovery-codes/")
    spare = page.get_by_role("list", name="Unused codes").locator("li").first.inner_text()
    visit(page, f"{url}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    visit(page, f"{url}/account/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Show that it is you")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Code").fill(spare)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Sign out")).to_be_visible()
