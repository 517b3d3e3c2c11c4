"""What the checks of a file are told about the world: places, the day, what is held already."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import polars as pl
from shapely.geometry import shape

from frankpledge.contracts import Contract, Reference
from frankpledge.core.models import Area, AreaKind
from frankpledge.sharing.models import Submission, SubmissionMonth

_MARGIN = 0.02  # degrees (about 2 km): points are moved to the nearest map point
_METRES_A_DEGREE = 111_320


def reference_for(
    submission: Submission, *, contract: Contract, finest: str, today: date
) -> Reference:
    vintages = _vintages()
    return Reference(
        vintages=vintages,
        extent=_extent() if contract.role("longitude") else None,
        places=_places() if contract.role("longitude") else None,
        finest=finest,
        today=today,
        known_months=_known_months(submission),
    )


def _vintages() -> dict[int, frozenset[str]]:
    """The small area codes of each generation; one that lived on belongs to each it lived in."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = Area.objects.filter(kind=AreaKind.LSOA).values_list("code", "vintage")
    for code, vintage in rows:
        found[vintage].add(code)
    return {vintage: frozenset(codes) for vintage, codes in found.items()}


def _extent() -> tuple[float, float, float, float] | None:
    outlines = Area.objects.filter(
        kind__in=(AreaKind.COUNTY, AreaKind.UNITARY), outline__isnull=False
    ).values_list("outline", flat=True)
    boxes = [shape(outline).bounds for outline in outlines]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return (
        min(west) - _MARGIN,
        min(south) - _MARGIN,
        max(east) + _MARGIN,
        max(north) + _MARGIN,
    )


def _places() -> pl.DataFrame | None:
    """The middle and reach of each small area that has an outline."""
    rows = []
    areas = Area.objects.filter(kind=AreaKind.LSOA, outline__isnull=False)
    for code, outline in areas.values_list("code", "outline"):
        drawn = shape(outline)
        west, south, east, north = drawn.bounds
        reach = max(north - south, (east - west) * 0.62) / 2 * _METRES_A_DEGREE
        rows.append((code, drawn.centroid.x, drawn.centroid.y, reach))
    if not rows:
        return None
    return pl.DataFrame(
        rows,
        schema={
            "code": pl.String,
            "longitude": pl.Float64,
            "latitude": pl.Float64,
            "radius_m": pl.Float64,
        },
        orient="row",
    ).unique("code", keep="first", maintain_order=True)


def _known_months(submission: Submission) -> dict[str, int]:
    held = SubmissionMonth.objects.filter(
        dataset=submission.dataset_id, organisation=submission.organisation_id, current=True
    ).values_list("month", "received")
    return {f"{month:%Y-%m}": received for month, received in held}
