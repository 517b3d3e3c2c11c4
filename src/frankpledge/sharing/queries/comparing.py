"""A return beside the version of the same months that it takes the place of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, may
from frankpledge.access.enums import Capability, Role
from frankpledge.contracts import Contract
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Submission, SubmissionMonth
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.results import find_submission
from frankpledge.sharing.rules.permission import covers
from frankpledge.sharing.store import Difference, Version, compared
from frankpledge.sharing.store.comparing import ADDED, CHANGED, GONE, KINDS, SAME

_AGREEMENT = "Access rules, information sharing agreements"
_HELD = (State.CHECKED, State.STORED, State.UNDONE)


def replaced_months(submission: Submission) -> list[tuple[SubmissionMonth, SubmissionMonth]]:
    """Each month of a return with the one it took the place of, or would when it counts."""
    if submission.state not in _HELD:
        return []
    mine = {
        each.month: each for each in submission.months.filter(stored__gt=0).order_by("month", "pk")
    }
    others = (
        SubmissionMonth.objects.filter(
            dataset=submission.dataset_id,
            organisation=submission.organisation_id,
            month__in=mine,
            submission__state=State.STORED,
            stored__gt=0,
        )
        .exclude(submission=submission.pk)
        .select_related("submission")
        .order_by("submission__sent_at", "pk")
    )
    found: dict[date, SubmissionMonth] = {}
    for other in others:
        month = mine[other.month]
        before = other.superseded_by_id == month.pk
        if before or (other.current and not month.current and month.superseded_by_id is None):
            found[other.month] = other
    return [(month, found[month.month]) for month in mine.values() if month.month in found]


def replaces_something(submission: Submission) -> bool:
    return bool(replaced_months(submission))


HEADINGS = ("Rows before", "Rows now", "Added", "Gone", "Changed", "The same")


@dataclass(frozen=True)
class MonthLine:
    """One month: how many rows each version has, and how many are of each kind."""

    month: date
    before: int
    after: int
    added: int
    gone: int
    changed: int
    same: int

    @property
    def cells(self) -> list[tuple[str, int]]:
        numbers = (self.before, self.after, self.added, self.gone, self.changed, self.same)
        return list(zip(HEADINGS, numbers, strict=True))


@dataclass(frozen=True)
class ComparingPage:
    submission: Submission
    contract: Contract
    earlier: list[Submission]
    months: list[MonthLine]
    new_months: list[date]
    difference: Difference | None
    may_read: Decision

    @property
    def totals(self) -> dict[str, int]:
        found = self.difference
        return {kind: found.total(kind) if found else 0 for kind in (*KINDS, SAME)}

    @property
    def key(self) -> tuple[str, ...]:
        """The labels of the columns that say which row it is."""
        found, key = self.difference, self.contract.key_fields
        if found is None or not key or not set(key) <= set(found.columns):
            return ()
        return tuple(label(self.contract, each) for each in key)

    headings = HEADINGS

    @property
    def only_now(self) -> str:
        return self._labels(self.difference.only_after if self.difference else ())

    @property
    def only_then(self) -> str:
        return self._labels(self.difference.only_before if self.difference else ())

    def _labels(self, columns: tuple[str, ...]) -> str:
        return ", ".join(label(self.contract, each) for each in columns)


def label(contract: Contract, column: str) -> str:
    return next((each.label for each in contract.fields if each.name == column), column)


def comparing_page(*, actor: Actor, key: Any) -> ComparingPage:
    submission = find_submission(actor=actor, key=key)
    contract = contract_of(submission.dataset)
    pairs = replaced_months(submission)
    difference = None
    if pairs:
        before, after = _version([old for _, old in pairs]), _version([new for new, _ in pairs])
        difference = compared(before, after, key=contract.key_fields)
    replaced = {new.month for new, _ in pairs}
    months = submission.months.filter(stored__gt=0).order_by("month")
    earlier = {old.submission_id: old.submission for _, old in pairs}
    return ComparingPage(
        submission=submission,
        contract=contract,
        earlier=sorted(earlier.values(), key=lambda each: (each.sent_at, each.pk)),
        months=_by_month(difference, pairs),
        new_months=[each.month for each in months if each.month not in replaced],
        difference=difference,
        may_read=may_read_changes(actor, submission, contract),
    )


def _version(months: list[SubmissionMonth]) -> Version:
    store = open_store()
    named = [
        (f"{each.month:%Y-%m}", path)
        for each in months
        for path in store.paths(
            each.submission.dataset.slug, [(f"{each.month:%Y-%m}", str(each.submission_id))]
        )
    ]
    return Version(tuple(month for month, _ in named), tuple(path for _, path in named))


def _by_month(
    difference: Difference | None, pairs: list[tuple[SubmissionMonth, SubmissionMonth]]
) -> list[MonthLine]:
    if difference is None:
        return []
    counted = {
        (month, kind): rows for month, kind, rows in difference.counts.iter_rows(named=False)
    }
    lines = []
    for new, old in pairs:
        month = f"{new.month:%Y-%m}"
        of = {kind: counted.get((month, kind), 0) for kind in (ADDED, GONE, CHANGED, SAME)}
        lines.append(MonthLine(month=new.month, before=old.stored, after=new.stored, **of))
    return lines


def may_read_changes(actor: Actor, submission: Submission, contract: Contract) -> Decision:
    """As the rows that came back; and to the county team only as finely as the term says."""
    decision = may(actor, Capability.READ_RETURNED_ROWS, submission)
    own = submission.organisation_id in actor.organisations(Role.DATA_PROVIDER)
    if not decision or own or contract.role("count"):
        return decision
    term = submission.term
    if term is not None and covers(Detail(term.detail), Detail.ROW):
        return decision
    detail = Detail(term.detail).label.lower() if term else "nothing"
    return Decision(
        Capability.READ_RETURNED_ROWS,
        False,
        f"The agreement gives this data no finer than: {detail}. So only counts are shown.",
        f"{term.version}, clause {term.clause.number}" if term else _AGREEMENT,
    )
