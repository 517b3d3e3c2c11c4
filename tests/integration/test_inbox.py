"""Home, inbox and thread: what one owes and may see, nothing of others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from frankpledge.access.audit import change
from frankpledge.access.enums import Capability
from frankpledge.core.kinds import kinds
from frankpledge.inbox.queries import inbox, recent_changes
from tests.worlds import NOW, SECRET, TODAY, World

GUESSED = "3222c5b7-0cc3-483f-af58-f7a1176b7e31"


@pytest.mark.parametrize("who", ["public", "no_post", "ended_post", "ended_seat", "fire_partner"])
def test_nobody_owes_what_others_owe(world: World, who: str):
    owed = inbox(actor=world.actor(who), today=TODAY)
    assert not [d for d in (*owed.late, *owed.coming) if d.kind in {"assessment", "agreement"}]


def test_a_district_owes_its_own_assessment_and_the_team_watches(world: World):
    mine = inbox(actor=world.actor("district_officer"), today=TODAY)
    assert ["Ash" in duty.what for duty in mine.late if duty.kind == "assessment"] == [True]
    other = inbox(actor=world.actor("other_district_officer"), today=TODAY)
    assert not [duty for duty in other.late if duty.kind == "assessment"]
    team = inbox(actor=world.actor("county_team"), today=TODAY)
    assert {"assessment", "agreement", "proposal"} <= {d.kind for d in (*team.late, *team.coming)}
    assert SECRET in " ".join(duty.what for duty in (*team.late, *team.coming))


def test_inbox_and_home_tell_no_secret(world: World, as_: Callable[[str], Client]):
    for who in ("no_post", "ended_seat", "district_officer", "fire_partner", "data_provider"):
        for name in ("home", "inbox"):
            text = as_(who).get(reverse(name)).content.decode()
            assert SECRET not in text, f"{who} {name}"
    assert as_("public").get(reverse("inbox")).status_code == 302


def test_a_change_is_told_to_those_it_concerns(world: World):
    found = world.more["assessments"][2]
    with change(
        actor=world.actor("district_officer"),
        capability=Capability.WRITE_ASSESSMENT,
        record=found,
        now=NOW,
    ) as audit:
        audit.note("Wrote quiet words.", record=found, concerns=(found.csp,))
    for who, told in (("no_post", False), ("public", False), ("district_chair", True)):
        changes = recent_changes(actor=world.actor(who))
        assert ("Wrote quiet words." in [entry.text for entry in changes]) is told, who


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("finding", "not-a-uuid"),
        ("no-such-kind", GUESSED),
        ("finding", GUESSED),
        ("FINDING", GUESSED),
        ("user", GUESSED),
    ],
)
def test_a_thread_of_nothing(world: World, as_: Callable[[str], Client], kind: str, key: str):
    for who in ("public", "county_team"):
        assert as_(who).get(f"/thread/{kind}/{key}/").status_code == 404


@pytest.mark.parametrize("who", ["public", "no_post", "district_officer", "county_team"])
def test_no_thread_names_what_its_reader_may_not_see(
    world: World, as_: Callable[[str], Client], who: str
):
    """Everything is linked to closed Findings first, so that a thread has much to leak."""
    for proposal in world.more["priority changes"]:
        proposal.findings.set(world.more["findings"])
        proposal.issues.set([world.more["issue"]])
    world.more["priority"].issues.set([world.more["issue"]])
    client = as_(who)
    linked = ("assessment", "issue", "priority", "agreement", "priority-change", "finding")
    closed = [record.pk for record in world.more["findings"][2:]]
    closed += [record.pk for record in world.more["priority changes"][2:]]
    for slug in linked:
        for record in world.records(kinds()[slug].model):
            answer = client.get(reverse("thread", args=[slug, record.pk]))
            assert answer.status_code in {200, 404}
            if who != "county_team":
                assert SECRET not in answer.content.decode(), f"{who} {slug} {record}"
            elif record.pk in closed and slug == "finding":
                assert answer.status_code == 404


@pytest.mark.parametrize("who", ["public", "no_post", "district_officer"])
def test_a_thread_does_not_fall_silent_where_something_is_hidden(
    world: World, as_: Callable[[str], Client], who: str
):
    proposal = world.more["priority changes"][0]
    address = reverse("thread", args=["priority-change", proposal.pk])
    proposal.findings.clear()
    without = as_(who).get(address).content
    assert b"No Finding supports this change." in without
    proposal.findings.set(world.more["findings"][2:])
    assert as_(who).get(address).content == without
