"""The real archives: what data/README.md says of them is what the import finds."""

import csv
import io
import random
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from frankpledge.contracts import Checking, Reference, Unreadable, read, shipped
from frankpledge.sharing.store import Store, prepare

pytestmark = pytest.mark.data
STREET = shipped()["police-street"]
ARCHIVES = {
    "2018-10_2019-02": 75_735,
    "2021-03_2022-03": 228_272,
    "2024-01_2024-04": 60_021,
    "2025": 180_022,
}
OUTSIDE = 50, 2_164  # of 2025: rows elsewhere, rows without an area


@pytest.fixture(scope="module")
def lookup(data_dir: Path) -> pl.DataFrame:
    return pl.read_csv(data_dir / "geo" / "lookup_lsoa11_lsoa21_ltla22.csv")


@pytest.fixture(scope="module")
def reference(lookup: pl.DataFrame) -> Reference:
    return Reference(
        vintages={2011: frozenset(lookup["lsoa11_code"]), 2021: frozenset(lookup["lsoa21_code"])},
        extent=(-0.1, 50.8, 1.6, 51.6),
    )


def archive(data_dir: Path, period: str) -> Path:
    return data_dir / "police" / f"kent-street-{period}.zip"


@pytest.fixture(scope="module")
def found(data_dir: Path, reference: Reference) -> dict[str, tuple[Checking, list, tuple]]:
    """Each archive checked once: the check, what came of each file, the warnings."""
    everything = {}
    for period in ARCHIVES:
        checking = Checking(STREET, reference=reference)
        parts = [checking.add(part) for part in read(archive(data_dir, period), STREET)]
        everything[period] = (checking, parts, checking.close())
    return everything


def warnings(found, rule: str) -> dict[str, object]:
    return {
        period: notice
        for period, (_, _, notices) in found.items()
        for notice in notices
        if notice.rule == rule
    }


def test_every_row_is_received_and_none_is_returned(found):
    for period, rows in ARCHIVES.items():
        parts = found[period][1]
        assert sum(part.received for part in parts) == rows
        assert sum(part.stored for part in parts) == rows
        assert sum(part.faults.height for part in parts) == 0  # no sign of a person either


def test_no_force_in_the_country_trips_a_sign_of_a_person(data_dir):
    columns = [field.header for field in STREET.fields]
    rows = pl.read_parquet(
        data_dir / "police" / "all-forces-street-2024-01_2024-04.parquet", columns=columns
    ).with_columns(pl.col("Longitude", "Latitude").cast(pl.String))
    checked = Checking(STREET)
    from frankpledge.contracts import check

    result = check(rows, STREET)
    assert (result.received, result.rejected) == (1_294_582, 0)
    assert checked.close() == ()


def test_vintages_are_those_of_the_files(found):
    for period, (checking, parts, _) in found.items():
        wanted = 2011 if period < "2023" else 2021
        months = {month for part in parts for month in part.months}
        assert {checking.vintage(month) for month in months} == {wanted}
    assert warnings(found, "vintage") == {}


def test_the_incomplete_months_are_named_and_no_other(found):
    told = warnings(found, "incomplete-month")
    assert {period: notice.months for period, notice in told.items()} == {
        "2018-10_2019-02": (("2018-11", 13_818), ("2018-12", 8_438))
    }


def test_identical_rows_and_repeated_ids_are_counted_and_kept(found):
    assert sum(each.count for each in warnings(found, "identical-rows").values()) == 39_626
    repeated = warnings(found, "repeated-id").values()
    assert (sum(each.groups for each in repeated), sum(each.count for each in repeated)) == (16, 32)


def test_missing_and_far_locations_are_told(found):
    assert warnings(found, "missing-location")["2025"].count == OUTSIDE[1]
    assert 0 < warnings(found, "far-away")["2025"].count <= OUTSIDE[0]


def plain_counts(path: Path) -> Counter[tuple[str, str, str]]:
    """Month, area and category counted row by row with nothing but the csv module."""
    counted: Counter[tuple[str, str, str]] = Counter()
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            with packed.open(name) as opened:
                for each in csv.DictReader(io.TextIOWrapper(opened, "utf-8", newline="")):
                    counted[each["LSOA code"], each["Month"], each["Crime type"]] += 1
    return counted


