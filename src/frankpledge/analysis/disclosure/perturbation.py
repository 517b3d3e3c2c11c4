"""Cell-key noise: every figure gets a little noise that is the same wherever its records meet.

Each record has a key; a cell's key is the sum of its records' keys modulo the number of keys, so
the same records get the same noise in every table and release, and subtracting two tables that
differ by a few records does not give those away. Definition: ONS, "cell-key-perturbation" (the
method of the England and Wales Census 2021), after Fraser and Wooton (2005) and Marley and Leaver
(2011), with Giessing (2016) for the noise of least information.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from frankpledge.analysis.disclosure.attacker import Counts, Mask

KEYS = 256
LARGEST_ROW, REPEATED = 750, 250
THRESHOLD = 10
Keys = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Perturbed:
    """`counts` with noise, -1 where `hidden`: what is left is below the threshold."""

    counts: Counts
    hidden: Mask
    noise: Counts


def record_keys(references: Iterable[str], *, secret: bytes, keys: int = KEYS) -> Keys:
    """A lasting key from 0 to `keys` - 1 for each record, from its reference and a secret.

    The same reference has the same key in every release made with the same secret. Raises
    ValueError for a secret under 16 bytes, which could be guessed.
    """
    if len(secret) < 16:
        raise ValueError("The secret of record keys needs 16 bytes or more.")
    found = [
        int.from_bytes(hmac.digest(secret, text.encode(), hashlib.sha256)[:8], "big") % keys
        for text in references
    ]
    return np.array(found, dtype=np.int64)


def perturb(
    counts: npt.ArrayLike,
    keys: npt.ArrayLike,
    *,
    table: npt.ArrayLike,
    threshold: int = THRESHOLD,
) -> Perturbed:
    """Counts with the noise that a perturbation table gives them.

    `counts` and `keys` have one shape; `keys` are the sums of the record keys of each cell, 0 for a
    cell without records. `table[row, key]` is the noise: rows are counts 0 to 750, and a larger
    count n reads row ((n - 1) mod 250) + 501; it has as many columns as there are keys. What comes
    out below `threshold` is hidden. Raises ValueError for another shape, negative counts or keys.
    """
    number, key = _whole(counts, "counts"), _whole(keys, "keys")
    noise = np.asarray(table)
    if number.shape != key.shape:
        raise ValueError(f"Counts have the shape {number.shape} and keys {key.shape}.")
    if noise.ndim != 2 or noise.shape[0] <= LARGEST_ROW or noise.shape[1] < 1:
        raise ValueError(f"A perturbation table needs {LARGEST_ROW + 1} rows and one column a key.")
    row = np.where(
        number <= LARGEST_ROW,
        number,
        (number - 1) % REPEATED + (LARGEST_ROW - REPEATED + 1),
    )
    added = noise[row, key % noise.shape[1]].astype(np.int64)
    found = number + added
    hidden = found < threshold
    return Perturbed(np.where(hidden, -1, found), np.asarray(hidden), added)


def noise_table(*, variance: float, largest: int, keys: int = KEYS) -> Counts:
    """A perturbation table: noise of mean 0 and this variance, never beyond ±`largest`.

    No count becomes negative and 0 stays 0. For each count the probabilities are those of most
    entropy (Giessing 2016); they are handed out over the keys in order, so mean and variance hold
    to the precision of one key. Small counts get the largest variance they can carry, up to
    `variance`. Raises ValueError for a variance not above 0 or above what `largest` allows.
    """
    if not 0 < variance <= largest**2 / 2:
        raise ValueError(f"The variance lies between 0 and {largest**2 / 2:g} for ±{largest}.")
    table = np.zeros((LARGEST_ROW + 1, keys), dtype=np.int64)
    shares = (np.arange(keys) + 0.5) / keys
    for count in range(1, largest + 1):
        steps = np.arange(-min(count, largest), largest + 1)
        chance = _most_entropy(steps, variance)
        places = np.searchsorted(np.cumsum(chance), shares)
        table[count] = steps[np.minimum(places, len(steps) - 1)]
    table[largest + 1 :] = table[largest]
    return table


def _most_entropy(steps: Counts, variance: float) -> npt.NDArray[np.float64]:
    """p ∝ exp(a·v + b·v²) with mean 0, and the variance if the range has room for it."""
    aim = min(variance, 0.9 * float(-steps[0] * steps[-1]))

    def chance(given: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        power = given[0] * steps + given[1] * steps**2
        weight = np.exp(power - power.max())
        return np.asarray(weight / weight.sum())

    def missed(given: npt.NDArray[np.float64]) -> list[float]:
        p = chance(given)
        return [float(p @ steps), float(p @ steps**2) - aim]

    found = scipy.optimize.root(missed, [0.0, -0.5 / aim], tol=1e-12)
    return chance(found.x)


def _whole(values: npt.ArrayLike, what: str) -> Counts:
    given = np.asarray(values)
    if given.size and (
        given.dtype.kind not in "iuf"
        or not np.isfinite(given).all()
        or (given != np.floor(given)).any()
        or (given < 0).any()
    ):
        raise ValueError(f"The {what} are whole numbers from 0; a gap has no noise to get.")
    return np.asarray(given, dtype=np.int64)
