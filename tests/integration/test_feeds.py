"""Files fetched on a schedule, over real sockets, from servers that answer as the real ones do."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from frankpledge.core.models import Area, AreaKind
from frankpledge.sharing.actions import feeds
from frankpledge.sharing.duties import machines_to_mend
from frankpledge.sharing.enums import Arrival, FeedKind, RunState, SubmissionState
from frankpledge.sharing.models import Feed, FeedRun, Signature, Submission
from frankpledge.sharing.rules.feeds import check_feed, next_run
from frankpledge.sharing.working import working_on
from tests.file_servers import WebServer, certificate_for, sftp_server
from tests.integration.conftest import BACKEND
from tests.integration.test_api import GOOD, imported
from tests.sharing_world import TODAY, SharingWorld, sharing_world

OTHER = GOOD.replace(b",7\n", b",8\n")


@pytest.fixture
def world(db: Any, tmp_path: Path, settings: Any) -> SharingWorld:
    settings.STORE, settings.TODAY = tmp_path / "store", TODAY
    settings.DEBUG, settings.PRIVATE_HOSTS = True, ["127.0.0.1"]
    settings.FEED_FOLDER = tmp_path / "watched"
    (tmp_path / "watched" / "fire").mkdir(parents=True)
    return sharing_world()


@pytest.fixture
def web() -> Iterator[WebServer]:
    made = WebServer()
    yield made
    made.close()


class Now:
    def __init__(self) -> None:
        self.moment = timezone.now()

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, **much: int) -> None:
        self.moment += timedelta(**much)


def feed_of(
    world: SharingWorld, kind: str, address: str, *, dataset: str = "fires", **rest: Any
) -> Feed:
    return feeds.add_feed(
        actor=world.actor("leader"),
        once=uuid4(),
        now=timezone.now(),
        name=f"Feed {kind}",
        organisation=world.organisations["police" if dataset in {"street", "abuse"} else "fire"],
        dataset=world.datasets.get(dataset),
        kind=kind,
        address=address,
        rhythm="daily",
        secret_name=rest.get("secret_name", ""),
        host_key=rest.get("host_key", ""),
    )


def run(feed: Feed, now: Now | None = None) -> FeedRun:
    """Run as if it were due, and import what came."""
    clock = now or Now()
    Feed.objects.filter(pk=feed.pk).update(next_run_at=clock())
    ended = feeds.run_feed(
        key=feed.pk, today=TODAY, clock=clock, start=lambda sent: imported(sent.pk)
    )
    assert ended is not None
    return ended


def settled(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 120))


def test_a_file_is_fetched_once_and_asked_for_with_a_condition(world: SharingWorld, web: WebServer):
    web.files["/out/fires.csv"] = GOOD
    feed = feed_of(world, FeedKind.HTTPS, f"{web.url}/out/fires.csv")
    first = run(feed)
    assert (first.state, first.said) == (RunState.FETCHED, "fires.csv came.")
    sent = Submission.objects.get()
    assert (sent.state, sent.stored, sent.arrived) == (SubmissionState.STORED, 4, Arrival.FEED)
    assert run(feed).state == RunState.NOTHING_NEW
    web.files["/out/fires.csv"] = OTHER
    assert run(feed).state == RunState.FETCHED
    assert [status for _, status in web.asked] == [200, 304, 200]
    assert Submission.objects.count() == 2
    assert world.actor("leader") and "Machine" not in Submission.objects.first().file_name


def test_what_goes_wrong_is_said_tried_again_later_and_nothing_is_half(
    world: SharingWorld, web: WebServer, settings: Any
):
    address, now = "/out/fires.csv", Now()
    web.files[address] = GOOD
    feed = feed_of(world, FeedKind.HTTPS, f"{web.url}{address}")
    web.cut.add(address)
    waits = []
    for tried in range(1, 7):
        ended = run(feed, now)
        assert (ended.state, ended.tried) == (RunState.FAILED, tried), ended.said
        assert "tried again" in ended.said
        feed.refresh_from_db()
        waits.append(feed.next_run_at - now())
    assert waits == sorted(waits) and waits[0] < timedelta(minutes=6) < waits[-1]
    web.cut.clear()
    for status, said in ((404, "not there"), (401, "secret"), (500, "answered 500")):
        web.broken[address] = status
        assert said in run(feed, now).said
    web.broken.clear()
    web.moved[address] = f"{web.url}/elsewhere"
    assert "moved" in run(feed, now).said
    web.moved.clear()
    settings.PRIVATE_HOSTS = []
    assert "private network" in run(feed, now).said
    settings.PRIVATE_HOSTS, settings.DEBUG = ["127.0.0.1"], False
    assert "https" in run(feed, now).said
    settings.DEBUG, settings.UPLOAD_LIMIT = True, 100
    assert "larger than" in run(feed, now).said
    assert Submission.objects.count() == 0
    assert not list((settings.STORE / "incoming").glob("*"))
    settings.UPLOAD_LIMIT = 10**6
    assert run(feed, now).state == RunState.FETCHED
    assert Submission.objects.get().stored == 4


def test_a_secret_comes_from_the_environment(
    world: SharingWorld, web: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    web.files["/a.csv"] = GOOD
    feed = feed_of(world, FeedKind.HTTPS, f"{web.url}/a.csv", secret_name="FIRE_WEB")
    assert "FRANKPLEDGE_FEED_SECRET_FIRE_WEB is empty" in run(feed).said
    monkeypatch.setenv("FRANKPLEDGE_FEED_SECRET_FIRE_WEB", "user:word")
    assert run(feed).state == RunState.FETCHED
    (tmp_path / "secret").write_text("token\n")
    monkeypatch.setenv("FRANKPLEDGE_FEED_SECRET_FIRE_WEB", f"file:{tmp_path / 'secret'}")
    run(feed)
    assert [each.get("Authorization") for each in web.headers] == [
        "Basic dXNlcjp3b3Jk",
        "Bearer token",
    ]


def test_a_watched_folder_gives_what_is_new_and_settled(
    world: SharingWorld, tmp_path: Path, settings: Any
):
    folder = tmp_path / "watched/fire"
    settled(folder / "a.csv", GOOD)
    settled(folder / ".hidden.csv", OTHER)
    settled(folder / "b.csv.part", OTHER)
    (folder / "being-written.csv").write_bytes(OTHER)
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    feed = feed_of(world, FeedKind.FOLDER, "fire")
    assert run(feed).said == "a.csv came."
    assert run(feed).state == RunState.NOTHING_NEW
    settled(folder / "being-written.csv", OTHER)
    assert run(feed).said == "being-written.csv came."
    for outside in ("..", "/etc", "fire/../.."):
        Feed.objects.filter(pk=feed.pk).update(address=outside)
        assert "outside" in run(feed).said
    settings.FEED_FOLDER = None
    assert "FRANKPLEDGE_FEED_FOLDER" in run(feed).said


def test_a_file_exchanged_for_a_link_while_others_are_read_is_not_followed(
    world: SharingWorld, tmp_path: Path, settings: Any
):
    folder, elsewhere = tmp_path / "watched/fire", tmp_path / "elsewhere.csv"
    elsewhere.write_bytes(b"Nightjar\n")
    settled(folder / "a.csv", GOOD)
    settled(folder / "b.csv", OTHER)
    feed = feed_of(world, FeedKind.FOLDER, "fire")

    def exchange(sent: Submission) -> None:
        (folder / "b.csv").unlink()
        (folder / "b.csv").symlink_to(elsewhere)

    Feed.objects.filter(pk=feed.pk).update(next_run_at=timezone.now())
    ended = feeds.run_feed(key=feed.pk, today=TODAY, clock=timezone.now, start=exchange)
    assert ended is not None and "b.csv cannot be opened" in ended.said
    kept = (tmp_path / "store/originals").iterdir()
    assert not any(b"Nightjar" in each.read_bytes() for each in kept)


def test_new_files_of_an_sftp_server_are_fetched_and_its_key_is_pinned(
    world: SharingWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
):
    monkeypatch.setenv("FRANKPLEDGE_FEED_SECRET_FIRE_SFTP", "open sesame")
    there = tmp_path / "server/out"
    there.mkdir(parents=True)
    settled(there / "a.csv", GOOD)
    with sftp_server(tmp_path / "server") as (host, line):
        feed = feed_of(
            world,
            FeedKind.SFTP,
            f"sftp://county@{host}/out",
            secret_name="FIRE_SFTP",
            host_key=line,
        )
        assert run(feed).said == "a.csv came."
        assert run(feed).state == RunState.NOTHING_NEW
        settled(there / "b.csv", OTHER)
        assert run(feed).said == "b.csv came."
        with (there / "c.csv").open("wb") as huge:
            huge.truncate(settings.UPLOAD_LIMIT + 1)
        settled_at = timezone.now().timestamp() - 120
        os.utime(there / "c.csv", (settled_at, settled_at))
        with monkeypatch.context() as watched:
            watched.setattr("paramiko.SFTPFile.prefetch", _never)
            assert "larger than what is taken" in run(feed).said
        (there / "c.csv").unlink()
        other = line[:-20] + ("A" * 19) + line[-1]
        for changed, said in (
            ({"host_key": other}, "host key"),
            ({"host_key": ""}, "host key is missing"),
            ({"address": f"sftp://nobody@{host}/out", "host_key": line}, "refused"),
            ({"address": f"sftp://county@{host}/none"}, "not there"),
        ):
            Feed.objects.filter(pk=feed.pk).update(**changed)
            assert said in run(feed).said
        settings.PRIVATE_HOSTS = []
        assert "private network" in run(feed).said
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    assert "could not be reached" in run(feed).said
    assert {sent.stored for sent in Submission.objects.all()} == {4}


def _never(*args: Any) -> None:
    raise AssertionError("asked ahead")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_sftp_takes_an_openssh_key_and_says_which_way_it_fails(
    world: SharingWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
):
    def secret_of(made: Any) -> str:
        return made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()

    makers = {
        "ed25519": Ed25519PrivateKey.generate,
        "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
    }
    text, stranger = secret_of(makers[kind]()), secret_of(makers[kind]())
    settled(tmp_path / "a.csv", GOOD)
    with sftp_server(tmp_path, paramiko.PKey.from_path(_kept(tmp_path / "key", text))) as (
        host,
        line,
    ):
        address = f"sftp://county@{host}/"
        feed = feed_of(world, FeedKind.SFTP, address, secret_name="FIRE_SFTP", host_key=line)
        for secret, said in (
            (stranger, "The password or key was refused"),
            (text[:120] + "\n-----END OPENSSH PRIVATE KEY-----", "cannot be read"),
            (text, "a.csv came."),
        ):
            monkeypatch.setenv("FRANKPLEDGE_FEED_SECRET_FIRE_SFTP", secret)
            assert said in run(feed).said


def _kept(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("name", "trusted", "said"),
    [
        ("localhost", True, "a.csv came."),
        ("localhost", False, "certificate"),
        ("elsewhere.example", True, "certificate"),
    ],
)
def test_a_certificate_is_for_the_name_that_was_typed_and_from_one_who_is_trusted(
    world: SharingWorld,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    name: str,
    trusted: bool,
    said: str,
):
    settings.PRIVATE_HOSTS = ["localhost"]
    certificate = certificate_for(name, tmp_path)
    if trusted:
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    server = WebServer(certificate)
    server.files["/a.csv"] = GOOD
    try:
        assert said in run(feed_of(world, FeedKind.HTTPS, f"{server.url}/a.csv")).said
    finally:
        server.close()


# The official sources


@pytest.mark.data
def test_the_police_archive_is_taken_from_month_by_month(
    world: SharingWorld, web: WebServer, data_dir: Path, tmp_path: Path
):
    """The archive of every force as it is published; only one force's new months are taken."""
    real = zipfile.ZipFile(data_dir / "police/kent-street-2025.zip")
    names = sorted(real.namelist())

    def archive(months: int) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
            for name in names[:months]:
                lines = real.read(name).splitlines(keepends=True)[:200]
                out.writestr(name, b"".join(lines))
                out.writestr(name.replace("-kent-", "-kent-north-"), b"other force")
                out.writestr(name.replace("-street", "-outcomes"), b"other kind")
        return made.getvalue()

    web.files["/api/crime-last-updated"] = b'{"date": "2025-02-01"}'
    web.moved["/data/archive/2025-02.zip"] = f"{web.url}/stored/2025-02.zip"
    web.files["/stored/2025-02.zip"] = archive(2)
    feed = feed_of(world, FeedKind.POLICE, f"{web.url}/#kent", dataset="street")
    ended = run(feed)
    assert ended.said == "kent-street-2025-02.zip came."
    first = Submission.objects.get()
    assert first.received == 398
    assert sorted(f"{each.month:%Y-%m}" for each in first.months.all()) == ["2025-01", "2025-02"]
    asked = len(web.asked)
    assert run(feed).state == RunState.NOTHING_NEW
    assert [path for path, _ in web.asked[asked:]] == ["/api/crime-last-updated"]
    web.files["/api/crime-last-updated"] = b'{"date": "2025-03-01"}'
    web.files["/data/archive/2025-03.zip"] = archive(3)
    run(feed)
    newer = Submission.objects.exclude(pk=first.pk).get()
    assert [f"{each.month:%Y-%m}" for each in newer.months.all()] == ["2025-03"]
    web.files["/api/crime-last-updated"] = b'{"date": "2025-04-01"}' + b" " * 20_000
    assert "longer than what is taken" in run(feed).said
    web.files["/api/crime-last-updated"] = b'{"date": "2025-03-01"}'
    Feed.objects.filter(pk=feed.pk).update(address=f"{web.url}/#surrey", remembered={})
    assert "no file surrey-street.csv" in run(feed).said


