"""A short look back: the early aberration reporting system, where history is short.

Method: Hutwagner, Thompson, Seeman and Treadwell (2003), "The bioterrorism preparedness and
response Early Aberration Reporting System (EARS)", Journal of Urban Health 80, as R's `earsC`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: together they take a second

Reals = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]
Kind = Literal["C1", "C2", "C3"]


@dataclass(frozen=True, slots=True)
class Aberration:
    """`upper` limits and `alarm`s, one row a period and one column a series; NaN without a past."""

    upper: Reals
    alarm: Bools


def ears(
    counts: Sequence[Sequence[float | None]] | Reals,
    *,
    kind: Kind = "C1",
    baseline: int = 7,
    alpha: float | None = None,
    compatible: bool = False,
) -> Aberration:
    """Counts beside the mean and standard deviation of the `baseline` periods before.

    C1 looks at the periods just before; C2 leaves the last two of them out, so that a slow rise
    does not hide in its own past; C3 adds what the last two already showed. `alpha` is 0.001 for
    C1 and C2, 0.025 for C3. Needs no year of history, and knows no seasons: use `watch` where
    there are three years. A period with a missing one in its baseline has no limit. R's limit for
    C3 is counted from the figure itself instead of the mean before it, so that its alarms do not
    depend on the figure; `compatible` reproduces that.
    """
    if baseline < 2:
        raise ValueError("A baseline has two periods or more.")
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim == 1:
        table = table[:, None]
    chance = alpha if alpha is not None else (0.025 if kind == "C3" else 0.001)
    z = float(scipy.stats.norm.ppf(1 - chance))
    lag = 0 if kind == "C1" else 2
    mean, spread = _before(table, baseline, lag)
    upper = mean + z * spread
    if kind == "C3":
        with np.errstate(invalid="ignore", divide="ignore"):
            score = (table - mean) / spread
        # A period like its past to the last digit shows nothing, however small its spread.
        score = np.where((spread == 0) & (table == mean), 0.0, score)
        shown = np.maximum(0.0, score - 1)
        earlier = np.full_like(shown, np.nan)
        earlier[2:] = shown[1:-1] + shown[:-2]
        with np.errstate(invalid="ignore"):
            upper = (table if compatible else mean) + spread * (z - earlier)
        upper = np.maximum(upper, 0.0)
    return Aberration(upper, (table > upper) & np.isfinite(upper))


def _before(table: Reals, baseline: int, lag: int) -> tuple[Reals, Reals]:
    mean, spread = np.full_like(table, np.nan), np.full_like(table, np.nan)
    first = baseline + lag
    if len(table) > first:
        windows = np.lib.stride_tricks.sliding_window_view(table, baseline, axis=0)
        windows = windows[: len(table) - first]
        mean[first:], spread[first:] = windows.mean(axis=-1), windows.std(axis=-1, ddof=1)
    return mean, spread
