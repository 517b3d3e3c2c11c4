"""Asking about a cell or a rule of a return, answering, and settling it."""

from __future__ import annotations

from datetime import date, datetime

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.enums import Capability
from frankpledge.sharing.actions.caveats import write_caveat
from frankpledge.sharing.models import Question, Remark, Submission
from frankpledge.sharing.rules.questions import UnableToDiscuss


def ask(
    *,
    actor: Actor,
    submission: Submission,
    text: str,
    now: datetime,
    rule: str = "",
    row: int | None = None,
    column: str = "",
) -> Question:
    with change(
        actor=actor, capability=Capability.DISCUSS_RETURN, record=submission, now=now
    ) as audit:
        _refuse_without_account(actor)
        asked = Question.objects.create(submission=submission, rule=rule, row=row, column=column)
        Remark.objects.create(question=asked, by_id=actor.user_id, at=now, text=text)
        audit.note(
            f"Asked about {submission.file_name}.",
            record=asked,
            concerns=(submission.organisation,),
        )
    return asked


def remark(*, actor: Actor, question: Question, text: str, now: datetime) -> Remark:
    with change(
        actor=actor, capability=Capability.DISCUSS_RETURN, record=question.submission, now=now
    ) as audit:
        _refuse_without_account(actor)
        locked = _open(question)
        said = Remark.objects.create(question=locked, by_id=actor.user_id, at=now, text=text)
        audit.note(
            f"Answered about {question.submission.file_name}.",
            record=question,
            concerns=(question.submission.organisation,),
        )
    return said


def resolve(
    *,
    actor: Actor,
    question: Question,
    resolution: str,
    now: datetime,
    caveat: str = "",
    first_month: date | None = None,
    last_month: date | None = None,
) -> Question:
    """Settle a question; its outcome may become a caveat that every answer repeats."""
    sent = question.submission
    with change(
        actor=actor, capability=Capability.RESOLVE_QUESTION, record=question, now=now
    ) as audit:
        locked = _open(question)
        locked.resolved_at, locked.resolution = now, resolution
        if caveat:
            locked.caveat = write_caveat(
                actor=actor,
                dataset=sent.dataset,
                text=caveat,
                first_month=first_month,
                last_month=last_month,
                now=now,
            )
        locked.save()
        audit.note(
            f"Settled the question about {sent.file_name}: {resolution}",
            record=locked,
            concerns=(sent.organisation,),
        )
    return locked


def _open(question: Question) -> Question:
    locked = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if locked.resolved_at is not None:
        raise UnableToDiscuss("It has been settled already. Open the question again.")
    return locked


def _refuse_without_account(actor: Actor) -> None:
    if actor.user_id == "console":
        raise UnableToDiscuss("Sign in, so that the answer finds you.")
