from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.assessment import actions, forms, rules
from frankpledge.assessment.enums import Mark, SectionKind
from frankpledge.assessment.queries import cycle_roll_up, reading
from frankpledge.assessment.queries.document import compose
from frankpledge.components.parts import Download, Fact, Task, crumbs, done
from frankpledge.components.serving import document_response
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock


def _trail(found: Any = None) -> Any:
    pairs = [("Home", reverse("home")), ("Assessments", reverse("assessment-list"))]
    if found is not None:
        pairs.append(
            (found.csp.short_name or found.csp.name, reverse("assessment", args=[found.pk]))
        )
    return crumbs(*pairs)


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


def assessment(request: HttpRequest, pk: Any) -> HttpResponse:
    page = reading.page(actor=request.actor, pk=pk, today=clock.today())
    found = page.assessment
    return render(
        request,
        "assessment/assessment.html",
        {
            "page": page,
            "assessment": found,
            "facts": _facts(page),
            "tasks": _tasks(page),
            "main": reading.named(page.marks, Mark.MAIN),
            "themes": reading.named(page.marks, Mark.THEME),
            "parts": reading.named(page.marks, Mark.PART),
            "downloads": _downloads(found),
            "marking": found.marking,
            "breadcrumbs": _trail(),
        },
    )


def _facts(page: reading.Page) -> list[Fact]:
    found = page.assessment
    window = f"{found.window_from:%-d %B %Y} to {found.window_to:%-d %B %Y}"
    change = reverse("assessment-window", args=[found.pk]) if page.may_write else ""
    signed = (
        f"{found.signed_off_on:%-d %B %Y}, {found.signed_off_as}" if found.signed_off_on else "No"
    )
    return [
        Fact("Status", ("Late: " if page.late else "") + found.get_state_display()),
        Fact("Due", found.cycle.due_on),
        Fact("Data window", window, change_url=change, change="data window"),
        Fact("Signed off", signed),
    ]


def _tasks(page: reading.Page) -> list[Task]:
    pk = page.assessment.pk
    tasks = []
    for section in page.sections:
        status, colour = section.status
        url = reverse("assessment-section", args=[pk, section.kind.value])
        placed = len(section.placings)
        hint = f"{placed} Finding{'s' if placed != 1 else ''} placed" if placed else ""
        tasks.append(Task(section.kind.label, status, url=url, colour=colour, hint=hint))
    left = len(page.unmarked)
    tasks.append(
        Task(
            "How each issue is named",
            f"{left} to mark" if left else "Marked",
            url=reverse("assessment-issues", args=[pk]),
            colour="blue" if left else "",
        )
    )
    scored = sum(1 for mark in page.marks if mark.scores)
    tasks.append(
        Task(
            "Scores", f"{scored} scored", url=reverse("assessment-scores", args=[pk]), colour="grey"
        )
    )
    return tasks


def _downloads(found: Any) -> list[Download]:
    pages = (("Web page", "html"), ("PDF", "pdf"), ("Word", "docx"))
    return [
        Download(label, reverse("assessment-document", args=[found.pk, kind]))
        for label, kind in pages
    ]


def document(request: HttpRequest, pk: Any, kind: str) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    return document_response(
        request,
        compose(found, actor=request.actor),
        kind=kind,
        stem=f"{found.csp.slug}-strategic-assessment-{found.cycle.name}",
        classification=found.classification,
        breadcrumbs=_trail(found),
    )


def section(request: HttpRequest, pk: Any, kind: str) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    if kind not in SectionKind.values:
        raise Http404
    require(request.actor, Capability.WRITE_ASSESSMENT, found)
    which = SectionKind(kind)
    shown = next(s for s in reading.sections_of(found, request.actor) if s.kind == which)
    initial = {"text": shown.text, "reason_empty": shown.reason_empty}
    form = forms.SectionForm(request.POST or None, initial=initial)
    if form.is_valid():
        with form.saving(actions.UnableToChange):
            actions.write_section(
                actor=request.actor,
                assessment=found,
                kind=which,
                now=clock.now(),
                **form.cleaned_data,
            )
        if not form.errors:
            done(request, f"“{which.label}” is saved.")
            return redirect("assessment", found.pk)
    return render(
        request,
        "assessment/section.html",
        {
            "form": form,
            "title": which.label,
            "caption": found.csp.name,
            "section": shown,
            "assessment": found,
            "submit": "Save",
            "cancel_url": reverse("assessment", args=[found.pk]),
            "marking": found.marking,
            "breadcrumbs": _trail(found),
        },
    )


def place_finding(request: HttpRequest, pk: Any, kind: str) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    if kind not in SectionKind.values:
        raise Http404
    require(request.actor, Capability.WRITE_ASSESSMENT, found)
    which = SectionKind(kind)
    findings = reading.placeable(actor=request.actor, found=found)
    initial = {"finding": request.GET.get("finding")}
    form = forms.PlaceForm(request.POST or None, findings=findings, initial=initial)
    if form.is_valid():
        with form.saving(actions.UnableToChange):
            actions.place_finding(
                actor=request.actor,
                assessment=found,
                kind=which,
                now=clock.now(),
                **form.cleaned_data,
            )
        if not form.errors:
            done(request, "The Finding is placed.")
            return redirect("assessment-section", found.pk, which.value)
    return render(
        request,
        "assessment/place_finding.html",
        {
            "form": form,
            "title": f"Place a Finding in “{which.label}”",
            "caption": found.csp.name,
            "none": not findings.exists(),
            "submit": "Place it",
            "cancel_url": reverse("assessment-section", args=[found.pk, which.value]),
            "marking": found.marking,
            "breadcrumbs": _trail(found),
        },
    )


