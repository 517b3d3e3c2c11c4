"""Files in: what is stored, what comes back, what is refused, and what each says."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.db import IntegrityError, transaction
from openpyxl import Workbook

from frankpledge.access.decisions import Refused
from frankpledge.access.models import AuditEntry
from frankpledge.contracts import Choice, Column, ColumnMapping, Unreadable
from frankpledge.sharing.actions import importing, submissions
from frankpledge.sharing.actions.agreements import draft_version, put_in_force
from frankpledge.sharing.actions.importing import Busy, sweep, work
from frankpledge.sharing.actions.signing import revoke
from frankpledge.sharing.actions.submissions import cancel, receive, redo, undo
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Submission, SubmissionMonth
from frankpledge.sharing.queries.data import held_months
from frankpledge.sharing.queries.results import returned_rows, submission_page
from frankpledge.sharing.rules import UnableToMove
from frankpledge.sharing.store import Store
from frankpledge.sharing.working import is_worked_on, working_on
from tests.sharing_world import ASH, HEADER, NOW, TODAY, counts, counts_file, sharing_world
from tests.workbooks import page

pytestmark = pytest.mark.django_db
STREET_HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
STREET_ROW = (
    f"{'a' * 64},2025-11,Ashshire Police,Ashshire Police,1.10,51.20,On or near High Street,"
    "E01090901,Ash 001A,Burglary,Under investigation,"
)


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path


@pytest.fixture
def world():
    return sharing_world()


def the_audit_says(text: str) -> bool:
    return AuditEntry.objects.filter(text__contains=text).exists()


# The whole way


def test_a_good_file_is_stored_row_by_row(world, tmp_path):
    sent = world.send("fires", "fire", counts_file(tmp_path, counts()))
    assert (sent.state, sent.received, sent.stored, sent.rejected) == (State.STORED, 4, 4, 0)
    assert [str(m.month) for m in sent.months.all()] == ["2025-11-01", "2025-12-01"]
    assert all(month.current for month in sent.months.all())
    store = Store(site.STORE)
    paths = store.partition_paths("fires", submissions=[str(sent.pk)])
    assert pl.read_parquet(paths)["count"].sum() == 28
    assert not store.damage(str(sent.pk))
    assert sent.term.dataset == world.datasets["fires"]
    assert the_audit_says("Stored 4 of 4 rows of counts.csv")
    assert not is_worked_on(site.STORE, sent.pk)


def test_rows_are_stored_or_returned_and_they_add_up(world, tmp_path):
    lines = [*counts(), f"{ASH},2025-13,deliberate-primary-fires,7", "X,2025-11,nonsense,-1"]
    sent = world.send("fires", "fire", counts_file(tmp_path, lines))
    assert (sent.received, sent.stored, sent.rejected) == (6, 4, 2)
    faults = returned_rows(sent)
    assert {row["row"] for row in faults} == {6, 7}
    assert {"row", "column", "value", "rule", "message", "remedy"} <= set(faults[0])
    assert all(row["remedy"] for row in faults)
    month_fault = next(row for row in faults if row["row"] == 6)
    assert (month_fault["column"], month_fault["value"]) == ("month", "2025-13")


def test_the_database_holds_that_every_row_is_accounted_for(world, tmp_path):
    sent = world.send("fires", "fire", counts_file(tmp_path, counts()))
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=sent.pk).update(received=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionMonth.objects.filter(submission=sent).update(stored=1)


def test_a_folder_and_its_zip_are_read_alike(world, tmp_path):
    folder = tmp_path / "sent"
    folder.mkdir()
    counts_file(folder, counts(months=("2025-11",)), "november.csv")
    counts_file(folder, counts(months=("2025-12",)), "december.csv")
    sent = world.send("fires", "fire", folder)
    assert (sent.stored, sent.file_name) == (4, "sent.zip")


# The same file, a newer file, taking back


def test_the_same_file_again_changes_nothing(world, tmp_path):
    path = counts_file(tmp_path, counts())
    first = world.send("fires", "fire", path)
    entries = AuditEntry.objects.count()
    again = receive(
        actor=world.actor("fire_sender"),
        dataset=world.datasets["fires"],
        organisation=world.organisations["fire"],
        source=path,
        file_name="other name.csv",
        now=NOW,
    )
    assert again.submission == first and "already stored" in again.already
    assert Submission.objects.count() == 1 and AuditEntry.objects.count() == entries


def test_a_newer_file_takes_the_place_and_undo_gives_it_back(world, tmp_path):
    first = world.send("fires", "fire", counts_file(tmp_path, counts(), "first.csv"))
    second = world.send(
        "fires", "fire", counts_file(tmp_path, counts(months=("2025-12",), count=9), "second.csv")
    )
    leader = world.actor("leader")

    def read() -> dict[str, str]:
        found = held_months(
            dataset=world.datasets["fires"], organisations=[world.organisations["fire"]]
        )
        return {f"{month.month:%m}": month.submission_id for month in found}

    assert read() == {"11": str(first.pk), "12": str(second.pk)}
    undo(actor=leader, submission=second, now=NOW)
    assert read() == {"11": str(first.pk), "12": str(first.pk)}
    redo(actor=leader, submission=second, now=NOW)
    assert read() == {"11": str(first.pk), "12": str(second.pk)}
    undo(actor=leader, submission=first, now=NOW)
    assert read() == {"12": str(second.pk)}
    undo(actor=leader, submission=second, now=NOW)
    assert read() == {}
    with pytest.raises(UnableToMove):
        undo(actor=leader, submission=second, now=NOW)


def test_undoing_the_middle_of_three_gives_back_the_newest_that_counts(world, tmp_path):
    sent = [
        world.send(
            "fires",
            "fire",
            counts_file(tmp_path, counts(months=("2025-12",), count=n), f"{n}.csv"),
            now=NOW.replace(hour=n),
        )
        for n in (1, 2, 3)
    ]
    leader = world.actor("leader")
    undo(actor=leader, submission=sent[1], now=NOW)
    undo(actor=leader, submission=sent[2], now=NOW)
    current = SubmissionMonth.objects.get(current=True)
    assert current.submission == sent[0] and current.superseded_by is None


def test_a_month_of_which_nothing_is_stored_takes_nobodys_place(world, tmp_path):
    good = world.send("fires", "fire", counts_file(tmp_path, counts(), "good.csv"))
    bad = [f"{ASH},2025-12,nonsense,1", *counts(months=("2025-10",))]
    world.send("fires", "fire", counts_file(tmp_path, bad, "bad.csv"))
    assert good.months.get(month=date(2025, 12, 1)).current


# Permission


def test_a_power_without_a_signature_is_refused_with_the_clause_and_nothing_is_kept(tmp_path):
    world = sharing_world(signed=("fire",))
    sent = world.send(
        "abuse", "police", counts_file(tmp_path, counts(indicator="domestic-abuse-incidents"))
    )
    assert sent.state == State.REFUSED and sent.received == 0
    assert "clause 4.1" in sent.refusal
    assert "The police may provide counts of domestic abuse" in sent.refusal
    assert not (site.STORE / "originals").exists()


def test_a_duty_without_a_signature_goes_on_with_a_warning(tmp_path):
    world = sharing_world(signed=("police",))
    sent = world.send("fires", "fire", counts_file(tmp_path, counts()))
    assert sent.state == State.STORED
    assert "has not signed" in sent.warnings[0]["message"]


def test_a_power_stops_the_day_its_signature_is_taken_back_or_grows_old(world, tmp_path):
    leader = world.actor("leader")
    lines = counts(indicator="domestic-abuse-incidents")
    waiting = world.receive("abuse", "police", counts_file(tmp_path, lines, "a.csv"))
    revoke(
        actor=world.actor("colleague"),
        signature=world.version.signatures.get(organisation__slug="police"),
        because="A new analyst",
        today=TODAY,
        now=NOW,
    )
    stopped = work(actor=leader, submission=waiting, clock=lambda: NOW)
    assert stopped.state == State.REFUSED and "revoked" in stopped.refusal
    world.sign("police")
    assert world.send("abuse", "police", counts_file(tmp_path, lines, "b.csv")).state == "stored"
    newer = draft_version(
        actor=leader, agreement=world.agreement, number="3.0", what_changed="", now=NOW
    )
    put_in_force(actor=leader, version=newer, today=TODAY, now=NOW)
    lines = counts(indicator="domestic-abuse-incidents", count=8)
    late = world.send("abuse", "police", counts_file(tmp_path, lines, "c.csv"))
    assert late.state == State.REFUSED and "older version" in late.refusal


def test_what_no_term_names_is_refused(world, tmp_path):
    sent = world.send("fires", "police", counts_file(tmp_path, counts()))
    assert sent.state == State.REFUSED and "No term of an agreement" in sent.refusal


def test_areas_finer_than_agreed_come_back(world, tmp_path):
    lines = [*counts(), "E01090901,2025-11,deliberate-primary-fires,1"]
    sent = world.send("fires", "fire", counts_file(tmp_path, lines))
    assert sent.rejected == 1
    assert returned_rows(sent)[0]["rule"] == "finer-than-agreed"


def test_columns_that_the_term_leaves_out_are_not_taken(world, tmp_path):
    world.datasets["fires"].terms.update(fields=["area_code", "month", "indicator", "count"])
    path = tmp_path / "named.csv"
    lines = [f"{line},Ash" for line in counts()]
    path.write_text("\n".join([f"{HEADER},area_name", *lines]) + "\n")
    refused = world.send("fires", "fire", path)
    assert refused.state == State.REFUSED and "area_name" in refused.refusal
    assert world.send("fires", "fire", counts_file(tmp_path, counts())).state == State.STORED


@pytest.mark.parametrize("who", ["colleague", "fire_sender", "stranger"])
def test_only_its_own_sender_or_the_county_team_sends(world, tmp_path, who):
    with pytest.raises(Refused):
        world.receive("street", "police", counts_file(tmp_path, counts()), actor=world.actor(who))
    assert not Submission.objects.exists() and not (site.STORE / "originals").exists()


def test_a_sender_who_lost_the_post_before_the_import_stores_nothing(world, tmp_path):
    sent = world.receive(
        "fires", "fire", counts_file(tmp_path, counts()), actor=world.actor("fire_sender")
    )
    world.posts["fire_sender"].holdings.update(valid_to=date(2026, 1, 21))
    ended = work(actor=world.actor("fire_sender"), submission=sent, clock=lambda: NOW)
    assert ended.state == State.REFUSED and not ended.months.exists()
    assert not list((site.STORE / "manifests").glob("*"))


def test_a_store_is_synthetic_or_real_and_never_both(world, tmp_path):
    world.send("fires", "fire", counts_file(tmp_path, counts(), "a.csv"), synthetic=True)
    real = world.send("fires", "fire", counts_file(tmp_path, counts(count=8), "b.csv"))
    assert real.state == State.REFUSED and "never mixed" in real.refusal


# Two at once, stopping, breaking


def test_two_tabs_at_once_make_one_submission(world, tmp_path):
    path = counts_file(tmp_path, counts())
    first = world.receive("fires", "fire", path)
    second = world.receive("fires", "fire", path)
    assert first == second and Submission.objects.count() == 1
    with working_on(site.STORE, first.pk) as mine:
        assert mine and is_worked_on(site.STORE, first.pk)
        with pytest.raises(Busy, match="being imported already"):
            work(actor=world.actor("leader"), submission=first, clock=lambda: NOW)
    done = work(actor=world.actor("leader"), submission=first, clock=lambda: NOW)
    assert done.state == State.STORED


def test_the_row_of_another_tab_wins_even_if_it_comes_between(world, tmp_path, monkeypatch):
    path = counts_file(tmp_path, counts())
    first = world.receive("fires", "fire", path)
    look, answers = submissions._same_file, [None]
    monkeypatch.setattr(
        submissions, "_same_file", lambda each: answers.pop() if answers else look(each)
    )
    second = world.receive("fires", "fire", path)
    assert second == first and Submission.objects.count() == 1


def test_a_waiting_file_is_stopped_at_once_and_may_come_again(world, tmp_path):
    path = counts_file(tmp_path, counts())
    sent = world.receive("fires", "fire", path)
    stopped = cancel(actor=world.actor("fire_sender"), submission=sent, now=NOW)
    assert stopped.state == State.CANCELLED
    assert work(actor=world.actor("leader"), submission=sent, clock=lambda: NOW).received == 0
    assert world.send("fires", "fire", path).state == State.STORED


def test_an_import_under_way_stops_at_the_next_month(world, tmp_path, monkeypatch):
    sent = world.receive("fires", "fire", counts_file(tmp_path, counts()))
    tell = importing._tell

    def tell_and_cancel(submission, done, total, said):
        tell(submission, done, total, said)
        if said == "Checked":
            cancel(actor=world.actor("fire_sender"), submission=submission, now=NOW)
            assert Submission.objects.get(pk=submission.pk).cancel_requested

    monkeypatch.setattr(importing, "_tell", tell_and_cancel)
    ended = work(actor=world.actor("fire_sender"), submission=sent, clock=lambda: NOW)
    assert ended.state == State.CANCELLED and ended.stored == 0 and not ended.months.exists()
    assert not list((site.STORE / "manifests").glob("*"))


def test_whatever_breaks_leaves_the_file_waiting_and_nothing_half(world, tmp_path, monkeypatch):
    sent = world.receive("fires", "fire", counts_file(tmp_path, counts()))
    with monkeypatch.context() as patched:
        patched.setattr(importing, "take_place", lambda months: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work(actor=world.actor("leader"), submission=sent, clock=lambda: NOW)
    sent.refresh_from_db()
    assert sent.state == State.WAITING and not sent.months.exists()
    assert not list((site.STORE / "manifests").glob("*"))
    assert work(actor=world.actor("leader"), submission=sent, clock=lambda: NOW).stored == 4


def test_an_import_whose_worker_died_is_taken_over(world, tmp_path):
    path = counts_file(tmp_path, counts())
    sent = world.receive("fires", "fire", path)
    Submission.objects.filter(pk=sent.pk).update(state=State.WORKING, progress=40)
    assert not is_worked_on(site.STORE, sent.pk)
    again = world.receive("fires", "fire", path)
    assert again == sent
    assert work(actor=world.actor("leader"), submission=again, clock=lambda: NOW).stored == 4


# Bad input


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def good_csv() -> str:
    return "\n".join([STREET_HEADER, STREET_ROW]) + "\n"


REFUSED = {
    "not-a-zip.zip": b"this is not a zip",
    "wrong-header.csv": b"one,two\n1,2\n",
    "empty.csv": b"",
    "only-names.csv": f"{STREET_HEADER}\n".encode(),
    "program.csv": b"MZ\x90\x00 a program",
    "cut-off.csv": good_csv().encode()[:-60],
    "zeros.csv": f"{STREET_HEADER}\n".encode() + b"\x00" * 50,
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_taken_says_why_and_what_to_do(world, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(REFUSED[name])
    sent = world.send("street", "police", path)
    assert sent.state == State.REFUSED and sent.received == 0
    assert name in sent.refusal and sent.refusal.endswith(".")
    assert sent.remedy.endswith(".") and len(sent.remedy.split()) <= 40


def test_a_bomb_and_a_path_that_escapes_are_refused(world, tmp_path):
    bomb = zipped(tmp_path / "bomb.zip", {"2025-11-x-street.csv": b"0" * 60_000_000})
    assert "far more than its size" in world.send("street", "police", bomb).refusal
    escape = zipped(tmp_path / "escape.zip", {"../../2025-11-x-street.csv": good_csv().encode()})
    assert "outside the zip" in world.send("street", "police", escape).refusal
    assert not (tmp_path.parent / "2025-11-x-street.csv").exists()


def test_two_gigabytes_are_refused_before_they_are_read(world, tmp_path):
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as opened:
        opened.truncate(2 * 1024**3)
    with pytest.raises(Unreadable, match="larger than the 500 MB"):
        world.receive("street", "police", huge)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.csv", good_csv().encode("utf-8-sig")),
        ("utf16.csv", good_csv().encode("utf-16")),
        ("semicolons.csv", good_csv().replace(",", ";").encode()),
        ("windows.csv", good_csv().replace("\n", "\r\n").encode()),
    ],
)
def test_what_cannot_be_wrong_is_read_without_a_word(world, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    sent = world.send("street", "police", path)
    assert (sent.state, sent.stored, sent.rejected) == (State.STORED, 1, 0), sent.refusal


def test_single_bad_rows_come_back_with_their_rule(world, tmp_path):
    swapped = STREET_ROW.replace("1.10,51.20", "51.20,1.10").replace("a" * 64, "b" * 64)
    month = STREET_ROW.replace("2025-11", "2025-13").replace("a" * 64, "c" * 64)
    path = tmp_path / "mixed.csv"
    path.write_text("\n".join([STREET_HEADER, STREET_ROW, swapped, month]) + "\n")
    sent = world.send("street", "police", path)
    assert (sent.received, sent.stored, sent.rejected) == (3, 1, 2)
    rules = {row["row"]: row["rule"] for row in returned_rows(sent)}
    assert rules[3] == "coordinates-swapped" and rules[4] == "month"


# The command


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("import", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue()


def test_the_command_says_what_became_of_the_rows(world, tmp_path):
    path = counts_file(tmp_path, counts())
    code, out, _ = run("fires", str(path), "--from", "fire")
    assert code == 0 and "Received" in out and "4" in out
    code, out, _ = run("fires", str(path), "--from", "fire")
    assert code == 0 and "already stored" in out and Submission.objects.count() == 1
    bad = counts_file(tmp_path, [*counts(count=3), "X,2025-11,nonsense,-1"], "bad.csv")
    code, out, _ = run("fires", str(bad), "--from", "fire", "--json")
    found = json.loads(out)
    assert code == 3
    assert (found["received"], found["stored"], found["rejected"]) == (5, 4, 1)
    assert found["months"][0]["month"] == "2025-11"


def test_the_command_knows_a_contract_by_name_where_it_is_clear(world, tmp_path):
    path = counts_file(tmp_path, counts(indicator="domestic-abuse-incidents"))
    code, _, _ = run("agency-counts", str(path), "--from", "police")
    assert code == 0 and Submission.objects.get().dataset.slug == "abuse"
    code, _, err = run("agency-counts", str(path), "--from", "fire")
    assert code == 2 and "fires" in err and "visits" in err
    code, _, err = run("nonsense", str(path), "--from", "police")
    assert code == 2 and "abuse" in err
    code, _, err = run("fires", str(path), "--from", "nobody")
    assert code == 2 and "No organisation is called nobody" in err


def test_the_command_refuses_in_a_sentence(tmp_path):
    sharing_world(signed=("fire",))
    path = counts_file(tmp_path, counts(indicator="domestic-abuse-incidents"))
    code, _, err = run("abuse", str(path), "--from", "police")
    assert code == 2 and "clause 4.1" in err
    code, _, err = run("fires", str(tmp_path / "missing.csv"), "--from", "fire")
    assert code == 2 and "missing.csv cannot be found" in err
    (tmp_path / "page.csv").write_text("<html>no</html>")
    code, out, _ = run("fires", str(tmp_path / "page.csv"), "--from", "fire", "--json")
    assert code == 2 and json.loads(out)["state"] == "refused"


def test_a_file_that_could_not_be_read_is_kept_for_the_days_that_are_set(world, tmp_path, settings):
    settings.KEEP_ENDED_DAYS = 30
    path = tmp_path / "broken.csv"
    path.write_text("area_name,what\nAsh,1\n")
    sent = world.send("fires", "fire", path)
    assert sent.state == State.REFUSED and sent.remedy
    store = Store(settings.STORE)
    kept = store.original(sent.file_digest)
    os.utime(kept, (NOW.timestamp(), NOW.timestamp()))
    sweep(store, NOW + timedelta(days=29))
    assert kept.read_bytes() == path.read_bytes()
    sweep(store, NOW + timedelta(days=31))
    assert not kept.exists()


PERSONS = [["Surname", "NHS"], *([f"Oka{n}for", "943 476 5919"] for n in range(5))]


def _persons_in_the_table(book: Workbook) -> None:
    book.active.append([ASH, "2025-12", "seen with Sarah Okafor", 1])


def _persons_on_a_hidden_sheet(book: Workbook) -> None:
    sheet = page(book, PERSONS, "Raw")
    sheet.sheet_state = "hidden"


def _persons_in_a_column_left_out(book: Workbook) -> None:
    for at, row in enumerate(book.active.iter_rows()):
        book.active.cell(row[0].row, 5, f"Oka{at}for" if at else "Surname")


def _persons_below_the_table(book: Workbook) -> None:
    for row in [[], ["Note: NHS number 943 476 5919"]]:
        book.active.append(row)


@pytest.mark.parametrize(
    "spoilt",
    [
        _persons_in_the_table,
        _persons_on_a_hidden_sheet,
        _persons_in_a_column_left_out,
        _persons_below_the_table,
    ],
)
def test_of_what_points_to_persons_nothing_is_kept(world, tmp_path, settings, spoilt):
    settings.KEEP_ENDED_DAYS = 30
    book = Workbook()
    page(book, [HEADER.split(","), *([*line.split(",")[:3], 7] for line in counts())])
    spoilt(book)
    path = tmp_path / "counts.xlsx"
    book.save(path)
    own = ColumnMapping("agency-counts", tuple(Column(h, (h,)) for h in HEADER.split(",")))
    mapping = own if spoilt is _persons_in_a_column_left_out else None
    sent = world.send("fires", "fire", path, choice=Choice(mapping=mapping))
    assert sent.state == State.REFUSED and "nothing of it was kept" in sent.refusal
    assert not Store(settings.STORE).original(sent.file_digest).exists()
    assert "Okafor" not in f"{sent.refusal} {sent.repairs}" and "5919" not in sent.refusal
    shown = submission_page(actor=world.actor("fire_sender"), key=sent.pk)
    assert shown.kept_until is None


def test_a_row_of_a_wrong_length_is_searched_too(world, tmp_path):
    line = f"{ASH},2025-12,seen, with Sarah Okafor,1"
    sent = world.send("fires", "fire", counts_file(tmp_path, [*counts(), line]))
    assert sent.state == State.REFUSED and "too few values is not read" in sent.refusal
    assert not Store(site.STORE).original(sent.file_digest).exists()


def test_whom_to_ask_about_a_file_is_no_data_about_persons(world, tmp_path):
    book = Workbook()
    page(book, [["Ask Sarah Okafor, 01632 960123"], HEADER.split(",")])
    for line in counts():
        book.active.append([*line.split(",")[:3], 7])
    path = tmp_path / "counts.xlsx"
    book.save(path)
    sent = world.send("fires", "fire", path)
    assert (sent.state, sent.stored) == (State.STORED, 4)
    assert "Okafor" not in str(sent.repairs) and "(not shown)" in str(sent.repairs)
