"""Returned rows corrected: in the browser page by page, or in a workbook that comes back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.audit import looked
from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import done
from frankpledge.components.tables import Pages
from frankpledge.contracts import Unreadable
from frankpledge.core import clock
from frankpledge.core.markings import Classification, download_name
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import corrections as actions
from frankpledge.sharing.actions import uses
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.forms.correcting import CellsForm, WorkbookForm
from frankpledge.sharing.queries import corrections as queries
from frankpledge.sharing.queries import results
from frankpledge.sharing.rules.results import UnableToCorrect
from frankpledge.sharing.store import StoreUnwritable
from frankpledge.sharing.views.results import MARKING, trail

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENDED = (UnableToCorrect, Unreadable, StoreUnwritable)


def _find(request: HttpRequest, key: Any, reason: str) -> Any:
    """The submission, once the look at its rows is on record."""
    sent = results.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.READ_RETURNED_ROWS, sent)
    looked(actor=request.actor, record=sent, reason=reason, now=clock.now())
    uses.note_returned_rows(actor=request.actor, submission=sent, now=clock.now())
    return sent


def correct(request: HttpRequest, key: Any) -> HttpResponse:
    sent = _find(request, key, "Read rows that came back, to correct them.")
    back = reverse("submission", args=[sent.pk])
    try:
        queries.refuse_what_cannot_be_corrected(sent)
    except UnableToCorrect as error:
        done(request, str(error))
        return redirect(back)
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and 0 < len(asked) < 6 else 1
    rows, total = queries.bad_rows(sent, page=max(1, number), on=clock.today())
    form = CellsForm(request.POST or None, rows=rows)
    if form.is_valid():
        with form.saving(*_ENDED):
            made = actions.correct(
                actor=request.actor,
                submission=sent,
                changes=form.changes(),
                arrived=Arrival.GRID,
                now=clock.now(),
            )
        if not form.errors:
            return _started(request, made)
    last = -(-total // queries.PER_PAGE)
    return render(
        request,
        "sharing/correct.html",
        {
            "form": form,
            "sent": sent,
            "total": total,
            "too_many": total > queries.BY_PAGE,
            "pages": Pages(min(max(1, number), max(1, last)), max(1, last), request.GET),
            "cancel_url": back,
            "marking": MARKING,
            "breadcrumbs": trail((sent.file_name, back)),
        },
    )


def _started(request: HttpRequest, made: Any) -> HttpResponse:
    tasks.start(made)
    done(request, "Your corrections are joined with the rows that were stored and checked again.")
    return redirect("submission", made.pk)


def workbook(request: HttpRequest, key: Any) -> HttpResponse:
    sent = _find(request, key, "Downloaded the workbook of rows that came back.")
    try:
        content = queries.correction_workbook(sent, on=clock.today())
    except (UnableToCorrect, Unreadable) as error:
        done(request, str(error))
        return redirect("submission", sent.pk)
    answer = HttpResponse(content, content_type=_XLSX)
    stem = "synthetic-rows-to-correct" if sent.synthetic else "rows-to-correct"
    name = download_name(stem, Classification.OFFICIAL_SENSITIVE, "xlsx")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def send_workbook(request: HttpRequest, key: Any) -> HttpResponse:
    sent = _find(request, key, "Sent rows back corrected.")
    back = reverse("submission", args=[sent.pk])
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        with form.saving(*_ENDED):
            made = actions.correct_by_workbook(
                actor=request.actor,
                submission=sent,
                raw=file.read(),
                name=file.name,
                now=clock.now(),
            )
        if not form.errors:
            return _started(request, made)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Send the corrected workbook",
            "caption": sent.file_name,
            "intro": "Only the rows that came back are read. The rows that were stored stay.",
            "submit": "Send workbook",
            "cancel_url": back,
            "breadcrumbs": trail((sent.file_name, back)),
        },
    )
