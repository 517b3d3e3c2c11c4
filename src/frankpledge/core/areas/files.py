"""Reads a published file of areas and recognises it by its columns, whatever their year.

Known are boundaries (GeoJSON), look-ups (CSV) between any of LSOA, MSOA, ward, lower tier and upper
tier, change codes between the LSOAs of two censuses, and census counts of residents.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frankpledge.core.models import AreaChangeKind, AreaKind

_COLUMN = re.compile(
    r"(?:f_)?(lsoa|msoa|ward|wd|lad|ltla|utla|ctyua|cty)(\d\d)_?(cd|code|nm|name)", re.IGNORECASE
)
_LEVELS = {
    "lsoa": 0,
    "msoa": 1,
    "wd": 2,
    "ward": 2,
    "lad": 3,
    "ltla": 3,
    "utla": 4,
    "ctyua": 4,
    "cty": 4,
}
_LOWER_TIER = 3
_CHANGE = ("change_code", "chgind", "chngind")
_RESIDENTS = ("total_residents", "total_population", "usual_residents")
_KINDS = {
    "01": AreaKind.LSOA,
    "02": AreaKind.MSOA,
    "05": AreaKind.WARD,
    "06": AreaKind.UNITARY,
    "07": AreaKind.DISTRICT,
    "08": AreaKind.DISTRICT,
    "09": AreaKind.DISTRICT,
    "10": AreaKind.COUNTY,
    "12": AreaKind.UNITARY,
}
CENSUS_KINDS = frozenset({AreaKind.LSOA, AreaKind.MSOA})
Key = tuple[str, int]


class NotAreas(Exception):
    """The file cannot be loaded as areas; the text says why and what to load instead."""


@dataclass
class Place:
    """What files say of one area. A census area is of one generation; others last as their code."""

    code: str
    kind: AreaKind
    first: int
    last: int
    name: str = ""
    parent: str = ""
    outline: dict[str, Any] | None = None
    residents: int | None = None

    @property
    def key(self) -> Key:
        return key_of(self.code, self.kind, self.first)

    def take(self, other: Place) -> None:
        """Learn from another file; the newer generation has the word."""
        newer = other.last >= self.last
        self.name = (other.name if newer else self.name) or self.name or other.name
        self.parent = (other.parent if newer else self.parent) or self.parent or other.parent
        self.outline = (other.outline if newer else self.outline) or self.outline or other.outline
        if other.residents is not None and (newer or self.residents is None):
            self.residents = other.residents
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)


def key_of(code: str, kind: str, vintage: int) -> Key:
    """Codes of census areas come again in the next census; every other code is used once."""
    return (code, vintage if kind in CENSUS_KINDS else 0)


@dataclass
class Facts:
    """All that a file, or several, say of areas."""

    places: dict[Key, Place] = field(default_factory=dict)
    changes: dict[tuple[Key, Key], AreaChangeKind] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    ignored: int = 0

    def add(self, place: Place) -> None:
        known = self.places.get(place.key)
        if known is None:
            self.places[place.key] = place
        else:
            known.take(place)

    def take(self, other: Facts) -> None:
        for place in other.places.values():
            self.add(place)
        self.changes.update(other.changes)
        self.read += other.read
        self.ignored += other.ignored


def kind_of_code(code: str) -> AreaKind | None:
    """What an official nine-character code stands for, where it is one of our kinds."""
    if not re.fullmatch(r"[EWSN]\d{8}", code):
        return None
    return _KINDS.get(code[1:3])


def read(paths: Iterable[Path]) -> Facts:
    """Everything that the files (and the files in folders) say. Raises NotAreas."""
    facts = Facts()
    for path in _files(paths):
        facts.take(_read_one(path))
    return facts


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix.lower() in {".csv", ".geojson"})
            if not found:
                raise NotAreas(f"{path} has no .csv or .geojson file. Name the files to load.")
            yield from found
        elif path.is_file():
            yield path
        else:
            raise NotAreas(f"{path} does not exist. Check the name and the folder.")


def _read_one(path: Path) -> Facts:
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        facts = _geojson(path) if start.startswith(b"{") else _table(path)
    except UnicodeDecodeError:
        raise NotAreas(f"{path.name} is not text in UTF-8. Download it again as CSV.") from None
    if not facts.places:
        raise NotAreas(f"{path.name} has the right columns but not one area. Download it again.")
    facts.read = [f"{path.name}: {_counted(facts)}"]
    return facts


def _counted(facts: Facts) -> str:
    counts: dict[str, int] = {}
    for place in facts.places.values():
        label = f"{place.kind.label.lower()} {place.last}"
        counts[label] = counts.get(label, 0) + 1
    said = ", ".join(f"{count:,} {label}" for label, count in sorted(counts.items()))
    return said + (f", {len(facts.changes):,} change codes" if facts.changes else "")


# Tables


@dataclass(frozen=True)
class _Column:
    level: int
    vintage: int
    code: str
    name: str


def _columns(header: Iterable[str]) -> list[_Column]:
    """The pairs of code and name column, smallest area first."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for heading in header:
        match = _COLUMN.fullmatch(heading.strip())
        if match:
            what, year, part = (text.lower() for text in match.groups())
            pair = found.setdefault((what, year), {})
            pair["code" if part in {"cd", "code"} else "name"] = heading
    listed = [
        _Column(_LEVELS[what], 2000 + int(year), pair["code"], pair.get("name", ""))
        for (what, year), pair in found.items()
        if "code" in pair
    ]
    return sorted(listed, key=lambda column: (column.level, column.vintage))


