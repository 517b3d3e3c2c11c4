"""Commentary typed by people, as blocks. Markup of the page is never taken from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from frankpledge.documents.tree import (
    Block,
    Bullets,
    Item,
    Numbered,
    Paragraph,
    Span,
    TableBlock,
)

_SAFE = {"http", "https", "mailto"}
# Control characters and marks that turn the direction of reading.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "code"])


def markdown_blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs, lists, tables, bold, italic and links; headings become bold paragraphs.

    HTML stays text. Links other than http, https and mailto keep their words only.
    """
    tree = SyntaxTreeNode(_PARSER.parse(_UNSEEN.sub("", text)))
    return tuple(block for node in tree.children for block in _blocks(node))


def _blocks(node: SyntaxTreeNode) -> Iterator[Block]:
    if node.type == "paragraph":
        spans = _inline(node)
        if spans:
            yield Paragraph(spans)
    elif node.type == "heading":
        yield Paragraph(
            tuple(Span(span.text, strong=True, href=span.href) for span in _inline(node))
        )
    elif node.type == "bullet_list":
        yield Bullets(tuple(_item(child) for child in node.children))
    elif node.type == "ordered_list":
        start = int(node.attrs.get("start", 1))
        yield Numbered(tuple(_item(child) for child in node.children), start=start)
    elif node.type == "table":
        yield _table(node)
    elif node.type in {"fence", "code_block"}:
        yield Paragraph(node.content.strip())
    else:
        for child in node.children:
            yield from _blocks(child)


def _item(node: SyntaxTreeNode) -> Item:
    spans: tuple[Span, ...] = ()
    nested: Bullets | Numbered | None = None
    for child in node.children:
        if child.type in {"bullet_list", "ordered_list"}:
            inner = next(_blocks(child))
            nested = inner if isinstance(inner, Bullets | Numbered) else None
        else:
            spans += ((Span(" "),) if spans else ()) + _inline(child)
    return Item(spans, nested)


def _table(node: SyntaxTreeNode) -> TableBlock:
    rows = [
        tuple(_inline(cell) for cell in row.children)
        for part in node.children
        for row in part.children
    ]
    head, *body = rows
    return TableBlock(
        caption="Table",
        columns=tuple("".join(span.text for span in cell) for cell in head),
        rows=tuple(body),
    )


def _inline(node: SyntaxTreeNode) -> tuple[Span, ...]:
    return tuple(_spans(node, strong=False, emphasis=False, href=""))


def _spans(node: SyntaxTreeNode, *, strong: bool, emphasis: bool, href: str) -> Iterator[Span]:
    for child in node.children:
        if child.type in {"text", "code_inline"}:
            if child.content:
                yield Span(child.content, strong=strong, emphasis=emphasis, href=href)
        elif child.type == "softbreak":
            yield Span(" ", strong=strong, emphasis=emphasis, href=href)
        elif child.type == "hardbreak":
            yield Span(", " if not href else " ", strong=strong, emphasis=emphasis, href=href)
        else:
            yield from _spans(
                child,
                strong=strong or child.type == "strong",
                emphasis=emphasis or child.type == "em",
                href=_safe(str(child.attrs.get("href", ""))) if child.type == "link" else href,
            )


def _safe(href: str) -> str:
    return href if urlsplit(href).scheme in _SAFE else ""
