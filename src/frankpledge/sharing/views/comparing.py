"""What changed between a return and the version it takes the place of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from frankpledge.access.audit import looked
from frankpledge.access.decisions import Refused
from frankpledge.components.fields import Select
from frankpledge.components.tables import Column, Filter, Table, shown
from frankpledge.core import clock
from frankpledge.sharing.actions import uses
from frankpledge.sharing.queries import comparing as queries
from frankpledge.sharing.queries.comparing import ComparingPage, label
from frankpledge.sharing.store import DifferenceLines, Line
from frankpledge.sharing.store.comparing import ADDED, CHANGED, GONE
from frankpledge.sharing.views.results import MARKING, trail

_WORDS = {CHANGED: "Changed", ADDED: "Added", GONE: "Gone"}
_COLOURS = {CHANGED: "yellow", ADDED: "green", GONE: "red"}
LONGEST_FILE = 200_000


class ChangeFilter(Filter):
    kind = Select(label="What happened", choices=list(_WORDS.items()), empty="Anything")


class ChangeTable(Table):
    caption, noun, per_page = "Rows that are not the same", "row", 50
    empty = "Every row is the same in both versions."

    def __init__(self, request: HttpRequest, page: ComparingPage) -> None:
        contract = page.contract
        key = contract.key_fields if page.key else ()

        def cells(line: Line, values: dict[str, Any] | None) -> str:
            if values is None:
                return ""
            given = [each for each in values if each not in key and values[each] is not None]
            chosen = line.changed or given
            return "; ".join(f"{label(contract, each)}: {_text(values[each])}" for each in chosen)

        def which(line: Line) -> str:
            values = line.after or line.before or {}
            return "; ".join(f"{label(contract, each)}: {_text(values[each])}" for each in key)

        self.columns = (
            Column(
                "kind",
                "What happened",
                value=lambda line: _WORDS[line.kind],
                colour=lambda line: _COLOURS[line.kind],
            ),
            *([Column("row", "Row", value=which)] if key else []),
            Column("before", "Before", value=lambda line: cells(line, line.before)),
            Column("after", "Now", value=lambda line: cells(line, line.after)),
        )
        self.notes = (
            f"{page.submission.file_name} against what counted before it for the same months.",
            _matched(page),
        )
        filters = ChangeFilter(request.GET)
        lines: Any = []
        if page.difference is not None:
            lines = DifferenceLines(page.difference, kind=filters.values.get("kind", ""))
        super().__init__(request.GET, lines, filter=filters, marking=MARKING)
        self.downloadable = self.total <= LONGEST_FILE


def _text(value: Any) -> str:
    return "empty" if value is None else shown(value, "text")


def _matched(page: ComparingPage) -> str:
    if page.key:
        return (
            f"Two rows are the same one where {' and '.join(page.key)} agree. "
            "A row whose key is empty, or that another row has too, is added or gone."
        )
    return (
        "Nothing in this data says which row is which. So whole rows are compared: "
        "a row that changed is one that is gone and one that is added."
    )


def submission_changes(request: HttpRequest, key: Any) -> HttpResponse:
    page = queries.comparing_page(actor=request.actor, key=key)
    sent = page.submission
    kind = request.GET.get("download", "")
    if kind and not page.may_read:
        raise Refused(page.may_read)
    context = {
        "page": page,
        "sent": sent,
        "matched": _matched(page),
        "longest_file": LONGEST_FILE,
        "breadcrumbs": trail((sent.file_name, reverse("submission", args=[sent.pk]))),
    }
    if not page.may_read or page.difference is None:
        return render(request, "sharing/changes.html", {**context, "marking": MARKING})
    looked(
        actor=request.actor,
        record=sent,
        reason="Downloaded the rows that changed." if kind else "Read the rows that changed.",
        now=clock.now(),
    )
    table = ChangeTable(request, page)
    uses.note_changed_rows(actor=request.actor, submission=sent, rows=table.total, now=clock.now())
    return table.render(
        request,
        "sharing/changes.html",
        context,
        synthetic=sent.synthetic or settings.EXAMPLE,
    )
