"""The conversation on a return, and how it is settled."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Event, done
from frankpledge.core import clock
from frankpledge.sharing.actions import questions as actions
from frankpledge.sharing.forms.checking import AskForm, PlausibleForm, RemarkForm, ResolveForm
from frankpledge.sharing.queries import questions as queries
from frankpledge.sharing.queries import results
from frankpledge.sharing.queries.caveats import sentence
from frankpledge.sharing.rules.questions import UnableToDiscuss
from frankpledge.sharing.views.results import MARKING, trail

_AGAIN = "It is wrong. I will send it again."


def ask(request: HttpRequest, key: Any) -> HttpResponse:
    """A question on the whole file, or on the rule, row and column that the address names."""
    sent = results.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.DISCUSS_RETURN, sent)
    row = request.GET.get("row", "")
    place = {
        "rule": request.GET.get("rule", "")[:80],
        "row": int(row) if row.isdecimal() and len(row) < 10 else None,
        "column": request.GET.get("column", "")[:120],
    }
    form = AskForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToDiscuss):
            asked = actions.ask(
                actor=request.actor,
                submission=sent,
                text=form.cleaned_data["text"],
                now=clock.now(),
                **place,
            )
        if not form.errors:
            done(request, "Asked. Whoever owes the answer sees it among what they owe.")
            return redirect("question", asked.pk)
    back = reverse("submission", args=[sent.pk])
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Ask about this return",
            "caption": sent.file_name,
            "intro": _place(place),
            "submit": "Ask",
            "cancel_url": back,
            "breadcrumbs": trail((sent.file_name, back)),
        },
    )


def _place(place: dict[str, Any]) -> str:
    if place["row"] is not None:
        return f"About row {place['row']:,}, column {place['column'] or 'not named'}."
    return f"About the rule “{place['rule']}”." if place["rule"] else "About the whole file."


def answer(request: HttpRequest, key: Any, rule: str) -> HttpResponse:
    """What the sender says of something odd: it is right, or it comes again."""
    sent = results.find_submission(actor=request.actor, key=key)
    require(request.actor, Capability.DISCUSS_RETURN, sent)
    form = PlausibleForm(request.POST or None)
    back = reverse("submission", args=[sent.pk])
    if form.is_valid():
        right = form.cleaned_data["answer"] == "right"
        said = f"It is right, because {form.cleaned_data['because']}" if right else _AGAIN
        with form.saving(UnableToDiscuss):
            actions.ask(
                actor=request.actor, submission=sent, text=said, rule=rule[:80], now=clock.now()
            )
        if not form.errors:
            done(request, "Your answer is kept with the file.")
            return redirect(back)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Say what it is",
            "caption": sent.file_name,
            "submit": "Save the answer",
            "cancel_url": back,
            "breadcrumbs": trail((sent.file_name, back)),
        },
    )


def question(request: HttpRequest, key: Any) -> HttpResponse:
    page = queries.question_page(actor=request.actor, key=key)
    found, sent = page.question, page.question.submission
    form = RemarkForm(request.POST or None)
    if form.is_valid():
        require(request.actor, Capability.DISCUSS_RETURN, sent)
        with form.saving(UnableToDiscuss):
            actions.remark(
                actor=request.actor,
                question=found,
                text=form.cleaned_data["text"],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Your remark is kept.")
            return redirect("question", found.pk)
    back = reverse("submission", args=[sent.pk])
    events = [
        Event(title="Said", by=str(each.by), when=each.at, text=each.text) for each in page.remarks
    ]
    return render(
        request,
        "sharing/question.html",
        {
            "page": page,
            "found": found,
            "sent": sent,
            "about": queries.about(found),
            "says": sentence(found.caveat) if found.caveat else "",
            "form": form,
            "events": events,
            "marking": MARKING,
            "breadcrumbs": trail((sent.file_name, back)),
        },
    )


def resolve(request: HttpRequest, key: Any) -> HttpResponse:
    page = queries.question_page(actor=request.actor, key=key)
    found = page.question
    require(request.actor, Capability.RESOLVE_QUESTION, found)
    months = results.months_of(found.submission)
    initial = {"first_month": months[0], "last_month": months[-1]} if months else {}
    form = ResolveForm(request.POST or None, initial={"caveat": "no", **initial})
    back = reverse("question", args=[found.pk])
    if form.is_valid():
        given = form.cleaned_data
        with form.saving(UnableToDiscuss):
            actions.resolve(
                actor=request.actor,
                question=found,
                resolution=given["resolution"],
                caveat=given["words"] or "",
                first_month=given["first_month"],
                last_month=given["last_month"],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "Settled.")
            return redirect(back)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Settle the question",
            "caption": found.submission.file_name,
            "submit": "Settle",
            "cancel_url": back,
            "breadcrumbs": trail(
                (found.submission.file_name, reverse("submission", args=[found.submission_id]))
            ),
        },
    )
