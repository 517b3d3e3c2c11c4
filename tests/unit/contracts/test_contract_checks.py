from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.contracts import (
    FAULTS,
    Checked,
    Checking,
    Reference,
    Unreadable,
    check,
    read,
    shipped,
)
from frankpledge.contracts.checking import NOT_SHOWN
from tests.street_files import HEADERS, csv_of, row, zip_of

BOTH = "Longitude and Latitude"
STREET = shipped()["police-street"]
COUNTS = shipped()["agency-counts"]


def street(*rows: dict[str, str], **given: object) -> Checked:
    text = [{key: value or None for key, value in each.items()} for each in rows]
    frame = pl.DataFrame(text, schema=dict.fromkeys(HEADERS, pl.String))
    return check(frame, STREET, reference=Reference(**given))


def counts(*rows: dict[str, str | None], **given: object) -> Checked:
    columns = list(dict.fromkeys(key for each in rows for key in each))
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(columns, pl.String))
    return check(frame, COUNTS, reference=Reference(**given))


def rules(found: Checked) -> list[str]:
    return found.faults["rule"].to_list()


def notice(found: Checked, rule: str):
    return next((each for each in found.warnings if each.rule == rule), None)


def test_a_good_row_is_stored_typed():
    found = street(row())
    assert (found.received, found.stored, found.rejected) == (1, 1, 0)
    assert found.rows.schema == pl.Schema(STREET.schema)
    assert found.rows["longitude"][0] == pytest.approx(0.970011)
    assert found.faults.schema == FAULTS and found.faults.is_empty()
    assert found.cube.rows() == [("E01000001", "2025-01", "Vehicle crime", 1)]


@pytest.mark.parametrize(
    ("changes", "rule", "column"),
    [
        ({"Month": ""}, "required", "Month"),
        ({"Month": "2025-13"}, "month", "Month"),
        ({"Month": "01/2025"}, "month", "Month"),
        ({"Month": "2025-1"}, "month", "Month"),
        ({"Crime_type": "Vehicle  crime"}, "code", "Crime type"),
        ({"Crime_type": ""}, "required", "Crime type"),
        ({"Crime_ID": "abc"}, "pattern", "Crime ID"),
        ({"LSOA_code": "E02000001"}, "pattern", "LSOA code"),
        ({"LSOA_code": "E0100001"}, "pattern", "LSOA code"),
        ({"Longitude": "near the bridge"}, "number", "Longitude"),
        ({"Latitude": "NaN"}, "number", "Latitude"),
        ({"Longitude": ""}, "one-coordinate", BOTH),
        ({"Longitude": "51.253", "Latitude": "0.97"}, "coordinates-swapped", BOTH),
        ({"Longitude": "612345", "Latitude": "156789"}, "outside-country", BOTH),
        ({"Longitude": "0", "Latitude": "0"}, "outside-country", BOTH),
    ],
)  # fmt: skip
def test_a_fault_returns_the_row_and_says_where(changes, rule, column):
    found = street(row(1), row(2, **changes), row(3))
    assert (found.received, found.stored, found.rejected) == (3, 2, 1)
    (fault,) = found.faults.to_dicts()
    assert (fault["row"], fault["rule"], fault["column"]) == (3, rule, column)
    assert fault["message"].endswith(".") and fault["remedy"].endswith(".")


def test_all_faults_of_a_row_come_at_once():
    found = street(
        row(1, Month="2025-13", Crime_type="Murder", Longitude="x", LSOA_code="bad", Crime_ID="1")
    )
    assert found.rejected == 1
    assert sorted(rules(found)) == ["code", "month", "number", "pattern", "pattern"]
    assert found.faults["row"].unique().to_list() == [2]


