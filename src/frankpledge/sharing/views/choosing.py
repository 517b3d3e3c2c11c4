"""A file that can be read in more than one way: one question at a time, and what is remembered."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import crumbs, done
from frankpledge.contracts import Choice
from frankpledge.core import clock
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import choosing as actions
from frankpledge.sharing.forms.choosing import form_for
from frankpledge.sharing.queries import choosing as queries
from frankpledge.sharing.queries.results import find_submission
from frankpledge.sharing.rules import UnableToMove


def _trail(*more: tuple[str, str]) -> Any:
    return crumbs(("Home", reverse("home")), ("Returns", reverse("submission-list")), *more)


def choose(request: HttpRequest, key: Any) -> HttpResponse:
    sent = find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.UNDO_SUBMISSION, sent)
    page = queries.choosing_page(sent, on=request.actor.on)
    if page is None:
        return redirect("submission", sent.pk)
    form = form_for(page, request.POST or None)
    if form.is_valid():
        with form.saving(UnableToMove):
            sent = actions.answer(
                actor=request.actor,
                page=page,
                choice=form.choice(queries.said_of(sent) or Choice()),
                seen=form.cleaned_data["seen"],
                now=clock.now(),
            )
        if not form.errors:
            return _onward(sent)
        form.see(page.mark)
    return render(
        request,
        "sharing/choose.html",
        {
            "form": form,
            "page": page,
            "sent": sent,
            "title": "How is this file to be read?",
            "caption": sent.file_name,
            "submit": "Continue",
            "breadcrumbs": _trail(),
        },
    )


def _onward(sent: Any) -> HttpResponse:
    if queries.asked_of(sent):
        return redirect("submission-choose", sent.pk)
    tasks.start(sent)
    return redirect("submission", sent.pk)


def choose_again(request: HttpRequest, key: Any) -> HttpResponse:
    sent = find_submission(actor=request.actor, key=key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        actions.start_again(actor=request.actor, submission=sent, now=clock.now())
    except UnableToMove as error:
        done(request, str(error))
        return redirect("submission", sent.pk)
    return redirect("submission-choose", sent.pk)


def remembered(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "sharing/remembered.html",
        {
            "lines": queries.remembered_lines(actor=request.actor),
            "breadcrumbs": _trail(),
        },
    )


def forget(request: HttpRequest, slug: str, dataset: str) -> HttpResponse:
    mapping = queries.find_remembered(actor=request.actor, organisation=slug, dataset=dataset)
    if request.method == "POST":
        actions.forget(actor=request.actor, mapping=mapping, now=clock.now())
        done(request, "Forgotten. The next file is asked about again.")
        return redirect("returns-remembered")
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": f"Forget how {mapping.organisation} sends {mapping.dataset}?",
            "what_happens": "The next file of this kind is asked about again where it is unclear. "
            "What was stored stays as it is.",
            "submit": "Forget it",
            "cancel_url": reverse("returns-remembered"),
            "breadcrumbs": _trail(("What is remembered", reverse("returns-remembered"))),
        },
    )
