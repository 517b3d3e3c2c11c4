"""Assessments: who reads and writes them, what closes them, what the county counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from frankpledge.access.decisions import Refused
from frankpledge.access.models import AuditEntry
from frankpledge.assessment import actions, rules
from frankpledge.assessment.enums import AssessmentState, Mark, SectionKind
from frankpledge.assessment.models import Assessment, Cycle, IssueMark, Placing, ScoringModel
from frankpledge.assessment.queries import cycle_roll_up
from frankpledge.assessment.queries.document import compose
from frankpledge.core.markings import Audience
from tests.worlds import NOW, SECRET, TODAY, World

HIDDEN = "Words of an unsigned assessment"
GRID = [
    {"key": key, "label": key.title(), "levels": [{"value": v, "label": str(v)} for v in (1, 2)]}
    for key in ("likelihood", "impact")
]


@pytest.fixture
def open_one(world: World) -> Assessment:
    """Ash's open assessment, meant for the public once it is signed."""
    found: Assessment = world.more["assessments"][2]
    found.sections.update(text=HIDDEN)
    return found


@pytest.fixture
def public_one(world: World) -> Assessment:
    """Ash's signed assessment, read by everybody."""
    found: Assessment = world.more["assessments"][0]
    return found


def _filled(world: World, found: Assessment, who: str = "district_officer") -> None:
    actor = world.actor(who)
    for kind in SectionKind:
        actions.write_section(
            actor=actor, assessment=found, kind=kind, text="Words", reason_empty="", now=NOW
        )
    marks = {world.more["issue"]: (Mark.MAIN, "")}
    actions.mark_issues(actor=actor, assessment=found, marks=marks, now=NOW)


def _sign(world: World, found: Assessment, who: str = "district_chair") -> None:
    actions.sign_off(actor=world.actor(who), assessment=found, today=TODAY, now=NOW)


def _place(world: World, found: Assessment, finding: Any, words: str = "") -> Placing:
    section = found.sections.get(kind=SectionKind.LEVELS)
    return Placing.objects.create(section=section, finding=finding, commentary=words, order=9)


# What is not signed


