"""Places with their figures as GeoJSON and as a GeoPackage.

A hidden figure is null and its status says so. The GeoPackage is written by the standard (OGC
12-128r18) with sqlite3 and well-known binary: a layer `figures`, and a table `about` with what a
reader must know.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Mapping
from datetime import date
from typing import Any

import shapely
from shapely.geometry import shape

from frankpledge.analysis.disclosure import Cell, Column, PublishableTable, Status

WGS84 = 4326
_APPLICATION, _VERSION = 0x47504B47, 10300  # "GPKG", 1.3
_NUMBERS = ("number", "rate", "percent")
_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,'
    'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
    'AUTHORITY["EPSG","4326"]]'
)
_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
  identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL,
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
  m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE about (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, topic TEXT, said TEXT);
"""


def attributes(table: PublishableTable, row: tuple[Cell, ...]) -> dict[str, Any]:
    """What is told of a place: values, null where hidden or missing, and which of the two it is."""
    told: dict[str, Any] = {}
    for column, cell in zip(table.columns, row, strict=True):
        value = cell.value if cell.status is Status.SHOWN else None
        told[column.key] = value.isoformat() if isinstance(value, date) else value
        if column.kind != "text":
            told[f"{column.key}_status"] = cell.status.value
    return told


def geojson(table: PublishableTable, shapes: Mapping[str, Any]) -> bytes:
    place = table.place("code")
    collection = {
        "type": "FeatureCollection",
        "title": table.title,
        "synthetic": table.synthetic,
        "notes": list(table.notes),
        "sources": list(table.sources),
        "features": [
            {
                "type": "Feature",
                "properties": attributes(table, row),
                "geometry": shapes.get(str(row[place].value)),
            }
            for row in table.rows
        ],
    }
    return json.dumps(collection, ensure_ascii=False).encode()


def geopackage(table: PublishableTable, shapes: Mapping[str, Any], *, made_on: date) -> bytes:
    book = sqlite3.connect(":memory:")
    try:
        _head(book)
        _features(book, table, shapes, made_on)
        _about(book, table, made_on)
        book.commit()
        return book.serialize()
    finally:
        book.close()


def _head(book: sqlite3.Connection) -> None:
    book.execute(f"PRAGMA application_id = {_APPLICATION}")
    book.execute(f"PRAGMA user_version = {_VERSION}")
    book.executescript(_TABLES)
    book.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined cartesian", -1, "NONE", -1, "undefined", ""),
            ("Undefined geographic", 0, "NONE", 0, "undefined", ""),
            ("WGS 84 geodetic", WGS84, "EPSG", WGS84, _WKT, "longitude and latitude, degrees"),
        ],
    )


def _features(
    book: sqlite3.Connection, table: PublishableTable, shapes: Mapping[str, Any], made_on: date
) -> None:
    fields = [part for column in table.columns for part in _fields(column)]
    defined = ", ".join(f"{_quoted(name)} {kind}" for name, kind in fields)
    book.execute(
        "CREATE TABLE figures (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
        f"geom MULTIPOLYGON, {defined})"
    )
    place = table.place("code")
    found = {
        code: shapely.multipolygons(_polygons(shape(geometry)))
        for code, geometry in shapes.items()
        if code in {row[place].value for row in table.rows}
    }
    marks = ", ".join("?" * (len(fields) + 1))
    names = ", ".join(_quoted(name) for name, _ in fields)
    for row in table.rows:
        outline = found.get(str(row[place].value))
        blob = _blob(outline) if outline is not None else None
        values = attributes(table, row).values()
        book.execute(f"INSERT INTO figures (geom, {names}) VALUES ({marks})", (blob, *values))  # noqa: S608
    box = shapely.total_bounds(list(found.values())).tolist() if found else [None] * 4
    book.execute(
        "INSERT INTO gpkg_contents VALUES ('figures', 'features', 'figures', ?, ?, ?, ?, ?, ?, ?)",
        (f"{table.title}. {' '.join(table.notes)}", _moment(made_on), *box, WGS84),
    )
    book.execute(
        "INSERT INTO gpkg_geometry_columns VALUES ('figures', 'geom', 'MULTIPOLYGON', ?, 0, 0)",
        (WGS84,),
    )


def _about(book: sqlite3.Connection, table: PublishableTable, made_on: date) -> None:
    said = [("Title", table.title), *(("Note", note) for note in table.notes)]
    said += [("Source", source) for source in table.sources]
    book.executemany("INSERT INTO about (topic, said) VALUES (?, ?)", said)
    book.execute(
        "INSERT INTO gpkg_contents VALUES "
        "('about', 'attributes', 'about', ?, ?, NULL, NULL, NULL, NULL, 0)",
        ("What a reader must know", _moment(made_on)),
    )


def _fields(column: Column) -> list[tuple[str, str]]:
    if column.kind == "text":
        return [(column.key, "TEXT")]
    kind = "REAL" if column.kind in _NUMBERS else "INTEGER" if column.kind == "count" else "TEXT"
    return [(column.key, kind), (f"{column.key}_status", "TEXT")]


def _polygons(outline: Any) -> list[Any]:
    return list(getattr(outline, "geoms", [outline]))


def _blob(outline: Any) -> bytes:
    """GeoPackage's header, little-endian and with its box, before the well-known binary."""
    west, south, east, north = outline.bounds
    head = b"GP" + bytes([0, 0b00000011]) + struct.pack("<i4d", WGS84, west, east, south, north)
    return head + bytes(shapely.to_wkb(outline, byte_order=1))


def _moment(made_on: date) -> str:
    return f"{made_on.isoformat()}T00:00:00.000Z"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
