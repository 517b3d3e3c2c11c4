"""Maps: areas by their outlines, or districts as equal tiles."""

from collections.abc import Collection, Mapping, Sequence

from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.charts.axes import key_row
from frankpledge.charts.drawing import Chart, Drawing, assemble, clean, escape, n, text_box
from frankpledge.charts.figures import NO_DATA
from frankpledge.charts.lettering import width, wrap
from frankpledge.charts.palette import (
    CLASS_FILLS,
    INK,
    NO_DATA_FILL,
    OUTSIDE_FILL,
    SOFT,
    WHITE,
    WITHHELD_FILL,
    Fill,
)
from frankpledge.charts.shapes import Drawn, Outlines
from frankpledge.charts.sheets import Sheet, describe, describe_named, named_sheet, sheet_of

_LABELLED_UP_TO = 30


def choropleth(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    outlines: Outlines,
    key: str,
    value: str,
    name: str | None = None,
    classes: int = 5,
    breaks: Sequence[float] | None = None,
    outside: Collection[str] = (),
    context: Outlines | None = None,
    standalone: bool = False,
) -> Chart:
    """A map of areas coloured and patterned by class.

    `key` is the column that holds the outlines' keys. Areas without a row have no data, unless
    `outside` names them. `breaks` fixes the classes (at most five), so that two maps compare.
    `context` is drawn over it as borders with names, such as the districts over small areas.
    """
    known = {code: outlines.names[code] for code in outlines.keys}
    sheet = sheet_of(table, key, value, name, known, classes, breaks, outside)
    return assemble(
        table=table, title=title, description=describe("Map", sheet), id_prefix=id_prefix,
        standalone=standalone, withheld=any(f.withheld for f in sheet.figures.values()),
        draw=lambda page: _draw_map(page, sheet, outlines, context),
    )  # fmt: skip


def class_map(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    outlines: Outlines,
    key: str,
    value: str,
    order: Sequence[str],
    name: str | None = None,
    context: Outlines | None = None,
    standalone: bool = False,
) -> Chart:
    """A map of areas by a class that has a name. `value` is the column of names, `order` are all
    of them, the plainest first. `context` as for `choropleth`. Raises ValueError for a class that
    `order` does not name, and for more classes than can be told apart.
    """
    if not 0 < len(order) <= len(CLASS_FILLS):
        raise ValueError(f"A map can tell from 1 to {len(CLASS_FILLS)} named classes apart.")
    known = {code: outlines.names[code] for code in outlines.keys}
    sheet = named_sheet(table, key, value, name, known, order)
    return assemble(
        table=table, title=title, description=describe_named(sheet), id_prefix=id_prefix,
        standalone=standalone, withheld=any(f.withheld for f in sheet.figures.values()),
        draw=lambda page: _draw_map(page, sheet, outlines, context),
    )  # fmt: skip


def _draw_map(page: Drawing, sheet: Sheet, outlines: Outlines, context: Outlines | None) -> None:
    page.y += 4
    top = page.y
    tallest = page.width * (1.25 if page.layout.narrow else 0.8)
    drawn = outlines.at(page.width - 4, tallest)
    few = len(outlines.keys) <= _LABELLED_UP_TO
    groups: dict[Fill, list[str]] = {}
    for code in outlines.keys:
        groups.setdefault(sheet.fills[code], []).append(code)
    border = f'stroke="{WHITE}" stroke-width="{10 if few else 3}" stroke-linejoin="round"'
    page.add(f'<g transform="translate(2 {n(top)}) scale(.1)" {border}>')
    for fill, codes in groups.items():
        own = "".join(
            f'<path d="{drawn.paths[code]}"><title>{escape(sheet.tip(code))}</title></path>'
            for code in codes
            if drawn.paths[code]
        )
        edge = ' stroke="#858b8f"' if fill in (WITHHELD_FILL, NO_DATA_FILL, OUTSIDE_FILL) else ""
        page.add(f'<g fill="{page.fill(fill, scale=10)}"{edge}>{own}</g>')
    page.add("</g>")
    over = context.at(page.width - 4, tallest, outlines.bounds) if context else None
    if over and context:
        page.add(
            f'<path transform="translate(2 {n(top)}) scale(.1)" d="{"".join(over.paths.values())}" '
            f'fill="none" stroke="{INK}" stroke-width="9" stroke-linejoin="round"/>'
        )
    page.y = top + drawn.height + 4
    numbered: list[str] = []
    if over and context:
        places = {code: clean(context.names[code]) for code in context.keys}
        numbered = _names(page, over, places, {}, {}, top)
    elif few:
        texts = {c: f.text for c, f in sheet.figures.items() if c not in sheet.outside}
        numbered = _names(page, drawn, sheet.names, texts, sheet.fills, top)
    _legend(page, sheet)
    if numbered:
        page.note("Key: " + "; ".join(numbered) + ".")
    page.note("Roads are not shown.")
    attribution = outlines.attribution or (context.attribution if context else "")
    if attribution:
        page.note(f"Outlines: {attribution}.")


