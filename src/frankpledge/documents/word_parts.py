"""The parts of a Word file that pandoc does not write: styles, header, footer, contents."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

import pypandoc

from frankpledge.documents.tree import SYNTHETIC_NOTICE, Document, row_headers

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_NAMESPACES = f'xmlns:w="{_W}" xmlns:r="{_R}"'
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_BLUE, _INK, _GREY, _RULE, _PALE = "12436D", "0B0C0C", "505A5F", "B1B4B6", "EEF2F6"
# A page break directly before a styled paragraph, which would leave an empty line above it.
_BREAK_BEFORE = re.compile(
    r'<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    r"(\s*(?:<w:bookmark(?:Start|End)[^>]*/>\s*)*(?:<w:sdt>.*?<w:sdtContent>)?"
    r"<w:p><w:pPr><w:pStyle [^>]*/>)"
)
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
# A4 with 25 mm margins, in twentieths of a point
_PAGE = (
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1700" w:right="1417" w:bottom="1417" '
    'w:left="1417" w:header="680" w:footer="620" w:gutter="0"/>'
)
_TEXT_WIDTH = 11906 - 2 * 1417
_NEXT_LINE = "<w:r><w:br/></w:r>"
_FOOTER_FITS = 85  # characters beside the page number
_PARTS = ("header1", "footer1", "header2", "footer2")  # the last two are the cover's


def reference(document: Document) -> bytes:
    """pandoc's reference file with our styles, header, footer and page in it."""
    with zipfile.ZipFile(io.BytesIO(_pandoc_reference())) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["word/styles.xml"] = _styles(document.language).encode()
    parts["word/document.xml"] = _section().encode()
    header, footer = _header(document), _footer(document)
    blank = _part("ftr", '<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr></w:p>')
    for name, xml in zip(_PARTS, (header, footer, header, blank), strict=True):
        parts[f"word/{name}.xml"] = xml.encode()
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_MIME}.{name[:-1]}+xml"/>'
        for name in _PARTS
    )
    relations = "".join(
        f'<Relationship Id="{name}" Type="{_R}/{name[:-1]}" Target="{name}.xml"/>'
        for name in _PARTS
    )
    _insert(parts, "[Content_Types].xml", "</Types>", types)
    _insert(parts, "word/_rels/document.xml.rels", "</Relationships>", relations)
    return _zipped(parts)


