"""A workbook to fill in for a contract: names, lists to choose from, checks, and instructions."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from frankpledge.contracts.model import Contract, Field, Kind
from frankpledge.contracts.workbooks import letters

DATA, CODES, HELP = "Return", "Codes", "How to fill this in"
_ROWS = 5000
_LONGEST_PROMPT, _LONGEST_TITLE = 255, 32
_FORMATS = {Kind.DATE: "yyyy-mm-dd", Kind.WHOLE: "0", Kind.NUMBER: "General", Kind.TIME: "hh:mm"}
_WRITTEN = {
    Kind.TEXT: "Text",
    Kind.MONTH: "A month, such as 2025-01",
    Kind.DATE: "A date, such as 2025-01-31",
    Kind.TIME: "A time, such as 14:30",
    Kind.MOMENT: "A date and time, such as 2025-01-31T14:30:00+00:00",
    Kind.NUMBER: "A number",
    Kind.WHOLE: "A whole number",
}


def template(contract: Contract) -> bytes:
    """The workbook as bytes (xlsx)."""
    import xlsxwriter  # a tenth of a second that no start should wait for

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        # The same contract gives the same bytes; XlsxWriter takes no date here, and no zone.
        book.set_properties({"title": contract.title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001
        _Template(book, contract).write()
    return made.getvalue()


class _Template:
    def __init__(self, book: Any, contract: Contract) -> None:
        self.book = book
        self.contract = contract
        self.heading = self.book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 2}
        )
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.code_columns: dict[str, int] = {}

    def write(self) -> None:
        data = self.book.add_worksheet(DATA)
        self._help()
        if any(each.codes for each in self.contract.fields):
            self._codes()
        self._data(data)
        data.activate()

    def _data(self, page: Any) -> None:
        fields = self.contract.fields
        for n, each in enumerate(fields):
            style = self.book.add_format({"num_format": _FORMATS.get(each.kind, "@")})
            page.set_column(n, n, max(14, min(40, len(each.header) + 4)), style)
            self._check(page, n, each)
        page.add_table(
            0,
            0,
            _ROWS,
            len(fields) - 1,
            {
                "name": "Data",
                "columns": [
                    {"header": each.header, "header_format": self.heading} for each in fields
                ],
                "style": "Table Style Light 1",
                "title": self.contract.title,
                "description": f"Rows of {self.contract.title}, column names in row 1.",
            },
        )
        page.freeze_panes(1, 0)
        page.set_landscape()
        page.repeat_rows(0)

    def _check(self, page: Any, column: int, each: Field) -> None:
        rules: dict[str, Any] = {
            "input_title": each.label[:_LONGEST_TITLE],
            "input_message": _prompt(each)[:_LONGEST_PROMPT],
            "error_title": "Not as agreed",
            "error_message": (each.remedy or _WRITTEN[each.kind])[:_LONGEST_PROMPT],
            "ignore_blank": True,
        }
        if each.codes:
            at = self.code_columns[each.name]
            letter = letters(at + 1)
            last = len(each.codes) + 1
            rules |= {"validate": "list", "source": f"={CODES}!${letter}$2:${letter}${last}"}
            if each.defined_by:  # another may be sent with its definition
                rules["error_type"] = "warning"
        elif each.kind is Kind.DATE:
            rules |= {"validate": "date", "criteria": ">=", "value": date(1990, 1, 1)}
        elif each.kind in (Kind.WHOLE, Kind.NUMBER):
            low = -1e12 if each.minimum is None else each.minimum
            high = 1e12 if each.maximum is None else each.maximum
            what = "integer" if each.kind is Kind.WHOLE else "decimal"
            numbers = (int(low), int(high)) if each.kind is Kind.WHOLE else (low, high)
            rules |= {"validate": what, "criteria": "between"}
            rules |= {"minimum": numbers[0], "maximum": numbers[1]}
        elif each.kind is Kind.MONTH:
            rules |= {"validate": "length", "criteria": "==", "value": len("2025-01")}
        else:
            rules |= {"validate": "any"}
        page.data_validation(1, column, _ROWS, column, rules)

    def _codes(self) -> None:
        page = self.book.add_worksheet(CODES)
        at = 0
        for each in self.contract.fields:
            if not each.codes:
                continue
            self.code_columns[each.name] = at
            for n, text in enumerate((each.header, "Meaning")):
                page.write_string(0, at + n, text, self.heading)
            for row, code in enumerate(each.codes, start=1):
                page.write_string(row, at, code.value)
                page.write_string(row, at + 1, code.label, self.wrapped)
            page.set_column(at, at, 34)
            page.set_column(at + 1, at + 1, 50)
            at += 3
        page.freeze_panes(1, 0)

    def _help(self) -> None:
        page = self.book.add_worksheet(HELP)
        contract = self.contract
        page.set_column(0, 0, 28)
        page.set_column(1, 3, 44)
        page.write_string(0, 0, contract.title, self.title)
        lines = (
            contract.description,
            f"1. Fill in the sheet {DATA}. Each row is one record. Leave row 1 as it is.",
            "2. Choose from the list where a cell offers one. What each code means is on the "
            f"sheet {CODES}.",
            "3. Paste values only, so that formats and lists stay.",
            "4. Leave no totals, notes or hidden rows among the data.",
            "5. Take out names, full postcodes, dates of birth, and phone or NHS numbers.",
            "6. Save as an Excel workbook (.xlsx) and send it.",
            f"Contract {contract.key}, version {contract.version}.",
        )
        for row, line in enumerate(lines, start=2):
            page.merge_range(row, 0, row, 3, line, self.wrapped)
            page.set_row(row, 15 * (1 + len(line) // 130))
        top = len(lines) + 4
        names = ("Column", "What it holds", "How it is written", "Needed")
        rows = [(each.header, _about(each), _how(each), _need(each)) for each in contract.fields]
        page.add_table(
            top,
            0,
            top + len(rows),
            3,
            {
                "name": "Columns",
                "columns": [{"header": each} for each in names],
                "data": rows,
                "style": "Table Style Light 1",
                "autofilter": False,
                "title": "Columns of the return",
                "description": "Each column, what it holds, how it is written and if it is needed.",
            },
        )
        for row, texts in enumerate(rows, start=top + 1):
            page.set_row(row, 15 * (1 + max(len(each) // 42 for each in texts)), self.wrapped)


def _about(each: Field) -> str:
    return each.description or each.label


def _how(each: Field) -> str:
    if each.codes:
        return f"One of the list on the sheet {CODES}"
    return f"{_WRITTEN[each.kind]}{f' ({each.unit})' if each.unit else ''}. {each.remedy}".strip()


def _need(each: Field) -> str:
    return "Yes" if each.required else "No"


def _prompt(each: Field) -> str:
    return f"{_WRITTEN[each.kind]}. {_about(each)}" if not each.codes else _about(each)
