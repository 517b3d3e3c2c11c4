"""Cubes and the engine: gaps stay gaps, everything adds up, threads do not meet."""

import csv
import io
import subprocess
import sys
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.analysis import cubes, engine
from frankpledge.analysis.months import InvalidMonth, month_range, period_name, shifted, year_before
from frankpledge.analysis.vintage import Bridge, ContradictoryChange

YEAR = month_range("2025-01", "2025-12")


def written(folder: Path, name: str, **columns) -> Path:
    path = folder / f"{name}.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return path


def test_rows_become_a_cube(tmp_path: Path):
    rows = written(
        tmp_path,
        "rows",
        lsoa=["A", "A", "B", None, "A"],
        month=["2025-01"] * 4 + ["2025-02"],
        kind=["x", "x", "y", "x", "x"],
    )
    backend = engine.connect()
    expression = cubes.monthly_cube(
        engine.read_parquet(backend, [rows]), area="lsoa", category="kind"
    )
    cubes.save_cube(backend, expression, tmp_path / "cube.parquet")
    assert pl.read_parquet(tmp_path / "cube.parquet").rows() == [
        ("", "2025-01", "x", 1),
        ("A", "2025-01", "x", 2),
        ("A", "2025-02", "x", 1),
        ("B", "2025-01", "y", 1),
    ]
    cube = cubes.read_cube(backend, [tmp_path / "cube.parquet"], accepted=["2025-02", "2025-01"])
    assert (cube.total, cube.months) == (5, ("2025-01", "2025-02"))
    assert cube.sum(by=["category"]).counts == {("x",): 4, ("y",): 1}


def test_rows_that_are_counts_already(tmp_path: Path):
    rows = written(
        tmp_path, "r", area=["A", "A"], month=["2025-01"] * 2, category=["x"] * 2, n=[3, 4]
    )
    backend = engine.connect()
    table = engine.read_parquet(backend, [rows])
    cube = backend.to_pyarrow(cubes.monthly_cube(table, count="n"))
    assert cube.to_pylist() == [{"area": "A", "month": "2025-01", "category": "x", "count": 7}]


SMALL = cubes.Cube.from_rows(
    [("A", "2025-01", "x", 3), ("B", "2025-01", "y", 4), (None, "2025-03", "x", 5)],
    accepted=["2025-01", "2025-03", "2025-04"],
)


def test_a_gap_is_missing_and_a_quiet_month_is_zero():
    found = SMALL.sum(by=["month"], months=month_range("2025-01", "2025-04"))
    assert found.values == (7, None, 5, 0)
    assert found.gaps == ("2025-02",)
    assert SMALL.sum(by=["category", "month"], months=["2025-02", "2025-03"]).rows == (
        ("x", "2025-02", None),
        ("x", "2025-03", 5),
        ("y", "2025-02", None),
        ("y", "2025-03", 0),
    )


def test_a_sum_over_gaps_alone_is_missing_and_over_some_says_so():
    nothing = SMALL.sum(by=["category"], months=["2024-01"])
    assert nothing.values == (None, None)
    some = SMALL.sum(months=["2025-01", "2025-02"])
    assert some.rows == ((7,),) and some.gaps == ("2025-02",)


def test_places_and_everything_that_lies_in_none():
    places = {"A": "north"}
    found = SMALL.sum(by=["area"], places=places)
    assert found.counts == {("",): 5, ("elsewhere",): 4, ("north",): 3}
    assert found.total == SMALL.total
    asked = SMALL.sum(by=["area"], places=places, within=["north", "south"])
    assert asked.counts == {("north",): 3, ("south",): 0}
    assert SMALL.sum(by=["category"], categories=["y", "z"]).counts == {("y",): 4, ("z",): 0}