def test_a_month_that_has_not_begun_is_returned_only_where_the_day_is_known():
    assert street(row(1, Month="2031-01")).rejected == 0
    assert rules(street(row(1, Month="2031-01"), today=date(2025, 2, 1))) == ["month-to-come"]
    assert street(row(1, Month="2025-02"), today=date(2025, 2, 1)).rejected == 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Outside ct10 2de", "full-postcode"),
        ("Flat 2, SW1A2AA", "full-postcode"),
        ("ask jo.bloggs@example.org.uk", "e-mail-address"),
        ("ring 01632 960123", "telephone-number"),
        ("ring +44 7700 900123 now", "telephone-number"),
        ("NHS 943 476 5919", "nhs-number"),
        ("NI QQ123456C", ""),  # a prefix that is never issued
        ("NI AB 12 34 56 C", "national-insurance-number"),
        ("DOB: 12/03/1980", "date-of-birth"),
    ],
)
def test_signs_of_a_person_stop_the_row_and_are_not_repeated(text, rule):
    found = street(row(1, Context=text))
    assert rules(found) == ([rule] if rule else [])
    if rule:
        assert found.faults["value"].to_list() == [NOT_SHOWN]


@pytest.mark.parametrize(
    "text",
    [
        "On or near A299",
        "On or near M25 J5",
        "On or near B2190",
        "On or near Pedestrian Subway",
        "Rock and Lido in High Street",
        "943 476 5918",  # ten digits whose check digit is wrong
        "Unit 7B",
        "Born Lane",
        "On or near Barchester 001A",
        "CT10",
        "2025-01 to 2025-12",
    ],
)
def test_places_are_not_taken_for_persons(text):
    assert rules(street(row(1, Location=text, Context=text))) == []


def test_a_long_value_is_cut_short():
    assert len(street(row(1, LSOA_code="E" * 500)).faults["value"][0]) == 60


def test_identical_rows_without_an_id_are_kept_and_told():
    bare = {"Crime_ID": "", "Crime_type": "Anti-social behaviour"}
    found = street(row(1, **bare), row(2, **bare), row(3, **bare, Location="x"), row(4), row(4))
    assert found.stored == 5
    assert (notice(found, "identical-rows").count, notice(found, "identical-rows").groups) == (2, 1)
    repeated = notice(found, "repeated-id")
    assert (repeated.count, repeated.groups) == (2, 1)
    assert [number for _, number in repeated.examples] == [5, 6]


def test_missing_location_is_told_and_counted_in_the_cube():
    nowhere = {"Longitude": "", "Latitude": "", "LSOA_code": "", "LSOA_name": ""}
    found = street(row(1, **nowhere, Location="No Location"), row(2))
    assert notice(found, "missing-location").months == (("2025-01", 1),)
    assert sorted(found.cube["area"]) == ["", "E01000001"]


def test_far_points_are_told():
    far = row(2, Longitude="-3.5", Latitude="55.0")
    found = street(row(1), far, extent=(0.0, 50.9, 1.5, 51.5))
    assert (found.stored, notice(found, "far-away").examples) == (2, (("", 3),))
    places = pl.DataFrame(
        {"code": ["E01000001"], "longitude": [0.97], "latitude": [51.25], "radius_m": [400.0]}
    )
    assert notice(street(row(1), far, places=places), "far-away").count == 1
    assert notice(street(row(1), far), "far-away") is None


OLD, NEW = frozenset({"E01000001", "E01000002"}), frozenset({"E01000001", "E01000003"})


@pytest.mark.parametrize(
    ("codes", "vintage", "told"),
    [
        (["E01000002"], 2011, False),
        (["E01000003", "E01000001"], 2021, False),
        (["E01000001"], None, False),  # of both: it makes no difference
        (["E01000002", "E01000003"], None, True),
        (["E01000009"], None, True),
    ],
)
def test_vintage_is_recognised(codes, vintage, told):
    rows = [row(n, LSOA_code=code) for n, code in enumerate(codes)]
    checking = Checking(STREET, reference=Reference(vintages={2011: OLD, 2021: NEW}))
    (part,) = read(csv_of(*rows), STREET)
    assert checking.add(part).rejected == 0
    assert checking.vintage("2025-01") == vintage
    assert ("vintage" in [each.rule for each in checking.close()]) is told