def _names(
    page: Drawing, drawn: Drawn, names: Mapping[str, str], texts: Mapping[str, str],
    fills: Mapping[str, Fill], top: float,
) -> list[str]:  # fmt: skip
    """Names on the map, the roomiest area first; what finds no room gets a number and a key."""
    size = page.layout.small
    order = sorted(drawn.anchors, key=lambda code: -drawn.anchors[code][2])
    keyed: list[str] = []
    for code in order:
        x, y, room = drawn.anchors[code]
        if room <= 0:
            continue
        fill = fills.get(code)
        dark = fill is not None and fill.ink == WHITE
        ink, halo = (WHITE, fill.ground) if dark and fill else (INK, WHITE)
        blocks = [
            _block(names[code], texts.get(code), max(2.6 * room, 60), size),
            _block(names[code], texts.get(code), max(1.6 * room, 40), size, lines=3),
        ]
        x, y = x + 2, y + top
        for rows, shift in ((b, s) for b in blocks for s in (0, -0.3 * room, 0.3 * room)):
            whole = not any(row.endswith("…") for row, _ in rows)
            widest = max(width(row, size, bold=b) for row, b in rows)
            # A word may reach into the neighbour a little, never far: it would name that one.
            if whole and widest <= 2.7 * room and _put(page, x, y + shift, rows, size, ink, halo):
                break
        else:
            number = str(len(keyed) + 1)
            text = texts.get(code)
            said = f"{number} {names[code]}" + (f" {text}" if text else "")
            for dx, dy in ((0, 0), (0, -room), (0, room), (-room, 0), (room, 0)):
                if _put(page, x + dx, y + dy, [(number, True)], size, ink, halo):
                    break
            keyed.append(said)
    return keyed


def _block(
    name: str, text: str | None, room: float, size: float, lines: int = 2
) -> list[tuple[str, bool]]:
    rows = [(row, False) for row in wrap(name, room, size, lines=lines)]
    return [*rows, (text, True)] if text else rows


def _put(
    page: Drawing, x: float, y: float, rows: Sequence[tuple[str, bool]], size: float, ink: str,
    halo: str,
) -> bool:  # fmt: skip
    step = size * 1.1
    first = y - step * (len(rows) - 1) / 2 + size * 0.35
    boxes = [
        text_box(x, first + i * step, row, size, "middle", bold=bold)
        for i, (row, bold) in enumerate(rows)
    ]
    left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
    if left < 0 or right > page.width or not all(page.taken.free(b) for b in boxes):
        return False
    for index, (row, bold) in enumerate(rows):
        page.text(x, first + index * step, row, size=size, anchor="middle", bold=bold, fill=ink,
                  halo=halo, take=True)  # fmt: skip
    return True


