"""What is odd in a return, with the chart that made it so and what was said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from frankpledge import charts
from frankpledge.analysis.disclosure import Column, publish
from frankpledge.charts import Chart
from frankpledge.contracts import Contract
from frankpledge.core.models import Area
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Question, Submission, SubmissionMonth
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.rules.plausible import YEARS, Odd, odd_in


@dataclass(frozen=True)
class Suspicion:
    """One odd thing: its chart, and the question in which it was answered."""

    odd: Odd
    id: str
    chart: Chart
    answered: Question | None


def suspicions(
    submission: Submission, contract: Contract, asked: Iterable[Question]
) -> tuple[Suspicion, ...]:
    """Only of what is held now and could count; the partner's newer files set it right."""
    if submission.state not in (State.CHECKED, State.STORED) or not submission.stored:
        return ()
    found = odd_in(
        _cells(
            submission.dataset.slug, [(m.month, submission.pk) for m in submission.months.all()]
        ),
        _history(submission),
        incomplete=_incomplete(submission),
        adds_up=not contract.role("count"),
        names=_names(contract, submission),
    )
    by_rule = {each.rule: each for each in asked if each.rule}
    return tuple(
        Suspicion(odd, f"odd-{at}", _chart(odd, at, submission), by_rule.get(odd.key))
        for at, odd in enumerate(found, start=1)
    )


def _history(submission: Submission) -> dict[str, dict[tuple[str, str], int]]:
    """The months of the same organisation that count now, other than those of this file."""
    mine = submission.months.values("month")
    months = (
        SubmissionMonth.objects.filter(
            dataset=submission.dataset_id, organisation=submission.organisation_id, current=True
        )
        .exclude(submission=submission)
        .exclude(month__in=mine)
        .order_by("-month")[: 12 * YEARS]
    )
    return _cells(submission.dataset.slug, [(each.month, each.submission_id) for each in months])


def _cells(
    slug: str, months: Iterable[tuple[object, object]]
) -> dict[str, dict[tuple[str, str], int]]:
    store = open_store()
    chosen = [(f"{month:%Y-%m}", str(submission)) for month, submission in months]
    paths = store.paths(slug, chosen, cube=True)
    found: dict[str, dict[tuple[str, str], int]] = {}
    for path in paths:
        counted = (
            pl.scan_parquet(path)
            .group_by("month", "area", "category")
            .agg(pl.col("count").sum())
            .collect()
        )
        for month, area, category, count in counted.iter_rows():
            found.setdefault(str(month), {})[area or "", category or ""] = int(count or 0)
    return found


def _incomplete(submission: Submission) -> set[str]:
    months = SubmissionMonth.objects.filter(
        dataset=submission.dataset_id, organisation=submission.organisation_id, incomplete=True
    )
    return {f"{month:%Y-%m}" for month in months.values_list("month", flat=True)}


def _names(contract: Contract, submission: Submission) -> Mapping[str, str]:
    codes = contract.field(contract.role("category")).codes
    named = {each.value: each.label or each.value for each in codes}
    return {**dict(Area.objects.filter(kind="district").values_list("code", "name")), **named}


def _chart(odd: Odd, at: int, submission: Submission) -> Chart:
    limits = odd.lower is not None
    columns = [Column("month", "Month", "month"), Column("count", odd.what, "count")]
    if limits:
        columns += [Column(k, k.capitalize(), "number") for k in ("lower", "upper", "centre")]
    rows = []
    for month, value in odd.series:
        row: dict[str, object] = {"month": month, "count": value}
        if limits:
            row |= {"lower": odd.lower, "upper": odd.upper, "centre": odd.centre}
        rows.append(row)
    table = publish(
        title=f"{odd.what} by month, {submission.organisation}",
        columns=columns,
        rows=rows,
        audience="the sender",
        synthetic=submission.synthetic,
        sources=[f"{submission.dataset}, {submission.organisation}"],
    )
    named = {"lower": "lower", "upper": "upper", "centre": "centre"} if limits else {}
    return charts.line(
        table=table, title=odd.sentence, id_prefix=f"odd{at}", x="month", y="count", **named
    )
