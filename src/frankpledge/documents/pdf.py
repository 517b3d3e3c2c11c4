"""The document as an accessible PDF (PDF/UA-1, tagged), set by Typst in Source Sans 3."""

from __future__ import annotations

import io
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf
import typst

from frankpledge.documents.settle import settle
from frankpledge.documents.tree import (
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
    row_headers,
    spans_of,
)

Node = dict[str, Any]

TEMPLATE = Path(__file__).with_name("template.typ").read_bytes()
FONT_PACKAGE = Path("node_modules", "@expo-google-fonts", "source-sans-3")
_FACES = ("400Regular", "400Regular_Italic", "600SemiBold", "600SemiBold_Italic", "700Bold")
_PNG = b"""#set page(width: auto, height: auto, margin: 0pt, fill: white)
#set text(font: "Source Sans 3")
#image(bytes(sys.inputs.svg), format: "svg", width: 17cm)"""
_LONG_WORD = re.compile(r"\S{25,}")
_BREAK_EVERY = 12
_LANDSCAPE_FROM = 9  # columns
_PART = 120  # rows


class FontsMissing(DocumentError):
    """The Source Sans 3 fonts are not where they are looked for."""


def to_pdf(document: Document, *, fonts: Path | None = None) -> bytes:
    """The PDF/UA-1 file. `fonts` is a folder of Source Sans 3 TTFs.

    Without it, the folder named by FRANKPLEDGE_FONTS is used, else the one npm installed.
    Raises `DocumentError` as `settle` does, and `FontsMissing`.
    """
    settled = settle(document)
    settled = replace(settled, body=_in_parts(settled.body))
    data = json.dumps(_data(settled), ensure_ascii=False)
    return _with_row_headers(_compiled(data, font_folder(fonts)), settled)


def to_png(svg: str, *, fonts: Path | None = None, ppi: float = 220) -> bytes:
    """A picture of an SVG drawing, 17 cm wide, for programs that cannot show SVG."""
    faces = _fonts(font_folder(fonts), False)
    made = typst.compile(_PNG, format="png", ppi=ppi, font_paths=faces, sys_inputs={"svg": svg})
    assert isinstance(made, bytes)
    return made


def font_folder(given: Path | None = None) -> Path:
    """The folder that holds the Source Sans 3 TTFs; raises `FontsMissing`."""
    named = os.environ.get("FRANKPLEDGE_FONTS")
    places = [given] if given else [Path(named)] if named else list(_installed())
    for place in places:
        if any(place.rglob("SourceSans3*.ttf")):
            return place
    looked = str(places[0]) if given or named else str(FONT_PACKAGE)
    raise FontsMissing(
        f"The Source Sans 3 fonts are not in {looked}. Run `npm ci`, or set FRANKPLEDGE_FONTS "
        "to the folder that holds their TTF files."
    )


def _installed() -> Iterator[Path]:
    yield Path.cwd() / FONT_PACKAGE
    for folder in Path(__file__).resolve().parents:
        yield folder / FONT_PACKAGE


@lru_cache(maxsize=8)
def _fonts(folder: Path, system_fonts: bool) -> typst.Fonts:
    chosen = [folder / face for face in _FACES if (folder / face).is_dir()]
    return typst.Fonts(include_system_fonts=system_fonts, font_paths=chosen or [folder])


def _compiled(data: str, folder: Path) -> bytes:
    """Compile; characters our fonts lack come from the machine's fonts, or are spelt out.

    PDF/UA forbids a character that has no shape, so one that no font can draw is named.
    """
    try:
        return _compile(data, _fonts(folder, False))
    except typst.TypstError as error:
        if not _missing(error):
            raise _failure(error) from error
    for _ in range(5):
        try:
            return _compile(data, _fonts(folder, True))
        except typst.TypstError as error:
            missing = _missing(error)
            if not missing:
                raise _failure(error) from error
            for characters in sorted(missing, key=len, reverse=True):
                data = data.replace(characters, _named(characters))
    raise DocumentError("The PDF cannot be made: it holds characters that no font can show.")


def _compile(data: str, fonts: typst.Fonts) -> bytes:
    made = typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=fonts,
        sys_inputs={"document": data},
        pdf_standards=["ua-1"],
    )
    assert isinstance(made, bytes)
    return made