@pytest.mark.data
def test_official_geography_goes_to_the_loader_of_areas(
    world: SharingWorld, web: WebServer, data_dir: Path
):
    geo = data_dir / "geo"
    features = json.loads((geo / "kent_medway_lad2024.geojson").read_text())["features"]

    def layer(asked: str) -> bytes:
        start = int(parse_qs(urlsplit(asked).query)["resultOffset"][0])
        found = features[start : start + 5]
        more = start + 5 < len(features)
        return json.dumps(
            {"type": "FeatureCollection", "features": found, "exceededTransferLimit": more}
        ).encode()

    web.answers["/LAD/FeatureServer/0/query"] = layer
    before = Area.objects.filter(kind=AreaKind.DISTRICT).count()
    boundaries = feed_of(world, FeedKind.ONS, f"{web.url}/LAD/FeatureServer/0", dataset="")
    ended = run(boundaries)
    assert ended.state == RunState.FETCHED, ended.said
    added = Area.objects.filter(kind=AreaKind.DISTRICT).count() - before
    assert added == sum('"E07' in json.dumps(each["properties"]) for each in features) > 5
    web.files["/lookup.csv"] = geo / "lookup_lsoa21_ward24_ltla24.csv"
    lookup = feed_of(world, FeedKind.ONS, f"{web.url}/lookup.csv#Dover", dataset="")
    assert run(lookup).state == RunState.FETCHED
    parts = Area.objects.filter(kind=AreaKind.LSOA, vintage=2021)
    assert parts.filter(name__startswith="Dover").count() > 60
    residents = data_dir / "population/census2021_usual_residents_lsoa21.csv"
    web.files["/residents.csv"] = residents
    run(feed_of(world, FeedKind.ONS, f"{web.url}/residents.csv#Dover", dataset=""))
    assert parts.filter(name__startswith="Dover", residents__gt=0).count() > 60
    assert run(lookup).state == RunState.NOTHING_NEW
    web.files["/lookup.csv"] = b"a,b\n1,2\n"
    wrong = run(lookup)
    assert wrong.state == RunState.FAILED and wrong.said


