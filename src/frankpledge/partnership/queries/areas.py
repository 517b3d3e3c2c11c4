"""Areas, their generations and what lies in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find
from frankpledge.core.models import Area, AreaChange, AreaKind
from frankpledge.partnership.models import Body, Organisation
from frankpledge.partnership.queries.records import containing, seen


def areas(*, actor: Actor) -> list[Area]:
    """Counties, unitaries and districts, a county before its districts."""
    tiers = (AreaKind.COUNTY, AreaKind.UNITARY, AreaKind.DISTRICT)
    rows = (
        seen(actor, Area)
        .filter(kind__in=tiers)
        .defer("outline")
        .select_related("parent")
        .annotate(
            wards=_children(AreaKind.WARD, valid_to_vintage__isnull=True),
            lsoas=_children(AreaKind.LSOA, valid_to_vintage__isnull=True),
        )
    )
    return sorted(rows, key=_tree_order)


def _children(kind: AreaKind, **more: Any) -> Count:
    conditions = {f"children__{name}": value for name, value in more.items()}
    return Count("children", filter=Q(children__kind=kind, **conditions), distinct=True)


def _tree_order(area: Area) -> tuple[str, str, str]:
    top = area.parent or area
    return (f"{top.kind} {top.name}", "" if area.parent is None else area.name, area.code)


@dataclass(frozen=True)
class AreaPage:
    area: Area
    generations: list[Area]
    counts: list[tuple[str, int, int]]
    bodies: list[Body]
    organisations: list[Organisation]
    changes: list[tuple[str, AreaChange, Area]]


def newest(*, actor: Actor, code: str) -> Area:
    """The newest generation of a code. Raises Http404."""
    rows = seen(actor, Area).filter(code=code).defer("outline").order_by("-vintage")
    found = rows.first()
    return found if found is not None else find(actor, Area, code=code)


def area(*, actor: Actor, code: str, vintage: int | None) -> AreaPage:
    """One code: its newest generation unless another is asked for. Raises Http404."""
    rows = seen(actor, Area).filter(code=code).select_related("parent").order_by("-vintage")
    generations = list(rows)
    wanted = next((a for a in generations if vintage in (None, a.vintage)), None)
    if wanted is None:
        wanted = find(actor, Area, code=code, vintage=vintage or 0)
    counts = (
        seen(actor, Area)
        .filter(parent=wanted)
        .order_by("kind", "vintage")
        .values_list("kind", "vintage")
        .annotate(many=Count("pk"))
    )
    return AreaPage(
        area=wanted,
        generations=generations,
        counts=[(AreaKind(kind).label, vintage, many) for kind, vintage, many in counts],
        bodies=list(seen(actor, Body).filter(areas=wanted)),
        organisations=list(seen(actor, Organisation).filter(area=wanted)),
        changes=_changes(wanted),
    )


def _changes(area: Area) -> list[tuple[str, AreaChange, Area]]:
    came = AreaChange.objects.filter(after=area).select_related("before")
    became = AreaChange.objects.filter(before=area).select_related("after")
    return [("Came from", c, c.before) for c in came] + [("Became", c, c.after) for c in became]


def parts_of(
    *, actor: Actor, parent: Area, kind: str, vintage: int | None = None, words: str = ""
) -> QuerySet[Area]:
    """The areas of one kind within another."""
    rows = seen(actor, Area).filter(parent=parent, kind=kind).defer("outline")
    if vintage is not None:
        rows = rows.filter(vintage=vintage)
    return containing(rows, words, "name", "code").annotate(changed=Count("came_from"))
