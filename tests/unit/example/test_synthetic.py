"""The synthetic county: the same every time, calibrated, marked, with its stories findable."""

import io
import re
import zipfile

import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from frankpledge.example.facts import FOLDER, read, table
from frankpledge.example.synthetic import (
    AGENCY_COLUMNS,
    ASB,
    COLUMNS,
    ELSEWHERE,
    MARK,
    UNLOCATED,
    Agencies,
    County,
    month_range,
    story_factor,
)

VIOLENCE = "Violence and sexual offences"


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return pl.concat(frame for _, frame in County().months())


@pytest.fixture(scope="module")
def placed(rows: pl.DataFrame) -> pl.DataFrame:
    """Every row with its district's code, or elsewhere, or unlocated."""
    areas = table("areas_lsoa")
    codes = pl.concat(
        [
            areas.select(code="code_2011", area="district_code"),
            areas.select(code="code_2021", area="district_code"),
        ]
    ).unique()
    return rows.join(codes, left_on="LSOA code", right_on="code", how="left").with_columns(
        pl.when(pl.col("LSOA code").is_null())
        .then(pl.lit(UNLOCATED))
        .otherwise(pl.col("area").fill_null(ELSEWHERE))
        .alias("area")
    )


@pytest.fixture(scope="module")
def agencies() -> pl.DataFrame:
    frames = [frame for _, frame in Agencies().files()]
    return pl.concat(frames).with_columns(pl.col("count").cast(pl.Int64))


def by_area(frame: pl.DataFrame) -> dict[tuple[str, str], int]:
    return {
        (area, category): count
        for area, category, count in frame.group_by("area", "Crime type").len().iter_rows()
    }


def a_story(key: str) -> dict:
    return next(story for story in read("stories")["stories"] if story["key"] == key)


# --- form


def test_a_month_has_the_published_form(rows: pl.DataFrame) -> None:
    assert tuple(rows.columns) == COLUMNS
    assert set(rows.schema.values()) == {pl.String}
    assert rows["Month"].unique().sort().to_list() == month_range("2022-01", "2025-12")
    categories = set(rows["Crime type"])
    assert len(categories) == 14


def test_ids_belong_to_crimes_and_are_unique(rows: pl.DataFrame) -> None:
    crimes = rows.filter(pl.col("Crime type") != ASB)
    assert crimes["Crime ID"].str.contains("^[0-9a-f]{64}$").all()
    assert crimes["Crime ID"].n_unique() == crimes.height
    behaviour = rows.filter(pl.col("Crime type") == ASB)
    assert behaviour["Crime ID"].null_count() == behaviour.height
    assert behaviour["Last outcome category"].null_count() == behaviour.height


def test_every_row_says_that_it_is_synthetic(rows: pl.DataFrame) -> None:
    assert (rows["Context"] == MARK).all()
    assert rows["Location"].str.contains(r"^On or near Synthetic Road \d+$|^No Location$").all()


def test_small_areas_change_vintage_and_name_as_the_published_files_do(rows: pl.DataFrame) -> None:
    areas = table("areas_lsoa")
    before, after = (
        rows.filter(mask) for mask in (pl.col("Month") < "2024-01", pl.col("Month") >= "2024-01")
    )
    assert before["LSOA name"].str.starts_with("Shepway").any()
    assert not after["LSOA name"].str.starts_with("Shepway").any()
    for frame, vintage in ((before, "2011"), (after, "2021")):
        known = areas.select(f"code_{vintage}", f"name_{vintage}").unique()
        ours = frame.select("LSOA code", "LSOA name").unique().drop_nulls()
        outside = ours.join(known, left_on=ours.columns, right_on=known.columns, how="anti")
        assert outside.height == 6


def test_points_lie_inside_their_small_area(rows: pl.DataFrame) -> None:
    points = (
        rows.filter(pl.col("Month") == "2025-05")
        .join(table("areas_lsoa").unique("code_2021"), left_on="LSOA code", right_on="code_2021")
        .with_columns(
            east=(pl.col("Longitude").cast(pl.Float64) - pl.col("longitude")) * 69_800,
            north=(pl.col("Latitude").cast(pl.Float64) - pl.col("latitude")) * 111_320,
        )
    )
    distance = (points["east"] ** 2 + points["north"] ** 2).sqrt()
    assert (distance <= points["radius_m"] * 1.02 + 2).all()


# --- the same every time, and calibrated


def test_a_month_is_the_same_in_any_range_and_any_run() -> None:
    alone = County().month("2025-03")
    inside = dict(County().months("2025-02", "2025-04"))["2025-03"]
    assert_frame_equal(alone, inside)
    assert not alone.equals(County(seed=7).month("2025-03"))


