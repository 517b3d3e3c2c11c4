"""The document as a piece of a web page, in the class names of the design system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from frankpledge.documents.settle import settle
from frankpledge.documents.tree import (
    MAX_LEVEL,
    SYNTHETIC_NOTICE,
    Block,
    Bullets,
    Callout,
    CellContent,
    Contents,
    Document,
    DocumentError,
    Figure,
    Heading,
    KeyValues,
    Numbered,
    PageBreak,
    Paragraph,
    TableBlock,
    Text,
    cell_text,
    cover_facts,
    item_of,
    spans_of,
)

_SIZES = {1: "xl", 2: "l", 3: "m", 4: "s", 5: "s", 6: "s"}
# From what width a table scrolls in its own box: a phone's column, in pixels by the longest word.
_PHONE, _LETTER, _BETWEEN = 320, 9.5, 20


def to_html(document: Document, *, title_level: int = 1) -> str:
    """An `<article>` to stand in a page; chapters are headings of `title_level` + 1.

    Everything typed is escaped. Raises `DocumentError` as `settle` does.
    """
    if not 1 <= title_level <= 6 - MAX_LEVEL:
        raise DocumentError(f"The title's heading level must be 1 to {6 - MAX_LEVEL}.")
    writer = _Writer(settle(document), title_level)
    return "\n".join(writer.article())


def inline(text: Text) -> str:
    """Spans as HTML: strong, em, links; line breaks kept."""
    return "".join(_span(s.text, s.strong, s.emphasis, s.href) for s in spans_of(text))


def _span(text: str, strong: bool, emphasis: bool, href: str) -> str:
    html = escape(text).replace("\n", "<br>")
    if emphasis:
        html = f"<em>{html}</em>"
    if strong:
        html = f"<strong>{html}</strong>"
    if href:
        html = f'<a class="govuk-link" href="{escape(href)}">{html}</a>'
    return html


def _picture(kind: str, svg: str, alt: str) -> str:
    """The drawing; one that does not call itself an image gets its description here."""
    drawing = re.sub(r"^\s*<\?xml[^>]*\?>\s*", "", svg)
    opening = drawing[: drawing.index(">")]
    described = "" if 'role="img"' in opening else f' role="img" aria-label="{escape(alt)}"'
    return f'<div class="app-figure__{kind}"{described}>{drawing}</div>'


class _Writer:
    def __init__(self, document: Document, title_level: int) -> None:
        self.document = document
        self.base = title_level

    def article(self) -> Iterable[str]:
        document = self.document
        yield f'<article class="app-document" lang="{escape(document.language)}">'
        yield '<header class="app-document__header">'
        if document.synthetic:
            yield f'<p class="govuk-inset-text app-document__synthetic">{SYNTHETIC_NOTICE}</p>'
        if document.organisation:
            yield f'<p class="govuk-caption-xl">{escape(document.organisation)}</p>'
        yield f'<h{self.base} class="govuk-heading-xl">{escape(document.title)}</h{self.base}>'
        if document.subtitle:
            yield f'<p class="govuk-body-l">{escape(document.subtitle)}</p>'
        yield from self.pairs(tuple((k, v) for k, v in cover_facts(document)))
        yield "</header>"
        for block in document.body:
            yield from self.block(block)
        if document.contact:
            yield '<footer class="app-document__contact">'
            yield f'<p class="govuk-body">{inline(document.contact)}</p></footer>'
        yield "</article>"

    def block(self, block: Block) -> Iterable[str]:
        match block:
            case Heading():
                yield self.heading(block)
            case Paragraph():
                yield self.paragraph(block)
            case Bullets() | Numbered():
                yield self.items(block)
            case TableBlock():
                yield from self.table(block)
            case Figure():
                yield from self.figure(block)
            case Callout():
                yield '<div class="govuk-inset-text app-callout">'
                yield f'<p class="govuk-body"><strong>{escape(block.title)}</strong></p>'
                for inner in block.body:
                    yield from self.block(inner)
                yield "</div>"
            case KeyValues():
                yield from self.pairs(block.items)
            case Contents():
                yield from self.contents(block)
            case PageBreak():
                pass

    def heading(self, block: Heading) -> str:
        level = self.base + block.level
        words = f"{block.number} {block.text}".strip()
        size = _SIZES[level]
        return f'<h{level} class="govuk-heading-{size}" id="{block.id}">{escape(words)}</h{level}>'

    def paragraph(self, block: Paragraph) -> str:
        if not block.number:
            return f'<p class="govuk-body">{inline(block.spans)}</p>'
        number = f'<span class="app-numbered__number">{block.number}</span>'
        return f'<p class="govuk-body app-numbered">{number} {inline(block.spans)}</p>'

    def items(self, block: Bullets | Numbered) -> str:
        tag, kind, start = "ul", "bullet", ""
        if isinstance(block, Numbered):
            tag, kind = "ol", "number"
            start = f' start="{block.start}"' if block.start != 1 else ""
        rows = []
        for item in map(item_of, block.items):
            nested = self.items(item.nested) if item.nested else ""
            rows.append(f"<li>{inline(item.spans)}{nested}</li>")
        return f'<{tag} class="govuk-list govuk-list--{kind}"{start}>{"".join(rows)}</{tag}>'

    def cell(self, cell: CellContent) -> str:
        return self.items(cell) if isinstance(cell, Bullets) else inline(cell)

    def table(self, block: TableBlock, *, in_details: bool = False) -> Iterable[str]:
        words = f"{block.number}: {block.caption}" if block.number else block.caption
        caption_id = f"{block.id}-caption"
        wide = _is_wide(block)
        if wide:
            yield (
                f'<div class="app-table-scroll" role="group" tabindex="0" '
                f'aria-labelledby="{caption_id}">'
            )
        size = "s" if in_details else "m"
        yield f'<table class="govuk-table" id="{block.id}">'
        yield (
            f'<caption class="govuk-table__caption govuk-table__caption--{size}" '
            f'id="{caption_id}">{escape(words)}</caption>'
        )
        yield '<thead class="govuk-table__head"><tr class="govuk-table__row">'
        for position, column in enumerate(block.columns):
            extra = _numeric("header", block, position)
            # An empty header cell must not be a header: it would announce nothing.
            if column:
                yield f'<th scope="col" class="govuk-table__header{extra}">{escape(column)}</th>'
            else:
                yield '<td class="govuk-table__cell"></td>'
        yield '</tr></thead><tbody class="govuk-table__body">'
        for row in block.rows:
            yield self.row(block, row)
        yield "</tbody></table>"
        if wide:
            yield "</div>"
        if block.note:
            yield f'<p class="govuk-body-s app-note">{inline(block.note)}</p>'

    def row(self, block: TableBlock, row: tuple[CellContent, ...]) -> str:
        cells = []
        for position, cell in enumerate(row):
            extra = _numeric("cell", block, position)
            if position == 0 and block.header_column:
                kind = f'th scope="row" class="govuk-table__header{extra}"'
            else:
                kind = f'td class="govuk-table__cell{extra}"'
            cells.append(f"<{kind}>{self.cell(cell)}</{kind[:2]}>")
        return f'<tr class="govuk-table__row">{"".join(cells)}</tr>'

    def figure(self, block: Figure) -> Iterable[str]:
        yield f'<figure class="app-figure" id="{block.id}">'
        yield (
            f'<figcaption class="govuk-body govuk-!-font-weight-bold">{block.number}: '
            f"{escape(block.caption)}</figcaption>"
        )
        if block.svg_narrow:
            yield _picture("wide", block.svg, block.alt)
            yield _picture("narrow", block.svg_narrow, block.alt)
        else:
            yield _picture("picture", block.svg, block.alt)
        if block.note:
            yield f'<p class="govuk-body-s app-note">{inline(block.note)}</p>'
        if block.table is not None:
            yield '<details class="govuk-details"><summary class="govuk-details__summary">'
            yield (
                '<span class="govuk-details__summary-text">'
                f"Show {block.number.lower()} as a table</span></summary>"
            )
            yield '<div class="govuk-details__text">'
            yield from self.table(block.table, in_details=True)
            yield "</div></details>"
        yield "</figure>"

    def pairs(self, items: tuple[tuple[str, Text], ...]) -> Iterable[str]:
        if not items:
            return
        yield '<dl class="govuk-summary-list">'
        for key, value in items:
            yield (
                '<div class="govuk-summary-list__row">'
                f'<dt class="govuk-summary-list__key">{escape(key)}</dt>'
                f'<dd class="govuk-summary-list__value">{inline(value)}</dd></div>'
            )
        yield "</dl>"

    def contents(self, block: Contents) -> Iterable[str]:
        level = self.base + 1
        listed = [
            heading
            for heading in self.document.body
            if isinstance(heading, Heading) and heading.level <= block.depth
        ]
        yield '<nav class="app-contents" aria-labelledby="contents">'
        yield f'<h{level} class="govuk-heading-m" id="contents">{escape(block.title)}</h{level}>'
        depth = 0
        for heading in listed:
            if heading.level > depth:
                yield '<ul class="govuk-list">' * (heading.level - depth)
            else:
                yield "</li>" + "</ul></li>" * (depth - heading.level)
            depth = heading.level
            words = escape(f"{heading.number} {heading.text}".strip())
            yield f'<li><a class="govuk-link" href="#{heading.id}">{words}</a>'
        yield "</li></ul>" * depth
        yield "</nav>"


def _is_wide(block: TableBlock) -> bool:
    """Whether the longest words of the columns do not stand side by side on a phone."""

    def longest(texts: Iterable[str]) -> int:
        return max((len(word) for text in texts for word in text.split()), default=0)

    widths = [
        longest((column, *(cell_text(row[position]) for row in block.rows if position < len(row))))
        for position, column in enumerate(block.columns)
    ]
    return sum(widths) * _LETTER + _BETWEEN * len(widths) > _PHONE


def _numeric(part: str, block: TableBlock, position: int) -> str:
    return f" govuk-table__{part}--numeric" if block.align[position] == "right" else ""
