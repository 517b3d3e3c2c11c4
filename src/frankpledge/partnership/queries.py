"""What the partnership pages show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Model, Prefetch, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, decided, find, may, visible, with_decisions
from frankpledge.access.enums import Capability, Role
from frankpledge.core import history
from frankpledge.core.markings import Audience
from frankpledge.core.models import Area, AreaChange, AreaKind, in_force
from frankpledge.partnership.models import (
    Body,
    Holding,
    Legislation,
    LinkedPlan,
    Office,
    Organisation,
    Post,
    Seat,
    Succession,
)

KEEPING = (Capability.EDIT_PARTNERSHIP, Capability.MANAGE_SEATS)


def _seen(actor: Actor, model: type[Model]) -> QuerySet[Any]:
    return visible(actor, Capability.VIEW, model)


def _when(rows: QuerySet[Any], when: str, today: date) -> QuerySet[Any]:
    """Now (as a list is asked for when nothing is said), once, or all."""
    if when == "all":
        return rows
    if when == "ended":
        return rows.filter(valid_to__lt=today)
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))


def _containing(rows: QuerySet[Any], words: str, *fields: str) -> QuerySet[Any]:
    for word in words.split():
        wanted = Q()
        for name in fields:
            wanted |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(wanted)
    return rows


# Lists


def organisations(
    *,
    actor: Actor,
    today: date,
    words: str = "",
    kind: Iterable[str] = (),
    responsible: bool = False,
    when: str = "now",
) -> QuerySet[Organisation]:
    rows = _containing(_seen(actor, Organisation), words, "name", "short_name")
    if kind:
        rows = rows.filter(kind__in=kind)
    if responsible:
        rows = rows.filter(is_responsible_authority=True)
    return _when(rows, when, today).select_related("area")


def bodies(
    *, actor: Actor, today: date, words: str = "", kind: Iterable[str] = (), when: str = "now"
) -> QuerySet[Body]:
    rows = _containing(_seen(actor, Body), words, "name", "short_name")
    if kind:
        rows = rows.filter(kind__in=kind)
    seen = Prefetch("areas", queryset=Area.objects.defer("outline"))
    return _when(rows, when, today).prefetch_related(seen)


def posts(
    *,
    actor: Actor,
    today: date,
    words: str = "",
    organisation: Organisation | None = None,
    role: Iterable[str] = (),
    vacant: bool = False,
    when: str = "now",
) -> QuerySet[Post]:
    rows = _containing(_seen(actor, Post), words, "title", "organisation__name")
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    if role:
        rows = rows.filter(role__in=role)
    if vacant:
        rows = rows.exclude(pk__in=Holding.objects.on(today).values("post"))
    rows = _when(rows, when, today).select_related("organisation")
    return rows.prefetch_related(_held(actor, today))


def _held(actor: Actor, today: date, path: str = "") -> Prefetch:
    """The people who hold a post today, for those who may know."""
    people = _seen(actor, Holding).filter(in_force(today)).select_related("holder")
    return Prefetch(f"{path}holdings", queryset=people, to_attr="held_now")


def linked_plans(
    *, actor: Actor, today: date, words: str = "", when: str = "now"
) -> QuerySet[LinkedPlan]:
    rows = _containing(_seen(actor, LinkedPlan), words, "title", "owner__name")
    return _when(rows, when, today).select_related("owner")


def legislation(
    *, actor: Actor, words: str = "", kind: Iterable[str] = (), status: Iterable[str] = ()
) -> QuerySet[Legislation]:
    rows = _containing(_seen(actor, Legislation), words, "title", "duty", "duty_on")
    if kind:
        rows = rows.filter(kind__in=kind)
    return rows.filter(status__in=status) if status else rows


# Records


@dataclass(frozen=True)
class Page:
    """One record as somebody sees it: what may be done to it, and what it said before."""

    record: Any
    edit: Decision
    then: Any
    versions: list[history.Version]
    names: bool
    parts: dict[str, Any] = field(default_factory=dict)

    def part(self, name: str) -> Any:
        return self.parts[name]


def page_of(
    record: Any, *, actor: Actor, capability: Capability, on: date | None, **parts: Any
) -> Page:
    """The page of a record that was found, with its history as far as this actor may see it."""
    seen = _seen_version(actor)
    then = history.as_of(record, on) if on else None
    if then is not None and not seen(then):
        then = None
    versions = history.versions(record, seen=seen)
    return Page(
        record=record,
        edit=decided(record, capability),
        then=then,
        versions=versions,
        names=actor.in_partnership,
        parts=parts,
    )


def _seen_version(actor: Actor) -> Any:
    """An earlier version counts as shown to whom it was shown then."""

    def seen(version: Any) -> bool:
        audience = getattr(version, "audience", Audience.PUBLIC)
        if audience == Audience.PUBLIC:
            return True
        if audience == Audience.PARTNERSHIP:
            return actor.in_partnership
        if audience == Audience.BODY and actor.holds(Role.COUNTY_TEAM, Role.ADMINISTRATOR):
            return True
        return version.id in actor.bodies()

    return seen


def organisation(*, actor: Actor, slug: str, on: date | None, today: date) -> Page:
    rows = with_decisions(Organisation.objects.select_related("area"), actor, KEEPING)
    found = find(actor, Organisation, rows, slug=slug)
    return page_of(
        found,
        actor=actor,
        capability=Capability.EDIT_PARTNERSHIP,
        on=on,
        manage=decided(found, Capability.MANAGE_SEATS),
        before=list(_seen(actor, Succession).filter(after=found).select_related("before")),
        after=list(_seen(actor, Succession).filter(before=found).select_related("after")),
        posts=list(posts(actor=actor, today=today, organisation=found)),
        seats=list(
            _seen(actor, Seat)
            .filter(in_force(today), post__organisation=found)
            .select_related("body", "post__organisation")
        ),
    )


@dataclass(frozen=True)
class Place:
    """A seat, an office or a holding in a list, with whether it can be ended."""

    record: Any
    state: str
    may_end: Decision


def _places(rows: QuerySet[Any], actor: Actor, today: date) -> list[Place]:
    """Now, to come, and ended ones last."""
    placed = [
        Place(row, _state(row, today), decided(row, Capability.MANAGE_SEATS))
        for row in with_decisions(rows, actor, (Capability.MANAGE_SEATS,))
    ]
    return sorted(placed, key=lambda place: place.state == "Ended")


def _state(row: Any, today: date) -> str:
    if row.valid_to is not None and row.valid_to < today:
        return "Ended"
    return "To come" if row.valid_from is not None and row.valid_from > today else "Now"


def body(*, actor: Actor, slug: str, on: date | None, today: date) -> Page:
    rows = with_decisions(Body.objects.select_related("parent"), actor, KEEPING)
    found = find(actor, Body, rows, slug=slug)
    seats = _seen(actor, Seat).filter(body=found).select_related("post__organisation")
    offices = _seen(actor, Office).filter(body=found).select_related("post__organisation")
    parent = None
    if found.parent_id:
        parent = _seen(actor, Body).filter(pk=found.parent_id).first()
    return page_of(
        found,
        actor=actor,
        capability=Capability.EDIT_PARTNERSHIP,
        on=on,
        manage=decided(found, Capability.MANAGE_SEATS),
        parent=parent,
        areas=list(found.areas.defer("outline")),
        children=list(_seen(actor, Body).filter(parent=found)),
        seats=_places(seats.prefetch_related(_held(actor, today, "post__")), actor, today),
        offices=_places(offices.prefetch_related(_held(actor, today, "post__")), actor, today),
    )


def post(*, actor: Actor, key: Any, on: date | None, today: date) -> Page:
    rows = with_decisions(
        Post.objects.select_related("organisation"), actor, (Capability.MANAGE_SEATS,)
    )
    found = find(actor, Post, rows, pk=key)
    holdings = _seen(actor, Holding).filter(post=found).select_related("holder")
    seats = _seen(actor, Seat).filter(post=found).select_related("body", "post__organisation")
    offices = _seen(actor, Office).filter(post=found).select_related("body")
    return page_of(
        found,
        actor=actor,
        capability=Capability.MANAGE_SEATS,
        on=on,
        holdings=_places(holdings, actor, today),
        seats=_places(seats, actor, today),
        offices=_places(offices, actor, today),
    )


def linked_plan(*, actor: Actor, key: Any, on: date | None) -> Page:
    rows = LinkedPlan.objects.select_related("owner")
    return _register_page(LinkedPlan, rows, actor=actor, key=key, on=on)


def legislation_entry(*, actor: Actor, key: Any, on: date | None) -> Page:
    return _register_page(Legislation, Legislation.objects.all(), actor=actor, key=key, on=on)


def _register_page(
    model: type[Model], rows: QuerySet[Any], *, actor: Actor, key: Any, on: date | None
) -> Page:
    rows = with_decisions(rows, actor, (Capability.EDIT_PARTNERSHIP,))
    found = find(actor, model, rows, pk=key)
    return page_of(found, actor=actor, capability=Capability.EDIT_PARTNERSHIP, on=on)


def to_edit(model: type[Model], *, actor: Actor, **lookup: Any) -> Any:
    """The record, for a page that asks next whether it may be changed."""
    return find(actor, model, **lookup)


def to_end(model: type[Model], *, actor: Actor, key: Any) -> Any:
    related = {Seat: ("body", "post__organisation"), Office: ("body", "post__organisation")}
    rows = model._default_manager.select_related(
        *related.get(model, ("post__organisation", "holder"))
    )
    return find(actor, model, rows, pk=key)


def may_add(actor: Actor) -> Decision:
    return may(actor, Capability.EDIT_PARTNERSHIP)


# What forms offer


def choosable_organisations(*, actor: Actor) -> QuerySet[Organisation]:
    return _seen(actor, Organisation)


def choosable_bodies(*, actor: Actor) -> QuerySet[Body]:
    return _seen(actor, Body)


def choosable_posts(*, actor: Actor, today: date) -> QuerySet[Post]:
    return _when(_seen(actor, Post), "now", today).select_related("organisation")


def coverable_areas() -> QuerySet[Area]:
    tiers = (AreaKind.COUNTY, AreaKind.UNITARY, AreaKind.DISTRICT)
    return Area.objects.filter(kind__in=tiers).defer("outline")


# Areas


def areas(*, actor: Actor) -> list[Area]:
    """Counties, unitaries and districts, a county before its districts."""
    tiers = (AreaKind.COUNTY, AreaKind.UNITARY, AreaKind.DISTRICT)
    rows = (
        _seen(actor, Area)
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


def area(*, actor: Actor, code: str, vintage: int | None) -> AreaPage:
    """One code: its newest generation unless another is asked for. Raises Http404."""
    rows = _seen(actor, Area).filter(code=code).select_related("parent").order_by("-vintage")
    generations = list(rows)
    wanted = next((a for a in generations if vintage in (None, a.vintage)), None)
    if wanted is None:
        wanted = find(actor, Area, code=code, vintage=vintage or 0)
    counts = (
        _seen(actor, Area)
        .filter(parent=wanted)
        .order_by("kind", "vintage")
        .values_list("kind", "vintage")
        .annotate(many=Count("pk"))
    )
    return AreaPage(
        area=wanted,
        generations=generations,
        counts=[(AreaKind(kind).label, vintage, many) for kind, vintage, many in counts],
        bodies=list(_seen(actor, Body).filter(areas=wanted)),
        organisations=list(_seen(actor, Organisation).filter(area=wanted)),
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
    rows = _seen(actor, Area).filter(parent=parent, kind=kind).defer("outline")
    if vintage is not None:
        rows = rows.filter(vintage=vintage)
    return _containing(rows, words, "name", "code").annotate(changed=Count("came_from"))
