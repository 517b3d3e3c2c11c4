"""Information sharing agreements: read, sign, take back, draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import SITE, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.sharing.actions import agreements as actions
from frankpledge.sharing.actions.agreements import (
    AlreadyThere,
    UnableToChangeVersion,
    UnableToSign,
)
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.forms import (
    AgreementForm,
    ClauseForm,
    PutInForceForm,
    RevokeForm,
    SignForm,
    TermForm,
    VersionForm,
)
from frankpledge.sharing.models import AgreementVersion, SharingAgreement
from frankpledge.sharing.queries import agreements as queries

DRAFT = Capability.DRAFT_SHARING_AGREEMENT


def _trail(agreement: SharingAgreement | None = None, *more: tuple[str, str]) -> list[Crumb]:
    pairs = [("Home", reverse("home")), ("Sharing", reverse("sharing-agreement-list"))]
    if agreement is not None:
        pairs.append((agreement.title, reverse("sharing-agreement", args=[agreement.slug])))
    return list(crumbs(*pairs, *more))


def _version_url(version: AgreementVersion, name: str = "sharing-version") -> str:
    return reverse(name, args=[version.agreement.slug, version.pk])


class AgreementTable(Table):
    caption, noun, default_sort = "Information sharing agreements", "agreement", "title"
    columns = (
        Column(
            "title",
            "Agreement",
            sort="title",
            url=lambda a: reverse("sharing-agreement", args=[a.slug]),
        ),
        Column("owner.name", "Kept by", sort="owner__name"),
        Column(
            "version",
            "Version in force",
            value=lambda a: a.in_force[0].number if a.in_force else "None",
        ),
        Column(
            "since",
            "In force since",
            kind="date",
            value=lambda a: a.in_force[0].effective_from if a.in_force else None,
        ),
        Column("signed", "Signed by", value=lambda a: f"{a.signed} of {a.party_count} parties"),
    )
    empty = "No agreement has been made yet."


def agreement_list(request: HttpRequest) -> HttpResponse:
    table = AgreementTable(request.GET, queries.agreements(actor=request.actor))
    return table.render(
        request,
        "sharing/agreement_list.html",
        {"breadcrumbs": crumbs(("Home", reverse("home")))},
    )


def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    page = queries.agreement_page(actor=request.actor, slug=slug, today=clock.today())
    facts = [
        Fact("Purpose", page.agreement.purpose_text or "Not written yet"),
        Fact("Kept by", page.agreement.owner),
    ]
    if page.current:
        facts += [
            Fact("Version in force", page.current.number, url=_version_url(page.current)),
            Fact("In force since", _day(page.current.effective_from)),
            Fact("Review by", _day(page.current.review_on) or "Not set"),
        ]
    return render(
        request,
        "sharing/agreement.html",
        {
            "page": page,
            "facts": facts,
            "marking": page.agreement.marking,
            "breadcrumbs": _trail(),
        },
    )


def _day(day: Any) -> str:
    return f"{day:%-d %B %Y}" if day else ""


def version(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    page = queries.version_page(actor=request.actor, slug=slug, key=key)
    return render(
        request,
        "sharing/version.html",
        {
            "page": page,
            "marking": page.agreement.marking,
            "breadcrumbs": _trail(page.agreement),
            "is_draft": page.version.state == VersionState.DRAFT,
        },
    )


# Signing


def sign(request: HttpRequest, slug: str, key: Any, organisation: str) -> HttpResponse:
    page = queries.version_page(actor=request.actor, slug=slug, key=key)
    party = queries.find_party(actor=request.actor, version=page.version, slug=organisation)
    require(request.actor, Capability.SIGN_SHARING_AGREEMENT, party)
    posts = queries.own_posts(actor=request.actor, organisation=party)
    form = SignForm(request.POST or None, posts=posts)
    if form.is_valid():
        with form.saving(UnableToSign):
            actions.sign(
                actor=request.actor,
                version=page.version,
                organisation=party,
                post=form.cleaned_data["post"],
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
            "title": f"Sign version {page.version.number}",
            "marking": page.agreement.marking,
            "breadcrumbs": _trail(page.agreement),
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
        actions.revoke(
            actor=request.actor,
            signature=signature,
            because=form.cleaned_data["because"],
            today=clock.today(),
            now=clock.now(),
        )
        done(request, f"The signature of {party} was taken back.")
        return redirect("sharing-agreement", found.agreement.slug)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": f"Take back the signature of {party}",
            "intro": (
                f"From today, data that {party} shares under a power stops. "
                "Data shared under a duty goes on, with a warning."
            ),
            "submit": "Take back the signature",
            "warning": True,
            "cancel_url": reverse("sharing-agreement", args=[found.agreement.slug]),
            "breadcrumbs": _trail(found.agreement),
        },
    )


# Drafting, by the county team


def _draft(request: HttpRequest, slug: str, key: Any) -> AgreementVersion:
    found = queries.find_version(actor=request.actor, slug=slug, key=key)
    require(request.actor, DRAFT, found)
    return found


def _form_page(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    return render(request, "components/form_page.html", {"form": form, **context})


def agreement_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, DRAFT, SITE)
    form = AgreementForm(
        request.POST or None,
        owners=queries.owners(actor=request.actor),
        organisations=queries.organisations(actor=request.actor),
    )
    if form.is_valid():
        fields = dict(form.cleaned_data)
        with form.saving(AlreadyThere):
            made = actions.create_agreement(
                actor=request.actor, parties=fields.pop("parties"), fields=fields, now=clock.now()
            )
        if not form.errors:
            done(request, "Agreement made. Draft its first version next.")
            return redirect("sharing-agreement", made.slug)
    return _form_page(
        request,
        form,
        title="Make an information sharing agreement",
        submit="Make agreement",
        cancel_url=reverse("sharing-agreement-list"),
        breadcrumbs=_trail(),
    )


def version_new(request: HttpRequest, slug: str) -> HttpResponse:
    page = queries.agreement_page(actor=request.actor, slug=slug, today=clock.today())
    require(request.actor, DRAFT, page.agreement)
    form = VersionForm(request.POST or None)
    if form.is_valid():
        with form.saving():
            made = actions.draft_version(
                actor=request.actor, agreement=page.agreement, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, f"Version {made.number} drafted as a copy of the one in force.")
            return redirect(_version_url(made))
    return _form_page(
        request,
        form,
        title="Draft a new version",
        intro="It begins as a copy of the version in force. It binds nobody yet.",
        submit="Draft version",
        cancel_url=reverse("sharing-agreement", args=[slug]),
        breadcrumbs=_trail(page.agreement),
    )


def clause(request: HttpRequest, slug: str, key: Any, clause: Any = None) -> HttpResponse:
    """Write a clause of a draft, new or again."""
    draft = _draft(request, slug, key)
    old = queries.find_clause(version=draft, key=clause) if clause else None
    initial = (
        {"number": old.number, "order": old.order, "heading": old.heading, "text": old.text}
        if old
        else {}
    )
    form = ClauseForm(request.POST or None, initial=initial)
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
            return redirect(_version_url(draft))
    return _form_page(
        request,
        form,
        title=f"Change clause {old.number}" if old else "Add a clause",
        caption=str(draft),
        submit="Save clause",
        cancel_url=_version_url(draft),
        breadcrumbs=_trail(draft.agreement),
    )


def term(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    """Add a term to a draft."""
    draft = _draft(request, slug, key)
    form = TermForm(
        request.POST or None,
        clauses=draft.clauses.all(),
        datasets=queries.datasets(actor=request.actor),
        organisations=queries.organisations(actor=request.actor),
    )
    if form.is_valid():
        with form.saving(UnableToChangeVersion):
            actions.write_term(
                actor=request.actor, version=draft, fields=form.values, now=clock.now()
            )
        if not form.errors:
            done(request, "Term added.")
            return redirect(_version_url(draft))
    return _form_page(
        request,
        form,
        title="Add a term",
        caption=str(draft),
        submit="Add term",
        cancel_url=_version_url(draft),
        breadcrumbs=_trail(draft.agreement),
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
    return redirect(_version_url(draft))


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
    return redirect(_version_url(draft))


def put_in_force(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    draft = _draft(request, slug, key)
    if draft.state != VersionState.DRAFT:
        done(request, f"Version {draft.number} is no draft any more.")
        return redirect(_version_url(draft))
    form = PutInForceForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToChangeVersion):
            actions.put_in_force(
                actor=request.actor, version=draft, today=clock.today(), now=clock.now()
            )
        if not form.errors:
            done(request, f"Version {draft.number} is in force. Every party signs it anew.")
            return redirect("sharing-agreement", draft.agreement.slug)
    return _form_page(
        request,
        form,
        title=f"Put version {draft.number} in force",
        intro=(
            "It takes the place of the version before it. Until a party signs, data that it "
            "shares under a power stops."
        ),
        submit="Put in force",
        cancel_url=_version_url(draft),
        breadcrumbs=_trail(draft.agreement),
    )
