"""Signing in: generic answers, rate limits, second factors; settings that refuse to be unsafe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.urls import reverse

from frankpledge.access.models import User

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long example password"
LOGIN = "/account/login/"
RESET = "/account/password/reset/"


@pytest.fixture
def person(db):
    return User.objects.create_user(
        email="someone@woodshire.example", name="Some One", password=PASSWORD
    )


def _same_but_for_tokens(content: bytes, email: str) -> str:
    text = content.decode().replace(email, "EMAIL")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "TOKEN", text)


def _login(client, email, password):
    return client.post(LOGIN, {"login": email, "password": password})


def _login_and_confirm(client, email):
    """Second factors are changed only by somebody who has just given the password again."""
    _login(client, email, PASSWORD)
    asked = client.get("/account/2fa/totp/activate/")
    assert asked["Location"].startswith("/account/reauthenticate/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})


def test_sign_in_does_not_tell_whether_an_account_exists(client, person):
    known = _login(client, person.email, "a wrong password")
    unknown = _login(client, "nobody@woodshire.example", "a wrong password")
    assert known.status_code == unknown.status_code == 200
    assert _same_but_for_tokens(known.content, person.email) == _same_but_for_tokens(
        unknown.content, "nobody@woodshire.example"
    )


def test_nor_whether_an_account_was_closed(client, person):
    person.is_active = False
    person.save()
    closed = _login(client, person.email, "a wrong password")
    unknown = _login(client, "nobody@woodshire.example", "a wrong password")
    assert _same_but_for_tokens(closed.content, person.email) == _same_but_for_tokens(
        unknown.content, "nobody@woodshire.example"
    )
    right = _login(client, person.email, PASSWORD)
    assert right.status_code == 200
    assert _same_but_for_tokens(right.content, person.email) == _same_but_for_tokens(
        unknown.content, "nobody@woodshire.example"
    )
    assert "_auth_user_id" not in client.session


def test_guessing_a_closed_accounts_password_is_stopped_too(client, person):
    person.is_active = False
    person.save()
    answers = [_login(client, person.email, PASSWORD) for _ in range(12)]
    assert "Too many failed" in answers[-1].content.decode()


def test_nor_does_asking_for_a_new_password(client, person):
    known = client.post(RESET, {"email": person.email})
    unknown = client.post(RESET, {"email": "nobody@woodshire.example"})
    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert client.get(known["Location"]).content == client.get(unknown["Location"]).content
    assert [sent.to for sent in mail.outbox] == [[person.email]]


def test_nobody_signs_up(client, db):
    page = client.get("/account/signup/")
    assert "You cannot sign up here" in page.content.decode()
    client.post(
        "/account/signup/",
        {"email": "new@woodshire.example", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.exists()


def test_sign_in_and_out(client, person):
    assert _login(client, person.email.upper(), PASSWORD).status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)
    # No warning comes before the end, so it must be more than twenty hours away (WCAG 2.2.1).
    assert client.session.get_expiry_age() > 20 * 60 * 60
    assert client.session.get_expire_at_browser_close()
    assert client.get("/my-access/").status_code == 200
    assert client.get("/account/logout/").status_code == 200
    assert client.session.get("_auth_user_id"), "A link alone must not sign anybody out"
    client.post("/account/logout/")
    assert "_auth_user_id" not in client.session


def test_what_a_signed_in_person_sees_is_not_kept_by_the_browser(client, person):
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    assert "no-store" in client.get("/my-access/")["Cache-Control"]


def test_guessing_passwords_is_stopped(client, person):
    answers = [_login(client, person.email, f"wrong {number}") for number in range(12)]
    stopped = [answer for answer in answers if "Too many failed" in answer.content.decode()]
    assert stopped
    assert "Too many failed" in _login(client, person.email, PASSWORD).content.decode()
    assert "_auth_user_id" not in client.session


def test_asking_for_many_new_passwords_is_stopped(client, person):
    statuses = [client.post(RESET, {"email": person.email}).status_code for _ in range(25)]
    assert 429 in statuses
    assert len(mail.outbox) < 25


def _code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_an_authenticator_app_can_be_added_and_is_then_asked_for(client, person):
    _login_and_confirm(client, person.email)
    page = client.get("/account/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    done = client.post("/account/2fa/totp/activate/", {"code": _code(secret)})
    assert done.status_code == 302
    assert Authenticator.objects.filter(user=person, type="totp").exists()
    client.post("/account/logout/")
    asked = _login(client, person.email, PASSWORD)
    assert asked["Location"].startswith("/account/2fa/authenticate/")
    assert "_auth_user_id" not in client.session
    assert client.get(asked["Location"]).status_code == 200


def test_a_wrong_code_adds_nothing(client, person):
    _login_and_confirm(client, person.email)
    client.get("/account/2fa/totp/activate/")
    answer = client.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert answer.status_code == 200
    assert "Error:" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_a_passkey_can_be_asked_for_and_added(client, person):
    assert "passkey_login" in client.get(LOGIN).content.decode()
    challenge = client.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"})
    _login_and_confirm(client, person.email)
    added = client.get("/account/2fa/webauthn/add/")
    assert added.status_code == 200
    assert "publicKey" in added.content.decode()
    assert challenge.status_code in {200, 302}


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password",
        "account_email",
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_generate_recovery_codes",
        "socialaccount_connections",
        "account_reauthenticate",
    ],
)
def test_account_pages_wear_our_clothes(client, person, name):
    _login(client, person.email, PASSWORD)
    page = client.get(reverse(name), follow=True)
    assert page.status_code == 200
    assert "govuk-skip-link" in page.content.decode()
    assert "<style" not in page.content.decode()


def test_a_first_password_that_is_too_weak_is_said_at_the_top_and_leads_to_its_box(client, db):
    account = User.objects.create_user(email="new@woodshire.example", name="Some One")
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.post("/account/password/set/", {"password1": "a", "password2": "b"})
    text = page.content.decode()
    assert "<title>Error: " in text
    assert re.search(r'<a href="#id_password[12]">', text)


def test_an_account_made_for_a_post_gets_its_password_by_mail(world, client):
    from frankpledge.partnership import actions
    from tests.worlds import NOW, TODAY

    actions.begin_holding(
        actor=world.actor("county_team"),
        post=world.posts["data_provider"],
        email="New.Person@Woodshire.example",
        name="New Person",
        begins=TODAY,
        now=NOW,
    )
    client.post(RESET, {"email": "new.person@woodshire.example"})
    link = re.search(r"/account/password/reset/key/\S+", mail.outbox[0].body)
    assert link
    form = client.get(link[0], follow=True)
    client.post(
        form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD}, follow=True
    )
    assert _login(client, "new.person@woodshire.example", PASSWORD).status_code == 302


# Settings


def _start(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FRANKPLEDGE", "DATA"))}
    return subprocess.run(
        [sys.executable, "-c", "import frankpledge.config.settings"],
        env={**environment, "PYTHONPATH": str(ROOT / "src"), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


SAFE = {
    "FRANKPLEDGE_MODE": "production",
    "FRANKPLEDGE_SECRET_KEY": "x" * 30 + "y" * 30,
    "FRANKPLEDGE_HTTPS": "1",
    "FRANKPLEDGE_HOSTS": "partnership.example",
}


def test_safe_production_settings_start(tmp_path):
    done = _start(**SAFE, FRANKPLEDGE_HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"FRANKPLEDGE_DEBUG": "1"}, "FRANKPLEDGE_DEBUG cannot be on in production"),
        ({"FRANKPLEDGE_SECRET_KEY": ""}, "FRANKPLEDGE_SECRET_KEY must be your own"),
        ({"FRANKPLEDGE_SECRET_KEY": "short"}, "FRANKPLEDGE_SECRET_KEY must be your own"),
        ({"FRANKPLEDGE_HTTPS": "0"}, "FRANKPLEDGE_HTTPS must be 1"),
        ({"FRANKPLEDGE_TODAY": "2026-01-22"}, "FRANKPLEDGE_TODAY belongs to the example"),
        ({"FRANKPLEDGE_MODE": "live"}, "write example or production"),
        ({"FRANKPLEDGE_ENGIN": "duckdb"}, "FRANKPLEDGE_ENGIN is not a setting"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL cannot be used"),
    ],
)
def test_unsafe_production_settings_do_not_start(tmp_path, change, says):
    done = _start(**{**SAFE, **change}, FRANKPLEDGE_HOME=str(tmp_path))
    assert done.returncode != 0
    assert says in done.stderr


def test_the_example_pages_are_not_there_in_production(tmp_path):
    """Nobody can be seen as somebody else where people are real."""
    code = (
        "import django; django.setup()\n"
        "from django.urls import reverse, NoReverseMatch\n"
        "try:\n    reverse('see-as', args=['chair'])\n"
        "except NoReverseMatch:\n    print('not there')"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FRANKPLEDGE", "DATA"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **environment,
            **SAFE,
            "FRANKPLEDGE_HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "frankpledge.config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "not there", done.stderr
