"""The store in a bucket of a real S3 server: whole or absent there, read from anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from frankpledge.access.actors import console
from frankpledge.config.environment import WrongSetting, read
from frankpledge.evidence.queries import sources
from frankpledge.sharing.actions import keeping as actions
from frankpledge.sharing.actions.importing import sweep, work
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Submission
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries import keeping
from frankpledge.sharing.queries.data import held_months
from frankpledge.sharing.rules import UnableToDelete
from frankpledge.sharing.store import Bucket, StoreUnwritable
from tests.sharing_world import ASH, BIRCH, HEADER, NOW, TODAY, SharingWorld, sharing_world

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))
from throwaway_s3 import PROGRAM, throwaway_s3  # noqa: E402

pytestmark = [pytest.mark.django_db, pytest.mark.s3]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_BUCKETS = """
import boto3, sys
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1")
for name in ("returns", "versioned", "killed"):
    s3.create_bucket(Bucket=name)
s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
"""
_KEYS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "a-secret"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    before = dict(os.environ)
    os.environ.update(_KEYS, AWS_EC2_METADATA_DISABLED="true")
    with throwaway_s3() as address:
        python = PROGRAM.parent / "python"
        subprocess.run([python, "-c", _BUCKETS, address], check=True, timeout=60)
        yield address
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def bucket(server: str, request: pytest.FixtureRequest) -> Bucket:
    """A place of its own in the bucket for each test."""
    return Bucket.of(f"s3://returns/{request.node.name}?endpoint={server}&region=us-east-1")


@pytest.fixture
def world(tmp_path: Path, settings: Any, bucket: Bucket) -> SharingWorld:
    settings.STORE, settings.TODAY, settings.BUCKET = tmp_path / "store", TODAY, bucket
    return sharing_world()


def _sent(world: SharingWorld, folder: Path, count: int = 7) -> Submission:
    """One good row, and one that comes back."""
    path = folder / f"fires-{count}.csv"
    rows = [f"{place},2025-11,deliberate-primary-fires,{count}" for place in (ASH, BIRCH)]
    path.write_text("\n".join([HEADER, *rows, f"{ASH},2025-11,bad,-1", ""]))
    return world.send("fires", "fire", path)


def _empty_the_folder() -> None:
    shutil.rmtree(site.STORE)
    sources._cube.cache_clear()


def _asked(world: SharingWorld) -> list[tuple[Any, ...]]:
    """The figures that every answer is made of."""
    organisations = world.organisations.values()
    held = held_months(dataset=world.datasets["fires"], organisations=organisations)
    return sorted(sources.cube_of(world.datasets["fires"], held).sum(by=("area", "month")).rows)


def _verified() -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("store", "verify", "--json", stdout=out)
    except SystemExit as ended:
        assert ended.code == 1
    return json.loads(out.getvalue())


def _deleted(sent: Submission) -> None:
    actions.delete_return(actor=console(TODAY), submission=sent, reason="Past its time.", now=NOW)


def test_the_bucket_holds_all_of_a_return_and_another_machine_reads_it(world, tmp_path, bucket):
    sent = _sent(world, tmp_path)
    assert (sent.state, sent.stored, sent.rejected) == (State.STORED, 2, 1)
    own = f"returns/{sent.pk}"
    assert set(bucket.files("")) == {
        f"originals/{sent.file_digest}",
        f"{own}/manifests/{sent.pk}.json",
        f"{own}/faults/{sent.pk}.parquet",
        f"{own}/datasets/fires/month=2025-11/{sent.pk}.parquet",
        f"{own}/cubes/fires/month=2025-11/{sent.pk}.parquet",
    }
    answer = _asked(world)
    original = open_store().original(sent.file_digest).read_bytes()
    assert [row[-1] for row in answer] == [7, 7]
    _empty_the_folder()
    assert _verified() == {"submissions": 1, "files": 4, "problems": []}
    assert _asked(world) == answer
    store = open_store()
    assert store.original(sent.file_digest).read_bytes() == original
    assert (
        store.faults(str(sent.pk))["row"].to_list() == [4, 4] or store.faults(str(sent.pk)).height
    )
    _empty_the_folder()
    assert store.synthetic() is False
    assert len(store.partition_paths("fires", submissions=[str(sent.pk)])) == 1


def test_a_folder_is_moved_to_a_bucket(world, tmp_path, bucket, settings):
    settings.BUCKET = None
    _sent(world, tmp_path)
    waits = world.receive("fires", "fire", _file(tmp_path))
    with pytest.raises(CommandError, match="Set FRANKPLEDGE_STORE"):
        call_command("store", "copy")
    settings.BUCKET = bucket
    out = StringIO()
    call_command("store", "copy", stdout=out)
    assert "Put 2 returns" in out.getvalue()
    _empty_the_folder()
    assert _verified()["problems"] == []
    assert work(actor=console(TODAY), submission=waits, clock=lambda: NOW).state == State.STORED


def test_what_was_changed_in_the_bucket_is_named_and_never_read(world, tmp_path, bucket):
    sent = _sent(world, tmp_path)
    spoiled = tmp_path / "spoiled"
    spoiled.write_bytes(b"not as it was written")
    for key in bucket.files(f"returns/{sent.pk}"):
        whole = tmp_path / "whole"
        whole.write_bytes(b"".join(bucket.pieces(key)))
        bucket.put(spoiled, key)
        (problem,) = _verified()["problems"]
        assert f"{bucket}/{key}" in problem["what"]
        if "/cubes/" in key:
            _empty_the_folder()
            with pytest.raises(StoreUnwritable, match="was changed"):
                _asked(world)
        bucket.put(whole, key)
    (copy,) = open_store().paths("fires", [("2025-11", str(sent.pk))], cube=True)
    copy.write_bytes(b"spoiled here")
    (problem,) = _verified()["problems"]
    assert problem["remedy"].startswith("Delete it from")
    copy.unlink()
    assert _verified()["problems"] == []


def test_a_deletion_empties_the_bucket(world, tmp_path, bucket, django_capture_on_commit_callbacks):
    sent, stays = _sent(world, tmp_path), _sent(world, tmp_path, 9)
    with django_capture_on_commit_callbacks(execute=True):
        _deleted(sent)
    held = bucket.files("")
    assert not [key for key in held if str(sent.pk) in key or sent.file_digest in key]
    assert f"originals/{stays.file_digest}" in held
    assert _verified()["problems"] == []


def test_what_a_crash_left_is_swept_and_what_nobody_here_knows_stays(world, tmp_path, bucket):
    sent = _sent(world, tmp_path)
    _deleted(sent)  # on_commit never runs
    assert any("s3://" in each["what"] for each in _verified()["problems"])
    later = NOW.replace(year=2100)
    assert sweep(open_store(), later).submissions == (str(sent.pk),)
    assert not bucket.files("")
    bucket.put(tmp_path / "fires-7.csv", "returns/of-another-database/manifests/x.json")
    bucket.put(tmp_path / "fires-7.csv", f"originals/{sent.file_digest}")
    sweep(open_store(), later)
    assert len(bucket.files("")) == 2


def test_a_bucket_that_keeps_versions_proves_no_deletion(world, tmp_path, settings, server):
    settings.BUCKET = Bucket.of(f"s3://versioned?endpoint={server}")
    sent = _sent(world, tmp_path)
    with pytest.raises(UnableToDelete, match="keeps older versions"):
        _deleted(sent)
    assert Submission.objects.get(pk=sent.pk).state == State.STORED
    assert "keeps older versions" in keeping.verify().problems[0].what


def test_without_the_bucket_each_says_so_and_nothing_is_half_there(
    world, tmp_path, settings, server, bucket
):
    sent = _sent(world, tmp_path)
    nowhere = Bucket.of(f"s3://missing?endpoint={server}")
    silent = Bucket.of("s3://returns?endpoint=http://127.0.0.1:1")
    before = bucket.files("")
    for broken, why in ((nowhere, "does not exist"), (silent, "does not answer")):
        settings.BUCKET = broken
        with pytest.raises(StoreUnwritable, match=f"{why}.*What was stored before is safe"):
            _sent(world, tmp_path, 8)
        with pytest.raises(UnableToDelete, match=why):
            _deleted(sent)
        _empty_the_folder()
    assert not Submission.objects.exclude(pk=sent.pk).exists()
    page = Client(raise_request_exception=False)
    page.force_login(world.users["fire_sender"], BACKEND)
    said = page.get(reverse("submission", args=[sent.pk]))
    assert said.status_code == 503
    assert b"returns does not answer" in said.content
    settings.BUCKET = bucket
    assert bucket.files("") == before
    assert page.get(reverse("submission", args=[sent.pk])).status_code == 200


def test_a_bucket_lost_during_an_import_leaves_the_file_waiting(
    world, tmp_path, settings, bucket, server
):
    sent = world.receive("fires", "fire", _file(tmp_path))
    settings.BUCKET = Bucket.of("s3://returns?endpoint=http://127.0.0.1:1")
    with pytest.raises(StoreUnwritable):
        work(actor=console(TODAY), submission=sent, clock=lambda: NOW)
    waits = Submission.objects.get(pk=sent.pk)
    assert waits.state == State.WAITING
    assert "does not answer" in waits.progress_text
    settings.BUCKET = bucket
    done = work(actor=console(TODAY), submission=waits, clock=lambda: NOW)
    assert (done.state, open_store().damage(str(done.pk))) == (State.STORED, ())


def _file(folder: Path) -> Path:
    path = folder / "fires.csv"
    path.write_text(f"{HEADER}\n{ASH},2025-11,deliberate-primary-fires,7\n")
    return path


def test_keys_that_may_not_are_named(world, tmp_path, bucket, server):
    def after(count: str) -> None:
        plain = {"Content-Type": "text/plain"}
        asked = urllib.request.Request(f"{server}/moto-api/reset-auth", count.encode(), plain)
        urllib.request.urlopen(asked, timeout=5).close()

    after("0")
    try:
        with pytest.raises(StoreUnwritable, match="may not be used with these keys"):
            bucket.put(_file(tmp_path), "originals/x")
    finally:
        after("1000000")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("s3://key:secret@returns", "keys belong in AWS_ACCESS_KEY_ID"),
        ("s3://returns?access_key=x", "keys belong in AWS_ACCESS_KEY_ID"),
        ("https://returns", "write s3://bucket"),
        ("s3:///prefix", "write s3://bucket"),
        ("s3://returns?endpoint=host:9000", "write the endpoint as https://"),
    ],
)
def test_an_address_that_cannot_be_used_stops_the_start(value, why):
    with pytest.raises(WrongSetting, match=why):
        read({"FRANKPLEDGE_STORE": value})


def test_production_sends_nothing_unencrypted():
    safe = {
        "FRANKPLEDGE_MODE": "production",
        "FRANKPLEDGE_SECRET_KEY": "k" * 50,
        "FRANKPLEDGE_HTTPS": "1",
    }
    with pytest.raises(WrongSetting, match="unencrypted"):
        read(safe | {"FRANKPLEDGE_STORE": "s3://returns?endpoint=http://minio:9000"})
    found = read(safe | {"FRANKPLEDGE_STORE": "s3://returns/kent?endpoint=https://minio:9000"})
    assert str(found["FRANKPLEDGE_STORE"]) == "s3://returns/kent"


# Killed between any two steps

_WORLD = """
import django; django.setup()
from tests.sharing_world import sharing_world
sharing_world()
"""
# Each import is a child of one loaded process. The instant is the number of files that are in the
# bucket when the child dies; between commit and end it dies once more.
_KILLED = """
import io, os, signal, sys, django
django.setup()
from importlib import import_module
from django.core.management import call_command
from django.db import connections
from frankpledge.sharing.actions import importing
from frankpledge.sharing.store import Bucket
import_module("frankpledge.sharing.management.commands.import")
connections.close_all()

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def send(path, instant):
    put, done = Bucket.put, [0]
    def counted(self, source, key):
        if done[0] >= instant:
            die()
        put(self, source, key)
        done[0] += 1
    if instant is not None:
        Bucket.put, importing.sweep = counted, die
    try:
        call_command("import", "fires", path, "--from", "fire", stdout=io.StringIO())
    except SystemExit as ended:
        return ended.code
    return 0

