"""What owners read of the use of their data, and what they grant on request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.actors import actor_for, console, public
from frankpledge.access.models import AuditEntry
from frankpledge.evidence.models import Finding
from frankpledge.sharing.actions import agreements
from frankpledge.sharing.actions.requests import ask_for_data, decide_request
from frankpledge.sharing.actions.uses import Used, note_use
from frankpledge.sharing.duties import requests_to_decide
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    DataRequest,
    DataUse,
    Signature,
    Term,
)
from frankpledge.sharing.queries.permission import reading
from frankpledge.sharing.queries.wording import text_digest
from frankpledge.sharing.rules.requests import UnableToRequest
from tests import sharing_world as sharing
from tests.integration.conftest import BACKEND
from tests.sharing_world import NOW, TODAY, SharingWorld

ASKED = "dataset=abuse&from=2025-01&to=2025-12"


@pytest.fixture
def world(db: Any, tmp_path: Path, settings: Any) -> Iterator[SharingWorld]:
    """A year of the police's counts of domestic abuse, given to partners of the county council."""
    settings.STORE = tmp_path / "store"
    settings.TODAY = TODAY
    made = sharing.sharing_world()
    lines = [f"{sharing.ASH},2025-{m:02d},domestic-abuse-incidents,{40 + m}" for m in range(1, 13)]
    made.send("abuse", "police", sharing.counts_file(tmp_path, lines))
    Term.objects.filter(dataset=made.datasets["abuse"]).update(
        recipient_role="", recipient=made.organisations["county"]
    )
    return made


def _client(world: SharingWorld, who: str) -> Client:
    client = Client()
    if who != "public":
        client.force_login(world.users[who], BACKEND)
    return client


def _ask(world: SharingWorld, who: str = "leader") -> Any:
    return _client(world, who).get(f"{reverse('explorer')}?{ASKED}")


def test_an_answer_a_file_and_a_finding_are_noted_with_purpose_and_clause(world: SharingWorld):
    assert _ask(world).status_code == 200
    client = _client(world, "leader")
    assert client.get(f"{reverse('explorer-export', args=['csv'])}?{ASKED}").status_code == 200
    client.post(
        f"{reverse('explorer-save')}?{ASKED}", {"sentence": "It rose", "audience": "partnership"}
    )
    call_command("ask", dataset="abuse", by="month", who="leader@example.org", stdout=StringIO())
    found = DataUse.objects.order_by("pk")
    assert [use.how for use in found] == ["asked", "exported", "finding", "asked"]
    first = found[0]
    assert (first.user, first.provider) == (world.users["leader"], world.organisations["police"])
    assert (first.clause, first.purpose, first.rows) == ("clause 4.1", "Strategic assessment", 12)
    assert (first.first_month, first.last_month) == (date(2025, 1, 1), date(2025, 12, 1))
    assert "month" in first.columns and "Leader post" in first.acting_as


def test_a_look_within_the_hour_is_one_line_and_own_or_open_data_none(world: SharingWorld):
    given = {
        "dataset": world.datasets["abuse"],
        "how": "asked",
        "columns": ["month"],
        "used": [Used(world.organisations["police"].pk, "clause 4.1", "Assessment", 12)],
    }
    for minutes in (0, 59, 61):
        note_use(actor=world.actor("leader"), now=NOW + timedelta(minutes=minutes), **given)
    note_use(actor=console(TODAY), now=NOW, **given)
    note_use(actor=public(TODAY), now=NOW, **given)
    note_use(actor=world.actor("colleague"), now=NOW, **given)  # their own
    assert [use.acting_as for use in DataUse.objects.order_by("pk")] == [
        "Leader post, Ashshire Council",
        "Leader post, Ashshire Council",
        "Command line",
        "The public",
    ]


