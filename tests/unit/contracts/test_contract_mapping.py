import json
import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.contracts import (
    Checked,
    Checking,
    Column,
    ColumnMapping,
    Part,
    Spread,
    Unreadable,
    mapped,
    shipped,
    suggested,
    unfilled,
)
from frankpledge.contracts.compiling import DATE_PATTERN, TIME_PATTERN
from frankpledge.contracts.mapping import FORMS

FIRE = shipped()["fire-incidents"]
COUNTS = shipped()["agency-counts"]
KINDS = {
    "Refuse / Malicious": "malicious-call",
    "Grass / Deliberate": "deliberate-secondary-not-vehicle",
}
MAPPING = ColumnMapping(
    "fire-incidents",
    (
        Column("reference", ("Job no",)),
        Column("date", ("Called",), form="dd/MM/yyyy HH:mm:ss"),
        Column("time", ("Called",), form="dd/MM/yyyy HH:mm:ss"),
        Column("category", ("Kind", "Cause"), values=KINDS, between=" / "),
        Column("area_code", ("Town",), values={"Barchester": "E07000001", "Nowhere": ""}),
        Column("location", constant="Not given"),
    ),
    kept={"Cause": ("Malicious", "Deliberate")},
    unknown=("NULL", "-"),
)
SENT = {
    "Job no": ["1", "2", "3", "4"],
    "Called": ["05/01/2025 08:05:59", "31/12/2025 23:59:00", "01/02/2025 00:00:00", "2025-02-30"],
    "Kind": [" Refuse ", "Grass", "House", "Heath"],
    "Cause": ["Malicious", "Deliberate", "Accident", "Deliberate"],
    "Town": ["Barchester", "Nowhere", "NULL", "-"],
    "Officer": ["a", "b", "c", "d"],
}  # fmt: skip


def checked(frame: pl.DataFrame, mapping: ColumnMapping) -> tuple[Checked, int]:
    contract = shipped()[mapping.contract]
    found = mapped(frame, mapping, contract, name="jobs.csv")
    return Checking(contract).add(Part("jobs.csv", None, found.table)), found.left_out


def test_a_partners_columns_become_those_of_the_contract():
    found, left_out = checked(pl.DataFrame(SENT), MAPPING)
    assert (found.stored, found.rejected, left_out) == (2, 1, 1)
    assert found.rows.drop_nulls("area_code").to_dicts() == [
        dict.fromkeys(found.rows.columns)
        | {
            "reference": "1", "date": date(2025, 1, 5), "time": "08:05", "month": "2025-01",
            "category": "malicious-call", "area_code": "E07000001", "location": "Not given",
        }
    ]  # fmt: skip


def test_what_the_mapping_does_not_know_is_returned_as_it_was_sent_with_its_own_row():
    found, _ = checked(pl.DataFrame(SENT), MAPPING)
    faults = {(f["row"], f["rule"], f["value"]) for f in found.faults.to_dicts()}
    assert faults == {
        (5, "date", "2025-02-30"),
        (5, "time", "2025-02-30"),
        (5, "code", "Heath / Deliberate"),
    }


def test_a_mapping_is_kept_as_json():
    assert ColumnMapping.from_dict(json.loads(json.dumps(MAPPING.as_dict()))) == MAPPING
    wide = ColumnMapping("agency-counts", (), spread=Spread("indicator", "count", {"A": "b"}))
    assert ColumnMapping.from_dict(json.loads(json.dumps(wide.as_dict()))) == wide


def test_counts_side_by_side_become_rows():
    sent = pl.DataFrame(
        {"Area": ["E07000001", "E07000002"], "For": ["January 2025", "Feb"],
         "Hate": ["3", "NA"], "DA": ["7", "8"]}
    )  # fmt: skip
    spread = Spread("indicator", "count", {"Hate": "hate-crimes", "DA": "domestic-abuse-incidents"})
    columns = (Column("area_code", ("Area",)), Column("month", ("For",), form="MMMM yyyy"))
    mapping = ColumnMapping("agency-counts", columns, unknown=("NA",), spread=spread)
    found, _ = checked(sent, mapping)
    assert sorted(found.rows.select("area_code", "month", "indicator", "count").rows()) == [
        ("E07000001", "2025-01", "domestic-abuse-incidents", 7),
        ("E07000001", "2025-01", "hate-crimes", 3),
    ]
    assert [(f["row"], f["rule"]) for f in found.faults.to_dicts()] == [(3, "month")]


