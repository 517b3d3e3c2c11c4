"""Emerging issues: every series is watched, and nobody is shown what the explorer would not say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from frankpledge.access import decisions
from frankpledge.access.decisions import may
from frankpledge.access.enums import Capability, Role
from frankpledge.access.models import AuditEntry
from frankpledge.analysis.disclosure import Refused
from frankpledge.core.registries import duties_of, tick_jobs
from frankpledge.evidence import tasks
from frankpledge.evidence.actions import watching
from frankpledge.evidence.enums import SignalState
from frankpledge.evidence.models import Finding, HarmWeights, Signal, Watch
from frankpledge.evidence.queries import asking, signals, sources
from frankpledge.evidence.queries.watching import datasets_held
from frankpledge.partnership.enums import BodyKind
from frankpledge.partnership.models import Body, Seat
from frankpledge.sharing.actions.submissions import undo
from frankpledge.sharing.models import AgreementVersion, DataUse, DisclosureRule, Signature, Term
from tests import sharing_world as sharing
from tests.integration.conftest import BACKEND
from tests.sharing_world import ASH, BIRCH, NOW, TODAY

ABUSE, FIRES = "domestic-abuse-incidents", "deliberate-primary-fires"
MONTHS = [f"{year}-{month:02d}" for year in range(2022, 2026) for month in range(1, 13)]


def lines(*, last: int = 95, small: int = 2) -> list[str]:
    """Four years: fires of both districts, steady until one jumps; abuse, small in the other."""
    found = []
    for at, month in enumerate(MONTHS):
        usual = 40 + (at * 7) % 5
        end = at == len(MONTHS) - 1
        found += [
            f"{ASH},{month},{FIRES},{last if end else usual}",
            f"{BIRCH},{month},{FIRES},{usual + 3}",
            f"{ASH},{month},{ABUSE},{usual}",
            f"{BIRCH},{month},{ABUSE},{small if end else 1}",
        ]
    return found


@pytest.fixture
def shared(db: Any, tmp_path: Path, settings: Any) -> Iterator[sharing.SharingWorld]:
    settings.STORE, settings.TODAY = tmp_path / "store", TODAY
    world = sharing.sharing_world()
    term = Term.objects.get(dataset=world.datasets["abuse"])
    term.recipient_role = Role.PARTNER
    term.save()
    yield world
    sources._releases.clear()


@pytest.fixture
def watched(shared: sharing.SharingWorld, tmp_path: Path) -> sharing.SharingWorld:
    send(shared, tmp_path, lines())
    run(shared)
    return shared


def send(world: sharing.SharingWorld, folder: Path, rows: list[str], name: str = "a.csv") -> Any:
    return world.send("abuse", "police", sharing.counts_file(folder, rows, name))


def run(world: sharing.SharingWorld) -> str:
    """What the worker does when data has come."""
    said: str = tasks.watch_dataset.call(str(world.datasets["abuse"].pk))
    return said


def client(world: sharing.SharingWorld, who: str) -> Client:
    made = Client()
    if who != "public":
        made.force_login(world.users[who], BACKEND)
    return made


def seat(world: sharing.SharingWorld, who: str, role: Role, slug: str = "team") -> None:
    Seat.objects.create(body=Body.objects.get(slug=slug), post=world.posts[who], role=role)


def board(world: sharing.SharingWorld, who: str, **asked: Any) -> list[str]:
    return [str(row.signal) for row in signals.board(actor=world.actor(who), **asked)]


JUMP = "Deliberate primary fires in Ash, December 2025"


def test_data_is_watched_when_it_comes(shared: sharing.SharingWorld, tmp_path: Path):
    send(shared, tmp_path, lines())
    waiting = DBTaskResult.objects.filter(task_path=tasks.watch_dataset.module_path)
    assert [each.args_kwargs["args"] for each in waiting] == [[str(shared.datasets["abuse"].pk)]]
    assert run(shared) == "Watched 2 times, told 0."
    assert run(shared) == "Watched 0 times, told 0.", "once is enough"
    looks = {each.detail: each for each in Watch.objects.all()}
    assert (looks["county"].series, looks["district"].series) == (2, 4)
    assert looks["district"].tested == 4 and "3 years back" in looks["district"].method
    assert looks["district"].read_months.count() == len(MONTHS)
    found = Signal.objects.get(watch=looks["district"])
    assert str(found) == JUMP and found.observed == 95 and 40 < found.expected < 46
    assert found.expected < found.upper < 95 and found.p_value < found.q_value < 0.05


def test_too_short_a_past_is_said(shared: sharing.SharingWorld, tmp_path: Path):
    send(shared, tmp_path, lines()[-4 * 37 :])
    run(shared)
    for look in Watch.objects.all():
        assert look.method == "Insufficient history: 37 months are held and 38 are needed"
        assert look.tested == 0 and not look.signals.exists()
    page = client(shared, "leader").get(reverse("emerging")).content.decode()
    assert "0 were tested" in page and "Insufficient history" in page


def test_the_board_is_read_by_those_who_may_ask(watched: sharing.SharingWorld):
    url = reverse("emerging")
    assert client(watched, "public").get(url).status_code == 302
    page = client(watched, "stranger").get(url).content.decode()
    assert "Deliberate primary fires in Ash: 95 in December 2025 against 4" in page
    assert "dataset=abuse" in page and "6 series of 1 dataset" in page
    assert "at most 5%" in page
    found = Signal.objects.get(where="Ash")
    one = reverse("signal", args=[found.pk])
    Signature.objects.filter(organisation=watched.organisations["police"]).update(revoked_on=TODAY)
    assert board(watched, "stranger") == []
    assert client(watched, "stranger").get(one).status_code == 404
    page = client(watched, "stranger").get(url).content.decode()
    assert "95" not in page and "No data that you may ask about has been watched yet" in page


def _explorer_gives(world: sharing.SharingWorld, found: Signal) -> bool:
    try:
        asking.answer(actor=world.actor("stranger"), question=signals.question_of(found), on=TODAY)
    except (Http404, Refused, decisions.Refused):
        return False
    return True


@pytest.mark.parametrize("signed", ["current", "old", "revoked", "never"])
def test_a_signal_is_seen_where_the_explorer_answers_its_question(
    watched: sharing.SharingWorld, signed: str
):
    signatures = Signature.objects.filter(organisation=watched.organisations["police"])
    if signed == "never":
        signatures.delete()
    elif signed == "revoked":
        signatures.update(revoked_on=TODAY)
    elif signed == "old":
        old = AgreementVersion.objects.create(
            agreement=watched.agreement, number="1.0", state="superseded", effective_from=TODAY
        )
        signatures.update(version=old)
    seen = set()
    terms = Term.objects.filter(dataset=watched.datasets["abuse"])
    for basis, days, detail in product(("power", "duty"), (None, -1, 0), ("county", "district")):
        day = None if days is None else TODAY + timedelta(days=days)
        terms.update(basis=basis, expires_on=day, detail=detail)
        for found in Signal.objects.select_related("watch__dataset"):
            allowed = bool(may(watched.actor("stranger"), Capability.VIEW, found))
            assert allowed is _explorer_gives(watched, found), (basis, days, detail)
            seen.add(allowed)
    assert seen == {True, False}


def test_who_reads_the_county_alone_sees_the_county_alone(watched: sharing.SharingWorld):
    Term.objects.filter(dataset=watched.datasets["abuse"]).update(detail="county")
    assert set(board(watched, "stranger")) <= {
        "Deliberate primary fires in Ashshire, December 2025"
    }
    page = client(watched, "stranger").get(reverse("emerging")).content.decode()
    assert "2 series of 1 dataset were watched and 2 were tested" in page, "no count of the others"


def test_what_another_provider_adds_hides_what_was_watched_without_it(
    watched: sharing.SharingWorld, tmp_path: Path
):
    term = Term.objects.get(dataset=watched.datasets["abuse"])
    for role in (Role.PARTNER, Role.ANALYST):
        Term.objects.create(
            version=term.version,
            clause=term.clause,
            dataset=term.dataset,
            provider=watched.organisations["fire"],
            recipient_role=role,
            purpose=term.purpose,
            detail=term.detail,
            basis=term.basis,
        )
    seat(watched, "stranger", Role.ANALYST)
    sent = watched.send("abuse", "fire", sharing.counts_file(tmp_path, lines(last=44), "b.csv"))
    assert sent.stored
    assert board(watched, "stranger") == [], "the explorer would add the two up now"
    run(watched)
    assert JUMP in board(watched, "stranger")
    assert Signal.objects.filter(where="Ash", observed=95 + 44).exists()


def _protect(world: sharing.SharingWorld) -> DisclosureRule:
    return DisclosureRule.objects.create(
        dataset=world.datasets["abuse"],
        audience="partnership",
        suppress_below=5,
        round_to=5,
        source="The rule",
    )


def _told(world: sharing.SharingWorld) -> list[Any]:
    looks = Watch.objects.filter(detail="district").order_by("created_at").last()
    assert looks is not None
    rows = looks.signals.order_by("area", "category")
    return [
        (looks.series, looks.tested),
        *rows.values_list("area", "category", "observed", "expected", "p_value", "q_value"),
    ]


def test_a_hidden_count_is_told_by_nothing(shared: sharing.SharingWorld, tmp_path: Path):
    """Neither a signal, nor another series' figures, nor how many were tested depend on it."""
    _protect(shared)
    send(shared, tmp_path, lines(small=1))
    run(shared)
    quiet = _told(shared)
    send(shared, tmp_path, lines(small=4), "again.csv")
    run(shared)
    assert _told(shared) == quiet and len(quiet) == 2
    assert quiet[1][:3] == (ASH, FIRES, 95), "as it is published, rounded"
    assert "Birch" not in " ".join(board(shared, "stranger", state=""))