def _legend(page: Drawing, sheet: Sheet) -> None:
    page.y += 8
    page.paragraph(sheet.heading, size=page.layout.small, bold=True, lines=2)
    items = []
    for fill, label, count in sheet.legend():
        paint = f'fill="{page.fill(fill)}" stroke="{SOFT}" stroke-width="0.8"'
        items.append((f'<path d="M.5 -8H26V8H.5z" {paint}/>', f"{label} ({count:,})"))
    key_row(page, items, glyph=26)
    if len(sheet.figures) > _LABELLED_UP_TO:
        page.note("In brackets: how many areas.")


def tile_map(
    *,
    table: PublishableTable,
    title: str,
    id_prefix: str,
    positions: Mapping[str, tuple[int, int]],
    key: str,
    value: str,
    name: str | None = None,
    classes: int = 5,
    breaks: Sequence[float] | None = None,
    outside: Collection[str] = (),
    outside_names: Mapping[str, str] | None = None,
    standalone: bool = False,
) -> Chart:
    """One equal square an area, so that a small one weighs as much as a large one.

    `positions` gives column and row of each key, north at the top. Keys without a row are called
    as `outside_names` says.
    """
    known = {code: (outside_names or {}).get(code, code) for code in positions}
    sheet = sheet_of(table, key, value, name, known, classes, breaks, outside)
    return assemble(
        table=table, title=title, description=describe("Tile map", sheet), id_prefix=id_prefix,
        standalone=standalone, withheld=any(f.withheld for f in sheet.figures.values()),
        draw=lambda page: _draw_tiles(page, sheet, positions),
    )  # fmt: skip


def _draw_tiles(page: Drawing, sheet: Sheet, positions: Mapping[str, tuple[int, int]]) -> None:
    if not positions:
        page.nothing()
        return
    columns = [column for column, _ in positions.values()]
    rows = [row for _, row in positions.values()]
    west, north = min(columns), min(rows)
    size, gap = page.layout.small, 4.0
    side = min((page.width + gap) / (max(columns) - west + 1), 116.0) - gap
    short = _short_names({code: sheet.names[code] for code in positions})
    keyed = []
    page.y += 6
    top = page.y
    for code, (tile_column, tile_row) in positions.items():
        x, y = (tile_column - west) * (side + gap), top + (tile_row - north) * (side + gap)
        fill = sheet.fills[code]
        edge = SOFT if fill in (WITHHELD_FILL, NO_DATA_FILL) else "none"
        paint = f'fill="{page.fill(fill)}" stroke="{edge}"'
        page.rect(x, y, side, side, paint, tip=sheet.tip(code))
        ink, halo = fill.ink, "" if fill.pattern == "plain" else fill.ground
        words = wrap(sheet.names[code], side - 8, size, lines=3)
        if any(word.endswith("…") for word in words) or side < 70:
            words = (short[code],)
            keyed.append(f"{short[code]} {sheet.names[code]}")
        text = "" if code in sheet.outside else sheet.figures[code].text
        step = size * 1.12
        baseline = y + side / 2 - step * len(words) / 2 + size * 0.35
        for word in words:
            page.text(x + side / 2, baseline, word, size=size, anchor="middle", fill=ink, halo=halo)
            baseline += step
        if text:
            value = wrap(text, side - 4, size + 1, lines=1, bold=True)[0]
            value = "–" if text == NO_DATA != value else value
            page.text(x + side / 2, baseline + 2, value, size=size + 1, anchor="middle", bold=True,
                      fill=ink, halo=halo)  # fmt: skip
    page.y = top + (max(rows) - north + 1) * (side + gap)
    _legend(page, sheet)
    if keyed:
        page.note("Key: " + "; ".join(sorted(keyed)) + ".")
    page.note("Each area has one tile of the same size; where they touch is not exact.")


def _short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Initials of several words, the first letters of one; longer until no two are alike."""
    made: dict[str, str] = {}
    for code, name in names.items():
        words = [w for w in name.split(" ") if w[:1].isupper()] or name.split(" ")
        for length in range(1, 12):
            if len(words) > 1:
                short = words[0][:length] + "".join(word[0] for word in words[1:3])
            else:
                short = name[: length + 2]
            if short not in made.values():
                break
        made[code] = short
    return made
