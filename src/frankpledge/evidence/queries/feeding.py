"""The sets of the feed: three that any question's address fills, and each dataset by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.analysis.months import shifted
from frankpledge.evidence import rules
from frankpledge.evidence.queries import asking
from frankpledge.evidence.queries.formats.odata import ANSWERS
from frankpledge.evidence.queries.sources import month_text
from frankpledge.evidence.rules import Question
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.data import extent

By = Literal["month", "category", "area"]


@dataclass(frozen=True)
class Set:
    by: By
    dataset: Dataset | None = None


def sets(*, actor: Actor) -> dict[str, Set]:
    """What the actor may ask, by name."""
    known = asking.datasets(actor=actor)
    found = {f"monthly_{each.slug.replace('-', '_')}": Set("month", each) for each in known}
    return {**found, **{name: Set(by) for name, by in ANSWERS.items()}}  # type: ignore[arg-type]


def address(question: Question) -> str:
    """Where the feed answers this question."""
    [name] = [name for name, by in ANSWERS.items() if by == question.by]
    asked = {k: v for k, v in question.as_dict().items() if k not in ("by", "chart")}
    return f"{reverse('odata-rows', args=[name])}?{urlencode(asked)}"


def question_of(*, actor: Actor, name: str, given: Mapping[str, str]) -> Question:
    """What a set asks with an explorer's address. Raises Http404 for a set or data that is not the
    actor's to ask, UnableToAsk as `read` does."""
    wanted = sets(actor=actor).get(name)
    if wanted is None:
        raise Http404
    if wanted.dataset is not None:
        return _every_month(wanted.dataset)
    slug = given.get("dataset", "")
    known = asking.datasets(actor=actor)
    if not slug and not known:
        raise Http404
    dataset = asking.dataset_named(actor=actor, slug=slug) if slug else known[0]
    asked = {key: value for key, value in given.items() if not key.startswith("$")}
    read = rules.read(
        {**asked, "dataset": dataset.slug, "by": wanted.by, "chart": ""},
        default=asking.default_question(dataset),
    )
    return read


def _every_month(dataset: Dataset) -> Question:
    ends = extent(dataset)
    if ends is None:
        raise Http404
    first, last = (month_text(day) for day in ends)
    first = max(first, shifted(last, 1 - rules.LONGEST))
    return Question(dataset=dataset.slug, start=first, end=last)
