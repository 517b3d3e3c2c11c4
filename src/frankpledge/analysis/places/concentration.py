"""How few places hold how much, and whether last year's map would have found this year's events.

Sources: Bernasco and Steenbeek (2017), "More places than crimes: implications for evaluating the
law of crime concentration at place", Journal of Quantitative Criminology 33; Chainey, Tompson and
Uhlig (2008), "The utility of hotspot mapping for predicting spatial patterns of crime", Security
Journal 21, for the prediction accuracy index; Hunt (2016), "Do crime hot spots move?", for the
prediction efficiency index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from frankpledge.analysis.counts import checked

Reals = npt.NDArray[np.floating[Any]]
SNAPPED = 0.5


def snapped_share(x: Sequence[float] | Reals, y: Sequence[float] | Reals) -> float | None:
    """The share of points that lie exactly where another does; None without points.

    Above a half the points are snapped to map points: use cells of 500 m or small areas, name no
    street, and read nothing into repeats at one place.
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    there = np.isfinite(first) & np.isfinite(second)
    points = np.column_stack([first[there], second[there]])
    if not len(points):
        return None
    _, counts = np.unique(points, axis=0, return_counts=True)
    return float(counts[counts > 1].sum() / len(points))


@dataclass(frozen=True, slots=True)
class Curve:
    """The J-curve: after the first n places (fullest first), the share of places and of events.

    `gini` is the generalised coefficient: 0 where events lie as evenly as so many events can over
    so many places, 1 where all lie in one. None where there are no events or one place.
    """

    places: tuple[float, ...]
    events: tuple[float, ...]
    gini: float | None


def curve(counts: Sequence[float | None]) -> Curve:
    """How concentrated events are over places, one count a place, places without any included.

    With fewer events than places most places must be empty, so the even line is that of one event
    a place (Bernasco and Steenbeek). Raises ValueError for a missing count: an unknown place
    cannot be ranked.
    """
    read = [checked(count) for count in counts]
    if any(count is None for count in read):
        raise ValueError("A place has no figure. Leave it out, or fill it in.")
    ordered = np.sort(np.array(read, dtype=np.float64))[::-1]
    total, n = float(ordered.sum()), len(ordered)
    if not total:
        return Curve(tuple(np.arange(1, n + 1) / n) if n else (), (0.0,) * n, None)
    share = np.cumsum(ordered) / total
    places = np.arange(1, n + 1) / n
    even = min(1.0, total / n)
    # Area between the curve and the evenest line there can be, over its greatest possible size.
    under = float(np.sum((share + np.concatenate([[0.0], share[:-1]])) / 2) / n)
    evenest, greatest = 1 - even / 2, 1 - 1 / (2 * n)
    gini = None if n < 2 or greatest - evenest <= 0 else (under - evenest) / (greatest - evenest)
    if gini is not None:
        gini = min(1.0, max(0.0, gini))
    return Curve(tuple(places.tolist()), tuple(share.tolist()), gini)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """`hit_rate` is the share of later events inside the area marked, `area` that area's share.

    `pai` is the first over the second, `best_pai` what a map drawn afterwards would have had, `pei`
    how near the map came to that (0 to 1). None, with a `reason`, where it cannot be said.
    """

    hit_rate: float | None
    area: float
    pai: float | None
    best_pai: float | None
    pei: float | None
    reason: str = ""


def accuracy(
    marked: Sequence[bool] | npt.NDArray[np.bool_],
    later: Sequence[float] | Reals,
    areas: Sequence[float] | Reals | None = None,
) -> Accuracy:
    """Whether the places marked hot held the events that came afterwards.

    One mark, one later count and (unless all are as large) one area a place. A PAI of 1 is as good
    as chance. Raises ValueError for lists of different length, a count that is missing or below
    zero, and an area not above zero.
    """
    chosen = np.asarray(marked, dtype=bool)
    counts = np.asarray(later, dtype=np.float64)
    sizes = np.ones(len(chosen)) if areas is None else np.asarray(areas, dtype=np.float64)
    if not chosen.shape == counts.shape == sizes.shape:
        raise ValueError("Every place needs a mark, a count and an area.")
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError("A later count is missing or below zero.")
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise ValueError("An area is missing or not above zero.")
    whole = float(sizes.sum())
    area = float(sizes[chosen].sum()) / whole if whole else 0.0
    if not chosen.any():
        return Accuracy(None, area, None, None, None, "No place was marked.")
    if not counts.sum():
        return Accuracy(None, area, None, None, None, "No event came afterwards.")
    hit = float(counts[chosen].sum() / counts.sum())
    # The best map of the same size takes the places with most events for their area.
    order = np.argsort(-counts / sizes, kind="stable")
    filled = np.cumsum(sizes[order]) / whole
    fits = filled <= area * (1 + 1e-12)
    best = float(counts[order][fits].sum() / counts.sum())
    if not fits.all():
        first = int(np.argmin(fits))
        room = area - (filled[first - 1] if first else 0.0)
        best += float(counts[order][first] / counts.sum()) * room / (sizes[order][first] / whole)
    return Accuracy(hit, area, hit / area, best / area, hit / best if best else None)
