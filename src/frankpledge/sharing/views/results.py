"""The result of a return: what was right, what came back, and taking it back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.audit import looked
from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.core.markings import Audience, Classification, marking_text
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import submissions as actions
from frankpledge.sharing.actions import uses
from frankpledge.sharing.actions.withdrawing import withdraw
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.forms.checking import WithdrawForm
from frankpledge.sharing.models import Submission
from frankpledge.sharing.queries import results as queries
from frankpledge.sharing.queries.choosing import asked_of, in_words, said_of
from frankpledge.sharing.queries.comparing import replaces_something
from frankpledge.sharing.rules import UnableToMove
from frankpledge.sharing.rules.returns import UnableToWithdraw

MARKING = marking_text(Audience.PARTNERSHIP, Classification.OFFICIAL_SENSITIVE)


def trail(*more: tuple[str, str]) -> list[Crumb]:
    return list(crumbs(("Home", reverse("home")), ("Returns", reverse("submission-list")), *more))


def submission(request: HttpRequest, key: Any) -> HttpResponse:
    page = queries.submission_page(actor=request.actor, key=key)
    if page.may_undo and asked_of(page.submission):
        return redirect("submission-choose", page.submission.pk)
    sent = page.submission
    facts = [
        Fact("Data", sent.dataset.name, url=reverse("dataset", args=[sent.dataset.slug])),
        Fact("From", sent.organisation.name),
        Fact("Sent", f"{sent.sent_at:%-d %B %Y at %H:%M} {_by(sent)}"),
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
            "replaces": replaces_something(sent),
            "read_as": in_words(said, page.contract) if (said := said_of(sent)) else (),
            "marking": MARKING,
            "breadcrumbs": trail(),
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
        "Correct these rows here, in the workbook, or in the file and send it again.",
    )
    empty = "No row came back."

    def _sorted(self, rows: queries.FaultRows) -> queries.FaultRows:
        key = self.sort.removeprefix("-")
        return rows.ordered(key, down=self.sort.startswith("-")) if key else rows


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
            "breadcrumbs": trail((sent.file_name, reverse("submission", args=[sent.pk]))),
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


def submission_withdraw(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.UNDO_SUBMISSION, sent)
    back = reverse("submission", args=[sent.pk])
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToWithdraw):
            withdraw(
                actor=request.actor,
                submission=sent,
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Withdrawn. Nothing of the file is kept.")
            return redirect(back)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Withdraw the file",
            "caption": sent.file_name,
            "intro": "All of it is deleted. This cannot be undone; the file can be sent again.",
            "submit": "Withdraw",
            "warning": "yes",
            "cancel_url": back,
            "breadcrumbs": trail((sent.file_name, back)),
        },
    )


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


def _by(sent: Submission) -> str:
    if sent.sent_by is not None:
        return f"by {sent.sent_by}"
    came = {Arrival.API: "by machine, with a key", Arrival.FEED: "fetched by a feed"}
    return came.get(Arrival(sent.arrived), "by the command line")