# Agreements, schedule, faults


def test_without_a_signature_power_based_data_is_not_even_asked_for(
    world: SharingWorld, web: WebServer
):
    web.files["/a.csv"] = GOOD
    power = feed_of(world, FeedKind.HTTPS, f"{web.url}/a.csv", dataset="visits")
    duty = feed_of(world, FeedKind.HTTPS, f"{web.url}/a.csv")
    Signature.objects.filter(organisation=world.organisations["fire"]).update(revoked_on=TODAY)
    ended = run(power)
    assert ended.state == RunState.FAILED and "clause 4.2" in ended.said
    assert web.asked == [] and Submission.objects.count() == 0
    assert run(duty).state == RunState.FETCHED
    assert Submission.objects.get().warnings[0]["rule"] == "agreement"


def test_a_tick_runs_what_is_due_once_and_marks_what_was_killed(
    world: SharingWorld, web: WebServer, settings: Any
):
    web.files["/a.csv"] = GOOD
    feed = feed_of(world, FeedKind.HTTPS, f"{web.url}/a.csv")
    killed = FeedRun.objects.create(feed=feed, started_at=timezone.now())
    with working_on(settings.STORE, "tick"):
        said = StringIO()
        call_command("tick", stdout=said)
        assert "Another tick" in said.getvalue()
    with working_on(settings.STORE, feeds.lock_of(feed.pk)):
        call_command("tick", stdout=StringIO())  # another process runs the feed
    assert web.asked == [] and FeedRun.objects.get().state == RunState.RUNNING
    call_command("tick", stdout=StringIO())
    killed.refresh_from_db()
    assert killed.state == RunState.FAILED and "stopped before its end" in killed.said
    Feed.objects.update(next_run_at=timezone.now())
    call_command("tick", stdout=StringIO())
    call_command("tick", stdout=StringIO())
    assert [status for _, status in web.asked] == [200]
    feed.refresh_from_db()
    assert feed.next_run_at > timezone.now() + timedelta(hours=23)
    assert FeedRun.objects.count() == 2
    feeds.switch(actor=world.actor("leader"), feed=feed, on=False, now=timezone.now())
    call_command("tick", stdout=StringIO())
    assert FeedRun.objects.count() == 2