@pytest.mark.parametrize(
    ("sent", "form", "day", "clock"),
    [
        ("05/01/2025", "dd/MM/yyyy", "2025-01-05", ""),
        ("5/1/2025", "dd/MM/yyyy", "2025-01-05", ""),
        ("01/05/2025", "MM/dd/yyyy", "2025-01-05", ""),
        ("5 January 2025", "dd MMMM yyyy", "2025-01-05", ""),
        ("05-Jan-25", "dd-MMM-yy", "2025-01-05", ""),
        ("20250105", "yyyyMMdd", "2025-01-05", ""),
        ("2025-07-05T00:30:00+01:00", "yyyy-MM-ddTHH:mm:ssxxx", "2025-07-05", "00:30"),
        ("2025-07-05T00:30:00Z", "yyyy-MM-ddTHH:mm:ssxxx", "2025-07-05", "00:30"),
        ("2025-01-05 8:05", "yyyy-MM-dd HH:mm", "2025-01-05", "08:05"),
        ("08:05:59", "HH:mm:ss", "", "08:05"),
        ("0805", "HHmm", "", "08:05"),
        ("32/01/2025", "dd/MM/yyyy", "", ""),
    ],
)
def test_dates_and_times_are_read_as_the_partner_writes_them(sent, form, day, clock):
    columns = (
        Column("date", ("When",), form=form),
        Column("time", ("When",), form=form),
        Column("category", constant="malicious-call"),
    )
    frame = pl.DataFrame({"When": [sent]})
    table = mapped(frame, ColumnMapping("fire-incidents", columns), FIRE).table.frame
    assert table["date"][0] == (day or table["date"][0])
    assert table["time"][0] == (clock or table["time"][0])
    assert day or clock or table["date"][0] == sent


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMS), st.text(st.characters(codec="ascii", min_codepoint=32), max_size=12))
def test_whatever_form_is_chosen_what_it_does_not_fit_stays_as_it_was(form, text):
    columns = tuple(Column(each, ("When",), form=form) for each in ("date", "time"))
    mapping = ColumnMapping("fire-incidents", (*columns, Column("category", constant="x")))
    sent = ["05/01/2025 08:05", text]
    frame = mapped(pl.DataFrame({"When": sent}), mapping, FIRE).table.frame
    for written, said in ((frame["date"], DATE_PATTERN), (frame["time"], TIME_PATTERN)):
        for before, after in zip(sent, written, strict=True):
            assert after == (before.strip() or None) or re.match(said, after)


def test_a_form_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="no way of writing dates"):
        Column("date", ("When",), form="dd//HH")


def test_a_column_that_has_gone_is_told():
    with pytest.raises(Unreadable, match=r"no longer has .*: Town missing"):
        mapped(pl.DataFrame(SENT).drop("Town"), MAPPING, FIRE, name="jobs.csv")


def test_a_column_that_nobody_chose_is_told():
    few = ColumnMapping("fire-incidents", (Column("date", ("Called",)),))
    assert [each.name for each in unfilled(few, FIRE)] == ["category", "area_code"]
    with pytest.raises(Unreadable, match=r"these columns: Category\."):
        mapped(pl.DataFrame(SENT), few, FIRE)


def test_columns_are_suggested_by_their_names():
    found = suggested(["LSOA", "AREA CODE", "Month", "indicator", "Number"], COUNTS)
    assert {each.field: each.headers for each in found.columns} == {
        "area_code": ("AREA CODE",), "month": ("Month",), "indicator": ("indicator",),
    }  # fmt: skip
    assert [each.name for each in unfilled(found, COUNTS)] == ["count"]


@pytest.mark.parametrize("key", sorted(shipped()))
def test_the_contracts_own_names_are_all_suggested(key):
    contract = shipped()[key]
    assert not unfilled(suggested(contract.headers, contract), contract)
