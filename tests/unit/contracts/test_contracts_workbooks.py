"""Awkward workbooks: each is read right with its repairs listed, or asks a plain question."""

from __future__ import annotations

import datetime as dt
import io
import json
import tracemalloc
import zipfile
from dataclasses import replace

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from frankpledge.contracts import (
    ALL,
    About,
    Checking,
    Choice,
    Code,
    Column,
    ColumnMapping,
    Contract,
    Kind,
    Limits,
    Unclear,
    Unreadable,
    delimited,
    grouped,
    look,
    read,
    shipped,
    template,
)
from tests.workbooks import (
    COUNTS,
    COUNTS_HEADERS,
    FIRE_HEADERS,
    book_of,
    by_office,
    fire,
    page,
    saved,
)

COUNT = shipped()["agency-counts"]
FIRE = shipped()["fire-incidents"]
GOOD = [COUNTS_HEADERS, *COUNTS]


def merged_names() -> Workbook:
    book = Workbook()
    sheet = page(book, [["area_code", "month", "What was counted", None]])
    for row in ([None, None, "indicator", "count"], *COUNTS):
        sheet.append(row)
    for cells in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(cells)
    return book


def hidden_row() -> Workbook:
    book = Workbook()
    page(book, GOOD).row_dimensions[3].hidden = True
    return book


def real_dates() -> Workbook:
    book = Workbook()
    page(book, [FIRE_HEADERS, *fire(dt.date(2025, 1, 31), dt.date(2025, 2, 1))])
    book.active["C2"] = dt.time(9, 5)
    return book


def lost_zeros() -> Workbook:
    book = Workbook()
    months = ("2025-01", "2025-02", "2025-03")
    areas = ("007", 12, 7)
    rows = [[area, month, "hate-crimes", 1] for area, month in zip(areas, months, strict=True)]
    page(book, [COUNTS_HEADERS, *rows])
    return book


def number_shown_as(form: str, number: float) -> Workbook:
    book = Workbook()
    page(book, [FIRE_HEADERS, *fire("2025-01-31", "2025-01-30", references=[number, "F-2"])])
    book.active["A2"].number_format = form
    return book


def of_formula(formula: str) -> Workbook:
    book = Workbook()
    page(book, [*GOOD, ["E07000003", "2025-01", "hate-crimes", formula]])
    return book


BOOKS = {
    "plain": book_of(*GOOD),
    "merged-names": saved(merged_names()),
    "hidden-row": saved(hidden_row()),
    "real-dates": saved(real_dates()),
    "lost-zeros": saved(lost_zeros()),
    "zeros-shown": saved(number_shown_as("000000", 1234)),
    "with-an-e": saved(number_shown_as("0.00E+00", 12e7)),
    "error": saved(of_formula("=1/0")),
    "formula": saved(of_formula("=2+2")),
}
KINDS = pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])


@pytest.fixture(scope="module")
def office() -> dict[tuple[str, str], bytes]:
    """Each of the books as LibreOffice saves it, besides "made": as it was made."""
    return by_office(BOOKS, "xlsx", "xls", "ods", "csv")


def parts(raw: bytes, contract: Contract = COUNT, choice: Choice | None = None, name="a.xlsx"):
    return list(read(raw, contract, name=name, choice=choice))


def counted(raw: bytes, choice: Choice | None = None, name: str = "a.xlsx"):
    """Rows with their counts, what was repaired, and the faults."""
    return checked(raw, COUNT, choice, name)


def checked(raw: bytes, contract: Contract, choice: Choice | None = None, name: str = "a.xlsx"):
    (part,) = parts(raw, contract, choice, name)
    found = Checking(contract).add(part)
    repairs = [
        (each["row"], each["column"], each["what"], each["before"], each["after"])
        for each in part.table.repairs.iter_rows(named=True)
    ]
    return part.table, found, repairs


def asked(raw: bytes, contract: Contract = COUNT, choice: Choice | None = None, name="a.xlsx"):
    with pytest.raises(Unclear) as caught:
        parts(raw, contract, choice, name)
    problem = caught.value
    assert problem.sentence.endswith(".") and problem.remedy.endswith(".")
    assert all(len(each.split()) <= 25 for each in problem.sentence.split(". "))
    return problem


def refused(raw: bytes, name: str = "a.xlsx", **given) -> str:
    with pytest.raises(Unreadable) as caught:
        list(read(raw, COUNT, name=name, **given))
    assert caught.value.sentence.endswith(".") and caught.value.remedy.endswith(".")
    return caught.value.sentence


