"""Check a document and settle what every output must agree on: numbers, addresses, clean text."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field, replace

from frankpledge.documents.tree import (
    MAX_LEVEL,
    Align,
    Block,
    Bullets,
    Callout,
    CellContent,
    Contents,
    Document,
    DocumentError,
    Figure,
    Heading,
    Item,
    KeyValues,
    Numbered,
    PageBreak,
    Paragraph,
    Span,
    TableBlock,
    Text,
    item_of,
    spans_of,
)

# Control characters, code points that Unicode keeps for no character, and the direction overrides
# with which text can be made to read as something it is not. Marks (LRM, RLM) and joiners stay:
# names and emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e007f"
    + "".join(f"{chr(end + 0xFFFE)}{chr(end + 0xFFFF)}" for end in range(0, 0x110000, 0x10000))
    + "]"
)
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\"']+\Z", re.IGNORECASE)
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_DRAWING = frozenset(
    [
        "svg",
        "g",
        "defs",
        "path",
        "rect",
        "line",
        "circle",
        "ellipse",
        "polygon",
        "polyline",
        "text",
        "tspan",
        "title",
        "desc",
        "pattern",
        "clipPath",
        "mask",
        "linearGradient",
        "radialGradient",
        "stop",
        "marker",
        "use",
        "symbol",
    ]
)


def clean(text: str) -> str:
    """Text without control characters, direction overrides or half characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return unicodedata.normalize("NFC", _UNSAFE.sub("", text.replace("\u2029", "\n")))


def line(text: str) -> str:
    """Clean text on one line, for titles and captions."""
    return " ".join(clean(text).split())


def safe_href(href: str) -> str:
    """The address if it is http, https, mailto or internal; otherwise nothing."""
    href = clean(href).strip()
    return href if href.startswith("#") or _ADDRESS.match(href) else ""


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "section"


def settle(document: Document) -> Document:
    """The document with every number and id filled in and all text clean.

    Raises `DocumentError`, naming the culprit: no title, a skipped heading level, a heading,
    caption or alt text that is empty, a row of the wrong length, a link to a place that does
    not exist, an id used twice, an SVG with anything active in it.
    """
    if not line(document.title):
        raise DocumentError("The document has no title. Give it one.")
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", document.language):
        raise DocumentError(
            f"“{line(document.language)}” is not a language such as en-GB. Give its code."
        )
    work = _Settling()
    if sum(isinstance(block, Contents) for block in document.body) > 1:
        raise DocumentError("The document has two lists of contents. Keep one.")
    work.reserve(document.body)
    body = work.blocks(document.body, in_callout=False)
    contact = work.text(document.contact)
    work.check_links()
    return replace(
        document,
        title=line(document.title),
        subtitle=line(document.subtitle),
        organisation=line(document.organisation),
        marking=line(document.marking),
        version=line(document.version),
        date=line(document.date),
        status_line=line(document.status_line),
        body=body,
        contact=contact,
    )


