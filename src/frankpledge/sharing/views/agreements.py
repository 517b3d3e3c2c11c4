"""Information sharing agreements: the register, an agreement, who answers for whom."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import SITE, require
from frankpledge.access.enums import Capability
from frankpledge.components import exports
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.sharing.actions import agreements as actions
from frankpledge.sharing.actions.agreements import AlreadyThere, UnableToChangeAgreement
from frankpledge.sharing.actions.register import import_register
from frankpledge.sharing.forms.agreements import (
    AgreementForm,
    BoardFilter,
    LiaisonForm,
    RegisterFileForm,
    VersionForm,
)
from frankpledge.sharing.models import AgreementVersion, SharingAgreement
from frankpledge.sharing.queries import agreements as queries
from frankpledge.sharing.queries import register_file
from frankpledge.sharing.queries.board import whole_board
from frankpledge.sharing.queries.wording import REGISTER

DRAFT = Capability.DRAFT_SHARING_AGREEMENT


def trail(agreement: SharingAgreement | None = None, *more: tuple[str, str]) -> list[Crumb]:
    pairs = [("Home", reverse("home")), ("Sharing", reverse("sharing-agreement-list"))]
    if agreement is not None:
        pairs.append((agreement.title, reverse("sharing-agreement", args=[agreement.slug])))
    return list(crumbs(*pairs, *more))


def version_url(version: AgreementVersion, name: str = "sharing-version") -> str:
    return reverse(name, args=[version.agreement.slug, version.pk])


def form_page(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    return render(request, "components/form_page.html", {"form": form, **context})


def day(found: Any) -> str:
    return f"{found:%-d %B %Y}" if found else ""


def synthetic() -> bool:
    return bool(settings.EXAMPLE)


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
        Column(
            "review",
            "Review by",
            kind="date",
            value=lambda a: a.in_force[0].review_on if a.in_force else None,
        ),
        Column("signed", "Signed by", value=lambda a: f"{a.signed} of {a.party_count} parties"),
    )
    empty = "No agreement has been made yet."


def agreement_list(request: HttpRequest) -> HttpResponse:
    table = AgreementTable(request.GET, queries.agreements(actor=request.actor))
    return table.render(
        request,
        "sharing/agreement_list.html",
        {
            "breadcrumbs": crumbs(("Home", reverse("home"))),
            "may_draft": queries.may_make(actor=request.actor),
        },
    )


def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    page = queries.agreement_page(actor=request.actor, slug=slug, today=clock.today())
    facts = [
        Fact("Purpose", page.agreement.purpose_text or "Not written yet"),
        Fact("Kept by", page.agreement.owner),
        Fact("Post that keeps it", page.agreement.keeper or "The county team"),
    ]
    if page.current:
        facts += [
            Fact("Version in force", page.current.number, url=version_url(page.current)),
            Fact("In force since", day(page.current.effective_from)),
            Fact("Review by", day(page.current.review_on) or "Not set"),
        ]
    return render(
        request,
        "sharing/agreement.html",
        {
            "page": page,
            "facts": facts,
            "stated": register_facts(page.current) if page.current else [],
            "marking": page.agreement.marking,
            "breadcrumbs": trail(),
        },
    )


def register_facts(version: AgreementVersion) -> list[Fact]:
    """What the version says of the regulator's list; what is not stated is said to be so."""
    stated = [Fact(label, getattr(version, name) or "Not stated") for name, label in REGISTER]
    review = day(version.dpia_review_on)
    assessed = version.get_dpia_state_display() + (f", next on {review}" if review else "")
    months = version.retain_months
    return [
        *stated,
        Fact("State of the assessment", assessed),
        Fact("Data is kept for", f"{months} months" if months else "No fixed time"),
    ]


# The register entry of an agreement


def _agreement_form(request: HttpRequest, agreement: SharingAgreement | None) -> AgreementForm:
    fields = ("title", "purpose_text", "owner", "keeper", "audience", "classification")
    initial = {name: getattr(agreement, name) for name in fields} if agreement else {}
    if agreement is not None:
        initial["parties"] = agreement.parties.all()
    return AgreementForm(
        request.POST or None,
        owners=queries.owners(actor=request.actor),
        keepers=queries.keepers(actor=request.actor),
        organisations=queries.organisations(actor=request.actor),
        made=agreement is not None,
        initial=initial,
    )


def agreement_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, DRAFT, SITE)
    form = _agreement_form(request, None)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        with form.saving(AlreadyThere):
            made = actions.create_agreement(
                actor=request.actor, parties=fields.pop("parties"), fields=fields, now=clock.now()
            )
        if not form.errors:
            done(request, "Agreement made. Draft its first version next.")
            return redirect("sharing-agreement", made.slug)
    return form_page(
        request,
        form,
        title="Make an information sharing agreement",
        submit="Make agreement",
        cancel_url=reverse("sharing-agreement-list"),
        breadcrumbs=trail(),
    )