def all_three(table, rows=(2, 3, 4)):
    assert table.rows.to_list() == list(rows)
    assert table.frame["area_code"].to_list() == [each[0] for each in COUNTS]
    assert table.frame["month"].to_list() == [each[1] for each in COUNTS]
    assert table.frame["count"].to_list() == [str(each[3]) for each in COUNTS]


@KINDS
def test_a_plain_workbook_of_each_kind(office, kind):
    table, found, repairs = counted(office["plain", kind], name=f"a.{kind}")
    all_three(table)
    assert (found.stored, found.rejected, repairs) == (3, 0, [])


def test_title_rows_above_the_names():
    raw = book_of(["Return of Barset"], [], ["January to February", None, 2025], *GOOD)
    table, found, repairs = counted(raw)
    all_three(table, (5, 6, 7))
    assert found.stored == 3
    (row, _, what, before, _) = repairs[0]
    assert (row, what) == (1, "Rows above the column names were left out.")
    assert "Return of Barset" in before


def test_a_row_of_totals_is_left_out_and_added_up():
    table, _, repairs = counted(book_of(*GOOD, ["Total", None, None, 12]))
    all_three(table)
    assert repairs == [
        (5, "", "A row of totals was left out. It does not agree with the rows, which add up to "
         "11.", "Total, 12", ""),
    ]  # fmt: skip
    (*_, right) = counted(book_of(*GOOD, ["Total", None, None, "=SUM(D2:D4)"]))
    assert right[0][2] == "A row of totals was left out."


def test_a_total_that_does_not_add_is_a_warning_that_says_where():
    def warned(*lines):
        (part,) = parts(book_of(*GOOD, *lines), COUNT, None, "a.xlsx")
        checking = Checking(COUNT)
        found = checking.add(part)
        assert (found.stored, found.rejected) == (3, 0)
        return [each.message for each in checking.close()]

    (said,) = warned(["Total", None, None, 12])
    assert said.endswith(
        "sheet Sheet, row 5, column count: the total says 12, and the rows read add up to 11."
    )
    assert warned(["Total", None, None, 11]) == []
    assert warned(["Total", None, None, "n/a"]) == []
    indicator = GOOD[1][2]
    mine = sum(row[3] for row in GOOD[1:] if row[2] == indicator)
    assert warned(["Total", None, indicator, mine]) == []
    # Sub-totals stand for the rows since the last one, a grand total for all.
    assert warned(["Subtotal", None, None, 11], ["Grand total", None, None, 11]) == []


def test_a_total_in_a_text_says_its_file_and_row():
    lines = [*GOOD, ["Total", "", "", 12]]
    raw = "".join(",".join(map(str, line)) + "\n" for line in lines).encode()
    (part,) = read(raw, shipped()["agency-counts"], name="a.csv")
    (wrong,) = part.table.wrong_totals
    assert (wrong.place, wrong.stated, wrong.found) == ("a.csv, row 5, column count", 12, 11)


def test_notes_after_a_gap_are_left_out():
    table, found, repairs = counted(book_of(*GOOD, [], ["Figures are provisional."]))
    all_three(table)
    assert found.received == 3
    assert repairs == [(6, "", "A note was left out.", "Figures are provisional.", "")]


@KINDS
def test_names_in_merged_cells_of_two_rows(office, kind):
    all_three(counted(office["merged-names", kind], name=f"a.{kind}")[0], (3, 4, 5))
    all_three(counted(BOOKS["merged-names"])[0], (3, 4, 5))


def test_a_merged_area_counts_for_each_of_its_rows():
    book = Workbook()
    sheet = page(book, GOOD)
    sheet["A3"] = None
    sheet.merge_cells("A2:A3")
    table, _, repairs = counted(saved(book))
    all_three(table)
    assert repairs == [(3, "A", "A merged cell was read for each row it reaches.", "", "E07000001")]


@KINDS
def test_hidden_rows_are_asked_about(office, kind):
    raw = office["hidden-row", kind]
    problem = asked(raw, name=f"a.{kind}")
    assert problem.about == About.HIDDEN and problem.options == ("read", "leave")
    assert "the first is row 3" in problem.sentence
    all_three(counted(raw, Choice(hidden="read"))[0])
    table, _, repairs = counted(raw, Choice(hidden="leave"))
    assert table.rows.to_list() == [2, 4]
    assert repairs[0][:3] == (3, "", "A hidden row was left out, as chosen.")


