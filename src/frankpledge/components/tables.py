"""List pages: declared columns, sorting, filtering, pages and downloads, all in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from frankpledge.components import exports
from frankpledge.components.fields import pounds
from frankpledge.components.forms import Form
from frankpledge.core import clock

NUMERIC = {"count", "number", "rate", "percent", "money"}


@dataclass(frozen=True)
class Column:
    """One column. `key` names an attribute or dictionary key of the row, dots allowed, unless
    `value` works it out. `sort` is what the database orders by; a list of rows sorts by value.
    """

    key: str
    label: str
    kind: str = "text"
    sort: str = ""
    value: Callable[[Any], Any] | None = None
    url: Callable[[Any], str] | None = None
    colour: Callable[[Any], str] | None = None
    about: Callable[[Any], Any] | None = None  # completes a link's words for screen readers

    def of(self, row: Any) -> Any:
        if self.value is not None:
            return self.value(row)
        found = row
        for part in self.key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
        return found() if callable(found) else found

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC


@dataclass(frozen=True)
class Cell:
    column: Column
    text: str
    url: str = ""
    colour: str = ""
    about: str = ""


@dataclass(frozen=True)
class Head:
    column: Column
    url: str = ""
    direction: str = ""


class Filter(Form):
    """The form beside a list. Nothing in it is required; it works by GET."""

    says_optional = False

    def __init__(self, data: QueryDict, **rest: Any) -> None:
        super().__init__(data, auto_id="filter_%s", **rest)
        self.address = data
        for field in self.fields.values():
            field.required = False

    @property
    def values(self) -> dict[str, Any]:
        """What was asked for, by field name; nothing for what was left empty or is not clear."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What is filtered on, each with the address without it."""
        self.is_valid()
        filled = [
            answer
            for answer in self.answers()
            if self.cleaned_data.get(answer.name) not in (None, "", [], False)
        ]
        return [
            (f"{answer.label}: {answer.text}", f"?{self._without(answer.name).urlencode()}")
            for answer in filled
        ]

    @property
    def clear_url(self) -> str:
        return f"?{self._without(*self.fields).urlencode()}"

    @property
    def carried_along(self) -> list[tuple[str, str]]:
        """The rest of the address (order, choices of the page), kept when the filter is applied."""
        kept = self._without(*self.fields)
        return [(key, value) for key in kept for value in kept.getlist(key)]

    def _without(self, *names: str) -> QueryDict:
        kept = self.address.copy()
        for key in list(kept):
            if key in {*names, "page", "download"} or key.rsplit("-", 1)[0] in names:
                del kept[key]
        return kept


@dataclass(frozen=True)
class Pages:
    number: int
    count: int
    address: QueryDict

    @property
    def several(self) -> bool:
        return self.count > 1

    def url(self, number: int) -> str:
        changed = self.address.copy()
        changed["page"] = str(number)
        return f"?{changed.urlencode()}"

    @property
    def previous_url(self) -> str:
        return self.url(self.number - 1) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        return self.url(self.number + 1) if self.number < self.count else ""

    @property
    def window(self) -> list[tuple[int, str]]:
        """First, last, and those around this one; 0 stands for a gap of two or more."""
        near = {1, self.count, self.number - 1, self.number, self.number + 1}
        shown = sorted(n for n in near if 1 <= n <= self.count)
        found: list[tuple[int, str]] = []
        before = 0
        for number in shown:
            if number - before == 2:
                found.append((before + 1, self.url(before + 1)))
            elif number - before > 2:
                found.append((0, ""))
            found.append((number, self.url(number)))
            before = number
        return found