def test_an_outcome_not_seen_before_is_kept_and_told():
    found = street(row(1, Last_outcome_category="Sent to the moon"))
    assert (found.stored, notice(found, "unlisted-outcome").count) == (1, 1)


def test_a_short_month_is_told_beside_its_neighbours_and_those_held():
    months = [f"2024-{month:02}" for month in range(1, 6)]
    sizes = [100, 98, 60, 101, 99]
    rows = [
        row(n, Month=month) for month, size in zip(months, sizes, strict=True) for n in range(size)
    ]
    found = street(*rows)
    assert notice(found, "incomplete-month").months == (("2024-03", 60),)
    alone = street(*[each for each in rows if each["Month"] == "2024-03"])
    assert notice(alone, "incomplete-month") is None
    held = street(
        *[each for each in rows if each["Month"] == "2024-03"],
        known_months={"2024-02": 98, "2024-04": 101},
    )
    assert notice(held, "incomplete-month").count == 60


def test_a_row_in_the_file_of_another_month_is_returned():
    raw = zip_of(m2025_01=csv_of(row(1), row(2, Month="2025-02")))
    checking = Checking(STREET)
    (part,) = read(raw, STREET, name="a.zip")
    found = checking.add(part)
    assert rules(found) == ["month-of-file"]
    assert found.months == {"2025-01": (2, 1)}


def test_wrong_columns_are_refused():
    with pytest.raises(Unreadable, match="Missing: Month"):
        check(pl.DataFrame({"Crime ID": ["x"]}), STREET)


GOOD = {"area_code": "E07000001", "month": "2025-01", "indicator": "hate-crimes", "count": "4"}


def test_agency_counts():
    found = counts(GOOD, GOOD | {"month": "2025-02", "count": "0"})
    assert found.rejected == 0
    assert found.rows["count"].to_list() == [4, 0]
    assert ("E07000001", "2025-01", "hate-crimes", 4) in found.cube.rows()
    assert found.rows.columns == [each.name for each in COUNTS.fields]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"count": "<5"}, "number"),
        ({"count": "-1"}, "range"),
        ({"count": "1.5"}, "number"),
        ({"area_code": "Barchester"}, "pattern"),
        ({"indicator": "dragons"}, "code"),
        ({"area_code": "E01000001"}, "finer-than-agreed"),
    ],
)
def test_faults_of_agency_counts(changes, rule):
    found = counts(GOOD, GOOD | {"month": "2025-02"} | changes, finest="district")
    assert rules(found) == [rule]
    assert found.rejected == 1


def test_an_indicator_may_be_sent_with_its_definition_or_be_known_elsewhere():
    new = GOOD | {"indicator": "dragons", "definition": "Dragons seen in the month."}
    assert counts(new).rejected == 0
    assert counts(GOOD | {"indicator": "dragons"}, indicators=frozenset({"dragons"})).rejected == 0


def test_the_same_count_twice_is_returned_both_times_and_across_files():
    found = counts(GOOD, GOOD | {"count": "5"}, GOOD | {"month": "2025-03"})
    assert rules(found) == ["sent-twice", "sent-twice"]
    raw = csv_of(GOOD, headers=list(GOOD))
    checking = Checking(COUNTS)
    (part,) = read(raw, COUNTS)
    assert checking.add(part).rejected == 0
    assert rules(checking.add(part)) == ["sent-twice"]


WORDS = st.sampled_from(
    ["", "2025-01", "2025-13", "x", "0.5", "51.2", "E01000001", "Burglary", "a@b.org", "CT10 2DE"]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=12, max_size=12), min_size=1, max_size=8))
def test_whatever_is_sent_every_row_is_stored_or_returned(table):
    found = street(*[dict(zip(HEADERS, values, strict=True)) for values in table])
    assert found.received == len(table) == found.stored + found.rejected
    assert found.faults["row"].n_unique() == found.rejected
    assert sum(received for received, _ in found.months.values()) == found.received
    assert found.cube["count"].sum() == found.stored
