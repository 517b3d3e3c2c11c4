import csv
import io
import zipfile
from datetime import date

import openpyxl
import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.analysis.disclosure import PARTNER_PUBLIC, publish
from frankpledge.analysis.disclosure import Column as Published
from frankpledge.components import exports
from frankpledge.components.specimens import ActionFilter, ActionTable, actions, chosen
from frankpledge.components.tables import Column, Pages, Table, shown

TODAY = date(2026, 1, 22)


def table(address="", rows=None):
    query = QueryDict(address)
    filters = ActionFilter(query)
    found = chosen(filters.values) if rows is None else rows
    return ActionTable(query, found, filter=filters, marking="OFFICIAL")


def test_order_page_and_filter_are_in_the_address():
    made = table("status=late&sort=-pence&page=2")
    assert made.counted == "11 to 20 of 21 actions"
    pence = [row[4].text for row in made.body()]
    assert pence == sorted(pence, key=lambda t: -float(t.strip("£").replace(",", "") or -1))
    assert made.filter.chosen == [("Status: Late", "?sort=-pence")]
    assert made.pages.previous_url == "?status=late&sort=-pence&page=1"
    assert [(h.column.key, h.direction) for h in made.heads() if h.direction] == [
        ("pence", "descending")
    ]
    assert made.heads()[4].url == "?status=late&sort=pence"


@pytest.mark.parametrize("address", ["sort=password", "sort=", "page=999", "page=x", "sort=--due"])
def test_an_address_made_up_by_hand_does_no_harm(address):
    assert table(address).body()


def test_rows_without_a_value_come_last_either_way():
    for sort in ("due", "-due"):
        made = table(f"sort={sort}&page=7")
        assert made.body()[-1][2].text == ""


def test_nothing_there_and_nothing_found_are_different():
    assert not ActionTable(QueryDict(""), []).is_filtered
    assert table("words=zzz").is_filtered
    assert table("words=zzz").downloads == []


def test_a_filter_keeps_the_rest_of_the_address():
    made = table("state=list&words=light&sort=due&page=3")
    assert made.filter.carried_along == [("state", "list"), ("sort", "due")]
    assert made.filter.clear_url == "?state=list&sort=due"


def test_a_filter_that_is_not_clear_filters_nothing_and_says_so():
    made = table("due_from-day=40&due_from-month=1&due_from-year=2026")
    assert made.total == 63
    assert made.filter.faults() == [
        ("Due from must have a day between 1 and 31", "#filter_due_from-day")
    ]


@given(count=st.integers(1, 400), number=st.integers(1, 400))
@settings(max_examples=60)
def test_the_window_of_pages_is_short_and_leads_to_both_ends(count, number):
    number = min(number, count)
    window = Pages(number, count, QueryDict("")).window
    numbers = [n for n, _url in window]
    assert len(window) <= 7
    assert {1, number, count} <= set(numbers)
    for before, gap, after in zip(numbers, numbers[1:], numbers[2:], strict=False):
        if gap == 0:
            assert after - before > 2


def test_values_read_as_people_write_them():
    assert shown(None, "count") == ""
    assert shown(1234567, "count") == "1,234,567"
    assert shown(12.345, "percent") == "12.3%"
    assert shown(123450, "money") == "£1,234.50"
    assert shown(TODAY, "date") == "22 January 2026"
    assert shown(TODAY, "month") == "January 2026"
    assert shown(True, "text") == "Yes"


class Hostile(Table):
    caption = "=cmd|' /C calc'!A0"
    columns = (Column("text", "Text"), Column("text", "TEXT"), Column("n", "Number", kind="count"))


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "http://example.org", "plain"]


def hostile():
    rows = [{"text": text, "n": -n} for n, text in enumerate(HOSTILE)]
    return Hostile(QueryDict(""), rows).sheet(made_on=TODAY, synthetic=True)


def test_nothing_in_a_csv_runs_as_a_formula():
    read = list(csv.reader(io.StringIO(exports.to_csv(hostile()).decode("utf-8-sig"))))
    assert read[0] == ["Text", "TEXT", "Number", "Data"]
    assert [row[0] for row in read[1:7]] == [f"'{text}" for text in HOSTILE[:6]]
    assert read[2][2] == "-1"
    assert {row[3] for row in read[1:]} == {"Synthetic"}


def test_nothing_in_a_workbook_runs_as_a_formula():
    content = exports.to_xlsx(hostile())
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Table"]
    assert [row[0].value for row in sheet.iter_rows(min_row=5)] == HOSTILE
    parts = zipfile.ZipFile(io.BytesIO(content))
    assert b"<f>" not in parts.read("xl/worksheets/sheet2.xml")


def test_a_workbook_has_a_cover_notes_and_one_table_a_sheet():
    content = exports.to_xlsx(table("status=late").sheet(made_on=TODAY, synthetic=True))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Cover", "Notes", "Table"]
    said = " ".join(str(cell.value) for cell in book["Cover"]["A"])
    for words in ("Actions", "OFFICIAL", "Synthetic data", "22 January 2026", "Status: Late"):
        assert words in said
    assert [len(book[name].tables) for name in book.sheetnames] == [0, 1, 1]
    assert not any(book[name].merged_cells.ranges for name in book.sheetnames)
    due, cost = book["Table"]["C5"], book["Table"]["E5"]
    assert due.is_date
    assert isinstance(cost.value, float)
    assert cost.number_format == "£#,##0.00"


def test_a_download_holds_exactly_what_the_filter_leaves_in_the_order_shown(rf):
    address = "status=late&sort=-due&download=csv&page=2"
    answer = table(address).render(rf.get("/?" + address), "unused.html", synthetic=False)
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    late = [a for a in actions() if a.status == "late"]
    assert len(read) == len(late) + 1
    days = [row[2] for row in read[1:] if row[2]]
    assert days == sorted(days, reverse=True)
    assert answer["Content-Disposition"] == 'attachment; filename="official-actions-2026-01-22.csv"'


def test_what_is_withheld_stays_withheld_in_a_download():
    counts = publish(
        title="Offences by area",
        columns=[Published("area", "Area"), Published("count", "Offences", "count")],
        rows=[("North", 2), ("South", 3), ("East", 120)],
        rule=PARTNER_PUBLIC,
    )
    sheet = exports.sheet_of(counts, made_on=TODAY)
    read = list(csv.reader(io.StringIO(exports.to_csv(sheet).decode("utf-8-sig"))))
    assert read[1:] == [["North", "[c]"], ["South", "[c]"], ["East", "120"]]
    book = openpyxl.load_workbook(io.BytesIO(exports.to_xlsx(sheet)))
    assert [row[1].value for row in book["Table"].iter_rows(min_row=5)] == ["[c]", "[c]", 120]


def test_an_empty_workbook_opens():
    sheet = ActionTable(QueryDict(""), []).sheet(made_on=TODAY, synthetic=False)
    assert openpyxl.load_workbook(io.BytesIO(exports.to_xlsx(sheet)))["Table"]["A4"].value
