"""Two periods, or two places: an answer set beside another that passed disclosure on its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from frankpledge.analysis.disclosure import (
    Cell,
    Column,
    Derived,
    PublishableTable,
    Status,
    derive,
)
from frankpledge.analysis.months import period_name
from frankpledge.analysis.sentences import CLEAR, Direction
from frankpledge.analysis.sentences import Finding as Sentence
from frankpledge.evidence.queries.asked import Asked
from frankpledge.evidence.queries.judging import ratio_of, ratio_text
from frankpledge.evidence.queries.sources import adds_up
from frankpledge.evidence.queries.tabling import table_of
from frankpledge.evidence.rules import Question, UnableToAsk, other_months


def other_question(asked: Asked) -> Question:
    """The question whose answer is set beside. Raises UnableToAsk."""
    if asked.question.by == "area" and (asked.question.area or asked.question.against):
        raise UnableToAsk(
            "Two places are compared by month or by kind, and two periods of a county by place. "
            "Choose another breakdown."
        )
    question = replace(asked.question, other="", against="", chart="")
    if asked.question.other:
        months = other_months(asked.question)
        return replace(question, start=months[0], end=months[-1])
    code = asked.places.find(asked.question.against)
    if code is None:
        known = ", ".join([asked.places.county_name, *asked.places.districts.values()])
        raise UnableToAsk(f"“{asked.question.against}” is no place here. Choose one of: {known}.")
    if code == question.area:
        raise UnableToAsk("That is the place asked about. Choose another to compare with.")
    return replace(question, area=code)


def compared_sentence(one: Asked, two: Asked, plain: Sentence) -> Sentence:
    """What both counts are and whether they differ, for each month or resident."""
    first, second = one.total(one.question.months), two.total(two.question.months)
    for asked, cell in ((one, first), (two, second)):
        if why := _why_not(asked, cell):
            head = f"{_head(one, two)}: not compared, {why} for {_told_apart(asked, one, two)}."
            return Sentence(head, "unknown", (plain.sentence,))
    assert first is not None and second is not None
    sizes, unit = _exposures(one, two)
    figures = f"{first.text} against {second.text}"
    if sizes is None:
        return Sentence(f"{_head(one, two)}: {figures}.", "unknown", (plain.sentence,))
    found = ratio_of(_whole(first), _whole(second), *sizes)
    assert found is not None
    pair = _told_apart(one, one, two), _told_apart(two, one, two)
    way: Direction = "no clear change"
    said = f"no clear difference between {pair[0]} and {pair[1]}"
    if found.p_value < CLEAR:
        way = "up" if found.ratio is None or found.ratio > 1 else "down"
        said = f"{'higher' if way == 'up' else 'lower'} in {pair[0]} than in {pair[1]}"
    taken = f" Counts are taken {unit}." if unit else ""
    return Sentence(
        f"{_head(one, two)}: {said}{' ' + unit if unit else ''}, {figures}.",
        way,
        (f"{ratio_text(found)}{taken}", plain.sentence),
    )


def _why_not(asked: Asked, cell: Cell | None) -> str:
    if cell is not None and cell.status is Status.SUPPRESSED:
        return "the count is too small to show"
    if cell is None and not asked.question.category and not adds_up(asked.dataset):
        return "its measures are not added up"
    whole = cell is not None and cell.status is Status.SHOWN and asked.whole(asked.question.months)
    return "" if whole else "there is no complete figure that is published"


def _head(one: Asked, two: Asked) -> str:
    common = one.question.period if _places_differ(one, two) else one.where
    return f"{one.what} in {common}"


def _told_apart(asked: Asked, one: Asked, two: Asked) -> str:
    return asked.where if _places_differ(one, two) else asked.question.period


def _exposures(one: Asked, two: Asked) -> tuple[tuple[float, float] | None, str]:
    """What each count is set against: residents of two places, months of two periods."""
    if one.question.area != two.question.area:
        people = [one.places.residents.get(each.question.area) for each in (one, two)]
        if not all(people):
            return None, ""
        return (float(people[0] or 1), float(people[1] or 1)), "for each resident"
    months = len(one.question.months), len(two.question.months)
    return (float(months[0]), float(months[1])), "" if months[0] == months[1] else "for each month"


def _whole(cell: Cell) -> int | None:
    return cell.value if isinstance(cell.value, int) else None


def compared_table(one: Asked, two: Asked, table: PublishableTable) -> PublishableTable:
    """The answer's rows with the other's count beside each and the ratio with its interval."""
    by = one.question.by
    theirs = _matched(one, two, table_of(two))
    sizes, _ = _exposures(one, two)
    label = "area" if by == "area" else by

    def work(which: str) -> Any:
        def read(row: Mapping[str, Any]) -> float | None:
            if sizes is None or not isinstance(row["other"], int):
                return None
            months = (1.0, 1.0) if by == "month" and not _places_differ(one, two) else sizes
            found = ratio_of(row["count"], row["other"], *months)
            value = getattr(found, which) if found else None
            return None if value is None else float(value)

        return read

    both = ("count", "other")
    derived = [
        Derived(
            Column("other", _heading(two, one), "number"),
            (label,),
            lambda row: theirs.get(str(row[label])),
        ),
        Derived(Column("now", _heading(one, two), "number"), ("count",), lambda row: row["count"]),
        Derived(Column("ratio", "Times as many", "rate"), both, work("ratio")),
        Derived(Column("low", "95% interval from", "rate"), both, work("low")),
        Derived(Column("high", "to", "rate"), both, work("high")),
    ]
    keys = [column.key for column in table.columns]
    kept = [key for key in ("code", label, "count") if key in keys]
    rows = table.pick(columns=kept, title=f"{table.title}, against {_heading(two, one)}")
    order = [key for key in kept if key != "count"]
    return derive(rows, derived).pick(columns=[*order, "now", "other", "ratio", "low", "high"])


def _places_differ(one: Asked, two: Asked) -> bool:
    return one.question.area != two.question.area


def _heading(asked: Asked, other: Asked) -> str:
    return _told_apart(asked, asked, other)


def _matched(one: Asked, two: Asked, table: PublishableTable) -> dict[str, Cell]:
    """The other's counts by the label they stand beside; months of two periods in their order."""
    by = one.question.by
    keys = [str(cell.value) for cell in table.column("area" if by == "area" else by)]
    if by == "month" and not _places_differ(one, two):
        if len(one.question.months) != len(two.question.months):
            return {}
        order: Sequence[str] = two.question.months
        beside = dict(zip(order, one.question.months, strict=True))
        keys = [beside.get(key, "") for key in keys]
    return dict(zip(keys, table.column("count"), strict=True))


def compared_caveats(one: Asked, two: Asked) -> tuple[str, ...]:
    said = []
    if _places_differ(one, two) and not (one.question.area and two.question.area):
        part, whole = (one, two) if one.question.area else (two, one)
        if part.question.area in part.places.districts:
            said.append(f"{part.where} is part of {whole.where}: its events are in both figures.")
    if one.question.by == "month" and not _places_differ(one, two):
        if len(one.question.months) != len(two.question.months):
            said.append("The periods differ in length, so their months do not stand side by side.")
        else:
            first = period_name(two.question.start, two.question.start)
            said.append(f"Months stand in their order: the first is set beside {first}.")
    return tuple(said)
