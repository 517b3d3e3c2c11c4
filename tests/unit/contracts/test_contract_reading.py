import io
import re
import struct
import zipfile
from pathlib import Path

import pytest

from frankpledge.contracts import Cancelled, Checking, Limits, Unreadable, read, shipped, skipped
from tests.street_files import HEADERS, csv_of, row, zip_named, zip_of

STREET = shipped()["police-street"]
COUNTS = shipped()["agency-counts"]
TWO = csv_of(row(1), row(2))


def only(raw: bytes, name: str = "a.csv"):
    (part,) = read(raw, STREET, name=name)
    return part.table


def refused(raw: bytes | Path, name: str, **given: object) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        list(read(raw, STREET, name=name, **given))
    problem = caught.value
    assert problem.sentence.endswith(".") and problem.remedy.endswith(".")
    return problem


def test_a_plain_file():
    table = only(TWO)
    assert table.frame.columns == [each.name for each in STREET.fields]
    assert table.rows.to_list() == [2, 3]
    assert table.frame["context"].null_count() == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + TWO,
        TWO.decode().encode("utf-16"),
        b"\xfe\xff" + TWO.decode().encode("utf-16-be"),
        csv_of(row(1), row(2), separator=";").replace(b"; no", b", no"),
        csv_of(row(1), row(2), separator="\t"),
        TWO.replace(b"\n", b"\r\n"),
        TWO.replace(b"\n", b"\r"),
        TWO.rstrip(b"\n"),
        TWO + b"\n\n",
        TWO + b"," * 11 + b"\n",
        csv_of(row(1), row(2), headers=HEADERS[::-1]),
        TWO.replace(b"Crime ID", b"crime_id").replace(b"LSOA code", b" LSOA  Code"),
        TWO.replace(b",Barset Police,", b", Barset Police ,"),
        b"\n".join(b",".join(b'"' + v + b'"' for v in ln.split(b",")) for ln in TWO.splitlines()),
    ],
    ids=["bom", "utf-16", "utf-16-be", "semicolons", "tabs", "crlf", "cr", "no-last-line-end",
         "blank-lines", "row-of-nothing", "order", "header-case", "spaces", "quoted"],
)  # fmt: skip
def test_what_cannot_be_wrong_is_mended_without_a_word(raw):
    table = only(raw)
    assert table.frame.equals(only(TWO).frame)
    assert table.rows.to_list() == [2, 3]
    assert table.ragged == ()


def test_blank_lines_keep_the_row_numbers():
    lines = TWO.split(b"\n")
    assert only(b"\n".join([lines[0], lines[1], b"", lines[2], b""])).rows.to_list() == [2, 4]


def test_a_quoted_value_may_hold_separators_and_line_ends():
    raw = csv_of(row(1, Location='"Hill, ""old""\nand new"'), row(2))
    table = only(raw)
    assert table.frame["location"].to_list() == ['Hill, "old"\nand new', "On or near Cobbs Hill"]
    assert table.rows.to_list() == [2, 3]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_line_of_the_wrong_length_is_returned_and_the_rest_goes_on(quoted):
    extra = row(3, Location='"Hill, old"') if quoted else row(3)
    lines = csv_of(row(1), row(2), extra).splitlines(keepends=True)
    lines[1] = b"a,b,c\n"
    lines.insert(3, b",".join([b"x"] * 14) + b"\n")
    (part,) = read(b"".join(lines), STREET, name="a.csv")
    assert part.table.ragged == ((2, 3), (4, 14))
    found = Checking(STREET).add(part)
    assert (found.received, found.stored, found.rejected) == (4, 2, 2)
    assert found.faults["rule"].to_list() == ["row-length", "row-length"]
    assert found.faults["value"].to_list() == ["3 values", "14 values"]


