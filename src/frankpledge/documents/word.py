"""The document as a Word file with real styles, written by pandoc from a tree of our own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pypandoc

from frankpledge.documents.pdf import column_weights, to_png
from frankpledge.documents.settle import settle
from frankpledge.documents.tree import (
    SYNTHETIC_NOTICE,
    Block,
    Bullets,
    Callout,
    CellContent,
    Contents,
    Document,
    Figure,
    Heading,
    KeyValues,
    Numbered,
    PageBreak,
    Paragraph,
    Span,
    TableBlock,
    Text,
    cover_facts,
    item_of,
    spans_of,
    walk,
)
from frankpledge.documents.word_parts import contents_field, finished, reference

Node = dict[str, Any]

_NO_ATTRIBUTES: list[Any] = ["", [], []]
_PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
# For the margins of a cell, and for the wider letters of a font that stands in.
_ROOM = 2.0
_ALIGN = {"left": "AlignLeft", "right": "AlignRight", "centre": "AlignCenter"}


def to_docx(document: Document, *, fonts: Path | None = None) -> bytes:
    """The .docx file. `fonts` is for the pictures, as in `to_pdf`; the text is set in Arial.

    Arial, because a partner's locked-down machine has it and cannot install another. Raises
    `DocumentError` as `settle` does, and `FontsMissing` where there are figures.
    """
    settled = settle(document)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = _Writer(settled, folder, fonts)
        tree = json.dumps(writer.tree(), ensure_ascii=False)
        (folder / "reference.docx").write_bytes(reference(settled))
        made = folder / "made.docx"
        pypandoc.convert_text(
            tree,
            "docx",
            format="json",
            outputfile=str(made),
            extra_args=[
                f"--reference-doc={folder / 'reference.docx'}",
                f"--resource-path={folder}",
                "--syntax-highlighting=none",
            ],
        )
        return finished(made.read_bytes(), settled)


class _Writer:
    def __init__(self, document: Document, folder: Path, fonts: Path | None) -> None:
        self.document = document
        self.folder = folder
        self.fonts = fonts
        self.pictures = 0
        self.bookmarks: dict[str, str] = {}
        walk(document.body, self.bookmark)

    def bookmark(self, block: Block) -> None:
        """Word allows 40 characters in a bookmark, so that ids are shortened to numbers."""
        if isinstance(block, Heading | TableBlock | Figure):
            self.bookmarks[block.id] = f"place{len(self.bookmarks) + 1}"

    def tree(self) -> Node:
        return {
            "pandoc-api-version": [1, 23, 1, 1],
            "meta": {},
            "blocks": [*self.cover(), *self.nodes(self.document.body), *self.contact()],
        }

    def cover(self) -> list[Node]:
        document = self.document
        notice = SYNTHETIC_NOTICE if document.synthetic else ""
        lines = (
            ("Cover Organisation", document.organisation),
            ("Title", document.title),
            ("Subtitle", document.subtitle),
            ("Cover Notice", notice),
        )
        nodes = [self.styled(style, text) for style, text in lines if text]
        facts = cover_facts(document)
        if facts:
            nodes.append(self.styled("Cover Space", " "))
            nodes.append(self.pairs(tuple(facts)))
        if document.body and not isinstance(document.body[0], PageBreak):
            nodes.append(_raw(_PAGE_BREAK))
        return nodes

    def contact(self) -> list[Node]:
        contact = self.document.contact
        return [self.styled("Contact", contact)] if contact else []

    def nodes(self, blocks: tuple[Block, ...]) -> list[Node]:
        return [node for block in blocks for node in self.node(block)]

    def node(self, block: Block) -> list[Node]:
        match block:
            case Heading():
                words = Span(f"{block.number} {block.text}".strip())
                attributes = [self.bookmarks[block.id], [], []]
                return [{"t": "Header", "c": [block.level, attributes, self.inline((words,))]}]
            case Paragraph():
                return [self.paragraph(block)]
            case Bullets() | Numbered():
                return [self.items(block)]
            case TableBlock():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case Callout():
                title = [self.styled("Callout Title", block.title)] if block.title else []
                return [*title, _div(self.nodes(block.body), style="Callout")]
            case KeyValues():
                return (
                    [self.pairs(block.items), self.styled("Table End", " ")] if block.items else []
                )
            case PageBreak():
                return [_raw(_PAGE_BREAK)]
            case Contents():
                return self.contents(block)

    def paragraph(self, block: Paragraph) -> Node:
        if not block.number:
            return _para(self.inline(block.spans))
        number = [_raw_inline(f"<w:r><w:t>{block.number}</w:t></w:r><w:r><w:tab/></w:r>")]
        return _div([_para(number + self.inline(block.spans))], style="Numbered Paragraph")

    def items(self, block: Bullets | Numbered) -> Node:
        items = []
        for item in map(item_of, block.items):
            nested = [self.items(item.nested)] if item.nested else []
            items.append([_plain(self.inline(item.spans)), *nested])
        if isinstance(block, Bullets):
            return {"t": "BulletList", "c": items}
        style = [block.start, {"t": "Decimal"}, {"t": "Period"}]
        return {"t": "OrderedList", "c": [style, items]}

    def table(self, block: TableBlock) -> list[Node]:
        words = f"{block.number}: {block.caption}" if block.number else block.caption
        weights = [weight + _ROOM for weight in column_weights(block)]
        columns: list[list[Node]] = [
            [{"t": _ALIGN[side]}, {"t": "ColWidth", "c": weight / sum(weights)}]
            for side, weight in zip(block.align, weights, strict=True)
        ]
        head = _row([[_plain([_str(column)])] for column in block.columns])
        rows = [
            _row([self.cell(c, strong=block.header_column and p == 0) for p, c in enumerate(row)])
            for row in block.rows
        ]
        table = _table(words, columns, [head], rows, row_headers=block.header_column)
        anchored = _div([table], anchor=self.bookmarks.get(block.id, ""))
        # Without anything between them Word would join two tables into one.
        end = self.styled("Table Note", block.note) if block.note else self.styled("Table End", " ")
        return [anchored, end]

    def cell(self, cell: CellContent, *, strong: bool) -> list[Node]:
        if isinstance(cell, Bullets):
            return [self.items(cell)]
        inlines = self.inline(cell)
        return [_plain([{"t": "Strong", "c": inlines}] if strong and inlines else inlines)]

    def pairs(self, items: tuple[tuple[str, Text], ...]) -> Node:
        columns: list[list[Node]] = [
            [{"t": "AlignLeft"}, {"t": "ColWidth", "c": share}] for share in (0.27, 0.73)
        ]
        rows = [
            _row([self.cell(key, strong=True), self.cell(value, strong=False)])
            for key, value in items
        ]
        return _table("", columns, [], rows, row_headers=True)

    def figure(self, block: Figure) -> list[Node]:
        self.pictures += 1
        name = f"figure-{self.pictures}.png"
        (self.folder / name).write_bytes(to_png(block.svg, fonts=self.fonts))
        attributes = ["", [], [["width", "16cm"]]]
        picture = {"t": "Image", "c": [attributes, [_str(block.alt)], [name, ""]]}
        caption = self.styled("Image Caption", f"{block.number}: {block.caption}")
        nodes = [
            _div([caption], anchor=self.bookmarks[block.id]),
            _div([_para([picture])], style="Figure"),
        ]
        if block.note:
            nodes.append(self.styled("Table Note", block.note))
        return nodes + (self.table(block.table) if block.table else [])

    def contents(self, block: Contents) -> list[Node]:
        entries = [
            (heading.level, f"{heading.number} {heading.text}".strip(), self.bookmarks[heading.id])
            for heading in self.document.body
            if isinstance(heading, Heading) and heading.level <= block.depth
        ]
        return [_raw(contents_field(block.title, block.depth, entries))]

    def styled(self, style: str, text: Text) -> Node:
        return _div([_para(self.inline(text))], style=style)

    def inline(self, text: Text) -> list[Node]:
        nodes: list[Node] = []
        for span in spans_of(text):
            inlines = _words(span.text)
            if span.emphasis:
                inlines = [{"t": "Emph", "c": inlines}]
            if span.strong:
                inlines = [{"t": "Strong", "c": inlines}]
            if span.href:
                target = span.href
                if target.startswith("#"):
                    target = "#" + self.bookmarks.get(target[1:], "contents")
                inlines = [{"t": "Link", "c": [_NO_ATTRIBUTES, inlines, [target, ""]]}]
            nodes += inlines
        return nodes


def _words(text: str) -> list[Node]:
    nodes: list[Node] = []
    for position, part in enumerate(text.split("\n")):
        if position:
            nodes.append({"t": "LineBreak"})
        if part:
            nodes.append(_str(part))
    return nodes


def _str(text: str) -> Node:
    return {"t": "Str", "c": text}


def _para(inlines: list[Node]) -> Node:
    return {"t": "Para", "c": inlines}


def _plain(inlines: list[Node]) -> Node:
    return {"t": "Plain", "c": inlines}


def _raw(openxml: str) -> Node:
    return {"t": "RawBlock", "c": ["openxml", openxml]}


def _raw_inline(openxml: str) -> Node:
    return {"t": "RawInline", "c": ["openxml", openxml]}


def _div(blocks: list[Node], *, style: str = "", anchor: str = "") -> Node:
    pairs = [["custom-style", style]] if style else []
    return {"t": "Div", "c": [[anchor, [], pairs], blocks]}


def _row(cells: list[list[Node]]) -> list[Any]:
    return [
        _NO_ATTRIBUTES,
        [[_NO_ATTRIBUTES, {"t": "AlignDefault"}, 1, 1, blocks] for blocks in cells],
    ]


def _table(
    caption: str,
    columns: list[list[Node]],
    head: list[list[Any]],
    rows: list[list[Any]],
    *,
    row_headers: bool,
) -> Node:
    words = [_plain([_str(caption)])] if caption else []
    bodies = [[_NO_ATTRIBUTES, int(row_headers), [], rows]]
    return {
        "t": "Table",
        "c": [
            _NO_ATTRIBUTES,
            [None, words],
            columns,
            [_NO_ATTRIBUTES, head],
            bodies,
            [_NO_ATTRIBUTES, []],
        ],
    }