@dataclass
class _Settling:
    ids: set[str] = field(default_factory=lambda: {"contents"})
    links: list[str] = field(default_factory=list)
    level: int = 0
    chapter: int = 0
    section: int = 0
    tables: int = 0
    figures: int = 0

    def reserve(self, blocks: tuple[Block, ...]) -> None:
        """Ids that were chosen come before ids that are made from headings."""
        for block in blocks:
            if isinstance(block, Callout):
                self.reserve(block.body)
            elif isinstance(block, Heading | TableBlock | Figure) and block.id:
                if slug(block.id) in self.ids:
                    raise DocumentError(f"The id “{slug(block.id)}” is used twice. Change one.")
                self.ids.add(slug(block.id))

    def check_links(self) -> None:
        for target in self.links:
            if target not in self.ids:
                raise DocumentError(
                    f"A link goes to “#{target}”, which is not in the document. Mend the link."
                )

    def new_id(self, wanted: str, text: str) -> str:
        if wanted:
            return slug(wanted)
        base = candidate = slug(text)
        count = 1
        while candidate in self.ids:
            count += 1
            candidate = f"{base}-{count}"
        self.ids.add(candidate)
        return candidate

    def text(self, text: Text) -> tuple[Span, ...]:
        return spans_of(tuple(self.span(span) for span in spans_of(text)))

    def span(self, span: Span) -> Span:
        href = safe_href(span.href)
        if href.startswith("#"):
            self.links.append(href[1:])
        return replace(span, text=clean(span.text), href=href)

    def blocks(self, blocks: tuple[Block, ...], *, in_callout: bool) -> tuple[Block, ...]:
        if in_callout and any(isinstance(b, Heading | Contents | PageBreak) for b in blocks):
            raise DocumentError(
                "A callout holds a heading, contents or a page break. Move it outside the box."
            )
        return tuple(self.block(block) for block in blocks)

    def block(self, block: Block) -> Block:
        match block:
            case Heading():
                return self.heading(block)
            case Paragraph():
                number = self.next_number(block.spans) if block.numbered else ""
                return replace(block, spans=self.text(block.spans), number=number)
            case Bullets():
                return Bullets(self.items(block.items))
            case Numbered():
                return Numbered(self.items(block.items), max(1, block.start))
            case TableBlock():
                return self.table(block, number=True)
            case Figure():
                return self.figure(block)
            case Callout():
                body = self.blocks(block.body, in_callout=True)
                return Callout(line(block.title), body)
            case KeyValues():
                return KeyValues(tuple((line(k), self.text(v)) for k, v in block.items))
            case Contents():
                depth = min(max(block.depth, 1), MAX_LEVEL)
                return Contents(line(block.title) or "Contents", depth)
            case PageBreak():
                return block

    def heading(self, block: Heading) -> Heading:
        text = line(block.text)
        if not text:
            raise DocumentError(f"A heading of level {block.level} is empty. Give it words.")
        if not 1 <= block.level <= MAX_LEVEL:
            raise DocumentError(
                f"The heading “{text}” has level {block.level}. Use 1 to {MAX_LEVEL}."
            )
        if block.level > self.level + 1:
            raise DocumentError(
                f"The heading “{text}” has level {block.level} but follows level {self.level}. "
                f"Give it level {self.level + 1}."
            )
        self.level = block.level
        number = self.heading_number(block) if block.numbered else ""
        return replace(block, text=text, id=self.new_id(block.id, text), number=number)

    def heading_number(self, block: Heading) -> str:
        if block.level == 1:
            self.chapter, self.section = self.chapter + 1, 0
            return f"{self.chapter}."
        if block.level == 2:
            return self.next_number(block.text)
        raise DocumentError(
            f"The heading “{line(block.text)}” has level {block.level} and cannot be numbered."
        )

    def next_number(self, text: Text) -> str:
        if not self.chapter:
            words = line("".join(span.text for span in spans_of(text)))[:60]
            raise DocumentError(
                f"The numbered text “{words}” comes before any numbered chapter. "
                "Number a chapter first."
            )
        self.section += 1
        return f"{self.chapter}.{self.section}"

    def items(self, items: tuple[Text | Item, ...]) -> tuple[Item, ...]:
        settled = []
        for item in map(item_of, items):
            nested = None if item.nested is None else self.block(item.nested)
            assert nested is None or isinstance(nested, Bullets | Numbered)
            settled.append(Item(self.text(item.spans), nested))
        return tuple(settled)

    def cell(self, cell: CellContent) -> CellContent:
        return Bullets(self.items(cell.items)) if isinstance(cell, Bullets) else self.text(cell)

    def table(self, block: TableBlock, *, number: bool) -> TableBlock:
        caption = line(block.caption)
        if number:
            self.tables += 1
        if not caption:
            raise DocumentError(f"Table {self.tables} has no caption. Say what it shows.")
        if not block.columns:
            raise DocumentError(f"The table “{caption}” has no columns. Name them.")
        for position, row in enumerate(block.rows, 1):
            if len(row) != len(block.columns):
                raise DocumentError(
                    f"Row {position} of the table “{caption}” has {len(row)} cells, not "
                    f"{len(block.columns)}. Give each row one cell a column."
                )
        left: Align = "left"
        return replace(
            block,
            caption=caption,
            columns=tuple(line(column) for column in block.columns),
            rows=tuple(tuple(self.cell(cell) for cell in row) for row in block.rows),
            align=(block.align + (left,) * len(block.columns))[: len(block.columns)],
            note=self.text(block.note),
            id=self.new_id(block.id, f"table {self.tables}" if number else f"data {caption}"),
            number=f"Table {self.tables}" if number else "",
        )

    def figure(self, block: Figure) -> Figure:
        self.figures += 1
        caption, alt = line(block.caption), line(block.alt)
        name = f"Figure {self.figures}" + (f" (“{caption}”)" if caption else "")
        if not alt:
            raise DocumentError(f"{name} has no alternative text. Describe what it shows.")
        if not caption:
            raise DocumentError(f"{name} has no caption. State what it finds.")
        check_svg(block.svg, name)
        if block.svg_narrow:
            check_svg(block.svg_narrow, name)
        number = f"Figure {self.figures}"
        table = block.table
        if table is not None:
            table = replace(table, caption=f"Data for figure {self.figures}: {table.caption}")
            table = self.table(table, number=False)
        return replace(
            block,
            caption=caption,
            alt=alt,
            table=table,
            note=self.text(block.note),
            id=self.new_id(block.id, f"figure {self.figures}"),
            number=number,
        )


def check_svg(svg: str, name: str) -> None:
    """Refuse a picture that could run, load or declare anything: only drawings are let in."""
    try:
        if "<!" in svg.replace("<!--", ""):
            raise ET.ParseError("declaration")
        root = ET.fromstring(svg)  # noqa: S314 - declarations, and so entities, are refused above
    except ET.ParseError:
        raise DocumentError(f"{name} is not a well-formed SVG drawing. Draw it again.") from None
    if root.tag != f"{_SVG}svg":
        raise DocumentError(f"{name} is not an SVG drawing. Draw it again.")
    for element in root.iter():
        namespace, _, tag = str(element.tag).rpartition("}")
        hrefs = (element.get("href", ""), element.get(_XLINK_HREF, ""))
        active = any(
            key.lower().startswith("on") or re.search(r"url\(\s*[^#\s]", value)
            for key, value in element.attrib.items()
        )
        foreign = f"{namespace}}}" != _SVG or tag not in _DRAWING
        if foreign or active or any(h and not h.startswith("#") for h in hrefs):
            raise DocumentError(f"{name} holds something active ({tag}). Only drawings may go in.")
