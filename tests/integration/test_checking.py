"""A return is checked by people too: agreed by somebody else, held until a day, sent back."""

from __future__ import annotations

import io
import time
from datetime import date

import openpyxl
import polars as pl
import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from frankpledge.access.actors import actor_for, console
from frankpledge.access.audit import verify
from frankpledge.access.decisions import Refused, may
from frankpledge.access.enums import Capability, Role
from frankpledge.access.models import AuditEntry, User
from frankpledge.core.history import seen_as
from frankpledge.core.registries import duties_of
from frankpledge.partnership.models import Holding, Post
from frankpledge.sharing.actions.approvals import agree, end_embargoes, send_back, set_embargo
from frankpledge.sharing.actions.importing import work
from frankpledge.sharing.actions.submissions import cancel, undo
from frankpledge.sharing.actions.withdrawing import withdraw
from frankpledge.sharing.enums import Approvals
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import LegalHold, Submission, SubmissionMonth
from frankpledge.sharing.queries.data import extent, held_months
from frankpledge.sharing.rules import UnableToMove
from frankpledge.sharing.rules.approvals import UnableToAgree
from frankpledge.sharing.rules.returns import UnableToWithdraw
from frankpledge.sharing.store import Store
from frankpledge.sharing.ticks import waiting_files_count
from tests.sharing_world import ASH, BIRCH, NOW, TODAY, counts, counts_file, sharing_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world():
    made = sharing_world()
    person = User.objects.create_user("fire-officer@example.org", "Second Officer")
    post = Post.objects.create(
        title="Fire officer post", organisation=made.organisations["fire"], role=Role.PARTNER
    )
    Holding.objects.create(post=post, holder=person)
    made.users["fire_officer"], made.posts["fire_officer"] = person, post
    return made


def chained(world, approvals: Approvals = Approvals.PARTNER_AND_COUNTY) -> None:
    dataset = world.datasets["fires"]
    dataset.approvals = approvals
    dataset.save()


def send(world, tmp_path, lines=None, name="fires.csv", **rest) -> Submission:
    given = {"actor": world.actor("fire_sender"), **rest}
    path = counts_file(tmp_path, lines or counts(), name)
    return world.send("fires", "fire", path, **given)


def seen_by(world, key: str) -> Client:
    client = Client()
    client.force_login(world.users[key])
    return client


def held(world) -> list[int]:
    found = held_months(
        dataset=world.datasets["fires"], organisations=[world.organisations["fire"]]
    )
    return [each.stored for each in found]


def page(world, key: str, sent: Submission) -> str:
    return seen_by(world, key).get(reverse("submission", args=[sent.pk])).content.decode()


# The chain


