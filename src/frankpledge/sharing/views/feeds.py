"""Feeds: where files are fetched from, how each run ended, and running one now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import SITE, may, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.core.history import seen_as
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import feeds as actions
from frankpledge.sharing.forms.feeds import FeedForm
from frankpledge.sharing.queries import feeds as queries
from frankpledge.sharing.rules.feeds import UnableToFeed


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    returns = ("Returns", reverse("submission-list"))
    return list(crumbs(("Home", reverse("home")), returns, *more))


class FeedTable(Table):
    caption, noun, default_sort = "Feeds", "feed", "name"
    columns = (
        Column("name", "Feed", sort="name", url=lambda feed: reverse("feed", args=[feed.pk])),
        Column("organisation.name", "Of", sort="organisation__name"),
        Column("last_run_at", "Last run", kind="date", sort="last_run_at"),
        Column("next_run_at", "Next run", kind="date", sort="next_run_at"),
        Column(
            "standing",
            "Standing",
            value=lambda feed: queries.standing(feed, clock.now())[0],
            colour=lambda feed: queries.standing(feed, clock.now())[1],
        ),
    )
    empty = "Nothing is fetched on a schedule yet."


def feed_list(request: HttpRequest) -> HttpResponse:
    table = FeedTable(request.GET, queries.feeds(actor=request.actor))
    return table.render(
        request,
        "sharing/feed_list.html",
        {
            "may_add": may(request.actor, Capability.MANAGE_FEEDS, SITE),
            "breadcrumbs": _trail(),
        },
    )


def feed(request: HttpRequest, key: Any) -> HttpResponse:
    page = queries.feed_page(actor=request.actor, key=key)
    found = page.feed
    facts = [
        Fact("Of", found.organisation.name),
        Fact("Data", str(found.dataset or "Official geography")),
        Fact("Fetched from", f"{found.get_kind_display()}: {found.address}"),
        Fact("How often", found.get_rhythm_display()),
        Fact("Next run", _moment(found.next_run_at) if found.on else "Switched off"),
    ]
    return render(
        request,
        "sharing/feed.html",
        {
            "page": page,
            "facts": facts,
            "colours": queries.COLOURS,
            "breadcrumbs": _trail(("Feeds", reverse("feed-list"))),
        },
    )


def _moment(value: Any) -> str:
    return f"{value:%-d %B %Y at %H:%M}" if value else "Not planned"


def _form(request: HttpRequest, **initial: Any) -> FeedForm:
    return FeedForm(
        request.POST or None,
        organisations=queries.organisations(actor=request.actor),
        datasets=queries.datasets(actor=request.actor),
        initial=initial,
    )


def _page(request: HttpRequest, form: FeedForm, **context: Any) -> HttpResponse:
    given = {"form": form, "breadcrumbs": _trail(("Feeds", reverse("feed-list"))), **context}
    return render(request, "components/form_page.html", given)


def feed_new(request: HttpRequest) -> HttpResponse:
    form = _form(request, rhythm="monthly")
    if form.is_valid():
        fields = {k: v for k, v in form.cleaned_data.items() if k != "seen"}
        with form.saving(UnableToFeed):
            made = actions.add_feed(actor=request.actor, now=clock.now(), **fields)
        if not form.errors:
            done(request, "The feed was added. It runs in a few minutes.")
            return redirect("feed", made.pk)
    return _page(
        request,
        form,
        title="Add a feed",
        submit="Add the feed",
        cancel_url=reverse("feed-list"),
    )


def _found(request: HttpRequest, key: Any) -> Any:
    found = queries.find_feed(actor=request.actor, key=key)
    require(request.actor, Capability.MANAGE_FEEDS, found)
    return found


def feed_edit(request: HttpRequest, key: Any) -> HttpResponse:
    found = _found(request, key)
    was = actions.seen(found)
    shown = {
        name: getattr(found, name)
        for name in ("name", "kind", "address", "secret_name", "host_key", "rhythm")
    }
    form = _form(
        request,
        organisation=found.organisation_id,
        dataset=found.dataset_id,
        seen=seen_as(*was),
        **shown,
    )
    if form.is_valid():
        if form.cleaned_data["seen"] != seen_as(*was):
            form.add_error(None, "Somebody else changed this feed meanwhile. Look at it again.")
            form.see(seen_as(*was))
        fields = {k: v for k, v in form.cleaned_data.items() if k not in {"seen", "once"}}
        with form.saving(UnableToFeed):
            if not form.errors:
                actions.change_feed(
                    actor=request.actor, feed=found, was=was, now=clock.now(), **fields
                )
        if not form.errors:
            done(request, "The feed was changed.")
            return redirect("feed", found.pk)
    return _page(
        request,
        form,
        title="Change the feed",
        caption=found.name,
        submit="Save",
        cancel_url=reverse("feed", args=[found.pk]),
    )


def feed_switch(request: HttpRequest, key: Any) -> HttpResponse:
    found = _found(request, key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actions.switch(actor=request.actor, feed=found, on=not found.on, now=clock.now())
    done(request, "The feed is switched off." if found.on else "The feed is switched on.")
    return redirect("feed", found.pk)


def feed_run(request: HttpRequest, key: Any) -> HttpResponse:
    found = _found(request, key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        actions.ask_to_run(actor=request.actor, feed=found, now=clock.now())
    except UnableToFeed as error:
        done(request, str(error))
    else:
        tasks.run_feed.enqueue(str(found.pk))
        done(request, "The feed runs now. Look again in a minute.")
    return redirect("feed", found.pk)
