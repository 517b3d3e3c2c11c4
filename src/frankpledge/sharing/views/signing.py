"""Signing a version, taking a signature back, and the signature as a document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import done
from frankpledge.components.serving import document_response
from frankpledge.core import clock
from frankpledge.sharing.actions import signing as actions
from frankpledge.sharing.actions.signing import UnableToSign
from frankpledge.sharing.forms.agreements import PaperForm, RevokeForm, SignForm
from frankpledge.sharing.queries import agreements as queries
from frankpledge.sharing.queries.paper import signature_paper
from frankpledge.sharing.queries.signing import (
    find_signature,
    since_signed,
    ways_to_sign,
    who_signs,
)
from frankpledge.sharing.views.agreements import (
    DRAFT,
    form_page,
    register_facts,
    synthetic,
    trail,
    version_url,
)


def sign(request: HttpRequest, slug: str, key: Any, organisation: str) -> HttpResponse:
    page = queries.version_page(actor=request.actor, slug=slug, key=key)
    party = queries.find_party(actor=request.actor, version=page.version, slug=organisation)
    require(request.actor, Capability.SIGN_SHARING_AGREEMENT, party)
    ways = ways_to_sign(actor=request.actor, agreement=page.agreement, organisation=party)
    form = SignForm(request.POST or None, ways=ways)
    if form.is_valid():
        with form.saving(UnableToSign):
            actions.sign(
                actor=request.actor,
                version=page.version,
                organisation=party,
                post=form.way.post,
                on_behalf_of=form.way.on_behalf_of,
                seen_digest=request.POST.get("seen", ""),
                today=clock.today(),
                now=clock.now(),
            )
        if not form.errors:
            done(request, f"Signed for {party}.")
            return redirect("sharing-agreement", page.agreement.slug)
    return render(
        request,
        "sharing/sign.html",
        {
            "form": form,
            "page": page,
            "party": party,
            "facts": register_facts(page.version),
            "since": since_signed(version=page.version, organisation=party),
            "ways": ways,
            "who_signs": who_signs(
                agreement=page.agreement, organisation=party, on=request.actor.on
            ),
            "title": f"Sign version {page.version.number}",
            "marking": page.agreement.marking,
            "breadcrumbs": trail(page.agreement),
        },
    )


def revoke(request: HttpRequest, slug: str, key: Any, organisation: str) -> HttpResponse:
    found = queries.find_version(actor=request.actor, slug=slug, key=key)
    party = queries.find_party(actor=request.actor, version=found, slug=organisation)
    require(request.actor, Capability.SIGN_SHARING_AGREEMENT, party)
    signature = queries.standing_signature(version=found, organisation=party)
    if signature is None:
        done(request, f"{party} has not signed this version.")
        return redirect("sharing-agreement", found.agreement.slug)
    form = RevokeForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToSign):
            actions.revoke(
                actor=request.actor,
                signature=signature,
                because=form.cleaned_data["because"],
                today=clock.today(),
                now=clock.now(),
            )
        if not form.errors:
            done(request, f"The signature of {party} was taken back.")
            return redirect("sharing-agreement", found.agreement.slug)
    return form_page(
        request,
        form,
        title=f"Take back the signature of {party}",
        intro=(
            f"From today, data that {party} shares under a power stops. "
            "Data shared under a duty goes on, with a warning."
        ),
        submit="Take back the signature",
        warning=True,
        cancel_url=reverse("sharing-agreement", args=[found.agreement.slug]),
        breadcrumbs=trail(found.agreement),
    )


def on_paper(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    found = queries.find_version(actor=request.actor, slug=slug, key=key)
    require(request.actor, DRAFT, found)
    form = PaperForm(
        request.POST or None,
        posts=queries.posts_of_parties(actor=request.actor, agreement=found.agreement),
    )
    if form.is_valid():
        with form.saving(UnableToSign):
            actions.note_paper_signature(
                actor=request.actor,
                version=found,
                today=clock.today(),
                now=clock.now(),
                **form.cleaned_data,
            )
        if not form.errors:
            done(request, f"Signature of {form.cleaned_data['post'].organisation} noted.")
            return redirect(version_url(found))
    return form_page(
        request,
        form,
        title="Note a signature on paper",
        caption=str(found),
        intro=(
            "Keep the paper. On a draft the signature counts from the day the version is put in "
            "force, for the words typed in."
        ),
        submit="Note the signature",
        cancel_url=version_url(found),
        breadcrumbs=trail(found.agreement),
    )


def signature(request: HttpRequest, slug: str, key: Any, kind: str) -> HttpResponse:
    """The signature with the words signed, as page, PDF or Word."""
    found = find_signature(actor=request.actor, slug=slug, key=key)
    return document_response(
        request,
        signature_paper(found, synthetic=synthetic()),
        kind=kind,
        stem=f"signature-{found.organisation.slug}-{found.version.number}",
        classification=found.version.agreement.classification,
        breadcrumbs=trail(found.version.agreement),
    )
