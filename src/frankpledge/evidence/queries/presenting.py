"""Pictures of an answer or a Finding, and the Finding as blocks of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from frankpledge import charts
from frankpledge.analysis.disclosure import Cell, PublishableTable, Status, thaw
from frankpledge.charts import Chart, Outlines
from frankpledge.documents import (
    Block,
    Callout,
    Figure,
    Heading,
    Paragraph,
    TableBlock,
    emphasis,
    strong,
)
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.charting import OUTSIDE, chart_of
from frankpledge.evidence.queries.hot import CLASSES, COLD, NO_PATTERN, PATTERNS
from frankpledge.evidence.queries.places import shapes
from frankpledge.evidence.rules import BREAKDOWNS, OF_SMALL_AREAS
from frankpledge.sharing.queries.caveats import standing_caveats

MOST_BARS = 20
MOST_ROWS = 60


@dataclass(frozen=True)
class Picture:
    id: str
    chart: Chart


def pictures(answer: Answer, *, standalone: bool = False, prefix: str = "chart") -> list[Picture]:
    """The chosen chart, or the usual one of the breakdown; where places can be coloured, the map.

    By place a chart that was chosen stands alone. `standalone` pictures carry their own title and
    source, for files.
    """
    return _pictures(
        _Drawable(
            table=answer.table,
            charted=answer.charted,
            map_table=answer.map_table,
            map_kind=answer.map_kind,
            map_title=f"{answer.what} in {answer.where} by place, {answer.question.period}",
            sentence=answer.sentence.sentence,
            about=f"{answer.what} in {answer.where}, {answer.question.period}",
            incomplete=answer.incomplete,
        ),
        answer.question.as_dict(),
        prefixes=(prefix, "map" if prefix == "chart" else f"{prefix}-map"),
        standalone=standalone,
    )


def pictures_of(finding: Finding, said: Sequence[str] = ()) -> list[Picture]:
    """The same pictures, drawn again from the frozen figures."""
    table = table_of(finding, said)
    if table is None or not finding.question:
        return []
    kept, charted = finding.figure.get("map"), finding.figure.get("charted")
    return _pictures(
        _Drawable(
            table=table,
            charted=thaw(charted).noting(said) if charted else table,
            map_table=thaw(kept).noting(said) if kept else None,
            map_kind=finding.figure.get("map_kind", ""),
            map_title=_by_place(kept["title"]) if kept else "",
            sentence=finding.sentence,
            about=table.title,
            incomplete=finding.figure.get("incomplete", []),
        ),
        finding.question,
        prefixes=(f"f{finding.pk.hex[:8]}c", f"f{finding.pk.hex[:8]}m"),
    )


@dataclass(frozen=True)
class _Drawable:
    """What an answer and a Finding have alike: tables, and words for titles."""

    table: PublishableTable
    charted: PublishableTable
    map_table: PublishableTable | None
    map_kind: str
    map_title: str
    sentence: str
    about: str
    incomplete: Sequence[str]


def _pictures(
    what: _Drawable,
    question: Mapping[str, str],
    *,
    prefixes: tuple[str, str],
    standalone: bool = False,
) -> list[Picture]:
    kind, area = question.get("chart", ""), question.get("area", "")
    chosen = chart_of(
        kind=kind,
        table=what.charted,
        sentence=what.sentence,
        about=what.about,
        incomplete=what.incomplete,
        prefix=prefixes[0],
        standalone=standalone,
    )

    def outlined(prefix: str) -> Chart | None:
        if what.map_table is None:
            return None
        title = what.sentence if kind in OF_SMALL_AREAS else what.map_title
        return _map(what.map_table, title, what.map_kind, area, prefix, standalone)

    if kind in ("map", "smoothed") or kind in OF_SMALL_AREAS:
        chosen = outlined(prefixes[0])
    if chosen is None:
        chosen = _chart(what.table, what.sentence, what.incomplete, prefixes[0], standalone)
    found = [Picture("chart", chosen)]
    alone = bool(kind) and question.get("by") == "area"
    beside = None if alone else outlined(prefixes[1])
    return [*found, Picture("map", beside)] if beside is not None else found


def shortened(table: PublishableTable | None) -> PublishableTable | None:
    """Of hundreds of classed places those that stand out, for a page; files have all of them."""
    if table is None or "class" not in _keys(table) or len(table.rows) <= MOST_ROWS:
        return table
    plain = (COLD, NO_PATTERN)
    out = [cell.value is not None and cell.value not in plain for cell in table.column("class")]
    kept = iter(out if any(out) else [at < MOST_BARS for at in range(len(out))])
    short = table.pick(keep=lambda row: next(kept))
    return short.noting([f"{len(table.rows) - len(short.rows):,} more rows are in the files."])


def _by_place(title: str) -> str:
    """A map is by place, whatever its answer was broken down by."""
    for words in BREAKDOWNS.values():
        title = title.removesuffix(f", {words.lower()}")
    return f"{title}, {BREAKDOWNS['area'].lower()}"


def table_of(finding: Finding, said: Sequence[str] = ()) -> PublishableTable | None:
    """The frozen table; `said` are caveats settled since."""
    return thaw(finding.table).noting(said) if finding.table else None


def since(finding: Finding, *, on: date) -> tuple[str, ...]:
    """Caveats on what a Finding read that were settled after it was saved."""
    return tuple(each for each in standing_on(finding, on=on) if each not in finding.caveats)


def standing_on(finding: Finding, *, on: date) -> tuple[str, ...]:
    if finding.dataset is None:
        return ()
    return standing_caveats(
        finding.dataset, start=finding.period_from, end=finding.period_to, on=on
    )


def _keys(table: PublishableTable) -> list[str]:
    return [column.key for column in table.columns]


def _chart(
    table: PublishableTable,
    title: str,
    incomplete: Sequence[str],
    prefix: str,
    standalone: bool = False,
) -> Chart:
    keys = _keys(table)
    if "other" in keys and "month" in keys:
        return charts.line(
            table=table,
            title=title,
            id_prefix=prefix,
            x="month",
            y=["now", "other"],
            incomplete=list(incomplete),
            standalone=standalone,
        )
    if "month" in keys:
        limits = {"lower": "lower", "upper": "upper", "centre": "centre"}
        return charts.line(
            table=table,
            title=title,
            id_prefix=prefix,
            x="month",
            y="count",
            incomplete=list(incomplete),
            standalone=standalone,
            **(limits if "lower" in keys else {}),
        )
    label = "category" if "category" in keys else "area"
    value = "now" if "now" in keys else "count"
    shown = _largest(table, label, value)
    compare = next((key for key in ("other", "before") if key in keys), None)
    return charts.bars(
        table=shown,
        title=title,
        id_prefix=prefix,
        label=label,
        value=value,
        compare=compare,
        last=_remainder(shown),
        standalone=standalone,
    )


def _remainder(table: PublishableTable) -> list[str]:
    """Rows that are no place of the county stand last, whatever their size."""
    if "code" not in _keys(table):
        return []
    pairs = zip(table.column("code"), table.column("area"), strict=True)
    return [name.text for code, name in pairs if code.value in OUTSIDE]


def _largest(table: PublishableTable, label: str, value: str = "count") -> PublishableTable:
    """The largest rows: a chart of eighty bars says nothing.

    A figure that is hidden has no rank: it is left out, and the title says so.
    """
    if len(table.rows) <= MOST_BARS:
        return table
    counts = [cell for cell in table.column(value) if cell.status is Status.SHOWN]
    values = sorted((cell.value for cell in counts if cell.value is not None), reverse=True)
    if not values:
        return table
    least = values[:MOST_BARS][-1]
    left = [MOST_BARS]

    def keep(row: Mapping[str, Cell]) -> bool:
        cell = row[value]
        ranked = cell.status is Status.SHOWN and cell.value is not None
        kept = ranked and cell.value >= least and left[0] > 0  # type: ignore[operator]
        left[0] -= kept
        return kept

    hidden = any(cell.status is Status.SUPPRESSED for cell in table.column(value))
    kept = min(MOST_BARS, len(values))
    said = f"the {kept} largest of the figures that are shown" if hidden else f"the {kept} largest"
    return table.pick(keep=keep, title=f"{table.title} ({said})")


@dataclass(frozen=True)
class Painted:
    """What colours a map: outlines, the column, its classes if they have names, who is beside."""

    outlines: Outlines
    value: str
    order: Sequence[str] = ()
    outside: Sequence[str] = ()


def painted(table: PublishableTable, kind: str, area: str) -> Painted | None:
    outlines = shapes(kind, "" if kind == "districts" else area)
    if outlines is None:
        return None
    if "class" in _keys(table):
        order = PATTERNS if "trend" in _keys(table) else CLASSES
        return Painted(outlines, "class", order=order)
    value = "smoothed" if "smoothed" in _keys(table) else "rate"
    outside = _beside(outlines, table) if kind == "districts" else []
    return Painted(outlines, value, outside=outside)


def _map(
    table: PublishableTable, title: str, kind: str, area: str, prefix: str, standalone: bool = False
) -> Chart | None:
    found = painted(table, kind, area)
    if found is None:
        return None
    if found.order:
        drawn = charts.class_map(
            table=table,
            title=title,
            id_prefix=prefix,
            outlines=found.outlines,
            key="code",
            name="area",
            value=found.value,
            order=found.order,
            context=None if area else shapes("county districts"),
            standalone=standalone,
        )
        return replace(drawn, table=shortened(drawn.table) or drawn.table)
    return charts.choropleth(
        table=table,
        title=_map_title(table, title, found.value),
        id_prefix=prefix,
        outlines=found.outlines,
        key="code",
        name="area",
        value=found.value,
        outside=found.outside,
        standalone=standalone,
    )


def _map_title(table: PublishableTable, title: str, value: str) -> str:
    """What the map shows, with its finding: the highest of the rates that are shown."""
    rates = [
        (cell.value, place.text, cell.text)
        for cell, place in zip(table.column(value), table.column("area"), strict=True)
        if cell.status is Status.SHOWN and isinstance(cell.value, int | float)
    ]
    top = max((rate for rate, _place, _text in rates), default=0)
    highest = [(place, text) for rate, place, text in rates if rate == top]
    if not top or len(highest) != 1 or len(rates) == 1:
        return title
    [(place, text)] = highest
    return f"{title}: highest in {place}, {text} per 1,000"


def _beside(outlines: Outlines, table: PublishableTable) -> list[str]:
    """Neighbours drawn for the reader's bearings, without a figure of their own."""
    known = {cell.value for cell in table.column("code")}
    return [key for key in outlines.keys if key not in known]