def test_a_checked_file_counts_nowhere_until_both_have_agreed(world, tmp_path):
    chained(world)
    sent = send(world, tmp_path)
    assert (sent.state, sent.stored, held(world)) == (State.CHECKED, 4, [])
    assert extent(world.datasets["fires"]) is None
    assert "It waits for somebody else of Ashshire Fire to agree." in page(
        world, "fire_officer", sent
    )
    url = reverse("submission-agree", args=[sent.pk])
    assert seen_by(world, "leader").post(url, {"note": "Mine"}).status_code == 403
    assert seen_by(world, "fire_officer").post(url, {"note": "Looks right"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, held(world)) == (State.CHECKED, [])
    assert "It waits for the county team" in page(world, "leader", sent)
    assert seen_by(world, "leader").post(url, {"note": "Yes"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, held(world)) == (State.STORED, [2, 2])
    said = list(AuditEntry.objects.filter(capability="agree_to_return").values_list("text"))
    assert any("everybody has agreed" in text for (text,) in said) and verify().broken_at is None


def test_nobody_agrees_to_their_own_file(world, tmp_path):
    chained(world, Approvals.PARTNER)
    sent = send(world, tmp_path)
    twin = User.objects.create_user("twin@example.org", "Other Account")
    Holding.objects.create(post=world.posts["fire_sender"], holder=twin)
    namesake = User.objects.create_user("again@example.org", world.users["fire_sender"].name)
    Holding.objects.create(post=world.posts["fire_officer"], holder=namesake)
    for user in (world.users["fire_sender"], twin, namesake):
        actor = actor_for(user, TODAY)
        assert not may(actor, Capability.AGREE_TO_RETURN, sent)
        with pytest.raises(Refused, match="Nobody agrees to their own file"):
            agree(actor=actor, submission=sent, note="", now=NOW)
    assert not may(console(TODAY), Capability.AGREE_TO_RETURN, sent)
    assert held(world) == []


def test_the_same_person_is_not_both_stages(world, tmp_path):
    chained(world)
    sent = send(world, tmp_path)
    Holding.objects.create(post=world.posts["leader"], holder=world.users["fire_officer"])
    actor = world.actor("fire_officer")
    agree(actor=actor, submission=sent, note="", now=NOW)
    with pytest.raises(Refused, match="Somebody else decides now"):
        agree(actor=world.actor("fire_officer"), submission=sent, note="", now=NOW)


def test_a_file_sent_back_says_why_and_leaves_nothing(world, tmp_path):
    chained(world)
    sent = send(world, tmp_path)
    actor = world.actor("fire_officer")
    url = reverse("submission-send-back", args=[sent.pk])
    seen_by(world, "fire_officer").post(url, {"reason": "December is doubled"})
    sent.refresh_from_db()
    assert sent.state == State.REFUSED and sent.refusal.endswith("December is doubled")
    assert not SubmissionMonth.objects.filter(submission=sent).exists()
    with pytest.raises(Refused):
        agree(actor=actor, submission=sent, note="", now=NOW)
    again = send(world, tmp_path)
    assert again.pk != sent.pk and again.state == State.CHECKED


def originals(site) -> list[str]:
    return [each.name for each in (site.STORE / "originals").glob("*")]


def test_a_withdrawn_file_leaves_nothing_and_nobody_owes_an_answer(
    world, tmp_path, settings, django_capture_on_commit_callbacks
):
    chained(world)
    sent = send(world, tmp_path)
    agree(actor=world.actor("fire_officer"), submission=sent, note="", now=NOW)
    store, url = Store(settings.STORE), reverse("submission-withdraw", args=[sent.pk])
    assert store.left_of(str(sent.pk)) and originals(settings)
    assert seen_by(world, "stranger").post(url, {"reason": "Mine"}).status_code == 404
    assert seen_by(world, "fire_officer").post(url, {"reason": "Mine"}).status_code == 403
    sender = seen_by(world, "fire_sender")
    assert "Withdraw this file" in page(world, "fire_sender", sent)
    assert "<title>Error:" in sender.post(url, {"reason": ""}).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.post(url, {"reason": "December is doubled"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.received, sent.months.count()) == (State.CANCELLED, 0, 0)
    assert sent.refusal == "Fire_Sender withdrew it: December is doubled"
    assert not store.left_of(str(sent.pk)) and not originals(settings)
    assert not [d for d in duties_of(world.actor("leader"), TODAY) if d.kind == "Return to agree"]
    with pytest.raises(Refused):
        agree(actor=world.actor("leader"), submission=sent, note="", now=NOW)
    assert AuditEntry.objects.filter(text__contains="Withdrew fires.csv (4 rows)").exists()
    assert "The file was withdrawn" in page(world, "fire_sender", sent)
    assert "is kept as it was sent" not in page(world, "fire_sender", sent)
    again = send(world, tmp_path)
    assert (again.pk != sent.pk, again.state) == (True, State.CHECKED)


def test_what_is_stored_or_held_is_not_withdrawn(
    world, tmp_path, settings, django_capture_on_commit_callbacks
):
    def withdrawn(sent: Submission) -> None:
        withdraw(actor=world.actor("fire_sender"), submission=sent, reason="Wrong", now=NOW)

    stored = send(world, tmp_path)
    with pytest.raises(UnableToWithdraw, match="Undo it, or send a newer file"):
        withdrawn(stored)
    assert "Withdraw this file" not in page(world, "fire_sender", stored)
    chained(world)
    sent = send(world, tmp_path, counts(count=8), "newer.csv")
    hold = LegalHold.objects.create(
        dataset=world.datasets["fires"], reason="An inquest.", placed_on=TODAY
    )
    with pytest.raises(UnableToWithdraw, match=r"An inquest\. Ask the county team"):
        withdrawn(sent)
    with pytest.raises(UnableToMove, match="Withdraw it"):
        cancel(actor=world.actor("fire_sender"), submission=sent, now=NOW)
    hold.delete()
    earlier = Submission.objects.create(
        dataset=world.datasets["visits"],
        organisation=sent.organisation,
        contract_version="1",
        state=State.CANCELLED,
        sent_at=NOW,
        finished_at=NOW,
        file_name="same.csv",
        file_size=1,
        file_digest=sent.file_digest,
    )
    with django_capture_on_commit_callbacks(execute=True):
        withdrawn(sent)
    assert sent.file_digest in originals(settings), earlier


def test_those_who_decide_owe_it(world, tmp_path):
    chained(world)
    sent = send(world, tmp_path)
    owed = {
        key: [d.what for d in duties_of(world.actor(key), TODAY) if d.kind == "Return to agree"]
        for key in ("fire_sender", "fire_officer", "leader", "stranger", "colleague")
    }
    assert [key for key, whats in owed.items() if whats] == ["fire_officer"]
    agree(actor=world.actor("fire_officer"), submission=sent, note="", now=NOW)
    owed = [d for d in duties_of(world.actor("leader"), TODAY) if d.kind == "Return to agree"]
    assert [each.owed_by for each in owed] == ["County team"]


def test_an_older_file_agreed_late_does_not_take_the_place_of_a_newer(world, tmp_path):
    chained(world, Approvals.PARTNER)
    first = send(world, tmp_path)
    newer = send(world, tmp_path, counts(count=9), "newer.csv", now=NOW.replace(hour=12))
    officer = world.actor("fire_officer")
    agree(actor=officer, submission=newer, note="", now=NOW)
    agree(actor=officer, submission=first, note="", now=NOW)
    months = SubmissionMonth.objects.filter(current=True)
    assert {each.submission_id for each in months} == {newer.pk}
    undo(actor=world.actor("fire_sender"), submission=newer, now=NOW)
    months = SubmissionMonth.objects.filter(current=True)
    assert {each.submission_id for each in months} == {first.pk}


def test_the_county_team_sets_the_chain(world):
    url = reverse("dataset-approvals", args=["fires"])
    assert seen_by(world, "fire_sender").get(url).status_code == 403
    assert seen_by(world, "leader").post(url, {"approvals": "2"}).status_code == 302
    world.datasets["fires"].refresh_from_db()
    assert world.datasets["fires"].approvals == Approvals.PARTNER_AND_COUNTY
    leader = seen_by(world, "leader")
    stale = {"approvals": "0", "seen": seen_as("0")}
    again = leader.post(url, stale)
    assert "somebody else" in again.content.decode().lower()
    world.datasets["fires"].refresh_from_db()
    assert world.datasets["fires"].approvals == Approvals.PARTNER_AND_COUNTY
    assert leader.post(url, {**stale, "seen": seen_as("2")}).status_code == 302


def test_others_learn_nothing_of_a_file_that_waits(world, tmp_path):
    chained(world)
    sent = send(world, tmp_path, name="secret-name.csv")
    for key in ("stranger", "colleague"):
        client = seen_by(world, key)
        for name in (
            "submission",
            "submission-agree",
            "submission-send-back",
            "submission-embargo",
            "submission-withdraw",
        ):
            assert client.get(reverse(name, args=[sent.pk])).status_code == 404
        for name, args in (("submission-list", []), ("dataset", ["fires"]), ("dataset-list", [])):
            assert "secret-name" not in client.get(reverse(name, args=args)).content.decode()
    public = Client()
    assert "secret-name" not in public.get(reverse("submission", args=[sent.pk])).content.decode()
    listed = seen_by(world, "stranger").get(reverse("dataset", args=["fires"])).content.decode()
    assert "Nothing is held yet" in listed


# Until a day


def test_a_file_waits_for_its_day_and_then_counts(world, tmp_path):
    earlier = send(world, tmp_path)
    path = counts_file(tmp_path, counts(count=30), "later.csv")
    waiting = world.receive("fires", "fire", path, actor=world.actor("fire_sender"))
    sender = world.actor("fire_sender")
    set_embargo(actor=sender, submission=waiting, until=date(2026, 2, 2), now=NOW)
    waiting = work(actor=sender, submission=waiting, clock=lambda: NOW)
    assert waiting.state == State.STORED
    assert {m.submission_id for m in SubmissionMonth.objects.filter(current=True)} == {earlier.pk}
    assert "It waits until 2 February 2026" in page(world, "fire_officer", waiting)
    assert (
        seen_by(world, "stranger").get(reverse("submission", args=[waiting.pk])).status_code == 404
    )
    assert end_embargoes(actor=console(date(2026, 2, 1)), now=NOW) == 0
    assert "1 files" in waiting_files_count(date(2026, 2, 2), NOW)
    assert {m.submission_id for m in SubmissionMonth.objects.filter(current=True)} == {waiting.pk}
    with pytest.raises(UnableToAgree, match="It counts already"):
        set_embargo(actor=sender, submission=waiting, until=date(2026, 3, 2), now=NOW)


def test_agreement_does_not_end_the_wait(world, tmp_path):
    chained(world, Approvals.PARTNER)
    sent = send(world, tmp_path)
    set_embargo(actor=world.actor("fire_sender"), submission=sent, until=date(2026, 2, 2), now=NOW)
    agree(actor=world.actor("fire_officer"), submission=sent, note="", now=NOW)
    sent.refresh_from_db()
    assert (sent.state, held(world)) == (State.STORED, [])
    url = reverse("submission-embargo", args=[sent.pk])
    assert seen_by(world, "leader").post(url, {"waits": "no"}).status_code == 302
    assert held(world) == [2, 2]


def test_sending_back_needs_a_reason(world, tmp_path):
    chained(world)
    sent = send(world, tmp_path)
    url = reverse("submission-send-back", args=[sent.pk])
    answer = seen_by(world, "fire_officer").post(url, {"reason": " "})
    assert "Answer “Why does it go back?”" in answer.content.decode()
    assert send_back and Submission.objects.get(pk=sent.pk).state == State.CHECKED


# Correcting what came back

BAD = [
    f"{ASH},2025-11,deliberate-primary-fires,7",
    f"{BIRCH},2025-11,deliberate-primary-fires,seven",
    f"{ASH},2025-12,deliberate-primary-fires,=cmd|' /C calc'!A0",
    f"E07999999,2025-12,deliberate-primary-fires,<script>alert(1)</script>{'x' * 300}",
    f"{BIRCH},2025-12,deliberate-primary-fires,4",
]


def cells(client: Client, sent: Submission) -> dict[str, str]:
    """The names of the cells to correct with what they hold, as the form shows them."""
    form = client.get(reverse("submission-correct", args=[sent.pk])).context["form"]
    return {bound.name: bound.value() for bound in form}


def test_problems_are_grouped_with_what_to_do(world, tmp_path):
    sent = send(world, tmp_path, BAD)
    assert (sent.received, sent.stored, sent.rejected) == (5, 2, 3)
    said = page(world, "fire_sender", sent)
    assert "Rows stored" in said and "2, 40%" in said
    assert said.index("Rows stored") < said.index("What came back")
    assert "Row 3 of fires.csv: “seven”" in said and "What to do:" in said
    assert "<script>alert" not in said
    assert "seven" not in page(world, "fire_officer", sent)


def test_cells_are_corrected_in_the_browser(world, tmp_path):
    sent = send(world, tmp_path, BAD)
    before = Store(world_store()).original(sent.file_digest).read_bytes()
    client = seen_by(world, "fire_sender")
    shown = cells(client, sent)
    seven = next(name for name, value in shown.items() if value == "seven")
    calc = next(name for name, value in shown.items() if value.startswith("=cmd"))
    changed = {**shown, seven: "7", calc: "5"}
    answer = client.post(reverse("submission-correct", args=[sent.pk]), changed)
    assert answer.status_code == 302, answer.context["form"].errors
    made = Submission.objects.get(corrects=sent)
    made = work(actor=world.actor("fire_sender"), submission=made, clock=lambda: NOW)
    assert (made.state, made.received, made.stored, made.rejected) == (State.STORED, 5, 4, 1)
    assert {m.submission_id for m in SubmissionMonth.objects.filter(current=True)} == {made.pk}
    assert held(world) == [2, 2]
    assert Store(world_store()).original(sent.file_digest).read_bytes() == before
    again = client.get(reverse("submission-correct", args=[sent.pk]), follow=True)
    assert "It has been corrected since" in again.content.decode()


def world_store():
    return site.STORE


def test_the_workbook_comes_back_with_corrected_rows_only(world, tmp_path):
    sent = send(world, tmp_path, BAD)
    client = seen_by(world, "fire_sender")
    raw = client.get(reverse("submission-workbook", args=[sent.pk])).content
    book = openpyxl.load_workbook(io.BytesIO(raw))
    rows = book["Rows"]
    heads = [cell.value for cell in rows[1]]
    count = heads.index("count") + 1
    assert [rows.cell(line, 2).value for line in (2, 3, 4)] == ["3", "4", "5"]
    assert rows.cell(2, count).comment and rows.cell(2, count).fill.bgColor.rgb
    assert rows.cell(3, count).value.startswith("=cmd") and rows.cell(3, count).data_type == "s"
    rows.cell(2, count).value = 8
    rows.append(["fires.csv", "2", ASH, "2025-11", "deliberate-primary-fires", "999"])
    rows.append(["other.csv", "9", ASH, "2025-11", "deliberate-primary-fires", "999"])
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("back.xlsx", out.getvalue())
    answer = client.post(reverse("submission-send-workbook", args=[sent.pk]), {"file": file})
    assert answer.status_code == 302, answer.context["form"].errors
    made = Submission.objects.get(corrects=sent)
    made = work(actor=world.actor("fire_sender"), submission=made, clock=lambda: NOW)
    assert (made.received, made.stored, made.rejected) == (5, 3, 2)
    path = Store(world_store()).partition("fires", "2025-11", str(made.pk))
    assert sorted(pl.read_parquet(path)["count"].to_list()) == [7, 8]


def test_what_is_no_such_workbook_is_refused_in_words(world, tmp_path):
    sent = send(world, tmp_path, BAD)
    client = seen_by(world, "fire_sender")
    url = reverse("submission-send-workbook", args=[sent.pk])
    for content in (b"not a workbook", b"PK\x03\x04broken"):
        answer = client.post(url, {"file": SimpleUploadedFile("back.xlsx", content)})
        assert answer.status_code == 200 and "There is a problem" in answer.content.decode()
    assert not Submission.objects.filter(corrects=sent).exists()


def test_a_correction_never_undoes_a_newer_file(world, tmp_path):
    sent = send(world, tmp_path, BAD)
    send(world, tmp_path, counts(count=9), "newer.csv", now=NOW.replace(hour=12))
    answer = seen_by(world, "fire_sender").get(
        reverse("submission-correct", args=[sent.pk]), follow=True
    )
    assert "A newer file has taken its place" in answer.content.decode()


def test_only_the_sender_and_the_county_team_see_cells(world, tmp_path):
    sent = send(world, tmp_path, BAD)
    for name in ("submission-correct", "submission-workbook", "submission-send-workbook"):
        url = reverse(name, args=[sent.pk])
        assert seen_by(world, "leader").get(url).status_code == 200
        assert seen_by(world, "fire_officer").get(url).status_code == 403
        for key in ("stranger", "colleague"):
            assert seen_by(world, key).get(url).status_code == 404
        assert b"seven" not in Client().get(url).content


def test_two_hundred_thousand_faults_stay_fast(world, tmp_path):
    lines = [f"{ASH},2025-10,deliberate-primary-fires,x{n}" for n in range(200_000)]
    sent = send(world, tmp_path, [*counts(), *lines])
    assert sent.rejected == 200_000
    client = seen_by(world, "fire_sender")
    for url in (
        reverse("submission", args=[sent.pk]),
        reverse("submission-rows", args=[sent.pk]) + "?sort=-row&page=3000",
        reverse("submission-correct", args=[sent.pk]),
    ):
        started = time.perf_counter()
        assert client.get(url).status_code == 200
        assert time.perf_counter() - started < 4, url
