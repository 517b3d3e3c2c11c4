"""Files as they are published, each read through a column mapping and checked, rows counted."""

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from frankpledge.contracts import (
    Checked,
    Checking,
    Column,
    ColumnMapping,
    Notice,
    Part,
    Reference,
    Spread,
    mapped,
    read,
    shipped,
    skipped,
    suggested,
)

pytestmark = pytest.mark.data

TODAY = Reference(today=date(2025, 12, 31))
NO_LOOK_UP = "vintage"  # told where small area codes come and no look-up was loaded


def text_of(raw: bytes) -> pl.DataFrame:
    return pl.read_csv(io.BytesIO(raw), infer_schema=False)


def taken(
    frame: pl.DataFrame, mapping: ColumnMapping, reference: Reference = TODAY
) -> tuple[Checked, int, dict[str, Notice]]:
    contract = shipped()[mapping.contract]
    found = mapped(frame, mapping, contract)
    checking = Checking(contract, reference=reference)
    checked = checking.add(Part("file", None, found.table))
    assert checked.received == checked.stored + checked.rejected
    assert checked.cube["count"].sum() == (
        checked.rows[contract.role("count")].sum() if contract.role("count") else checked.stored
    )
    return checked, found.left_out, {each.rule: each for each in checking.close()}


def faults(checked: Checked) -> dict[tuple[str, str], int]:
    counted = checked.faults.group_by("column", "rule").len()
    return {(column, rule): rows for column, rule, rows in counted.iter_rows()}


def test_a_year_of_outcomes_as_the_archive_lays_them_out(data_dir: Path):
    contract = shipped()["police-outcomes"]
    checking = Checking(contract, reference=TODAY)
    source = data_dir / "police" / "kent-outcomes-2021-03_2022-03.zip"
    found = [checking.add(part) for part in read(source, contract)]
    assert sum(each.received for each in found) == 194_143
    assert sum(each.rejected for each in found) == 0
    assert {month for each in found for month in each.months} == {
        *(f"2021-{month:02}" for month in range(3, 13)), "2022-01", "2022-02", "2022-03",
    }  # fmt: skip
    notices = {each.rule: each for each in checking.close()}
    assert set(notices) == {"missing-location", "repeated-id", NO_LOOK_UP}
    assert notices["missing-location"].count == 2_277
    assert notices["repeated-id"].count == 17_997
    assert skipped(source, contract) == ()


def test_stop_and_search_is_taken_as_published(data_dir: Path):
    contract = shipped()["police-stop-search"]
    checking = Checking(contract, reference=TODAY)
    found = [checking.add(part) for part in read(data_dir / "police" / "stop_and_search", contract)]
    assert [each.received for each in found] == [1_523, 1_820, 2_012]
    assert sum(each.rejected for each in found) == 0
    assert {month for each in found for month in each.months} == {"2019-12", "2020-01", "2020-02"}
    notices = {each.rule: each for each in checking.close()}
    assert {key: each.count for key, each in notices.items()} == {"missing-point": 97}


def test_stop_and_search_through_the_mapping_that_its_names_suggest(data_dir: Path):
    raw = (
        data_dir / "police" / "stop_and_search" / "2020-01-essex-stop-and-search.csv"
    ).read_bytes()
    frame = text_of(raw)
    mapping = suggested(frame.columns, shipped()["police-stop-search"])
    checked, left_out, notices = taken(frame, mapping)
    assert (checked.stored, checked.rejected, left_out) == (1_820, 0, 0)
    assert set(notices) == {"missing-point"}


FIRE = ColumnMapping(
    "fire-incidents",
    (
        Column("reference", ("incident_number",)),
        Column("date", ("date_of_call",)),
        Column("time", ("time_of_call",), form="HH:mm:ss"),
        Column("category", ("stop_code_description",),
               values={"False alarm - Malicious": "malicious-call"}),
        Column("area_code", ("ward_code",), values={"E00000000": ""}),
        Column("easting", ("easting_rounded",)),
        Column("northing", ("northing_rounded",)),
    ),
    kept={"stop_code_description": ("False alarm - Malicious",)},
)  # fmt: skip


