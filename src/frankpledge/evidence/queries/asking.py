"""One question asked of the store: a sentence, tables to draw from, what it rests on, caveats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.analysis.counts import areas_holding
from frankpledge.analysis.disclosure import (
    PublishableTable,
    Status,
)
from frankpledge.analysis.disclosure.tables import Cell
from frankpledge.analysis.months import period_name, shifted, year_before
from frankpledge.analysis.sentences import Finding as Sentence
from frankpledge.analysis.sentences import finding as sentence_of
from frankpledge.evidence import rules
from frankpledge.evidence.queries.asked import Asked, dataset_named
from frankpledge.evidence.queries.charting import charted_of
from frankpledge.evidence.queries.comparing import (
    compared_caveats,
    compared_sentence,
    compared_table,
    other_question,
)
from frankpledge.evidence.queries.hot import hot_sentence
from frankpledge.evidence.queries.judging import Real
from frankpledge.evidence.queries.realness import realness
from frankpledge.evidence.queries.sources import (
    adds_up,
    month_text,
)
from frankpledge.evidence.queries.tabling import map_of, table_of
from frankpledge.evidence.rules import OF_SMALL_AREAS, Question, UnableToAsk
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.caveats import standing_caveats
from frankpledge.sharing.queries.contracts import contract_of
from frankpledge.sharing.queries.data import HeldMonth, extent
from frankpledge.sharing.queries.permission import Reading, reading


@dataclass(frozen=True)
class Answer:
    """Everything a page, a file or a Finding needs of an answer."""

    question: Question
    dataset: Dataset
    where: str
    what: str
    sentence: Sentence
    real: Real
    table: PublishableTable
    charted: PublishableTable  # what the chosen chart is drawn from
    map_table: PublishableTable | None
    map_kind: str
    caveats: tuple[str, ...]
    rests_on: Reading
    held: tuple[HeldMonth, ...]
    version: str
    synthetic: bool
    rule: str
    incomplete: tuple[str, ...] = ()
    total: Cell | None = None
    standing: tuple[str, ...] = ()
    small_areas: bool = False
    also_held: tuple[HeldMonth, ...] = ()  # of the period compared with
    facts: Mapping[str, Any] = field(default_factory=dict)


def datasets(*, actor: Actor) -> list[Dataset]:
    """The datasets this actor may ask about that hold anything."""
    may_ask = visible(actor, Capability.ASK, Dataset)
    return list(may_ask.filter(submissions__months__current=True).distinct().order_by("name", "pk"))


def providers(*, actor: Actor, dataset: Dataset, on: date) -> tuple[Organisation, ...]:
    """Those whose data of this dataset the actor may read today."""
    return reading(actor=actor, dataset=dataset, on=on).organisations


def default_question(dataset: Dataset) -> Question:
    """The last twelve months held, the whole county, by month."""
    ends = extent(dataset)
    if ends is None:
        raise UnableToAsk(f"Nothing is held of “{dataset.name}” yet. Send a file first.")
    first, last = rules.last_year_of(month_text(ends[0]), month_text(ends[1]))
    return Question(dataset=dataset.slug, start=first, end=last)


def answer(*, actor: Actor, question: Question, on: date) -> Answer:
    """Raises UnableToAsk for a choice that cannot be, Refused for a cut that may not be shown."""
    dataset = dataset_named(actor=actor, slug=question.dataset)
    asked = Asked(actor, question, dataset, on)
    found = _answer(asked)
    if not question.compares:
        return found
    return _compared(asked, Asked(actor, other_question(asked), dataset, on), found)


def _compared(one: Asked, two: Asked, plain: Answer) -> Answer:
    said = (*plain.standing, *(each for each in _standing(two) if each not in plain.standing))
    table = compared_table(one, two, plain.table).noting(said)
    caveats = (*plain.caveats, *said, *compared_caveats(one, two), *_caveats(two))
    return replace(
        plain,
        sentence=compared_sentence(one, two, plain.sentence),
        table=table,
        charted=table,
        map_table=None,
        map_kind="",
        standing=said,
        caveats=tuple(dict.fromkeys(caveats)),
        also_held=tuple(h for h in two.held if month_text(h.month) in two.question.months),
    )


def _answer(asked: Asked) -> Answer:
    said = _standing(asked)
    table = table_of(asked)
    total = asked.total(asked.question.months)
    map_table, map_kind = map_of(asked, table)
    return Answer(
        question=asked.question,
        dataset=asked.dataset,
        where=asked.where,
        what=asked.what,
        sentence=_found(asked, total, table),
        real=realness(asked, total),
        table=table.noting(said),
        charted=charted_of(asked, table).noting(said),
        map_table=map_table.noting(said) if map_table else None,
        map_kind=map_kind,
        caveats=(*said, *_caveats(asked)),
        rests_on=asked.reading,
        held=tuple(h for h in asked.held if month_text(h.month) in asked.question.months),
        version=asked.version,
        synthetic=any(each.synthetic for each in asked.held),
        rule=asked.rule.label,
        incomplete=asked.incomplete,
        total=total,
        standing=said,
        small_areas=asked.small_areas,
    )


def _found(asked: Asked, total: Cell | None, table: PublishableTable) -> Sentence:
    plain = _sentence(asked, total, table)
    return hot_sentence(asked, table, plain) if asked.question.chart in OF_SMALL_AREAS else plain


def _sentence(asked: Asked, total: Cell | None, table: PublishableTable) -> Sentence:
    months = asked.question.months
    period, before_months = asked.question.period, year_before(months)
    what, now, partial = asked.what, total, False
    if now is None and not asked.question.category and not adds_up(asked.dataset):
        return Sentence(
            f"{asked.dataset.name} in {asked.where}, {period}: "
            "each measure has its own definition and they are not added up.",
            "unknown",
        )
    if now is None or (now.status is Status.MISSING and not asked.whole(months)):
        months, before_months = _comparable(asked, months)
        if not months:
            return sentence_of(what=what, where=asked.where, period=period, now=None)
        now = asked.total(months)
        period = period_name(months[0], months[-1])
        partial = True
    before = asked.total(before_months) if asked.whole(before_months) else None
    return sentence_of(
        what=what,
        where=asked.where,
        period=period,
        now=now,
        before=before,
        says_period=partial,
        side=_side(asked, table) if asked.question.by == "month" else None,
        concentration=_concentration(asked) if asked.question.by == "area" else None,
    )


def _comparable(asked: Asked, months: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The last month that is whole and published, when the period itself is not."""
    for month in reversed(months):
        if asked.whole([month]):
            return (month,), year_before([month])
    return (), ()


