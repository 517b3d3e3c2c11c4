"""Workbooks of Excel since 2007: XML files in a zip, read as a stream, nothing unpacked."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from datetime import date, datetime
from typing import IO
from xml.parsers import expat

from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.workbooks.cells import (
    PLAIN,
    Filling,
    Format,
    Sheet,
    Value,
    Wrong,
    column_number,
    damaged,
    has_macros,
    number,
    number_format,
)

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})$")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ON = ("1", "true")
_MOST_FORMATS = 100_000

Attributes = dict[str, str]


class Markup:
    """Walks one XML file: `opened` and `closed` get local names. Refuses document types."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self.text.append
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self, file: IO[bytes]) -> None:
        """Raises Unreadable where it is no XML."""
        try:
            self._parser.ParseFile(file)
        except (expat.ExpatError, ValueError, LookupError, OverflowError):
            raise damaged(self.name) from None

    def opened(self, tag: str, given: Attributes) -> None:
        raise NotImplementedError

    def closed(self, tag: str) -> None:
        """The end of an element; `text` is what stood in it since it was last cleared."""

    def _open(self, tag: str, given: Attributes) -> None:
        self.opened(tag.rpartition(":")[2], given)

    def _close(self, tag: str) -> None:
        self.closed(tag.rpartition(":")[2])

    def _refuse(self, *_: object) -> None:
        raise damaged(self.name)


class _Workbook(Markup):
    """The sheets in order with the relation that names their file, and the date system."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.sheets: list[tuple[str, bool, str]] = []
        self.from_1904 = False

    def opened(self, tag: str, given: Attributes) -> None:
        if tag == "workbookPr":
            self.from_1904 = given.get("date1904", "") in _ON
        elif tag == "sheet":
            relation = next((v for k, v in given.items() if k.rpartition(":")[2] == "id"), "")
            hidden = given.get("state", "visible") != "visible"
            self.sheets.append((given.get("name", ""), hidden, relation))


class _Relations(Markup):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.targets: dict[str, tuple[str, str]] = {}

    def opened(self, tag: str, given: Attributes) -> None:
        if tag == "Relationship":
            kind = given.get("Type", "").rpartition("/")[2]
            self.targets[given.get("Id", "")] = (kind, given.get("Target", ""))


class _Styles(Markup):
    """The format of each style of a cell."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.formats: list[Format] = []
        self._codes: dict[int, str] = {}
        self._inside = False

    def opened(self, tag: str, given: Attributes) -> None:
        if tag == "numFmt":
            self._codes[int(given.get("numFmtId", "0"))] = given.get("formatCode", "")
        elif tag == "cellXfs":
            self._inside = True
        elif tag == "xf" and self._inside and len(self.formats) < _MOST_FORMATS:
            which = int(given.get("numFmtId", "0"))
            self.formats.append(number_format(which, self._codes.get(which)))

    def closed(self, tag: str) -> None:
        if tag == "cellXfs":
            self._inside = False


class _Texts(Markup):
    """The texts that cells share."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._phonetic = False

    def opened(self, tag: str, given: Attributes) -> None:
        self.text.clear()
        if tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._phonetic = True

    def closed(self, tag: str) -> None:
        if tag == "t" and not self._phonetic:
            self._pieces.append("".join(self.text))
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self.texts.append(_unescaped("".join(self._pieces)))
        self.text.clear()


class _Cells(Markup):
    """One sheet's cells into what is being filled."""

    def __init__(
        self, filling: Filling, texts: list[str], formats: list[Format], *, from_1904: bool
    ) -> None:
        super().__init__(filling.name)
        self._filling, self._sheet = filling, filling.sheets[-1]
        self._texts, self._formats, self._from_1904 = texts, formats, from_1904
        self._row = self._column = 0
        self._kind, self._style = "n", 0
        self._value: str | None = None
        self._inline: list[str] = []
        self._formula = self._phonetic = False

    def opened(self, tag: str, given: Attributes) -> None:
        if tag == "c":
            self._start(given)
        elif tag == "v" or tag == "t":
            self.text.clear()
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            self._row = int(given.get("r", self._row + 1))
            self._column = 0
            if given.get("hidden") in _ON:
                self._sheet.hidden_rows.add(self._row)
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "col" and given.get("hidden") in _ON:
            self._sheet.hidden_columns.append((int(given["min"]), int(given["max"])))
        elif tag == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            (top, left), (bottom, right) = self._place(first), self._place(last or first)
            self._filling.merge(top, left, bottom, right)

    def _start(self, given: Attributes) -> None:
        self._column += 1
        if "r" in given:
            self._row, self._column = self._place(given["r"])
        self._kind, self._style = given.get("t", "n"), int(given.get("s", 0))
        self._value, self._inline, self._formula = None, [], False

    def _place(self, reference: str) -> tuple[int, int]:
        found = _CELL.match(reference)
        if not found:
            raise damaged(self.name)
        return int(found[2]), column_number(found[1])

    def closed(self, tag: str) -> None:
        if tag == "v":
            self._value = "".join(self.text)
        elif tag == "t" and not self._phonetic:
            self._inline.append("".join(self.text))
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "c":
            self._filling.put(self._row, self._column, self._made())
        if len(self.text) > 1000:
            self.text.clear()

    def _made(self) -> Value:
        text = self._value
        if self._kind == "inlineStr":
            return _unescaped("".join(self._inline))
        if text is None or (text == "" and self._formula and self._kind != "str"):
            return Wrong("") if self._formula else None
        match self._kind:
            case "s":
                return self._texts[int(text)]
            case "str":
                return _unescaped(text)
            case "b":
                return text.strip() in _ON
            case "e":
                return Wrong(text.strip()[:20] or "#ERROR!")
            case "d":
                return _iso(text)
        if not text.strip():
            return None
        known = 0 <= self._style < len(self._formats)
        format = self._formats[self._style] if known else PLAIN
        return number(float(text), format, from_1904=self._from_1904)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _iso(text: str) -> date | str:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return found.date() if "T" not in text else found.replace(tzinfo=None)


