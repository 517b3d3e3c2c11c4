"""What a map says of every area, whoever draws it: figure, class, fill and words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from frankpledge.analysis.disclosure import PublishableTable, Status
from frankpledge.charts.drawing import clean
from frankpledge.charts.figures import (
    NO_DATA,
    Figure,
    column,
    figures,
    heading,
    missing_sentences,
    names,
    unit_sign,
    where,
)
from frankpledge.charts.figures import name as name_of
from frankpledge.charts.lettering import and_list
from frankpledge.charts.palette import (
    CLASS_FILLS,
    MOST_CLASSES,
    NO_DATA_FILL,
    OUTSIDE_FILL,
    SEQUENCES,
    WITHHELD_FILL,
    Fill,
)
from frankpledge.charts.scales import Classes, classes
from frankpledge.charts.shapes import Outlines

_ABSENT = Figure(None, NO_DATA)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every area with its figure and fill; both layouts draw from it."""

    figures: Mapping[str, Figure]
    names: Mapping[str, str]
    fills: Mapping[str, Fill]
    classes: Classes
    heading: str
    outside: frozenset[str]
    named: tuple[Fill, ...] = ()  # of classes that are named, not measured

    def tip(self, key: str) -> str:
        if key in self.outside:
            return f"{self.names[key]}: outside the area"
        return f"{self.names[key]}: {self.figures[key].spoken}"

    def legend(self) -> list[tuple[Fill, str, int]]:
        """(fill, meaning, how many areas) for every class, and for others only if they occur."""
        drawn = list(self.fills.values())
        rows = []
        steps = self.named or SEQUENCES[len(self.classes.labels)]
        if any(figure.value is not None for figure in self.figures.values()):
            rows = [
                (f, label, drawn.count(f))
                for f, label in zip(steps, self.classes.labels, strict=True)
                if not self.named or f in drawn
            ]
        for fill, label in (
            (WITHHELD_FILL, "Withheld [c]"), (NO_DATA_FILL, "No data"),
            (OUTSIDE_FILL, "Outside the area"),
        ):  # fmt: skip
            if fill in drawn:
                rows.append((fill, label, drawn.count(fill)))
        return rows


def sheet_of(
    table: PublishableTable, key: str, value: str, name: str | None, known: Mapping[str, str],
    wanted: int, breaks: Sequence[float] | None, outside: Collection[str],
) -> Sheet:  # fmt: skip
    place = where(table, key)
    keys = [name_of(row[place]) for row in table.rows]
    rows = dict(zip(keys, figures(table, value), strict=True))
    called = dict(zip(keys, names(table, name), strict=True)) if name else {}
    found = {code: rows.get(code, _ABSENT) for code in known}
    values = [f.value for f in found.values() if f.value is not None]
    wanted = min(max(wanted, 2), MOST_CLASSES)
    if breaks is not None and len(set(breaks)) >= MOST_CLASSES:
        raise ValueError(f"A map can tell at most {MOST_CLASSES} classes apart.")
    shown = column(table, value)
    split = classes(values, wanted=wanted, breaks=breaks, unit=unit_sign(shown))
    steps = SEQUENCES[len(split.labels)]
    beyond = frozenset(code for code in known if code in set(outside) and code not in rows)
    fills = {}
    for code, figure in found.items():
        if figure.value is not None:
            fills[code] = steps[split.of(figure.value)]
        elif figure.withheld:
            fills[code] = WITHHELD_FILL
        else:
            fills[code] = OUTSIDE_FILL if code in beyond else NO_DATA_FILL
    return Sheet(
        figures=found,
        names={code: called.get(code) or clean(known[code]) for code in known},
        fills=fills,
        classes=split,
        heading=heading(shown),
        outside=beyond,
    )


