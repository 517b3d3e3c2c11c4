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
from frankpledge.assessment.queries import reading
from frankpledge.assessment.queries.document import compose
from frankpledge.components.parts import Download, Fact, Task, crumbs, done
from frankpledge.components.serving import document_response
from frankpledge.core import clock
from frankpledge.core.history import ChangedMeanwhile, seen_as


def _trail(found: Any = None) -> Any:
    pairs = [("Home", reverse("home")), ("Assessments", reverse("assessment-list"))]
    if found is not None:
        pairs.append(
            (found.csp.short_name or found.csp.name, reverse("assessment", args=[found.pk]))
        )
    return crumbs(*pairs)


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
    now_seen = seen_as(shown.text, shown.reason_empty)
    initial = {"text": shown.text, "reason_empty": shown.reason_empty, "seen": now_seen}
    form = forms.SectionForm(request.POST or None, initial=initial)
    if form.is_valid():
        with form.saving(actions.UnableToChange, ChangedMeanwhile):
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
    stale = form.is_bound and form.data.get("seen", now_seen) != now_seen
    form.see(now_seen)
    return render(
        request,
        "assessment/section.html",
        {
            "form": form,
            "title": which.label,
            "caption": found.csp.name,
            "section": shown,
            "theirs": shown.text or shown.reason_empty if stale else "",
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
            "models": reading.scoring_models() if page.may_write else (),
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


def matrix(request: HttpRequest, pk: Any) -> HttpResponse:
    """A district's own scoring matrix, sent as a file or pasted from its spreadsheet."""
    found = reading.assessment(actor=request.actor, pk=pk)
    require(request.actor, Capability.WRITE_ASSESSMENT, found)
    form = forms.MatrixForm(request.POST or None, request.FILES or None)
    if form.stage == "confirmed" and form.is_valid():
        with form.saving(actions.UnableToChange, rules.UnableToLoad):
            model = actions.load_scoring_model(
                actor=request.actor, assessment=found, now=clock.now(), **form.fields_of_model()
            )
        if not form.errors:
            done(request, f"{model} is loaded. Choose it when you score an issue.")
            return redirect("assessment-scores", found.pk)
    elif request.method == "POST":
        form.is_valid()
    return render(
        request,
        "assessment/matrix.html",
        {
            "form": form,
            "check": True,
            "title": "Load your own scoring matrix",
            "caption": found.csp.name,
            "submit": "Check it",
            "cancel_url": reverse("assessment-scores", args=[found.pk]),
            "example_url": reverse("assessment-matrix-example", args=[found.pk]),
            "marking": found.marking,
            "breadcrumbs": _trail(found),
        },
    )


def matrix_example(request: HttpRequest, pk: Any) -> HttpResponse:
    """The shipped matrix as a file to open in a spreadsheet, change and paste back."""
    found = reading.assessment(actor=request.actor, pk=pk)
    require(request.actor, Capability.WRITE_ASSESSMENT, found)
    answer = HttpResponse(
        "\ufeff" + reading.matrix_example(), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="scoring-matrix-example.csv"'
    return answer


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
                actor=request.actor,
                assessment=found,
                today=clock.today(),
                now=clock.now(),
                **form.cleaned_data,
            )
        if not form.errors:
            done(request, "The assessment is open again. The county table no longer counts it.")
            return redirect("assessment", found.pk)
    return _form_page(request, found, form, "Reopen this assessment")