def _missing(error: typst.TypstError) -> set[str]:
    found = re.findall(r'the text `"(.+?)"` could not be displayed', str(error.diagnostic))
    escaped = re.compile(r"\\u\{([0-9a-f]+)\}")
    return {escaped.sub(lambda code: chr(int(code[1], 16)), text) for text in found}


def _named(characters: str) -> str:
    shown = [c for c in characters if c not in "\u200d\ufe0e\ufe0f"]
    if not shown:
        return ""
    names = [unicodedata.name(c, "") for c in shown]
    return f"[{' '.join(names).lower() or 'character that cannot be shown'}]"


def _failure(error: typst.TypstError) -> DocumentError:
    return DocumentError(f"The PDF cannot be made: {str(error.message).strip()}.")


# --- long tables ---------------------------------------------------------------------------------


def _in_parts(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Long tables as several: Typst's time grows with the square of the rows of one table."""
    parted: list[Block] = []
    for block in blocks:
        if isinstance(block, TableBlock):
            parted += _parts(block)
        elif isinstance(block, Figure) and block.table:
            first, *others = _parts(block.table)
            parted += [replace(block, table=first), *others]
        elif isinstance(block, Callout):
            parted.append(replace(block, body=_in_parts(block.body)))
        else:
            parted.append(block)
    return tuple(parted)


def _parts(table: TableBlock) -> list[TableBlock]:
    count = len(table.rows)
    if count <= _PART * 3 // 2:
        return [table]
    return [
        replace(
            table,
            rows=table.rows[start : start + _PART],
            caption=f"{table.caption} "
            f"(rows {start + 1:,} to {min(start + _PART, count):,} of {count:,})",
            id=f"{table.id}-from-{start + 1}" if start else table.id,
            note=table.note if start + _PART >= count else (),
        )
        for start in range(0, count, _PART)
    ]


# --- row headers -------------------------------------------------------------------------------


def _with_row_headers(pdf: bytes, document: Document) -> bytes:
    """Tag the first cell of each row as the row's header where the document says it is one.

    Typst has no stable way to say so yet; the tags are right in every other respect.
    """
    wanted = row_headers(document)
    if not any(wanted):
        return pdf
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        tables = list(_elements(file.Root.StructTreeRoot, "/Table"))
        assert len(tables) == len(wanted), "every table of the tree is tagged once"
        for table, is_wanted in zip(tables, wanted, strict=True):
            for row in _elements(table, "/TR") if is_wanted else ():
                first = next(iter(_children(row)))
                if first.S == pikepdf.Name.TD:
                    first.S = pikepdf.Name.TH
                    scope = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)
                    first.A = scope
        # Packed objects make the file less than half as large, and are quicker to write.
        packed = pikepdf.ObjectStreamMode.generate
        file.save(made, deterministic_id=True, object_stream_mode=packed)
    return made.getvalue()


def _children(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    kids = element.get("/K")
    if kids is None:
        return
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid


def _elements(element: pikepdf.Object, kind: str) -> Iterator[pikepdf.Object]:
    for kid in _children(element):
        if kind == kid.S:
            yield kid
        else:
            yield from _elements(kid, kind)


# --- what the template reads -----------------------------------------------------------------


def _data(document: Document) -> Node:
    language, _, region = document.language.partition("-")
    version = f"Version {document.version}" if document.version else ""
    footer = [document.organisation, document.title, version]
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "organisation": document.organisation,
        "marking": document.marking,
        "lang": language,
        "region": region,
        "synthetic": document.synthetic,
        "notice": SYNTHETIC_NOTICE,
        "footer": " · ".join(part for part in footer if part),
        "facts": [[name, _spans(value)] for name, value in cover_facts(document)],
        "body": _nodes(document.body),
        "contact": _spans(document.contact),
    }


def _nodes(blocks: tuple[Block, ...]) -> list[Node]:
    nodes = []
    under_number = False
    for block in blocks:
        node = _node(block)
        # Lists that follow a numbered paragraph belong to it and stand under its text.
        if isinstance(block, Bullets | Numbered):
            node["under_number"] = under_number
        else:
            under_number = isinstance(block, Paragraph) and block.number != ""
        nodes.append(node)
    return nodes