@dataclass(frozen=True, slots=True)
class Shading:
    """What a drawing program needs to paint the same map: a class for every area and its words."""

    heading: str
    of: Mapping[str, int]  # area code to a row of `classes`
    said: Mapping[str, str]
    classes: tuple[tuple[Fill, str, int], ...]  # fill, meaning, how many areas


def shading(
    *, table: PublishableTable, outlines: Outlines, key: str, value: str, name: str | None = None,
    outside: Collection[str] = (), order: Sequence[str] = (),
) -> Shading:  # fmt: skip
    """The classes and words of `choropleth`, or with an `order` of `class_map`, for another
    program to draw."""
    known = {code: outlines.names[code] for code in outlines.keys}
    sheet = (
        named_sheet(table, key, value, name, known, order)
        if order
        else sheet_of(table, key, value, name, known, 5, None, outside)
    )
    legend = [row for row in sheet.legend() if row[2]]
    place = {fill: index for index, (fill, _, _) in enumerate(legend)}
    return Shading(
        heading=sheet.heading,
        of={code: place[fill] for code, fill in sheet.fills.items()},
        said={code: sheet.tip(code) for code in known},
        classes=tuple(legend),
    )


def describe(kind: str, sheet: Sheet) -> str:
    inside = {code: f for code, f in sheet.figures.items() if code not in sheet.outside}
    said = [f"{kind}: {sheet.heading}, {len(inside):,} area{'' if len(inside) == 1 else 's'}."]
    shown = sorted(
        ((f.value, sheet.names[code], f.text) for code, f in inside.items() if f.value is not None),
        key=lambda item: (-item[0], item[1]),
    )
    if not shown:
        said.append("Nothing is shown.")
    else:
        said.append(f"Highest: {and_list([f'{area} {text}' for _, area, text in shown[:3]])}.")
        if len(shown) > 3:
            said.append(f"Lowest: {shown[-1][1]} {shown[-1][2]}.")
    return " ".join(said + missing_sentences(list(inside.values()), what="area"))


def named_sheet(
    table: PublishableTable, key: str, value: str, name: str | None, known: Mapping[str, str],
    order: Sequence[str],
) -> Sheet:  # fmt: skip
    at, place = where(table, key), where(table, value)
    steps = CLASS_FILLS[:1] + CLASS_FILLS[len(CLASS_FILLS) - len(order) + 1 :]
    found: dict[str, Figure] = {}
    called: dict[str, str] = {}
    for row, label in zip(table.rows, names(table, name or key), strict=True):
        code, cell = name_of(row[at]), row[place]
        called[code] = label
        if cell.status is Status.SHOWN and str(cell.value) not in order:
            raise ValueError(f"“{cell.value}” is none of the classes: {', '.join(order)}.")
        found[code] = (
            Figure(float(list(order).index(str(cell.value))), cell.text)
            if cell.status is Status.SHOWN
            else Figure(None, NO_DATA, cell.status is Status.SUPPRESSED)
        )
    figures_of = {code: found.get(code, _ABSENT) for code in known}
    return Sheet(
        figures=figures_of,
        names={code: called.get(code) or clean(known[code]) for code in known},
        fills={
            code: WITHHELD_FILL if f.withheld else NO_DATA_FILL if f.value is None
            else steps[int(f.value)]
            for code, f in figures_of.items()
        },
        classes=Classes(tuple(range(1, len(order))), tuple(order)),
        heading=heading(column(table, value)),
        outside=frozenset(),
        named=steps,
    )  # fmt: skip


def describe_named(sheet: Sheet) -> str:
    said = [f"Map: {sheet.heading}, {len(sheet.figures):,} areas."]
    for at, label in reversed(list(enumerate(sheet.classes.labels))):
        mine = [sheet.names[code] for code, f in sheet.figures.items() if f.value == at]
        if mine and at:
            few = f": {and_list(sorted(mine))}" if len(mine) <= 6 else ""
            said.append(f"{label}: {len(mine):,}{few}.")
    return " ".join(said + missing_sentences(list(sheet.figures.values()), what="area"))