def _side(asked: Asked, table: PublishableTable) -> Any:
    keys = [column.key for column in table.columns]
    if "lower" not in keys or not table.rows:
        return None
    last = dict(zip(keys, table.rows[-1], strict=True))
    low, high, count = last["lower"].value, last["upper"].value, last["count"].value
    if low is None or high is None or count is None:
        return None
    return "above" if count > high else "below" if count < low else "within"


def _concentration(asked: Asked) -> Any:
    if not asked.small_areas:
        return None
    units = (
        asked.places.within(asked.question.area)
        if asked.question.area
        else sorted(
            {
                unit
                for code, unit in asked.places.units.items()
                if asked.places.district_of.get(code) in asked.places.districts
            }
        )
    )
    if not units:
        return None
    return areas_holding(asked.by_unit(units), of=len(units))


def _standing(asked: Asked) -> tuple[str, ...]:
    """What was settled about the months read, between those who sent them and those who asked."""
    months = asked.question.months
    return standing_caveats(
        asked.dataset, start=_first_day(months[0]), end=_first_day(months[-1]), on=asked.on
    )


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _caveats(asked: Asked) -> tuple[str, ...]:
    months = asked.question.months
    held = {month_text(each.month): each for each in asked.held}
    said: list[str] = []
    if asked.is_synthetic():
        said.append("Synthetic data: made up, about no real person or event.")
    gaps = [month for month in months if month not in held]
    if gaps:
        said.append(f"{len(gaps)} of {len(months)} months are missing, not zero: {_some(gaps)}.")
    partial = [month for month in months if month in asked.incomplete]
    if partial:
        said.append(f"Incomplete releases, left out of limits and comparisons: {_some(partial)}.")
    vintages = {held[month].vintage for month in months if month in held} - {None}
    if len(vintages) > 1:
        said.append("Small areas changed in this period. They are joined where one became several.")
    said += [
        each.sentence
        for each in asked.breaks
        if each.first <= months[-1] and shifted(months[0], -12) <= (each.last or each.first)
    ]
    if asked.question.by == "area" and asked.question.chart not in OF_SMALL_AREAS:
        said.append("Rates are per 1,000 residents; visitors are counted and not residents.")
    limitations = contract_of(asked.dataset).limitations
    if limitations:
        said.append(limitations)
    said.extend(asked.reading.warnings)
    said.extend(asked.reading.refusals)
    return tuple(said)


def _some(months: Sequence[str]) -> str:
    named = [period_name(month, month) for month in months]
    return (
        ", ".join(named) if len(named) <= 4 else f"{', '.join(named[:3])} and {len(named) - 3} more"
    )
