"""Derive the example's small tables of area facts from the published look-ups.

    python tools/area_facts.py DATA_FOLDER COUNTY_NAME NEIGHBOUR_NAME

Writes `areas_lsoa.csv` and `areas_districts.csv` into the example's facts. The county and its
neighbour are arguments, so that the same tool serves another county. Needs the ONS look-ups,
Census 2021 residents and the 2021 LSOA boundaries, all under the Open Government Licence v3.
"""

import argparse
from pathlib import Path

import polars as pl
import pyarrow.parquet as parquet
import shapely
from pyproj import Transformer

FACTS = Path(__file__).resolve().parent.parent / "src" / "frankpledge" / "example" / "facts"
LICENCE = (
    "# Source: Office for National Statistics licensed under the Open Government Licence v3.0.\n"
    "# Contains OS data © Crown copyright and database right.\n"
)


def text_table(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def districts(data: Path, county: str, neighbour: str) -> pl.DataFrame:
    """Lower-tier areas of the county and the unitary beside it, with every official code."""
    tiers = text_table(data / "geo" / "lookup_ltla23_utla23.csv")
    csps = text_table(data / "geo" / "lookup_ltla24_csp24_pfa24.csv")
    fire = text_table(data / "geo" / "lookup_ltla24_fra24.csv").select(
        "ltla24_code", "fra24_code", "fra24_name"
    )
    ours = tiers.filter(pl.col("utla23_name").is_in([county, neighbour]))
    joined = ours.join(csps, left_on="ltla23_code", right_on="ltla24_code").join(
        fire, left_on="ltla23_code", right_on="ltla24_code"
    )
    if joined.height != ours.height:
        raise SystemExit("A district is missing from the partnership or fire look-up.")
    return joined.sort("ltla23_code")


def circles(data: Path, codes: list[str]) -> pl.DataFrame:
    """The largest circle inside each area: a centre in degrees and a radius in metres."""
    table = parquet.read_table(
        data / "geo" / "boundaries_lsoa21_gb.parquet", filters=[("lsoa21_code", "in", codes)]
    )
    to_grid = Transformer.from_crs(4326, 27700, always_xy=True).transform
    to_degrees = Transformer.from_crs(27700, 4326, always_xy=True).transform
    rows = []
    for code, binary in zip(
        table["lsoa21_code"].to_pylist(), table["geometry"].to_pylist(), strict=True
    ):
        outline = shapely.transform(shapely.from_wkb(binary), to_grid, interleaved=False)
        line = shapely.maximum_inscribed_circle(outline)
        longitude, latitude = to_degrees(*line.coords[0])
        rows.append((code, round(longitude, 5), round(latitude, 5), int(line.length)))
    return pl.DataFrame(
        rows, schema=["code_2021", "longitude", "latitude", "radius_m"], orient="row"
    )


def lsoas(data: Path, ours: pl.DataFrame) -> pl.DataFrame:
    """One row a link between a 2011 and a 2021 area; a split or merged area has several."""
    links = text_table(data / "geo" / "lookup_lsoa11_lsoa21_ltla22.csv").filter(
        pl.col("ltla22_code").is_in(ours["ltla23_code"].implode())
    )
    residents = text_table(data / "population" / "census2021_usual_residents_lsoa21.csv")
    found = circles(data, links["lsoa21_code"].unique().to_list())
    table = (
        links.join(residents, on="lsoa21_code", how="left")
        .join(found, left_on="lsoa21_code", right_on="code_2021", how="left")
        .select(
            code_2011="lsoa11_code",
            name_2011="lsoa11_name",
            change="change_code",
            code_2021="lsoa21_code",
            name_2021="lsoa21_name",
            district_code="ltla22_code",
            residents_2021="total_residents",
            longitude="longitude",
            latitude="latitude",
            radius_m="radius_m",
        )
        .sort("code_2021", "code_2011")
    )
    if table.null_count().sum_horizontal().item():
        raise SystemExit("An area has no residents or no boundary.")
    return table


def district_table(ours: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    once = areas.unique("code_2021")
    residents = once.group_by("district_code").agg(
        residents_2021=pl.col("residents_2021").cast(pl.Int64).sum(),
        lsoas_2021=pl.len(),
    )
    old = areas.group_by("district_code").agg(lsoas_2011=pl.col("code_2011").n_unique())
    kind = pl.when(pl.col("ltla23_code") == pl.col("utla23_code")).then(pl.lit("unitary"))
    return (
        ours.join(residents, left_on="ltla23_code", right_on="district_code")
        .join(old, left_on="ltla23_code", right_on="district_code")
        .select(
            code="ltla23_code",
            name="ltla23_name",
            kind=kind.otherwise(pl.lit("district")),
            county_code="utla23_code",
            county_name="utla23_name",
            csp_code="csp24_code",
            csp_name="csp24_name",
            police_code="pfa24_code",
            police_name="pfa24_name",
            fire_code="fra24_code",
            fire_name="fra24_name",
            lsoas_2011="lsoas_2011",
            lsoas_2021="lsoas_2021",
            residents_2021="residents_2021",
        )
        .sort("code")
    )


def write(name: str, table: pl.DataFrame, note: str) -> None:
    path = FACTS / name
    path.write_text(LICENCE + note + table.write_csv(), encoding="utf-8")
    print(f"{path.name}: {table.height} rows, {path.stat().st_size:,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("county")
    parser.add_argument("neighbour")
    chosen = parser.parse_args()
    ours = districts(chosen.data, chosen.county, chosen.neighbour)
    areas = lsoas(chosen.data, ours)
    write(
        "areas_lsoa.csv",
        areas,
        "# One row a link between a 2011 and a 2021 area. change: U unchanged, S split, M merged.\n"
        "# Centre and radius are of the largest circle inside the 2021 boundary.\n",
    )
    write(
        "areas_districts.csv",
        district_table(ours, areas),
        "# Residents are Census 2021 usual residents, summed from LSOAs.\n",
    )


if __name__ == "__main__":
    main()