CODES = st.sampled_from(["A1", "A2", "B1", "X9", ""])
ROWS = st.lists(
    st.tuples(
        CODES,
        st.sampled_from(["2025-01", "2025-03"]),
        st.sampled_from(["x", "y"]),
        st.integers(0, 2**60),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, by=st.sets(st.sampled_from(["month", "category", "area"])))
def test_a_cube_by_district_answers_as_the_cube_does(rows, by):
    cube = cubes.Cube.from_rows(rows, accepted=["2025-01", "2025-03"])
    places = {"A1": "A", "A2": "A", "B1": "B"}
    small = cube.placed(places, elsewhere="else")
    asked = {"by": sorted(by), "months": YEAR[:3], "within": ["B", "A", "else", ""]}
    assert small.sum(**asked) == cube.sum(**asked, places=places, elsewhere="else")


def test_an_empty_cube_answers():
    empty = cubes.read_cube(engine.connect(), [], accepted=["2025-01"])
    assert empty.sum(by=["month"], months=["2025-01", "2025-02"]).values == (0, None)
    assert empty.sum(by=["area"]).rows == ()
    assert empty.sum().rows == ((0,),)


def test_enormous_counts_add_up():
    cube = cubes.Cube.from_rows(
        [("A", "2025-01", "x", 10**17), ("B", "2025-01", "x", 1)], accepted=["2025-01"]
    )
    assert cube.sum().rows == ((10**17 + 1,),)


def test_a_month_that_was_not_accepted_is_refused():
    with pytest.raises(ValueError, match="not accepted: 2025-02"):
        cubes.Cube.from_rows([("A", "2025-02", "x", 1)], accepted=["2025-01"])


def test_months():
    assert shifted("2025-01", -1) == "2024-12"
    assert year_before(["2024-02", "2025-12"]) == ("2023-02", "2024-12")
    assert month_range("2024-11", "2025-02") == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert month_range("2025-02", "2025-01") == ()
    assert period_name("2025-01", "2025-12") == "2025"
    assert period_name("2025-04", "2025-06") == "April to June 2025"
    assert period_name("2024-04", "2025-03") == "April 2024 to March 2025"
    assert period_name("2025-04", "2025-04") == "April 2025"


@pytest.mark.parametrize("month", ["", "2025", "2025-13", "2025-00", "2025-1", "25-01", "2025-0１"])
def test_what_is_not_a_month(month):
    with pytest.raises(InvalidMonth, match="write it as 2025-01"):
        shifted(month, 1)


def test_engines_that_cannot_be_had_say_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)  # as where it is not installed
    for url, words in [
        ("spark://local", "Install requirements-spark.lock"),
        ("duckdb:///a.db", "no address"),
        ("oracle", "No engine"),
        ("", "No engine"),
    ]:
        with pytest.raises(engine.EngineUnavailable, match=words):
            engine.connect(url)
    with pytest.raises(ValueError, match="no file to read"):
        engine.read_parquet(engine.connect(), [])
    with pytest.raises(FileNotFoundError):
        engine.read_parquet(engine.connect(), ["/nowhere/at/all.parquet"])


def test_each_thread_has_a_cursor_of_its_own(tmp_path: Path):
    engine.warm()
    paths = [
        written(tmp_path, str(n), area=["A"], month=["2025-01"], category=["x"], count=[n])
        for n in range(40)
    ]

    def read(n: int) -> tuple[int, int]:
        found = cubes.read_cube(engine.connect(), [paths[n]], accepted=["2025-01"])
        return id(engine.connect()), found.total

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(read, range(40)))
    assert [total for _, total in answers] == list(range(40))
    assert engine.connect() is engine.connect()


def test_the_room_works_without_the_web_application():
    code = (
        "import sys, pkgutil, importlib, frankpledge.analysis as room\n"
        "for found in pkgutil.walk_packages(room.__path__, 'frankpledge.analysis.'):\n"
        "    importlib.import_module(found.name)\n"
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))\n"
    )
    source = Path(engine.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(source)})


# Vintages


def test_units_both_vintages_share():
    bridge = Bridge.build(
        [
            ("A", "A", "U"),
            ("B", "B1", "S"),
            ("B", "B2", "S"),
            ("C", "CD", "M"),
            ("D", "CD", "M"),
            ("E", "E1", "X"),
            ("E", "F1", "X"),
            ("F", "F1", "X"),
        ]
    )
    assert bridge.units == {
        "A": "A", "B": "B", "B1": "B", "B2": "B", "C": "C+1", "D": "C+1", "CD": "C+1",
        "E": "E+1", "F": "E+1", "E1": "E+1", "F1": "E+1",
    }  # fmt: skip
    assert bridge.members["B"].change == "S"
    assert bridge.vintages("A") == {2011, 2021}
    assert bridge.vintages("B") == {2011}
    assert bridge.vintages("B1") == {2021}
    assert bridge.vintages("Z") == frozenset()


@pytest.mark.parametrize(
    "links",
    [
        [("A", "B", "U")],
        [("A", "C", "M"), ("A", "D", "M")],
        [("A", "C", "S"), ("B", "C", "S")],
        [("A", "A", "?")],
    ],
)
def test_a_change_that_contradicts_itself_is_refused(links):
    with pytest.raises(ContradictoryChange):
        Bridge.build(links)


