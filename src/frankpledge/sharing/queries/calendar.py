"""The return calendar: who was asked for what, what came, what is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import SITE, Decision, find, may, visible
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import SubmissionState
from frankpledge.sharing.models import Dataset, ReturnRequest, Schedule, SubmissionMonth
from frankpledge.sharing.rules.calendar import (
    COLOURS,
    Period,
    Standing,
    due_on,
    periods,
    standing,
)


@dataclass(frozen=True)
class Line:
    """One period asked of one organisation, and how it stands today."""

    schedule: Schedule
    organisation: Organisation
    period: Period
    due: date
    held: int
    whole_on: date | None
    request: ReturnRequest | None
    today: date

    @property
    def standing(self) -> Standing:
        return standing(
            months=len(self.period.months),
            held=self.held,
            whole_on=self.whole_on,
            due=self.due,
            nil=self.request is not None and self.request.nil_on is not None,
            today=self.today,
        )

    @property
    def colour(self) -> str:
        return COLOURS[self.standing]

    @property
    def is_owed(self) -> bool:
        return self.standing in (Standing.LATE, Standing.IN_PART, Standing.NOT_YET)

    @property
    def came(self) -> str:
        months = len(self.period.months)
        return "Whole" if self.held >= months else f"{self.held} of {months} months"

    @property
    def key(self) -> str:
        return f"{self.period.start:%Y-%m}"


def schedules(*, actor: Actor) -> QuerySet[Schedule]:
    seen = visible(actor, Capability.VIEW, Schedule)
    return seen.select_related("dataset").order_by("name", "dataset__name", "pk")


def find_schedule(*, actor: Actor, key: Any) -> Schedule:
    found: Schedule = find(actor, Schedule, pk=key)
    return found


def board(
    *,
    actor: Actor,
    today: date,
    schedules: Iterable[Schedule],
    since: date | None = None,
) -> list[Line]:
    """A line for each period that has ended, of each organisation whose returns the actor may see.

    A fixed number of queries, however many schedules, organisations and periods there are.
    """
    chosen = list(schedules)
    mine = set(visible(actor, Capability.SEE_RETURNS, Organisation).values_list("pk", flat=True))
    asked = Organisation.objects.filter(schedules__in=chosen, pk__in=mine)
    through = Schedule.organisations.through.objects.filter(
        schedule__in=chosen, organisation__in=mine
    ).values_list("schedule_id", "organisation_id")
    named = {each.pk: each for each in asked.distinct()}
    members: dict[Any, list[Organisation]] = defaultdict(list)
    for schedule_id, organisation_id in through:
        members[schedule_id].append(named[organisation_id])
    came = _came({each.dataset_id for each in chosen}, mine)
    requests = {
        (each.schedule_id, each.organisation_id, each.period_start): each
        for each in ReturnRequest.objects.filter(schedule__in=chosen, organisation__in=mine)
    }
    lines = []
    for schedule in chosen:
        for period in periods(schedule.rhythm, schedule.first_period, until=today):
            if (since and period.end < since) or not schedule.is_in_force(period.end):
                continue
            for organisation in sorted(members[schedule.pk], key=lambda each: each.name):
                if not organisation.is_in_force(period.end):
                    continue
                request = requests.get((schedule.pk, organisation.pk, period.start))
                months = came[(schedule.dataset_id, organisation.pk)]
                held = [months[month] for month in period.months if month in months]
                due = due_on(schedule.rhythm, period, schedule.due_days)
                if request is not None and request.extended_to is not None:
                    due = request.extended_to
                lines.append(
                    Line(
                        schedule=schedule,
                        organisation=organisation,
                        period=period,
                        due=due,
                        held=len(held),
                        whole_on=max(held) if len(held) == len(period.months) else None,
                        request=request,
                        today=today,
                    )
                )
    return lines


def _came(datasets: set[Any], organisations: set[Any]) -> dict[tuple[Any, Any], dict[date, date]]:
    """The day that each month of each dataset and organisation first came and was kept."""
    found: dict[tuple[Any, Any], dict[date, date]] = defaultdict(dict)
    rows = SubmissionMonth.objects.filter(
        dataset__in=datasets,
        organisation__in=organisations,
        submission__state__in=(SubmissionState.CHECKED, SubmissionState.STORED),
        received__gt=0,
    ).values_list("dataset_id", "organisation_id", "month", "submission__sent_at")
    for dataset, organisation, month, sent_at in rows:
        months = found[(dataset, organisation)]
        months[month] = min(months.get(month, date.max), sent_at.date())
    return found


@dataclass(frozen=True)
class CalendarPage:
    lines: tuple[Line, ...]
    schedules: tuple[Schedule, ...]
    chosen: Schedule | None
    late: int
    may_run: Decision


def calendar_page(*, actor: Actor, today: date, chosen: str, every_period: bool) -> CalendarPage:
    """The yearly request is shown unless another schedule is asked for; its last period only,
    unless every one is."""
    known = list(schedules(actor=actor))
    schedule = next((each for each in known if str(each.pk) == chosen), None)
    names = {schedule.name} if schedule else {_usual(known)}
    shown = [each for each in known if each.name in names]
    lines = board(actor=actor, today=today, schedules=shown)
    if not every_period:
        last: dict[Any, date] = {}
        for line in lines:
            last[line.schedule.pk] = max(
                last.get(line.schedule.pk, line.period.start), line.period.start
            )
        lines = [line for line in lines if line.period.start == last[line.schedule.pk]]
    by_name = {each.name: each for each in reversed(known)}
    return CalendarPage(
        lines=tuple(lines),
        schedules=tuple(sorted(by_name.values(), key=lambda each: each.name)),
        chosen=schedule or next((each for each in known if each.name in names), None),
        late=sum(line.standing == Standing.LATE for line in lines),
        may_run=may(actor, Capability.RUN_RETURN_CALENDAR, SITE),
    )


def _usual(known: list[Schedule]) -> str:
    yearly = [each.name for each in known if each.rhythm == "yearly"]
    return next(iter([*yearly, *(each.name for each in known)]), "")


def find_line(
    *, actor: Actor, schedule: Schedule, organisation: Any, start: str, today: date
) -> Line:
    """One period of one organisation; Http404 for what may not be seen or is not asked for."""
    from django.http import Http404

    party = find(actor, Organisation, slug=organisation)
    if not may(actor, Capability.SEE_RETURNS, party):
        raise Http404
    lines = board(actor=actor, today=today, schedules=[schedule])
    for line in lines:
        if line.organisation.pk == party.pk and line.key == start:
            return line
    raise Http404


@dataclass(frozen=True)
class Punctuality:
    """How much of what was due came, and how much of it in time, over the periods given."""

    organisation: Organisation
    due: int
    came: int
    in_time: int

    @property
    def completeness(self) -> float | None:
        return 100 * self.came / self.due if self.due else None

    @property
    def timeliness(self) -> float | None:
        return 100 * self.in_time / self.due if self.due else None


@dataclass(frozen=True)
class DutyRow:
    schedule: Schedule
    organisation: Organisation
    cells: tuple[Line | None, ...]


@dataclass(frozen=True)
class DutyPage:
    """Statutory returns, quarter by quarter: is the duty met?"""

    periods: tuple[Period, ...]
    rows: tuple[DutyRow, ...]
    punctuality: tuple[Punctuality, ...]


def duty_page(*, actor: Actor, today: date, last: int = 8) -> DutyPage:
    statutory = [each for each in schedules(actor=actor) if each.statutory]
    lines = board(actor=actor, today=today, schedules=statutory)
    shown = sorted({line.period for line in lines}, key=lambda each: (each.start, each.end))[-last:]
    rows: dict[tuple[Any, Any], dict[Period, Line]] = defaultdict(dict)
    for line in lines:
        rows[(line.schedule.pk, line.organisation.pk)][line.period] = line
    found = []
    for held in rows.values():
        line = next(iter(held.values()))
        cells = tuple(held.get(each) for each in shown)
        if any(cells):
            found.append(DutyRow(line.schedule, line.organisation, cells))
    found.sort(key=lambda row: (row.organisation.name, row.schedule.dataset.name))
    return DutyPage(tuple(shown), tuple(found), _punctuality(lines, set(shown)))


def _punctuality(lines: list[Line], shown: set[Period]) -> tuple[Punctuality, ...]:
    by_party: dict[Organisation, list[Line]] = defaultdict(list)
    for line in lines:
        if line.period in shown and line.due < line.today:
            by_party[line.organisation].append(line)
    return tuple(
        Punctuality(
            party,
            due=len(each),
            came=sum(line.standing != Standing.LATE for line in each),
            in_time=sum(line.standing in (Standing.RECEIVED, Standing.NIL) for line in each),
        )
        for party, each in sorted(by_party.items(), key=lambda pair: pair[0].name)
    )


@dataclass(frozen=True)
class ScheduleChoices:
    datasets: QuerySet[Dataset]
    organisations: QuerySet[Organisation]


def schedule_choices(*, actor: Actor) -> ScheduleChoices:
    return ScheduleChoices(
        visible(actor, Capability.VIEW, Dataset).order_by("name", "pk"),
        visible(actor, Capability.VIEW, Organisation).order_by("name", "pk"),
    )
