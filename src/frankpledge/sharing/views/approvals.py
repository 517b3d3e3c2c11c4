"""Who agrees to a file, the file that goes back, and the file that waits for a day."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import crumbs, done
from frankpledge.core import clock
from frankpledge.core.history import ChangedMeanwhile, check_unchanged, seen_as
from frankpledge.sharing.actions import approvals as actions
from frankpledge.sharing.forms.checking import AgreeForm, ChainForm, EmbargoForm, SendBackForm
from frankpledge.sharing.queries import results as queries
from frankpledge.sharing.queries.comparing import replaces_something
from frankpledge.sharing.queries.returns import find_dataset
from frankpledge.sharing.rules import UnableToMove
from frankpledge.sharing.rules.approvals import UnableToAgree
from frankpledge.sharing.views.results import trail


def _page(request: HttpRequest, form: Any, sent: Any, **words: Any) -> HttpResponse:
    back = reverse("submission", args=[sent.pk])
    return render(
        request,
        "sharing/agree.html",
        {
            "form": form,
            "sent": sent,
            "caption": sent.file_name,
            "cancel_url": back,
            "breadcrumbs": trail((sent.file_name, back)),
            **words,
        },
    )


def agree(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.AGREE_TO_RETURN, sent)
    form = AgreeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.saving(UnableToAgree, UnableToMove):
            agreed = actions.agree(
                actor=request.actor,
                submission=sent,
                note=form.cleaned_data["note"],
                now=clock.now(),
            )
            done(request, queries.agreed_sentence(agreed))
        if not form.errors:
            return redirect("submission", sent.pk)
    return _page(
        request,
        form,
        sent,
        title="Agree to the file",
        intro=f"{sent.stored:,} of {sent.received:,} rows passed the checks.",
        submit="Agree",
        replaces=replaces_something(sent),
    )


def send_back(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.AGREE_TO_RETURN, sent)
    form = SendBackForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToAgree, UnableToMove):
            actions.send_back(
                actor=request.actor,
                submission=sent,
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Sent back. Nothing of it counts.")
            return redirect("submission", sent.pk)
    return _page(
        request,
        form,
        sent,
        title="Send the file back",
        intro="Nothing of it counts then. Who sent it reads your reason.",
        submit="Send back",
        replaces=replaces_something(sent),
        warning="yes",
    )


def embargo(request: HttpRequest, key: Any) -> HttpResponse:
    sent = queries.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.UNDO_SUBMISSION, sent)
    initial = {"waits": "yes" if sent.embargo_until else "no", "until": sent.embargo_until}
    form = EmbargoForm(request.POST or None, initial=initial)
    if form.is_valid():
        until = form.cleaned_data["until"] if form.cleaned_data["waits"] == "yes" else None
        with form.saving(UnableToAgree):
            actions.set_embargo(actor=request.actor, submission=sent, until=until, now=clock.now())
        if not form.errors:
            done(request, f"It counts from {until:%-d %B %Y}." if until else "It waits no longer.")
            return redirect("submission", sent.pk)
    return _page(
        request,
        form,
        sent,
        title="From when the file counts",
        intro="Until then only your organisation and the county team see that it waits.",
        submit="Save",
    )


def chain(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = find_dataset(actor=request.actor, slug=slug)
    require(request.actor, Capability.SET_APPROVALS, dataset)
    was = str(dataset.approvals)
    form = ChainForm(request.POST or None, initial={"approvals": was, "seen": seen_as(was)})
    back = reverse("dataset", args=[dataset.slug])
    if form.is_valid():
        with form.saving(ChangedMeanwhile):
            check_unchanged(dataset.name, form.cleaned_data["seen"], was)
            actions.set_approvals(
                actor=request.actor,
                dataset=dataset,
                approvals=int(form.cleaned_data["approvals"]),
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Saved. It holds for the files that come from now on.")
            return redirect(back)
        form.see(seen_as(was))
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Who agrees to a file",
            "caption": dataset.name,
            "submit": "Save",
            "cancel_url": back,
            "breadcrumbs": crumbs(
                ("Home", reverse("home")), ("Data", reverse("dataset-list")), (dataset.name, back)
            ),
        },
    )
