"""The round of a year: who has finished, who is late, what the county's table says."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frankpledge.access.decisions import SITE, may, require
from frankpledge.access.enums import Capability
from frankpledge.assessment import actions, forms, rules
from frankpledge.assessment.queries import cycle_roll_up, reading, sources
from frankpledge.components.parts import crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock


def _trail() -> Any:
    return crumbs(("Home", reverse("home")), ("Assessments", reverse("assessment-list")))


def _cycle(request: HttpRequest) -> Any:
    found = reading.cycle_named(actor=request.actor, name=request.GET.get("cycle", ""))
    if found is None and request.GET.get("cycle"):
        raise Http404
    return found


class AssessmentTable(Table):
    caption, noun = "Strategic assessments of the cycle", "assessment"
    per_page = 50
    columns = (
        Column(
            "csp",
            "Partnership",
            value=lambda line: line.assessment.csp.name,
            url=lambda line: reverse("assessment", args=[line.assessment.pk]),
            sort="csp",
        ),
        Column(
            "status",
            "Status",
            sort="status",
            colour=lambda line: "red" if line.late else "",
        ),
        Column(
            "window", "Data window ends", kind="date", value=lambda line: line.assessment.window_to
        ),
        Column(
            "signed",
            "Signed off",
            kind="date",
            sort="signed",
            value=lambda line: line.assessment.signed_off_on,
        ),
        Column("chased", "Chased", kind="date", value=lambda line: line.assessment.chased_on),
    )
    empty = "You see an assessment here once its chair has signed it off."


def assessment_list(request: HttpRequest) -> HttpResponse:
    cycle = _cycle(request)
    lines = (
        reading.assessments(actor=request.actor, cycle=cycle, today=clock.today()) if cycle else []
    )
    table = AssessmentTable(request.GET, lines)
    return table.render(
        request,
        "assessment/list.html",
        {
            "cycle": cycle,
            "cycles": reading.cycles(actor=request.actor),
            "late": [line for line in lines if line.late],
            "may_chase": any(line.may_chase for line in lines),
            "may_run": may(request.actor, Capability.RUN_CYCLES, SITE),
            "breadcrumbs": crumbs(("Home", reverse("home"))),
        },
    )


@require_POST
def chase(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    actions.chase(actor=request.actor, assessment=found, today=clock.today(), now=clock.now())
    done(request, f"{found.csp.name} has been reminded. It is at the top of its inbox.")
    return redirect(f"{reverse('assessment-list')}?cycle={found.cycle.name}")


@require_POST
def chase_late(request: HttpRequest) -> HttpResponse:
    cycle = _cycle(request)
    if cycle is None:
        raise Http404
    lines = reading.assessments(actor=request.actor, cycle=cycle, today=clock.today())
    late = [line.assessment for line in lines if line.late]
    actions.chase_all(actor=request.actor, assessments=late, today=clock.today(), now=clock.now())
    done(request, f"{len(late)} late partnerships have been reminded.")
    return redirect(f"{reverse('assessment-list')}?cycle={cycle.name}")


class RollUpTable(Table):
    caption, noun = "How many CSPs name each issue, and how", "issue"
    per_page = 100
    columns = (
        Column("issue", "Issue", sort="issue"),
        Column("count", "CSPs", kind="count", sort="count"),
        Column("main", "Main priority", kind="count", value=lambda row: len(row.main), sort="main"),
        Column("theme", "Cross-cutting theme", kind="count", value=lambda row: len(row.theme)),
        Column("part", "Part of a broader theme", kind="count", value=lambda row: len(row.part)),
    )
    empty = "No assessment of this cycle has been signed off yet."


def roll_up(request: HttpRequest) -> HttpResponse:
    cycle = _cycle(request)
    if cycle is None:
        raise Http404
    require(request.actor, Capability.SEE_ROLL_UP, cycle)
    answer = cycle_roll_up(cycle=cycle, on=clock.today())
    rows = answer.rows if answer.signed_off else ()
    table = RollUpTable(request.GET, list(rows))
    table.notes = (cycle.note,) if cycle.note else ()
    return table.render(
        request,
        "assessment/roll_up.html",
        {
            "answer": answer,
            "cycle": cycle,
            "cycles": reading.cycles(actor=request.actor),
            "breadcrumbs": _trail(),
        },
    )


def issue_sources(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "assessment/issue_sources.html",
        {"lines": sources.issue_sources(actor=request.actor), "breadcrumbs": _trail()},
    )


def cycle_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.RUN_CYCLES, SITE)
    form = forms.CycleForm(request.POST or None, bodies=reading.county_bodies(on=clock.today()))
    if form.is_valid():
        with form.saving(actions.UnableToOpen):
            cycle = actions.open_cycle(
                actor=request.actor, today=clock.today(), now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, f"{cycle.name} is open. Each partnership has its assessment to write.")
            return redirect(f"{reverse('assessment-list')}?cycle={cycle.name}")
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Open a cycle of assessments",
            "submit": "Open the cycle",
            "cancel_url": reverse("assessment-list"),
            "breadcrumbs": _trail(),
        },
    )


def cycle_close(request: HttpRequest, pk: Any) -> HttpResponse:
    cycle = reading.cycle(actor=request.actor, pk=pk)
    require(request.actor, Capability.RUN_CYCLES, cycle)
    late = reading.unsigned(cycle)
    if request.method == "POST":
        try:
            actions.close_cycle(
                actor=request.actor, cycle=cycle, today=clock.today(), now=clock.now()
            )
        except rules.UnableToMove as error:
            done(request, str(error))
        else:
            done(request, f"{cycle.name} is closed. Its county table stands.")
        return redirect(f"{reverse('assessment-list')}?cycle={cycle.name}")
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": f"Close the cycle {cycle.name}",
            "what_happens": (
                "Its county table stands from today and may be published in the agreement."
                if not late
                else f"{late} {'assessment is' if late == 1 else 'assessments are'} not signed off "
                "and will not be counted."
            ),
            "cannot_be_undone": "A closed cycle cannot be opened again.",
            "submit": "Close the cycle",
            "cancel_url": f"{reverse('assessment-list')}?cycle={cycle.name}",
            "breadcrumbs": _trail(),
        },
    )
