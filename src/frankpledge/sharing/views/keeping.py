"""Keeping and deleting: what is past its time, what is held, certificates of what is gone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import SITE, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.core import clock
from frankpledge.sharing.actions import keeping as actions
from frankpledge.sharing.forms.returns import DeleteForm, HoldForm
from frankpledge.sharing.queries import keeping as queries
from frankpledge.sharing.queries import results
from frankpledge.sharing.rules import UnableToDelete


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    pairs = [("Home", reverse("home")), ("Data", reverse("dataset-list"))]
    return list(crumbs(*pairs, *more))


def _keeping() -> tuple[str, str]:
    return ("Keeping and deleting", reverse("keeping"))


def keeping(request: HttpRequest) -> HttpResponse:
    page = queries.keeping_page(actor=request.actor, today=clock.today())
    return render(request, "sharing/keeping.html", {"page": page, "breadcrumbs": _trail()})


def delete(request: HttpRequest, key: Any) -> HttpResponse:
    sent = results.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.KEEP_DATA, sent)
    form = DeleteForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToDelete):
            actions.delete_return(
                actor=request.actor, submission=sent, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, f"{sent.file_name} is deleted. This is its certificate.")
            return redirect("deletion", sent.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": f"Delete {sent.file_name}",
            "caption": str(sent.dataset),
            "intro": (
                f"{sent.stored:,} rows from {sent.organisation}, the file itself, its counts and "
                "the rows that came back are removed. Findings that rest on them lose their "
                "figures. This cannot be undone."
            ),
            "submit": "Delete for good",
            "warning": "yes",
            "cancel_url": reverse("keeping"),
            "breadcrumbs": _trail(_keeping()),
        },
    )


def deletion(request: HttpRequest, key: Any) -> HttpResponse:
    found = queries.find_deletion(actor=request.actor, key=key)
    sent = found.submission
    facts = [
        Fact("File", sent.file_name),
        Fact("Data", sent.dataset),
        Fact("Sent by", sent.organisation),
        Fact("Sent on", f"{sent.sent_at:%-d %B %Y}"),
        Fact("Deleted on", f"{found.deleted_at:%-d %B %Y, %H:%M}"),
        Fact("Because", found.reason),
        Fact("Rows deleted", f"{found.rows:,}"),
        Fact("Findings that lost their figures", f"{found.findings:,}"),
        Fact("Digest of this certificate", found.digest),
    ]
    return render(
        request,
        "sharing/deletion.html",
        {"deletion": found, "facts": facts, "breadcrumbs": _trail()},
    )


def hold_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.KEEP_DATA, SITE)
    choices = queries.hold_choices(actor=request.actor)
    form = HoldForm(
        request.POST or None, datasets=choices.datasets, organisations=choices.organisations
    )
    if form.is_valid():
        actions.hold(actor=request.actor, on=clock.today(), now=clock.now(), **form.cleaned_data)
        done(request, "The hold stands. Nothing it covers is deleted until it is lifted.")
        return redirect("keeping")
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Hold data",
            "intro": "What a hold covers is not deleted, however old it is.",
            "submit": "Place the hold",
            "cancel_url": reverse("keeping"),
            "breadcrumbs": _trail(_keeping()),
        },
    )


def hold_lift(request: HttpRequest, key: Any) -> HttpResponse:
    hold = queries.find_hold(actor=request.actor, key=key)
    if request.method == "POST":
        actions.lift(actor=request.actor, hold=hold, on=clock.today(), now=clock.now())
        done(request, "The hold is lifted.")
        return redirect("keeping")
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": "Lift the hold",
            "caption": str(hold.dataset),
            "what_happens": f"It was placed because: {hold.reason}",
            "submit": "Lift the hold",
            "cancel_url": reverse("keeping"),
            "breadcrumbs": _trail(_keeping()),
        },
    )
