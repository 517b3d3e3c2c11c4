"""The document as a Word file: real styles, contents, page numbers, the marking on every page.

Pandoc writes the body from its own document model; header, footer, looks and properties are put
into the file afterwards, because Pandoc takes them from a template that cannot know the marking.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pypandoc

from frankpledge.documents.pdf import to_png
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
    TableBlock,
    Text,
    cover_facts,
    item_of,
    plain,
    spans_of,
)

Node = dict[str, Any]
_API = [1, 23, 1]
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_PARTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BLUE = "12436D"
_FONT = "Source Sans 3"


def to_docx(document: Document, *, fonts: Path | None = None) -> bytes:
    """A Word file. Raises `DocumentError` as `settle` does, `FontsMissing` for its pictures."""
    settled = settle(document)
    with tempfile.TemporaryDirectory() as folder:
        writer = _Writer(settled, Path(folder), fonts)
        tree = {"pandoc-api-version": _API, "meta": {}, "blocks": writer.all()}
        out = Path(folder) / "document.docx"
        pypandoc.convert_text(json.dumps(tree), "docx", format="json", outputfile=str(out))
        return _finished(out.read_bytes(), settled)


class _Writer:
    """Blocks of ours as blocks of Pandoc; pictures become files in `folder`."""

    def __init__(self, document: Document, folder: Path, fonts: Path | None) -> None:
        self.document = document
        self.folder = folder
        self.fonts = fonts
        self.pictures = 0

    def all(self) -> list[Node]:
        return [*self.cover(), *(node for block in self.document.body for node in self.block(block)),
                *self.contact()]  # fmt: skip

    def cover(self) -> Iterable[Node]:
        document = self.document
        if document.synthetic:
            yield _styled("Synthetic", [_para(SYNTHETIC_NOTICE)])
        if document.organisation:
            yield _styled("Organisation", [_para(document.organisation)])
        yield _styled("Title", [_para(document.title)])
        if document.subtitle:
            yield _styled("Subtitle", [_para(document.subtitle)])
        yield from self.pairs(cover_facts(document))
        yield _page_break()

    def contact(self) -> Iterable[Node]:
        if self.document.contact:
            yield _styled("Contact", [_para(self.document.contact)])

    def block(self, block: Block) -> Iterable[Node]:
        match block:
            case Heading():
                words = f"{block.number} {block.text}".strip()
                yield {"t": "Header", "c": [block.level, [block.id, [], []], _inline(words)]}
            case Paragraph():
                number = [_str(block.number), {"t": "Space"}] if block.number else []
                style = "Numbered Paragraph" if block.number else "Body Text"
                yield _styled(style, [{"t": "Para", "c": [*number, *_inline(block.spans)]}])
            case Bullets() | Numbered():
                yield self.items(block)
            case TableBlock():
                yield from self.table(block)
            case Figure():
                yield from self.figure(block)
            case Callout():
                yield _styled("Callout Title", [_para(block.title)])
                inner = [node for each in block.body for node in self.block(each)]
                yield {"t": "BlockQuote", "c": inner or [_para("")]}
            case KeyValues():
                yield from self.pairs(block.items)
            case Contents():
                yield from self.contents(block)
            case PageBreak():
                yield _page_break()

    def items(self, block: Bullets | Numbered) -> Node:
        rows = []
        for item in map(item_of, block.items):
            row: list[Node] = [{"t": "Plain", "c": _inline(item.spans)}]
            if item.nested:
                row.append(self.items(item.nested))
            rows.append(row)
        if isinstance(block, Numbered):
            style = [block.start, {"t": "Decimal"}, {"t": "Period"}]
            return {"t": "OrderedList", "c": [style, rows]}
        return {"t": "BulletList", "c": rows}

    def cell(self, content: CellContent, align: str) -> Node:
        if isinstance(content, Bullets):
            body = [self.items(content)]
        else:
            body = [{"t": "Plain", "c": _inline(content)}]
        named = {"right": "AlignRight", "centre": "AlignCenter"}.get(align, "AlignLeft")
        return [["", [], []], {"t": named}, 1, 1, body]  # type: ignore[return-value]

    def table(self, block: TableBlock) -> Iterable[Node]:
        words = f"{block.number}: {block.caption}" if block.number else block.caption
        count = len(block.columns)
        shares = _shares(block)
        specs = [
            [{"t": "AlignRight" if block.align[i] == "right" else "AlignLeft"},
             {"t": "ColWidth", "c": shares[i]}]
            for i in range(count)
        ]  # fmt: skip
        head = [[["", [], []], [self.cell(c, block.align[i]) for i, c in enumerate(block.columns)]]]
        rows = [
            [["", [], []], [self.cell(c, block.align[i]) for i, c in enumerate(row)]]
            for row in block.rows
        ]
        body = [[["", [], []], 1 if block.header_column else 0, [], rows]]
        yield _styled("Table Caption", [_para(words)])
        yield {
            "t": "Table",
            "c": [["", [], []], [None, []], specs, [["", [], []], head], body, [["", [], []], []]],
        }
        if block.note:
            yield _styled("Note", [_para(block.note)])

    def figure(self, block: Figure) -> Iterable[Node]:
        self.pictures += 1
        path = self.folder / f"picture-{self.pictures}.png"
        path.write_bytes(to_png(block.svg, fonts=self.fonts))
        yield _styled("Figure Caption", [_para(f"{block.number}: {block.caption}")])
        image = [["", [], [["width", "16.5cm"]]], _inline(block.alt), [str(path), ""]]
        yield {"t": "Para", "c": [{"t": "Image", "c": image}]}
        if block.note:
            yield _styled("Note", [_para(block.note)])
        if block.table is not None:
            yield from self.table(block.table)

    def pairs(self, items: Sequence[tuple[str, Text]]) -> Iterable[Node]:
        for key, value in items:
            words = [{"t": "Strong", "c": _inline(f"{key}: ")}, *_inline(value)]
            yield _styled("Key Value", [{"t": "Para", "c": words}])

    def contents(self, block: Contents) -> Iterable[Node]:
        """A real table of contents whose entries are there at once: nothing asks to be updated."""
        listed = [
            heading
            for heading in self.document.body
            if isinstance(heading, Heading) and heading.level <= block.depth
        ]
        yield _styled("TOC Heading", [_para(block.title)])
        if listed:
            yield {"t": "RawBlock", "c": ["openxml", "".join(_entries(listed, block.depth))]}


def _entries(listed: Sequence[Heading], depth: int) -> Iterable[str]:
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> '
        f'TOC \\o "1-{depth}" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    for index, heading in enumerate(listed):
        words = escape(f"{heading.number} {heading.text}".strip())
        first = begin if index == 0 else ""
        last = end if index == len(listed) - 1 else ""
        yield (
            f'<w:p><w:pPr><w:pStyle w:val="TOC{heading.level}"/></w:pPr>{first}'
            f"<w:hyperlink w:anchor={quoteattr(heading.id)}><w:r><w:t>{words}</w:t></w:r>"
            f"</w:hyperlink>{last}</w:p>"
        )


def _shares(block: TableBlock) -> list[float]:
    """How wide each column stands: by its longest words, none below a tenth."""
    longest = [
        max(
            [len(column), *(len(_words(row[i])) for row in block.rows[:200])],
        )
        for i, column in enumerate(block.columns)
    ]
    weights = [min(max(each, 6), 60) ** 0.7 for each in longest]
    return [round(weight / sum(weights), 4) for weight in weights]


def _words(content: CellContent) -> str:
    if isinstance(content, Bullets):
        return max((plain(item_of(item).spans) for item in content.items), key=len, default="")
    return plain(content)


def _str(words: str) -> Node:
    return {"t": "Str", "c": words}


def _inline(text: Text) -> list[Node]:
    nodes: list[Node] = []
    for span in spans_of(text):
        words: list[Node] = []
        for index, line in enumerate(span.text.split("\n")):
            if index:
                words.append({"t": "LineBreak"})
            for piece in re.findall(r" +|[^ ]+", line):
                words.append({"t": "Space"} if piece.isspace() else _str(piece))
        if span.emphasis:
            words = [{"t": "Emph", "c": words}]
        if span.strong:
            words = [{"t": "Strong", "c": words}]
        if span.href:
            words = [{"t": "Link", "c": [["", [], []], words, [span.href, ""]]}]
        nodes.extend(words)
    return nodes


def _para(text: Text) -> Node:
    return {"t": "Para", "c": _inline(text)}


def _styled(style: str, blocks: list[Node]) -> Node:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], blocks]}


def _page_break() -> Node:
    return {"t": "RawBlock", "c": ["openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>']}


# What Pandoc's own template does not know


def _finished(made: bytes, document: Document) -> bytes:
    """The file with header, footer, styles, language and properties of this document."""
    source = zipfile.ZipFile(io.BytesIO(made))
    parts = {name: source.read(name) for name in source.namelist()}
    body = parts["word/document.xml"].decode()
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader"/>'
        '<w:footerReference w:type="default" r:id="rIdFooter"/>'
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="1134" w:bottom="1304" '
        'w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )
    body = re.sub(r"<w:sectPr\s*/>|<w:sectPr.*?</w:sectPr>", "", body, flags=re.S)
    if 'xmlns:r="' not in body.split(">", 2)[1]:
        body = body.replace("<w:document ", f"<w:document {_R} ", 1)
    parts["word/document.xml"] = body.replace("</w:body>", f"{section}</w:body>").encode()
    parts["word/header1.xml"] = _header(document).encode()
    parts["word/footer1.xml"] = _footer(document).encode()
    parts["word/_rels/document.xml.rels"] = _related(parts["word/_rels/document.xml.rels"])
    parts["[Content_Types].xml"] = _typed(parts["[Content_Types].xml"])
    parts["word/styles.xml"] = _dressed(parts["word/styles.xml"].decode(), document).encode()
    parts["docProps/core.xml"] = _properties(document).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def _line(words: str, *, align: str, style: str) -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="{align}"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'
    )


def _header(document: Document) -> str:
    words = document.marking or document.organisation
    if document.synthetic:
        words = f"{words} · Synthetic data" if words else "Synthetic data"
    inner = _line(words, align="center", style="Header") + "</w:p>"
    return f'<?xml version="1.0" encoding="UTF-8"?><w:hdr {_W} {_R}>{inner}</w:hdr>'


def _field(code: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _footer(document: Document) -> str:
    said = [document.organisation, document.title]
    if document.version:
        said.append(f"version {document.version}")
    first = _line(", ".join(part for part in said if part), align="center", style="Footer")
    page = (
        _line("Page ", align="center", style="Footer")
        + _field("PAGE")
        + '<w:r><w:t xml:space="preserve"> of </w:t></w:r>'
        + _field("NUMPAGES")
        + "</w:p>"
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><w:ftr {_W} {_R}>{first}</w:p>{page}</w:ftr>'


def _related(rels: bytes) -> bytes:
    added = "".join(
        f'<Relationship Id="rId{kind.title()}" Type="{_PARTS}/{kind}" Target="{kind}1.xml"/>'
        for kind in ("header", "footer")
    )
    return rels.decode().replace("</Relationships>", f"{added}</Relationships>").encode()


def _typed(types: bytes) -> bytes:
    base = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    added = "".join(
        f'<Override PartName="/word/{kind}1.xml" ContentType="{base}.{kind}+xml"/>'
        for kind in ("header", "footer")
    )
    return types.decode().replace("</Types>", f"{added}</Types>").encode()


def _dressed(styles: str, document: Document) -> str:
    """Our type, colours and tables over the template's; styles it lacks are added."""
    styles = re.sub(r"<w:rFonts [^>]*/>", _fonts(), styles)
    styles = re.sub(r"<w:lang [^>]*/>", f'<w:lang w:val="{document.language}"/>', styles)
    for name, look in _LOOKS.items():
        styles = _with_style(styles, name, look)
    return styles