def test_a_hidden_column_that_nobody_asked_for_is_named():
    book = Workbook()
    sheet = page(book, [[*COUNTS_HEADERS, "Victim"], *([*row, "x"] for row in COUNTS)])
    sheet.column_dimensions["E"].hidden = True
    problem = asked(saved(book))
    assert problem.about == About.COLUMNS
    assert "Not expected: Victim; hidden: Victim" in problem.sentence


@KINDS
def test_errors_of_formulas_return_their_row_alone(office, kind):
    raw = office["error", kind]
    table, found, _ = counted(raw)
    assert (found.stored, found.rejected) == (3, 1)
    (fault,) = found.faults.to_dicts()
    assert (fault["row"], fault["column"], fault["rule"]) == (5, "count", "formula-error")
    assert fault["value"] == "#DIV/0!"
    assert table.rows.to_list() == [2, 3, 4, 5]


@KINDS
def test_a_formula_that_was_never_worked_out_has_no_value(office, kind):
    found = counted(BOOKS["formula"])[1]
    assert found.faults["rule"].to_list() == ["formula-error"]
    worked_out = counted(office["formula", kind])[1]
    assert worked_out.stored == 4 and worked_out.rows["count"].to_list() == [4, 7, 0, 4]


@KINDS
def test_real_dates_and_times_need_no_repair(office, kind):
    raw = office["real-dates", kind]
    table, found, repairs = checked(raw, FIRE)
    assert table.frame["date"].to_list() == ["2025-01-31", "2025-02-01"]
    assert table.frame["time"].to_list() == ["09:05", "14:30"]
    assert (found.stored, repairs) == (2, [])


@pytest.mark.parametrize("from_1904", [False, True])
def test_numbers_for_days_count_from_what_the_workbook_says(from_1904):
    book = Workbook()
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    serial = dt.date(2025, 1, 31) - (dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30))
    page(book, [FIRE_HEADERS, *fire(serial.days, dt.date(2025, 2, 1))])
    table, found, repairs = checked(saved(book), FIRE)
    assert table.frame["date"].to_list() == ["2025-01-31", "2025-02-01"]
    assert found.stored == 2
    assert [(row, before, after) for row, _, _, before, after in repairs] == [
        (2, str(serial.days), "2025-01-31")
    ]


def test_a_csv_with_numbers_for_days_cannot_tell():
    text = "reference,date,time,category,area_code\nF-1,45688,14:30,malicious-call,E07000001\n"
    _, found, _ = checked(text.encode(), FIRE, name="a.csv")
    assert found.faults["rule"].to_list() == ["serial-number"]


def test_day_and_month_order_is_seen_in_the_column_or_asked():
    clear = book_of(FIRE_HEADERS, *fire("05/01/2025", "31/01/2025"))
    table, found, repairs = checked(clear, FIRE)
    assert table.frame["date"].to_list() == ["2025-01-05", "2025-01-31"]
    assert found.stored == 2
    assert [each[3] for each in repairs] == ["05/01/2025", "31/01/2025"]
    american = checked(book_of(FIRE_HEADERS, *fire("05/01/2025", "01/31/2025")), FIRE)[0]
    assert american.frame["date"].to_list() == ["2025-05-01", "2025-01-31"]
    unclear = book_of(FIRE_HEADERS, *fire("05/01/2025", "06/02/2025"))
    problem = asked(unclear, FIRE)
    assert problem.about == About.DAY_FIRST and "05/01/2025" in problem.sentence
    for first, day in ((True, "2025-01-05"), (False, "2025-05-01")):
        chosen = checked(unclear, FIRE, Choice(day_first=first))[0]
        assert chosen.frame["date"][0] == day
    both = asked(book_of(FIRE_HEADERS, *fire("31/01/2025", "01/31/2025")), FIRE)
    assert both.options == ()


def test_dates_that_excel_may_have_exchanged_are_asked_about():
    raw = book_of(FIRE_HEADERS, *fire(dt.date(2025, 1, 5), "13/01/2025", "25/01/2025"))
    assert asked(raw, FIRE).about == About.DATES
    assert checked(raw, FIRE, Choice(dates_are_right=True))[1].stored == 3


