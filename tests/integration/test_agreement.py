"""The agreement: what is published stays, drafts stay within, decisions take effect."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from frankpledge.access.actors import console
from frankpledge.access.decisions import Refused
from frankpledge.access.models import AuditEntry
from frankpledge.agreement import actions, rules
from frankpledge.agreement.enums import ChangeKind, ProposalState, VersionState
from frankpledge.agreement.models import AgreementVersion, Priority, PriorityChange, Theme
from frankpledge.agreement.queries import reading
from frankpledge.agreement.queries.document import compose, document_of
from frankpledge.assessment.models import Cycle
from frankpledge.core.markings import Audience
from frankpledge.documents.frozen import digest
from frankpledge.partnership.enums import BodyKind
from frankpledge.partnership.models import Body
from tests.worlds import NOW, SECRET, TODAY, World

PARTS = "[[version-control]]\n[[plans]]\n[[priority-tables]]\n[[history]]\n[[linked-groups]]"
DRAFT_WORDS = "Quiet words of the draft"


@pytest.fixture
def team(world: World) -> Any:
    return world.actor("county_team")


@pytest.fixture
def draft(world: World) -> AgreementVersion:
    """The draft of the world, its foreword written, following nothing."""
    version: AgreementVersion = world.more["agreement versions"][3]
    chapter = version.chapters.get()
    chapter.text = f"{DRAFT_WORDS}\n{PARTS}"
    chapter.save()
    return version


def _published(world: World, draft: AgreementVersion, team: Any) -> AgreementVersion:
    actions.write_change_notes(actor=team, version=draft, notes=[("foreword", "Written")], now=NOW)
    actions.agree(actor=team, version=draft, now=NOW)
    actions.publish(actor=team, version=draft, today=TODAY, now=NOW)
    return AgreementVersion.objects.get(pk=draft.pk)


def _proposed(world: World, **fields: Any) -> PriorityChange:
    priority = world.more["priority"]
    given = {"kind": ChangeKind.RENAMED, "priority": priority, "name": priority.name}
    given |= {"new_name": "Safest streets", "reason": "It rose."}
    given |= {"body": world.bodies["county_partnership"], "proposed_on": TODAY}
    return PriorityChange.objects.create(**{**given, **fields})


def _decide(team: Any, proposal: PriorityChange, version: AgreementVersion | None) -> Any:
    return actions.decide_change(
        actor=team,
        proposal=proposal,
        agreed=version is not None,
        decided_by="The partnership",
        version=version,
        today=TODAY,
        now=NOW,
    )


# What is published


def test_nobody_changes_what_is_published(world: World, draft: AgreementVersion, team: Any):
    version = _published(world, draft, team)
    kept = copy.deepcopy(version.content)
    chapter = version.chapters.get()
    attempts: list[Callable[[], Any]] = [
        lambda: actions.write_chapter(actor=team, chapter=chapter, title="X", text="X", now=NOW),
        lambda: actions.write_change_notes(actor=team, version=version, notes=[], now=NOW),
        lambda: actions.agree(actor=team, version=version, now=NOW),
        lambda: actions.back_to_draft(actor=team, version=version, now=NOW),
        lambda: actions.publish(actor=team, version=version, today=TODAY, now=NOW),
        lambda: _decide(team, _proposed(world), version),
    ]
    for attempt in attempts:
        with pytest.raises((actions.UnableToChangeVersion, rules.UnableToMove)):
            attempt()
    now = AgreementVersion.objects.get(pk=version.pk)
    assert (now.state, now.content, now.content_digest) == (
        VersionState.PUBLISHED,
        kept,
        version.content_digest,
    )
    assert now.chapters.get().text == chapter.text and now.change_notes.count() == 1


def test_what_is_published_reads_the_same_when_the_records_go_on(
    world: World, draft: AgreementVersion, team: Any
):
    version = _published(world, draft, team)
    assert digest(document_of(version)) == version.content_digest
    Priority.objects.update(name="Another name")
    Body.objects.filter(pk=version.body_id).update(name="Another body")
    again = AgreementVersion.objects.get(pk=version.pk)
    assert digest(document_of(again)) == version.content_digest
    assert digest(compose(again).document) != version.content_digest


def test_a_changed_chapter_without_a_note_is_not_published(
    world: World, draft: AgreementVersion, team: Any
):
    actions.agree(actor=team, version=draft, now=NOW)
    with pytest.raises(rules.UnableToPublish, match="has no change note"):
        actions.publish(actor=team, version=draft, today=TODAY, now=NOW)
    assert AgreementVersion.objects.get(pk=draft.pk).state == VersionState.AGREED


# Drafts stay within


def test_a_draft_is_not_in_any_page_of_the_public(
    world: World, draft: AgreementVersion, as_: Callable[[str], Client], team: Any
):
    _decide(team, _proposed(world, new_name="Drafted priority"), draft)
    coming = Priority.objects.create(
        body=draft.body, name="Drafted priority", order=2, valid_from=draft.effective_from
    )
    coming.issues.set([world.more["issue"]])
    for who in ("public", "no_post", "ended_seat"):
        client = as_(who)
        for url in (
            reverse("current-agreement"),
            reverse("agreement-versions"),
            reverse("proposals"),
            reverse("thread", args=["issue", world.more["issue"].pk]),
            reverse("home"),
        ):
            page = client.get(url).content.decode()
            assert f"/{draft.number}/" not in page, f"{who} {url}"
            assert who == "ended_seat" or "Drafted priority" not in page, f"{who} {url}"
        for url in (
            *(reverse("agreement-document", args=[draft.number, k]) for k in ("html", "pdf")),
            reverse("agreement-version", args=[draft.number]),
            reverse("thread", args=["agreement", draft.pk]),
            reverse("why", args=["agreement", draft.pk]),
        ):
            assert client.get(url).status_code == 404, f"{who} {url}"
        for url in (
            reverse("priority", args=[coming.pk]),
            reverse("thread", args=["priority", coming.pk]),
            reverse("why", args=["priority", coming.pk]),
        ):
            # Whose seat has ended still holds a post, and so is of the partnership.
            expected = 200 if who == "ended_seat" else 404
            assert client.get(url).status_code == expected, f"{who} {url}"


def test_a_coming_priority_is_public_with_the_version_that_sets_it_out(
    world: World, draft: AgreementVersion, as_: Callable[[str], Client], team: Any
):
    AgreementVersion.objects.filter(pk=draft.pk).update(effective_from=date(2026, 4, 1))
    draft.refresh_from_db()
    _decide(team, _proposed(world), draft)
    assert not Priority.objects.filter(name="Safest streets").exists()
    _published(world, draft, team)
    coming = Priority.objects.get(name="Safest streets")
    for who in ("public", "fire_partner"):
        assert as_(who).get(reverse("priority", args=[coming.pk])).status_code == 200


def test_a_public_version_says_nothing_of_drafts_closed_bodies_or_partners_plans(
    world: World, draft: AgreementVersion, team: Any
):
    older: AgreementVersion = world.more["agreement versions"][2]
    older.change_notes.create(text="Note of what is only agreed")
    for_partners: AgreementVersion = world.more["agreement versions"][1]
    for_partners.change_notes.create(text="Note for partners")
    text = repr(document_of(_published(world, draft, team)))
    assert DRAFT_WORDS in text and "Plan for the public" in text
    for hidden in ("only agreed", "Note for partners", "Plan for the partnership", SECRET):
        assert hidden not in text, hidden


def test_a_version_for_one_body_is_not_for_the_whole_partnership(
    world: World, as_: Callable[[str], Client]
):
    version: AgreementVersion = world.more["agreement versions"][2]
    AgreementVersion.objects.filter(pk=version.pk).update(
        audience=Audience.BODY,
        audience_body=world.bodies["closed_group"],
        body=world.bodies["working_group"],
    )
    url = reverse("agreement-version", args=[version.number])
    assert as_("data_provider").get(url).status_code == 404
    assert as_("county_team").get(url).status_code == 200


@pytest.mark.parametrize("who", ["district_officer", "fire_partner", "scrutiny", "chair"])
def test_only_the_county_team_drafts(
    world: World, draft: AgreementVersion, as_: Callable[[str], Client], who: str
):
    before = AuditEntry.objects.count()
    client = as_(who)
    for name, args in (
        ("agreement-draft", [draft.number]),
        ("agreement-chapter", [draft.number, "foreword"]),
        ("agreement-change-notes", [draft.number]),
        ("proposal-decide", [world.more["priority changes"][1].pk]),
    ):
        url = reverse(name, args=args)
        posted = {"title": "X", "text": "X", "number": "9", "agreed": "no", "decided_by": "Me"}
        assert client.post(url, posted).status_code in {403, 404}, url
    assert AuditEntry.objects.count() == before
    assert draft.chapters.get().text.startswith(DRAFT_WORDS)


# Hostile answers


@pytest.mark.parametrize(
    "number", ["8/0", "../8", "8 0", "1.0", "3.0", "８.0", "x" * 11, "", "%2e"]
)
def test_a_number_that_cannot_be_an_address_is_a_fault_of_the_form(
    world: World, as_: Callable[[str], Client], number: str
):
    posted = {"number": number, "effective_from_0": "1", "effective_from_1": "4"}
    posted |= {"effective_from_2": "2027", "effective_from-day": "1"}
    posted |= {"effective_from-month": "4", "effective_from-year": "2027"}
    count = AgreementVersion.objects.count()
    answer = as_("county_team").post(reverse("agreement-draft", args=["3.0"]), posted)
    assert answer.status_code == 200 and b"There is a problem" in answer.content
    assert AgreementVersion.objects.count() == count


def test_a_version_is_followed_once_and_later(world: World, draft: AgreementVersion, team: Any):
    def follow(number: str, day: date) -> AgreementVersion:
        fields = {"number": number, "effective_from": day}
        return actions.draft_next(actor=team, previous=draft, fields=fields, now=NOW)

    with pytest.raises(actions.UnableToChangeVersion, match="take effect after"):
        follow("8.0", draft.effective_from)
    follow("8.0", date(2027, 4, 1))
    with pytest.raises(actions.UnableToChangeVersion, match=r"8\.0 already follows"):
        follow("9.0", date(2028, 4, 1))


def test_a_chapter_takes_no_unknown_part_and_no_markup(
    world: World, draft: AgreementVersion, as_: Callable[[str], Client]
):
    url = reverse("agreement-chapter", args=[draft.number, "foreword"])
    client = as_("county_team")
    wrong = client.post(url, {"title": "Foreword", "text": "[[everything]]"})
    assert b"There is no part called everything" in wrong.content
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) ![](https://evil.example/x.png)"
    assert client.post(url, {"title": "<b>F</b>", "text": hostile}).status_code == 302
    page = client.get(reverse("agreement-document", args=[draft.number, "html"])).content.decode()
    for live in ("<script>alert", 'href="javascript', 'src="https://evil', "<b>F</b>"):
        assert live not in page


@pytest.mark.parametrize("what", ["agreed", "delete", "published"])
def test_a_move_that_is_none(world: World, as_: Callable[[str], Client], what: str):
    url = reverse("agreement-move", args=["3.0", what])
    assert as_("county_team").post(url).status_code == 404


# Proposals


def _proposal(**fields: Any) -> dict[str, Any]:
    return {"kind": "added", "added": "Retail", "reason": "It rose.", **fields}


def test_only_findings_one_may_see_are_cited(world: World, as_: Callable[[str], Client]):
    count = PriorityChange.objects.count()
    url = reverse("proposal-new")
    client = as_("district_officer")
    for finding in world.more["findings"][2:]:
        answer = client.post(url, _proposal(findings=[finding.pk]))
        assert answer.status_code == 200 and SECRET not in answer.content.decode()
        with pytest.raises(Http404):
            actions.propose_change(
                actor=world.actor("district_officer"),
                fields={"kind": "added", "name": "X", "reason": "X", "body": world.bodies["team"]},
                findings=[finding],
                issues=[],
                today=TODAY,
                now=NOW,
            )
    for hostile in ("no-uuid", "' OR 1=1"):
        answer = client.post(url, _proposal(findings=[hostile], issues=[hostile], kind=hostile))
        assert answer.status_code == 200
    assert PriorityChange.objects.count() == count
    assert client.post(url, _proposal(findings=[world.more["findings"][1].pk])).status_code == 302


def test_a_proposal_shows_each_reader_the_evidence_they_may_see(
    world: World, as_: Callable[[str], Client]
):
    public: PriorityChange = world.more["priority changes"][0]
    public.findings.set(world.more["findings"])
    for name in ("proposal", "thread", "why"):
        args = [public.pk] if name == "proposal" else ["priority-change", public.pk]
        for who in ("public", "district_officer", "county_team"):
            answer = as_(who).get(reverse(name, args=args))
            assert answer.status_code == 200 and SECRET not in answer.content.decode()
            if name != "why":
                seen = "Burglary fell (partnership)" in answer.content.decode()
                assert seen is (who != "public"), f"{who} {name}"


def test_a_proposal_is_taken_back_by_who_made_it(world: World, as_: Callable[[str], Client]):
    made = as_("district_officer").post(reverse("proposal-new"), _proposal())
    proposal = PriorityChange.objects.get(name="Retail")
    assert made["Location"] == reverse("proposal", args=[proposal.pk])
    url = reverse("proposal-withdraw", args=[proposal.pk])
    for other in ("other_district_officer", "district_chair", "chair"):
        assert as_(other).post(url).status_code == 403, other
    assert as_("no_post").post(url).status_code == 404
    assert as_("district_officer").post(url).status_code == 302
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WITHDRAWN


def test_withdrawing_what_is_decided_is_said_in_words(
    world: World, as_: Callable[[str], Client], team: Any
):
    proposal = _decide(team, _proposed(world), None)
    answer = as_("county_team").post(reverse("proposal-withdraw", args=[proposal.pk]))
    assert answer.status_code in {302, 409}
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.REFUSED


# Decisions


def test_an_agreed_change_takes_effect_with_its_version(
    world: World, draft: AgreementVersion, team: Any
):
    old: Priority = world.more["priority"]
    old.issues.set([world.more["issue"]])
    decided = _decide(team, _proposed(world), draft)
    _published(world, draft, team)
    old.refresh_from_db()
    new = Priority.objects.get(name="Safest streets")
    assert old.valid_to == date(2025, 3, 31) and new.valid_from == draft.effective_from
    assert new.order == old.order and list(new.issues.all()) == [world.more["issue"]]
    assert (decided.state, decided.decided_on) == (ProposalState.AGREED, TODAY)
    assert decided.effective_from == draft.effective_from
    for day, name in ((date(2025, 3, 31), old.name), (date(2025, 4, 1), new.name)):
        assert Priority.objects.on(day).get().name == name


@pytest.mark.parametrize(
    ("kind", "priorities", "themes"),
    [
        (ChangeKind.KEPT, ["Safer streets"], ["Data"]),
        (ChangeKind.REMOVED, [], ["Data"]),
        (ChangeKind.DEMOTED, [], ["Data", "Safer streets"]),
        (ChangeKind.WIDENED, ["Safer streets"], ["Data"]),
    ],
)
def test_each_kind_of_change(
    world: World,
    draft: AgreementVersion,
    team: Any,
    kind: ChangeKind,
    priorities: list[str],
    themes: list[str],
):
    _decide(team, _proposed(world, kind=kind, new_name=""), draft)
    _published(world, draft, team)
    day = draft.effective_from
    assert [each.name for each in Priority.objects.on(day)] == priorities
    assert sorted(each.name for each in Theme.objects.on(day)) == themes


def test_a_change_is_decided_once_and_a_priority_ends_once(
    world: World, draft: AgreementVersion, team: Any
):
    first, second = _proposed(world), _proposed(world, new_name="Another name")
    _decide(team, first, draft)
    with pytest.raises(rules.UnableToDecide, match="already agreed"):
        _decide(team, first, draft)
    with pytest.raises(rules.UnableToDecide, match="earlier decision"):
        _decide(team, second, draft)
    second.refresh_from_db()
    assert second.state == ProposalState.PROPOSED
    assert not Priority.objects.filter(name="Another name").exists()


def test_a_refused_change_changes_nothing(world: World, team: Any):
    before = list(Priority.objects.values())
    decided = _decide(team, _proposed(world), None)
    assert decided.state == ProposalState.REFUSED and decided.effective_from is None
    assert list(Priority.objects.values()) == before


def test_a_change_comes_in_with_a_draft_of_its_own_body(
    world: World, draft: AgreementVersion, team: Any
):
    other = Body.objects.create(
        name="Another county", slug="another", kind=BodyKind.COUNTY_PARTNERSHIP
    )
    with pytest.raises(rules.UnableToDecide, match="of the body"):
        _decide(team, _proposed(world, body=other), draft)


def test_those_who_may_not_decide_get_the_reason(world: World, draft: AgreementVersion):
    with pytest.raises(Refused, match="county team"):
        _decide(world.actor("district_officer"), _proposed(world), draft)
    assert _decide(console(TODAY), _proposed(world), draft).state == ProposalState.AGREED


# Cycles of assessments, and drafts that wait


def test_a_version_waits_until_its_cycle_is_closed(
    world: World, draft: AgreementVersion, team: Any, as_: Callable[[str], Client]
):
    cycle = Cycle.objects.create(body=draft.body, name="2031-32", due_on=TODAY)
    url = reverse("agreement-cycle", args=[draft.number])
    assert as_("district_officer").post(url, {"cycle": cycle.pk}).status_code in {403, 404}
    assert as_("county_team").post(url, {"cycle": cycle.pk}).status_code == 302
    with pytest.raises(rules.UnableToPublish, match="2031-32 is still open"):
        _published(world, draft, team)
    assert AgreementVersion.objects.get(pk=draft.pk).state != VersionState.PUBLISHED
    Cycle.objects.filter(pk=cycle.pk).update(closed_on=TODAY)
    actions.publish(actor=team, version=draft, today=TODAY, now=NOW)
    assert AgreementVersion.objects.get(pk=draft.pk).content


def test_a_cycle_of_another_body_is_no_choice(world: World, draft: AgreementVersion, team: Any):
    other = Body.objects.exclude(pk=draft.body_id).first()
    cycle = Cycle.objects.create(body=other, name="2031-32", due_on=TODAY)
    with pytest.raises(actions.UnableToChangeVersion, match="Choose a cycle of"):
        actions.rest_on_cycle(actor=team, version=draft, cycle=cycle, now=NOW)


def test_a_draft_ends_no_priority_until_it_is_published(
    world: World, draft: AgreementVersion, team: Any
):
    old = world.more["priority"]
    _decide(team, _proposed(world), draft)

    def standing() -> set[str]:
        on = draft.effective_from + timedelta(days=1)
        actor = world.actor("county_team", on)
        found = reading.priorities(actor=actor, on=on)
        return set(found.filter(body=draft.body).values_list("name", flat=True))

    assert old.name in standing() and "Safest streets" not in standing()
    _published(world, draft, team)
    assert old.name not in standing() and "Safest streets" in standing()


def test_what_was_published_without_its_text_is_not_made_up(
    world: World, draft: AgreementVersion, team: Any, as_: Callable[[str], Client]
):
    published = _published(world, draft, team)
    AgreementVersion.objects.filter(pk=published.pk).update(content=None)
    client = as_("county_team")
    url = reverse("agreement-document", args=[draft.number, "html"])
    assert client.get(url).status_code == 404
    page = client.get(reverse("agreement-version", args=[draft.number])).content.decode()
    assert "is not held here" in page


def test_no_two_bodies_number_a_version_alike(world: World, draft: AgreementVersion):
    other = Body.objects.exclude(pk=draft.body_id).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        AgreementVersion.objects.create(
            body=other, number=draft.number, title="T", effective_from=TODAY
        )


def test_a_second_save_of_a_chapter_takes_nothing_away(
    world: World, draft: AgreementVersion, as_: Callable[[str], Client]
):
    client, url = as_("county_team"), reverse("agreement-chapter", args=[draft.number, "foreword"])
    mark = client.get(url).content.decode().split('name="seen"')[1].split('value="')[1][:16]
    posted = {"title": "Foreword", "text": "Mine", "seen": mark}
    assert client.post(url, posted).status_code == 302
    answer = client.post(url, {**posted, "text": "Yours"}).content.decode()
    assert "Somebody else saved" in answer and "Mine" in answer and "Yours" in answer
    assert draft.chapters.get().text == "Mine"
