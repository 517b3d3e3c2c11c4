"""Contracts: what to fill in, the file itself, and new ones made from a sample."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import SITE, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, crumbs, done
from frankpledge.contracts import BadContract, Unreadable, template
from frankpledge.core import clock
from frankpledge.core.history import ChangedMeanwhile, check_unchanged, seen_as
from frankpledge.sharing.actions import contracts as actions
from frankpledge.sharing.actions.contracts import UnableToMake
from frankpledge.sharing.forms.contracts import DraftForm, SampleForm, TryForm
from frankpledge.sharing.queries import contracts as queries

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    pairs = [("Home", reverse("home")), ("Data", reverse("dataset-list"))]
    return list(crumbs(*pairs, *more))


def _contracts() -> tuple[str, str]:
    return ("Contracts", reverse("contract-list"))


def template_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The workbook to fill in for a dataset."""
    found = queries.contract_page(actor=request.actor, slug=slug)
    return _file(template(found.contract), f"{found.contract.key}.xlsx", _XLSX)


def contract_file(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.contract_page(actor=request.actor, slug=slug)
    return _file(found.text.encode(), found.name, "application/yaml")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def contract_list(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.MAKE_CONTRACT, SITE)
    return render(
        request,
        "sharing/contract_list.html",
        {
            "made": queries.made(actor=request.actor),
            "not_taken": queries.not_taken(),
            "breadcrumbs": _trail(),
        },
    )


def contract_take(request: HttpRequest, key: str) -> HttpResponse:
    require(request.actor, Capability.MAKE_CONTRACT, SITE)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        dataset = actions.take(actor=request.actor, key=key, now=clock.now())
    except UnableToMake as error:
        done(request, str(error))
        return redirect("contract-list")
    done(request, "The dataset is made. Name it in a term of an agreement, then it can be sent.")
    return redirect("dataset", dataset.slug)


def contract_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.MAKE_CONTRACT, SITE)
    form = SampleForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        sample = form.cleaned_data["sample"]
        with form.saving(UnableToMake, Unreadable):
            saved = actions.make(
                actor=request.actor,
                raw=sample.read(),
                name=sample.name,
                key=form.cleaned_data["key"],
                title=form.cleaned_data["title"],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "The columns were guessed from the sample. Check each of them.")
            return redirect("contract-change", saved.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Make a contract from a sample",
            "intro": "Names, dates of birth, full postcodes, and phone, e-mail or NHS numbers "
            "in the sample stop it. Nothing of the sample is kept.",
            "submit": "Read the sample",
            "cancel_url": reverse("contract-list"),
            "breadcrumbs": _trail(_contracts()),
        },
    )


def contract(request: HttpRequest, key: Any) -> HttpResponse:
    """A contract that was made here: what it says, and a sample to try it on."""
    saved = queries.find_made(actor=request.actor, key=key)
    form = TryForm(request.POST or None, request.FILES or None)
    trial = None
    if form.is_valid():
        sample = form.cleaned_data["sample"]
        with form.saving(Unreadable, BadContract):
            trial = actions.try_on(
                actor=request.actor, saved=saved, raw=sample.read(), name=sample.name
            )
    return render(
        request,
        "sharing/contract.html",
        {
            "form": form,
            "saved": saved,
            "contract": queries.read_contract(saved),
            "trial": trial,
            "faults": queries.faults_of(trial) if trial else [],
            "breadcrumbs": _trail(_contracts()),
        },
    )


def contract_change(request: HttpRequest, key: Any) -> HttpResponse:
    saved = queries.find_made(actor=request.actor, key=key)
    draft = queries.draft(saved)
    form = DraftForm(request.POST or None, draft=draft, mark=seen_as(saved.text))
    if form.is_valid():
        with form.saving(UnableToMake, ChangedMeanwhile):
            check_unchanged(str(saved), form.cleaned_data["seen"], saved.text)
            saved = actions.change_draft(
                actor=request.actor, saved=saved, draft=form.edited, now=clock.now()
            )
        if not form.errors:
            done(request, "The draft is saved. Try it on a sample before it is put in use.")
            return redirect("contract", saved.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": f"Columns of {saved.title}",
            "caption": f"Contract {saved.key}, version {saved.version}",
            "submit": "Save draft",
            "cancel_url": reverse("contract", args=[saved.pk]),
            "breadcrumbs": _trail(_contracts()),
        },
    )


def contract_use(request: HttpRequest, key: Any) -> HttpResponse:
    saved = queries.find_made(actor=request.actor, key=key)
    if request.method == "POST":
        try:
            dataset = actions.put_in_use(actor=request.actor, saved=saved, now=clock.now())
        except UnableToMake as error:
            done(request, str(error))
            return redirect("contract", saved.pk)
        done(request, "In use. Name the dataset in a term of an agreement, then it can be sent.")
        return redirect("dataset", dataset.slug)
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": f"Put {saved} in use?",
            "what_happens": "From now on, files of this data are checked against it. An earlier "
            "version is kept, and what was stored under it stays.",
            "submit": "Put in use",
            "cancel_url": reverse("contract", args=[saved.pk]),
            "breadcrumbs": _trail(_contracts()),
        },
    )


def contract_text(request: HttpRequest, key: Any) -> HttpResponse:
    saved = queries.find_made(actor=request.actor, key=key)
    return _file(saved.text.encode(), f"{saved.key}-{saved.version}.odcs.yaml", "application/yaml")
