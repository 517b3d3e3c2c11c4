"""The result of a file is told, signed, until it is heard; and never to a private network."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from frankpledge.sharing.actions import webhooks
from frankpledge.sharing.actions.approvals import agree
from frankpledge.sharing.actions.submissions import undo
from frankpledge.sharing.enums import Approvals, ApprovalStage
from frankpledge.sharing.fetching import Blocked, address_for
from frankpledge.sharing.models import ApiKey, Approval, WebhookCall
from frankpledge.sharing.queries.keys import webhook_secret
from frankpledge.sharing.rules.webhooks import MOST_TRIES, check_address
from tests.integration.test_api import Machine, imported, token
from tests.sharing_world import NOW, TODAY, SharingWorld, sharing_world


class Listener:
    """A partner's machine that hears results; `answers` are used up one by one."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((dict(self.headers), body))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Location", outer.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/results"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def world(db: Any, tmp_path: Path, settings: Any) -> SharingWorld:
    settings.STORE, settings.TODAY = tmp_path / "store", TODAY
    settings.DEBUG, settings.PRIVATE_HOSTS = True, ["127.0.0.1"]
    return sharing_world()


def sent(world: SharingWorld, url: str) -> Any:
    found = imported(Machine(token(world, webhook_url=url)[0]).send().json()["id"])
    assert webhooks.note_result(submission=found, now=NOW) is not None
    assert webhooks.note_result(submission=found, now=NOW) is not None
    return found


def test_a_result_is_told_once_and_signed(world: SharingWorld, listener: Listener):
    found = sent(world, listener.url)
    assert webhooks.tell(calls=webhooks.due(now=NOW), now=NOW) == 1
    assert webhooks.due(now=NOW + timedelta(days=30)) == []
    ((headers, body),) = listener.heard
    said = json.loads(body)
    assert (said["submission"], said["state"], said["stored"]) == (str(found.pk), "stored", 4)
    moment, mark = headers["Frankpledge-Signature"].split(",")
    secret = webhook_secret(ApiKey.objects.get()).encode()
    wanted = hmac.new(secret, moment[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert (moment, mark) == (f"t={int(NOW.timestamp())}", f"v1={wanted}")


def test_a_file_to_be_agreed_is_told_and_what_people_decided_is_told_too(
    world: SharingWorld, listener: Listener
):
    world.datasets["fires"].approvals = Approvals.PARTNER_AND_COUNTY
    world.datasets["fires"].save()
    found = imported(Machine(token(world, webhook_url=listener.url)[0]).send().json()["id"])
    assert webhooks.note_result(submission=found, now=NOW) is not None
    assert webhooks.tell(calls=webhooks.due(now=NOW), now=NOW) == 1
    # Who made a key does not agree to what it sent.
    ApiKey.objects.update(made_by=world.users["fire_sender"])
    Approval.objects.create(
        submission=found,
        stage=ApprovalStage.PARTNER,
        agreed=True,
        decided_by=world.users["fire_sender"],
        decided_at=NOW,
    )
    agree(actor=world.actor("leader"), submission=found, note="", now=NOW)
    # What was noted and overtaken is not told.
    assert [webhooks.note_missed(now=timezone.now()) for _ in range(2)] == [1, 0]
    assert webhooks.tell(calls=webhooks.due(now=timezone.now()), now=timezone.now()) == 1
    undo(actor=world.actor("leader"), submission=found, now=NOW)
    assert webhooks.note_missed(now=timezone.now()) == 0
    assert [json.loads(body)["state"] for _, body in listener.heard] == ["checked", "stored"]
    WebhookCall.objects.update(next_try_at=NOW)
    assert webhooks.tell(calls=webhooks.due(now=NOW), now=NOW) == 0
    assert len(listener.heard) == 2


def test_it_is_tried_again_with_longer_waits_and_then_given_up(
    world: SharingWorld, listener: Listener
):
    listener.answers = [500, 302, *[503] * 20]
    sent(world, listener.url)
    now, waits = NOW, []
    while pending := WebhookCall.objects.filter(next_try_at__isnull=False).first():
        waits.append(pending.next_try_at - now)
        now = pending.next_try_at
        assert webhooks.tell(calls=webhooks.due(now=now), now=now) == 0
    assert len(listener.heard) == MOST_TRIES == len(waits)
    assert waits == sorted(waits)
    call = WebhookCall.objects.get()
    assert (call.tries, call.answered) == (MOST_TRIES, 503) and "503" in call.error


def test_a_redirect_is_not_followed(world: SharingWorld, listener: Listener):
    listener.answers = [302]
    sent(world, listener.url)
    webhooks.tell(calls=webhooks.due(now=NOW), now=NOW)
    assert len(listener.heard) == 1
    assert "not followed" in WebhookCall.objects.get().error


def test_private_addresses_and_plain_http_are_refused(
    world: SharingWorld, listener: Listener, settings: Any
):
    settings.PRIVATE_HOSTS = []
    sent(world, listener.url)
    webhooks.tell(calls=webhooks.due(now=NOW), now=NOW)
    assert "private network" in WebhookCall.objects.get().error
    WebhookCall.objects.update(next_try_at=NOW)
    settings.DEBUG, settings.PRIVATE_HOSTS = False, ["127.0.0.1"]
    webhooks.tell(calls=webhooks.due(now=NOW), now=NOW)
    assert "https" in WebhookCall.objects.get().error
    assert listener.heard == []


PRIVATE = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1
255.255.255.255 ::1 :: fe80::1 fc00::1 fec0::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1::1
2130706433 0x7f.1 127.1 localhost
"""


def test_however_a_private_address_is_written_it_is_found():
    for name in PRIVATE.split():
        with pytest.raises(Blocked):
            address_for(name, 443, private=())
    assert address_for("1.1.1.1", 443, private=()) == "1.1.1.1"
    assert address_for("LOCALHOST.", 443, private=("localhost",)) in {"127.0.0.1", "::1"}


def test_one_private_address_of_a_name_is_enough(monkeypatch: pytest.MonkeyPatch):
    def both(*args: Any, **rest: Any) -> Any:
        return [(0, 0, 0, "", (each, 443)) for each in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(Blocked):
        address_for("two-faced.example", 443, private=())


def test_addresses_are_checked_as_they_are_typed():
    for wrong in ("http://a.example", "https://u:p@a.example", "https://", "ftp://a", "a b", "//x"):
        assert check_address(wrong)
    assert not check_address("https://a.example:8443/results?x=1")


def test_a_revoked_key_hears_nothing_more(world: SharingWorld, listener: Listener):
    sent(world, listener.url)
    ApiKey.objects.update(revoked_at=NOW)
    assert webhooks.tell(calls=webhooks.due(now=NOW), now=NOW) == 0
    call = WebhookCall.objects.get()
    assert (listener.heard, call.error, call.next_try_at) == ([], "The key was revoked.", None)


def test_what_a_dead_worker_left_unsaid_is_said(world: SharingWorld, listener: Listener):
    imported(Machine(token(world, webhook_url=listener.url)[0]).send().json()["id"])
    assert webhooks.note_missed(now=NOW) == 1
    assert webhooks.note_missed(now=NOW) == 0
    assert webhooks.tell(calls=webhooks.due(now=NOW), now=NOW) == 1
    assert webhooks.tell(calls=[WebhookCall.objects.get().pk], now=NOW) == 0