def test_a_rule_that_comes_later_hides_what_was_watched_before(watched: sharing.SharingWorld):
    assert board(watched, "stranger")
    rule = _protect(watched)
    assert board(watched, "stranger") == []
    run(watched)
    assert JUMP in board(watched, "stranger")
    rule.suppress_below = 200
    rule.save()
    assert board(watched, "stranger") == []
    run(watched)
    assert board(watched, "stranger") == []


def test_a_district_sees_its_own_first_and_settles_it_alone(watched: sharing.SharingWorld):
    first = Signal.objects.get(where="Ash")
    other = Signal.objects.create(
        watch=first.watch,
        area=BIRCH,
        where="Birch",
        category=ABUSE,
        what="Abuse",
        observed=9,
        expected=2.0,
        upper=5.0,
        p_value=first.p_value / 10,
        q_value=0.001,
    )
    csp = Body.objects.create(name="Ash CSP", slug="ash-csp", kind=BodyKind.CSP)
    csp.areas.set(sharing.Area.objects.filter(code=ASH))
    before = board(watched, "stranger")
    assert before.index(str(other)) < before.index(str(first))
    seat(watched, "stranger", Role.DISTRICT_OFFICER, "ash-csp")
    assert board(watched, "stranger")[0] == str(first)
    officer = client(watched, "stranger")
    refused = officer.post(reverse("signal-dismiss", args=[other.pk]), {"reason": "No"})
    assert refused.status_code == 403
    done = officer.post(reverse("signal-dismiss", args=[first.pk]), {"reason": "New codes"})
    assert done.status_code == 302
    assert Signal.objects.get(pk=first.pk).state == SignalState.DISMISSED


