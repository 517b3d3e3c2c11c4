"""The panel “Is this real?” of an answer, from figures that nobody needs to be protected from."""

from __future__ import annotations

from collections.abc import Sequence

from frankpledge.analysis.disclosure import Cell, Status
from frankpledge.analysis.months import month_range, shifted, year_before
from frankpledge.evidence.queries.asked import Asked
from frankpledge.evidence.queries.judging import HIDDEN, Real, Row, Seen, Verdict, judge
from frankpledge.evidence.queries.sources import adds_up

_HISTORY = 4 * 12 + 1  # what surveillance of months looks back at most
_NOT_ADDED = Real(
    Verdict.UNKNOWN, "Each measure has its own definition. Choose one kind to judge it."
)


def realness(asked: Asked, total: Cell | None) -> Real:
    """Nothing is said where a rule protects the figures: a verdict would tell of what is hidden."""
    if asked.rule.protects:
        return HIDDEN
    if total is None:
        return _NOT_ADDED
    return judge(_seen(asked, total))


def _seen(asked: Asked, total: Cell) -> Seen:
    question = asked.question
    first = min(asked.baseline, shifted(question.start, -_HISTORY))
    months = month_range(first, question.end)
    left_out = frozenset(asked.left_out(months))
    counts = asked.series(months)
    begins = months.index(question.start)
    usable = {at for at, count in enumerate(counts) if count is not None and at not in left_out}
    paired = tuple(at for at in range(begins, len(months)) if {at, at - 12} <= usable)
    whole = total.value if total.status is Status.SHOWN and asked.whole(question.months) else None
    return Seen(
        months=months,
        counts=tuple(counts),
        left_out=left_out,
        asked=begins,
        paired=paired,
        baseline=months.index(asked.baseline),
        whole=whole if isinstance(whole, int) else None,
        adds_up=adds_up(asked.dataset),
        rows=_rows(asked, [months[at] for at in paired]),
        rows_are="kinds" if question.by == "category" else "districts",
        breaks=_breaks(asked, [month for at, month in enumerate(months) if counts[at] is not None]),
    )


def _rows(asked: Asked, months: Sequence[str]) -> tuple[Row, ...]:
    """The kinds or districts of the table, over the months that may be compared."""
    question, before = asked.question, year_before(months)
    if not months or (question.by == "area" and question.area):
        return ()
    if question.by == "category":
        codes = [code for code in asked.labels if code in asked.cube.categories]
        pairs = [
            (asked.labels[c], asked.cell(months, category=c), asked.cell(before, category=c))
            for c in codes
            if not question.category or c == question.category
        ]
    elif question.by == "area":
        pairs = [
            (name, asked.cell(months, area=code), asked.cell(before, area=code))
            for code, name in asked.places.districts.items()
        ]
    else:
        return ()
    if len(pairs) < 2:
        return ()
    return tuple(
        Row(name, now.value, then.value)
        for name, now, then in pairs
        if isinstance(now.value, int) and isinstance(then.value, int)
    )


def _breaks(asked: Asked, months: Sequence[str]) -> tuple[str, ...]:
    """What is known of the months that are held and judged."""
    if not months:
        return ()
    first, last = months[0], months[-1]
    return tuple(
        each.sentence
        for each in asked.breaks
        if each.first <= last and first <= (each.last or each.first)
    )