def test_london_fire_brigade_publishes_no_motive_so_only_malicious_calls_are_taken(data_dir: Path):
    raw = (data_dir / "fire" / "london_fire_brigade_incidents_2017-01_2017-04.csv.gz").read_bytes()
    frame = text_of(gzip.decompress(raw))
    checked, left_out, notices = taken(frame, FIRE)
    assert (checked.received, checked.stored, left_out) == (440, 440, 32_247 - 440)
    assert sorted(checked.months) == ["2017-01", "2017-02", "2017-03", "2017-04"]
    assert "missing-location" not in notices
    assert checked.rows["time"].str.len_chars().unique().to_list() == [5]


def test_fires_whose_motive_nobody_published_are_returned_not_guessed(data_dir: Path):
    raw = (data_dir / "fire" / "london_fire_brigade_incidents_2017-01_2017-04.csv.gz").read_bytes()
    every = ColumnMapping("fire-incidents", FIRE.columns)
    checked, left_out, _ = taken(text_of(gzip.decompress(raw)), every)
    assert (checked.received, checked.stored, left_out) == (32_247, 440, 0)
    assert faults(checked) == {("category", "code"): 32_247 - 440}


LIGHT = {
    "1": "daylight", "4": "dark-lit", "5": "dark-unlit", "6": "dark-no-lights", "7": "dark",
}  # fmt: skip
WEATHER = {
    "1": "fine", "2": "rain", "3": "snow", "4": "fine-wind", "5": "rain-wind", "6": "snow-wind",
    "7": "fog", "8": "other", "9": "",
}  # fmt: skip
SEVERITY = {"1": "fatal", "2": "serious", "3": "slight"}
NATIONAL = ColumnMapping(
    "road-collisions",
    (
        Column("reference", ("accident_index",)),
        Column("date", ("date",), form="dd/MM/yyyy"),
        Column("time", ("time",)),
        Column("severity", ("accident_severity",), values=SEVERITY),
        Column("vehicles", ("number_of_vehicles",)),
        Column("casualties", ("number_of_casualties",)),
        Column("speed_limit", ("speed_limit",)),
        Column("light_conditions", ("light_conditions",), values=LIGHT),
        Column("weather", ("weather_conditions",), values=WEATHER),
        Column("road_surface", ("road_surface_conditions",),
               values={"1": "dry", "2": "wet", "3": "snow", "4": "ice", "5": "flood", "9": ""}),
        Column("area_code", ("lsoa_of_accident_location",)),
        Column("longitude", ("longitude",)),
        Column("latitude", ("latitude",)),
        Column("easting", ("location_easting_osgr",)),
        Column("northing", ("location_northing_osgr",)),
    ),
    unknown=("-1", "NULL"),
)  # fmt: skip


def test_national_collisions(data_dir: Path):
    frame = text_of((data_dir / "collisions" / "dft_collision_2022_extract.csv").read_bytes())
    checked, left_out, notices = taken(frame, NATIONAL)
    assert (checked.received, checked.stored, left_out) == (1_049, 1_049, 0)
    by_severity = dict(checked.rows["severity"].value_counts().iter_rows())
    assert by_severity == {"fatal": 5, "serious": 152, "slight": 892}
    assert checked.rows["date"].min() == date(2022, 1, 1)
    assert checked.rows["weather"].null_count() == 53
    assert set(notices) == {NO_LOOK_UP}
    known = Reference(vintages={2011: frozenset(checked.rows["area_code"])})
    assert not taken(frame, NATIONAL, known)[2]


def test_national_collisions_sent_to_an_agreement_on_areas_only(data_dir: Path):
    frame = text_of((data_dir / "collisions" / "dft_collision_2022_extract.csv").read_bytes())
    checked, _, _ = taken(frame, NATIONAL, Reference(finest="lsoa"))
    assert checked.stored == 0
    assert faults(checked) == {
        ("longitude and latitude", "point-finer-than-agreed"): 1_049,
        ("easting and northing", "grid-finer-than-agreed"): 1_049,
    }