def test_a_month_that_excel_made_a_date():
    book = Workbook()
    page(book, GOOD)
    book.active["B2"] = dt.date(2025, 1, 1)
    book.active["B2"].number_format = "mmm-yy"
    table, _, repairs = counted(saved(book))
    all_three(table)
    assert repairs == [(2, "month", "A date was turned into its month.", "2025-01-01", "2025-01")]


def coded(codes: tuple[str, ...] = (), pattern: str = "") -> Contract:
    """Counts whose area has codes such as 007."""
    field = COUNT.field("area_code")
    listed = tuple(Code(each, f"Beat {each}", "") for each in codes)
    area = replace(field, codes=listed, pattern=pattern)
    fields = tuple(area if each.name == "area_code" else each for each in COUNT.fields)
    return replace(COUNT, fields=fields)


@pytest.mark.parametrize("contract", [coded(("007", "012")), coded(pattern="^[0-9]{3}$")])
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv"])
def test_lost_zeros_are_put_back_where_only_one_code_can_be_meant(office, contract, kind):
    raw = office["lost-zeros", kind]
    table, found, repairs = checked(raw, contract, name=f"a.{kind}")
    assert table.frame["area_code"].to_list() == ["007", "012", "007"]
    assert found.stored == 3
    assert [(row, before, after) for row, _, _, before, after in repairs] == [
        (3, "12", "012"), (4, "7", "007"),
    ]  # fmt: skip


@KINDS
def test_zeros_that_a_format_shows_are_kept(office, kind):
    table = checked(office["zeros-shown", kind], FIRE)[0]
    assert table.frame["reference"].to_list() == ["001234", "F-2"]


@KINDS
def test_codes_that_became_numbers_with_an_e_are_returned(office, kind):
    _, found, _ = checked(office["with-an-e", kind], FIRE, name=f"a.{kind}")
    assert (found.stored, found.rejected) == (1, 1)
    assert found.faults["rule"].to_list() == ["changed-by-spreadsheet"]


def test_codes_with_an_e_in_a_csv_are_returned():
    raw = "\n".join(",".join(row) for row in [FIRE_HEADERS, *fire("2025-01-31")])
    _, found, _ = checked(raw.replace("F-1", "1.20E+08").encode(), FIRE, name="a.csv")
    (fault,) = found.faults.to_dicts()
    assert (fault["rule"], fault["value"]) == ("changed-by-spreadsheet", "1.20E+08")


def test_a_code_that_became_a_date_is_returned():
    casualties = shipped()["road-casualties"]
    field = casualties.field("age_band")
    assert "6-10" in {each.value for each in field.codes}
    headers = list(casualties.headers)
    book = Workbook()
    page(book, [headers, [dt.date(2025, 10, 6) if h == field.header else "" for h in headers]])
    (part,) = parts(saved(book), casualties)
    assert part.table.doubts["column"].to_list() == [field.header]


def test_trailing_blanks_are_nothing():
    book = Workbook()
    sheet = page(book, [[*COUNTS_HEADERS, None, " "], *COUNTS])
    for row in (9, 5000):
        sheet.cell(row, 1).number_format = "0.00"
        sheet.cell(row, 2).value = "  "
    all_three(counted(saved(book))[0])


def test_two_tables_on_one_sheet_are_asked_about():
    below = book_of(
        *GOOD, [], ["Last year"], COUNTS_HEADERS, ["E07000001", "2024-01", "hate-crimes", 9]
    )
    problem = asked(below)
    assert problem.about == About.TABLE and problem.options == ("1", "7")
    table, _, repairs = counted(below, Choice(header_row=1))
    all_three(table)
    assert repairs[-1][2] == "A table below the one chosen was left out."
    second = counted(below, Choice(header_row=7))[0]
    assert second.rows.to_list() == [8]
    lookup = book_of(*GOOD, [], ["Code", "Meaning"], ["E07000001", "Barchester"])
    assert asked(lookup).options == ("1", "6")
    all_three(counted(lookup, Choice(header_row=1))[0])


def test_two_tables_side_by_side_are_asked_about():
    rows = [[*GOOD[0], None, "Code", "Meaning"], [*GOOD[1], None, "a", "b"], *GOOD[2:]]
    problem = asked(book_of(*rows))
    assert problem.about == About.TABLE and "column F" in problem.sentence
    table, _, repairs = counted(book_of(*rows), Choice(header_row=1))
    all_three(table)
    assert repairs[-1][1:3] == ("F", "A table beside the one chosen was left out.")