def test_a_feed_that_fails_or_stops_is_a_duty(world: SharingWorld, web: WebServer):
    leader = world.actor("leader")
    feed = feed_of(world, FeedKind.HTTPS, f"{web.url}/none.csv")
    assert list(machines_to_mend(leader, TODAY)) == []
    run(feed)
    (owed,) = machines_to_mend(leader, TODAY)
    assert "Mend the feed" in owed.what and "not there" in owed.reason
    assert list(machines_to_mend(world.actor("sender"), TODAY)) == []
    web.files["/none.csv"] = GOOD
    run(feed)
    assert list(machines_to_mend(leader, TODAY)) == []
    Feed.objects.update(next_run_at=timezone.now() - timedelta(days=2))
    (owed,) = machines_to_mend(leader, TODAY)
    assert "Nothing has run it" in owed.reason


def test_waits_grow_with_each_failure():
    now = timezone.now()
    waits = [
        next_run(kind="https", rhythm="weekly", failures=n, now=now) - now for n in range(1, 8)
    ]
    assert waits == sorted(waits) and waits[-1] == timedelta(days=1)
    usual = next_run(kind="https", rhythm="weekly", failures=0, now=now) - now
    assert usual == timedelta(days=7)


# Pages


def typed(world: SharingWorld, **rest: Any) -> dict[str, Any]:
    return {
        "name": "Nightly fires",
        "organisation": world.organisations["fire"].pk,
        "dataset": world.datasets["fires"].pk,
        "kind": "https",
        "address": "https://files.example/fires.csv",
        "rhythm": "daily",
        "secret_name": "",
        "host_key": "",
        "once": uuid4(),
        **rest,
    }