def sheets(raw: bytes, name: str, *, most: int) -> tuple[Sheet, ...]:
    """The sheets of a workbook. Raises Unreadable where it is damaged or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            return _sheets(_Package(packed, name), Filling(name, most))
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
        ValueError, KeyError, IndexError, OverflowError,
    ):  # fmt: skip
        raise damaged(name) from None


class _Package:
    """The files of the zip by name, whatever case their names are in."""

    def __init__(self, packed: zipfile.ZipFile, name: str) -> None:
        self._packed, self.name = packed, name
        self._names = {each.filename.casefold(): each for each in packed.infolist()}

    def walk(self, path: str, markup: Markup) -> bool:
        entry = self._names.get(path.casefold())
        if entry is None:
            return False
        with self._packed.open(entry) as opened:
            markup.read(opened)
        return True

    def relations(self, path: str) -> dict[str, tuple[str, str]]:
        folder, _, file = path.rpartition("/")
        found = _Relations(self.name)
        self.walk(f"{folder}/_rels/{file}.rels".lstrip("/"), found)
        return {
            key: (kind, posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/"))
            for key, (kind, target) in found.targets.items()
        }


def _sheets(package: _Package, filling: Filling) -> tuple[Sheet, ...]:
    name = package.name
    main = _first(package.relations(""), "officeDocument") or "xl/workbook.xml"
    book = _Workbook(name)
    if not package.walk(main, book) or not book.sheets:
        raise damaged(name)
    relations = package.relations(main)
    texts, styles = _Texts(name), _Styles(name)
    for kind, markup in (("sharedStrings", texts), ("styles", styles)):
        package.walk(_first(relations, kind), markup)
    for title, hidden, relation in book.sheets:
        kind, path = relations.get(relation, ("", ""))
        if kind != "worksheet":  # a chart or a macro's sheet
            continue
        filling.start(Sheet(title, hidden, from_1904=book.from_1904))
        cells = _Cells(filling, texts.texts, styles.formats, from_1904=book.from_1904)
        if not package.walk(path, cells):
            raise damaged(name)
    return filling.finish()


def _first(relations: dict[str, tuple[str, str]], kind: str) -> str:
    return next((path for each, path in relations.values() if each == kind), "")


def refused(names: list[str], name: str) -> Unreadable | None:
    """Why an Office file of these parts is not read, or nothing where it is a plain workbook."""
    lowered = [each.casefold() for each in names]
    if any(each.endswith("vbaproject.bin") for each in lowered):
        return has_macros(name)
    if any(each.startswith("xl/workbook.bin") for each in lowered):
        what, remedy = "a binary workbook (.xlsb)", "Save it as an Excel workbook (.xlsx)."
    elif any(each.startswith("word/") for each in lowered):
        what, remedy = "a Word file", "Send the data as a workbook or as CSV."
    elif any(each.startswith("ppt/") for each in lowered):
        what, remedy = "a presentation", "Send the data as a workbook or as CSV."
    else:
        return None
    return Unreadable(f"{name} is {what}, whatever its name says.", remedy, name)
