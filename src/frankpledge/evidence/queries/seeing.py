"""One question as the public, a partner and the asker see it: each figure, and what was done to it.

What is said of a hidden figure would tell of it: that it is hidden for its own sake says that it is
small. So the reason is given only where the asker's own figure is shown, and exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from frankpledge.access.actors import Actor, public
from frankpledge.access.decisions import may
from frankpledge.access.enums import Capability, Role
from frankpledge.analysis.disclosure import Cell, PublishableTable, Refused, Rule, Status
from frankpledge.core.registries import Grant
from frankpledge.evidence.queries.asked import Asked, dataset_named
from frankpledge.evidence.queries.sources import COUNTY, ProtectedFigures, period_code
from frankpledge.evidence.queries.tabling import table_of
from frankpledge.evidence.rules import Question
from frankpledge.sharing.models import Dataset

_HIDDEN = "Hidden by the rule."


@dataclass(frozen=True)
class Seen:
    """A figure as somebody sees it, and what was done to it."""

    text: str
    why: str
    shown: bool


@dataclass(frozen=True)
class Column:
    """What one audience sees: `refusal` where it sees nothing; what the rule does, from when, by
    what source."""

    name: str
    refusal: str = ""
    does: str = ""
    since: str = ""
    source: str = ""
    shown: int = 0


@dataclass(frozen=True)
class Seeing:
    question: Question
    title: str
    heading: str
    sentence: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Seen | None, ...]], ...]
    synthetic: bool


class _View:
    """An audience's own answer; `refusal` where it has none that the asker may see."""

    def __init__(self, name: str, asked: Asked | None, refusal: str = "") -> None:
        self.name, self.asked, self.refusal = name, asked, refusal
        self.cells: dict[str, Cell] = {}
        if asked is None:
            return
        try:
            self.table: PublishableTable = table_of(asked)
        except Refused as error:
            self.asked, self.refusal = None, error.sentence
            return
        names = self.table.column(asked.question.by)
        figures = self.table.column("count")
        self.labels = {str(name.value): name.text for name in names}
        self.cells = {str(n.value): cell for n, cell in zip(names, figures, strict=True)}

    @property
    def exact(self) -> frozenset[str]:
        """The rows whose figure is shown as it is."""
        if self.asked is None or self.asked.rule.round_to > 1:
            return frozenset()
        return frozenset(k for k, cell in self.cells.items() if cell.status is Status.SHOWN)

    def seen(self, key: str, exact: frozenset[str]) -> Seen | None:
        if self.asked is None:
            return None
        cell, rule = self.cells.get(key), self.asked.rule
        if cell is None:
            return Seen("not published", "Not among the figures for this audience.", False)
        if cell.status is Status.MISSING:
            return Seen(cell.text, "No data.", False)
        if cell.status is Status.SHOWN:
            near = f"Rounded to the nearest {rule.round_to}." if rule.round_to > 1 else "Shown."
            return Seen(cell.text, near, True)
        return Seen(cell.text, self._why(key) if key in exact else _HIDDEN, False)

    def _why(self, key: str) -> str:
        asked = self.asked
        if asked is None or not isinstance(asked.figures, ProtectedFigures):
            return _HIDDEN
        question = asked.question
        codes = {
            "area": question.area or COUNTY,
            "month": period_code(question.months) or "",
            "category": question.category or "all",
        }
        return asked.figures.release.why(**{**codes, question.by: _code(asked, key)})

    def column(self) -> Column:
        if self.asked is None:
            return Column(self.name, refusal=self.refusal)
        rule = self.asked.rule
        return Column(
            self.name,
            does=_does(rule, self.asked.dataset),
            since=_since(rule),
            source=rule.source if rule.protects else "",
            shown=sum(cell.status is Status.SHOWN for cell in self.cells.values()),
        )


def seeing(*, actor: Actor, question: Question, on: date) -> Seeing:
    """Raises Http404 and Refused as `asking.answer` does for the asker's own answer."""
    dataset = dataset_named(actor=actor, slug=question.dataset)
    asked = Asked(actor, question, dataset, on)
    mine = _View("The county" if actor.holds(Role.COUNTY_TEAM) else "You", asked)
    if mine.asked is None:
        raise Refused(mine.refusal)
    partner = Grant(role=Role.PARTNER)
    others = (
        ("The public", public(on)),
        ("A partner", Actor(user_id="partner", name="", on=on, grants=frozenset({partner}))),
    )
    views = [*(_view(name, who, asked) for name, who in others), mine]
    keys = list(mine.cells)
    columns = tuple(view.column() for view in views)
    return Seeing(
        question=asked.question,
        title=asked.title(),
        heading=mine.table.columns[mine.table.place(asked.question.by)].label,
        sentence=_sentence(columns, len(keys)),
        columns=columns,
        rows=tuple(
            (mine.labels[key], tuple(view.seen(key, mine.exact) for view in views)) for key in keys
        ),
        synthetic=asked.is_synthetic(),
    )


def _view(name: str, who: Actor, mine: Asked) -> _View:
    decision = may(who, Capability.ASK, mine.dataset)
    if not decision:
        return _View(name, None, decision.reason)
    try:
        theirs = Asked(who, mine.question, mine.dataset, mine.on)
    except Refused as error:
        return _View(name, None, error.sentence)
    known = {each.pk for each in mine.reading.organisations}
    if not who.is_public and not {each.pk for each in theirs.reading.organisations} <= known:
        return _View(name, None, "They read data that no agreement gives you.")
    return _View(name, theirs)


def _code(asked: Asked, key: str) -> str:
    """The code of a row, which a table by kind or place names in words."""
    named: Mapping[str, str] = {}
    if asked.question.by == "category":
        named = {label: code for code, label in asked.labels.items()}
    if asked.question.by == "area":
        named = {label: code for code, label in asked.places.districts.items()}
    return named.get(key, key)


def _does(rule: Rule, dataset: Dataset) -> str:
    if rule.protects:
        return rule.sentence
    if dataset.published_already:
        return "The data has been published already: every figure is shown as it is."
    return "No rule covers this audience: every figure is shown as it is."


def _since(rule: Rule) -> str:
    if not rule.protects:
        return ""
    if rule.valid_from is None:
        return "In force, without a first day."
    first = f"In force from {rule.valid_from:%-d %B %Y}"
    return f"{first} to {rule.valid_to:%-d %B %Y}." if rule.valid_to else f"{first}."


def _sentence(columns: Sequence[Column], figures: int) -> str:
    said = [
        f"{each.name} {'see' if each.name == 'You' else 'sees'} "
        + ("nothing" if each.refusal else f"{each.shown} of {figures} figures")
        for each in columns
    ]
    return "; ".join([said[0], *(each[0].lower() + each[1:] for each in said[1:])])