def agreement_change(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.find_agreement(actor=request.actor, slug=slug)
    require(request.actor, DRAFT, found)
    form = _agreement_form(request, found)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        with form.saving(UnableToChangeAgreement):
            actions.change_agreement(
                actor=request.actor,
                agreement=found,
                parties=fields.pop("parties"),
                fields=fields,
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Register entry changed.")
            return redirect("sharing-agreement", slug)
    return form_page(
        request,
        form,
        title="Change the register entry",
        caption=found.title,
        submit="Save register entry",
        cancel_url=reverse("sharing-agreement", args=[slug]),
        breadcrumbs=trail(found),
    )


def liaison_new(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.find_agreement(actor=request.actor, slug=slug)
    require(request.actor, DRAFT, found)
    form = LiaisonForm(
        request.POST or None,
        posts=queries.posts_of_parties(actor=request.actor, agreement=found),
    )
    if form.is_valid():
        with form.saving(UnableToChangeAgreement):
            actions.name_liaison(
                actor=request.actor,
                agreement=found,
                post=form.cleaned_data["post"],
                may_sign=form.cleaned_data["may_sign"] == "yes",
                today=clock.today(),
                now=clock.now(),
            )
        if not form.errors:
            done(request, f"{form.cleaned_data['post']} named.")
            return redirect("sharing-agreement", slug)
    return form_page(
        request,
        form,
        title="Name who answers for an organisation",
        caption=found.title,
        submit="Name this post",
        cancel_url=reverse("sharing-agreement", args=[slug]),
        breadcrumbs=trail(found),
    )


def liaison_end(request: HttpRequest, slug: str, key: Any) -> HttpResponse:
    found = queries.find_agreement(actor=request.actor, slug=slug)
    require(request.actor, DRAFT, found)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    liaison = queries.find_liaison(agreement=found, key=key)
    actions.end_liaison(
        actor=request.actor,
        agreement=found,
        liaison=liaison,
        today=clock.today(),
        now=clock.now(),
    )
    done(request, f"{liaison.post} no longer answers in this agreement.")
    return redirect("sharing-agreement", slug)


def version_new(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.find_agreement(actor=request.actor, slug=slug)
    require(request.actor, DRAFT, found)
    form = VersionForm(request.POST or None)
    if form.is_valid():
        with form.saving():
            made = actions.draft_version(
                actor=request.actor, agreement=found, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, f"Version {made.number} drafted as a copy of the one in force.")
            return redirect(version_url(made))
    return form_page(
        request,
        form,
        title="Draft a new version",
        intro="It begins as a copy of the version in force. It binds nobody yet.",
        submit="Draft version",
        cancel_url=reverse("sharing-agreement", args=[slug]),
        breadcrumbs=trail(found),
    )


# Who has signed what


class BoardTable(Table):
    caption, noun, default_sort = "Who has signed what", "line", ""
    per_page = 100
    columns = (
        Column("organisation.name", "Organisation", sort="organisation"),
        Column(
            "agreement.title",
            "Agreement",
            sort="agreement",
            url=lambda line: reverse("sharing-agreement", args=[line.agreement.slug]),
            about=lambda line: line.organisation,
        ),
        Column("words", "Signature", sort="words", colour=lambda line: line.colour),
        Column("in_force", "In force", sort="in_force", value=lambda line: line.in_force or None),
        Column(
            "version", "Signed version", sort="version", value=lambda line: line.version or None
        ),
        Column("signed_on", "Signed on", kind="date", sort="signed_on"),
        Column("signer", "Signed as", sort="signer"),
        Column("revoked_on", "Taken back on", kind="date", sort="revoked_on"),
    )
    empty = "No agreement has a party yet."


def board(request: HttpRequest) -> HttpResponse:
    found = BoardFilter(request.GET, agreements=queries.agreements_chosen_from(actor=request.actor))
    table = BoardTable(request.GET, whole_board(actor=request.actor, **found.values), filter=found)
    return table.render(request, "sharing/agreement_board.html", {"breadcrumbs": trail()})


# Taking over a register kept elsewhere


def register_import(request: HttpRequest) -> HttpResponse:
    """Read the file, show what it would make and every fault, then make it."""
    require(request.actor, DRAFT, SITE)
    if request.GET.get("download") in exports.KINDS:
        return exports.response(_template(), request.GET["download"])
    owners = queries.owners(actor=request.actor)
    form = RegisterFileForm(
        request.POST or None,
        request.FILES or None,
        owners=owners,
        again="lines" in request.POST and not request.FILES,
    )
    read = None
    if form.is_valid():
        with form.saving(register_file.UnreadableRegister):
            read = register_file.register_of(actor=request.actor, rows=form.rows)
        if read is not None and not read.faults and "_confirmed" in request.POST:
            made = import_register(
                actor=request.actor,
                entries=read.entries,
                owner=form.cleaned_data["owner"],
                today=clock.today(),
                now=clock.now(),
            )
            done(request, f"{len(made)} agreements made, each with a draft to type in.")
            return redirect("sharing-agreement-list")
    return render(
        request,
        "sharing/agreement_import.html",
        {
            "form": form,
            "blank": form if read is None else RegisterFileForm(owners=owners),
            "read": read,
            "title": "Take over a register of agreements",
            "notes": register_file.NOTES,
            "breadcrumbs": trail(),
        },
    )


def _template() -> exports.Sheet:
    return exports.Sheet(
        title="Register of information sharing agreements",
        headings=tuple(exports.Heading(label) for _, label in register_file.COLUMNS),
        rows=[register_file.EXAMPLE],
        made_on=clock.today(),
        notes=register_file.NOTES,
    )
