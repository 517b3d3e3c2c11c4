import hashlib
import json
import resource
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from frankpledge.contracts import Cancelled, Limits, Unreadable, shipped
from frankpledge.sharing.store import Prepared, Store, StoreMixing, StoreUnwritable, prepare
from tests.street_files import csv_of, row, zip_named, zip_of

STREET = shipped()["police-street"]
NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
JANUARY = csv_of(row(1), row(2, Crime_type="Murder"), row(3, LSOA_code=""))
FEBRUARY = csv_of(row(4, Month="2025-02"))
ARCHIVE = zip_of(m2025_01=JANUARY, m2025_02=FEBRUARY)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def send(
    store: Store, raw: bytes = ARCHIVE, *, submission: str = "s1", name: str = "a.zip", **given
) -> Prepared:
    wanted = {"dataset": "police-street", "organisation": "barset-police", "synthetic": False}
    return prepare(
        store,
        original=store.keep([raw], name=name),
        submission=submission,
        contract=STREET,
        now=NOW,
        **(wanted | given),
    )


def files(store: Store) -> set[str]:
    return {
        path.relative_to(store.root).as_posix()
        for path in store.root.rglob("*")
        if path.is_file() and path.name != "lock"
    }


def test_an_original_is_kept_byte_for_byte_and_once(store, tmp_path):
    sent = tmp_path / "a.zip"
    sent.write_bytes(ARCHIVE)
    first, again = store.keep(sent, name="a.zip"), store.keep([ARCHIVE], name="b.zip")
    assert first.digest == again.digest == hashlib.sha256(ARCHIVE).hexdigest()
    assert store.original(first.digest).read_bytes() == ARCHIVE
    assert files(store) == {f"originals/{first.digest}"}


def test_a_folder_is_kept_as_a_zip_of_the_same_bytes(store, tmp_path):
    folder = tmp_path / "police"
    (folder / "2025-01").mkdir(parents=True)
    (folder / "2025-01" / "2025-01-barset-street.csv").write_bytes(JANUARY)
    (folder / "link").symlink_to("/etc/passwd")
    kept = store.keep(folder, name="police")
    assert kept.name == "police.zip"
    assert store.keep(folder, name="police").digest == kept.digest
    assert JANUARY in store.original(kept.digest).read_bytes()
    prepared = prepare(
        store, original=kept, submission="s1", dataset="police-street", organisation="o",
        contract=STREET, synthetic=False, now=NOW,
    )  # fmt: skip
    assert prepared.received == 3


def test_what_is_too_large_is_refused_and_leaves_nothing(store, tmp_path):
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as opened:
        opened.truncate(2 * 1024**3)
    with pytest.raises(Unreadable, match="larger than"):
        store.keep(huge, name="huge.csv")
    with pytest.raises(Unreadable, match="larger than"):
        store.keep(iter([b"x" * 60, b"x" * 60]), name="a.csv", limits=Limits(packed=100))
    assert files(store) == set()


def test_a_submission_is_files_by_month_with_a_manifest(store):
    prepared = send(store)
    assert (prepared.received, prepared.stored, prepared.rejected) == (4, 3, 1)
    assert [(m.month, m.received, m.stored, m.rejected) for m in prepared.months] == [
        ("2025-01", 3, 2, 1),
        ("2025-02", 1, 1, 0),
    ]
    assert files(store) == {
        f"originals/{prepared.digest}",
        "manifests/s1.json",
        "faults/s1.parquet",
        *(
            f"{kind}/police-street/month={month}/s1.parquet"
            for kind in ("datasets", "cubes")
            for month in ("2025-01", "2025-02")
        ),
    }
    manifest = store.manifest("s1")
    assert manifest["created"] == NOW.isoformat()
    assert manifest["contract"] == "police-street" and manifest["contract_version"] == "1.0.0"
    assert manifest["file"]["sha256"] == prepared.digest
    assert [each["name"][:7] for each in manifest["members"]] == ["2025-01", "2025-02"]
    assert {each["path"] for each in manifest["files"]} == {
        each for each in files(store) if each.endswith(".parquet")
    }
    assert store.damage("s1") == ()


def test_rows_cubes_and_faults_are_read_back(store):
    send(store)
    rows = pl.read_parquet(store.partition_paths("police-street", submissions=["s1"]))
    assert rows.height == 3 and rows.schema == pl.Schema(STREET.schema)
    (cube,) = store.partition_paths(
        "police-street", submissions=["s1"], months=["2025-01"], cube=True
    )
    assert pl.read_parquet(cube).rows() == [
        ("", "2025-01", "Vehicle crime", 1),
        ("E01000001", "2025-01", "Vehicle crime", 1),
    ]
    assert store.faults("s1")["row"].to_list() == [3]
    chosen = [("2025-02", "s1"), ("2025-03", "s1")]
    assert [path.parent.name for path in store.paths("police-street", chosen)] == ["month=2025-02"]
    assert store.partition_paths("police-street", submissions=["other"]) == []


def test_the_cube_is_what_the_analysis_makes_of_the_rows(store):
    from frankpledge.analysis import cubes, engine

    send(store)
    backend = engine.connect()
    rows = engine.read_parquet(backend, store.partition_paths("police-street", submissions=["s1"]))
    wanted = backend.to_pyarrow(cubes.monthly_cube(rows, area="lsoa_code", category="crime_type"))
    made = pl.read_parquet(store.partition_paths("police-street", submissions=["s1"], cube=True))
    keys = ["area", "month", "category"]
    assert made.sort(keys).equals(pl.DataFrame(pl.from_arrow(wanted)).sort(keys))