class Table:
    """Declare a subclass: caption and columns at least. The first column names the row."""

    caption = ""
    shows_caption = False  # most lists stand right under a heading that says the same
    columns: tuple[Column, ...] = ()
    default_sort = ""
    per_page = 25
    noun = "row"
    nouns = ""
    empty = "There is nothing here yet."
    empty_filtered = "Nothing matches. Remove a filter to see more."
    downloadable = True
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __init__(
        self,
        address: QueryDict,
        rows: QuerySet[Any] | Sequence[Any],
        *,
        filter: Filter | None = None,
        marking: str = "",
    ) -> None:
        self.address = address
        self.filter = filter
        self.marking = marking
        self.sort = self._asked_sort()
        self.rows = self._sorted(rows)
        self._page = Paginator(self.rows, self.per_page).get_page(address.get("page"))

    # Sorting

    def _asked_sort(self) -> str:
        asked = self.address.get("sort", "")
        known = {column.key for column in self.columns if column.sort}
        return asked if asked.removeprefix("-") in known else self.default_sort

    def _sorted(self, rows: Any) -> Any:
        column = next((c for c in self.columns if c.key == self.sort.removeprefix("-")), None)
        down = self.sort.startswith("-")
        if column is None:
            return rows
        if isinstance(rows, QuerySet):
            return rows.order_by(("-" if down else "") + column.sort, "pk")
        known = [row for row in rows if column.of(row) is not None]
        known.sort(key=column.of, reverse=down)
        return known + [row for row in rows if column.of(row) is None]

    def heads(self) -> list[Head]:
        return [
            Head(column, self._sort_url(column), self._direction(column)) for column in self.columns
        ]

    def _direction(self, column: Column) -> str:
        if column.key == self.sort:
            return "ascending"
        return "descending" if f"-{column.key}" == self.sort else ""

    def _sort_url(self, column: Column) -> str:
        if not column.sort:
            return ""
        changed = self.address.copy()
        changed.pop("page", None)
        changed["sort"] = f"-{column.key}" if self.sort == column.key else column.key
        return f"?{changed.urlencode()}"

    # What is shown

    @property
    def total(self) -> int:
        return self._page.paginator.count

    @property
    def counted(self) -> str:
        """How many, and which of them are on this page."""
        plural = self.nouns or f"{self.noun}s"
        said = f"{self.total:,} {self.noun if self.total == 1 else plural}"
        if self._page.paginator.num_pages < 2:
            return said
        return f"{self._page.start_index():,} to {self._page.end_index():,} of {said}"

    @property
    def pages(self) -> Pages:
        return Pages(self._page.number, self._page.paginator.num_pages, self.address)

    def body(self) -> list[list[Cell]]:
        return [[self._cell(column, row) for column in self.columns] for row in self._page]

    def _cell(self, column: Column, row: Any) -> Cell:
        return Cell(
            column,
            shown(column.of(row), column.kind),
            column.url(row) if column.url else "",
            column.colour(row) if column.colour else "",
            str(column.about(row)) if column.about else "",
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter and self.filter.chosen)

    # Downloads

    @property
    def downloads(self) -> list[tuple[str, str]]:
        if not self.downloadable or not self.total:
            return []
        changed = self.address.copy()
        changed.pop("page", None)
        found = []
        for label, kind in (("Download as CSV", "csv"), ("Download for Excel", "xlsx")):
            changed["download"] = kind
            found.append((label, f"?{changed.urlencode()}"))
        return found

    def sheet(self, *, made_on: date, synthetic: bool) -> exports.Sheet:
        """All the rows that the filter leaves, in the order shown."""
        chosen = self.filter.chosen if self.filter else []
        return exports.Sheet(
            title=self.caption,
            headings=tuple(exports.Heading(c.label, c.kind) for c in self.columns),
            rows=[[column.of(row) for column in self.columns] for row in self.rows],
            made_on=made_on,
            filtered="; ".join(said for said, _url in chosen),
            notes=self.notes,
            sources=self.sources,
            marking=self.marking,
            synthetic=synthetic,
        )

    def render(
        self,
        request: HttpRequest,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        synthetic: bool | None = None,
    ) -> HttpResponse:
        """The page, or the download its address asks for. The template calls `{% list_page %}`."""
        kind = self.address.get("download", "")
        if self.downloadable and kind in exports.KINDS:
            made_up = settings.EXAMPLE if synthetic is None else synthetic
            sheet = self.sheet(made_on=clock.today(), synthetic=made_up)
            return exports.response(sheet, kind)
        given = {"marking": self.marking, **(context or {}), "table": self}
        return render(request, template, given)


def shown(value: Any, kind: str) -> str:
    """A value as people read it in a cell."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime | date):
        return f"{value:%B %Y}" if kind == "month" else f"{value.day} {value:%B %Y}"
    if kind == "money" and isinstance(value, int):
        return pounds(value)
    if kind == "percent":
        return f"{value:.1f}%"
    if kind == "rate":
        return f"{value:,.1f}"
    return f"{value:,}" if kind in {"count", "number"} else str(value)
