"""Many tests at once: how many of those that stand out may be chance.

Sources: Benjamini and Hochberg (1995), "Controlling the false discovery rate", Journal of the Royal
Statistical Society B 57; Benjamini and Yekutieli (2001), "The control of the false discovery rate
in multiple testing under dependency", Annals of Statistics 29.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]


def false_discovery(
    p_values: Sequence[float | None] | Reals, *, method: Literal["BH", "BY"] = "BH"
) -> Reals:
    """The adjusted p-values: testing each at 0.05 lets at most 5% of the finds be chance.

    Any shape; missing ones (None or NaN) stay NaN and are not counted as tests. BH holds for
    independent and for positively dependent tests, such as neighbouring cells; BY for any. Agrees
    with R's `p.adjust`. Raises ValueError for a p-value outside 0 to 1.
    """
    given = np.asarray(p_values, dtype=np.float64)
    flat = given.ravel()
    there = np.flatnonzero(~np.isnan(flat))
    tested = flat[there]
    if ((tested < 0) | (tested > 1)).any():
        raise ValueError("A p-value lies between 0 and 1.")
    answer = np.full(flat.shape, np.nan)
    tests = len(tested)
    if tests:
        order = np.argsort(tested, kind="stable")
        factor = tests / np.arange(1, tests + 1)
        if method == "BY":
            factor = factor * float(np.sum(1 / np.arange(1, tests + 1)))
        raised = np.minimum.accumulate((tested[order] * factor)[::-1])[::-1]
        answer[there[order]] = np.minimum(raised, 1.0)
    return answer.reshape(given.shape)


def critical_p(p_values: Sequence[float | None] | Reals, *, alpha: float = 0.05) -> float:
    """The largest p-value that the false discovery rate (BH) keeps at `alpha`; 0 where it keeps
    none. Missing ones are not counted as tests. Quicker than raising every one of millions."""
    given = np.asarray(p_values, dtype=np.float64).ravel()
    tests = int((~np.isnan(given)).sum())
    with np.errstate(invalid="ignore"):
        low = np.sort(given[given <= alpha])
    kept = np.flatnonzero(low <= alpha * np.arange(1, len(low) + 1) / max(1, tests))
    return float(low[kept[-1]]) if len(kept) else 0.0
