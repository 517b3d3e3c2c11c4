"""Asking an owner for data; the owner's post decides."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import SITE, may, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.sharing.actions import requests as actions
from frankpledge.sharing.forms.requests import AskForDataForm, DecideRequestForm
from frankpledge.sharing.queries import requests as queries
from frankpledge.sharing.rules.requests import UnableToRequest


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    pairs = [("Home", reverse("home")), ("Requests for data", reverse("data-requests"))]
    return list(crumbs(*pairs, *more))


class RequestTable(Table):
    caption, noun, default_sort = "Requests for data", "request", "-asked"
    columns = (
        Column(
            "dataset.name",
            "Data",
            sort="dataset__name",
            url=lambda each: reverse("data-request", args=[each.pk]),
            about=lambda each: f"for {each.recipient}",
        ),
        Column("provider.name", "Asked of", sort="provider__name"),
        Column("recipient.name", "Asked for", sort="recipient__name"),
        Column("purpose", "Purpose", sort="purpose"),
        Column("asked", "Asked on", kind="date", sort="asked_at", value=lambda e: e.asked_at),
        Column("expires_on", "Until", kind="date", sort="expires_on"),
        Column(
            "standing",
            "Standing",
            value=lambda each: queries.standing(each, clock.today())[0],
            colour=lambda each: queries.standing(each, clock.today())[1],
        ),
    )
    empty = "Nobody has asked for data yet."


def data_requests(request: HttpRequest) -> HttpResponse:
    table = RequestTable(request.GET, queries.requests(actor=request.actor))
    return table.render(
        request,
        "sharing/data_requests.html",
        {
            "may_ask": may(request.actor, Capability.REQUEST_DATA, SITE),
            "breadcrumbs": crumbs(("Home", reverse("home")), ("Data", reverse("dataset-list"))),
        },
    )


def data_request_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.REQUEST_DATA, SITE)
    choices = queries.choices(actor=request.actor)
    initial = {"starts_on": clock.today()}
    mine = list(choices.recipients[:2])
    if len(mine) == 1:
        initial["recipient"] = mine[0].pk
    form = AskForDataForm(request.POST or None, choices=choices, initial=initial)
    if form.is_valid():
        with form.saving(UnableToRequest):
            made = actions.ask_for_data(actor=request.actor, now=clock.now(), **form.cleaned_data)
        if not form.errors:
            done(request, f"{made.provider} has been asked. You see here what it decides.")
            return redirect("data-request", made.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Ask for data",
            "intro": "The organisation that owns the data decides. A grant ends by itself.",
            "submit": "Ask for it",
            "cancel_url": reverse("data-requests"),
            "breadcrumbs": _trail(),
        },
    )


def data_request(request: HttpRequest, key: Any) -> HttpResponse:
    found = queries.find_request(actor=request.actor, key=key)
    word, colour = queries.standing(found, clock.today())
    facts = [
        Fact("Data", found.dataset.name, url=reverse("dataset", args=[found.dataset.slug])),
        Fact("Asked of", found.provider.name),
        Fact("Asked for", found.recipient.name),
        Fact("Asked by", f"{found.asked_by}, {found.asked_at:%-d %B %Y}"),
        Fact("Purpose", found.purpose),
        Fact("Why it is needed", found.reason),
        Fact("How finely", found.get_detail_display()),
        Fact("For", f"{found.starts_on:%-d %B %Y} to {found.expires_on:%-d %B %Y}"),
    ]
    if found.decided_at:
        facts += [
            Fact("Decided by", f"{found.decided_by}, {found.decided_at:%-d %B %Y}"),
            Fact("Why", found.decision),
        ]
    if found.term:
        version = found.term.version
        facts.append(
            Fact(
                "Rests on",
                f"{version}, clause {found.term.clause.number}",
                url=reverse("sharing-version", args=[version.agreement.slug, version.pk]),
            )
        )
    return render(
        request,
        "sharing/data_request.html",
        {
            "found": found,
            "word": word,
            "colour": colour,
            "facts": facts,
            "may_decide": may(request.actor, Capability.DECIDE_DATA_REQUEST, found),
            "breadcrumbs": _trail(),
        },
    )


def data_request_decide(request: HttpRequest, key: Any) -> HttpResponse:
    found = queries.find_request(actor=request.actor, key=key)
    require(request.actor, Capability.DECIDE_DATA_REQUEST, found)
    form = DecideRequestForm(request.POST or None, clauses=queries.clauses(found))
    back = reverse("data-request", args=[found.pk])
    if form.is_valid():
        given = form.cleaned_data
        with form.saving(UnableToRequest):
            actions.decide_request(
                actor=request.actor,
                request=found,
                granted=given["granted"] == "yes",
                clause=given["clause"],
                why=given["why"],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Decided. Whoever asked reads it here.")
            return redirect(back)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Decide the request",
            "caption": str(found),
            "intro": f"For {found.purpose}, {found.get_detail_display().lower()}, "
            f"until {found.expires_on:%-d %B %Y}. A grant rests on a power, so it stops on the day "
            "that either of you takes its signature back.",
            "submit": "Decide",
            "cancel_url": back,
            "breadcrumbs": _trail(),
        },
    )
