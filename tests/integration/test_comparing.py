"""A return beside the version it takes the place of: who sees what of it, and that it is right."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from frankpledge.access.enums import Role
from frankpledge.access.models import AuditEntry, User
from frankpledge.contracts import shipped
from frankpledge.partnership.models import Holding, Post
from frankpledge.sharing.actions.submissions import undo
from frankpledge.sharing.models import DataUse, Submission, Term
from frankpledge.sharing.queries.comparing import may_read_changes, replaced_months
from frankpledge.sharing.store import DifferenceLines, Version, compared
from tests.sharing_world import ASH, BIRCH, NOW, TODAY, SharingWorld, counts_file, sharing_world

FIRES = "deliberate-primary-fires"
FIRST = [
    f"{ASH},2025-11,{FIRES},7",
    f"{BIRCH},2025-11,{FIRES},8",
    f"{ASH},2025-12,{FIRES},9",
]
SECOND = [
    f"{ASH},2025-11,{FIRES},7",
    f"{BIRCH},2025-11,{FIRES},80",
    f"{BIRCH},2025-12,{FIRES},4",
    f"{BIRCH},2026-01,{FIRES},5",
]


@pytest.fixture
def world(db, settings, tmp_path: Path) -> SharingWorld:
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY
    made = sharing_world()
    person = User.objects.create_user("fire-officer@example.org", "Second Officer")
    post = Post.objects.create(
        title="Fire officer post", organisation=made.organisations["fire"], role=Role.PARTNER
    )
    Holding.objects.create(post=post, holder=person)
    made.users["fire_officer"], made.posts["fire_officer"] = person, post
    return made


@pytest.fixture
def versions(world: SharingWorld, tmp_path: Path) -> tuple[Submission, Submission]:
    """One that counts, and one that waits to be agreed and would take its place."""
    sender = world.actor("fire_sender")
    first = world.send("fires", "fire", counts_file(tmp_path, FIRST, "first.csv"), actor=sender)
    dataset = world.datasets["fires"]
    dataset.approvals = 1
    dataset.save()
    later = NOW.replace(hour=12)
    path = counts_file(tmp_path, SECOND, "second.csv")
    return first, world.send("fires", "fire", path, actor=sender, now=later)


def ask(world: SharingWorld, key: str, sent: Submission, query: str = "", name: str = "changes"):
    client = Client(raise_request_exception=False)
    if key:
        client.force_login(world.users[key])
    return client.get(reverse(f"submission-{name}", args=[sent.pk]) + query)


def test_the_rows_are_shown_old_and_new_by_cell(world, versions):
    first, second = versions
    said = ask(world, "fire_sender", second).content.decode()
    for words in ("Count: 8", "Count: 80", "Changed", "Added", "Gone", "first.csv"):
        assert words in said, words
    assert "Nothing counted before for January 2026" in said
    for kind, total in (("changed", 1), ("added", 1), ("gone", 1)):
        filtered = ask(world, "leader", second, f"?kind={kind}").content.decode()
        assert f"{total} row" in filtered
    csv = ask(world, "leader", second, "?download=csv").content.decode("utf-8-sig")
    assert "Count: 8,Count: 80" in csv and "Indicator" in csv
    book = ask(world, "leader", second, "?download=xlsx&kind=gone")
    sheets = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets
    cells = [cell for sheet in sheets for row in sheet.values for cell in row]
    assert "Count: 9" in cells and "Count: 4" not in cells
    assert AuditEntry.objects.filter(text__contains="Downloaded the rows that changed").count() == 2
    assert DataUse.objects.filter(purpose="Comparing two versions of a return").exists()
    nothing = ask(world, "fire_sender", first).content.decode()
    assert "nothing to compare it with" in nothing


def test_whoever_agrees_is_led_there_and_others_get_nothing(world, versions):
    _, second = versions
    for name in ("agree", "send-back"):
        asked = ask(world, "fire_officer", second, name=name).content.decode()
        assert reverse("submission-changes", args=[second.pk]) in asked
    for key in ("", "stranger", "colleague"):
        for query in ("", "?download=csv", "?kind=changed"):
            answer = ask(world, key, second, query)
            assert answer.status_code == (404 if key else 302)
            assert b"Count: " not in answer.content and b"first.csv" not in answer.content
    # Who sends no data agrees on the counts: rows are for the sender and the county team.
    counts = ask(world, "fire_officer", second)
    said = counts.content.decode()
    assert "Rows changed" in said and "The rows themselves are not shown to you" in said
    assert "Count: 80" not in said
    assert ask(world, "fire_officer", second, "?download=csv").status_code == 403


def test_the_county_team_reads_rows_only_as_finely_as_the_term_says(world, versions):
    _, second = versions
    rows = replace(shipped()["agency-counts"], roles={"month": "month"})
    leader, sender = world.actor("leader"), world.actor("fire_sender")
    assert may_read_changes(sender, second, rows)
    refused = may_read_changes(leader, second, rows)
    assert not refused and "no finer than: districts" in refused.reason
    Term.objects.filter(pk=second.term_id).update(detail="row")
    assert may_read_changes(leader, Submission.objects.get(pk=second.pk), rows)


def test_what_is_compared_follows_what_took_whose_place(world, versions, tmp_path):
    first, second = versions
    dataset = world.datasets["fires"]
    dataset.approvals = 0
    dataset.save()

    def before(sent: Submission) -> dict[date, str]:
        sent.refresh_from_db()
        return {new.month: old.submission.file_name for new, old in replaced_months(sent)}

    november, december = date(2025, 11, 1), date(2025, 12, 1)
    assert before(second) == {november: "first.csv", december: "first.csv"}
    third = world.send(
        "fires",
        "fire",
        counts_file(tmp_path, [FIRST[0]], "third.csv"),
        actor=world.actor("fire_sender"),
        now=NOW.replace(hour=13),
    )
    assert before(third) == {november: "first.csv"}
    # It waits still, and would take the place of what counts by now.
    assert before(second) == {november: "third.csv", december: "first.csv"}
    undo(actor=world.actor("fire_sender"), submission=third, now=NOW)
    assert before(second) == {november: "first.csv", december: "first.csv"}
    assert before(first) == {}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(["2025-01", "2025-02"]),
        st.integers(0, 2),
    ),
    max_size=8,
)


def _version(folder: Path, rows: list[tuple], name: str) -> Version:
    schema = {"key": pl.String, "month": pl.String, "count": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    paths = []
    for month in ("2025-01", "2025-02"):
        paths.append(folder / f"{name}-{month}.parquet")
        frame.filter(pl.col("month") == month).write_parquet(paths[-1])
    return Version(("2025-01", "2025-02"), tuple(paths))


@trials(max_examples=50, deadline=None)
@given(old=ROWS, new=ROWS, keyed=st.booleans())
def test_old_rows_less_gone_and_changed_plus_added_are_the_new_rows(
    tmp_path_factory, old, new, keyed
):
    folder = tmp_path_factory.mktemp("versions")
    before, after = _version(folder, old, "old"), _version(folder, new, "new")
    found = compared(before, after, key=("key",) if keyed else ())
    lines = list(DifferenceLines(found))
    rows = list(old)
    for line in lines:
        if line.before is not None:
            rows.remove(tuple(line.before.values()))
    same = len(rows)
    rows += [tuple(line.after.values()) for line in lines if line.after is not None]
    assert sorted(rows, key=str) == sorted(new, key=str)
    assert found.total("same") == same and len(lines) == sum(
        found.total(kind) for kind in ("changed", "added", "gone")
    )
    changed = [line for line in lines if line.kind == "changed"]
    assert all(keyed and line.before["key"] == line.after["key"] for line in changed)
    assert all(line.changed for line in changed)
    if not keyed:
        common = sum(min(old.count(row), new.count(row)) for row in set(old))
        assert same == common
