"""Assessments that are owed: by the district that writes, the chair that signs, watched above."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.enums import Role
from frankpledge.assessment.enums import AssessmentState
from frankpledge.assessment.models import Assessment
from frankpledge.core.registries import Duty, register_duties


@register_duties
def assessments_owed(actor: Actor, today: date) -> Iterator[Duty]:
    mine: frozenset[Any] = actor.bodies(Role.DISTRICT_OFFICER, Role.CHAIR)
    watching = actor.holds(Role.COUNTY_TEAM)
    wanted = Q() if watching else Q(csp__in=mine)
    owed = (
        Assessment.objects.exclude(state=AssessmentState.SIGNED_OFF)
        .filter(wanted, cycle__closed_on__isnull=True)
        .select_related("csp", "cycle")
    )
    for each in owed.order_by("cycle__due_on", "csp__name", "pk"):
        chased = f" Asked for on {each.chased_on:%-d %B %Y}." if each.chased_on else ""
        yield Duty(
            what=f"Strategic assessment {each.cycle.name} of {each.csp.name}",
            due=each.cycle.due_on,
            url=reverse("assessment", args=[each.pk]),
            owed_by=f"Owed by {each.csp.name}",
            kind="assessment",
            reason=f"{each.get_state_display()}.{chased}",
        )
