"""Derive the monthly totals that the example's synthetic incidents are calibrated to.

    python tools/police_calibration.py DATA_FOLDER 2022-01 2025-12

Reads the published street files, counts them by month, district and category, and fills the
months that were not read by a straight line between the known years times the season of the
category. Every row says which of the two it is. Nothing finer than a district is kept.
"""

import argparse
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

FACTS = Path(__file__).resolve().parent.parent / "src" / "frankpledge" / "example" / "facts"
INCOMPLETE = {"2018-11", "2018-12"}
ELSEWHERE, UNLOCATED = "elsewhere", "unlocated"
HEADER = (
    "# Source: data.police.uk, licensed under the Open Government Licence v3.0, counted by\n"
    "# month, district and category. basis: published = counted; interpolated = our estimate\n"
    "# for a month that was not counted (straight line between known years, times season).\n"
)
Counts = NDArray[np.float64]


def months(first: str, last: str) -> list[str]:
    year, month = map(int, first.split("-"))
    found = []
    while f"{year}-{month:02}" <= last:
        found.append(f"{year}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def street_files(data: Path) -> Iterator[pl.DataFrame]:
    for archive in sorted((data / "police").glob("*-street-*.zip")):
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                if name.endswith(".csv"):
                    yield pl.read_csv(io.BytesIO(opened.read(name)), infer_schema=False)


def with_district(rows: pl.DataFrame) -> pl.DataFrame:
    areas = pl.read_csv(FACTS / "areas_lsoa.csv", comment_prefix="#", infer_schema=False)
    codes = pl.concat(
        [
            areas.select(code="code_2011", area="district_code"),
            areas.select(code="code_2021", area="district_code"),
        ]
    ).unique()
    return rows.join(codes, left_on="LSOA code", right_on="code", how="left").with_columns(
        area=pl.when(pl.col("LSOA code").is_null())
        .then(pl.lit(UNLOCATED))
        .otherwise(pl.col("area").fill_null(ELSEWHERE))
    )


def season(counts: Counts, known: list[str], wanted: list[str]) -> Counts:
    """Month of year × category: how far a month stands from its year's mean, over whole years."""
    county = counts.sum(axis=1)
    indices = []
    for start in range(len(known) - 11):
        year = known[start : start + 12]
        if year != consecutive(year[0], 12):
            continue
        block = county[start : start + 12]
        ratio = block / block.mean(axis=0)
        order = [int(month[5:]) - 1 for month in year]
        arranged = np.empty_like(ratio)
        arranged[order] = ratio
        indices.append(arranged)
    index = np.mean(indices, axis=0)
    return index[[int(month[5:]) - 1 for month in wanted]]


def consecutive(first: str, count: int) -> list[str]:
    year, month = map(int, first.split("-"))
    return [f"{year + (month - 1 + i) // 12}-{(month - 1 + i) % 12 + 1:02}" for i in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("first")
    parser.add_argument("last")
    chosen = parser.parse_args()
    rows = with_district(pl.concat(street_files(chosen.data)))
    rows = rows.filter(~pl.col("Month").is_in(sorted(INCOMPLETE)))
    categories = sorted(rows["Crime type"].unique().to_list())
    districts = sorted(set(rows["area"].unique().to_list()) - {ELSEWHERE, UNLOCATED})
    areas = [*districts, ELSEWHERE, UNLOCATED]
    known = sorted(rows["Month"].unique().to_list())
    counts = np.zeros((len(known), len(areas), len(categories)))
    for month, area, category, count in (
        rows.group_by("Month", "area", "Crime type").len().iter_rows()
    ):
        counts[known.index(month), areas.index(area), categories.index(category)] = count
    write(fill(counts, known, months(chosen.first, chosen.last)), known, areas, categories, chosen)


def fill(counts: Counts, known: list[str], wanted: list[str]) -> Counts:
    """Known months as they are; the others between the runs of known months beside them."""
    flat = counts / season(counts, known, known)[:, None, :]
    position = {month: i for i, month in enumerate(months(min(known), max(known)))}
    filled = np.empty((len(wanted), *counts.shape[1:]))
    shape = season(counts, known, wanted)
    for i, month in enumerate(wanted):
        if month in known:
            filled[i] = counts[known.index(month)]
            continue
        before = [k for k in known if k < month][-4:]
        after = [k for k in known if k > month][:4]
        start, end = (np.mean([position[k] for k in side]) for side in (before, after))
        weight = (position[month] - start) / (end - start)
        left, right = (
            np.mean([flat[known.index(k)] for k in side], axis=0) for side in (before, after)
        )
        filled[i] = (left * (1 - weight) + right * weight) * shape[i][None, :]
    return filled


def write(
    filled: Counts,
    known: list[str],
    areas: list[str],
    categories: list[str],
    chosen: argparse.Namespace,
) -> None:
    lines = []
    for i, month in enumerate(months(chosen.first, chosen.last)):
        basis = "published" if month in known else "interpolated"
        for j, area in enumerate(areas):
            lines.append((month, area, basis, *(round(n) for n in filled[i, j])))
    table = pl.DataFrame(lines, schema=["month", "area", "basis", *categories], orient="row")
    path = FACTS / "police_monthly.csv"
    path.write_text(HEADER + table.write_csv(), encoding="utf-8")
    print(f"{path.name}: {table.height} rows, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