def test_the_whole_import_agrees_with_a_plain_count(data_dir, tmp_path, reference, lookup):
    store, path = Store(tmp_path / "store"), archive(data_dir, "2025")
    prepared = prepare(
        store, original=store.keep(path, name=path.name), submission="year",
        dataset="police-street", organisation="police", contract=STREET, synthetic=False,
        now=datetime(2026, 1, 5, tzinfo=UTC), reference=reference,
    )  # fmt: skip
    assert (prepared.received, prepared.stored, prepared.rejected) == (180_022, 180_022, 0)
    assert store.damage("year") == ()
    assert store.original(prepared.digest).read_bytes() == path.read_bytes()
    cube = pl.read_parquet(store.partition_paths("police-street", submissions=["year"], cube=True))
    counted = plain_counts(path)
    assert {row[:3]: row[3] for row in cube.iter_rows()} == dict(counted)
    district = dict(lookup.select("lsoa21_code", "ltla22_code").iter_rows())
    by_district: Counter[str] = Counter()
    for (area, _, _), count in counted.items():
        by_district[district.get(area, "nowhere")[:9] if area else "none"] += count
    kent = sum(count for code, count in by_district.items() if "E07000105" <= code <= "E07000116")
    assert (kent, by_district["E06000035"], by_district["none"]) == (147_219, 30_589, OUTSIDE[1])
    assert by_district.total() - kent - by_district["E06000035"] - OUTSIDE[1] == OUTSIDE[0]


KINDS = {
    "month": lambda row: row | {"Month": "2025-13"},
    "other month": lambda row: row | {"Month": "2024-01"},
    "category": lambda row: row | {"Crime type": "Vehicel crime"},
    "no category": lambda row: row | {"Crime type": ""},
    "text in coordinate": lambda row: row | {"Longitude": "n/a"},
    "one coordinate": lambda row: row | {"Latitude": ""},
    "swapped": lambda row: row | {"Longitude": row["Latitude"], "Latitude": row["Longitude"]},
    "grid": lambda row: row | {"Longitude": "612345", "Latitude": "156789"},
    "area": lambda row: row | {"LSOA code": row["LSOA code"][:-1]},
    "identifier": lambda row: row | {"Crime ID": row["Crime ID"].upper()[:63]},
    "two at once": lambda row: row | {"Month": "", "Crime type": "x"},
}


def planted(path: Path, target: Path, faults: int) -> set[tuple[str, int]]:
    """A copy of an archive with faults at chosen rows; says which rows of which files."""
    rng = random.Random(1998)
    kinds = [*KINDS.values()]
    where: set[tuple[str, int]] = set()
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(target, "w", 8, compresslevel=1) as out:
        names = packed.namelist()
        for number, name in enumerate(names):
            rows = list(csv.DictReader(io.StringIO(packed.read(name).decode(), newline="")))
            able = [at for at, row in enumerate(rows) if row["LSOA code"] and row["Crime ID"]]
            share = faults // len(names) + (number < faults % len(names))
            for at in rng.sample(able, share):
                rows[at] = kinds[len(where) % len(kinds)](rows[at])
                where.add((name, at + 2))
            text = io.StringIO()
            writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            out.writestr(name, text.getvalue())
    return where


def test_five_hundred_planted_faults_come_back_and_no_other_row(data_dir, tmp_path, reference):
    copy = tmp_path / "kent-street-2025.zip"
    where = planted(archive(data_dir, "2025"), copy, 500)
    store = Store(tmp_path / "store")
    prepared = prepare(
        store, original=store.keep(copy, name=copy.name), submission="year",
        dataset="police-street", organisation="police", contract=STREET, synthetic=False,
        now=datetime(2026, 1, 5, tzinfo=UTC), reference=reference,
    )  # fmt: skip
    assert (prepared.received, prepared.stored, prepared.rejected) == (180_022, 179_522, 500)
    faults = store.faults("year")
    assert len(where) == 500
    assert set(faults.select("file", "row").iter_rows()) == where
    assert faults.filter(pl.col("message").eq("") | pl.col("remedy").eq("")).is_empty()
    assert faults["rule"].n_unique() >= 8
    assert sum(month.received for month in prepared.months) == prepared.received
    assert all(each.received == each.stored + each.rejected for each in prepared.months)


def test_one_row_that_points_to_a_person_stops_the_whole_return(data_dir, tmp_path, reference):
    store = Store(tmp_path / "store")
    raw = zipfile.ZipFile(archive(data_dir, "2025")).read("2025-01/2025-01-kent-street.csv")
    lines = raw.decode().splitlines()
    lines[500] = lines[500].rstrip(",") + ",seen with Sarah Okafor of 12 High Street"
    sent = tmp_path / "2025-01-kent-street.csv"
    sent.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="so nothing of it was kept") as stopped:
        prepare(
            store, original=store.keep(sent, name=sent.name), submission="january",
            dataset="police-street", organisation="police", contract=STREET, synthetic=False,
            now=datetime(2026, 1, 5, tzinfo=UTC), reference=reference,
        )  # fmt: skip
    assert "(row 501)" in stopped.value.sentence and "Okafor" not in str(stopped.value)
    assert not list((tmp_path / "store").rglob("*.parquet"))