def test_a_dismissal_says_why_and_can_be_taken_back(watched: sharing.SharingWorld):
    found = Signal.objects.get(where="Ash")
    url = reverse("signal-dismiss", args=[found.pk])
    assert client(watched, "stranger").get(url).status_code == 403
    leader = client(watched, "leader")
    assert leader.post(url, {"reason": " "}).status_code == 200
    assert leader.post(url, {"reason": "A new way of recording"}).status_code == 302
    assert JUMP not in board(watched, "leader", state="open")
    page = client(watched, "stranger").get(reverse("signal", args=[found.pk])).content.decode()
    assert "A new way of recording" in page and "Leader" in page
    again = leader.post(url, {"reason": "Twice"})
    assert again.status_code == 200 and b"dismissed already" in again.content
    assert leader.get(reverse("signal-restore", args=[found.pk])).status_code == 405
    leader.post(reverse("signal-restore", args=[found.pk]))
    assert JUMP in board(watched, "leader", state="open")
    texts = " ".join(AuditEntry.objects.values_list("text", flat=True))
    assert "A new way of recording" in texts and "95" not in texts


def test_a_dismissal_lasts_until_the_count_changes(watched: sharing.SharingWorld, tmp_path: Path):
    found = Signal.objects.get(where="Ash")
    watching.dismiss(actor=watched.actor("leader"), signal=found, reason="Known", now=NOW)
    sent = send(watched, tmp_path, [*lines(), f"{ASH},2021-12,{FIRES},41"], "b.csv")
    run(watched)
    assert JUMP in board(watched, "leader", state="dismissed")
    send(watched, tmp_path, lines(last=120), "c.csv")
    run(watched)
    assert JUMP in board(watched, "leader", state="open")
    newest = Watch.objects.count()
    undo(
        actor=watched.actor("leader"),
        submission=type(sent).objects.get(file_name="c.csv"),
        now=NOW,
    )
    assert JUMP in board(watched, "leader", state="dismissed"), "the figures of before count again"
    assert Watch.objects.count() == newest