def test_names_repeated_at_each_page_are_left_out():
    table, _, repairs = counted(book_of(*GOOD[:3], COUNTS_HEADERS, GOOD[3]))
    all_three(table, (2, 3, 5))
    assert repairs[0][0] == 4


def test_several_sheets_are_asked_about_or_all_read():
    book = Workbook()
    page(book, GOOD)
    page(book, [COUNTS_HEADERS, ["E07000001", "2025-03", "hate-crimes", 2]], "March")
    page(book, [["Notes"], ["None of this counts"]], "About")
    raw = saved(book)
    problem = asked(raw)
    assert problem.about == About.SHEET and problem.options == ("Sheet", "March", ALL)
    table, _, repairs = counted(raw, Choice(sheet="March"))
    assert table.frame["month"].to_list() == ["2025-03"]
    assert [each[3] for each in repairs] == ["Sheet", "About"]
    assert [each.name for each in parts(raw, choice=Choice(sheet=ALL))] == [
        "a.xlsx, sheet Sheet", "a.xlsx, sheet March",
    ]  # fmt: skip


def test_a_table_on_a_hidden_sheet_is_not_read_unasked():
    book = Workbook()
    page(book, [["Cover"], ["Return"]])
    page(book, GOOD, "Data").sheet_state = "hidden"
    page(book, [["x"]], "Other")
    assert "hidden sheet, Data" in asked(saved(book)).sentence
    all_three(counted(saved(book), Choice(sheet="Data"))[0])


def test_no_names_at_all():
    problem = asked(book_of(*COUNTS))
    assert problem.about == About.HEADER and "area_code, area_name" in problem.remedy


def test_columns_by_another_name_are_mapped():
    raw = book_of(["Our return"], ["Town", "When", "n"], ["Barchester", dt.date(2025, 1, 1), 4])
    mapping = ColumnMapping(
        "agency-counts",
        (
            Column("area_code", ("Town",), values={"Barchester": "E07000001"}),
            Column("month", ("when",)), Column("count", ("n",)),
            Column("indicator", constant="hate-crimes"),
        ),
    )  # fmt: skip
    table, found, _ = counted(raw, Choice(mapping=mapping))
    assert found.rows.select("area_code", "month", "count").rows() == [("E07000001", "2025-01", 4)]
    assert table.rows.to_list() == [3]
    assert Choice.from_dict(json.loads(json.dumps(Choice(mapping=mapping).as_dict()))) == Choice(
        mapping=mapping
    )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda raw: b"\xef\xbb\xbf" + raw, "a.csv"),
        (lambda raw: raw.decode().encode("utf-16"), "a.csv"),
        (lambda raw: b"sep=;\r\n" + raw.replace(b",", b";"), "a.csv"),
        (lambda raw: raw.replace(b",", b"\t"), "a.tsv"),
        (lambda raw: b'"Return, with ""marks""",,,\n,,,\n' + raw, "a.csv"),
        (lambda raw: raw.replace(b"\r\n", b",,\r\n"), "a.csv"),
        (lambda raw: raw + b",,,\n" * 5, "a.csv"),
    ],
    ids=["bom", "utf-16", "sep-line", "tabs", "title-rows", "trailing-commas", "trailing-rows"],
)
def test_what_excel_does_to_a_csv(change, name):
    raw = "\r\n".join(",".join(map(str, row)) for row in GOOD).encode() + b"\r\n"
    table, found, _ = counted(change(raw), name=name)
    assert found.stored == 3
    shift = table.rows[0] - 2
    all_three(table, (2 + shift, 3 + shift, 4 + shift))


def test_json_and_parquet_are_read_alike():
    records = [dict(zip(COUNTS_HEADERS, row, strict=True)) for row in COUNTS]
    columns = {key: [each[key] for each in records] for key in COUNTS_HEADERS}
    frame = pl.DataFrame(columns).with_columns(pl.col("month").str.to_date("%Y-%m"))
    made = io.BytesIO()
    frame.write_parquet(made)
    for raw in (
        json.dumps(records).encode(),
        json.dumps(columns).encode(),
        json.dumps({"made": "2025-04-01", "rows": records}).encode(),
        "\n".join(json.dumps(each) for each in records).encode(),
        made.getvalue(),
    ):
        all_three(counted(raw, name="a.json")[0])
    assert "Record 1 holds a list" in refused(b'[{"area_code": [1]}]', "a.json")
    assert "JSON" in refused(json.dumps(records).encode()[:-9], "a.json")
    assert "damaged Parquet" in refused(made.getvalue()[:-9], "a.parquet")


