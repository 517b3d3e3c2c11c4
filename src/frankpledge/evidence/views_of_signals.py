"""The board of emerging issues, and what people make of one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frankpledge.access.decisions import may, require
from frankpledge.access.enums import Capability
from frankpledge.analysis.disclosure import Refused
from frankpledge.components.parts import Crumb, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.evidence import forms, rules, uses
from frankpledge.evidence.actions import UnableToSave
from frankpledge.evidence.actions import watching as actions
from frankpledge.evidence.enums import SignalState
from frankpledge.evidence.models import Signal
from frankpledge.evidence.queries import asking
from frankpledge.evidence.queries import signals as queries
from frankpledge.evidence.queries.places import places
from frankpledge.evidence.queries.watching import FALSE_DISCOVERY

COUNTY = "county"
_COLOURS = {SignalState.OPEN: "yellow", SignalState.DISMISSED: "grey", SignalState.KEPT: "green"}


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    return list(crumbs(("Home", reverse("home")), *more))


def _board() -> tuple[str, str]:
    return ("Emerging issues", reverse("emerging"))


def _said(signal: Signal) -> str:
    return rules.signal_sentence(
        what=signal.what,
        where=signal.where,
        month=signal.watch.month,
        observed=signal.observed,
        expected=signal.expected,
        upper=signal.upper,
    )


def _asked(signal: Signal) -> str:
    return f"{reverse('explorer')}?{queries.question_of(signal).address()}"


class SignalTable(Table):
    caption, noun = "What stands out", "emerging issue"
    downloadable = False
    columns: tuple[Column, ...] = (
        Column(
            "sentence",
            "What stands out",
            value=lambda row: _said(row.signal),
            url=lambda row: reverse("signal", args=[row.pk]),
        ),
        Column("chance", "By chance", value=lambda row: rules.surprise(row.signal.p_value)),
        Column("dataset", "Data", value=lambda row: str(row.signal.watch.dataset)),
        Column(
            "ask",
            "Look closer",
            value=lambda row: "Ask the data",
            url=lambda row: _asked(row.signal),
            about=lambda row: row.signal,
        ),
        Column(
            "state",
            "State",
            value=lambda row: row.signal.get_state_display(),
            colour=lambda row: _COLOURS[row.signal.state],
        ),
    )
    empty = "Nothing stands out in the last month of any series that you may ask about."

    def __init__(self, *args: Any, measures: list[str], **rest: Any) -> None:
        harms = tuple(
            Column(name, f"Harm: {name}", kind="number", value=_harm(name)) for name in measures
        )
        self.columns = (*self.columns[:2], *harms, *self.columns[2:])
        super().__init__(*args, **rest)


def _harm(name: str) -> Any:
    return lambda row: round(row.harm[name]) if name in row.harm else None


def emerging(request: HttpRequest) -> HttpResponse:
    looks = list(queries.watches(actor=request.actor))
    measures = queries.measures()
    filters = forms.SignalFilter(
        request.GET,
        datasets=dict.fromkeys((each.dataset.slug, each.dataset.name) for each in looks),
        areas=[(COUNTY, places().name("")), *places().districts.items()],
        weights=measures,
    )
    asked = filters.values
    state = asked.get("state", SignalState.OPEN)
    area = asked.get("area")
    rows = queries.board(
        actor=request.actor,
        dataset=asked.get("dataset", ""),
        area="" if area == COUNTY else area,
        state="" if state == "all" else state,
        weights=asked.get("weights", ""),
    )
    uses.note_signals(actor=request.actor, signals=[row.signal for row in rows], now=clock.now())
    shown = sorted({name for row in rows for name in row.harm})
    table = SignalTable(request.GET, rows, filter=filters, measures=shown)
    return table.render(
        request,
        "evidence/emerging.html",
        {
            "looks": looks,
            "tested": sum(each.tested for each in looks),
            "series": sum(each.series for each in looks),
            "datasets": len({each.dataset_id for each in looks}),
            "rate": f"{FALSE_DISCOVERY:.0%}",
            "own": any(row.own for row in rows),
            "breadcrumbs": _trail(),
        },
    )


def signal(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.signal(actor=request.actor, pk=pk)
    uses.note_signals(actor=request.actor, signals=[found], now=clock.now())
    may_settle = may(request.actor, Capability.SETTLE_SIGNAL, found)
    may_keep = may(request.actor, Capability.SAVE_FINDING)
    return render(
        request,
        "evidence/signal.html",
        {
            "signal": found,
            "sentence": _said(found),
            "facts": _facts(found),
            "ask_url": _asked(found),
            "may_settle": may_settle,
            "may_keep": may_settle if not may_settle else may_keep,
            "breadcrumbs": _trail(_board()),
        },
    )


def _facts(found: Signal) -> list[Fact]:
    facts = [
        Fact("Counted", f"{found.observed:,}"),
        Fact("Expected from its own past", f"{found.expected:,.1f}"),
        Fact("Limit", f"{found.upper:,.0f}"),
        Fact("By chance, in one series", rules.surprise(found.p_value)),
        Fact("False discovery rate at which it still stands", f"{found.q_value:.1%}"),
        Fact("Data", found.watch.dataset.name),
        Fact("Method", found.watch.method),
        Fact("Tests made in this look", f"{found.watch.tested:,}"),
        Fact("State", found.get_state_display()),
    ]
    if found.state != SignalState.OPEN:
        who = str(found.settled_by) if found.settled_by else "At the command line"
        facts.append(Fact("Settled by", f"{who}, {found.settled_at:%-d %B %Y}"))
    if found.reason:
        facts.append(Fact("Reason", found.reason))
    if found.finding_id:
        facts.append(
            Fact("Finding", "Open the Finding", url=reverse("finding", args=[found.finding_id]))
        )
    return facts


def signal_dismiss(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.signal(actor=request.actor, pk=pk)
    require(request.actor, Capability.SETTLE_SIGNAL, found)
    form = forms.DismissForm(request.POST or None)
    if form.is_valid():
        with form.saving(actions.UnableToSettle):
            actions.dismiss(
                actor=request.actor,
                signal=found,
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        if not form.errors:
            undo = reverse("signal-restore", args=[found.pk])
            done(request, "Dismissed. It stays dismissed until its count changes.", undo_url=undo)
            return redirect("emerging")
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Dismiss an emerging issue",
            "caption": _said(found),
            "submit": "Dismiss it",
            "cancel_url": reverse("signal", args=[found.pk]),
            "breadcrumbs": _trail(_board(), (str(found), reverse("signal", args=[found.pk]))),
        },
    )


@require_POST
def signal_restore(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.signal(actor=request.actor, pk=pk)
    try:
        actions.restore(actor=request.actor, signal=found, now=clock.now())
    except actions.UnableToSettle as error:
        done(request, str(error))
    else:
        done(request, "It is back on the board.")
    return redirect("signal", found.pk)


def signal_keep(request: HttpRequest, pk: Any) -> HttpResponse:
    found = queries.signal(actor=request.actor, pk=pk)
    require(request.actor, Capability.SETTLE_SIGNAL, found)
    require(request.actor, Capability.SAVE_FINDING)
    try:
        answer = asking.answer(
            actor=request.actor, question=queries.question_of(found), on=clock.today()
        )
    except (rules.UnableToAsk, Refused) as error:
        return render(request, "evidence/refused.html", {"refusal": str(error)}, status=422)
    initial = {"sentence": _said(found), "audience": "partnership"}
    form = forms.SaveForm(request.POST or None, initial=initial)
    if form.is_valid():
        with form.saving(UnableToSave, actions.UnableToSettle):
            kept = actions.keep(
                actor=request.actor,
                signal=found,
                answer=answer,
                words=form.cleaned_data,
                now=clock.now(),
            )
        if not form.errors:
            done(request, "It is a Finding now. Assessments and proposals can cite it.")
            return redirect("finding", kept.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Bring it in as a Finding",
            "intro": "The explorer’s answer for the year to this month is kept: its figures, its "
            "chart and its caveats.",
            "submit": "Save the Finding",
            "cancel_url": reverse("signal", args=[found.pk]),
            "breadcrumbs": _trail(_board(), (str(found), reverse("signal", args=[found.pk]))),
        },
    )
