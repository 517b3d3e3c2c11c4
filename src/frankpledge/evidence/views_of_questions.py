"""Questions that are asked again: saved, shared, and watched for somebody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frankpledge.access import decisions
from frankpledge.access.decisions import may, require
from frankpledge.access.enums import Capability
from frankpledge.analysis.disclosure import Refused
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.evidence import forms, rules
from frankpledge.evidence.actions import questions as actions
from frankpledge.evidence.actions import telling
from frankpledge.evidence.queries import asking
from frankpledge.evidence.queries import saved as queries

_QUESTIONS = "My questions"


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    return list(crumbs(("Home", reverse("home")), *more))


def _list() -> tuple[str, str]:
    return (_QUESTIONS, reverse("saved-question-list"))


def _page(found: queries.Saved) -> tuple[str, str]:
    return (found.record.name, reverse("saved-question", args=[found.record.pk]))


class QuestionTable(Table):
    caption, noun = _QUESTIONS, "question"
    downloadable = False
    columns = (
        Column(
            "name",
            "Question",
            value=lambda row: row.record.name,
            url=lambda row: reverse("saved-question", args=[row.record.pk]),
        ),
        Column("asks", "What it asks"),
        Column(
            "open",
            "Answer",
            value=lambda row: "Ask it now" if row.address else "",
            url=lambda row: f"{reverse('explorer')}?{row.address}" if row.address else "",
            about=lambda row: row.record.name,
        ),
        Column("whose", "Whose", value=lambda row: "Yours" if row.mine else str(row.record.owner)),
        Column("body", "Shared with", value=lambda row: str(row.record.body or "")),
    )
    empty = "You have saved no question. Ask the data, then choose “Save this question”."


def saved_question_list(request: HttpRequest) -> HttpResponse:
    table = QuestionTable(request.GET, queries.saved_questions(actor=request.actor))
    return table.render(
        request,
        "evidence/questions.html",
        {"breadcrumbs": _trail(("Ask the data", reverse("explorer")))},
    )


def saved_question_new(request: HttpRequest) -> HttpResponse:
    """Save what the address asks, as it was settled by an answer."""
    slug = request.GET.get("dataset", "")
    try:
        dataset = asking.dataset_named(actor=request.actor, slug=slug)
        default = asking.default_question(dataset)
        question = rules.read(request.GET.dict(), default=default)
    except (rules.UnableToAsk, Refused) as error:
        return render(request, "evidence/refused.html", {"refusal": str(error)}, status=422)
    ends_now = question.end == default.end
    form = forms.SaveQuestionForm(request.POST or None, initial={"moves": ends_now})
    if form.is_valid():
        with form.saving():
            kept = actions.save_question(
                actor=request.actor, question=question, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, "Saved. It is in your list of questions.")
            return redirect("saved-question", kept.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Save this question",
            "intro": f"{queries.words(question, dataset)}. The question is kept, not its figures.",
            "submit": "Save the question",
            "cancel_url": f"{reverse('explorer')}?{question.address()}",
            "breadcrumbs": _trail(("Ask the data", reverse("explorer"))),
        },
    )


def saved_question(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.saved_question(actor=request.actor, pk=pk)
    record = found.record
    facts = [
        Fact("Asks", found.asks),
        Fact("Saved by", record.owner),
        Fact("Shared with those who sit on", record.body or "Nobody else"),
    ]
    return render(
        request,
        "evidence/question.html",
        {
            "found": found,
            "facts": facts,
            "told": queries.subscriptions(actor=request.actor, record=record),
            "ask_url": f"{reverse('explorer')}?{found.address}" if found.address else "",
            "may_change": may(request.actor, Capability.KEEP_QUESTION, record),
            "may_be_told": may(request.actor, Capability.SUBSCRIBE, record),
            "breadcrumbs": _trail(_list()),
        },
    )


def saved_question_change(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.saved_question(actor=request.actor, pk=pk)
    record = found.record
    require(request.actor, Capability.KEEP_QUESTION, record)
    form = forms.ChangeQuestionForm(
        request.POST or None,
        initial={"name": record.name, "moves": record.moves, "body": record.body_id},
        bodies=queries.bodies_to_share_with(actor=request.actor),
    )
    if form.is_valid():
        with form.saving(actions.UnableToKeep):
            actions.change_question(
                actor=request.actor, saved=record, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, "The question is changed.")
            return redirect("saved-question", record.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Change or share the question",
            "submit": "Save the change",
            "cancel_url": _page(found)[1],
            "breadcrumbs": _trail(_list(), _page(found)),
        },
    )


def saved_question_delete(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.saved_question(actor=request.actor, pk=pk)
    require(request.actor, Capability.KEEP_QUESTION, found.record)
    if request.method == "POST":
        actions.delete_question(actor=request.actor, saved=found.record, now=clock.now())
        done(request, "The question is deleted.")
        return redirect("saved-question-list")
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": "Delete the question",
            "caption": found.record.name,
            "what_happens": "It leaves the list of everybody it is shared with, and nobody is "
            "told of it any more. Findings stay.",
            "cannot_be_undone": "This cannot be undone.",
            "submit": "Delete it",
            "cancel_url": _page(found)[1],
            "breadcrumbs": _trail(_list(), _page(found)),
        },
    )


def saved_question_tell(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.saved_question(actor=request.actor, pk=pk)
    require(request.actor, Capability.SUBSCRIBE, found.record)
    try:
        answer = asking.answer(
            actor=request.actor, question=queries.question_of(found.record), on=clock.today()
        )
    except (Http404, rules.UnableToAsk, Refused, decisions.Refused):
        done(request, "You cannot be told of data that no agreement gives you today.")
        return redirect("saved-question", found.record.pk)
    form = forms.TellForm(request.POST or None, by_month=answer.question.by == "month")
    if form.is_valid():
        actions.subscribe(
            actor=request.actor,
            saved=found.record,
            when=form.cleaned_data["when"],
            number=form.cleaned_data.get("number"),
            known=telling.known_now(
                actor=request.actor,
                question=answer.question,
                dataset=answer.dataset,
                on=clock.today(),
            ),
            site=request.build_absolute_uri("/"),
            now=clock.now(),
        )
        done(request, "You get an e-mail, from the next data on.")
        return redirect("saved-question", found.record.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Tell me when …",
            "caption": found.record.name,
            "intro": "At most one e-mail a day, and only with what you may read on that day.",
            "submit": "Tell me",
            "cancel_url": _page(found)[1],
            "breadcrumbs": _trail(_list(), _page(found)),
        },
    )


@require_POST
def subscription_end(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.subscription(actor=request.actor, pk=pk)
    actions.unsubscribe(actor=request.actor, subscription=found, now=clock.now())
    done(request, "You get no more e-mails about this.")
    return redirect("saved-question", found.question_id)


def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """From an e-mail: says nothing of the question, to whoever holds the link."""
    key = telling.subscription_of(token)
    if key is None:
        raise Http404
    if request.method == "POST":
        actions.unsubscribe_by_link(pk=key)
        return render(request, "evidence/unsubscribed.html")
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": "Stop these e-mails?",
            "what_happens": "You are not told of this question any more.",
            "submit": "Stop them",
            "cancel_url": reverse("home"),
        },
    )