MANCHESTER = ColumnMapping(
    "road-casualties",
    (
        Column("collision_reference", ("AREFNO",)),
        Column("date", ("date",)),
        Column("time", ("output_time",), form="HH:mm:ss"),
        Column("severity", ("casualty_severity",),
               values={"Fatal": "fatal", "Serious": "serious", "Slight": "slight"}),
        Column("road_user", ("mode",), values={
            "Car": "car", "Pedestrian": "pedestrian", "Pedal Cycle": "pedal-cycle",
            "Powered 2 Wheeler": "motorcycle", "Goods Vehicle": "goods",
            "Taxi or private hire": "taxi", "Other Vehicle": "other", "Bus or Coach": "bus",
            "Tram": "tram",
        }),
        Column("age_band", ("ageband",), values={"Over 75": "over 75"}),
        Column("speed_limit", ("speed_limit",)),
        Column("light_conditions", ("light_conditions",),
               values={"Daylight": "daylight", "Dark": "dark"}),
        Column("area_code", ("area_name",), values={
            name: f"E080000{number:02}" for number, name in enumerate(
                ("Bolton", "Bury", "Manchester", "Oldham", "Rochdale", "Salford", "Stockport",
                 "Tameside", "Trafford", "Wigan"), start=1)
        }),
        Column("longitude", ("lon",)),
        Column("latitude", ("lat",)),
    ),
    unknown=("-1",),
)  # fmt: skip


def test_greater_manchester_casualties(data_dir: Path):
    path = data_dir / "collisions" / "gm_STATS19_road_casualties_2019-Jun2024.csv.gz"
    checked, left_out, notices = taken(text_of(gzip.decompress(path.read_bytes())), MANCHESTER)
    assert (checked.received, checked.stored, left_out) == (20_435, 20_435, 0)
    by_severity = dict(checked.rows["severity"].value_counts().iter_rows())
    assert by_severity == {"fatal": 342, "serious": 3_823, "slight": 16_270}
    assert checked.rows["age_band"].null_count() == 287
    assert checked.rows["speed_limit"].null_count() == 8
    assert checked.rows["collision_reference"].n_unique() == 15_645
    assert len(checked.months) == 66
    assert set(notices) <= {"incomplete-month"}
    assert "2020-04" in dict(notices["incomplete-month"].months)  # when nobody drove


def test_emergency_attendances_come_side_by_side(data_dir: Path):
    frame = text_of((data_dir / "health" / "england_trust_accidents_emergency.csv").read_bytes())
    spread = Spread("indicator", "count", {
        "total_attendances": "attendances",
        "attendances_over_4hours": "attendances-over-four-hours",
        "total_emergency_admissions": "emergency-admissions",
        "emergency_admissions_over_4hours": "admissions-waiting-over-four-hours",
    })  # fmt: skip
    columns = (
        Column("provider_code", ("nhs_trust22_code",)),
        Column("month", ("date",), form="MMMM yyyy"),
    )
    mapping = ColumnMapping("health-attendances", columns, unknown=("NA",), spread=spread)
    checked, left_out, notices = taken(frame, mapping)
    assert (checked.received, checked.stored, left_out) == (7_895 * 4 - 355, 7_895 * 4 - 355, 0)
    assert len(checked.months) == 52
    assert checked.rows["provider_code"].n_unique() == 157
    assert not notices


def test_an_archive_is_read_for_one_contract_and_the_other_files_are_left(data_dir: Path):
    raw = io.BytesIO()
    outcomes = data_dir / "police" / "kent-outcomes-2021-03_2022-03.zip"
    stops = data_dir / "police" / "stop_and_search" / "2020-01-essex-stop-and-search.csv"
    with zipfile.ZipFile(raw, "w") as archive, zipfile.ZipFile(outcomes) as source:
        name = source.namelist()[0]
        archive.writestr(name, source.read(name))
        archive.writestr(f"2020-01/{stops.name}", stops.read_bytes())
    for key, rows in (("police-outcomes", None), ("police-stop-search", 1_820)):
        contract = shipped()[key]
        parts = list(read(raw.getvalue(), contract, name="archive.zip"))
        assert len(parts) == 1
        assert rows in (None, parts[0].table.rows.len())
        assert len(skipped(raw.getvalue(), contract, name="archive.zip")) == 1