def test_files_of_one_month_that_do_not_lie_together_are_one_month(store):
    def of(month: str, number: int) -> bytes:
        return csv_of(row(number, Month=month))

    raw = zip_named(
        {
            "east/2025-01-east-street.csv": of("2025-01", 1),
            "east/2025-02-east-street.csv": of("2025-02", 2),
            "west/2025-01-west-street.csv": of("2025-01", 3),
        }
    )
    prepared = send(store, raw)
    assert [(m.month, m.stored) for m in prepared.months] == [("2025-01", 2), ("2025-02", 1)]
    (january,) = store.paths("police-street", [("2025-01", "s1")], cube=True)
    assert pl.read_parquet(january)["count"].to_list() == [2]
    assert store.damage("s1") == ()


def test_a_single_file_may_hold_several_months_and_rows_of_none(store):
    raw = csv_of(row(1), row(2, Month="2025-02"), row(3, Month="soon"))
    prepared = send(store, raw, name="a.csv")
    assert (prepared.received, prepared.stored, prepared.rejected) == (3, 2, 1)
    assert sum(month.received for month in prepared.months) == 2


def test_a_month_without_accepted_rows_has_no_file(store):
    prepared = send(store, csv_of(row(1, Crime_type="Murder")), name="a.csv")
    assert (prepared.stored, prepared.months[0].rejected) == (0, 1)
    assert store.partition_paths("police-street", submissions=["s1"]) == []
    assert store.damage("s1") == ()


def test_damage_is_found(store):
    send(store)
    (january, february) = store.partition_paths("police-street", submissions=["s1"])
    january.write_bytes(january.read_bytes()[:-1])
    february.unlink()
    assert [Path(path).parent.name for path in store.damage("s1")] == [
        "month=2025-01",
        "month=2025-02",
    ]


@pytest.mark.parametrize("synthetic", [False, True])
def test_synthetic_and_real_data_are_never_mixed(store, synthetic):
    assert store.synthetic() is None
    send(store, synthetic=synthetic)
    assert store.synthetic() is synthetic
    before = files(store)
    with pytest.raises(StoreMixing, match="never mixed"):
        send(store, submission="s2", synthetic=not synthetic)
    assert files(store) == before
    send(store, submission="s3", synthetic=synthetic)


def test_the_kind_is_looked_at_again_when_the_manifest_is_written(store):
    def meanwhile(done: int, total: int, label: str) -> None:
        if done == total:
            send(store, submission="other", synthetic=True)

    with pytest.raises(StoreMixing):
        send(store, progress=meanwhile)
    assert not any("s1" in each for each in files(store))


@pytest.mark.parametrize("raw", [b"not a zip", zip_named({"a.csv": b"a,b\n1,2\n"})])
def test_a_refused_file_leaves_only_its_original(store, raw):
    with pytest.raises(Unreadable):
        send(store, raw)
    assert {each.split("/")[0] for each in files(store)} == {"originals"}


def test_a_cancelled_import_leaves_only_its_original(store):
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        send(store, cancelled=lambda: next(answers))
    assert {each.split("/")[0] for each in files(store)} == {"originals"}


def test_a_second_attempt_starts_clean(store):
    send(store)
    send(store, csv_of(row(9, Month="2025-05")), name="a.csv")
    months = store.partition_paths("police-street", submissions=["s1"])
    assert [path.parent.name for path in months] == ["month=2025-05"]


def test_a_sweep_removes_orphans_and_nothing_else(store):
    kept, lost = send(store), send(store, FEBRUARY, submission="s2", name="a.csv")
    (store.root / "incoming" / "half").write_bytes(b"half")
    before = files(store)
    early = datetime.now(UTC) - timedelta(hours=1)
    assert store.sweep(["s1"], [kept.digest], before=early).submissions == ()
    assert files(store) == before
    swept = store.sweep(["s1"], [kept.digest])
    assert (swept.submissions, swept.originals) == (("s2",), (lost.digest,))
    assert files(store) == {each for each in before if "s2" not in each} - {
        f"originals/{lost.digest}",
        "incoming/half",
    }
    assert store.damage("s1") == ()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".", "a b", "x" * 200])
def test_names_that_are_no_file_names_are_refused(store, name):
    with pytest.raises(ValueError, match="cannot be a name"):
        store.manifest_path(name)
    with pytest.raises(ValueError, match="cannot be a name"):
        store.partition(name, "2025-01", "s1")
    with pytest.raises(ValueError, match="not a month"):
        store.partition("d", "../..", "s1")
    with pytest.raises(ValueError, match="digest"):
        store.original("../../etc/passwd")


def test_the_manifest_is_plain_json(store):
    send(store)
    text = store.manifest_path("s1").read_text(encoding="utf-8")
    assert json.loads(text)["warnings"][0]["rule"] == "missing-location"


@contextmanager
def no_file_over(size: int):
    """The system itself refuses to write more, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 200, 1500, 2500])
def test_a_disk_that_takes_no_more_is_said_plainly_and_leaves_nothing(store, size):
    send(store, submission="before", name="before.zip")
    whole = files(store)
    original = store.keep([ARCHIVE + b"\0"], name="a.zip")
    with no_file_over(size), pytest.raises(StoreUnwritable, match="Raise its limit, then try"):
        if size < len(ARCHIVE):
            store.keep([ARCHIVE], name="b.zip")
        prepare(
            store, original=original, submission="s1", dataset="police-street", organisation="o",
            contract=STREET, synthetic=False, now=NOW,
        )  # fmt: skip
    assert files(store) == whole | {f"originals/{original.digest}"}
    assert not store.damage("before")
