"""Keys of organisations' machines: made, replaced, revoked; and the reference of the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.sharing.actions import keys as actions
from frankpledge.sharing.api import api
from frankpledge.sharing.forms.keys import KeyForm, ReplaceKeyForm, WebhookForm
from frankpledge.sharing.queries import keys as queries
from frankpledge.sharing.rules.machines import OVERLAP, UnableToKey
from frankpledge.sharing.rules.openapi import operations


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    returns = ("Returns", reverse("submission-list"))
    return list(crumbs(("Home", reverse("home")), returns, ("Keys", reverse("key-list")), *more))


class KeyTable(Table):
    caption, noun, default_sort = "Keys", "key", "organisation"
    columns = (
        Column("label", "Key", sort="label", url=lambda key: reverse("key", args=[key.pk])),
        Column("organisation.name", "Of", sort="organisation__name"),
        Column("prefix", "Begins with", value=lambda key: f"fpk_{key.prefix}…"),
        Column("expires_on", "Until", kind="date", sort="expires_on"),
        Column(
            "used",
            "Last used",
            kind="date",
            sort="last_used_at",
            value=lambda key: key.last_used_at,
        ),
        Column(
            "standing",
            "Standing",
            value=lambda key: queries.standing(key, clock.today())[0],
            colour=lambda key: queries.standing(key, clock.today())[1],
        ),
    )
    empty = "No key has been made yet."


def key_list(request: HttpRequest) -> HttpResponse:
    table = KeyTable(request.GET, queries.keys(actor=request.actor))
    return table.render(
        request,
        "sharing/key_list.html",
        {
            "organisations": queries.keepers(actor=request.actor),
            "readers": queries.readers(actor=request.actor),
            "breadcrumbs": crumbs(
                ("Home", reverse("home")), ("Returns", reverse("submission-list"))
            ),
        },
    )


def key_new(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = queries.find_organisation(actor=request.actor, slug=slug)
    require(request.actor, Capability.MANAGE_KEYS, organisation)
    reads = request.GET.get("reads") == "1"
    offered = queries.readable if reads else queries.sendable
    form = KeyForm(
        request.POST or None,
        datasets=offered(actor=request.actor, organisation=organisation),
        reads=reads,
    )
    if form.is_valid():
        with form.saving(UnableToKey):
            made = actions.make_key(
                actor=request.actor,
                organisation=organisation,
                now=clock.now(),
                reads=reads,
                **{"webhook_url": "", **form.cleaned_data},
            )
        if not form.errors:
            return _shown_once(request, made)
    return _form(
        request,
        form,
        title="Make a key that reads figures" if reads else "Make a key",
        caption=organisation.name,
        intro="The key is shown once. Whoever has it can "
        + ("read this data as" if reads else "send this data for")
        + " the organisation.",
        submit="Make the key",
        cancel_url=reverse("key-list"),
    )


def _form(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    given = {"form": form, "breadcrumbs": _trail(), **context}
    return render(request, "components/form_page.html", given)


def _shown_once(request: HttpRequest, made: actions.MadeKey) -> HttpResponse:
    """Not a redirect: the token is in this answer and nowhere else."""
    response = render(
        request,
        "sharing/key_made.html",
        {
            "made": made,
            "webhook_secret": queries.webhook_secret(made.key) if made.key.webhook_url else "",
            "odata_url": request.build_absolute_uri(reverse("odata")),
            "breadcrumbs": _trail(),
        },
    )
    response["Cache-Control"] = "private, no-store"
    return response


def key(request: HttpRequest, key: Any) -> HttpResponse:
    page = queries.key_page(actor=request.actor, key=key, today=clock.today())
    found = page.key
    facts = [
        Fact("Of", found.organisation.name),
        Fact("Begins with", f"fpk_{found.prefix}…"),
        Fact(
            "May read" if found.reads else "May send",
            ", ".join(str(each) for each in page.datasets),
        ),
        Fact("Made", f"{found.created_at:%-d %B %Y} by {found.made_by}"),
        Fact("Until", f"{found.expires_on:%-d %B %Y}"),
        Fact("Last used", _moment(found.last_used_at) or "Never"),
        Fact("Results are told to", found.webhook_url or "Nobody"),
    ]
    if found.replaces:
        facts.append(
            Fact("In place of", str(found.replaces), url=reverse("key", args=[found.replaces_id]))
        )
    if found.revoked_at:
        facts.append(Fact("Revoked", _moment(found.revoked_at)))
    return render(
        request,
        "sharing/key.html",
        {"page": page, "facts": facts, "breadcrumbs": _trail()},
    )


def _moment(value: Any) -> str:
    return f"{value:%-d %B %Y at %H:%M}" if value else ""


def _found(request: HttpRequest, key: Any) -> Any:
    found = queries.find_key(actor=request.actor, key=key)
    require(request.actor, Capability.MANAGE_KEYS, found)
    return found


def key_rotate(request: HttpRequest, key: Any) -> HttpResponse:
    found = _found(request, key)
    form = ReplaceKeyForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToKey):
            made = actions.rotate(
                actor=request.actor, key=found, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            return _shown_once(request, made)
    return _form(
        request,
        form,
        title="Replace the key",
        caption=str(found),
        intro=f"You get a new key. The old one works for {OVERLAP.days} more days at most.",
        submit="Make the new key",
        cancel_url=reverse("key", args=[found.pk]),
    )


def key_revoke(request: HttpRequest, key: Any) -> HttpResponse:
    found = _found(request, key)
    if request.method == "POST":
        actions.revoke(actor=request.actor, key=found, now=clock.now())
        done(request, "The key was revoked. It opens nothing any more.")
        return redirect("key", found.pk)
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": "Revoke the key?",
            "caption": str(found),
            "what_happens": "The machine that uses it is refused from now on.",
            "submit": "Revoke it",
            "cancel_url": reverse("key", args=[found.pk]),
            "cannot_be_undone": "A revoked key cannot be brought back.",
            "breadcrumbs": _trail(),
        },
    )


def key_webhook(request: HttpRequest, key: Any) -> HttpResponse:
    found = _found(request, key)
    form = WebhookForm(request.POST or None, initial={"webhook_url": found.webhook_url})
    if form.is_valid():
        actions.change_webhook(actor=request.actor, key=found, now=clock.now(), **form.cleaned_data)
        if not form.cleaned_data["webhook_url"]:
            done(request, "Results are told to nobody.")
            return redirect("key", found.pk)
        response = render(
            request,
            "sharing/key_webhook.html",
            {
                "found": found,
                "webhook_secret": queries.webhook_secret(found),
                "breadcrumbs": _trail((str(found), reverse("key", args=[found.pk]))),
            },
        )
        response["Cache-Control"] = "private, no-store"
        return response
    return _form(
        request,
        form,
        title="Where results are told",
        caption=str(found),
        intro="Once a file has been checked, its result is sent there, signed.",
        submit="Save",
        cancel_url=reverse("key", args=[found.pk]),
    )


def reference(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "sharing/api_reference.html",
        {
            "operations": operations(api.get_openapi_schema()),
            "openapi_url": reverse("api-v1:openapi-json"),
            "may_keep": queries.keepers(actor=request.actor).exists(),
            "breadcrumbs": crumbs(("Home", reverse("home"))),
        },
    )
