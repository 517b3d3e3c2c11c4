"""Asking for returns: schedules, extensions, nothing to report, and reminders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.access.models import User
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset, ReturnRequest, Schedule
from frankpledge.sharing.queries.calendar import Line
from frankpledge.sharing.rules.calendar import (
    Standing,
    UnableToAskFor,
    check_extension,
    periods,
)


def make_schedule(
    *,
    actor: Actor,
    name: str,
    datasets: Iterable[Dataset],
    organisations: Iterable[Organisation],
    rhythm: str,
    first_period: date,
    due_days: int,
    statutory: bool,
    source: str,
    now: datetime,
) -> list[Schedule]:
    """One schedule a dataset, under one name. Raises UnableToAskFor for a period that cannot be."""
    list(periods(rhythm, first_period, until=first_period))
    made = []
    with change(
        actor=actor, capability=Capability.RUN_RETURN_CALENDAR, record=SITE, now=now
    ) as audit:
        parties = list(organisations)
        for dataset in datasets:
            schedule = Schedule.objects.create(
                name=name,
                dataset=dataset,
                rhythm=rhythm,
                first_period=first_period,
                due_days=due_days,
                statutory=statutory,
                source=source,
            )
            schedule.organisations.set(parties)
            made.append(schedule)
            audit.note(
                f"Asks {len(parties)} organisations for {dataset} "
                f"{schedule.get_rhythm_display().lower()}: {name}.",
                record=schedule,
                concerns=tuple(parties),
            )
    return made


def end_schedule(*, actor: Actor, schedule: Schedule, on: date, now: datetime) -> Schedule:
    with change(
        actor=actor, capability=Capability.RUN_RETURN_CALENDAR, record=schedule, now=now
    ) as audit:
        locked = Schedule.objects.select_for_update().select_related("dataset").get(pk=schedule.pk)
        locked.valid_to = on
        locked.save()
        audit.note(f"Asks no more for {locked.dataset}: {locked.name}.", record=locked)
    return locked


def _request(line: Line) -> ReturnRequest:
    """The record of what is particular about a period; there is none while nothing is."""
    made, _ = ReturnRequest.objects.select_for_update().get_or_create(
        schedule=line.schedule,
        organisation=line.organisation,
        period_start=line.period.start,
        defaults={"period_end": line.period.end, "due_on": line.due},
    )
    return made


def extend(*, actor: Actor, line: Line, to: date, because: str, now: datetime) -> ReturnRequest:
    check_extension(due=line.due, extended_to=to, because=because)
    with change(
        actor=actor, capability=Capability.RUN_RETURN_CALENDAR, record=line.schedule, now=now
    ) as audit:
        request = _request(line)
        request.extended_to, request.extended_because = to, because
        request.save()
        audit.note(
            f"{line.organisation} has until {to:%-d %B %Y} for {_named(line)}: {because}",
            record=line.schedule,
            concerns=(line.organisation,),
        )
    return request


def say_nil(*, actor: Actor, line: Line, on: date, now: datetime) -> ReturnRequest:
    """The organisation says that there is nothing to report for the period."""
    if line.held:
        raise UnableToAskFor(
            f"Rows of {line.organisation} are held for {line.period.name}, so there is something "
            "to report. Undo that return first."
        )
    with change(
        actor=actor, capability=Capability.SUBMIT_DATA, record=line.organisation, now=now
    ) as audit:
        request = _request(line)
        request.nil_on = on
        request.nil_by = User.objects.filter(pk=_account(actor)).first()
        request.save()
        audit.note(
            f"{line.organisation} has nothing to report for {_named(line)}.",
            record=line.schedule,
            concerns=(line.organisation,),
        )
    return request


def take_nil_back(*, actor: Actor, line: Line, now: datetime) -> None:
    with change(
        actor=actor, capability=Capability.SUBMIT_DATA, record=line.organisation, now=now
    ) as audit:
        request = _request(line)
        request.nil_on, request.nil_by = None, None
        request.save()
        audit.note(
            f"{line.organisation} takes back that there is nothing to report for {_named(line)}.",
            record=line.schedule,
            concerns=(line.organisation,),
        )


def chase(*, actor: Actor, lines: Iterable[Line], now: datetime) -> int:
    """Remind every organisation of these lines that is late; gives how many were."""
    late = [line for line in lines if line.standing == Standing.LATE]
    with transaction.atomic():
        for line in late:
            with change(
                actor=actor,
                capability=Capability.RUN_RETURN_CALENDAR,
                record=line.schedule,
                now=now,
            ) as audit:
                request = _request(line)
                request.chased_at = now
                request.chased_times += 1
                request.save()
                audit.note(
                    f"Reminded {line.organisation} of {_named(line)}.",
                    record=line.schedule,
                    concerns=(line.organisation,),
                )
    return len(late)


def _named(line: Line) -> str:
    return f"{line.schedule.dataset}, {line.period.name}"


def _account(actor: Actor) -> Any:
    return actor.user_id if actor.user_id and actor.user_id != "console" else None