@require_POST
def change_placing(request: HttpRequest, pk: Any, placing: Any, what: str) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    which = reading.placing(found, placing)
    back = redirect("assessment-section", found.pk, which.section.kind)
    if what not in {"remove", "up", "down"}:
        raise Http404
    try:
        if what == "remove":
            actions.take_out_finding(actor=request.actor, placing=which, now=clock.now())
            done(request, "The Finding is taken out. It is kept with the evidence.")
        else:
            up = what == "up"
            actions.move_finding(actor=request.actor, placing=which, up=up, now=clock.now())
    except actions.UnableToChange as error:
        messages.error(request, str(error))
    return back


def window(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    require(request.actor, Capability.WRITE_ASSESSMENT, found)
    initial = {"start": found.window_from, "end": found.window_to}
    form = forms.WindowForm(request.POST or None, initial=initial)
    if form.is_valid():
        with form.saving(actions.UnableToChange):
            actions.set_window(
                actor=request.actor, assessment=found, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, "The data window is saved.")
            return redirect("assessment", found.pk)
    return _form_page(request, found, form, "Data window")


def issues(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    require(request.actor, Capability.WRITE_ASSESSMENT, found)
    listed = reading.issues_on(found.window_to)
    initial = {f"issue-{mark.issue_id}": mark.mark for mark in found.marks.all()}
    form = forms.IssuesForm(request.POST or None, issues=listed, initial=initial)
    if form.is_valid():
        with form.saving(actions.UnableToChange):
            actions.mark_issues(
                actor=request.actor, assessment=found, marks=form.marks(listed), now=clock.now()
            )
        if not form.errors:
            done(request, "The issues are marked.")
            return redirect("assessment", found.pk)
    return _form_page(request, found, form, "How is each issue named?")


def scores(request: HttpRequest, pk: Any) -> HttpResponse:
    page = reading.page(actor=request.actor, pk=pk, today=clock.today())
    return render(
        request,
        "assessment/scores.html",
        {
            "page": page,
            "assessment": page.assessment,
            "rows": reading.score_rows(page),
            "marking": page.assessment.marking,
            "breadcrumbs": _trail(page.assessment),
        },
    )


def score(request: HttpRequest, pk: Any, issue: Any) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    require(request.actor, Capability.WRITE_ASSESSMENT, found)
    which, model, before = reading.to_score(found, issue, request.GET.get("model", ""))
    form = forms.ScoreForm(request.POST or None, model=model, initial=before)
    if form.is_valid():
        with form.saving(actions.UnableToChange, rules.UnableToScore):
            actions.score_issue(
                actor=request.actor,
                assessment=found,
                issue=which,
                model=model,
                scores=form.scores(),
                now=clock.now(),
            )
        if not form.errors:
            done(request, f"“{which}” is scored.")
            return redirect("assessment-scores", found.pk)
    return _form_page(request, found, form, f"Score “{which}”", intro=f"{model}. {model.source}")


def _form_page(
    request: HttpRequest, found: Any, form: Any, title: str, intro: str = ""
) -> HttpResponse:
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": title,
            "intro": intro,
            "caption": found.csp.name,
            "cancel_url": reverse("assessment", args=[found.pk]),
            "marking": found.marking,
            "breadcrumbs": _trail(found),
        },
    )


def sign_off(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    require(request.actor, Capability.SIGN_OFF_ASSESSMENT, found)
    missing: tuple[str, ...] = reading.problems(found, on=found.window_to)
    if request.method == "POST":
        try:
            actions.sign_off(
                actor=request.actor, assessment=found, today=clock.today(), now=clock.now()
            )
        except rules.UnableToSignOff as error:
            missing = error.problems
        except rules.UnableToMove as error:
            missing = (str(error),)
        else:
            done(request, f"The assessment of {found.csp.name} is signed off.")
            return redirect("assessment", found.pk)
    return render(
        request,
        "assessment/sign_off.html",
        {
            "assessment": found,
            "missing": missing,
            "title": "Sign off this assessment",
            "submit": "Sign it off",
            "cancel_url": reverse("assessment", args=[found.pk]),
            "marking": found.marking,
            "breadcrumbs": _trail(found),
        },
    )


def reopen(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.assessment(actor=request.actor, pk=pk)
    require(request.actor, Capability.SIGN_OFF_ASSESSMENT, found)
    form = forms.ReopenForm(request.POST or None)
    if form.is_valid():
        with form.saving(rules.UnableToMove):
            actions.reopen(
                actor=request.actor, assessment=found, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, "The assessment is open again. The county table no longer counts it.")
            return redirect("assessment", found.pk)
    return _form_page(request, found, form, "Reopen this assessment")
