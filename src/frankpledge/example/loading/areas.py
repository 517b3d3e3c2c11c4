"""Areas of both vintages with their change codes; outlines of the 2011 ones and their unions."""

from __future__ import annotations

import json
from collections import defaultdict

import polars as pl
import shapely
from shapely.geometry import mapping, shape

from frankpledge.core.models import Area, AreaChange, AreaKind
from frankpledge.example.facts import FOLDER, table

DISTRICT_VINTAGE = 2024


def load() -> dict[str, Area]:
    """Everything from the county down to both generations of LSOA; gives districts by code."""
    outlines = _outlines()
    districts = _upper(outlines)
    _lsoas(districts, outlines)
    return districts


def _outlines() -> dict[str, shapely.Geometry]:
    text = (FOLDER / "outlines_lsoa2011.json").read_text(encoding="utf-8")
    return {
        feature["properties"]["code"]: shape(feature["geometry"])
        for feature in json.loads(text)["features"]
    }


def _union(parts: list[shapely.Geometry]) -> dict[str, object]:
    """One outline, its coordinates short enough to keep and to draw."""
    joined = shapely.union_all(shapely.make_valid(parts))
    return mapping(shapely.set_precision(joined, 0.0001))


def _upper(outlines: dict[str, shapely.Geometry]) -> dict[str, Area]:
    rows = table("areas_districts")
    parts = defaultdict(list)
    for code_2011, district in (
        table("areas_lsoa")
        .select("code_2011", "district_code")
        .unique(maintain_order=True)
        .iter_rows()
    ):
        if code_2011 in outlines:
            parts[district].append(outlines[code_2011])
    counties = {}
    for code, name in rows.select("county_code", "county_name").unique().sort("county_code").rows():
        mine = rows.filter(pl.col("county_code") == code)
        if mine["kind"].to_list() == ["unitary"]:
            continue
        shapes = [each for district in mine["code"] for each in parts[district]]
        counties[code] = Area.objects.create(
            code=code,
            name=name,
            kind=AreaKind.COUNTY,
            vintage=DISTRICT_VINTAGE,
            residents=int(mine["residents_2021"].sum()),
            outline=_union(shapes),
        )
    found = {}
    for row in rows.iter_rows(named=True):
        found[row["code"]] = Area.objects.create(
            code=row["code"],
            name=row["name"],
            kind=AreaKind(row["kind"]),
            vintage=DISTRICT_VINTAGE,
            parent=counties.get(row["county_code"]),
            residents=row["residents_2021"],
            outline=_union(parts[row["code"]]),
        )
    return found | counties


def _lsoas(districts: dict[str, Area], outlines: dict[str, shapely.Geometry]) -> None:
    links = table("areas_lsoa")
    older = links.select("code_2011", "name_2011", "district_code").unique(
        "code_2011", maintain_order=True
    )
    newer = links.select("code_2021", "name_2021", "district_code", "residents_2021").unique(
        "code_2021", maintain_order=True
    )
    areas = [
        Area(
            code=code,
            name=name,
            kind=AreaKind.LSOA,
            vintage=2011,
            valid_to_vintage=2011,
            parent=districts[district],
            outline=mapping(outlines[code]) if code in outlines else None,
        )
        for code, name, district in older.iter_rows()
    ]
    areas += [
        Area(
            code=code,
            name=name,
            kind=AreaKind.LSOA,
            vintage=2021,
            parent=districts[district],
            residents=residents,
        )
        for code, name, district, residents in newer.iter_rows()
    ]
    Area.objects.bulk_create(areas, batch_size=400)
    keys = {
        (code, vintage): pk
        for pk, code, vintage in Area.objects.filter(kind=AreaKind.LSOA).values_list(
            "pk", "code", "vintage"
        )
    }
    AreaChange.objects.bulk_create(
        [
            AreaChange(before_id=keys[before, 2011], after_id=keys[after, 2021], kind=change)
            for before, after, change in links.select("code_2011", "code_2021", "change")
            .unique(maintain_order=True)
            .iter_rows()
        ],
        batch_size=400,
    )