def test_a_log_that_cannot_be_written_breaks_no_answer(world: SharingWorld, monkeypatch: Any):
    def broken(*args: Any, **rest: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(DataUse.objects, "bulk_create", broken)
    assert _ask(world).status_code == 200
    assert not DataUse.objects.exists()


# The owner reads it


def test_an_owner_reads_its_log_and_nobody_else_does(world: SharingWorld):
    _ask(world)
    url = reverse("data-use")
    for who, seen in (("colleague", True), ("sender", True), ("leader", True), ("stranger", False)):
        page = _client(world, who).get(url)
        assert (b"Strategic assessment" in page.content) is seen, who
    assert _client(world, "public").get(url).status_code == 302
    text = _client(world, "colleague").get(f"{url}?download=csv").content.decode()
    assert "Leader post" in text and "clause 4.1" in text
    assert "Strategic" not in _client(world, "colleague").get(f"{url}?how=rows").content.decode()


def test_the_log_costs_the_same_however_long_it_is(world: SharingWorld):
    client, costs = _client(world, "colleague"), []
    for length in (1, 20):
        DataUse.objects.bulk_create(
            DataUse(
                at=NOW,
                user=world.users["leader"],
                acting_as=f"Post {number}",
                dataset=world.datasets["abuse"],
                provider=world.organisations["police"],
                how="asked",
            )
            for number in range(length)
        )
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("data-use"))
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_the_receipt_names_uses_and_the_findings_they_fed(world: SharingWorld):
    _client(world, "leader").post(
        f"{reverse('explorer-save')}?{ASKED}", {"sentence": "It rose", "audience": "partnership"}
    )
    DataUse.objects.update(at=NOW)
    Finding.objects.update(created_at=NOW)
    url = reverse("data-receipt", args=["police", "2026-Q1", "html"])
    page = _client(world, "leader").get(url).content.decode()
    assert "It rose" in page and "clause 4.1" in page and "A Finding" in page
    other = _client(world, "leader").get(url.replace("2026-Q1", "2025-Q4")).content.decode()
    assert "It rose" not in other and "Nobody else read" in other
    paper = _client(world, "colleague").get(url.replace("html", "pdf"))
    assert paper.content.startswith(b"%PDF")
    assert _client(world, "stranger").get(url).status_code == 403
    for wrong in ("2026-Q5", "now", "0000-Q1"):
        assert _client(world, "leader").get(url.replace("2026-Q1", wrong)).status_code == 404


# Asking and granting

UNTIL = date(2026, 3, 31)


def _asked(world: SharingWorld, **changed: Any) -> DataRequest:
    given = {
        "dataset": world.datasets["abuse"],
        "provider": world.organisations["police"],
        "recipient": world.organisations["health"],
        "purpose": "Home visits",
        "reason": "To find who is at risk",
        "detail": Detail.DISTRICT,
        "starts_on": TODAY,
        "expires_on": UNTIL,
        "now": NOW,
        **changed,
    }
    return ask_for_data(actor=given.pop("actor", world.actor("stranger")), **given)


def _granted(world: SharingWorld) -> DataRequest:
    return decide_request(
        actor=world.actor("colleague"),
        request=_asked(world),
        granted=True,
        why="It helps.",
        clause=Clause.objects.get(number="4.1"),
        now=NOW,
    )


def _reads(world: SharingWorld, on: date = TODAY) -> Any:
    actor = actor_for(world.users["stranger"], on)
    return reading(actor=actor, dataset=world.datasets["abuse"], on=on)


