"""The trail: with the change or not at all, unchangeable, and its tampering seen."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from frankpledge.access import audit
from frankpledge.access.actors import public
from frankpledge.access.decisions import SITE, Refused
from frankpledge.access.enums import Capability
from frankpledge.access.migrations import __path__ as migrations
from frankpledge.access.models import AuditEntry, ChainHead
from frankpledge.partnership import actions
from frankpledge.partnership.models import LinkedPlan
from tests.worlds import NOW, TODAY

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _own_head(settings, tmp_path):
    settings.HOME = tmp_path


def _plan(world, title: str = "A new plan", who: str = "county_team"):
    fields = {"title": title, "audience": "public"}
    return actions.create_linked_plan(actor=world.actor(who), fields=fields, now=NOW)


def _write(world, many: int, capture) -> None:
    with capture(execute=True):
        for number in range(many):
            _plan(world, f"Plan {number}")


def test_a_change_and_its_line_are_saved_together(world):
    plan = _plan(world)
    line = AuditEntry.objects.get()
    assert (line.record_id, line.number) == (str(plan.pk), 1)
    assert line.actor_id == world.actor("county_team").user_id
    assert line.text == "Added linked plan “A new plan”."
    assert "Seat: Team leader" in line.actor_via


def test_where_the_line_cannot_be_written_nothing_is_saved(world, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError("no room")

    monkeypatch.setattr(AuditEntry.objects, "create", fail)
    before = LinkedPlan.objects.count()
    with pytest.raises(DatabaseError):
        _plan(world)
    assert LinkedPlan.objects.count() == before
    assert not AuditEntry.objects.exists()


def test_where_the_change_fails_no_line_is_written(world):
    with (
        pytest.raises(ZeroDivisionError),
        audit.change(
            actor=world.actor("county_team"),
            capability=Capability.EDIT_PARTNERSHIP,
            record=SITE,
            now=NOW,
        ) as trail,
    ):
        trail.note("Half done.")
        LinkedPlan.objects.create(title="Half done")
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()
    assert not LinkedPlan.objects.filter(title="Half done").exists()


def test_a_change_needs_somebody(world):
    with pytest.raises(audit.ActorNeeded):
        actions.create_linked_plan(actor=public(TODAY), fields={"title": "x"}, now=NOW)
    with pytest.raises(audit.ActorNeeded):
        audit.looked(actor=public(TODAY), record=None, reason="Curious", now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.create(
            number=1, at=NOW, actor_id="", actor_name="", text="x", digest="x"
        )


def test_a_refusal_leaves_nothing(world):
    with pytest.raises(Refused):
        _plan(world, who="fire_partner")
    assert not AuditEntry.objects.exists()


def test_the_database_refuses_to_change_or_remove_a_line(world):
    _plan(world)
    for sql in ("UPDATE access_auditentry SET text = 'else'", "DELETE FROM access_auditentry"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    assert AuditEntry.objects.get().text.startswith("Added")


def _without_the_guard(sql: str, *values: object) -> None:
    """What an intruder with the database's own password could do."""
    import importlib

    guard = importlib.import_module("frankpledge.access.migrations.0002_audit_cannot_change")
    with connection.cursor() as cursor:
        for statement in guard.UNDO[connection.vendor]:
            cursor.execute(statement)
        cursor.execute(sql, values)


def test_a_whole_trail_is_whole(world, django_capture_on_commit_callbacks, capsys):
    _write(world, 3, django_capture_on_commit_callbacks)
    verdict = audit.verify()
    assert (verdict.checked, verdict.broken_at) == (3, None)
    call_command("audit", "verify")
    assert "3 entries, each in its place." in capsys.readouterr().out


@pytest.mark.parametrize(
    "column",
    [
        "text",
        "actor_name",
        "actor_via",
        "record_id",
        "concerns",
        "capability",
        "digest",
        "previous",
    ],
)
def test_a_changed_line_is_found(world, django_capture_on_commit_callbacks, capsys, column):
    _write(world, 4, django_capture_on_commit_callbacks)
    _without_the_guard(f"UPDATE access_auditentry SET {column} = %s WHERE number = 3", "forged")
    assert audit.verify().broken_at == 3
    with pytest.raises(SystemExit) as left:
        call_command("audit", "verify")
    assert left.value.code == 1
    assert "Entry 3 was changed" in capsys.readouterr().out


def test_a_line_taken_out_of_the_middle_is_found(world, django_capture_on_commit_callbacks):
    _write(world, 4, django_capture_on_commit_callbacks)
    _without_the_guard("DELETE FROM access_auditentry WHERE number = 2")
    assert audit.verify().broken_at == 2


def test_a_cut_tail_is_found_by_the_head(world, django_capture_on_commit_callbacks):
    _write(world, 4, django_capture_on_commit_callbacks)
    _without_the_guard("DELETE FROM access_auditentry WHERE number > 2")
    assert audit.verify().sentence == "The trail was cut after entry 2."


def test_a_cut_tail_with_the_head_set_back_is_found_by_the_exported_head(
    world, django_capture_on_commit_callbacks
):
    _write(world, 4, django_capture_on_commit_callbacks)
    _without_the_guard("DELETE FROM access_auditentry WHERE number > 2")
    last = AuditEntry.objects.get(number=2)
    ChainHead.objects.update(number=2, digest=last.digest)
    assert audit.verify().sentence == "The trail was cut after entry 2."


def test_a_rewritten_trail_is_found_by_the_exported_head(world, django_capture_on_commit_callbacks):
    """Every line written anew from the forged one on: the chain is sound, the export is not."""
    _write(world, 2, django_capture_on_commit_callbacks)
    line = AuditEntry.objects.get(number=2)
    names = [f.name for f in AuditEntry._meta.fields if f.name not in {"number", "digest"}]
    content = {name: getattr(line, name) for name in names} | {"text": "forged"}
    previous = content.pop("previous")
    digest = audit.link(number=2, previous=previous, line=content)
    _without_the_guard(
        "UPDATE access_auditentry SET text = 'forged', digest = %s WHERE number = 2", digest
    )
    ChainHead.objects.update(digest=digest)
    assert audit.verify().sentence == "Entry 2 is not the one that was exported."


def test_one_lock_is_taken_and_taken_last(world, django_assert_max_num_queries):
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        _plan(world)
    said = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "REL"))]
    head = next(i for i, sql in enumerate(said) if "access_chainhead" in sql)
    later = [sql for sql in said[head:] if "access_" not in sql]
    assert later == [], "Something else is written while the chain is locked"


_WRITER = """
import django; django.setup()
from frankpledge.access.actors import console
from frankpledge.core import clock
from frankpledge.partnership import actions
for number in range({many}):
    actions.create_linked_plan(
        actor=console(clock.today()), fields={{"title": f"Plan {{number}}"}}, now=clock.now()
    )
"""


@pytest.mark.slow
def test_writers_at_the_same_time_make_one_chain(tmp_path, migrated):
    """Several processes on one database, each with a connection of its own."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("FRANKPLEDGE_")},
        "FRANKPLEDGE_HOME": str(tmp_path),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "frankpledge.config.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
        )

    migrated(tmp_path)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: run("-c", _WRITER.format(many=8)), range(3)))
    assert [each.stderr for each in done if each.returncode] == []
    verified = run("-m", "django", "audit", "verify")
    assert verified.stdout.strip() == "24 entries, each in its place."
    assert verified.returncode == 0
    assert len((tmp_path / "audit-head.txt").read_text().splitlines()) == 24


def test_the_guard_is_a_migration():
    assert any((Path(folder) / "0002_audit_cannot_change.py").is_file() for folder in migrations)
