"""Findings and the explorer: nothing protected leaves, nothing is put in another's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from frankpledge.access.actors import Actor, public
from frankpledge.access.decisions import may
from frankpledge.access.enums import Capability
from frankpledge.evidence import actions
from frankpledge.evidence.enums import FindingKind
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries import asking, sources
from frankpledge.evidence.queries.terms import given_to_all
from frankpledge.evidence.rules import Question
from frankpledge.sharing.models import (
    AgreementVersion,
    Dataset,
    DisclosureRule,
    Signature,
    Term,
)
from frankpledge.sharing.queries.permission import reading
from tests import sharing_world as sharing
from tests.integration.conftest import BACKEND
from tests.worlds import NOW, SECRET, TODAY, World

# Bringing in


def _external(world: World, **fields: Any) -> dict[str, Any]:
    days = {"period_from": (1, 1, 2025), "period_to": (31, 12, 2025)}
    posted: dict[str, Any] = {
        f"{name}-{part}": value
        for name, parts in days.items()
        for part, value in zip(("day", "month", "year"), parts, strict=True)
    }
    posted |= {
        "sentence": "Fires fell",
        "source": "Our report",
        "owner": world.organisations["fire"].pk,
        "table": "Place\tFires\nAsh\t3",
        "audience": "partnership",
    }
    return {**posted, **fields}


def test_a_partner_brings_in_its_own_evidence(world: World, as_: Callable[[str], Client]):
    client = as_("fire_partner")
    answer = client.post(reverse("finding-new"), _external(world))
    made = Finding.objects.get(sentence="Fires fell")
    assert answer["Location"] == reverse("finding", args=[made.pk])
    assert (made.kind, made.owner) == (FindingKind.EXTERNAL, world.organisations["fire"])
    assert b"Fires" in client.get(reverse("finding-export", args=[made.pk, "csv"])).content
    assert as_("public").get(answer["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("who", "changed"),
    [
        ("fire_partner", {"owner": "police"}),
        ("other_data_provider", {"owner": "police"}),
        ("district_officer", {"owner": "birch"}),
        ("ended_seat", {"owner": "fire"}),
        ("fire_partner", {"audience": "public"}),
        ("fire_partner", {"audience": "case"}),
        ("fire_partner", {"audience": ["partnership", "public"]}),
        ("fire_partner", {"owner": ""}),
        ("fire_partner", {"source": ""}),
        ("fire_partner", {"period_to-year": "2024"}),
        ("fire_partner", {"period_to-year": "99999999999"}),
        ("fire_partner", {"table": "a\tb\n1"}),
        ("fire_partner", {"table": "a\n" * 300}),
        ("fire_partner", {"sentence": "x" * 501}),
    ],
    ids=str,
)
def test_what_is_not_ones_own_or_cannot_be_read_stays_out(
    world: World, as_: Callable[[str], Client], who: str, changed: dict[str, Any]
):
    if changed.get("owner"):
        changed = {"owner": world.organisations[changed["owner"]].pk}
    count = Finding.objects.count()
    answer = as_(who).post(reverse("finding-new"), _external(world, **changed))
    assert answer.status_code == 200
    assert Finding.objects.count() == count


def test_the_action_too_refuses_anothers_name(world: World):
    with pytest.raises(actions.UnableToSave, match="Woodshire Police"):
        actions.bring_in_finding(
            actor=world.actor("fire_partner"),
            fields={"owner": world.organisations["police"]},
            columns=[],
            rows=[],
            now=NOW,
        )


@pytest.mark.parametrize("who", ["no_post", "ended_post", "policing_body", "scrutiny"])
def test_who_may_not_keep_evidence(world: World, as_: Callable[[str], Client], who: str):
    allowed = world.actor(who).in_partnership
    answer = as_(who).get(reverse("finding-new"))
    assert answer.status_code == (200 if allowed else 403)


def test_a_cell_that_a_spreadsheet_would_run_stays_text(world: World, as_: Callable[[str], Client]):
    client = as_("fire_partner")
    client.post(reverse("finding-new"), _external(world, table="=1+1\tB\n=HYPERLINK(1)\t@x"))
    made = Finding.objects.get(sentence="Fires fell")
    text = client.get(reverse("finding-export", args=[made.pk, "csv"])).content.decode()
    for line in text.splitlines():
        assert not line.lstrip('"').startswith(("=", "@")) and ",=" not in line and ",@" not in line


def test_a_finding_is_seen_by_its_audience_in_every_form(
    world: World, as_: Callable[[str], Client]
):
    for number, finding in enumerate(world.more["findings"]):
        urls = [
            reverse("finding", args=[finding.pk]),
            reverse("thread", args=["finding", finding.pk]),
            reverse("why", args=["finding", finding.pk]),
        ]
        for who, most in (("public", 1), ("no_post", 1), ("fire_partner", 2)):
            expected = 200 if number < most else 404
            for url in urls:
                assert as_(who).get(url).status_code == expected, f"{who} {url}"
            assert as_(who).get(
                reverse("finding-export", args=[finding.pk, "csv"])
            ).status_code == (
                404  # none has figures
            )
    assert SECRET not in as_("fire_partner").get(reverse("finding-list")).content.decode()


# Asking: counts of domestic abuse, a small one among them, protected for the public


@pytest.fixture
def shared(db: Any, tmp_path: Path, settings: Any) -> Iterator[sharing.SharingWorld]:
    settings.STORE = tmp_path / "store"
    world = sharing.sharing_world()
    lines = [f"{sharing.ASH},2025-{m:02d},domestic-abuse-incidents,{40 + m}" for m in range(1, 13)]
    lines += [f"{sharing.BIRCH},2025-{m:02d},domestic-abuse-incidents,2" for m in range(1, 13)]
    sent = world.send("abuse", "police", sharing.counts_file(tmp_path, lines))
    assert sent.stored == 24, sent.rejected
    term = Term.objects.get(dataset=world.datasets["abuse"])
    for role in ("public", "partner"):
        Term.objects.create(
            version=term.version,
            clause=term.clause,
            dataset=term.dataset,
            provider=term.provider,
            recipient_role=role,
            purpose=term.purpose,
            detail=term.detail,
            basis=term.basis,
        )
    DisclosureRule.objects.create(
        dataset=term.dataset, audience="public", suppress_below=5, source="The rule"
    )
    yield world
    sources._releases.clear()


def _client(world: sharing.SharingWorld, who: str) -> Client:
    client = Client()
    if who != "public":
        client.force_login(world.users[who], BACKEND)
    return client


ASKED = "dataset=abuse&from=2025-01&to=2025-12"


def test_a_small_count_never_reaches_the_public(shared: sharing.SharingWorld):
    client = _client(shared, "public")
    for more in ("&by=area", f"&area={sharing.BIRCH}", f"&area={sharing.BIRCH}&by=category"):
        for url in (reverse("explorer"), reverse("explorer-export", args=["csv"])):
            answer = client.get(f"{url}?{ASKED}{more}")
            assert answer.status_code in {200, 422}, more
            text = answer.content.decode()
            assert ">2<" not in text and ",2\r" not in text and ",24\r" not in text, more
            assert ">24<" not in text, more
    small = client.get(f"{reverse('explorer')}?{ASKED}&by=area&area={sharing.BIRCH}")
    assert small.status_code == 422


def test_the_public_figures_tell_partners_nothing_that_their_own_hide(shared: sharing.SharingWorld):
    dataset = shared.datasets["abuse"]
    DisclosureRule.objects.filter(audience="public").update(round_to=10)
    ask = {"question": Question("abuse", "2025-01", "2025-12", by="area"), "on": TODAY}

    def status(actor: Actor) -> dict[str, str]:
        table = asking.answer(actor=actor, **ask).table
        cells = zip(table.column("area"), table.column("count"), strict=True)
        return {place.text: cell.status.value for place, cell in cells}

    assert status(public(TODAY))["Ash"] == "shown"
    DisclosureRule.objects.create(
        dataset=dataset, audience="partnership", suppress_below=25, source="For partners"
    )
    partners, everybody = status(shared.actor("colleague")), status(public(TODAY))
    assert partners["Birch"] == partners["Ash"] == "suppressed"
    assert everybody["Birch"] == everybody["Ash"] == "suppressed"


def test_an_answer_for_the_partnership_is_not_kept_for_the_public(shared: sharing.SharingWorld):
    client = _client(shared, "leader")
    url = f"{reverse('explorer-save')}?{ASKED}&by=area"
    posted = {"sentence": "Abuse", "audience": "public"}
    answer = client.post(url, posted)
    assert answer.status_code == 200
    assert b"made for the partnership" in answer.content and not Finding.objects.exists()
    for audience in ("case", "body", ""):
        assert client.post(url, {**posted, "audience": audience}).status_code == 200
    assert not Finding.objects.exists()
    assert client.post(url, {**posted, "audience": "partnership"}).status_code == 302
    kept = Finding.objects.get()
    assert kept.read_months.count() == 12 and kept.data_version
    stranger = _client(shared, "public")
    for name, args in (("finding", [kept.pk]), ("finding-export", [kept.pk, "csv"])):
        assert stranger.get(reverse(name, args=args)).status_code == 404
    assert "Abuse" not in stranger.get(reverse("finding-list")).content.decode()


def test_a_kept_finding_stays_as_it_was_and_says_when_it_is_stale(
    shared: sharing.SharingWorld, tmp_path: Path
):
    client = _client(shared, "leader")
    url = f"{reverse('explorer-save')}?{ASKED}&by=area"
    client.post(url, {"sentence": "Abuse", "audience": "partnership"})
    kept = Finding.objects.get()
    lines = [f"{sharing.ASH},2025-{m:02d},domestic-abuse-incidents,90" for m in range(1, 13)]
    shared.send("abuse", "police", sharing.counts_file(tmp_path, lines, "again.csv"))
    assert Finding.objects.get().table == kept.table
    page = client.get(reverse("finding-list")).content.decode()
    assert "Newer data has come" in page


@pytest.fixture
def narrow(shared: sharing.SharingWorld) -> sharing.SharingWorld:
    """The abuse counts are given to analysts and to the county council, and to nobody else."""
    dataset = shared.datasets["abuse"]
    Term.objects.filter(dataset=dataset, recipient_role="public").delete()
    Term.objects.filter(dataset=dataset, recipient_role="partner").update(
        recipient_role="", recipient=shared.organisations["county"]
    )
    return shared


def _kept(world: sharing.SharingWorld, audience: str = "partnership") -> Finding:
    url = f"{reverse('explorer-save')}?{ASKED}&by=area"
    _client(world, "leader").post(url, {"sentence": "Abuse rose", "audience": audience})
    return Finding.objects.get()


def _statuses(world: sharing.SharingWorld, finding: Finding) -> dict[str, int]:
    url = reverse("finding", args=[finding.pk])
    return {who: _client(world, who).get(url).status_code for who in ("public", *world.users)}


def test_a_finding_is_read_by_those_whom_the_terms_give_its_data(narrow: sharing.SharingWorld):
    page = _client(narrow, "leader").get(f"{reverse('explorer-save')}?{ASKED}&by=area")
    assert "to Analyst, Ashshire Council (clause 4.1)" in page.content.decode()
    kept = _kept(narrow)
    seen = [who for who, status in _statuses(narrow, kept).items() if status == 200]
    assert seen == ["leader"]
    Term.objects.filter(recipient=narrow.organisations["county"]).update(
        recipient=narrow.organisations["health"]
    )
    seen = [who for who, status in _statuses(narrow, kept).items() if status == 200]
    assert seen == ["leader", "stranger"], "who saved it, and who is named now"
    assert not given_to_all(audience="partnership", on=TODAY).exists()


def test_what_the_public_is_not_given_is_not_kept_for_it(narrow: sharing.SharingWorld):
    Dataset.objects.filter(slug="abuse").update(published_already=True)
    url = f"{reverse('explorer-save')}?{ASKED}&by=area"
    answer = _client(narrow, "leader").post(url, {"sentence": "Abuse", "audience": "public"})
    assert b"cannot be kept for the public" in answer.content and b"clause 4.1" in answer.content
    assert not Finding.objects.exists()


@pytest.mark.parametrize(("basis", "goes_on"), [("power", False), ("duty", True)])
def test_when_a_signature_lapses_a_power_stops_and_a_duty_warns(
    shared: sharing.SharingWorld, basis: str, goes_on: bool
):
    Term.objects.filter(dataset=shared.datasets["abuse"]).update(basis=basis)
    kept = _kept(shared)
    assert _statuses(shared, kept)["stranger"] == 200
    Signature.objects.filter(organisation=shared.organisations["police"]).update(revoked_on=TODAY)
    assert _statuses(shared, kept)["stranger"] == (200 if goes_on else 404)
    assert given_to_all(audience="partnership", on=TODAY).exists() is goes_on
    mine = _client(shared, "leader").get(reverse("finding", args=[kept.pk]))
    assert mine.status_code == 200 and "has revoked its signature" in mine.content.decode()
    listed = _client(shared, "stranger").get(reverse("finding-list")).content.decode()
    assert ("Abuse rose" in listed) is goes_on


@pytest.mark.parametrize("basis", ["power", "duty"])
@pytest.mark.parametrize("expires", [None, -1, 0, 1])
@pytest.mark.parametrize("signed", ["never", "old", "revoked", "current"])
def test_a_finding_and_a_question_read_the_terms_alike(
    shared: sharing.SharingWorld, basis: str, expires: int | None, signed: str
):
    kept = _kept(shared)
    day = None if expires is None else TODAY + timedelta(days=expires)
    Term.objects.filter(dataset=shared.datasets["abuse"]).update(basis=basis, expires_on=day)
    signatures = Signature.objects.filter(organisation=shared.organisations["police"])
    if signed == "never":
        signatures.delete()
    elif signed == "revoked":
        signatures.update(revoked_on=TODAY)
    elif signed == "old":
        old = AgreementVersion.objects.create(
            agreement=shared.agreement, number="1.0", state="superseded", effective_from=TODAY
        )
        signatures.update(version=old)
    actor = shared.actor("stranger")
    allowed = bool(reading(actor=actor, dataset=shared.datasets["abuse"], on=TODAY))
    assert bool(may(actor, Capability.VIEW, kept)) is allowed


def test_a_kind_that_only_an_unreadable_provider_holds_does_not_show(
    shared: sharing.SharingWorld, tmp_path: Path
):
    term = Term.objects.filter(dataset=shared.datasets["abuse"]).first()
    assert term is not None
    fire = shared.organisations["fire"]
    Term.objects.create(
        version=term.version,
        clause=term.clause,
        dataset=term.dataset,
        provider=fire,
        recipient=shared.organisations["health"],
        purpose=term.purpose,
        detail=term.detail,
        basis=term.basis,
    )
    lines = sharing.counts(indicator="deliberate-primary-fires")
    assert shared.send("abuse", "fire", sharing.counts_file(tmp_path, lines, "f.csv")).stored == 4
    found = asking.answer(
        actor=shared.actor("leader"), question=Question("abuse", "2025-01", "2025-12"), on=TODAY
    )
    assert found.question.category == "domestic-abuse-incidents"
    hidden = sources.labels(term.dataset)["deliberate-primary-fires"].encode()
    for more in ("", "&by=category", "&area=atlantis"):
        page = _client(shared, "leader").get(f"{reverse('explorer')}?{ASKED}{more}").content
        assert hidden not in page, more
    stranger = _client(shared, "stranger").get(f"{reverse('explorer')}?{ASKED}").content
    assert hidden in stranger


def test_what_no_term_names_is_not_asked(shared: sharing.SharingWorld):
    for slug in ("fires", "no-such", "\x00", "../abuse"):
        question = Question(slug, "2025-01", "2025-12")
        with pytest.raises(Http404):
            asking.answer(actor=public(TODAY), question=question, on=TODAY)
    for slug in ("fires", "no-such"):
        answer = _client(shared, "public").get(reverse("explorer"), {"dataset": slug})
        assert answer.status_code == 404
    refused = _client(shared, "stranger").get(reverse("explorer"), {"dataset": "fires"})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        "&by=person",
        "&from=0000-01&to=0000-02",
        "&from=0001-01&to=0001-03",
        "&from=9999-12&to=9999-12",
        "&from=2025-12&to=2025-01",
        "&area=atlantis",
        "&category=murder",
        "&start-year=²⁰²⁵&start-month=1",
        "&start-year=2025&start-month=13",
        "&end-year=x&end-month=y",
        "&from=2025-02&to=2025-04&by=area",
    ],
)
def test_a_hostile_question_gets_a_sentence(shared: sharing.SharingWorld, more: str):
    client = _client(shared, "public")
    for url in (reverse("explorer"), reverse("explorer-export", args=["csv"])):
        answer = client.get(f"{url}?dataset=abuse&from=2025-01&to=2025-12{more}")
        assert answer.status_code == 422, f"{url} {more}"


@pytest.mark.parametrize("kind", ["exe", "chart.exe", "map.svg.svg", "csv.svg", "geojson.csv"])
def test_a_file_of_no_kind(shared: sharing.SharingWorld, kind: str):
    url = reverse("explorer-export", args=["csv"]).removesuffix("csv") + kind
    assert _client(shared, "leader").get(f"{url}?{ASKED}").status_code == 404


def test_the_public_and_the_unseated_keep_nothing(shared: sharing.SharingWorld):
    url = f"{reverse('explorer-save')}?{ASKED}"
    posted = {"sentence": "Abuse", "audience": "partnership"}
    assert _client(shared, "public").post(url, posted).status_code == 302
    assert not Finding.objects.exists()
