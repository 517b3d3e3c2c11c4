"""What the page of one submission shows: what became of each row, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.conf import settings
from django.db.models import Count

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, find, may
from frankpledge.access.enums import Capability
from frankpledge.contracts import Contract
from frankpledge.sharing.enums import ApprovalStage
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Approval, Question, Submission, SubmissionMonth
from frankpledge.sharing.queries import questions
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.corrections import fault_frame
from frankpledge.sharing.queries.plausible import Suspicion, suspicions
from frankpledge.sharing.queries.returns import COLOURS, NOT_KEPT
from frankpledge.sharing.rules import UnableToMove, check_move
from frankpledge.sharing.rules.approvals import next_stage
from frankpledge.sharing.working import is_worked_on

EXAMPLES = 3
OPEN = (State.WAITING, State.WORKING, State.CHECKED, State.STORED)


@dataclass(frozen=True)
class Problem:
    """One rule that rows broke: how many, what to do, and the first of them."""

    rule: str
    column: str
    rows: int
    message: str
    remedy: str
    examples: tuple[dict[str, Any], ...]


def problems(submission: Submission) -> tuple[Problem, ...]:
    """The faults by rule and column, the most frequent first; one pass, however many there are."""
    frame = fault_frame(submission)
    if frame.is_empty():
        return ()
    grouped = (
        frame.lazy()
        .group_by("rule", "column", maintain_order=True)
        .agg(
            pl.struct("file", "row").n_unique().alias("rows"),
            pl.col("message").first(),
            pl.col("remedy").first(),
            pl.struct("file", "row", "value").head(EXAMPLES).alias("examples"),
        )
        .sort(["rows", "rule", "column"], descending=[True, False, False])
        .collect()
    )
    return tuple(
        Problem(**{**line, "examples": tuple(line["examples"])})
        for line in grouped.iter_rows(named=True)
    )


class FaultRows(Sequence[dict[str, Any]]):
    """The faults as lines of a table, made only for the page that is shown."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __len__(self) -> int:
        return len(self._frame)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            start, stop, _step = at.indices(len(self))
            return self._frame.slice(start, max(0, stop - start)).to_dicts()
        return self._frame.row(at, named=True)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._frame.iter_rows(named=True)

    def ordered(self, column: str, *, down: bool) -> FaultRows:
        return FaultRows(self._frame.sort(column, descending=down, maintain_order=True))


@dataclass(frozen=True)
class SubmissionPage:
    submission: Submission
    contract: Contract
    months: list[SubmissionMonth]
    problems: tuple[Problem, ...]
    suspicions: tuple[Suspicion, ...]
    corrects: Submission | None
    corrections: list[Submission]
    replaced: int
    may_read_rows: Decision
    may_undo: Decision
    may_agree: Decision
    may_discuss: Decision
    questions: list[Question]
    approvals: list[Approval]
    waits_for: str
    is_worked_on: bool

    @property
    def kept_until(self) -> date | None:
        """The last day on which the file itself is there, where it was not stored."""
        sent = self.submission
        refused = sent.state == State.REFUSED and sent.remedy
        stopped = sent.state == State.CANCELLED and not sent.refusal
        if not (refused or stopped) or sent.finished_at is None:
            return None
        if sent.choices == NOT_KEPT:
            return None
        return (sent.finished_at + timedelta(days=settings.KEEP_ENDED_DAYS)).date()

    @property
    def is_open(self) -> bool:
        return self.submission.state in (State.WAITING, State.WORKING)

    @property
    def was_interrupted(self) -> bool:
        """Its worker died: nothing of it is stored, and it can be started again."""
        return self.submission.state == State.WORKING and not self.is_worked_on

    @property
    def colour(self) -> str:
        return COLOURS[State(self.submission.state)]

    def can_become(self, state: State) -> bool:
        try:
            check_move(self.submission.state, state)
        except UnableToMove:
            return False
        return True

    @property
    def can_wait(self) -> bool:
        """Whether the day from which it counts may be named or changed."""
        return self.is_open or self.submission.state == State.CHECKED or self.is_held

    @property
    def completeness(self) -> str:
        """The share of rows stored, rounded down, so that only a whole file says 100%."""
        sent = self.submission
        return f"{sent.stored * 100 // sent.received}%" if sent.received else ""

    @property
    def can_correct(self) -> bool:
        return (
            self.submission.state in (State.STORED, State.CHECKED)
            and self.submission.rejected > 0
            and not any(each.state in OPEN for each in self.corrections)
        )

    @property
    def is_held(self) -> bool:
        return self.submission.state == State.STORED and bool(self.submission.embargo_until)

    @property
    def can_cancel(self) -> bool:
        return self.is_open and not self.submission.cancel_requested

    @property
    def can_withdraw(self) -> bool:
        return self.submission.state == State.CHECKED

    @property
    def can_undo(self) -> bool:
        return self.can_become(State.UNDONE)

    @property
    def can_redo(self) -> bool:
        return self.submission.state == State.UNDONE


def submission_page(*, actor: Actor, key: Any) -> SubmissionPage:
    submission = find_submission(actor=actor, key=key)
    months = list(
        submission.months.select_related("superseded_by__submission").annotate(
            replaces=Count("supersedes")
        )
    )
    may_read_rows = may(actor, Capability.READ_RETURNED_ROWS, submission)
    contract = contract_of(submission.dataset)
    asked = questions.of_submission(actor=actor, submission=submission)
    may_discuss = may(actor, Capability.DISCUSS_RETURN, submission)
    return SubmissionPage(
        submission=submission,
        contract=contract,
        suspicions=suspicions(submission, contract, asked) if may_discuss else (),
        months=months,
        replaced=sum(month.replaces for month in months),
        may_read_rows=may_read_rows,
        problems=problems(submission) if may_read_rows and submission.rejected else (),
        corrects=submission.corrects,
        corrections=list(submission.corrections.order_by("sent_at", "pk")),
        may_undo=may(actor, Capability.UNDO_SUBMISSION, submission),
        may_discuss=may_discuss,
        questions=asked,
        may_agree=may(actor, Capability.AGREE_TO_RETURN, submission),
        approvals=list(submission.approvals.select_related("decided_by")),
        waits_for=waits_for(submission),
        is_worked_on=is_worked_on(settings.STORE, submission.pk),
    )


def months_of(submission: Submission) -> list[date]:
    return list(submission.months.order_by("month").values_list("month", flat=True))


def waits_for(submission: Submission) -> str:
    """Whose word a checked file waits for."""
    if submission.state != State.CHECKED:
        return ""
    agreed = {each.stage for each in submission.approvals.all() if each.agreed}
    if next_stage(submission.dataset.approvals, agreed) == ApprovalStage.PARTNER:
        return f"somebody else of {submission.organisation}"
    return "the county team"


def agreed_sentence(submission: Submission) -> str:
    if submission.state == State.CHECKED:
        return f"Agreed. Now it waits for {waits_for(submission)}."
    if submission.embargo_until:
        return f"Agreed. It counts from {submission.embargo_until:%-d %B %Y}."
    return "Agreed. It counts now."


def find_submission(*, actor: Actor, key: Any) -> Submission:
    return find(
        actor,
        Submission,
        Submission.objects.select_related(
            "dataset",
            "organisation",
            "sent_by",
            "corrects",
            "request",
            "term__version__agreement",
            "term__clause",
        ),
        pk=key,
    )


def returned_rows(submission: Submission) -> FaultRows:
    """One line for each fault of a returned row, in the order of the file."""
    return FaultRows(fault_frame(submission))
