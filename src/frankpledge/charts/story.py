"""What a line chart tells: its lines, limits, breaks and signals, and the same in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.drawing import (
    clean,
)
from frankpledge.charts.figures import (
    Figure,
    column,
    figures,
    heading,
    missing_sentences,
    unit_sign,
    whole,
)
from frankpledge.charts.lettering import and_list
from frankpledge.charts.palette import STROKES, Stroke
from frankpledge.charts.scales import ticks
from frankpledge.charts.times import Break, Series, Timeline, reach, series, timeline

QUIET = Stroke("#9aa0a4", "", "circle")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit column over time, with its label."""

    label: str
    values: dict[int, float]


@dataclass(frozen=True, slots=True)
class Story:
    """All that both layouts draw."""

    times: Timeline
    lines: tuple[tuple[Series, Stroke], ...]
    heading: str
    unit: str
    ticks: list[float]
    lower: Limit | None
    upper: Limit | None
    centre: Limit | None
    incomplete: frozenset[int]
    breaks: tuple[tuple[int, str], ...]
    signals: dict[int, tuple[float, Figure]]


def story_of(
    table: PublishableTable, x: str, y: list[str], by: str | None,
    limits: tuple[str | None, str | None, str | None], incomplete: Collection[date | str],
    breaks: Sequence[Break], highlight: frozenset[str],
) -> Story:  # fmt: skip
    times = timeline(table, x)
    found = series(table, times, y, by)
    lower, upper, centre = (_limit(table, times, key) if key else None for key in limits)
    if len(found) > 1 and (lower or upper or centre):
        raise ValueError("Control limits belong to a single line.")
    first = column(table, y[0])
    low, high = reach(found) or (0.0, 0.0)
    edges = [v for one in (lower, upper, centre) if one for v in one.values.values()]
    low, high = min([low, *edges]), max([high, *edges])
    placed = ((times.place(b.at), clean(b.label)) for b in breaks)
    hollow = frozenset(at for at in map(times.place, incomplete) if at is not None)
    return Story(
        times=times,
        lines=_strokes(found, highlight),
        heading=heading(first) if len(y) == 1 else clean(first.unit),
        unit=unit_sign(first),
        ticks=ticks(low, high, whole=whole(first)),
        lower=lower,
        upper=upper,
        centre=centre,
        incomplete=hollow,
        breaks=tuple((at, label) for at, label in placed if at is not None),
        signals=_signals(found, lower, upper, incomplete=hollow),
    )


def _limit(table: PublishableTable, times: Timeline, key: str) -> Limit:
    pairs = zip(times.of_row, figures(table, key), strict=True)
    return Limit(
        clean(column(table, key).label), {at: f.value for at, f in pairs if f.value is not None}
    )


def _strokes(
    found: Sequence[Series], highlight: frozenset[str]
) -> tuple[tuple[Series, Stroke], ...]:
    """Colours for the lines that matter; drawn last, so that they lie on top."""
    loud = [one for one in found if not highlight or one.name in highlight][: len(STROKES)]
    ranked = {id(one): STROKES[index] for index, one in enumerate(loud)}
    coloured = [(one, ranked[id(one)]) for one in loud]
    return tuple([(one, QUIET) for one in found if id(one) not in ranked] + coloured)


def _signals(
    found: Sequence[Series],
    lower: Limit | None,
    upper: Limit | None,
    *,
    incomplete: frozenset[int],
) -> dict[int, tuple[float, Figure]]:
    if len(found) != 1:
        return {}
    low, high = (lower.values if lower else {}), (upper.values if upper else {})
    return {
        at: (value, f)
        for at, value, f in found[0].shown
        if at not in incomplete and not low.get(at, value) <= value <= high.get(at, value)
    }


def describe(story: Story) -> str:
    times = story.times
    what = story.heading or "Figures"
    said = []
    if times.of_row:
        said.append(f"Line chart: {what}, {times.label(times.first)} to {times.label(times.last)}.")
    else:
        said.append(f"Line chart: {what}. There are no rows.")
    loud = [one for one, stroke in story.lines if stroke is not QUIET]
    said += [_describe_one(one, story, alone=len(story.lines) == 1) for one in loud]
    if len(story.lines) > len(loud):
        said.append(f"{len(story.lines) - len(loud)} more lines are in the table.")
    if story.signals:
        outside = [f"{times.label(at)} ({f.text})" for at, (_, f) in story.signals.items()]
        said.append(f"Outside the limits: {and_list(outside)}.")
    if story.incomplete:
        said.append(
            f"Incomplete: {and_list([times.label(at) for at in sorted(story.incomplete)])}."
        )
    said += [f"Break at {times.label(at)}: {label}." for at, label in story.breaks]
    said += missing_sentences([f for one, _ in story.lines for _, f in one.points])
    return " ".join(said)


def _describe_one(one: Series, story: Story, *, alone: bool) -> str:
    shown, times = one.shown, story.times
    name = "" if alone else f"{one.name}: "
    if not shown:
        return f"{name}nothing is shown." if name else "Nothing is shown."
    # A month still filling is neither a high nor a low.
    full = [point for point in shown if point[0] not in story.incomplete] or shown
    top, low, end = max(full, key=lambda s: s[1]), min(full, key=lambda s: s[1]), shown[-1]
    last = f"latest {end[2].text} in {times.label(end[0])}"
    if end[0] in story.incomplete:
        last += " (incomplete)"
    if top[1] == low[1]:
        text = f"{name}{top[2].text} throughout; {last}."
    else:
        text = (
            f"{name}highest {top[2].text} in {times.label(top[0])}, "
            f"lowest {low[2].text} in {times.label(low[0])}, {last}."
        )
    return text[0].upper() + text[1:]
