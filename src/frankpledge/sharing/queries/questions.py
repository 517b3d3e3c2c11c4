"""Questions about returns: what was said, and who owes the next word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Subquery

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, find, may, visible
from frankpledge.access.enums import Capability
from frankpledge.core.models import in_force
from frankpledge.partnership.models import Holding
from frankpledge.sharing.models import Question, Remark, Submission


def questions(*, actor: Actor) -> QuerySet[Question]:
    """Those the actor sees, each with whether its organisation spoke last."""
    last = Remark.objects.filter(question=OuterRef("pk")).order_by("-at", "-id")
    speaks = Holding.objects.filter(
        in_force(actor.on),
        holder=OuterRef("last_by"),
        post__organisation=OuterRef("submission__organisation"),
    )
    seen = visible(actor, Capability.VIEW, Question).select_related(
        "submission__organisation", "submission__dataset", "caveat"
    )
    return seen.annotate(
        last_by=Subquery(last.values("by")[:1]),
        last_at=Subquery(last.values("at")[:1]),
        first_text=Subquery(
            Remark.objects.filter(question=OuterRef("pk")).order_by("at", "id").values("text")[:1]
        ),
    ).annotate(partner_spoke_last=Exists(speaks, output_field=BooleanField()))


def of_submission(*, actor: Actor, submission: Submission) -> list[Question]:
    return list(questions(actor=actor).filter(submission=submission))


def about(question: Question) -> str:
    """The place it is about, in words."""
    if question.row is not None:
        return f"Row {question.row:,}" + (f", column {question.column}" if question.column else "")
    return f"Rule “{question.rule}”" if question.rule else "The whole file"


@dataclass(frozen=True)
class QuestionPage:
    question: Question
    remarks: list[Remark]
    may_answer: Decision
    may_resolve: Decision


def question_page(*, actor: Actor, key: Any) -> QuestionPage:
    found = find(
        actor,
        Question,
        Question.objects.select_related(
            "submission__organisation", "submission__dataset", "caveat"
        ),
        pk=key,
    )
    return QuestionPage(
        question=found,
        remarks=list(found.remarks.select_related("by")),
        may_answer=may(actor, Capability.DISCUSS_RETURN, found.submission),
        may_resolve=may(actor, Capability.RESOLVE_QUESTION, found),
    )