def finished(made: bytes, document: Document) -> bytes:
    """pandoc's file with what it leaves out: properties, language, rows that stay whole."""
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts["docProps/core.xml"] = _core(document).encode()
    body = parts["word/document.xml"].decode()
    body = re.sub(r"<w:tr>(?!\s*<w:trPr>)", "<w:tr><w:trPr><w:cantSplit/></w:trPr>", body)
    body = re.sub(r"<w:trPr>(?!<w:cantSplit/>)", "<w:trPr><w:cantSplit/>", body)
    looks = iter(row_headers(document))
    body = re.sub("<w:tblLook [^>]*/>", lambda found: _look(found[0], next(looks)), body)
    body = _BREAK_BEFORE.sub(r"\1<w:pageBreakBefore/>", body)
    parts["word/document.xml"] = body.encode()
    settings = parts["word/settings.xml"].decode()
    language = f"<w:themeFontLang w:val={quoteattr(document.language)}/>"
    settings = re.sub(r"<w:themeFontLang[^>]*/>", language, settings)
    if "<w:compat>" not in settings:
        # Without this Word opens the file in "Compatibility Mode".
        mode = (
            '<w:compat><w:compatSetting w:name="compatibilityMode" '
            'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        )
        settings = re.sub(r"(<w:rsids|<m:mathPr)", rf"{mode}\1", settings, count=1)
    parts["word/settings.xml"] = settings.encode()
    return _zipped(parts)


def _look(look: str, row_headers: bool) -> str:
    """Which cells of a table are headers: its first row, and its first column where it says so."""
    first_row = 'w:firstRow="1"' in look
    value = 0x0600 + 0x20 * first_row + 0x80 * row_headers
    return (
        f'<w:tblLook w:val="{value:04X}" w:firstRow="{first_row:d}" w:lastRow="0" '
        f'w:firstColumn="{row_headers:d}" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    )


def contents_field(title: str, depth: int, entries: list[tuple[int, str, str]]) -> str:
    """A contents field whose entries stand in the file, so that Word shows them unasked.

    `entries` are level, words and bookmark. They carry no page numbers: those are Word's to
    know, and it adds them when the reader updates the field; until then each entry is a link.
    """
    heading = (
        f'<w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr>'
        f'<w:bookmarkStart w:id="99000" w:name="contents"/>{_run(title)}'
        f'<w:bookmarkEnd w:id="99000"/></w:p>'
    )
    opening = _field_start(f'TOC \\o "1-{depth}" \\h \\z \\u')
    rows = []
    for position, (level, words, bookmark) in enumerate(entries):
        rows.append(
            f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{opening if not position else ""}'
            f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{_run(words)}</w:hyperlink>'
            "</w:p>"
        )
    if not rows:
        rows = [f"<w:p>{opening}</w:p>"]
    closing = '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/>'
    return (
        f"<w:sdt><w:sdtPr>{gallery}</w:docPartObj></w:sdtPr><w:sdtContent>{heading}"
        f"{''.join(rows)}{closing}</w:sdtContent></w:sdt>"
    )


@lru_cache(maxsize=1)
def _pandoc_reference() -> bytes:
    pandoc = pypandoc.get_pandoc_path()
    asked = [pandoc, "--print-default-data-file", "reference.docx"]
    return subprocess.run(asked, capture_output=True, check=True).stdout  # noqa: S603


def _zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, data)
    return made.getvalue()


def _insert(parts: dict[str, bytes], name: str, before: str, xml: str) -> None:
    parts[name] = parts[name].decode().replace(before, xml + before).encode()


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _field_start(instruction: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


def _field(instruction: str) -> str:
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    return f"{_field_start(instruction)}{_run('1')}{end}"


def _part(tag: str, content: str) -> str:
    return f"{_XML}<w:{tag} {_NAMESPACES}>{content}</w:{tag}>"


def _header(document: Document) -> str:
    marking = f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{_run(document.marking)}</w:p>'
    notice = ""
    if document.synthetic:
        sides = "".join(
            f'<w:{side} w:val="single" w:sz="6" w:space="2" w:color="{_INK}"/>'
            for side in ("top", "left", "bottom", "right")
        )
        notice = (
            f'<w:p><w:pPr><w:pStyle w:val="Header"/><w:pBdr>{sides}</w:pBdr></w:pPr>'
            f"{_run(SYNTHETIC_NOTICE)}</w:p>"
        )
    return _part("hdr", marking + notice)


def _footer(document: Document) -> str:
    version = f"Version {document.version}" if document.version else ""
    words = " · ".join(p for p in (document.organisation, document.title, version) if p)
    pages = f"{_run('Page ')}{_field('PAGE')}{_run(' of ')}{_field('NUMPAGES')}"
    # Long words would push the page number off the line: then it gets a line of its own.
    between = _NEXT_LINE if len(words) > _FOOTER_FITS else ""
    return _part(
        "ftr",
        f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{_run(words)}{between}<w:r><w:tab/></w:r>'
        f"{pages}</w:p>",
    )


def _section() -> str:
    kinds = (("header", "default"), ("footer", "default"), ("header", "first"), ("footer", "first"))
    links = "".join(
        f'<w:{tag}Reference w:type="{kind}" r:id="{part}"/>'
        for (tag, kind), part in zip(kinds, _PARTS, strict=True)
    )
    return (
        f"{_XML}<w:document {_NAMESPACES}><w:body><w:p/><w:sectPr>{links}{_PAGE}"
        "<w:titlePg/></w:sectPr></w:body></w:document>"
    )


def _core(document: Document) -> str:
    def element(name: str, value: str) -> str:
        return f"<{name}>{escape(value)}</{name}>" if value else ""

    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        + element("dc:title", document.title)
        + element("dc:subject", document.subtitle)
        + element("dc:creator", document.organisation)
        + element("dc:language", document.language)
        + element("cp:category", document.marking)
        + element("cp:contentStatus", document.status_line)
        + element("cp:version", document.version)
        + "</cp:coreProperties>"
    )


# --- styles --------------------------------------------------------------------------------------


def _styles(language: str) -> str:
    lang = quoteattr(language)
    defaults = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" '
        f'w:eastAsia="Arial" w:cs="Arial"/><w:color w:val="{_INK}"/><w:sz w:val="24"/>'
        f'<w:szCs w:val="24"/><w:lang w:val={lang} w:eastAsia={lang} w:bidi="ar-SA"/></w:rPr>'
        '</w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="160" w:line="288" '
        'w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
    )
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{_TEXT_WIDTH}"/></w:tabs>'
    keep = "<w:keepNext/><w:keepLines/>"
    numbered_indent = '<w:ind w:left="709" w:hanging="709"/>'
    numbered_tab = '<w:tabs><w:tab w:val="left" w:pos="709"/></w:tabs>'
    box = f'<w:pBdr><w:left w:val="single" w:sz="36" w:space="8" w:color="{_BLUE}"/></w:pBdr>'
    box += f'<w:shd w:val="clear" w:color="auto" w:fill="{_PALE}"/>'
    top = f'<w:pBdr><w:top w:val="single" w:sz="16" w:space="8" w:color="{_BLUE}"/></w:pBdr>'
    base = f'<w:pBdr><w:bottom w:val="single" w:sz="36" w:space="10" w:color="{_BLUE}"/></w:pBdr>'
    styles = [
        _style("Normal", "Normal", based="", default=True),
        _style("BodyText", "Body Text"),
        _style("FirstParagraph", "First Paragraph", based="BodyText"),
        _style("Compact", "Compact", based="BodyText", para=_gap(0, 40, 259)),
        _style("Title", "Title", para=_gap(0, 200, 240), run=_font(76, _BLUE, bold=True)),
        _style("Subtitle", "Subtitle", para=_gap(0, 240), run=_font(34)),
        _style("CoverOrganisation", "Cover Organisation", para=base + _gap(1700, 900),
               run=_font(30, bold=True)),
        _style("CoverNotice", "Cover Notice", para=_gap(240, 240), run=_font(24, bold=True)),
        _style("CoverSpace", "Cover Space", para=_gap(1800, 0)),
        _style("NumberedParagraph", "Numbered Paragraph", based="BodyText",
               para=numbered_tab + _gap(120, 160) + numbered_indent),
        _style("Callout", "Callout", para=box + _gap(0, 160) + '<w:ind w:left="227"/>'),
        _style("CalloutTitle", "Callout Title",
               para="<w:keepNext/>" + box + _gap(240, 0) + '<w:ind w:left="227"/>',
               run=_font(24, _BLUE, bold=True)),
        _style("Contact", "Contact", para=top + _gap(480, 0)),
        _style("Caption", "caption", para=keep + _gap(240, 100), run=_font(24, bold=True)),
        _style("TableCaption", "Table Caption", based="Caption"),
        _style("ImageCaption", "Image Caption", based="Caption"),
        _style("Figure", "Figure", para=_gap(0, 120, 240)),
        _style("CaptionedFigure", "Captioned Figure", based="Figure"),
        _style("TableNote", "Table Note", para=_gap(80, 240), run=_font(20, _GREY)),
        _style("TableEnd", "Table End", run=_font(2),
               para='<w:spacing w:before="0" w:after="240" w:line="20" w:lineRule="exact"/>'),
        _style("Header", "header", para='<w:spacing w:after="60" w:line="240" w:lineRule="auto"/>'
               '<w:jc w:val="center"/>', run=_font(19, bold=True)),
        _style("Footer", "footer", para=tabs + _gap(0, 0, 240), run=_font(18, _GREY)),
        _style("TOCHeading", "TOC Heading", para=keep + _gap(0, 280), run=_font(44, _BLUE, True)),
        _style("TOC1", "toc 1", para=tabs + _gap(140, 30), run=_font(24, bold=True)),
        *(_style(f"TOC{n}", f"toc {n}", para=tabs + _gap(0, 30) + f'<w:ind w:left="{227 * n}"/>')
          for n in (2, 3, 4)),
        *(_style(f"Heading{n}", f"heading {n}", following="BodyText", run=_font(size, colour, True),
                 para=keep + _gap(before, after, 252) + f'<w:outlineLvl w:val="{n - 1}"/>')
          for n, size, colour, before, after in (
              (1, 44, _BLUE, 480, 240), (2, 31, _BLUE, 400, 160),
              (3, 26, _BLUE, 320, 120), (4, 24, _INK, 280, 100))),
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>',
        '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr>'
        f'<w:color w:val="{_BLUE}"/><w:u w:val="single"/></w:rPr></w:style>',
        _table_style(),
    ]  # fmt: skip
    return f"{_XML}<w:styles {_NAMESPACES}>{defaults}{''.join(styles)}</w:styles>"