def test_the_county_team_adds_changes_switches_and_runs_a_feed(world: SharingWorld):
    browser = Client()
    browser.force_login(world.users["leader"], BACKEND)
    given = typed(world)
    assert browser.post(reverse("feed-new"), given).status_code == 302
    assert "added already" in browser.post(reverse("feed-new"), given).content.decode()
    feed = Feed.objects.get()
    edit = reverse("feed-edit", args=[feed.pk])
    form = browser.get(edit).context["form"]
    mark = form["seen"].value()
    changed = typed(world, name="Weekly fires", rhythm="weekly", seen=mark)
    assert browser.post(edit, changed).status_code == 302
    stale = browser.post(edit, typed(world, name="Third", seen=mark)).content.decode()
    assert "Somebody else changed" in stale
    feed.refresh_from_db()
    assert (feed.name, feed.rhythm) == ("Weekly fires", "weekly")
    for name in ("feed-run", "feed-switch", "feed-run"):
        assert browser.post(reverse(name, args=[feed.pk])).status_code == 302
    feed.refresh_from_db()
    assert not feed.on
    page = browser.get(reverse("feed", args=[feed.pk])).content.decode()
    assert "Switch it on" in page and "Weekly fires" in page
    assert "Switched off" in browser.get(reverse("feed-list")).content.decode()