@pytest.mark.parametrize("month", ["2022-02", "2024-03", "2025-07", "2025-12"])
def test_without_stories_a_published_month_meets_its_totals_exactly(month: str) -> None:
    county = County(with_stories=False)
    areas = table("areas_lsoa")
    codes = pl.concat(
        [
            areas.select(code="code_2011", area="district_code"),
            areas.select(code="code_2021", area="district_code"),
        ]
    ).unique()
    made = county.month(month).join(codes, left_on="LSOA code", right_on="code", how="left")
    found = by_area(made.filter(pl.col("area").is_not_null()))
    totals = table("police_monthly").filter(pl.col("month") == month)
    assert set(totals["basis"]) == {"published"}
    for total in totals.iter_rows(named=True):
        if total["area"] in (ELSEWHERE, UNLOCATED):
            continue
        for category in county.categories:
            assert found.get((total["area"], category), 0) == total[category]
    assert made.height == totals.select(county.categories).sum().sum_horizontal().item()


def test_an_estimated_month_scatters_around_its_estimate(placed: pl.DataFrame) -> None:
    county = County()
    for month in ("2022-09", "2023-06", "2024-10"):
        _, expected, published = county.expected(month)
        assert not published
        made = placed.filter(pl.col("Month") == month).height
        assert abs(made / expected.sum() - 1) < 0.06


def test_the_county_is_of_a_real_size(rows: pl.DataFrame) -> None:
    monthly = rows.group_by("Month").len()["len"]
    assert 12_500 < monthly.min() < monthly.max() < 20_000
    assert 680_000 < rows.height < 800_000


def test_scale_thins_every_count() -> None:
    whole, tenth = County().month("2025-06").height, County(scale=0.1).month("2025-06").height
    assert abs(tenth / whole - 0.1) < 0.01


def test_a_month_without_totals_is_refused() -> None:
    with pytest.raises(ValueError, match="no totals for 2031-01"):
        County().month("2031-01")


# --- the stories can be found


def test_the_seaside_summer(placed: pl.DataFrame) -> None:
    story = a_story("seaside-summer")
    behaviour = placed.filter(pl.col("Crime type") == ASB).with_columns(
        summer=pl.col("Month").str.slice(5).cast(pl.Int64).is_in(story["months_of_year"]),
        here=pl.col("area") == story["area"],
    )
    shares = dict(behaviour.group_by("summer").agg(pl.col("here").mean()).iter_rows())
    assert shares[True] / shares[False] > 1.5


def test_the_new_hotspot(rows: pl.DataFrame) -> None:
    story = a_story("new-hotspot-asb")
    here = rows.filter(pl.col("Crime type") == ASB, pl.col("Month") >= "2024-07")
    counts = {
        (code, period): n
        for code, period, n in here.filter(
            pl.col("Month").str.slice(5) >= "07", pl.col("LSOA name").str.starts_with("Thanet")
        )
        .group_by("LSOA code", pl.col("Month").str.slice(0, 4))
        .len()
        .iter_rows()
    }
    codes = {code for code, _ in counts}
    rises = {c: counts.get((c, "2025"), 0) - counts.get((c, "2024"), 0) for c in codes}
    assert max(rises, key=rises.__getitem__) == story["lsoa_2021"]
    assert rises[story["lsoa_2021"]] > 0.8 * sum(story["sizes"])


def test_the_recording_change_is_a_step_in_every_district(placed: pl.DataFrame) -> None:
    story = a_story("recording-change")
    violence = placed.filter(pl.col("Crime type") == VIOLENCE)
    for district in table("areas_districts")["code"]:
        monthly = dict(
            violence.filter(pl.col("area") == district).group_by("Month").len().iter_rows()
        )
        year_before = sum(monthly[m] for m in month_range("2022-04", "2023-03"))
        year_after = sum(monthly[m] for m in month_range("2023-04", "2024-03"))
        assert 1.02 < year_after / year_before < 1.25, district
    county = dict(violence.group_by("Month").len().iter_rows())
    month = month_range(story["from"], story["from"])[0]
    assert county[month] > 1.1 * county["2023-03"]


def test_the_rise_in_domestic_abuse(agencies: pl.DataFrame) -> None:
    story = a_story("domestic-abuse-rise")
    found = agencies.filter(pl.col("indicator") == story["indicator"])
    monthly = dict(found.group_by("month").agg(pl.col("count").sum()).iter_rows())
    last = monthly["2025-11"] + monthly["2025-12"]
    year_before = monthly["2024-11"] + monthly["2024-12"]
    assert last / year_before == pytest.approx(story["size"], abs=0.1)
    assert monthly["2024-12"] / monthly["2023-12"] == pytest.approx(1, abs=0.1)