# Real data


def rows_of(data_dir: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((data_dir / "geo" / name).read_text().splitlines()))


def street_rows(archive: Path):
    with zipfile.ZipFile(archive) as files:
        for name in sorted(files.namelist()):
            with files.open(name) as file:
                yield from csv.DictReader(io.TextIOWrapper(file, "utf-8-sig"))


def street_cube(archive: Path, folder: Path) -> cubes.Cube:
    """As an import does it: Parquet by month, a cube by month, all cubes read back."""
    backend = engine.connect()
    paths, months = [], []
    with zipfile.ZipFile(archive) as files:
        for name in sorted(files.namelist()):
            months.append(Path(name).parent.name)
            rows, cube = folder / f"{months[-1]}.parquet", folder / f"{months[-1]}.cube.parquet"
            pl.read_csv(files.read(name), infer_schema=False).write_parquet(rows)
            table = engine.read_parquet(backend, [rows])
            expression = cubes.monthly_cube(
                table, area="LSOA code", month="Month", category="Crime type"
            )
            cubes.save_cube(backend, expression, cube)
            paths.append(cube)
    return cubes.read_cube(backend, paths, accepted=months)


@pytest.mark.data
def test_a_year_of_police_rows_counts_as_plain_python_counts_it(data_dir: Path, tmp_path: Path):
    archive = data_dir / "police" / "kent-street-2025.zip"
    district_of = {
        row["lsoa21_code"]: row["ltla24_code"]
        for row in rows_of(data_dir, "lookup_lsoa21_ward24_ltla24.csv")
    }
    upper = {row["ltla23_code"]: row for row in rows_of(data_dir, "lookup_ltla23_utla23.csv")}
    neighbour = "E06000035"
    districts = sorted(
        code
        for code in set(district_of.values())
        if upper.get(code, {}).get("utla23_name") == "Kent"
    )
    assert len(districts) == 12

    plain, by_month, by_three = Counter(), Counter(), Counter()
    for row in street_rows(archive):
        place = district_of.get(row["LSOA code"], "elsewhere") if row["LSOA code"] else ""
        place = place if place in (*districts, neighbour, "") else "elsewhere"
        plain[place] += 1
        by_month[row["Month"]] += 1
        by_three[place, row["Month"], row["Crime type"]] += 1

    cube = street_cube(archive, tmp_path)
    named = {a: d for a, d in district_of.items() if d in (*districts, neighbour)}
    by_area = cube.sum(by=["area"], places=named)
    assert {key[0]: count for key, count in by_area.counts.items()} == dict(plain)
    found = {key[0]: count or 0 for key, count in by_area.counts.items()}
    assert sum(found[code] for code in districts) == 147_219
    assert (found[neighbour], found["elsewhere"], found[""]) == (30_589, 50, 2_164)
    assert by_area.total == cube.total == 180_022
    assert {k[0]: n for k, n in cube.sum(by=["month"], months=YEAR).counts.items()} == by_month
    deep = cube.sum(by=["area", "month", "category"], places=named).counts
    assert {key: count for key, count in deep.items() if count} == by_three


@pytest.mark.data
def test_a_series_over_both_vintages_stands_on_shared_units(data_dir: Path, tmp_path: Path):
    bridge = Bridge.build(
        (row["lsoa11_code"], row["lsoa21_code"], row["change_code"])
        for row in rows_of(data_dir, "lookup_lsoa11_lsoa21_ltla22.csv")
    )
    assert len(bridge.members) == 34_630
    (tmp_path / "old").mkdir(), (tmp_path / "new").mkdir()
    old = street_cube(data_dir / "police" / "kent-street-2021-03_2022-03.zip", tmp_path / "old")
    new = street_cube(data_dir / "police" / "kent-street-2024-01_2024-04.zip", tmp_path / "new")

    def vintages(cube):
        return {bridge.vintages(area) for area in cube.areas if area in bridge.units}

    assert frozenset({2021}) not in vintages(old)
    assert frozenset({2011}) not in vintages(new)
    shared = {u for cube in (old, new) for u in (bridge.units.get(a) for a in cube.areas) if u}
    for cube in (old, new):
        found = cube.sum(by=["area"], places=bridge.units)
        assert found.total == cube.total
        assert {key[0] for key in found.counts} <= {*shared, "", "elsewhere"}
        assert found.counts.get(("elsewhere",), 0) == 0
