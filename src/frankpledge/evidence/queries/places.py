"""The places a question can be about, read once and kept until areas change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from django.utils.text import slugify

from frankpledge.analysis.vintage import Bridge
from frankpledge.charts.shapes import Outlines, outlines
from frankpledge.core.models import Area, AreaChange, AreaKind

ELSEWHERE, NEIGHBOURING, UNLOCATED = "elsewhere", "neighbouring", ""
REMAINDER_LABELS = {
    NEIGHBOURING: "Neighbouring authority",
    ELSEWHERE: "Elsewhere",
    UNLOCATED: "No location given",
}


@dataclass(frozen=True)
class Places:
    """County, districts, neighbours and small areas, with what turns codes into them."""

    county_code: str
    county_name: str
    districts: dict[str, str]
    neighbours: dict[str, str]
    residents: dict[str, int]
    district_of: dict[str, str]  # every known code, small areas and districts, to its district
    units: dict[str, str]  # small areas of either vintage to the unit both share
    unit_names: dict[str, str]
    unit_residents: dict[str, int]

    def find(self, text: str) -> str | None:
        """The code of a district by code, name or short address; empty for the county."""
        if not text.strip():
            return ""
        wanted = slugify(text)
        if not wanted:
            return None
        if wanted in (slugify(self.county_code), slugify(self.county_name)):
            return ""
        for code, name in {**self.districts, **self.neighbours}.items():
            if wanted in (slugify(code), slugify(name)):
                return code
        return None

    def name(self, code: str) -> str:
        if not code:
            return self.county_name
        return self.districts.get(code) or self.neighbours.get(code) or code

    def within(self, district: str) -> list[str]:
        """The small-area units of a district, in the order of their names."""
        found = {u for code, u in self.units.items() if self.district_of.get(code) == district}
        return sorted(found, key=lambda unit: (self.unit_names.get(unit, unit), unit))

    def by_district(self) -> dict[str, str]:
        """Every code to its district, neighbours to one word."""
        return {
            code: NEIGHBOURING if district in self.neighbours else district
            for code, district in self.district_of.items()
        }


def places() -> Places:
    """The places as they are now; one small query notices a change."""
    print_ = Area.objects.aggregate(last=Max("pk"), count=Count("pk"))
    return _places(print_["last"], print_["count"])


@lru_cache(maxsize=2)
def _places(last: int | None, count: int) -> Places:
    rows = list(
        Area.objects.values_list(
            "pk", "code", "name", "kind", "vintage", "parent_id", "residents"
        ).order_by("vintage", "code", "pk")
    )
    names = {pk: (code, name, kind) for pk, code, name, kind, *_ in rows}
    county = [(pk, code, name) for pk, code, name, kind, *_ in rows if kind == AreaKind.COUNTY]
    county_pk, county_code, county_name = county[-1] if county else (None, "", "The area")
    districts, neighbours, residents = {}, {}, {}
    for _, code, name, kind, _, parent, people in rows:
        if kind in (AreaKind.DISTRICT, AreaKind.UNITARY):
            (districts if parent == county_pk else neighbours)[code] = name
            if people:
                residents[code] = people
    residents[""] = sum(residents.get(code, 0) for code in districts)
    district_of = {code: code for code in (*districts, *neighbours)}
    small: dict[str, tuple[str, int | None]] = {}
    for _, code, name, kind, _, parent, people in rows:
        if kind == AreaKind.LSOA and parent in names:
            district_of[code] = names[parent][0]
            small[code] = (name, people or small.get(code, ("", None))[1])
    units = _units(small)
    return Places(
        county_code=county_code,
        county_name=county_name,
        districts=dict(sorted(districts.items(), key=lambda item: item[1])),
        neighbours=neighbours,
        residents=residents,
        district_of=district_of,
        units=units,
        unit_names={unit: small.get(unit.split("+")[0], (unit, 0))[0] for unit in units.values()},
        unit_residents=_unit_residents(units, small),
    )


def _units(small: dict[str, tuple[str, int | None]]) -> dict[str, str]:
    changes = AreaChange.objects.values_list("before__code", "after__code", "kind")
    bridge = Bridge.build(changes.order_by("pk"))
    return {code: bridge.units.get(code, code) for code in small}


def _unit_residents(
    units: dict[str, str], small: dict[str, tuple[str, int | None]]
) -> dict[str, int]:
    counted: dict[str, int] = {}
    for code, (_, people) in small.items():
        if people:
            counted[units[code]] = counted.get(units[code], 0) + people
    return counted


def shapes(kind: str, district: str = "") -> Outlines | None:
    """Outlines ready to draw: of the districts, or of one district's small areas."""
    print_ = Area.objects.aggregate(last=Max("pk"), count=Count("pk"))
    return _shapes(print_["last"], print_["count"], kind, district)


def geometries(kind: str, district: str = "") -> dict[str, Any]:
    """GeoJSON geometries by the code that answers use."""
    return {f["properties"]["code"]: f["geometry"] for f in _features(kind, district)}


@lru_cache(maxsize=64)
def _shapes(last: int | None, count: int, kind: str, district: str) -> Outlines | None:
    features = _features(kind, district)
    return outlines({"type": "FeatureCollection", "features": features}) if features else None


def _features(kind: str, district: str) -> list[dict[str, Any]]:
    known = places()
    found = Area.objects.exclude(outline__isnull=True)
    if kind == "districts":
        found = found.filter(kind__in=(AreaKind.DISTRICT, AreaKind.UNITARY))
    elif kind == "county districts":
        found = found.filter(code__in=list(known.districts))
    else:
        inside = [district] if district else list(known.districts)
        found = found.filter(kind=AreaKind.LSOA, parent__code__in=inside)
    first: dict[str, tuple[int, str]] = {}
    pieces: dict[str, list[dict[str, Any]]] = {}
    rows = found.order_by("vintage", "code").values_list("code", "name", "vintage", "outline")
    for code, name, vintage, outline in rows:
        key = known.units.get(code, code)
        if first.setdefault(key, (vintage, name))[0] == vintage:
            pieces.setdefault(key, []).append(outline)
    return [
        {
            "type": "Feature",
            "properties": {"code": key, "name": first[key][1]},
            "geometry": _together(outlines),
        }
        for key, outlines in pieces.items()
    ]


def _together(outlines: list[dict[str, Any]]) -> dict[str, Any]:
    """The outline of areas that later became one: all of them, not the first alone."""
    if len(outlines) == 1:
        return outlines[0]
    polygons = [
        polygon
        for each in outlines
        for polygon in ([each["coordinates"]] if each["type"] == "Polygon" else each["coordinates"])
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}