def finding_blocks(finding: Finding, *, on: date) -> tuple[Block, ...]:
    """A Finding in a document: its figure, its caveats and where it comes from."""
    said = since(finding, on=on)
    table = table_of(finding, said)
    drawn = pictures_of(finding, said)
    blocks: list[Block] = []
    if drawn and table is not None:
        blocks.extend(_figure(picture.chart) for picture in drawn)
    elif table is not None:
        blocks.append(Callout("Finding", (Paragraph(finding.sentence),)))
        blocks.append(table_block(table))
    else:
        blocks.append(Callout("Finding", (Paragraph(finding.sentence),)))
    if real := finding.figure.get("real"):
        blocks.append(_real(real["verdict"], real["why"]))
    blocks.append(Paragraph((strong("Source: "), _source(finding))))
    if caveats := (*said, *finding.caveats):
        blocks.append(Paragraph((emphasis(" ".join(caveats)),)))
    return tuple(blocks)


def answer_blocks(answer: Answer) -> tuple[Block, ...]:
    """An answer in a document, as it is now: figures, caveats, source."""
    blocks: list[Block] = [Heading(2, answer.dataset.name + ", " + _broken(answer))]
    # Beside a breakdown by kind or month the map would be the one by place once more.
    drawn = [p for p in pictures(answer) if p.id != "map" or answer.question.by == "area"]
    blocks.extend(_figure(picture.chart) for picture in drawn)
    period = answer.question.period
    blocks.append(_real(answer.real.verdict, answer.real.why))
    source = f"{answer.dataset.name}, {period}, version {answer.version} of the data."
    blocks.append(Paragraph((strong("Source: "), source)))
    if answer.caveats:
        blocks.append(Paragraph((emphasis(" ".join(answer.caveats)),)))
    return tuple(blocks)