def _node(block: Block) -> Node:
    match block:
        case Heading():
            words = f"{block.number} {block.text}".strip()
            return {"kind": "heading", "level": block.level, "text": words, "id": block.id}
        case Paragraph():
            return {"kind": "paragraph", "number": block.number, "spans": _spans(block.spans)}
        case Bullets() | Numbered():
            return _items(block)
        case TableBlock():
            return _table(block)
        case Figure():
            return {
                "kind": "figure",
                "svg": block.svg,
                "alt": block.alt,
                "caption": f"{block.number}: {block.caption}",
                "id": block.id,
                "note": _spans(block.note),
                "table": _table(block.table) if block.table else None,
            }
        case Callout():
            body = _nodes(block.body)
            long = len(json.dumps(body)) > 3_000
            return {"kind": "callout", "title": block.title, "body": body, "long": long}
        case KeyValues():
            return {"kind": "facts", "items": [[k, _spans(v)] for k, v in block.items]}
        case Contents():
            return {"kind": "contents", "title": block.title, "depth": block.depth}
        case PageBreak():
            return {"kind": "break"}


def _spans(text: Text) -> list[Node]:
    nodes = []
    for span in spans_of(text):
        node: Node = {"text": breakable(span.text)}
        if span.strong:
            node["strong"] = True
        if span.emphasis:
            node["emphasis"] = True
        if span.href:
            node["href"] = span.href
        nodes.append(node)
    return nodes


def breakable(text: str) -> str:
    """Text in which very long words may break, so that they do not run off the page."""
    return _LONG_WORD.sub(lambda found: _with_breaks(found.group()), text)


def _with_breaks(word: str) -> str:
    parts, since = [], 0
    for position, character in enumerate(word):
        joined = unicodedata.combining(character) or character in "\u200d\ufe0f"
        if since >= _BREAK_EVERY and not joined and word[position - 1] != "\u200d":
            parts.append("\u200b")
            since = 0
        parts.append(character)
        since += 1
    return "".join(parts)


def _items(block: Bullets | Numbered) -> Node:
    items = []
    for item in map(item_of, block.items):
        node: Node = {"spans": _spans(item.spans)}
        if item.nested:
            node["nested"] = _items(item.nested)
        items.append(node)
    if isinstance(block, Numbered):
        return {"kind": "numbered", "start": block.start, "items": items, "under_number": False}
    return {"kind": "bullets", "items": items, "under_number": False}


def _table(block: TableBlock) -> Node:
    columns = len(block.columns)
    whole_up_to = 900 // columns
    words = sum(len(cell_text(cell)) for row in block.rows for cell in row)
    return {
        "kind": "table",
        "id": block.id,
        "caption": f"{block.number}: {block.caption}" if block.number else block.caption,
        "columns": [breakable(column) for column in block.columns],
        "rows": [[_cell(cell, whole_up_to) for cell in row] for row in block.rows],
        "align": list(block.align),
        "weights": column_weights(block),
        "header_column": block.header_column,
        "note": _spans(block.note),
        "size": 11.5 if columns <= 4 else 10.5 if columns <= 6 else 9,
        "together": len(block.rows) <= 14 and words < 1_400,
        "landscape": columns >= _LANDSCAPE_FROM,
    }


def _cell(cell: CellContent, whole_up_to: int) -> Node:
    node: Node = _items(cell) if isinstance(cell, Bullets) else {"spans": _spans(cell)}
    node["whole"] = len(cell_text(cell)) <= whole_up_to
    return node


def column_weights(block: TableBlock) -> list[float]:
    """Relative widths: figures need their longest entry, words about the root of their length."""
    weights = []
    for position, column in enumerate(block.columns):
        lengths = sorted(_line_length(row[position]) for row in block.rows) or [0]
        header = max((len(word) for word in column.split()), default=1) + 2
        if block.align[position] == "right":
            weights.append(float(min(max(lengths[-1], header, 5), 16)))
        else:
            typical = min(lengths[len(lengths) * 9 // 10], 80)
            weights.append(float(max(header, min(typical + 1, 14 + typical**0.5 * 4), 5)))
    return weights


def _line_length(cell: CellContent) -> int:
    """Characters of a cell; of a list, those of its longest point."""
    if isinstance(cell, Bullets):
        return max((len(cell_text(Bullets((item,)))) for item in cell.items), default=0)
    return len(cell_text(cell))
