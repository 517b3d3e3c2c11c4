"""One document tree, three files: a piece of web page, a tagged PDF and a Word file."""

from frankpledge.documents.html import to_html
from frankpledge.documents.markdown import markdown_blocks
from frankpledge.documents.pdf import FontsMissing, font_folder, to_pdf, to_png
from frankpledge.documents.tree import (
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
    emphasis,
    link,
    strong,
)
from frankpledge.documents.word import to_docx

__all__ = [
    "Block",
    "Bullets",
    "Callout",
    "CellContent",
    "Contents",
    "Document",
    "DocumentError",
    "Figure",
    "FontsMissing",
    "Heading",
    "Item",
    "KeyValues",
    "Numbered",
    "PageBreak",
    "Paragraph",
    "Span",
    "TableBlock",
    "Text",
    "emphasis",
    "font_folder",
    "link",
    "markdown_blocks",
    "strong",
    "to_docx",
    "to_html",
    "to_pdf",
    "to_png",
]
