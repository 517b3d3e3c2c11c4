"""Small returns typed into a grid: what, the cells, the check, and then sent like any file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.components.parts import crumbs, done
from frankpledge.contracts import Unreadable
from frankpledge.core import clock
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import submissions as actions
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.forms.grid import GridForm, WhatForm
from frankpledge.sharing.queries import grid as queries


def type_in(request: HttpRequest, slug: str, dataset: str) -> HttpResponse:
    grid = queries.grid_of(actor=request.actor, organisation=slug, dataset=dataset)
    asked = WhatForm(request.GET or None, grid=grid)
    shown = {
        "grid": grid,
        "title": f"Type in {grid.dataset}",
        "caption": str(grid.organisation),
        "breadcrumbs": crumbs(
            ("Home", reverse("home")),
            ("Returns", reverse("submission-list")),
            ("Send a file", reverse("submission-new")),
        ),
    }
    if not asked.is_bound or not asked.is_valid():
        return render(request, "sharing/grid_what.html", {**shown, "form": asked})
    form = GridForm(
        request.POST or None,
        grid=grid,
        months=queries.months_between(asked.cleaned_data["first"], asked.cleaned_data["last"]),
        indicators=asked.cleaned_data["indicator"],
    )
    typed = None
    if form.is_valid():
        typed = queries.typed(actor=request.actor, grid=grid, cells=form.cells)
        form.say(typed)
        if form.stage == "confirmed":
            with form.saving(Unreadable):
                return _send(request, grid, typed)
    return render(request, "sharing/grid.html", {**shown, "form": form, "typed": typed})


def _send(request: HttpRequest, grid: queries.GridOf, typed: queries.Typed) -> HttpResponse:
    received = actions.receive(
        actor=request.actor,
        dataset=grid.dataset,
        organisation=grid.organisation,
        source=[typed.content],
        file_name=typed.name,
        now=clock.now(),
        arrived=Arrival.GRID,
    )
    if received.already:
        done(request, received.already)
    elif received.submission.state == State.WAITING:
        tasks.start(received.submission)
    return redirect("submission", received.submission.pk)
