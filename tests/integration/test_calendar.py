"""The return calendar: computed from what was asked and what came, at a fixed cost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.actors import console
from frankpledge.access.decisions import Refused
from frankpledge.access.models import AuditEntry
from frankpledge.partnership.enums import OrganisationKind
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.actions import calendar as actions
from frankpledge.sharing.actions.withdrawing import withdraw
from frankpledge.sharing.duties import returns_owed
from frankpledge.sharing.models import Dataset, ReturnRequest, Schedule, Submission
from frankpledge.sharing.queries import calendar as queries
from frankpledge.sharing.rules.calendar import Standing, UnableToAskFor
from tests.sharing_world import ASH, HEADER, NOW, TODAY, SharingWorld, sharing_world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> SharingWorld:
    settings.STORE = tmp_path / "store"
    return sharing_world()


@pytest.fixture
def quarterly(world: SharingWorld) -> Schedule:
    """Fires by quarter from July 2025, of fire and the police; due in fourteen days."""
    return actions.make_schedule(
        actor=console(TODAY),
        name="Every quarter",
        datasets=[world.datasets["fires"]],
        organisations=[world.organisations["fire"], world.organisations["police"]],
        rhythm="quarterly",
        first_period=date(2025, 7, 1),
        due_days=14,
        statutory=True,
        source="A law",
        now=NOW,
    )[0]


def _board(schedule: Schedule, actor: Any = None) -> dict[tuple[str, str], queries.Line]:
    lines = queries.board(actor=actor or console(TODAY), today=TODAY, schedules=[schedule])
    return {(line.organisation.slug, line.key): line for line in lines}


def _send(world: SharingWorld, tmp_path: Path, *months: str) -> Submission:
    path = tmp_path / f"{'-'.join(months)}.csv"
    rows = "".join(f"{ASH},{month},deliberate-primary-fires,3\n" for month in months)
    path.write_text(f"{HEADER}\n{rows}")
    return world.send("fires", "fire", path)


def test_what_came_counts_month_by_month(world, quarterly, tmp_path):
    assert {key: str(line.standing) for key, line in _board(quarterly).items()} == {
        ("fire", "2025-07"): "Late",
        ("police", "2025-07"): "Late",
        ("fire", "2025-10"): "Late",
        ("police", "2025-10"): "Late",
    }
    _send(world, tmp_path, "2025-10", "2025-11")
    line = _board(quarterly)[("fire", "2025-10")]
    assert (line.standing, line.came) == (Standing.LATE, "2 of 3 months")
    _send(world, tmp_path, "2025-12")
    line = _board(quarterly)[("fire", "2025-10")]
    assert (line.standing, line.came, line.whole_on) == (
        Standing.RECEIVED_LATE,
        "Whole",
        NOW.date(),
    )


def test_what_was_withdrawn_is_due_again(world, quarterly, tmp_path):
    Dataset.objects.filter(slug="fires").update(approvals=1)
    world.datasets["fires"].refresh_from_db()
    sent = _send(world, tmp_path, "2025-10", "2025-11", "2025-12")
    assert _board(quarterly)[("fire", "2025-10")].came == "Whole"
    withdraw(actor=world.actor("fire_sender"), submission=sent, reason="Wrong", now=NOW)
    assert _board(quarterly)[("fire", "2025-10")].standing == Standing.LATE


def test_more_time_with_a_reason(world, quarterly):
    line = _board(quarterly)[("fire", "2025-10")]
    actions.extend(
        actor=console(TODAY), line=line, to=date(2026, 2, 28), because="New system", now=NOW
    )
    after = _board(quarterly)[("fire", "2025-10")]
    assert (after.due, after.standing) == (date(2026, 2, 28), Standing.NOT_YET)
    with pytest.raises(UnableToAskFor):
        actions.extend(
            actor=console(TODAY), line=after, to=date(2026, 2, 1), because="Less", now=NOW
        )


def test_nothing_to_report_and_taken_back(world, quarterly, tmp_path):
    sender = world.actor("fire_sender")
    line = _board(quarterly, sender)[("fire", "2025-07")]
    actions.say_nil(actor=sender, line=line, on=TODAY, now=NOW)
    line = _board(quarterly)[("fire", "2025-07")]
    assert line.standing == Standing.NIL
    actions.take_nil_back(actor=sender, line=line, now=NOW)
    assert _board(quarterly)[("fire", "2025-07")].standing == Standing.LATE
    _send(world, tmp_path, "2025-08")
    with pytest.raises(UnableToAskFor, match="something to report"):
        actions.say_nil(
            actor=sender, line=_board(quarterly)[("fire", "2025-07")], on=TODAY, now=NOW
        )


def test_one_button_reminds_whoever_is_late_and_nobody_else(world, quarterly, tmp_path):
    _send(world, tmp_path, "2025-10", "2025-11", "2025-12")
    lines = list(_board(quarterly).values())
    assert actions.chase(actor=console(TODAY), lines=lines, now=NOW) == 3
    assert {
        (each.organisation.slug, each.period_start) for each in ReturnRequest.objects.all()
    } == {
        ("fire", date(2025, 7, 1)),
        ("police", date(2025, 7, 1)),
        ("police", date(2025, 10, 1)),
    }
    assert AuditEntry.objects.filter(text__startswith="Reminded").count() == 3
    actions.chase(actor=console(TODAY), lines=_board(quarterly).values(), now=NOW)
    assert {each.chased_times for each in ReturnRequest.objects.all()} == {2}


def test_an_organisation_sees_its_own_and_runs_nothing(world, quarterly):
    sender = world.actor("fire_sender")
    assert {key[0] for key in _board(quarterly, sender)} == {"fire"}
    line = _board(quarterly, sender)[("fire", "2025-07")]
    for attempt in (
        lambda: actions.extend(
            actor=sender, line=line, to=date(2027, 1, 1), because="Please", now=NOW
        ),
        lambda: actions.chase(actor=sender, lines=[line], now=NOW),
        lambda: actions.end_schedule(actor=sender, schedule=quarterly, on=TODAY, now=NOW),
        lambda: actions.say_nil(
            actor=sender, line=_board(quarterly)[("police", "2025-07")], on=TODAY, now=NOW
        ),
    ):
        with pytest.raises((Refused, Http404)):
            attempt()
    assert not ReturnRequest.objects.exists()
    with pytest.raises(Http404):
        queries.find_line(
            actor=sender, schedule=quarterly, organisation="police", start="2025-07", today=TODAY
        )
    assert _board(quarterly, world.actor("stranger")) == {}


def test_what_is_owed_stands_in_the_inbox(world, quarterly):
    own = list(returns_owed(world.actor("fire_sender"), TODAY))
    assert [each.what for each in own] == [
        "Send Fires, July to September 2025",
        "Send Fires, October to December 2025",
    ]
    actions.chase(actor=console(TODAY), lines=_board(quarterly).values(), now=NOW)
    first, *_ = returns_owed(world.actor("fire_sender"), TODAY)
    assert first.reason.startswith("You were reminded")
    county = list(returns_owed(console(TODAY), TODAY))
    assert len(county) == 4
    assert list(returns_owed(world.actor("stranger"), TODAY)) == []


def test_an_ended_schedule_asks_for_no_later_period(world, quarterly):
    actions.end_schedule(actor=console(TODAY), schedule=quarterly, on=date(2025, 10, 1), now=NOW)
    quarterly.refresh_from_db()
    assert {key[1] for key in _board(quarterly)} == {"2025-07"}


def test_the_duty_board_says_how_complete_and_how_punctual(world, quarterly, tmp_path):
    _send(world, tmp_path, "2025-10", "2025-11", "2025-12")
    page = queries.duty_page(actor=console(TODAY), today=TODAY)
    assert [each.name for each in page.periods] == [
        "July to September 2025",
        "October to December 2025",
    ]
    found = {each.organisation.slug: each for each in page.punctuality}
    assert (found["fire"].completeness, found["fire"].timeliness) == (50.0, 0.0)
    assert (found["police"].completeness, found["police"].timeliness) == (0.0, 0.0)


def _count(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("url", ["/returns/calendar/?every=1", "/returns/calendar/duty/"])
def test_pages_cost_the_same_for_two_organisations_and_thirty(world, quarterly, client, url):
    client.force_login(world.users["leader"], BACKEND)
    client.get(url)
    few = _count(client, url)
    for number in range(30):
        quarterly.organisations.add(
            Organisation.objects.create(
                name=f"Partner {number}",
                slug=f"partner-{number}",
                kind=next(iter(OrganisationKind)),
            )
        )
    assert _count(client, url) == few


def test_the_pages_in_order_without_scripts(world, quarterly, client):
    client.force_login(world.users["leader"], BACKEND)
    page = client.get(reverse("return-calendar")).content.decode()
    assert "Remind everybody who is late" in page
    assert "Ashshire Fire" in page
    answer = client.post(reverse("return-calendar-chase"), follow=True)
    assert "2 late returns" in answer.content.decode()
    args = [quarterly.pk, "fire", "2025-10"]
    assert client.get(reverse("return-period", args=args)).status_code == 200
    wrong = client.post(
        reverse("return-extend", args=args),
        {"to-day": "1 1 2025", "because": "Ill"},
    )
    assert "Choose a later day" in wrong.content.decode()
    client.force_login(world.users["fire_sender"], BACKEND)
    answer = client.post(reverse("return-nil", args=args), follow=True)
    assert "Nothing to report" in answer.content.decode()
    assert client.post(reverse("return-calendar-chase")).status_code == 403


def test_asking_for_a_return_by_form(world, client):
    client.force_login(world.users["leader"], BACKEND)
    answer = client.post(
        reverse("schedule-new"),
        {
            "name": "The yearly request",
            "datasets": [world.datasets["fires"].pk, world.datasets["visits"].pk],
            "organisations": [world.organisations["fire"].pk],
            "rhythm": "yearly",
            "first_period-month": "10 2024",
            "due_days": "31",
            "source": "Usual practice",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert Schedule.objects.filter(name="The yearly request").count() == 2