def _style(
    style_id: str,
    name: str,
    *,
    based: str = "Normal",
    following: str = "",
    para: str = "",
    run: str = "",
    default: bool = False,
) -> str:
    mark = ' w:default="1"' if default else ""
    parts = [
        f'<w:basedOn w:val="{based}"/>' if based else "",
        f'<w:next w:val="{following}"/>' if following else "",
        "<w:qFormat/>",
        f"<w:pPr>{para}</w:pPr>" if para else "",
        f"<w:rPr>{run}</w:rPr>" if run else "",
    ]
    return (
        f'<w:style w:type="paragraph"{mark} w:styleId="{style_id}"><w:name w:val="{name}"/>'
        f"{''.join(parts)}</w:style>"
    )


def _gap(before: int, after: int, line: int = 0) -> str:
    """Space above and below, and line height, in twentieths of a point and 240ths of a line."""
    height = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{before}" w:after="{after}"{height}/>'


def _font(size: int, colour: str = _INK, bold: bool = False) -> str:
    """Character properties; `size` in half points."""
    weight = "<w:b/><w:bCs/>" if bold else ""
    return f'{weight}<w:color w:val="{colour}"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'


def _table_style() -> str:
    def edge(side: str, size: int, colour: str) -> str:
        return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'

    borders = edge("bottom", 4, _RULE) + edge("insideH", 4, _RULE)
    margins = "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", 50), ("left", 60), ("bottom", 50), ("right", 90))
    )
    return (
        '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/>'
        f"<w:rPr>{_font(22)}</w:rPr><w:tblPr><w:tblBorders>{borders}</w:tblBorders>"
        f'<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr><w:tblStylePr w:type="firstRow">'
        f"<w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:tcBorders>{edge('bottom', 12, _BLUE)}"
        '</w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
    )
