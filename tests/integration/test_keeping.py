"""Deletion that proves itself, holds, and a store that is checked against its hashes."""

from __future__ import annotations

import json
import os
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import Http404

from frankpledge.access.actors import console
from frankpledge.access.decisions import Refused
from frankpledge.access.models import AuditEntry
from frankpledge.evidence.enums import FindingKind
from frankpledge.evidence.models import Finding
from frankpledge.sharing.actions import keeping as actions
from frankpledge.sharing.actions.importing import sweep
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import LegalHold, Submission, SubmissionMonth
from frankpledge.sharing.queries import keeping
from frankpledge.sharing.rules import UnableToDelete, kept_until
from frankpledge.sharing.store import Store
from tests.sharing_world import ASH, HEADER, NOW, TODAY, SharingWorld, sharing_world

pytestmark = pytest.mark.django_db
REASON = "Kept for the 24 months of the agreement."


@pytest.fixture
def world(tmp_path: Path, settings) -> SharingWorld:
    settings.STORE = tmp_path / "store"
    return sharing_world()


def _sent(
    world: SharingWorld, tmp_path: Path, month: str = "2023-05", count: int = 7
) -> Submission:
    path = tmp_path / f"{month}-{count}.csv"
    path.write_text(f"{HEADER}\n{ASH},{month},deliberate-primary-fires,{count}\n")
    return world.send("fires", "fire", path)


def _verdict() -> tuple[int, dict]:
    out = StringIO()
    try:
        call_command("store", "verify", "--json", stdout=out)
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, json.loads(out.getvalue())


@pytest.mark.parametrize(
    ("last", "months", "until"),
    [
        (date(2023, 5, 1), 0, date(2023, 5, 31)),
        (date(2023, 5, 1), 1, date(2023, 6, 30)),
        (date(2023, 12, 1), 24, date(2025, 12, 31)),
        (date(2024, 1, 1), 1, date(2024, 2, 29)),
        (date(2024, 1, 1), None, None),
    ],
)
def test_how_long_data_is_kept(last, months, until):
    assert kept_until(last, months) == until


def test_a_deletion_takes_every_file_and_says_which(
    world, tmp_path, django_capture_on_commit_callbacks
):
    sent = _sent(world, tmp_path)
    store = Store(settings.STORE)
    before = store.files(str(sent.pk))
    assert all((store.root / each["path"]).exists() for each in before)
    with django_capture_on_commit_callbacks(execute=True):
        found = actions.delete_return(actor=console(TODAY), submission=sent, reason=REASON, now=NOW)
    assert found.files == before
    assert (found.rows, found.reason) == (1, REASON)
    assert not any((store.root / each["path"]).exists() for each in before)
    assert store.left_of(str(sent.pk)) == ()
    assert not SubmissionMonth.objects.filter(submission=sent, current=True).exists()
    assert found.digest == keeping.digest_of(found)
    assert AuditEntry.objects.filter(text__contains=found.digest[:16]).exists()
    assert _verdict() == (0, {"submissions": 0, "files": 0, "problems": []})


def test_a_file_that_another_return_needs_stays(
    world, tmp_path, django_capture_on_commit_callbacks
):
    sent = _sent(world, tmp_path)
    twin = world.send("visits", "fire", tmp_path / "2023-05-7.csv")
    assert twin.file_digest == sent.file_digest
    with django_capture_on_commit_callbacks(execute=True):
        found = actions.delete_return(actor=console(TODAY), submission=sent, reason=REASON, now=NOW)
    assert Store(settings.STORE).original(sent.file_digest).exists()
    assert not [each for each in found.files if each["path"].startswith("originals/")]


def test_a_crash_after_the_commit_leaves_orphans_that_are_swept(world, tmp_path):
    sent = _sent(world, tmp_path)
    actions.delete_return(actor=console(TODAY), submission=sent, reason=REASON, now=NOW)
    code, said = _verdict()  # on_commit never ran: the files are still there
    assert code == 1
    assert "still there" in said["problems"][0]["what"]
    for path in settings.STORE.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    sweep(Store(settings.STORE), NOW)
    assert _verdict()[0] == 0


def test_an_earlier_file_of_the_month_does_not_come_back(
    world, tmp_path, django_capture_on_commit_callbacks
):
    first, second = _sent(world, tmp_path), _sent(world, tmp_path, count=9)
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_return(actor=console(TODAY), submission=second, reason=REASON, now=NOW)
    assert not SubmissionMonth.objects.filter(submission=first, current=True).exists()