def test_a_zip_may_hold_any_of_these():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("1/jan.xlsx", book_of(*GOOD))
        packed.writestr(
            "2/feb.csv", ",".join(COUNTS_HEADERS) + "\nE07000001,2025-03,hate-crimes,4\n"
        )
        packed.writestr("readme.txt", "hello")
    names = [each.name for each in parts(made.getvalue(), name="a.zip")]
    assert names == ["1/jan.xlsx", "2/feb.csv"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.csv", "a.json"])
def test_a_program_by_another_name(name):
    assert "a Windows program, whatever its name says" in refused(b"MZ\x90\0" + bytes(900), name)


def office_zip(**files: bytes) -> bytes:
    """A zip of these files, dots and folders written with two underscores."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b"<Types/>")
        for name, raw in files.items():
            packed.writestr(name.replace("__", "/").replace("_DOT_", "."), raw)
    return made.getvalue()


def test_macros_word_files_and_bombs_are_refused_with_a_remedy():
    assert "holds macros" in refused(office_zip(xl__vbaProject_DOT_bin=b"x"), "a.xlsm")
    assert "a Word file" in refused(office_zip(word__document_DOT_xml=b"<x/>"))
    assert "a binary workbook" in refused(office_zip(xl__workbook_DOT_bin=b"x"))
    bomb = office_zip(xl__workbook_DOT_xml=b"<x/>", xl__a_DOT_xml=bytes(60 * 1024 * 1024))
    assert "far more than its size" in refused(bomb)
    laughs = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">]><workbook>&b;</workbook>'
    assert "is damaged" in refused(office_zip(xl__workbook_DOT_xml=laughs))


def test_a_locked_workbook_is_refused(tmp_path):
    # What Excel makes of a workbook with a password: a container of one encrypted stream.
    import struct

    def entry(name: str, kind: int, child: int = 0xFFFFFFFF) -> bytes:
        encoded = (name + "\0").encode("utf-16-le")
        head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1)
        head += struct.pack("<3I", 0xFFFFFFFF, 0xFFFFFFFF, child)
        return head + bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0)

    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += struct.pack("<108I", *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    entries = entry("Root Entry", 5, 1) + entry("EncryptedPackage", 2) + bytes(256)
    assert "protected by a password" in refused(header + table + entries, "a.xlsx")


@KINDS
@pytest.mark.parametrize("share", [0.02, 0.4, 0.9])
def test_half_a_file_is_refused(office, kind, share):
    raw = office["plain", kind]
    assert "damaged" in refused(raw[: max(600, int(len(raw) * share))], f"a.{kind}")


def test_limits_of_workbooks():
    assert "more than 5 cells" in refused(book_of(*GOOD), limits=Limits(cells=5))
    assert "larger than a workbook can be" in refused(book_of(*GOOD), limits=Limits(whole=100))


def _rewritten(raw: bytes, before_end: bytes = b"", after: bytes = b"") -> bytes:
    """The first sheet with more rows, and with more after them."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w", 8) as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet1.xml"):
                text = text.replace(b"</sheetData>", before_end + b"</sheetData>" + after)
            new.writestr(name, text)
    return made.getvalue()


