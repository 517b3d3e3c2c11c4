"""Returns: send a file, follow it, mend what came back; and what is held."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.audit import looked
from frankpledge.access.decisions import SITE, Refused, may, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.contracts import Unreadable
from frankpledge.core import clock
from frankpledge.core.markings import Audience, Classification, marking_text
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import submissions as actions
from frankpledge.sharing.actions import uses
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.forms.returns import ReturnFilter, SendForm
from frankpledge.sharing.queries import returns as queries
from frankpledge.sharing.queries.choosing import asked_of, in_words, said_of
from frankpledge.sharing.rules import UnableToMove
from frankpledge.sharing.store import StoreUnwritable

MARKING = marking_text(Audience.PARTNERSHIP, Classification.OFFICIAL_SENSITIVE)


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    return list(crumbs(("Home", reverse("home")), ("Returns", reverse("submission-list")), *more))


def _months(first: Any, last: Any) -> str:
    if first is None:
        return ""
    return f"{first:%B %Y}" if first == last else f"{first:%B %Y} to {last:%B %Y}"


class ReturnTable(Table):
    caption, noun, default_sort = "Files sent", "file", "-sent"
    columns = (
        Column(
            "file_name",
            "File",
            sort="file_name",
            url=lambda s: reverse("submission", args=[s.pk]),
        ),
        Column("organisation.name", "From", sort="organisation__name"),
        Column("dataset.name", "Data", sort="dataset__name"),
        Column("months", "Months", value=lambda s: _months(s.first_month, s.last_month)),
        Column("sent", "Sent", kind="date", sort="sent_at", value=lambda s: s.sent_at),
        Column("received", "Received", kind="count", sort="received"),
        Column("rejected", "Returned", kind="count", sort="rejected"),
        Column(
            "state",
            "State",
            value=lambda s: s.get_state_display(),
            colour=lambda s: queries.COLOURS[State(s.state)],
        ),
    )
    empty = "No file has been sent yet."


def submission_list(request: HttpRequest) -> HttpResponse:
    organisations = queries.returning(actor=request.actor)
    filters = ReturnFilter(
        request.GET,
        organisations=organisations,
        datasets=queries.covered(actor=request.actor, organisations=organisations),
    )
    table = ReturnTable(
        request.GET, queries.submissions(actor=request.actor, **filters.values), filter=filters
    )
    return table.render(
        request,
        "sharing/submission_list.html",
        {
            "may_send": queries.senders(actor=request.actor).exists(),
            "breadcrumbs": crumbs(("Home", reverse("home"))),
        },
    )


def submission_new(request: HttpRequest) -> HttpResponse:
    organisations = queries.senders(actor=request.actor)
    if not organisations:
        raise Refused(queries.NOBODY_TO_SEND_FOR)
    form = SendForm(
        request.POST or None,
        request.FILES or None,
        organisations=organisations,
        datasets=queries.covered(actor=request.actor, organisations=organisations),
    )
    if form.is_valid():
        with form.saving(Unreadable, StoreUnwritable):
            received = actions.receive(
                actor=request.actor,
                dataset=form.cleaned_data["dataset"],
                organisation=form.cleaned_data["organisation"],
                source=form.cleaned_data["file"].chunks(),
                file_name=form.cleaned_data["file"].name,
                now=clock.now(),
            )
        if not form.errors:
            if received.already:
                done(request, received.already)
            elif received.submission.state == State.WAITING:
                if asked_of(received.submission):
                    return redirect("submission-choose", received.submission.pk)
                tasks.start(received.submission)
            return redirect("submission", received.submission.pk)
    return render(
        request,
        "sharing/submission_new.html",
        {
            "form": form,
            "title": "Send a file",
            "submit": "Send file",
            "prospects": queries.prospects(actor=request.actor, organisations=organisations),
            "cancel_url": reverse("submission-list"),
            "breadcrumbs": _trail(),
        },
    )


def submission(request: HttpRequest, key: Any) -> HttpResponse:
    page = queries.submission_page(actor=request.actor, key=key)
    if page.may_undo and asked_of(page.submission):
        return redirect("submission-choose", page.submission.pk)
    sent = page.submission
    facts = [
        Fact("Data", sent.dataset.name, url=reverse("dataset", args=[sent.dataset.slug])),
        Fact("From", sent.organisation.name),
        Fact("Sent", f"{sent.sent_at:%-d %B %Y at %H:%M} by {sent.sent_by or 'the command line'}"),
        Fact("File", f"{sent.file_name}, {_size(sent.file_size)}"),
        Fact("Contract", f"{page.contract.title}, version {sent.contract_version}"),
    ]
    if sent.term:
        version = sent.term.version
        facts.append(
            Fact(
                "Sent under",
                f"{version}, clause {sent.term.clause.number}",
                url=reverse("sharing-version", args=[version.agreement.slug, version.pk]),
            )
        )
    return render(
        request,
        "sharing/submission.html",
        {
            "page": page,
            "sent": sent,
            "facts": facts,
            "undo_state": State.UNDONE,
            "read_as": in_words(said, page.contract) if (said := said_of(sent)) else (),
            "marking": MARKING,
            "breadcrumbs": _trail(),
        },
    )


def _size(size: int) -> str:
    if size < 1024 * 1024:
        return f"{max(1, size // 1024):,} kB"
    return f"{size / 1024 / 1024:,.1f} MB"


class RowTable(Table):
    caption, noun, per_page = "Rows that came back", "fault", 50
    columns = (
        Column("row", "Row", kind="number", sort="row"),
        Column("file", "File", sort="file"),
        Column("column", "Column", sort="column"),
        Column("value", "Value"),
        Column("message", "What is wrong", sort="message"),
        Column("remedy", "What to do"),
        Column("rule", "Rule", sort="rule"),
    )
    notes = (
        "Rows are numbered as in a spreadsheet: the column names are row 1.",
        "Correct these rows in the file and send the whole file again.",
    )
    empty = "No row came back."


def submission_rows(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.READ_RETURNED_ROWS, sent)
    kind = request.GET.get("download", "")
    looked(
        actor=request.actor,
        record=sent,
        reason="Downloaded the rows that came back." if kind else "Read the rows that came back.",
        now=clock.now(),
    )
    uses.note_returned_rows(actor=request.actor, submission=sent, now=clock.now())
    table = RowTable(request.GET, queries.returned_rows(sent), marking=MARKING)
    return table.render(
        request,
        "sharing/submission_rows.html",
        {
            "sent": sent,
            "breadcrumbs": _trail((sent.file_name, reverse("submission", args=[sent.pk]))),
        },
        synthetic=sent.synthetic or settings.EXAMPLE,
    )


def submission_cancel(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        stopped = actions.cancel(actor=request.actor, submission=sent, now=clock.now())
    except UnableToMove as error:
        done(request, str(error))
    else:
        said = (
            "The import was stopped. Nothing of it was stored."
            if stopped.state == State.CANCELLED
            else "The import will stop at the end of this month."
        )
        done(request, said)
    return redirect("submission", sent.pk)


def submission_undo(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        actions.undo(actor=request.actor, submission=sent, now=clock.now())
    except UnableToMove as error:
        done(request, str(error))
    else:
        done(
            request,
            "Undone. What it took the place of counts again.",
            undo_url=reverse("submission-redo", args=[sent.pk]),
        )
    return redirect("submission", sent.pk)


def submission_redo(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        actions.redo(actor=request.actor, submission=sent, now=clock.now())
    except UnableToMove as error:
        done(request, str(error))
    else:
        done(request, "Brought back. Its months count again.")
    return redirect("submission", sent.pk)


def submission_resume(request: HttpRequest, key: Any) -> HttpResponse:
    """Start an import again whose worker died."""
    sent = queries.find_submission(actor=request.actor, key=key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    require(request.actor, Capability.UNDO_SUBMISSION, sent)
    if sent.state in (State.WAITING, State.WORKING):
        tasks.start(sent)
        done(request, "The import starts again from the beginning.")
    return redirect("submission", sent.pk)


# What is held


class DatasetTable(Table):
    caption, noun = "Data that partners share", "dataset"
    columns = (
        Column(
            "name",
            "Data",
            value=lambda line: line.dataset.name,
            url=lambda line: reverse("dataset", args=[line.dataset.slug]),
        ),
        Column("held", "Months held", value=lambda line: _months(line.first, line.last) or "None"),
        Column("rows", "Rows", kind="count"),
        Column(
            "ask",
            "May I ask of it?",
            value=lambda line: "Yes" if line.may_ask else "No",
            colour=lambda line: "green" if line.may_ask else "grey",
        ),
    )
    empty = "No dataset has been named in an agreement yet."


def dataset_list(request: HttpRequest) -> HttpResponse:
    table = DatasetTable(request.GET, queries.dataset_lines(actor=request.actor))
    return table.render(
        request,
        "sharing/dataset_list.html",
        {
            "may_make": may(request.actor, Capability.MAKE_CONTRACT, SITE),
            "may_keep": may(request.actor, Capability.KEEP_DATA, SITE),
            "breadcrumbs": crumbs(("Home", reverse("home"))),
        },
    )


def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    page = queries.dataset_page(actor=request.actor, slug=slug)
    return render(
        request,
        "sharing/dataset.html",
        {
            "page": page,
            "breadcrumbs": crumbs(("Home", reverse("home")), ("Data", reverse("dataset-list"))),
        },
    )