def test_it_is_brought_in_as_the_explorers_own_answer(watched: sharing.SharingWorld):
    found = Signal.objects.get(where="Ash")
    url = reverse("signal-keep", args=[found.pk])
    assert client(watched, "stranger").post(url, {}).status_code == 403
    leader = client(watched, "leader")
    page = leader.get(url).content.decode()
    assert "Deliberate primary fires in Ash: 95 in December 2025" in page
    posted = {"sentence": "Fires in Ash jumped", "audience": "partnership"}
    answer = leader.post(url, posted)
    kept = Finding.objects.get()
    assert answer["Location"] == reverse("finding", args=[kept.pk])
    assert kept.question["area"] == ASH and kept.table and kept.read_months.count() == 12
    assert Signal.objects.get(pk=found.pk).finding == kept
    assert leader.post(url, posted).status_code == 200 and Finding.objects.count() == 1
    assert JUMP in board(watched, "leader", state="kept")


def test_weights_are_loaded_from_a_file(shared: sharing.SharingWorld, tmp_path: Path):
    path = tmp_path / "weights.csv"
    given = {"measure": "One index", "edition": "2025", "since": "2025-04-01"}
    for text, said in (
        (f"category,weight\n{FIRES},x\n", "is no weight"),
        ("category,weight\nburglary,1\n", "is no category of Abuse"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CommandError, match=said):
            call_command("weights", "abuse", str(path), **given)
    assert not HarmWeights.objects.exists()
    for weight in (7, 9):
        path.write_text(f"category,weight\n{FIRES},{weight}\n", encoding="utf-8")
        call_command("weights", "abuse", str(path), **given)
    assert HarmWeights.objects.get().weights == {FIRES: 9.0}


def test_harm_ranks_within_one_table_of_weights(watched: sharing.SharingWorld):
    first = Signal.objects.get(where="Ash")
    other = Signal.objects.create(
        watch=first.watch, area=BIRCH, where="Birch", category=ABUSE, what="Abuse",
        observed=9, expected=2.0, upper=5.0, p_value=0.001, q_value=0.01,
    )  # fmt: skip
    dataset = watched.datasets["abuse"]
    for measure, weights in (("One index", {ABUSE: 100.0}), ("Two index", {FIRES: 1.0, ABUSE: 0})):
        HarmWeights.objects.create(
            dataset=dataset, measure=measure, edition="2025", since="2025-01-01", unit="days",
            weights=weights,
        )  # fmt: skip
    assert board(watched, "stranger")[0] == str(other)
    ranked = board(watched, "stranger", weights="Two index")
    assert ranked.index(str(first)) < ranked.index(str(other))
    page = client(watched, "stranger").get(reverse("emerging")).content.decode()
    assert "Harm: One index" in page and "700" in page


def test_the_analyst_has_one_duty_while_something_is_open(watched: sharing.SharingWorld):
    def owed() -> list[str]:
        found = duties_of(watched.actor("stranger"), TODAY)
        return [duty.what for duty in found if duty.kind == "Emerging issue"]

    assert owed() == []
    seat(watched, "stranger", Role.ANALYST)
    count = Signal.objects.count()
    assert owed() == [f"Look at {count} emerging issue{'s' if count > 1 else ''}"]
    for each in Signal.objects.all():
        watching.dismiss(actor=watched.actor("leader"), signal=each, reason="Known", now=NOW)
    assert owed() == []


def test_owners_read_who_looked(watched: sharing.SharingWorld):
    before = DataUse.objects.count()
    client(watched, "stranger").get(reverse("emerging"))
    assert DataUse.objects.count() == before + 1


def test_the_command_and_the_tick_watch_what_was_missed(
    shared: sharing.SharingWorld, tmp_path: Path, capsys: Any
):
    send(shared, tmp_path, lines())
    call_command("watch", dataset="abuse")
    assert "Districts: 4 of 4 series tested, 1 stand out" in capsys.readouterr().out.replace(
        "districts", "Districts"
    )
    call_command("watch")
    assert "Everything is watched already." in capsys.readouterr().out
    Watch.objects.all().delete()
    job = next(job for job in tick_jobs() if job.__name__ == "nothing_stays_unwatched")
    assert job(TODAY, NOW) == "Watched 2 times." and job(TODAY, NOW) == ""
    assert list(datasets_held()) == [shared.datasets["abuse"]]