def test_merged_cells_and_stray_cells_cost_no_more_than_they_hold():
    good = book_of(*GOOD)
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(6, 3000))
    over = b"".join(b'<mergeCell ref="A%d:XFD9999"/>' % (n % 200 + 1) for n in range(9000))
    merges = b"<mergeCells>%s</mergeCells>"
    piled = _rewritten(good, rows, merges % over)
    assert "too many merged cells" in refused(piled)
    far = b'<row r="5"><c r="A5"><v>1</v></c><c r="XFD5"><v>1</v></c></row>'
    down = _rewritten(good, far + rows, merges % b'<mergeCell ref="XFD5:XFD2999"/>')
    assert "too many merged cells" in refused(down)
    tracemalloc.start()
    assert "Not expected: (no name)" in refused(_rewritten(good, far + rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * 1024 * 1024


def test_a_large_csv_comes_in_pieces_with_its_own_rows():
    lines = [f'E07{n:06d},2025-01,hate-crimes,"{n}"' for n in range(20_000)]
    lines[7000] = 'E07007000,2025-01,hate-crimes,"7\n000"'
    raw = ("area_code,month,indicator,count\n" + "\n".join(lines) + "\n").encode()
    whole = parts(raw, name="a.csv")
    assert len(whole) == 1
    pieces = list(delimited.blocks([raw[n : n + 999] for n in range(0, len(raw), 999)],
                                   frozenset(COUNTS_HEADERS), "a.csv", size=50_000))  # fmt: skip
    assert len(pieces) > 10
    assert pl.concat([each.rows for each in pieces]).to_list() == list(range(2, 20_002))
    texts = pl.concat([each.frame for each in pieces])
    assert texts["column_4"].to_list() == whole[0].table.frame["count"].to_list()


def test_look_says_what_there_is_to_choose():
    book = Workbook()
    page(book, [["Return"], *([*FIRE_HEADERS],), *fire("05/01/2025", "06/01/2025")])
    book.active.row_dimensions[4].hidden = True
    page(book, [["Cover"]], "Cover")
    found = look(saved(book), FIRE, name="a.xlsx")
    assert [each.name for each in found.sheets] == ["Sheet", "Cover"]
    assert found.sheets[0].header_rows == (2,)
    assert found.sheets[0].preview[0] == (1, ("Return",))
    assert [each.about for each in found.questions] == [About.HIDDEN, About.DAY_FIRST]
    assert found.choice == Choice(hidden="read", day_first=True)
    assert found.refusal is None and found.unfilled == ()
    assert parts(saved(book), FIRE, found.choice)[0].table.rows.to_list() == [3, 4]
    wrong = look(b"Town;n\nBarchester;4\n", COUNT, name="a.csv")
    assert wrong.refusal is not None and wrong.headers == ("Town", "n")
    assert [each.header for each in wrong.unfilled] == COUNTS_HEADERS
    assert wrong.sheets[0].preview == ((1, ("Town", "n")), (2, ("Barchester", "4")))


def test_repairs_are_counted_by_kind():
    raw = book_of(FIRE_HEADERS, *fire(*(f"{n:02d}/01/2025" for n in range(1, 32))))
    (part,) = parts(raw, FIRE)
    (group,) = grouped([part.table.repairs])
    assert (group.count, group.column, len(group.first)) == (31, "date", 3)
    assert group.first[0].place == "Sheet, row 2, date"


def filled(contract: Contract) -> dict[str, object]:
    """A value of the right kind for each column, as a person types it."""
    typed = {
        Kind.DATE: dt.date(2025, 1, 31), Kind.TIME: dt.time(14, 30), Kind.MONTH: "2025-01",
        Kind.MOMENT: "2025-01-31T14:30:00+00:00", Kind.NUMBER: 51.5, Kind.WHOLE: 4,
    }  # fmt: skip
    return {
        each.header: each.codes[0].value if each.codes else typed.get(each.kind, "")
        for each in contract.fields
    }


@pytest.mark.parametrize("key", ["agency-counts", "racial-incidents", "school-exclusions"])
def test_a_template_that_is_filled_in_comes_back_without_a_fault(key):
    contract = shipped()[key]
    raw = template(contract)
    assert raw == template(contract)
    book = load_workbook(io.BytesIO(raw))
    sheet = book.worksheets[0]
    for column, value in enumerate(filled(contract).values(), start=1):
        sheet.cell(2, column).value = value or None
    for field in contract.fields:
        if field.name == contract.role("area"):
            sheet.cell(2, contract.fields.index(field) + 1).value = "E07000001"
    again = by_office({"filled": saved(book)}, "xlsx")["filled", "xlsx"]
    for made in (saved(book), again):
        _, found, repairs = checked(made, contract)
        assert found.faults.to_dicts() == []
        assert (found.stored, found.rejected) == (1, 0)
        assert {each[2] for each in repairs} == {"A sheet without the table was not read."}


@pytest.mark.parametrize("key", sorted(shipped()))
def test_a_template_can_be_used_by_everybody(key):
    contract = shipped()[key]
    book = load_workbook(io.BytesIO(template(contract)))
    assert [each.sheet_state for each in book.worksheets] == ["visible"] * len(book.worksheets)
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2" and sheet.tables["Data"].headerRowCount == 1
    assert [cell.value for cell in sheet[1]] == list(contract.headers)
    assert len(sheet.data_validations.dataValidation) == len(contract.fields)
    with pytest.raises(Unreadable, match="column names but no rows"):
        parts(saved(book), contract)