def _real(verdict: str, why: str) -> Paragraph:
    return Paragraph((strong("Is this real? "), f"{verdict}. {why}"))


def _broken(answer: Answer) -> str:
    return BREAKDOWNS[answer.question.by].lower()


def _figure(chart: Chart) -> Figure:
    return Figure(
        svg=chart.svg,
        svg_narrow=chart.svg_narrow,
        alt=chart.description,
        caption=chart.title,
        table=table_block(chart.table),
    )


def _source(finding: Finding) -> str:
    period = f"{finding.period_from:%-d %B %Y} to {finding.period_to:%-d %B %Y}"
    if finding.dataset is None:
        return f"{finding.source}, {finding.owner}, {period}."
    return f"{finding.dataset.name}, {period}, version {finding.data_version} of the data."


def table_block(table: PublishableTable) -> TableBlock:
    """A publishable table as a table of a document; very long ones say what is left out."""
    columns = [c for c in table.columns if c.key != "code"]
    places = [table.place(column.key) for column in columns]
    rows = tuple(tuple(row[place].text for place in places) for row in table.rows[:MOST_ROWS])
    left = len(table.rows) - len(rows)
    notes = [*table.notes, *([f"{left} more rows are on the web page."] if left > 0 else [])]
    return TableBlock(
        caption=table.title,
        columns=tuple(column.label for column in columns),
        rows=rows,
        align=tuple("left" if c.kind in ("text", "month", "date") else "right" for c in columns),
        header_column=True,
        note=" ".join(notes),
    )
