"""What is agreed for a draft: read in the draft, and nowhere else until it is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from frankpledge.access.decisions import Refused
from frankpledge.agreement import actions, rules
from frankpledge.agreement.enums import ChangeKind, ProposalState, VersionState
from frankpledge.agreement.models import (
    AgreementVersion,
    Objective,
    Priority,
    PriorityChange,
    Theme,
)
from frankpledge.agreement.queries.document import compose, document_of
from tests.worlds import NOW, TODAY, World

WORDS = "Words\n[[priorities]]\n[[priority-tables]]\n[[leads]]"


@pytest.fixture
def team(world: World) -> Any:
    return world.actor("county_team")


@pytest.fixture
def draft(world: World) -> AgreementVersion:
    version: AgreementVersion = world.more["agreement versions"][3]
    version.chapters.update(text=WORDS)
    return version


def _proposed(world: World, **fields: Any) -> PriorityChange:
    priority = world.more["priority"]
    given = {"kind": ChangeKind.RENAMED, "priority": priority, "name": priority.name}
    given |= {"new_name": "Safest streets", "reason": "It rose.", "proposed_on": TODAY}
    return PriorityChange.objects.create(
        **{**given, "body": world.bodies["county_partnership"], **fields}
    )


def _agree(team: Any, proposal: PriorityChange, version: AgreementVersion) -> PriorityChange:
    return actions.decide_change(
        actor=team,
        proposal=proposal,
        agreed=True,
        decided_by="The partnership",
        version=version,
        today=TODAY,
        now=NOW,
    )


def _ready(draft: AgreementVersion, team: Any) -> None:
    actions.write_change_notes(actor=team, version=draft, notes=[("foreword", "Written")], now=NOW)
    actions.agree(actor=team, version=draft, now=NOW)


def _publish(draft: AgreementVersion, team: Any) -> AgreementVersion:
    _ready(draft, team)
    actions.publish(actor=team, version=draft, today=TODAY, now=NOW)
    return AgreementVersion.objects.get(pk=draft.pk)


def _records() -> list[Any]:
    fields = ("pk", "name", "scope", "valid_from", "valid_to")
    return [list(model.objects.order_by("pk").values(*fields)) for model in (Priority, Theme)]


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_the_records_stay_until_the_version_is_published(
    world: World, draft: AgreementVersion, team: Any, kind: ChangeKind
):
    before = _records()
    proposal = _proposed(world, kind=kind, new_name="")
    if kind == ChangeKind.PROMOTED:
        theme = world.more["theme"]
        proposal.priority, proposal.theme, proposal.name = None, theme, theme.name
        proposal.save()
    _agree(team, proposal, draft)
    assert _records() == before
    actions.agree(actor=team, version=draft, now=NOW)
    actions.back_to_draft(actor=team, version=draft, now=NOW)
    assert _records() == before
    read = compose(draft).chapters
    version = _publish(draft, team)
    assert (_records() == before) is (kind == ChangeKind.KEPT)
    assert compose(version).chapters == read, "the draft read as what was then published"


def test_publication_that_fails_leaves_the_priorities(
    world: World, draft: AgreementVersion, team: Any, monkeypatch: pytest.MonkeyPatch
):
    _agree(team, _proposed(world), draft)
    _ready(draft, team)
    before = _records()

    def broken(_: Any) -> Any:
        raise OSError("no room left")

    monkeypatch.setattr(actions, "compose", broken)
    with pytest.raises(OSError, match="no room left"):
        actions.publish(actor=team, version=draft, today=TODAY, now=NOW)
    assert _records() == before
    assert AgreementVersion.objects.get(pk=draft.pk).state == VersionState.AGREED


def test_a_draft_shows_what_is_coming_and_the_page_in_force_does_not(
    world: World, draft: AgreementVersion, team: Any, as_: Callable[[str], Client]
):
    objective: Objective = world.more["objective"]
    objective.priorities.add(world.more["priority"])
    _agree(team, _proposed(world, new_scope="Parks"), draft)
    drafted = repr(document_of(draft))
    assert "Safest streets" in drafted and " includes: Parks" in drafted
    assert "Safer streets" not in drafted
    for who in ("public", "fire_partner", "county_team"):
        page = as_(who).get(reverse("current-agreement")).content.decode()
        assert "Safer streets" in page and "Safest streets" not in page, who
    _publish(draft, team)
    page = as_("public").get(reverse("current-agreement")).content.decode()
    assert "Safest streets" in page and "Safer streets" not in page


def test_a_discarded_draft_leaves_the_priorities_and_its_changes_wait_for_the_next(
    world: World, draft: AgreementVersion, team: Any, as_: Callable[[str], Client]
):
    before = _records()
    agreed = _agree(team, _proposed(world), draft)
    url = reverse("agreement-move", args=[draft.number, "discard"])
    assert as_("chair").post(url).status_code == 403
    client = as_("county_team")
    assert b"Discard" in client.get(url).content
    assert client.post(url).status_code == 302
    assert not AgreementVersion.objects.filter(pk=draft.pk).exists()
    assert _records() == before
    agreed.refresh_from_db()
    assert (agreed.state, agreed.version, agreed.effective_from) == (
        ProposalState.AGREED,
        None,
        None,
    )
    last: AgreementVersion = world.more["agreement versions"][1]
    fields = {"number": "9.0", "effective_from": date(2027, 4, 1)}
    following = actions.draft_next(actor=team, previous=last, fields=fields, now=NOW)
    agreed.refresh_from_db()
    assert agreed.version == following and agreed.effective_from == following.effective_from
    with pytest.raises(rules.UnableToDecide, match="earlier decision"):
        _agree(team, _proposed(world, new_name="Another"), following)
    assert _records() == before


def test_only_a_draft_that_nothing_follows_is_discarded(
    world: World, draft: AgreementVersion, team: Any, as_: Callable[[str], Client]
):
    agreed: AgreementVersion = world.more["agreement versions"][2]
    with pytest.raises(actions.UnableToChangeVersion, match="Send it back to draft"):
        actions.discard_draft(actor=team, version=agreed, now=NOW)
    fields = {"number": "9.0", "effective_from": date(2027, 4, 1)}
    actions.draft_next(actor=team, previous=draft, fields=fields, now=NOW)
    with pytest.raises(actions.UnableToChangeVersion, match=r"Version 9\.0 follows it"):
        actions.discard_draft(actor=team, version=draft, now=NOW)
    page = as_("county_team").post(reverse("agreement-move", args=[draft.number, "discard"]))
    assert page.status_code == 200 and b"follows it" in page.content
    with pytest.raises(Refused):
        actions.discard_draft(actor=world.actor("chair"), version=draft, now=NOW)


def test_versions_are_published_in_their_order(world: World, draft: AgreementVersion, team: Any):
    fields = {"number": "9.0", "effective_from": date(2027, 4, 1)}
    later = actions.draft_next(actor=team, previous=draft, fields=fields, now=NOW)
    actions.agree(actor=team, version=later, now=NOW)
    with pytest.raises(rules.UnableToPublish, match="Publish that first"):
        actions.publish(actor=team, version=later, today=TODAY, now=NOW)


def test_a_priority_that_ended_meanwhile_is_said_before_publishing(
    world: World, draft: AgreementVersion, team: Any
):
    _agree(team, _proposed(world), draft)
    Priority.objects.update(valid_to=date(2024, 1, 31))
    _ready(draft, team)
    with pytest.raises(rules.UnableToPublish, match="earlier decision"):
        actions.publish(actor=team, version=draft, today=TODAY, now=NOW)


def test_a_second_save_of_the_notes_takes_nothing_away(
    world: World, draft: AgreementVersion, as_: Callable[[str], Client]
):
    client, url = as_("county_team"), reverse("agreement-change-notes", args=[draft.number])
    mark = client.get(url).content.decode().split('name="seen"')[1].split('value="')[1][:16]
    assert client.post(url, {"note-foreword": "Mine", "seen": mark}).status_code == 302
    answer = client.post(url, {"note-foreword": "Yours", "seen": mark}).content.decode()
    assert "Somebody else saved" in answer and "Mine" in answer and "Yours" in answer
    assert draft.change_notes.get().text == "Mine"
    fresh = answer.split('name="seen"')[1].split('value="')[1][:16]
    assert client.post(url, {"note-foreword": "Both", "seen": fresh}).status_code == 302
    assert draft.change_notes.get().text == "Both"
