"""What is odd in a return beside the partner's own history: pure, from monthly counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from frankpledge.analysis.control import xmr_limits
from frankpledge.analysis.months import month_range, period_name, shifted

Cells = Mapping[tuple[str, str], int]  # area and category, with what was counted
YEARS = 4
USUAL_FROM = 5.0  # a month; what is rarer may well be missing by chance
USUAL_MONTHS = 6
SAME_FROM = 20  # counted; small months are the same by chance
MOST = 12


@dataclass(frozen=True)
class Odd:
    """One thing that a person should look at, and the months that show it."""

    key: str
    sentence: str
    what: str
    series: tuple[tuple[str, int | None], ...]
    lower: float | None = None
    upper: float | None = None
    centre: float | None = None


def odd_in(
    sent: Mapping[str, Cells],
    history: Mapping[str, Cells],
    *,
    incomplete: Collection[str],
    adds_up: bool,
    names: Mapping[str, str],
) -> tuple[Odd, ...]:
    """At most twelve, in the order: same as another month, jumps, categories, areas missing."""
    months = [month for month in sorted(sent) if month not in incomplete]
    past = {month: cells for month, cells in history.items() if month not in incomplete}
    found = [
        *_repeated(months, sent, past),
        *_jumps(months, sent, past, adds_up=adds_up, names=names),
        *_missing(months, sent, past, by=1, noun="category", names=names),
        *_missing(months, sent, past, by=0, noun="area", names=names),
    ]
    return tuple(found[:MOST])


def _total(cells: Cells) -> int:
    return sum(cells.values())


def _name(month: str) -> str:
    return period_name(month, month)


def _repeated(months: list[str], sent: Mapping[str, Cells], past: Mapping[str, Cells]) -> list[Odd]:
    every = {**past, **{month: sent[month] for month in months}}
    found = []
    for month in months:
        if _total(sent[month]) < SAME_FROM:
            continue
        same = next((o for o in sorted(every) if o != month and every[o] == sent[month]), None)
        if same is None or (same in months and same > month):
            continue
        series = tuple((m, _total(every[m])) for m in sorted(every))
        said = f"{_name(month)} is the same as {_name(same)}, cell by cell."
        found.append(Odd(f"repeated {month}", said, "All that was sent", series))
    return found


def _by(cells: Cells, at: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, count in cells.items():
        found[key[at]] += count
    return found


def _jumps(
    months: list[str],
    sent: Mapping[str, Cells],
    past: Mapping[str, Cells],
    *,
    adds_up: bool,
    names: Mapping[str, str],
) -> list[Odd]:
    """Months outside the limits that the partner's own months before and around them set."""
    if not months or not past:
        return []
    first = max(min([*past, *months]), shifted(months[-1], 1 - 12 * YEARS))
    span = month_range(first, max([*past, *months]))
    every = {**past, **{month: sent[month] for month in months}}
    sums = {month: _by(every[month], 1) for month in span if month in every}
    kinds = [""] if adds_up else sorted({kind for month in months for kind in sums[month]})
    found = []
    for kind in kinds:
        series = [
            None
            if month not in sums
            else (_total(every[month]) if adds_up else sums[month].get(kind, 0))
            for month in span
        ]
        baseline = [at for at, month in enumerate(span) if month not in months]
        limits = xmr_limits(series, baseline=baseline)
        if limits.centre is None or limits.centre < USUAL_FROM:
            continue
        what = names.get(kind, kind) if kind else "All that was sent"
        for at, month in enumerate(span):
            value, low, high = series[at], limits.lower[at], limits.upper[at]
            if month not in months or value is None or low is None or high is None:
                continue
            if low <= value <= high:
                continue
            side = "above" if value > high else "below"
            said = (
                f"{what}: {value:,} in {_name(month)}, {side} the "
                f"{round(low):,} to {round(high):,} that your own months lead to expect."
            )
            line = tuple(zip(span, series, strict=True))
            found.append(
                Odd(f"jump {month} {kind}"[:80], said, what, line, low, high, limits.centre)
            )
    return found


def _missing(
    months: list[str],
    sent: Mapping[str, Cells],
    past: Mapping[str, Cells],
    *,
    by: int,
    noun: str,
    names: Mapping[str, str],
) -> list[Odd]:
    """What was there in every recent month, and often, and is not in this one."""
    recent = sorted(past)[-12:]
    if len(recent) < USUAL_MONTHS:
        return []
    held: dict[str, list[int]] = defaultdict(list)
    for month in recent:
        for key, count in _by(past[month], by).items():
            held[key].append(count)
    usual = {
        key
        for key, counts in held.items()
        if key and len(counts) == len(recent) and sum(counts) / len(recent) >= USUAL_FROM
    }
    found = []
    for month in months:
        gone = sorted(usual - set(_by(sent[month], by)), key=lambda key: (-sum(held[key]), key))
        if not gone:
            continue
        first = names.get(gone[0], gone[0])
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        said = f"Nothing in {_name(month)} for the {noun} {first}{more}, held every month before."
        series = (*((m, _by(past[m], by)[gone[0]]) for m in recent), (month, 0))
        found.append(Odd(f"missing {noun} {month}", said, first, tuple(sorted(series))))
    return found