def state():
    from django.conf import settings
    from frankpledge.sharing.models import Submission
    from frankpledge.sharing.opening import open_store
    from frankpledge.sharing.queries import keeping
    stored = [str(each.pk) for each in Submission.objects.filter(state="stored")]
    held = settings.BUCKET.files("")
    named = [key.split("/")[1] for key in held if "/manifests/" in key]
    print(len(stored), sorted(set(stored) - set(named)), len(set(named) - set(stored)),
        len(keeping.verify().problems), flush=True)
    return 0

def child(task, *given):
    pid = os.fork()
    if pid == 0:
        os._exit(task(*given))
    return os.waitpid(pid, 0)[1]

files = sys.argv[1:]
died = [child(send, path, instant) for instant, path in enumerate(files)]
print(sum(status == signal.SIGKILL for status in died), flush=True)
child(state)
print([os.waitstatus_to_exitcode(child(send, path, None)) for path in files], flush=True)
child(state)
"""


def test_a_kill_between_any_two_steps_leaves_a_return_whole_or_absent(tmp_path, migrated, server):
    home = tmp_path / "home"
    migrated(home)
    given = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {
        "DJANGO_SETTINGS_MODULE": "frankpledge.config.settings",
        "FRANKPLEDGE_HOME": str(home),
        "FRANKPLEDGE_STORE": f"s3://killed?endpoint={server}",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "POLARS_MAX_THREADS": "1",
    }

    def python(code: str, *arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=given,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.splitlines()

    python(_WORLD)
    files = []
    for number in range(6):  # four files and the original, and all five with the commit
        path = tmp_path / f"fires-{number}.csv"
        path.write_text(f"{HEADER}\n{ASH},2025-11,deliberate-primary-fires,{number}\n")
        files.append(str(path))
    killed, after, again, last = python(_KILLED, *files)
    assert killed == "6"
    assert after == "1 [] 0 0"
    assert again == "[0, 0, 0, 0, 0, 0]"
    assert last == "6 [] 0 0"
