"""Commentary typed by people, as blocks. Markup of the page is never taken from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from frankpledge.documents.settle import clean, safe_href
from frankpledge.documents.tree import (
    MAX_LEVEL,
    Block,
    Bullets,
    Heading,
    Item,
    Numbered,
    Paragraph,
    Span,
    TableBlock,
    plain,
)

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("code")
# Any address is read as a link, so that an unsafe one loses its address and not its words.
_PARSER.validateLink = lambda url: True  # type: ignore[method-assign]
_DEEPEST_LIST = 4
_LARGEST_START = 9_999


def markdown_blocks(
    text: str, *, heading_level: int | None = None, table_caption: str = "Table in the commentary"
) -> tuple[Block, ...]:
    """Paragraphs, lists, tables, bold, italic and links, from Markdown typed by a person.

    HTML stays text. Links other than http, https and mailto keep their words only; of an image
    its description stays. Headings become bold paragraphs, or, with `heading_level`, headings
    from that level down with none skipped. Markdown has no captions: tables get `table_caption`.
    """
    reader = _Reader(heading_level, table_caption)
    tree = SyntaxTreeNode(_PARSER.parse(clean(text)))
    return tuple(reader.blocks(tree))


class _Reader:
    def __init__(self, heading_level: int | None, table_caption: str) -> None:
        self.top = heading_level
        self.level = (heading_level or 1) - 1
        self.table_caption = table_caption

    def blocks(self, node: SyntaxTreeNode) -> Iterator[Block]:
        for child in node.children:
            yield from self.block(child)

    def block(self, node: SyntaxTreeNode) -> Iterator[Block]:
        match node.type:
            case "paragraph":
                if spans := _inline(node):
                    yield Paragraph(spans)
            case "heading":
                yield from self.heading(node)
            case "bullet_list" | "ordered_list":
                yield _list(node, depth=1)
            case "table":
                yield from self.table(node)
            case "fence" | "code_block":
                if words := node.content.strip():
                    yield Paragraph(words)
            case _:
                yield from self.blocks(node)

    def heading(self, node: SyntaxTreeNode) -> Iterator[Block]:
        spans = _inline(node)
        if not plain(spans).strip():
            return
        if self.top is None:
            yield Paragraph(tuple(Span(s.text, strong=True, href=s.href) for s in spans))
            return
        wanted = self.top + int(node.tag[1:]) - 1
        self.level = min(wanted, self.level + 1, MAX_LEVEL)
        yield Heading(self.level, plain(spans))

    def table(self, node: SyntaxTreeNode) -> Iterator[Block]:
        rows = [
            tuple(_inline(cell) for cell in row.children)
            for part in node.children
            for row in part.children
        ]
        head, *body = rows
        sides = [str(cell.attrs.get("style", "")) for cell in node.children[0].children[0].children]
        yield TableBlock(
            caption=self.table_caption,
            columns=tuple(plain(cell) for cell in head),
            rows=tuple(body),
            align=tuple("right" if "right" in side else "left" for side in sides),
        )


def _list(node: SyntaxTreeNode, *, depth: int) -> Bullets | Numbered:
    items = tuple(item for child in node.children for item in _items(child, depth))
    if node.type == "bullet_list":
        return Bullets(items)
    return Numbered(items, start=min(int(node.attrs.get("start", 1)), _LARGEST_START))


def _items(node: SyntaxTreeNode, depth: int) -> Iterator[Item]:
    """One point of a list; what cannot stand inside it follows as points of its own."""
    spans: tuple[Span, ...] = ()
    nested: list[Bullets | Numbered] = []
    for child in node.children:
        if child.type in {"bullet_list", "ordered_list"}:
            nested.append(_list(child, depth=depth + 1))
        else:
            spans += ((Span("\n"),) if spans else ()) + _all_words(child)
    if not nested:
        yield Item(spans)
        return
    # Two lists under one point, as when bullets change to numbers, become one.
    inner = tuple(item for each in nested for item in each.items)
    if depth >= _DEEPEST_LIST:
        yield Item(spans)
        yield from (item if isinstance(item, Item) else Item(item) for item in inner)
    else:
        first = nested[0]
        bullets = isinstance(first, Bullets)
        yield Item(spans, Bullets(inner) if bullets else replace(first, items=inner))


def _all_words(node: SyntaxTreeNode) -> tuple[Span, ...]:
    """The words of anything that stands inside a point: a paragraph, a quotation, code."""
    if node.type in {"fence", "code_block"}:
        return (Span(node.content.strip()),) if node.content.strip() else ()
    if any(child.type == "inline" for child in node.children):
        return _inline(node)
    return tuple(span for child in node.children for span in _all_words(child))


def _inline(node: SyntaxTreeNode) -> tuple[Span, ...]:
    return tuple(_spans(node, Span("")))


def _spans(node: SyntaxTreeNode, around: Span) -> Iterator[Span]:
    """Runs of text, each with what the marks around it say."""
    for child in node.children:
        match child.type:
            case "text" | "code_inline" | "image":
                if child.content:
                    yield Span(child.content, around.strong, around.emphasis, around.href)
            case "softbreak" | "hardbreak":
                mark = "\n" if child.type == "hardbreak" else " "
                yield Span(mark, around.strong, around.emphasis, around.href)
            case "strong":
                yield from _spans(child, Span("", True, around.emphasis, around.href))
            case "em":
                yield from _spans(child, Span("", around.strong, True, around.href))
            case "link":
                href = safe_href(str(child.attrs.get("href", "")))
                # An internal address would point into a document the writer does not know.
                href = "" if href.startswith("#") else href
                yield from _spans(child, Span("", around.strong, around.emphasis, href))
            case _:
                yield from _spans(child, around)
