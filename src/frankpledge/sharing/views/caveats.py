"""Caveats of a dataset: listed, written, ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import may, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.sharing.actions import caveats as actions
from frankpledge.sharing.forms.checking import CaveatForm
from frankpledge.sharing.queries import caveats as queries
from frankpledge.sharing.queries.returns import find_dataset
from frankpledge.sharing.rules.questions import UnableToDiscuss


def _trail(dataset: Any, *more: tuple[str, str]) -> list[Crumb]:
    pairs = [
        ("Home", reverse("home")),
        ("Data", reverse("dataset-list")),
        (dataset.name, reverse("dataset", args=[dataset.slug])),
    ]
    return list(crumbs(*pairs, *more))


class CaveatTable(Table):
    caption, noun = "What every answer says", "caveat"
    columns = (
        Column("text", "What it says"),
        Column("months", "Months", value=lambda each: queries.span(each) or "All"),
        Column("valid_from", "Said since", kind="date"),
        Column("valid_to", "Said until", kind="date"),
    )
    empty = "Nothing has to be known of these figures."


def caveats(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = find_dataset(actor=request.actor, slug=slug)
    found = queries.caveats(dataset)
    may_write = may(request.actor, Capability.WRITE_CAVEAT, dataset)
    return CaveatTable(request.GET, found).render(
        request,
        "sharing/caveats.html",
        {
            "dataset": dataset,
            "may_write": may_write,
            "standing": [each for each in found if each.valid_to is None] if may_write else [],
            "breadcrumbs": _trail(dataset),
        },
    )


def caveat_new(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = find_dataset(actor=request.actor, slug=slug)
    require(request.actor, Capability.WRITE_CAVEAT, dataset)
    form = CaveatForm(request.POST or None)
    back = reverse("caveats", args=[slug])
    if form.is_valid():
        with form.saving(UnableToDiscuss):
            actions.write_caveat(
                actor=request.actor, dataset=dataset, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, "Written. Every answer that uses these months says it.")
            return redirect(back)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Write a caveat",
            "caption": dataset.name,
            "submit": "Write it",
            "cancel_url": back,
            "breadcrumbs": _trail(dataset, ("Caveats", back)),
        },
    )


def caveat_end(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    dataset = find_dataset(actor=request.actor, slug=slug)
    require(request.actor, Capability.WRITE_CAVEAT, dataset)
    found = queries.find_caveat(dataset, key)
    back = reverse("caveats", args=[slug])
    if request.method == "POST":
        try:
            actions.end_caveat(actor=request.actor, caveat=found, now=clock.now())
        except UnableToDiscuss as error:
            done(request, str(error))
        else:
            done(request, "Ended. No answer says it from now on.")
        return redirect(back)
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": "End the caveat",
            "caption": found.dataset.name,
            "what_happens": f"No answer says it any more: {queries.sentence(found)}",
            "submit": "End it",
            "cancel_url": back,
            "breadcrumbs": _trail(found.dataset, ("Caveats", back)),
        },
    )
