"""The same map once for each month, on one scale, so that the eye may compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.axes import key_row
from frankpledge.charts.drawing import Chart, Drawing, assemble, clean, escape, n
from frankpledge.charts.figures import (
    NO_DATA,
    Figure,
    column,
    figures,
    heading,
    missing_sentences,
    name,
    names,
    unit_sign,
    where,
)  # fmt: skip
from frankpledge.charts.lettering import wrap
from frankpledge.charts.palette import NO_DATA_FILL, SEQUENCES, SOFT, WHITE, WITHHELD_FILL, Fill
from frankpledge.charts.scales import Classes, classes
from frankpledge.charts.shapes import Drawn, Outlines

MOST = 24
_ABSENT = Figure(None, NO_DATA)


@dataclass(frozen=True, slots=True)
class _Sheet:
    panels: Mapping[str, Mapping[str, Figure]]  # by the name of the panel, then by area
    places: Mapping[str, str]
    classes: Classes
    heading: str

    def fill(self, figure: Figure) -> Fill:
        if figure.withheld:
            return WITHHELD_FILL
        if figure.value is None:
            return NO_DATA_FILL
        return SEQUENCES[len(self.classes.labels)][self.classes.of(figure.value)]

    @property
    def everything(self) -> list[Figure]:
        return [figure for found in self.panels.values() for figure in found.values()]


def small_maps(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    outlines: Outlines,
    key: str,
    value: str,
    by: str,
    place: str | None = None,
    standalone: bool = False,
) -> Chart:
    """One small map a category of `by`, in the order of the table, all with the same classes.

    `key` is the column of the outlines' keys, `place` that of their names. Outlines without a row
    are not drawn. Raises ValueError for more than 24 maps.
    """
    found: dict[str, dict[str, Figure]] = {}
    called: dict[str, str] = {}
    keys = [name(row[where(table, key)]) for row in table.rows]
    for code, panel, label, figure in zip(
        keys, names(table, by), names(table, place or key), figures(table, value), strict=True
    ):
        found.setdefault(panel, {})[code] = figure
        called[code] = label
    if len(found) > MOST:
        raise ValueError(f"At most {MOST} small maps fit a page.")
    values = [f.value for each in found.values() for f in each.values() if f.value is not None]
    shown = column(table, value)
    sheet = _Sheet(found, called, classes(values, unit=unit_sign(shown)), heading(shown))
    return assemble(
        table=table, title=title, description=_describe(sheet), id_prefix=id_prefix,
        standalone=standalone, withheld=any(f.withheld for f in sheet.everything),
        draw=lambda page: _draw(page, sheet, outlines),
    )  # fmt: skip


def _describe(sheet: _Sheet) -> str:
    said = [f"{len(sheet.panels)} small maps: {sheet.heading}, {len(sheet.places)} areas each."]
    for panel, found in list(sheet.panels.items())[-1:]:
        highest = max(
            ((f.value, code, f.text) for code, f in found.items() if f.value is not None),
            default=None,
        )
        if highest:
            said.append(f"Highest in {clean(panel)}: {sheet.places[highest[1]]} {highest[2]}.")
    return " ".join(said + missing_sentences(sheet.everything))


def _draw(page: Drawing, sheet: _Sheet, outlines: Outlines) -> None:
    if not any(figure.value is not None or figure.withheld for figure in sheet.everything):
        page.nothing()
        return
    size = page.layout.small
    across = 2 if page.layout.narrow else 4
    gutter = 12.0
    side = (page.width - gutter * (across - 1)) / across
    drawn = outlines.at(side, side)
    panels = list(sheet.panels.items())
    for start in range(0, len(panels), across):
        top = page.y + size * 1.4
        for place, (label, found) in enumerate(panels[start : start + across]):
            left = place * (side + gutter)
            words = wrap(label, side, size, lines=1, bold=True)[0]
            page.text(left, top - 5, words, size=size, bold=True)
            _panel(page, sheet, label, found, drawn, left, top)
        page.y = top + drawn.height + 8
    _legend(page, sheet)
    if outlines.attribution:
        page.note(f"Outlines: {outlines.attribution}.")


def _panel(
    page: Drawing, sheet: _Sheet, label: str, found: Mapping[str, Figure], drawn: Drawn,
    left: float, top: float,
) -> None:  # fmt: skip
    groups: dict[Fill, list[str]] = {}
    for code, data in drawn.paths.items():
        if code not in sheet.places or not data:
            continue
        figure = found.get(code, _ABSENT)
        tip = escape(f"{sheet.places[code]}, {label}: {figure.spoken}")
        path = f'<path d="{data}"><title>{tip}</title></path>'
        groups.setdefault(sheet.fill(figure), []).append(path)
    page.add(
        f'<g transform="translate({n(left)} {n(top)}) scale(.1)" stroke="{WHITE}" '
        'stroke-width="6" stroke-linejoin="round">'
    )
    for fill, paths in groups.items():
        edge = ' stroke="#858b8f"' if fill in (WITHHELD_FILL, NO_DATA_FILL) else ""
        page.add(f'<g fill="{page.fill(fill, scale=10)}"{edge}>{"".join(paths)}</g>')
    page.add("</g>")


def _legend(page: Drawing, sheet: _Sheet) -> None:
    page.y += 8
    page.paragraph(sheet.heading, size=page.layout.small, bold=True, lines=2)
    steps: Sequence[tuple[Fill, str]] = ()
    if any(figure.value is not None for figure in sheet.everything):
        labels = sheet.classes.labels
        steps = tuple(zip(SEQUENCES[len(labels)], labels, strict=True))
    used = {sheet.fill(figure) for figure in sheet.everything}
    rest = ((WITHHELD_FILL, "Withheld [c]"), (NO_DATA_FILL, "No data"))
    items = [
        (
            f'<path d="M.5 -8H26V8H.5z" fill="{page.fill(fill)}" stroke="{SOFT}" '
            'stroke-width="0.8"/>',
            label,
        )
        for fill, label in (*steps, *(each for each in rest if each[0] in used))
    ]
    key_row(page, items, glyph=26)