def test_an_unsigned_assessment_is_nowhere_for_others(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    mark = {"mark": Mark.MAIN, "reason": HIDDEN}
    IssueMark.objects.create(assessment=open_one, issue=world.more["issue"], **mark)
    mine = str(open_one.pk)
    pages = [reverse("home"), reverse("finding-list"), reverse("current-agreement")]
    pages += [reverse("thread", args=["issue", world.more["issue"].pk])]
    pages += [reverse("thread", args=["finding", world.more["findings"][0].pk])]
    pages += [reverse("finding", args=[world.more["findings"][0].pk])]
    pages += [f"{reverse(n)}?cycle=2025-26" for n in ("assessment-list", "assessment-roll-up")]
    for who in ("public", "no_post", "ended_seat", "other_district_officer", "fire_partner"):
        client = as_(who)
        for url in pages:
            text = client.get(url).content.decode()
            assert mine not in text and HIDDEN not in text, f"{who} {url}"
        for name, args in (
            ("assessment", [mine]),
            ("assessment-scores", [mine]),
            ("assessment-document", [mine, "html"]),
            ("assessment-document", [mine, "pdf"]),
            ("thread", ["assessment", mine]),
            ("why", ["assessment", mine]),
        ):
            assert client.get(reverse(name, args=args)).status_code == 404, f"{who} {name}"


@pytest.mark.parametrize("kind", ["xml", "exe", "pdf-html"])
def test_a_document_of_no_kind(public_one: Assessment, client: Client, kind: str):
    url = reverse("assessment-document", args=[public_one.pk, kind])
    assert client.get(url).status_code == 404


def test_a_public_document_holds_nothing_shown_to_fewer(
    world: World, public_one: Assessment, as_: Callable[[str], Client]
):
    """Not even in the copy of somebody who may see it: the marking on it says public."""
    for finding in world.more["findings"][1:]:
        _place(world, public_one, finding, words=f"{finding} means much")
    url = reverse("assessment-document", args=[public_one.pk, "html"])
    for who in ("public", "district_officer", "county_team", "board_member", "case_panel_member"):
        text = as_(who).get(url).content.decode()
        assert "Burglary fell (public)" in text
        assert "(partnership)" not in text and SECRET not in text, who


def test_a_partnership_document_holds_what_the_partnership_may_see(world: World):
    found: Assessment = world.more["assessments"][1]
    for finding in world.more["findings"][1:]:
        _place(world, found, finding)
    for who in ("county_team", "board_member", "case_panel_member"):
        text = repr(compose(found, actor=world.actor(who)))
        assert "Burglary fell (partnership)" in text and SECRET not in text, who


def test_pages_show_each_reader_the_findings_they_may_see(
    world: World, public_one: Assessment, as_: Callable[[str], Client]
):
    for finding in world.more["findings"][1:]:
        _place(world, public_one, finding)
    for name, args in (
        ("assessment", [public_one.pk]),
        ("thread", ["assessment", public_one.pk]),
        ("why", ["assessment", public_one.pk]),
    ):
        for who in ("public", "no_post", "district_officer", "county_team"):
            text = as_(who).get(reverse(name, args=args)).content.decode()
            assert SECRET not in text, f"{who} {name}"
            assert who not in {"public", "no_post"} or "(partnership)" not in text, f"{who} {name}"


# Who writes


WRITING = (
    ("assessment-window", []),
    ("assessment-issues", []),
    ("assessment-section", ["levels"]),
    ("assessment-place-finding", ["levels"]),
    ("assessment-sign-off", []),
    ("assessment-reopen", []),
)


@pytest.mark.parametrize("who", ["other_district_officer", "county_team", "analyst", "ended_seat"])
def test_only_its_own_people_write_it(
    world: World, open_one: Assessment, as_: Callable[[str], Client], who: str
):
    client, before = as_(who), AuditEntry.objects.count()
    pk = open_one.pk
    posted = {"text": "Hacked", "reason": "Mine", "finding": world.more["findings"][0].pk}
    for name, more in WRITING:
        url = reverse(name, args=[pk, *more])
        assert client.post(url, posted).status_code in {403, 404}, url
    placing = world.more["placings"][pk]
    for what in ("up", "remove"):
        url = reverse("assessment-change-placing", args=[pk, placing.pk, what])
        assert client.post(url).status_code in {403, 404}, url
    score = reverse("assessment-score", args=[pk, world.more["issue"].pk])
    assert client.post(score, posted).status_code in {403, 404}
    assert AuditEntry.objects.count() == before
    assert Placing.objects.filter(pk=placing.pk).exists()
    assert open_one.sections.get().text == HIDDEN


def test_a_placing_of_another_assessment_is_not_reached_through_ones_own(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    others = world.more["placings"][world.more["assessments"][3].pk]
    url = reverse("assessment-change-placing", args=[open_one.pk, others.pk, "remove"])
    assert as_("district_officer").post(url).status_code == 404
    assert Placing.objects.filter(pk=others.pk).exists()


def test_only_findings_one_may_see_are_placed(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    client = as_("district_officer")
    url = reverse("assessment-place-finding", args=[open_one.pk, "levels"])
    assert SECRET not in client.get(url).content.decode()
    count = Placing.objects.count()
    for hidden in world.more["findings"][2:]:
        asked = client.get(f"{url}?finding={hidden.pk}")
        assert SECRET not in asked.content.decode()
        assert client.post(url, {"finding": hidden.pk}).status_code == 200
        with pytest.raises(Http404):
            actions.place_finding(
                actor=world.actor("district_officer"),
                assessment=open_one,
                kind=SectionKind.LEVELS,
                finding=hidden,
                commentary="",
                now=NOW,
            )
    for hostile in ("no-uuid", "", ["a", "b"]):
        assert client.post(url, {"finding": hostile}).status_code == 200
    assert Placing.objects.count() == count


def test_placing_twice_changes_the_words_and_moves_stay_within(world: World, open_one: Assessment):
    officer, findings = world.actor("district_officer"), world.more["findings"][:2]

    def place(finding: Any, words: str) -> Placing:
        return actions.place_finding(
            actor=officer,
            assessment=open_one,
            kind=SectionKind.LEVELS,
            finding=finding,
            commentary=words,
            now=NOW,
        )

    first, second = place(findings[0], "One"), place(findings[1], "Two")
    assert place(findings[1], "Again").pk == second.pk
    for up in (True, True, True):
        actions.move_finding(actor=officer, placing=second, up=up, now=NOW)
    order = open_one.sections.get().placings.order_by("order").values_list("pk", flat=True)
    assert list(order) == [second.pk, first.pk]


@pytest.mark.parametrize(
    "posted",
    [
        {"text": "x" * 20_001},
        {"text": "x", "reason_empty": "r" * 1_001},
    ],
    ids=("too long", "reason too long"),
)
def test_a_section_takes_no_hostile_text(
    open_one: Assessment, as_: Callable[[str], Client], posted: dict[str, str]
):
    url = reverse("assessment-section", args=[open_one.pk, "levels"])
    assert as_("district_officer").post(url, posted).status_code == 200
    assert open_one.sections.get().text == HIDDEN


def test_commentary_is_words_and_no_markup(open_one: Assessment, as_: Callable[[str], Client]):
    client = as_("district_officer")
    hostile = "<script>alert(1)</script> <img src=x onerror=y> [a](javascript:b)"
    url = reverse("assessment-section", args=[open_one.pk, "levels"])
    assert client.post(url, {"text": hostile}).status_code == 302
    for name, args in (("assessment-document", ["html"]), ("assessment-section", ["levels"])):
        page = client.get(reverse(name, args=[open_one.pk, *args])).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
        assert 'href="javascript' not in page


def test_a_window_backwards_and_a_mark_that_is_none(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    client = as_("district_officer")
    issues = reverse("assessment-issues", args=[open_one.pk])
    for value in ("", "worst", "main "):
        answer = client.post(issues, {f"issue-{world.more['issue'].pk}": value})
        assert answer.status_code == 200
    assert not open_one.marks.exists()
    with pytest.raises(Exception, match="window_in_order"):
        actions.set_window(
            actor=world.actor("district_officer"),
            assessment=open_one,
            start=date(2025, 2, 1),
            end=date(2025, 1, 1),
            now=NOW,
        )


def test_scores_are_levels_of_the_model(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    model: ScoringModel = world.more["scoring model"]
    model.axes = GRID
    model.save()
    url = reverse("assessment-score", args=[open_one.pk, world.more["issue"].pk])
    client = as_("district_officer")
    for wrong in ({"likelihood": "3", "impact": "1"}, {"likelihood": "1"}, {"impact": "x"}):
        assert client.post(url, wrong).status_code == 200
    assert client.get(f"{url}?model=no-such").status_code == 200
    assert not open_one.marks.exists()
    assert client.post(url, {"likelihood": "2", "impact": "2"}).status_code == 302
    assert open_one.marks.get().scores == {"likelihood": 2, "impact": 2}


# Signing off


def test_it_moves_from_open_to_signed_and_back(world: World, open_one: Assessment):
    with pytest.raises(rules.UnableToSignOff) as said:
        _sign(world, open_one)
    assert len(said.value.problems) >= 2
    _filled(world, open_one)
    with pytest.raises(Refused, match="chair"):
        _sign(world, open_one, who="district_officer")
    with pytest.raises(Http404):
        _sign(world, open_one, who="other_district_chair")
    _sign(world, open_one)
    open_one.refresh_from_db()
    assert open_one.state == AssessmentState.SIGNED_OFF
    assert (open_one.signed_off_on, open_one.signed_off_as) == (TODAY, "Person district_chair")
    with pytest.raises(rules.UnableToMove):
        _sign(world, open_one)
    actions.reopen(
        actor=world.actor("district_chair"),
        assessment=open_one,
        reason="A mistake",
        today=TODAY,
        now=NOW,
    )
    open_one.refresh_from_db()
    assert (open_one.state, open_one.signed_off_by) == (AssessmentState.IN_PROGRESS, None)


def test_what_is_signed_stands(world: World, open_one: Assessment, as_: Callable[[str], Client]):
    _filled(world, open_one)
    _sign(world, open_one)
    client, placing = as_("district_officer"), world.more["placings"][open_one.pk]
    section = reverse("assessment-section", args=[open_one.pk, "levels"])
    answer = client.post(section, {"text": "Later words"})
    assert answer.status_code == 200 and b"signed off" in answer.content
    for what in ("remove", "up"):
        url = reverse("assessment-change-placing", args=[open_one.pk, placing.pk, what])
        assert client.post(url).status_code < 500, what
    assert Placing.objects.filter(pk=placing.pk).exists()
    assert not open_one.sections.filter(text="Later words").exists()


# The county's table


def test_only_what_is_signed_is_counted(world: World, open_one: Assessment):
    cycle: Cycle = world.more["cycles"][1]
    for found in Assessment.objects.filter(cycle=cycle):
        IssueMark.objects.create(assessment=found, issue=world.more["issue"], mark=Mark.MAIN)
    answer = cycle_roll_up(cycle=cycle, on=TODAY)
    assert (answer.csps, answer.signed_off) == (2, 1)
    assert [row.main for row in answer.rows] == [("Birch Community Safety Partnership",)]


def test_an_open_cycle_is_not_for_the_public(world: World, as_: Callable[[str], Client]):
    url = reverse("assessment-roll-up")
    for who in ("public", "no_post"):
        assert as_(who).get(f"{url}?cycle=2025-26").status_code == 404
        assert "2025-26" not in as_(who).get(url).content.decode()
    assert as_("fire_partner").get(f"{url}?cycle=2025-26").status_code == 200


def test_chasing_is_for_the_county_team_alone(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    late = reverse("assessment-chase-late")
    one = reverse("assessment-chase", args=[open_one.pk])
    for who in ("district_officer", "other_district_officer", "no_post"):
        client = as_(who)
        client.post(f"{late}?cycle=2025-26")
        assert client.post(one).status_code in {403, 404}, who
    open_one.refresh_from_db()
    assert open_one.chased_on is None
    assert as_("county_team").post(f"{late}?cycle=2025-26").status_code == 302
    open_one.refresh_from_db()
    assert open_one.chased_on == TODAY


def test_no_cycle_is_no_crash(world: World, as_: Callable[[str], Client]):
    Cycle.objects.update(closed_on=None)
    client = as_("no_post")
    assert client.post(reverse("assessment-chase-late")).status_code == 404
    for name in ("assessment-list", "assessment-roll-up"):
        assert client.get(reverse(name)).status_code in {200, 404}
    assert client.get(f"{reverse('assessment-list')}?cycle=no-such").status_code == 404


def test_public_means_public_only_when_signed(world: World, open_one: Assessment):
    assert open_one.audience == Audience.PUBLIC
    with pytest.raises(Http404):
        actions.chase(actor=world.actor("no_post"), assessment=open_one, today=TODAY, now=NOW)


# The round of a year


def test_scoring_first_leaves_the_mark_open(world: World, open_one: Assessment):
    model = ScoringModel.objects.create(name="G", version="1", source="Ours", axes=GRID, bands=[])
    open_one.marks.all().delete()
    actions.score_issue(
        actor=world.actor("district_officer"),
        assessment=open_one,
        issue=world.more["issue"],
        model=model,
        scores={"likelihood": 1, "impact": 2},
        now=NOW,
    )
    with pytest.raises(rules.UnableToSignOff, match="Say how you name each"):
        _sign(world, open_one)


def test_a_closed_cycle_is_not_reopened_by_a_chair(world: World, open_one: Assessment):
    _filled(world, open_one)
    _sign(world, open_one)
    actions.close_cycle(
        actor=world.actor("county_team"), cycle=open_one.cycle, today=TODAY, now=NOW
    )
    with pytest.raises(rules.UnableToMove, match="its result stands"):
        actions.reopen(
            actor=world.actor("district_chair"),
            assessment=open_one,
            reason="A second thought",
            today=TODAY,
            now=NOW,
        )
    with pytest.raises(rules.UnableToMove):
        actions.close_cycle(
            actor=world.actor("county_team"), cycle=open_one.cycle, today=TODAY, now=NOW
        )


def test_a_cycle_is_opened_and_closed_by_the_county_team_alone(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    body = open_one.cycle.body
    typed = {
        "body": body.pk,
        "name": "2027-28",
        "due_on-day": "31 12 2027",
        "window_from-day": "1 10 2026",
        "window_to-day": "30 9 2027",
    }
    assert as_("district_chair").post(reverse("cycle-new"), typed).status_code == 403
    client = as_("county_team")
    assert client.post(reverse("cycle-new"), typed).status_code == 302
    made = Cycle.objects.get(name="2027-28")
    csps = {each.csp_id for each in made.assessments.all()}
    assert open_one.csp_id in csps
    again = client.post(reverse("cycle-new"), typed)
    assert b"There is a cycle 2027-28 already" in again.content
    page = client.get(reverse("cycle-close", args=[made.pk])).content.decode()
    assert "not signed off" in page
    assert client.post(reverse("cycle-close", args=[made.pk])).status_code == 302
    assert Cycle.objects.get(pk=made.pk).closed_on == TODAY


def test_a_second_save_does_not_take_the_first_away(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    client, url = (
        as_("district_officer"),
        reverse("assessment-section", args=[open_one.pk, "levels"]),
    )
    mark = client.get(url).content.decode().split('name="seen"')[1].split('value="')[1][:16]
    assert client.post(url, {"text": "First", "seen": mark}).status_code == 302
    answer = client.post(url, {"text": "Second", "seen": mark})
    page = answer.content.decode()
    assert answer.status_code == 200 and "Somebody else saved" in page
    assert "Second" in page and "First" in page
    assert open_one.sections.get(kind="levels").text == "First"
    fresh = page.split('name="seen"')[1].split('value="')[1][:16]
    assert client.post(url, {"text": "First and second", "seen": fresh}).status_code == 302
    assert open_one.sections.get(kind="levels").text == "First and second"


def test_a_district_loads_its_own_matrix(
    world: World, open_one: Assessment, as_: Callable[[str], Client]
):
    client, url = as_("district_officer"), reverse("assessment-matrix", args=[open_one.pk])
    cells = "level;Harm;1;Low\nlevel;Harm;2;High\nband;;1-2;All\n"
    typed = {"name": "Ours", "version": "1", "source": "Our board", "matrix": cells}
    checked = client.post(url, typed)
    assert b"Check your answers" in checked.content
    assert not ScoringModel.objects.filter(name="Ours").exists()
    wrong = client.post(url, {**typed, "matrix": "level;Harm;x;Low"})
    assert "Line 1: “x” is no level" in wrong.content.decode()
    assert client.post(url, {**typed, "_confirmed": "1"}).status_code == 302
    model = ScoringModel.objects.get(name="Ours")
    assert model.bands == [{"from": 1, "to": 2, "label": "All"}]
    twice = client.post(url, {**typed, "_confirmed": "1"})
    assert "already" in twice.content.decode()
    example = client.get(reverse("assessment-matrix-example", args=[open_one.pk]))
    assert rules.matrix(example.content.decode("utf-8-sig")).axes == [
        {
            "key": "axis-1",
            "label": "Harm",
            "levels": [
                {"value": 1, "label": "Low", "guidance": ""},
                {"value": 2, "label": "High", "guidance": ""},
            ],
        }
    ]
    score = reverse("assessment-score", args=[open_one.pk, world.more["issue"].pk])
    assert "Harm" in client.get(f"{score}?model={model.pk}").content.decode()