def _table(path: Path) -> Facts:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        header = [heading.strip() for heading in rows.fieldnames or []]
        rows.fieldnames = header
        if "geography code" in {heading.lower() for heading in header}:
            return _census_table(path, header, rows)
        columns = _columns(header)
        residents = next((h for h in header if h.lower() in _RESIDENTS), "")
        if not columns:
            raise NotAreas(
                f"{path.name} is not a file of areas: no column is a code of LSOA, MSOA, ward, "
                "district or county (as LSOA21CD, LAD24CD). "
                "Load an ONS look-up, boundaries as GeoJSON, or census residents."
            )
        if not residents and not any(column.name for column in columns):
            raise NotAreas(
                f"{path.name} has codes of areas, but neither names nor residents. "
                "Load an ONS look-up, boundaries as GeoJSON, or census residents."
            )
        return _from_rows(path, rows, columns, residents, _change_column(header))


def _change_column(header: list[str]) -> str:
    return next((heading for heading in header if heading.lower() in _CHANGE), "")


def _from_rows(
    path: Path,
    rows: Iterable[Mapping[str, str]],
    columns: list[_Column],
    residents: str,
    change: str,
) -> Facts:
    facts = Facts()
    for number, row in enumerate(rows, start=2):
        places = [place for column in columns if (place := _place(row, column)) is not None]
        if not places:
            facts.ignored += 1
            continue
        _link(places, columns)
        if residents:
            places[0].residents = _count(path, number, row[residents])
        for place in places:
            facts.add(place)
        if change:
            _note_change(path, number, facts, places, row[change])
    return facts


def _place(row: Mapping[str, str], column: _Column) -> Place | None:
    code = (row.get(column.code) or "").strip()
    kind = kind_of_code(code)
    if kind is None:
        return None
    name = (row.get(column.name) or "").strip() if column.name else ""
    return Place(code=code, kind=kind, first=column.vintage, last=column.vintage, name=name)


def _link(places: list[Place], columns: list[_Column]) -> None:
    """Small areas belong to the lower tier, the lower tier to the upper, where the row has them."""
    district = next((p for p in places if p.kind in {AreaKind.DISTRICT, AreaKind.UNITARY}), None)
    county = next((p for p in places if p.kind == AreaKind.COUNTY), None)
    above = district or county
    for place in places:
        small = place.kind in {AreaKind.LSOA, AreaKind.MSOA, AreaKind.WARD}
        if small and above is not None:
            place.parent = above.code
    if district is not None and county is not None:
        district.parent = county.code


def _note_change(path: Path, number: int, facts: Facts, places: list[Place], code: str) -> None:
    small = sorted((p for p in places if p.kind == AreaKind.LSOA), key=lambda p: p.first)
    if len(small) != 2:
        return
    try:
        kind = AreaChangeKind(code.strip().upper())
    except ValueError:
        raise NotAreas(
            f"{path.name}, row {number}: the change code is “{code}”; it must be U, S, M or X."
        ) from None
    facts.changes[(small[0].key, small[1].key)] = kind


def _count(path: Path, number: int, text: str) -> int:
    plain = (text or "").replace(",", "").strip()
    if not plain.isdigit():
        raise NotAreas(f"{path.name}, row {number}: “{text}” is not a number of residents.")
    return int(plain)


def _census_table(path: Path, header: list[str], rows: Iterable[Mapping[str, str]]) -> Facts:
    """A census table as Nomis publishes it: date, geography, geography code, measures."""
    by_name = {heading.lower(): heading for heading in header}
    total = next((h for h in header if "total" in h.lower() and "value" in h.lower()), "")
    if not total or "date" not in by_name:
        raise NotAreas(
            f"{path.name} is a census table without a total of residents. "
            "Load table TS001, number of usual residents."
        )
    facts = Facts()
    for number, row in enumerate(rows, start=2):
        code, year = row[by_name["geography code"]].strip(), row[by_name["date"]].strip()
        kind = kind_of_code(code)
        if kind is None or not year.isdigit():
            facts.ignored += 1
            continue
        count = _count(path, number, row[total])
        facts.add(Place(code, kind, int(year), int(year), residents=count))
    return facts


# Boundaries


def _geojson(path: Path) -> Facts:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise NotAreas(
            f"{path.name} breaks off or is damaged at line {error.lineno}. Download it again."
        ) from None
    if content.get("type") != "FeatureCollection":
        raise NotAreas(
            f"{path.name} is {content.get('type', 'JSON')}, not a GeoJSON feature collection. "
            "Download the boundaries as GeoJSON."
        )
    facts = Facts()
    columns: list[_Column] = []
    for feature in content.get("features", []):
        properties = feature.get("properties") or {}
        columns = columns or _columns(properties)[:1]
        if not columns:
            raise NotAreas(
                f"{path.name} holds boundaries of something else: no property is a code of LSOA, "
                "MSOA, ward, district or county (as LSOA21CD)."
            )
        place = _place({key: str(value) for key, value in properties.items()}, columns[0])
        if place is None:
            facts.ignored += 1
            continue
        place.outline = _outline(path, place, feature.get("geometry"))
        facts.add(place)
    return facts


def _outline(path: Path, place: Place, geometry: Any) -> dict[str, Any] | None:
    if geometry is None:
        return None
    if geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise NotAreas(f"{path.name}: the outline of {place.code} is not a polygon.")
    return {"type": geometry["type"], "coordinates": _rounded(path, geometry["coordinates"])}


def _rounded(path: Path, values: Any) -> Any:
    """Six decimals of a degree are ten centimetres; the rest is weight."""
    if isinstance(values[0], list):
        return [_rounded(path, each) for each in values]
    if abs(values[0]) > 180 or abs(values[1]) > 90:
        raise NotAreas(
            f"{path.name} is not in degrees (it looks like British National Grid). "
            "Download the boundaries in WGS84."
        )
    return [round(values[0], 6), round(values[1], 6)]