def test_a_story_is_silent_outside_its_months() -> None:
    story = a_story("seaside-summer")
    assert story_factor(story, "2025-07") == story["size"]
    assert story_factor(story, "2025-01") == 1.0
    assert story_factor(a_story("recording-change"), "2023-04") == 1.0
    assert story_factor(a_story("recording-change"), "2023-03") == 0.84
    assert story_factor(a_story("domestic-abuse-rise"), "2025-12") == pytest.approx(1.3)


# --- agency counts


def test_one_file_for_each_return_of_each_partner() -> None:
    files = list(Agencies().files("2025-01", "2025-03"))
    assert [each["key"] for each, _ in files] == [r["key"] for r in read("indicators")["returns"]]
    for each, frame in files:
        assert tuple(frame.columns) == AGENCY_COLUMNS
        assert set(frame["indicator"]) == set(each["indicators"])
        assert frame.height == 3 * 12 * len(each["indicators"])
        assert frame["count"].str.contains(r"^\d+$").all()


def test_agency_counts_are_the_same_in_any_range() -> None:
    year = {each["key"]: frame for each, frame in Agencies().files("2024-01", "2024-12")}
    month = Agencies().month("fire-deliberate", "2024-06")
    assert_frame_equal(month, year["fire-deliberate"].filter(pl.col("month") == "2024-06"))


def test_some_counts_are_small_enough_to_be_hidden(agencies: pl.DataFrame) -> None:
    small = agencies.filter(pl.col("count").is_between(1, 4))
    assert {"deliberate-primary-fires", "domestic-abuse-admissions"} <= set(small["indicator"])


def test_fewer_reoffended_than_were_supervised(agencies: pl.DataFrame) -> None:
    wide = agencies.filter(
        pl.col("indicator").is_in(["people-supervised", "supervised-who-reoffended"])
    ).pivot("indicator", index=["area_code", "month"], values="count")
    assert (wide["supervised-who-reoffended"] < wide["people-supervised"]).all()


# --- against the contracts


def contract(name: str) -> tuple[dict, dict[str, dict]]:
    path = FOLDER.parent.parent / "contracts" / "definitions" / f"{name}.odcs.yaml"
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    return whole, {each["physicalName"]: each for each in whole["schema"][0]["properties"]}


def test_street_rows_keep_to_their_contract(rows: pl.DataFrame) -> None:
    whole, columns = contract("police-street")
    assert list(columns) == rows.columns
    assert set(rows["Crime type"]) <= {each["value"] for each in columns["Crime type"]["enum"]}
    known = columns["Last outcome category"]["quality"][0]["arguments"]["validValues"]
    assert set(rows["Last outcome category"].drop_nulls()) <= set(known)
    for name, column in columns.items():
        pattern = column.get("logicalTypeOptions", {}).get("pattern")
        assert not pattern or rows[name].drop_nulls().str.contains(pattern).all(), name
        assert not column.get("required") or not rows[name].null_count(), name
    member = next(p["value"] for p in whole["customProperties"] if p["property"] == "memberPattern")
    held_back = read("stories")["held_back"]
    assert re.match(member, held_back["file"])[1] == held_back["month"]


def test_indicators_are_defined_as_in_their_contract() -> None:
    _, columns = contract("agency-counts")
    assert list(columns)[: len(AGENCY_COLUMNS)] == list(AGENCY_COLUMNS)
    defined = {each["value"]: each["description"] for each in columns["indicator"]["enum"]}
    for each in read("indicators")["indicators"]:
        assert defined[each["key"]] == each["definition"]


# --- against the published files


@pytest.mark.data
def test_published_totals_are_a_plain_count_of_the_files(data_dir) -> None:
    with zipfile.ZipFile(data_dir / "police" / "kent-street-2025.zip") as archive:
        raw = pl.read_csv(
            io.BytesIO(archive.read("2025-07/2025-07-kent-street.csv")), infer_schema=False
        )
    totals = table("police_monthly").filter(pl.col("month") == "2025-07")
    categories = totals.columns[3:]
    assert totals.select(categories).sum().sum_horizontal().item() == raw.height
    counted = dict(raw.group_by("Crime type").len().iter_rows())
    assert totals.select(categories).sum().row(0, named=True) == counted
    none = totals.filter(pl.col("area") == UNLOCATED).select(categories).sum_horizontal().item()
    assert none == raw["LSOA code"].null_count()