def _fonts() -> str:
    return f'<w:rFonts w:ascii="{_FONT}" w:hAnsi="{_FONT}" w:cs="Arial" w:eastAsia="Arial"/>'


def _look(
    paragraph: str, *, size: int, colour: str = "0B0C0C", bold: bool = False, level: int = -1
) -> str:
    outline = f'<w:outlineLvl w:val="{level}"/>' if level >= 0 else ""
    weight = "<w:b/>" if bold else '<w:b w:val="0"/>'
    return (
        f'<w:pPr>{paragraph}{outline}</w:pPr><w:rPr>{_fonts()}{weight}<w:i w:val="0"/>'
        f'<w:color w:val="{colour}"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    )


_KEEP = "<w:keepNext/><w:keepLines/>"
_LOOKS = {
    "Title": _look('<w:spacing w:before="2400" w:after="160"/>', size=64, colour=_BLUE, bold=True),
    "Subtitle": _look('<w:spacing w:after="600"/>', size=36, colour="505A5F"),
    "Organisation": _look('<w:spacing w:before="400"/>', size=28, colour="505A5F"),
    "Synthetic": _look('<w:shd w:val="clear" w:fill="FDF3D7"/>', size=24, bold=True),
    "heading 1": _look(
        f'{_KEEP}<w:spacing w:before="360" w:after="160"/>',
        size=40,
        colour=_BLUE,
        bold=True,
        level=0,
    ),
    "heading 2": _look(
        f'{_KEEP}<w:spacing w:before="280" w:after="120"/>',
        size=30,
        colour=_BLUE,
        bold=True,
        level=1,
    ),
    "heading 3": _look(
        f'{_KEEP}<w:spacing w:before="220" w:after="80"/>',
        size=26,
        colour=_BLUE,
        bold=True,
        level=2,
    ),
    "heading 4": _look(
        f'{_KEEP}<w:spacing w:before="200" w:after="60"/>',
        size=24,
        colour=_BLUE,
        bold=True,
        level=3,
    ),
    "Body Text": _look('<w:spacing w:after="140" w:line="288" w:lineRule="auto"/>', size=24),
    "First Paragraph": _look('<w:spacing w:after="140" w:line="288" w:lineRule="auto"/>', size=24),
    "Numbered Paragraph": _look(
        '<w:spacing w:after="140" w:line="288" w:lineRule="auto"/><w:ind w:left="680" '
        'w:hanging="680"/>',
        size=24,
    ),
    "Compact": _look('<w:spacing w:before="40" w:after="40"/>', size=22),
    "Block Text": _look(
        f'<w:pBdr><w:left w:val="single" w:sz="24" w:space="10" w:color="{_BLUE}"/></w:pBdr>'
        '<w:ind w:left="284"/>',
        size=24,
    ),
    "Callout Title": _look(
        f'{_KEEP}<w:pBdr><w:left w:val="single" w:sz="24" w:space="10" w:color="{_BLUE}"/></w:pBdr>'
        '<w:spacing w:before="160"/><w:ind w:left="284"/>',
        size=26,
        colour=_BLUE,
        bold=True,
    ),
    "Table Caption": _look(f'{_KEEP}<w:spacing w:before="240" w:after="80"/>', size=24, bold=True),
    "Figure Caption": _look(f'{_KEEP}<w:spacing w:before="240" w:after="80"/>', size=24, bold=True),
    "Note": _look('<w:spacing w:before="60" w:after="160"/>', size=22, colour="505A5F"),
    "Key Value": _look('<w:spacing w:after="60"/>', size=24),
    "Contact": _look('<w:spacing w:before="400"/>', size=24),
    "TOC Heading": _look(f'{_KEEP}<w:spacing w:after="120"/>', size=32, colour=_BLUE, bold=True),
    "toc 1": _look('<w:spacing w:after="60"/>', size=24),
    "toc 2": _look('<w:spacing w:after="40"/><w:ind w:left="340"/>', size=22),
    "toc 3": _look('<w:spacing w:after="40"/><w:ind w:left="680"/>', size=22),
    "header": _look("", size=22, colour="0B0C0C", bold=True),
    "footer": _look("", size=20, colour="505A5F"),
}
_IDS = {"toc 1": "TOC1", "toc 2": "TOC2", "toc 3": "TOC3"}


def _with_style(styles: str, name: str, look: str) -> str:
    """Replace the looks of a paragraph style, or add the style."""
    found = re.search(
        rf'(<w:style [^>]*w:type="paragraph"[^>]*>\s*<w:name w:val="{re.escape(name)}"\s*/>)'
        r"(.*?)(</w:style>)",
        styles,
        flags=re.S | re.I,
    )
    if found is not None:
        kept = "".join(re.findall(r"<w:(?:basedOn|next|uiPriority|qFormat|link)[^>]*/>", found[2]))
        return styles[: found.start()] + found[1] + kept + look + found[3] + styles[found.end() :]
    ident = _IDS.get(name, name.title().replace(" ", ""))
    added = (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{ident}"><w:name '
        f'w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/>{look}</w:style>'
    )
    return styles.replace("</w:styles>", f"{added}</w:styles>")


def _properties(document: Document) -> str:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties '
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(document.title)}</dc:title>"
        f"<dc:creator>{escape(document.organisation)}</dc:creator>"
        f"<dc:language>{document.language}</dc:language>"
        f"<cp:category>{escape(document.marking)}</cp:category>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{at}</dcterms:created>'
        "</cp:coreProperties>"
    )
