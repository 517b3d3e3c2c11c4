"""The document tree: what a document says, apart from how page, PDF or Word shows it.

Blocks are frozen dataclasses. Wherever running text is wanted, a plain string or a tuple of
strings and `Span`s will do. Text is data in every output: no markup in it is ever interpreted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "right", "centre"]
MAX_LEVEL = 4


class DocumentError(Exception):
    """The document cannot be made as it stands; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Span:
    """A run of text; `href` is http, https, mailto or `#id` of a block of the same document."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""


Text = str | tuple[str | Span, ...]


def strong(text: str) -> Span:
    return Span(text, strong=True)


def emphasis(text: str) -> Span:
    return Span(text, emphasis=True)


def link(text: str, href: str) -> Span:
    return Span(text, href=href)


@dataclass(frozen=True)
class Heading:
    """Level 1 is a chapter (the title of the document stands above all levels).

    `numbered` gives chapters 1, 2, 3; a numbered second level shares its count with numbered
    paragraphs. `number` is filled in when the document is settled.
    """

    level: int
    text: str
    id: str = ""
    numbered: bool = False
    number: str = ""


@dataclass(frozen=True)
class Paragraph:
    """`numbered` gives the next number of the chapter: 3.1, 3.2."""

    spans: Text
    numbered: bool = False
    number: str = ""


@dataclass(frozen=True)
class Item:
    spans: Text
    nested: Bullets | Numbered | None = None


@dataclass(frozen=True)
class Bullets:
    items: tuple[Text | Item, ...]


@dataclass(frozen=True)
class Numbered:
    items: tuple[Text | Item, ...]
    start: int = 1


CellContent = Text | Bullets


@dataclass(frozen=True)
class TableBlock:
    """A table of text; figures arrive as they should read ("1,234").

    `align` has one entry a column (left where missing). `header_column` makes the first cell of
    each row the header of that row. `note` stands below: source, suppression, caveats.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[CellContent, ...], ...]
    align: tuple[Align, ...] = ()
    header_column: bool = False
    note: Text = ""
    id: str = ""
    number: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart, map or diagram: `caption` states the finding, `alt` describes the picture.

    `svg_narrow` is the variant for phones (web page only); `table` holds the same figures.
    """

    svg: str
    alt: str
    caption: str
    table: TableBlock | None = None
    svg_narrow: str = ""
    note: Text = ""
    id: str = ""
    number: str = ""


@dataclass(frozen=True)
class Callout:
    """A bordered box with a short title, such as a finding, a decision wanted or a warning."""

    title: str
    body: tuple[Block, ...] = ()


@dataclass(frozen=True)
class KeyValues:
    items: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class PageBreak:
    """A new page in print; nothing on the web page."""


@dataclass(frozen=True)
class Contents:
    """The list of headings, to `depth` levels, with links and (in print) page numbers."""

    title: str = "Contents"
    depth: int = 2


Block = (
    Heading
    | Paragraph
    | Bullets
    | Numbered
    | TableBlock
    | Figure
    | Callout
    | KeyValues
    | PageBreak
    | Contents
)


@dataclass(frozen=True)
class Document:
    """One document. `date` is printed as given; `marking` may be empty (not marked)."""

    title: str
    subtitle: str = ""
    language: str = "en-GB"
    organisation: str = ""
    marking: str = ""
    version: str = ""
    date: str = ""
    status_line: str = ""
    synthetic: bool = False
    body: tuple[Block, ...] = ()
    contact: Text = ""


SYNTHETIC_NOTICE = "Synthetic data: made up for demonstration, not about real people or events."


def spans_of(text: Text) -> tuple[Span, ...]:
    """The one form the writers use: a tuple of spans with the empty ones left out."""
    parts = (text,) if isinstance(text, str) else text
    spans = (Span(part) if isinstance(part, str) else part for part in parts)
    return tuple(span for span in spans if span.text)


def plain(text: Text) -> str:
    return "".join(span.text for span in spans_of(text))


def item_of(item: Text | Item) -> Item:
    return item if isinstance(item, Item) else Item(item)


def cell_text(cell: CellContent) -> str:
    """The words of a table cell, lists included, with a blank between items."""
    if not isinstance(cell, Bullets):
        return plain(cell)
    items = [item_of(item) for item in cell.items]
    return " ".join(
        f"{plain(item.spans)} {cell_text(Bullets(item.nested.items)) if item.nested else ''}"
        for item in items
    )


def cover_facts(document: Document) -> tuple[tuple[str, str], ...]:
    """What the cover says below the title, and the web page in its summary list."""
    facts = (
        ("Version", document.version),
        ("Date", document.date),
        ("Status", document.status_line),
        ("Marking", document.marking),
    )
    return tuple((name, value) for name, value in facts if value)


def walk(blocks: tuple[Block, ...], visit: Callable[[Block], None]) -> None:
    """Visit every block in reading order, those inside callouts included."""
    for block in blocks:
        visit(block)
        if isinstance(block, Callout):
            walk(block.body, visit)


def row_headers(document: Document) -> list[bool]:
    """For every table that is printed, in order, whether its first column heads its rows.

    The facts on the cover and key-value lists are printed as tables too.
    """
    found = [True] if cover_facts(document) else []

    def note(block: Block) -> None:
        if isinstance(block, TableBlock):
            found.append(block.header_column)
        elif isinstance(block, KeyValues) and block.items:
            found.append(True)
        elif isinstance(block, Figure) and block.table is not None:
            found.append(block.table.header_column)

    walk(document.body, note)
    return found