def test_asked_on_a_page_decided_by_the_owner_read_until_it_ends(world: SharingWorld):
    assert not _reads(world)
    client = _client(world, "stranger")
    posted = {
        "dataset": world.datasets["abuse"].pk,
        "provider": world.organisations["police"].pk,
        "recipient": world.organisations["health"].pk,
        "purpose": "Home visits",
        "reason": "To find who is at risk",
        "detail": "district",
        **{f"starts_on-{part}": getattr(TODAY, part) for part in ("day", "month", "year")},
        **{f"expires_on-{part}": getattr(UNTIL, part) for part in ("day", "month", "year")},
    }
    assert client.post(reverse("data-request-new"), posted).status_code == 302
    asked = DataRequest.objects.get()
    page, decide = (reverse(f"data-request{end}", args=[asked.pk]) for end in ("", "-decide"))
    assert client.get(page).status_code == 200 and client.get(decide).status_code == 403
    assert _client(world, "leader").get(decide).status_code == 403
    assert _client(world, "fire_sender").get(page).status_code == 404
    owed = list(requests_to_decide(world.actor("colleague"), TODAY))
    assert [duty.url for duty in owed] == [page]
    assert not list(requests_to_decide(world.actor("stranger"), TODAY))
    signed = text_digest(world.version)
    clause = Clause.objects.get(number="4.1")
    owner = _client(world, "colleague")
    assert b"4.1" in owner.get(decide).content
    without = owner.post(decide, {"granted": "yes", "why": "It helps."})
    assert b"Choose the clause" in without.content
    answer = owner.post(decide, {"granted": "yes", "clause": clause.pk, "why": "It helps."})
    assert answer.status_code == 302
    assert owner.post(decide, {"granted": "no", "why": "No."}).status_code == 403
    assert text_digest(world.version) == signed
    assert b"Granted" in client.get(page).content
    assert AuditEntry.objects.filter(record_id=str(asked.pk)).count() == 2

    assert _reads(world).covers(Detail.DISTRICT) and not _reads(world).covers(Detail.WARD)
    assert _reads(world, UNTIL)
    after = _reads(world, UNTIL + timedelta(days=1))
    assert not after and "expired on 31 March 2026" in after.refusals[0]
    assert _ask(world, "stranger").status_code == 200
    use = DataUse.objects.get(user=world.users["stranger"])
    assert (use.purpose, use.clause) == ("Home visits", "clause 4.1")


@pytest.mark.parametrize("party", ["health", "police"])
def test_a_signature_taken_back_stops_it_the_same_day(world: SharingWorld, party: str):
    _granted(world)
    assert _reads(world)
    Signature.objects.filter(organisation=world.organisations[party]).update(revoked_on=TODAY)
    assert not _reads(world) and "clause 4.1" in _reads(world).refusals[0]


def test_a_refusal_gives_nothing(world: SharingWorld):
    given = {"request": _asked(world), "why": "Too fine.", "clause": None, "now": NOW}
    decide_request(actor=world.actor("colleague"), granted=False, **given)
    assert not _reads(world) and DataRequest.objects.get().term is None


def test_a_grant_follows_its_clause_into_the_next_version(world: SharingWorld):
    term = _granted(world).term
    new = agreements.draft_version(
        actor=console(TODAY),
        agreement=world.agreement,
        number="3.0",
        what_changed="Nothing",
        now=NOW,
    )
    assert new.terms.count() == 4
    AgreementVersion.objects.filter(pk=new.pk).update(dpia_state="done", effective_from=TODAY)
    agreements.put_in_force(actor=console(TODAY), version=new, today=TODAY, now=NOW)
    term.refresh_from_db()
    assert (term.version, term.clause.version) == (new, new)
    assert not _reads(world)  # until both sign it
    for party in ("police", "health"):
        world.sign(party, new)
    assert _reads(world)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"provider": "fire"}, "does not provide"),
        ({"recipient": "county"}, "in which you hold a post"),
        ({"expires_on": date(2026, 1, 1)}, "before the first"),
        ({"starts_on": date(2025, 1, 1), "expires_on": date(2025, 6, 1)}, "has passed"),
        ({"expires_on": date(2030, 1, 1)}, "two years"),
    ],
)
def test_what_cannot_be_asked_is_said(world: SharingWorld, changed: dict[str, Any], said: str):
    for role in ("provider", "recipient"):
        if role in changed:
            changed = {**changed, role: world.organisations[changed[role]]}
    with pytest.raises(UnableToRequest, match=said):
        _asked(world, **changed)
