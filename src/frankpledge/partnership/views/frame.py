"""What the record pages and form pages of this room have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.components.forms import Form
from frankpledge.components.parts import Event, Fact, crumbs, done
from frankpledge.core.kinds import kind_of
from frankpledge.partnership.forms import OnDay
from frankpledge.partnership.queries import Page, Place
from frankpledge.partnership.rules import UnableTo

FactsOf = Callable[[Any], Iterable[Fact]]


def trail(*pairs: tuple[str, str]) -> Any:
    return crumbs(("Home", reverse("home")), *((label, reverse(name)) for label, name in pairs))


_SECTIONS = (
    ("Bodies", "bodies"),
    ("Organisations", "organisations"),
    ("Posts", "posts"),
    ("Linked plans", "linked-plans"),
    ("Legislation", "legislation"),
    ("Areas", "areas"),
)


def sections(current: str) -> list[tuple[str, str, bool]]:
    """The lists of this room, for the links above each of them."""
    return [(label, reverse(name), name == current) for label, name in _SECTIONS]


def day_asked(request: HttpRequest) -> tuple[OnDay, date | None]:
    """The day in `?on=`, where the address has a sensible one."""
    asked = any(key == "on" or key.startswith("on-") for key in request.GET)
    form = OnDay(request.GET if asked else None, auto_id="history_%s")
    return form, form.cleaned_data["on"] if form.is_bound and form.is_valid() else None


def record_page(
    request: HttpRequest,
    template: str,
    page: Page,
    *,
    facts: FactsOf,
    on_form: OnDay,
    on: date | None,
    **context: Any,
) -> HttpResponse:
    """A record with its facts, what may be done, and what it said before."""
    events = [
        Event(
            title="Entered" if version.first else f"Changed: {', '.join(version.changed)}",
            by=version.by if page.names else "",
            when=version.at,
        )
        for version in page.versions
    ]
    kind = kind_of(page.record)
    return render(
        request,
        template,
        {
            "page": page,
            "record": page.record,
            "facts": _told(facts(page.record)),
            "then": _told(facts(page.then)) if page.then is not None else None,
            "on": on,
            "on_form": on_form,
            "events": events,
            "why_url": reverse("why", args=[kind.slug, page.record.pk]),
            "thread_url": reverse("thread", args=[kind.slug, page.record.pk]),
            **context,
        },
    )


def _told(facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.value not in (None, "")]


def day(value: date | None) -> str:
    return f"{value.day} {value:%B %Y}" if value else ""


def span(record: Any) -> str:
    """A period in words, empty where nothing is known."""
    begins, ends = day(record.valid_from), day(record.valid_to)
    if begins and ends:
        return f"{begins} to {ends}"
    return f"From {begins}" if begins else f"Until {ends}" if ends else ""


@dataclass(frozen=True)
class PlaceList:
    """A small table of seats, offices or holdings, each with its end where one may end it."""

    caption: str
    heads: tuple[str, ...]
    rows: list[dict[str, Any]]

    @property
    def may_end(self) -> bool:
        return any(row["end_url"] for row in self.rows)


def place_list(
    caption: str,
    heads: tuple[str, ...],
    places: Iterable[Place],
    cells: Callable[[Any], Iterable[tuple[str, str]]],
    *,
    end: str,
) -> PlaceList:
    """`cells` gives text and address of each cell; `end` is the name of the page that ends one."""
    rows = []
    for place in places:
        shown = [
            {"label": head, "text": text, "url": url}
            for head, (text, url) in zip(heads, cells(place.record), strict=True)
        ]
        ends = place.may_end and place.state != "Ended"
        rows.append(
            {
                "cells": shown,
                "when": span(place.record),
                "state": place.state,
                "end_url": reverse(end, args=[place.record.pk]) if ends else "",
                "about": str(place.record),
            }
        )
    return PlaceList(caption, heads, rows)


def edited(
    request: HttpRequest,
    form: Form,
    save: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    said: str,
    cancel_url: str,
    go_to: Callable[[Any], str] | None = None,
    submit: str = "Save",
    caption: str = "",
    intro: str = "",
    breadcrumbs: Any = (),
    template: str = "components/form_page.html",
    warning: bool = False,
) -> HttpResponse:
    """The form until it is right; then one action, a word about it, and on to the record."""
    if form.is_valid():
        with form.saving(UnableTo):
            record = save(dict(form.cleaned_data))
        if not form.errors:
            done(request, said)
            return redirect(go_to(record) if go_to else cancel_url)
    context = {
        "form": form,
        "title": title,
        "caption": caption,
        "submit": submit,
        "cancel_url": cancel_url,
        "intro": intro,
        "breadcrumbs": breadcrumbs,
        "warning": warning,
    }
    return render(request, template, context, status=400 if form.errors else 200)


def initial(record: Any, form: type[Form]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in form.base_fields if hasattr(record, name)}
