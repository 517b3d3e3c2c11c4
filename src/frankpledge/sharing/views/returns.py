"""Returns: send a file; and what is held."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import SITE, Refused, may
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.contracts import Unreadable
from frankpledge.core import clock
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import submissions as actions
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.forms.returns import ReturnFilter, SendForm
from frankpledge.sharing.queries import returns as queries
from frankpledge.sharing.queries.choosing import asked_of
from frankpledge.sharing.store import StoreUnwritable


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
