"""Files of an answer: each says what a reader must know, and none tells a hidden figure."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from typing import Any

import geopandas
import openpyxl
import pyogrio
import pytest
from django.urls import reverse

from frankpledge.access.actors import public
from frankpledge.analysis.disclosure import Column, PublishableTable, publish, rules
from frankpledge.components import exports
from frankpledge.evidence.queries import asking, exporting
from frankpledge.evidence.queries.formats import csvw, geography
from frankpledge.evidence.rules import Question, UnableToAsk
from tests import sharing_world as sharing
from tests.integration.test_evidence import _client
from tests.integration.test_evidence import shared as shared
from tests.integration.test_explorer_charts import mapped as mapped
from tests.worlds import TODAY

JUNE = "dataset=abuse&from=2025-06&to=2025-06&by=area"
KINDS = ("csv", "csvw.zip", "xlsx", "svg", "map.svg", "geojson", "gpkg")
MUST_SAY = ("The rule", "Version of the data: ", "OFFICIAL")


def _text(kind: str, content: bytes) -> str:
    """Everything that is written in a file."""
    if kind in ("csvw.zip", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(archive.read(name).decode() for name in archive.namelist())
    if kind == "gpkg":
        book = sqlite3.connect(":memory:")
        book.deserialize(content)
        return "\n".join(book.iterdump())
    return re.sub(r"</text><text[^>]*>", " ", content.decode())


def _get(world: sharing.SharingWorld, who: str, kind: str, address: str = JUNE) -> Any:
    url = reverse("explorer-export", args=[kind])
    return _client(world, who).get(f"{url}?{address}")


def test_every_file_says_its_marking_version_rule_and_caveats(mapped: sharing.SharingWorld):
    asked = asking.answer(
        actor=public(TODAY), question=Question("abuse", "2025-06", "2025-06", by="area"), on=TODAY
    )
    assert asked.caveats and asked.table.sources == ("Abuse, from Ashshire Police",)
    for kind in KINDS:
        text = _text(kind, _get(mapped, "public", kind).content)
        sources = () if kind == "csv" else asked.table.sources
        for words in (*MUST_SAY, asked.version, *asked.caveats, *sources):
            assert words.replace("&", "&amp;" if "svg" in kind else "&") in text, (kind, words)
    assert _get(mapped, "public", "png").content.startswith(b"\x89PNG")


def test_no_file_tells_the_public_a_small_count(mapped: sharing.SharingWorld):
    for kind in (kind for kind in KINDS if "svg" not in kind):
        assert _birch(kind, _get(mapped, "public", kind).content) is None, kind
        assert _birch(kind, _get(mapped, "leader", kind).content) == 2, kind


def _birch(kind: str, content: bytes) -> Any:
    """The count of the small district as the file has it."""
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        found = next(row["Count"] for row in rows if row["Place"] == "Birch")
    elif kind == "csvw.zip":
        rows = csv.DictReader(io.StringIO(_parts(content)[0]))
        found = next(row["Count"] for row in rows if row["Place"] == "Birch")
    elif kind == "xlsx":
        page = openpyxl.load_workbook(io.BytesIO(content))["Table"]
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=4)]
        found = next(r for r in rows if "Birch" in r)[rows[0].index("Count")]
    elif kind == "geojson":
        features = json.loads(content)["features"]
        found = next(f["properties"] for f in features if f["properties"]["area"] == "Birch")
        assert found["count_status"] == ("shown" if found["count"] else "suppressed")
        found = found["count"]
    else:
        frame = pyogrio.read_dataframe(content, layer="figures", use_arrow=False)
        row = frame[frame["area"] == "Birch"].iloc[0]
        found = None if row["count_status"] == "suppressed" else int(row["count"])
        assert (row["count"] != row["count"]) == (found is None)
    return None if found in ("", "[c]", None) else int(found)


def _parts(content: bytes) -> tuple[str, dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        table, about = (archive.read(name).decode() for name in names)
    assert names[1] == f"{names[0]}-metadata.json"
    return table, json.loads(about), names[0]


def test_csv_on_the_web_describes_its_columns_and_notes_what_is_hidden(
    mapped: sharing.SharingWorld,
):
    text, about, name = _parts(_get(mapped, "public", "csvw.zip").content)
    assert about["@context"][0] == "http://www.w3.org/ns/csvw"
    assert about["url"] == name
    rows = list(csv.reader(io.StringIO(text)))
    columns = about["tableSchema"]["columns"]
    assert [column["titles"] for column in columns] == rows[0]
    assert len({column["name"] for column in columns}) == len(columns)
    of = {"integer": int, "number": float, "string": str}
    for row in rows[1:]:
        for value, column in zip(row, columns, strict=True):
            assert value == "" or of[column["datatype"]](value) is not None
    noted = {note["target"] for note in about["notes"]}
    empty = {
        f"{name}#cell={r},{c}"
        for r, row in enumerate(rows, start=1)
        for c, value in enumerate(row, start=1)
        if not value
    }
    assert noted == empty
    assert any(note["body"].startswith("[c]") for note in about["notes"])


def test_a_geopackage_opens_with_its_places_and_what_to_know(mapped: sharing.SharingWorld):
    content = _get(mapped, "leader", "gpkg").content
    frame = geopandas.read_file(io.BytesIO(content), layer="figures")
    assert frame.crs.to_epsg() == 4326
    drawn = frame[~frame.geometry.isna()]
    assert [shape.area for shape in drawn.geometry] == [1, 1]
    assert drawn["count"].tolist() == [46, 2]
    assert frame["count"].sum() == 48  # with what lies elsewhere, which has no outline
    layers = dict(pyogrio.list_layers(io.BytesIO(content)).tolist())
    assert layers == {"figures": "MultiPolygon", "about": None}
    book = sqlite3.connect(":memory:")
    book.deserialize(content)
    assert book.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
    assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not book.execute("PRAGMA foreign_key_check").fetchall()


def test_a_workbook_can_be_read_by_everybody(mapped: sharing.SharingWorld):
    content = _get(mapped, "public", "xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Cover", "Notes", "Table"]
    assert book.properties.language == "en-GB"
    assert book.properties.title
    for page in book:
        assert not page.merged_cells.ranges
        filled = [any(cell.value is not None for cell in row) for row in page.iter_rows()]
        assert all(filled), f"{page.title} has an empty row"
    cover = [str(cell.value) for cell in book["Cover"]["A"]]
    assert "abuse" in cover[1].lower()  # the finding, below the title
    assert [c.hyperlink.location for c in book["Cover"]["A"] if c.hyperlink] == [
        "'Notes'!A1",
        "'Table'!A1",
    ]
    table = book["Table"]
    assert table.freeze_panes == "B5"
    assert table.tables["shown"].headerRowCount == 1
    assert "[c] means confidential" in table["A3"].value
    assert all(dimension.width >= 10 for dimension in table.column_dimensions.values())


def _hostile() -> PublishableTable:
    return publish(
        title="=1+1",
        columns=(Column("code", "=CODE()"), Column("count", "Count", "count")),
        rows=[("=cmd|' /C calc'!A0", 3), ("@SUM(A1)", 400)],
        rule=rules.NONE,
        audience="public",
    )


def test_a_formula_in_a_name_runs_nowhere():
    text, about, _ = _parts(csvw.zipped(_hostile(), stem="a", made_on=TODAY))
    read = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in read] == ["'=CODE()", "'=cmd|' /C calc'!A0", "'@SUM(A1)"]
    assert about["tableSchema"]["columns"][0]["titles"] == "'=CODE()"
    made = exports.to_xlsx(exports.sheet_of(_hostile(), made_on=TODAY, for_people=True))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
    frame = pyogrio.read_dataframe(
        geography.geopackage(_hostile(), {}, made_on=TODAY), layer="figures"
    )
    assert frame["code"].tolist() == ["=cmd|' /C calc'!A0", "@SUM(A1)"]


def test_what_a_workbook_cannot_hold_is_refused_with_a_remedy(
    mapped: sharing.SharingWorld, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    answer = _get(mapped, "leader", "xlsx")
    assert answer.status_code == 422
    assert "Download the CSV" in answer.content.decode()
    asked = asking.answer(
        actor=mapped.actor("leader"), question=Question("abuse", "2025-01", "2025-12"), on=TODAY
    )
    with pytest.raises(UnableToAsk):
        exporting.export(asked, "xlsx", made_on=TODAY)
    assert exporting.export(asked, "csv", made_on=TODAY).status_code == 200


def test_without_places_there_is_no_map_file(mapped: sharing.SharingWorld):
    for kind in ("gpkg", "geojson"):
        address = f"dataset=abuse&from=2025-06&to=2025-06&by=month&area={sharing.ASH}"
        assert _get(mapped, "leader", kind, address).status_code == 404