@pytest.mark.parametrize(
    ("raw", "name", "says"),
    [
        (b"", "a.csv", "is empty"),
        (b" \n\n", "a.csv", "is empty"),
        (b"\xef\xbb\xbf", "a.csv", "is empty"),
        (csv_of(), "a.csv", "no rows"),
        (b"MZ\x90\x00\x03" + bytes(500), "street.csv", "a Windows program"),
        (b"\x7fELF" + bytes(64), "street.csv", "a program"),
        (b"%PDF-1.7", "street.csv", "a PDF"),
        (TWO.replace(b"Cobbs", b"Co\0bs"), "a.csv", "zero bytes in row 2"),
        (TWO.replace(b"Cobbs", b"Caf\xe9"), "a.csv", "row 2 that are not written as UTF-8"),
        (TWO.decode().encode("utf-16-le"), "a.csv", "zero bytes"),
        (TWO, "a.zip", "called a zip but is not one"),
        (b"PK\x03\x04" + bytes(200), "a.zip", "damaged"),
        (zip_of(m2025_01=TWO)[:-30], "a.zip", "damaged"),
        (zip_named({}), "a.zip", "no CSV file|damaged"),
        (zip_named({"readme.md": b"hello"}), "a.zip", "holds no CSV file"),
        (zip_named({"[Content_Types].xml": b"", "xl/a.xml": b""}), "a.xlsx", "a.xlsx is damaged"),
        (zip_named({"../../etc/a.csv": TWO}), "a.zip", "points outside the zip"),
        (zip_named({"/etc/a.csv": TWO}), "a.zip", "points outside the zip"),
        (zip_named({"..\\a.csv": TWO}), "a.zip", "points outside the zip"),
        (zip_named({"C:\\a.csv": TWO}), "a.zip", "points outside the zip"),
        (zip_named({"a/" * 20 + "a.csv": TWO}), "a.zip", "folders within folders"),
        (zip_named({"b.csv": zip_of(m2025_01=TWO)}), "a.zip", "a zip archive"),
        (b"Month,Month\n", "a.csv", "there twice: Month"),
        (TWO[:-40], "a.csv", "stops in the middle of row 3"),
        (TWO.replace(b"On or", b'"On or'), "a.csv", "row 2|row 3"),
        (b"x" * 20_000, "a.csv", "does not begin with column names"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(raw, name, says):
    problem = refused(raw, name)
    assert re.search(says, problem.sentence), problem.sentence


@pytest.mark.parametrize(
    ("name", "remedy"), [("a.xlsx", "an Excel workbook"), ("a.zip", "the zip")]
)
def test_what_arrived_in_part_is_mended_where_it_was_made(name, remedy):
    assert remedy in refused(b"PK\x03\x04" + bytes(200), name).remedy


def test_a_wrong_header_names_the_columns():
    raw = csv_of(row(1), headers=[*HEADERS[:-2], "Victim name"])
    problem = refused(raw, "a.csv")
    assert "Missing: Last outcome category, Context" in problem.sentence
    assert "not expected: Victim name" in problem.sentence
    assert "Crime ID, Month" in problem.remedy
    assert problem.place == "a.csv, row 1"


def test_a_bomb_is_not_opened():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("2025-01-barset-street.csv", bytes(40 * 1024 * 1024))
    assert "far more than its size" in refused(made.getvalue(), "a.zip").sentence


def test_a_bomb_that_lies_about_its_size_is_not_believed():
    raw = bytearray(zip_of(m2025_01=csv_of(*[row(n) for n in range(500)])))
    central = raw.rindex(b"PK\x01\x02")
    (declared,) = struct.unpack_from("<L", raw, central + 24)
    struct.pack_into("<L", raw, central + 24, declared // 10)
    assert refused(bytes(raw), "a.zip").sentence.endswith(("inside the zip.", "not opened."))


def test_entries_that_overlap_are_a_bomb():
    made = io.BytesIO(zip_named({"a.csv": TWO * 50}))
    with zipfile.ZipFile(made, "a") as packed:
        first = packed.infolist()[0]
        for number in range(30):  # thirty names for the same packed bytes
            again = zipfile.ZipInfo(f"b{number}.csv")
            again.header_offset = first.header_offset
            again.compress_size, again.file_size = first.compress_size, first.file_size
            again.CRC, again.compress_type = first.CRC, first.compress_type
            packed.filelist.append(again)
            packed.NameToInfo[again.filename] = again
            packed._didModify = True
    assert "far more than its size" in refused(made.getvalue(), "a.zip").sentence


def test_limits_are_looked_at_before_reading(tmp_path):
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as opened:
        opened.truncate(2 * 1024**3)
    assert "2.0 GB" in refused(huge, "huge.csv").sentence
    small = Limits(member=100)
    assert "more than" in refused(TWO, "a.csv", limits=small).sentence
    assert "more than" in refused(zip_of(m2025_01=TWO), "a.zip", limits=small).sentence
    assert (
        "unpacks to" in refused(zip_of(m2025_01=TWO), "a.zip", limits=Limits(unpacked=100)).sentence
    )
    many = zip_named({f"{n}.csv": TWO for n in range(12)})
    assert "more than 10 files" in refused(many, "a.zip", limits=Limits(members=10)).sentence


def test_a_file_that_is_not_there(tmp_path):
    assert "cannot be found" in refused(tmp_path / "none.csv", "none.csv").sentence


def test_an_archive_is_read_in_order_and_other_files_are_left_alone():
    raw = zip_named(
        {
            "2025-02/2025-02-barset-street.csv": TWO.replace(b"2025-01", b"2025-02"),
            "2025-01/2025-01-barset-street.csv": TWO,
            "2025-01/2025-01-barset-outcomes.csv": b"other,columns\n",
            "__MACOSX/2025-01/._2025-01-barset-street.csv": b"\0",
        }
    )
    parts = list(read(raw, STREET, name="a.zip"))
    assert [part.month for part in parts] == ["2025-01", "2025-02"]
    assert skipped(raw, STREET, name="a.zip") == ("2025-01/2025-01-barset-outcomes.csv",)


def test_a_folder_is_read_like_an_archive(tmp_path):
    for month in ("2025-01", "2025-02"):
        (tmp_path / month).mkdir()
        raw = TWO.replace(b"2025-01", month.encode())
        (tmp_path / month / f"{month}-barset-street.csv").write_bytes(raw)
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    parts = list(read(tmp_path, STREET))
    assert [part.name for part in parts] == [
        "2025-01/2025-01-barset-street.csv",
        "2025-02/2025-02-barset-street.csv",
    ]


def test_columns_that_may_be_absent_are_filled():
    (part,) = read(b"Area code;Month;Indicator;Count\nE07000001;2025-01;hate-crimes;4\n", COUNTS)
    assert part.table.frame["unit"].to_list() == [None]


def test_progress_and_cancel():
    raw = zip_of(m2025_01=TWO, m2025_02=TWO.replace(b"2025-01", b"2025-02"))
    told: list[tuple[int, int, str]] = []
    list(read(raw, STREET, name="a.zip", progress=lambda *each: told.append(each)))
    assert [done for done, _, _ in told] == [0, len(TWO), 2 * len(TWO)]
    assert told[-1][0] == told[-1][1]
    assert "2025-01-barset-street.csv" in told[0][2]
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        list(read(raw, STREET, name="a.zip", cancelled=lambda: next(answers)))
