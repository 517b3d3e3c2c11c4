"""One version of an agreement: read, print, draft, put in force."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.components.parts import Download, done
from frankpledge.components.serving import document_response
from frankpledge.core import clock
from frankpledge.sharing.actions import agreements as actions
from frankpledge.sharing.actions.agreements import UnableToChangeVersion
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.forms.agreements import (
    ClauseForm,
    PasteForm,
    PutInForceForm,
    RegisterForm,
    TermForm,
)
from frankpledge.sharing.models import AgreementVersion
from frankpledge.sharing.queries import agreements as queries
from frankpledge.sharing.queries.paper import paper
from frankpledge.sharing.queries.wording import clause_tree
from frankpledge.sharing.rules.numbered import joined
from frankpledge.sharing.rules.register import UnableToPutInForce
from frankpledge.sharing.views.agreements import (
    DRAFT,
    form_page,
    register_facts,
    synthetic,
    trail,
    version_url,
)

_KINDS = (("html", "Read it as one page"), ("pdf", "Download as PDF"), ("docx", "Download as Word"))


def version(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    page = queries.version_page(actor=request.actor, slug=slug, key=key)
    return render(
        request,
        "sharing/version.html",
        {
            "page": page,
            "facts": register_facts(page.version),
            "downloads": [
                Download(label, reverse("sharing-document", args=[slug, key, kind]))
                for kind, label in _KINDS
            ],
            "marking": page.agreement.marking,
            "breadcrumbs": trail(page.agreement),
            "is_draft": page.version.state == VersionState.DRAFT,
        },
    )


def document(request: HttpRequest, slug: str, key: Any, kind: str) -> HttpResponse:
    found = queries.find_version(actor=request.actor, slug=slug, key=key)
    return document_response(
        request,
        paper(found, synthetic=synthetic()),
        kind=kind,
        stem=f"{slug}-{found.number}",
        classification=found.agreement.classification,
        breadcrumbs=trail(found.agreement, (f"Version {found.number}", version_url(found))),
    )


def _draft(request: HttpRequest, slug: str, key: Any) -> AgreementVersion:
    found = queries.find_version(actor=request.actor, slug=slug, key=key)
    require(request.actor, DRAFT, found)
    return found


def register(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    draft = _draft(request, slug, key)
    initial = {name: getattr(draft, name) for name in RegisterForm.base_fields}
    form = RegisterForm(request.POST or None, initial=initial)
    if form.is_valid():
        with form.saving(UnableToChangeVersion):
            actions.write_register(
                actor=request.actor, version=draft, fields=form.cleaned_data, now=clock.now()
            )
        if not form.errors:
            done(request, "Register entry saved.")
            return redirect(version_url(draft))
    return form_page(
        request,
        form,
        title="What the agreement states",
        caption=str(draft),
        submit="Save register entry",
        cancel_url=version_url(draft),
        breadcrumbs=trail(draft.agreement),
    )


# Clauses


def clause(request: HttpRequest, slug: str, key: Any, clause: Any = None) -> HttpResponse:
    """Write a clause of a draft, new or again."""
    draft = _draft(request, slug, key)
    old = queries.find_clause(version=draft, key=clause) if clause else None
    initial = (
        {"number": old.number, "parent": old.parent_id, "heading": old.heading, "text": old.text}
        if old
        else {}
    )
    others = draft.clauses.exclude(pk=old.pk) if old else draft.clauses.all()
    form = ClauseForm(request.POST or None, initial=initial, clauses=others)
    if form.is_valid():
        with form.saving(UnableToChangeVersion):
            actions.write_clause(
                actor=request.actor,
                version=draft,
                clause=old,
                fields=form.cleaned_data,
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Clause written.")
            return redirect(version_url(draft))
    return form_page(
        request,
        form,
        title=f"Change clause {old.number}" if old else "Add a clause",
        caption=str(draft),
        submit="Save clause",
        cancel_url=version_url(draft),
        breadcrumbs=trail(draft.agreement),
    )


def clause_remove(request: HttpRequest, slug: str, key: Any, clause: Any) -> HttpResponse:
    draft = _draft(request, slug, key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = queries.find_clause(version=draft, key=clause)
    try:
        actions.remove_clause(actor=request.actor, version=draft, clause=found, now=clock.now())
    except UnableToChangeVersion as error:
        done(request, str(error))
    else:
        done(request, f"Clause {found.number} removed.")
    return redirect(version_url(draft))


def clause_move(request: HttpRequest, slug: str, key: Any, clause: Any, way: str) -> HttpResponse:
    draft = _draft(request, slug, key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = queries.find_clause(version=draft, key=clause)
    try:
        actions.move_clause(
            actor=request.actor, version=draft, clause=found, down=way == "down", now=clock.now()
        )
    except UnableToChangeVersion as error:
        done(request, str(error))
    else:
        done(request, f"Clause {found.number} moved {way}.")
    return redirect(f"{version_url(draft)}#clause-{found.number}")


def paste(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    """Numbered text split into clauses: shown first, saved when it is right."""
    draft = _draft(request, slug, key)
    had = joined((c.number, c.heading, c.text) for c, _ in clause_tree(draft))
    form = PasteForm(request.POST or None, initial={"text": had})
    split = form.split if form.stage != "ask" else None
    if split is not None and form.stage == "confirmed":
        with form.saving(UnableToChangeVersion):
            count = actions.paste_clauses(
                actor=request.actor, version=draft, clauses=split.clauses, now=clock.now()
            )
        if not form.errors:
            done(request, f"{count} clauses saved.")
            return redirect(version_url(draft))
        split = None
    return render(
        request,
        "sharing/agreement_paste.html",
        {
            "form": form,
            "split": split,
            "title": "Type in the clauses",
            "caption": str(draft),
            "cancel_url": version_url(draft),
            "breadcrumbs": trail(draft.agreement),
        },
    )


# Terms


def term(request: HttpRequest, slug: str, key: Any, term: Any = None) -> HttpResponse:
    """Add a term to a draft, or write one again."""
    draft = _draft(request, slug, key)
    old = queries.find_term(version=draft, key=term) if term else None
    names = [name for name in TermForm.base_fields if name != "fields_"]
    initial = {name: getattr(old, name) for name in names} if old else {}
    if old:
        initial["fields_"] = ", ".join(old.fields)
    form = TermForm(
        request.POST or None,
        clauses=draft.clauses.all(),
        datasets=queries.datasets(actor=request.actor),
        organisations=queries.organisations(actor=request.actor),
        initial=initial,
    )
    if form.is_valid():
        with form.saving(UnableToChangeVersion):
            actions.write_term(
                actor=request.actor, version=draft, term=old, fields=form.values, now=clock.now()
            )
        if not form.errors:
            done(request, "Term changed." if old else "Term added.")
            return redirect(version_url(draft))
    return form_page(
        request,
        form,
        title="Change a term" if old else "Add a term",
        caption=str(draft),
        submit="Save term" if old else "Add term",
        cancel_url=version_url(draft),
        breadcrumbs=trail(draft.agreement),
    )


def term_remove(request: HttpRequest, slug: str, key: Any, term: Any) -> HttpResponse:
    draft = _draft(request, slug, key)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = queries.find_term(version=draft, key=term)
    try:
        actions.remove_term(actor=request.actor, version=draft, term=found, now=clock.now())
    except UnableToChangeVersion as error:
        done(request, str(error))
    else:
        done(request, "Term removed.")
    return redirect(version_url(draft))


def put_in_force(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    draft = _draft(request, slug, key)
    if draft.state != VersionState.DRAFT:
        done(request, f"Version {draft.number} is no draft any more.")
        return redirect(version_url(draft))
    form = PutInForceForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToChangeVersion, UnableToPutInForce):
            actions.put_in_force(
                actor=request.actor, version=draft, today=clock.today(), now=clock.now()
            )
        if not form.errors:
            done(request, f"Version {draft.number} is in force. Every party signs it anew.")
            return redirect("sharing-agreement", draft.agreement.slug)
    return form_page(
        request,
        form,
        title=f"Put version {draft.number} in force",
        intro=(
            "It takes the place of the version before it. Until a party signs, data that it "
            "shares under a power stops."
        ),
        submit="Put in force",
        cancel_url=version_url(draft),
        breadcrumbs=trail(draft.agreement),
    )