def test_findings_lose_their_figures(world, tmp_path, django_capture_on_commit_callbacks):
    sent = _sent(world, tmp_path)
    finding = Finding.objects.create(
        kind=FindingKind.ASKED,
        sentence="Seven fires were set",
        dataset=sent.dataset,
        table={"rows": [[7]]},
        figure={"map": None},
        period_from=date(2023, 5, 1),
        period_to=date(2023, 5, 31),
        audience="partnership",
    )
    finding.read_months.set(sent.months.all())
    with django_capture_on_commit_callbacks(execute=True):
        found = actions.delete_return(actor=console(TODAY), submission=sent, reason=REASON, now=NOW)
    after = Finding.objects.get(pk=finding.pk)
    assert (found.findings, after.table, after.figure) == (1, {}, {})
    assert after.caveats[0].startswith("The data this rests on was deleted")
    assert after.sentence == finding.sentence


def test_what_is_held_stays(world, tmp_path):
    sent = _sent(world, tmp_path)
    held = actions.hold(
        actor=console(TODAY),
        dataset=world.datasets["fires"],
        organisation=None,
        reason="An inquest.",
        on=TODAY,
        now=NOW,
    )
    with pytest.raises(UnableToDelete, match="An inquest"):
        actions.delete_return(actor=console(TODAY), submission=sent, reason=REASON, now=NOW)
    assert Submission.objects.get(pk=sent.pk).state == State.STORED
    actions.lift(actor=console(TODAY), hold=held, on=TODAY, now=NOW)
    actions.delete_return(actor=console(TODAY), submission=sent, reason=REASON, now=NOW)


def test_only_the_county_team_deletes_and_holds(world, tmp_path):
    sent = _sent(world, tmp_path)
    for who in ("fire_sender", "sender", "stranger"):
        with pytest.raises((Refused, Http404)):
            actions.delete_return(actor=world.actor(who), submission=sent, reason="x", now=NOW)
        with pytest.raises((Refused, Http404)):
            actions.hold(
                actor=world.actor(who),
                dataset=sent.dataset,
                organisation=None,
                reason="x",
                on=TODAY,
                now=NOW,
            )
    assert not LegalHold.objects.exists()
    assert Store(settings.STORE).left_of(str(sent.pk))


def test_past_its_time_is_what_the_agreement_or_the_dataset_says(world, tmp_path):
    sent = _sent(world, tmp_path)
    page = keeping.keeping_page(actor=console(TODAY), today=TODAY)
    assert (page.due, page.without_end) == ((), 1)
    world.version.retain_months = 24
    world.version.save()
    page = keeping.keeping_page(actor=console(TODAY), today=TODAY)
    assert [each.submission.pk for each in page.due] == [sent.pk]
    assert page.due[0].until == date(2025, 5, 31)
    world.datasets["fires"].retain_months = 36
    world.datasets["fires"].save()
    assert keeping.keeping_page(actor=console(TODAY), today=TODAY).due == ()


def test_every_spoiled_file_is_found(world, tmp_path):
    _sent(world, tmp_path)
    assert _verdict()[0] == 0
    for which in ("originals", "datasets", "cubes", "faults", "manifests"):
        path = next(each for each in (settings.STORE / which).rglob("*") if each.is_file())
        whole = path.read_bytes()
        for spoiled in (whole[:-1], None):
            path.unlink() if spoiled is None else path.write_bytes(spoiled)
            code, said = _verdict()
            assert (code, len(said["problems"])) == (1, 1), (which, spoiled is None)
            assert said["problems"][0]["remedy"]
        path.write_bytes(whole)
    assert _verdict()[0] == 0


def test_counts_that_differ_from_the_manifest_are_found(world, tmp_path):
    sent = _sent(world, tmp_path)
    Submission.objects.filter(pk=sent.pk).update(received=3, stored=2, rejected=1)
    code, said = _verdict()
    assert code == 1
    assert [each["what"].split(": ")[1] for each in said["problems"]] == [
        "the store says 1 rows received, the database 3.",
        "the store says 1 rows stored, the database 2.",
        "the store says 0 rows rejected, the database 1.",
    ]


def test_a_changed_certificate_is_found(world, tmp_path, django_capture_on_commit_callbacks):
    sent = _sent(world, tmp_path)
    with django_capture_on_commit_callbacks(execute=True):
        found = actions.delete_return(actor=console(TODAY), submission=sent, reason=REASON, now=NOW)
    found.rows = 0
    found.save()
    assert "was changed" in _verdict()[1]["problems"][0]["what"]


def test_the_pages(world, tmp_path, client):
    from frankpledge.access.models import User

    sent = _sent(world, tmp_path)
    world.version.retain_months = 24
    world.version.save()
    leader: User = world.users["leader"]
    client.force_login(leader, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/keeping/")
    assert b"2023-05-7.csv" in page.content
    answer = client.post(f"/returns/{sent.pk}/delete/", {"reason": REASON})
    assert answer.status_code == 302
    certificate = client.get(answer["Location"])
    assert keeping.find_deletion(actor=console(TODAY), key=sent.pk).digest in str(
        certificate.content
    )
    assert client.post(f"/returns/{sent.pk}/delete/", {"reason": REASON}).status_code == 200
