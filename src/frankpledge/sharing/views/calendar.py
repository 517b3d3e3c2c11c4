"""The return calendar: who was asked, has sent, is late; reminders and more time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frankpledge.access.decisions import SITE, may, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Crumb, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.sharing.actions import calendar as actions
from frankpledge.sharing.forms.returns import ExtendForm, ScheduleForm
from frankpledge.sharing.queries import calendar as queries
from frankpledge.sharing.rules.calendar import Standing, UnableToAskFor


def _trail(*more: tuple[str, str]) -> list[Crumb]:
    pairs = [("Home", reverse("home")), ("Returns", reverse("submission-list"))]
    return list(crumbs(*pairs, *more))


def _calendar() -> tuple[str, str]:
    return ("Calendar", reverse("return-calendar"))


def _address(line: queries.Line, name: str) -> str:
    return reverse(name, args=[line.schedule.pk, line.organisation.slug, line.key])


class CalendarTable(Table):
    caption, noun, default_sort = "Returns asked for", "return", "due"
    per_page = 50
    columns = (
        Column(
            "organisation",
            "Organisation",
            value=lambda line: line.organisation.name,
            url=lambda line: _address(line, "return-period"),
            about=lambda line: f"{line.schedule.dataset}, {line.period.name}",
            sort="organisation",
        ),
        Column("data", "Data", value=lambda line: line.schedule.dataset.name, sort="data"),
        Column("period", "Period", value=lambda line: line.period.name),
        Column("due", "Due", kind="date", sort="due"),
        Column(
            "standing",
            "Standing",
            value=lambda line: str(line.standing),
            colour=lambda line: line.colour,
            sort="standing",
        ),
        Column("came", "Came", value=lambda line: line.came),
        Column("whole_on", "Whole on", kind="date"),
        Column(
            "reminded",
            "Reminded",
            kind="date",
            value=lambda line: (
                line.request.chased_at.date() if line.request and line.request.chased_at else None
            ),
        ),
    )
    empty = "Nothing has been asked for yet."


def calendar(request: HttpRequest) -> HttpResponse:
    every = bool(request.GET.get("every"))
    page = queries.calendar_page(
        actor=request.actor,
        today=clock.today(),
        chosen=request.GET.get("schedule", ""),
        every_period=every,
    )
    table = CalendarTable(request.GET, list(page.lines))
    return table.render(
        request,
        "sharing/calendar.html",
        {"page": page, "every": every, "breadcrumbs": _trail()},
    )


@require_POST
def chase(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.RUN_RETURN_CALENDAR, SITE)
    page = queries.calendar_page(
        actor=request.actor,
        today=clock.today(),
        chosen=request.GET.get("schedule", ""),
        every_period=bool(request.GET.get("every")),
    )
    count = actions.chase(actor=request.actor, lines=page.lines, now=clock.now())
    returns = "return" if count == 1 else "returns"
    done(
        request,
        f"{count} late {returns}: each organisation has been reminded, first in its inbox."
        if count
        else "Nothing is late, so nobody was reminded.",
    )
    return redirect(f"{reverse('return-calendar')}?{request.GET.urlencode()}")


def period(request: HttpRequest, key: Any, organisation: str, start: str) -> HttpResponse:
    line = _line(request, key, organisation, start)
    return render(
        request,
        "sharing/period.html",
        {
            "line": line,
            "late": line.standing == Standing.LATE,
            "may_run": may(request.actor, Capability.RUN_RETURN_CALENDAR, SITE),
            "may_send": may(request.actor, Capability.SUBMIT_DATA, line.organisation),
            "extend_url": _address(line, "return-extend"),
            "nil_url": _address(line, "return-nil"),
            "chase_url": _address(line, "return-chase"),
            "breadcrumbs": _trail(_calendar()),
        },
    )


def _line(
    request: HttpRequest, key: Any, organisation: str, start: str, *, running: bool = False
) -> queries.Line:
    """The period; `running` for what only those who run the calendar do."""
    schedule = queries.find_schedule(actor=request.actor, key=key)
    if running:
        require(request.actor, Capability.RUN_RETURN_CALENDAR, schedule)
    return queries.find_line(
        actor=request.actor,
        schedule=schedule,
        organisation=organisation,
        start=start,
        today=clock.today(),
    )


def extend(request: HttpRequest, key: Any, organisation: str, start: str) -> HttpResponse:
    line = _line(request, key, organisation, start, running=True)
    form = ExtendForm(request.POST or None)
    if form.is_valid():
        with form.saving(UnableToAskFor):
            actions.extend(actor=request.actor, line=line, now=clock.now(), **form.cleaned_data)
        if not form.errors:
            done(request, f"{line.organisation} has more time.")
            return redirect(_address(line, "return-period"))
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Give more time",
            "caption": f"{line.organisation}, {line.schedule.dataset}, {line.period.name}",
            "intro": f"It is due on {line.due:%-d %B %Y}.",
            "submit": "Give more time",
            "cancel_url": _address(line, "return-period"),
            "breadcrumbs": _trail(_calendar()),
        },
    )


def nil(request: HttpRequest, key: Any, organisation: str, start: str) -> HttpResponse:
    line = _line(request, key, organisation, start)
    require(request.actor, Capability.SUBMIT_DATA, line.organisation)
    said = line.request is not None and line.request.nil_on is not None
    if request.method == "POST":
        try:
            if said:
                actions.take_nil_back(actor=request.actor, line=line, now=clock.now())
            else:
                actions.say_nil(actor=request.actor, line=line, on=clock.today(), now=clock.now())
        except UnableToAskFor as error:
            done(request, str(error))
        else:
            done(request, "Taken back. It is owed again." if said else "Noted: nothing to report.")
        return redirect(_address(line, "return-period"))
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": "Take it back" if said else "Nothing to report",
            "caption": f"{line.organisation}, {line.schedule.dataset}, {line.period.name}",
            "what_happens": "The return is owed again."
            if said
            else "You say that there was nothing to report in this period. It counts as a return, "
            "and no figure is stored.",
            "submit": "Take it back" if said else "There is nothing to report",
            "cancel_url": _address(line, "return-period"),
            "breadcrumbs": _trail(_calendar()),
        },
    )


@require_POST
def chase_one(request: HttpRequest, key: Any, organisation: str, start: str) -> HttpResponse:
    line = _line(request, key, organisation, start, running=True)
    reminded = actions.chase(actor=request.actor, lines=[line], now=clock.now())
    done(
        request,
        f"{line.organisation} has been reminded. It stands first in its inbox."
        if reminded
        else "It is not late, so nobody was reminded.",
    )
    return redirect(_address(line, "return-period"))


def duty(request: HttpRequest) -> HttpResponse:
    page = queries.duty_page(actor=request.actor, today=clock.today())
    return render(request, "sharing/duty.html", {"page": page, "breadcrumbs": _trail(_calendar())})


def schedule_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.RUN_RETURN_CALENDAR, SITE)
    choices = queries.schedule_choices(actor=request.actor)
    form = ScheduleForm(
        request.POST or None, datasets=choices.datasets, organisations=choices.organisations
    )
    if form.is_valid():
        with form.saving(UnableToAskFor):
            actions.make_schedule(actor=request.actor, now=clock.now(), **form.cleaned_data)
        if not form.errors:
            done(request, "Added to the calendar.")
            return redirect("return-calendar")
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Ask for a return",
            "submit": "Add to the calendar",
            "cancel_url": reverse("return-calendar"),
            "breadcrumbs": _trail(_calendar()),
        },
    )


def schedule_end(request: HttpRequest, key: Any) -> HttpResponse:
    schedule = queries.find_schedule(actor=request.actor, key=key)
    require(request.actor, Capability.RUN_RETURN_CALENDAR, schedule)
    if request.method == "POST":
        actions.end_schedule(
            actor=request.actor, schedule=schedule, on=clock.today(), now=clock.now()
        )
        done(request, f"{schedule.dataset} is not asked for any more.")
        return redirect("return-calendar")
    return render(
        request,
        "components/confirm_page.html",
        {
            "title": f"Ask no more for {schedule.dataset}",
            "caption": schedule.name,
            "what_happens": "Periods that end after today are not asked for. Earlier ones stay.",
            "submit": "Ask no more",
            "cancel_url": reverse("return-calendar"),
            "breadcrumbs": _trail(_calendar()),
        },
    )