def test_others_add_none_and_see_only_their_own(world: SharingWorld):
    feed = feed_of(world, FeedKind.HTTPS, "https://files.example/fires.csv")
    for who, seen in (("fire_sender", 200), ("sender", 404), ("stranger", 404)):
        browser = Client()
        browser.force_login(world.users[who], BACKEND)
        assert browser.get(reverse("feed-new")).status_code == 403
        assert browser.get(reverse("feed", args=[feed.pk])).status_code == seen
        refused = browser.post(reverse("feed-switch", args=[feed.pk])).status_code
        assert refused == (403 if seen == 200 else 404)
        assert ("Feed https" in browser.get(reverse("feed-list")).content.decode()) == (seen == 200)


def test_what_is_typed_wrong_is_said_at_its_field():
    given = {"secret_name": "", "host_key": "", "has_dataset": True, "plain": False}
    for kind, more, field in (
        ("https", {"address": "http://a.example/x"}, "address"),
        ("https", {"address": "https://u:p@a.example/x"}, "address"),
        ("https", {"address": "https://a.example", "has_dataset": False}, "dataset"),
        ("ons", {"address": "https://a.example"}, "dataset"),
        ("sftp", {"address": "https://a.example"}, "address"),
        ("sftp", {"address": "sftp://u:p@a.example/x"}, "address"),
        ("sftp", {"address": "sftp://u@a.example/x"}, "host_key"),
        ("sftp", {"address": "sftp://u@a.example/x", "host_key": "k"}, "secret_name"),
        ("folder", {"address": "in", "secret_name": "lower"}, "secret_name"),
        ("folder", {"address": "in"}, ""),
    ):
        assert check_feed(**{**given, "kind": kind, **more})[0] == field, (kind, more)


def test_a_secret_is_a_setting_by_any_name_and_others_are_refused():
    code = "import frankpledge.config.environment as e, os; e.read(os.environ)"
    for name, ended in (("FRANKPLEDGE_FEED_SECRET_FIRE", 0), ("FRANKPLEDGE_FEED_FOLDERS", 1)):
        made = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": "src", name: "x"},
            capture_output=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert made.returncode == ended
