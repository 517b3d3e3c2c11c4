"""Organisations, bodies, posts and registers, as somebody may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Model, Prefetch, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, decided, find, may, visible, with_decisions
from frankpledge.access.enums import Capability, Role
from frankpledge.core import history
from frankpledge.core.markings import Audience
from frankpledge.core.models import Area, AreaKind, in_force
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


def seen(actor: Actor, model: type[Model]) -> QuerySet[Any]:
    return visible(actor, Capability.VIEW, model)


def _when(rows: QuerySet[Any], when: str, today: date) -> QuerySet[Any]:
    """Now (as a list is asked for when nothing is said), once, or all."""
    if when == "all":
        return rows
    if when == "ended":
        return rows.filter(valid_to__lt=today)
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))


def containing(rows: QuerySet[Any], words: str, *fields: str) -> QuerySet[Any]:
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
    rows = containing(seen(actor, Organisation), words, "name", "short_name")
    if kind:
        rows = rows.filter(kind__in=kind)
    if responsible:
        rows = rows.filter(is_responsible_authority=True)
    return _when(rows, when, today).select_related("area")


def bodies(
    *, actor: Actor, today: date, words: str = "", kind: Iterable[str] = (), when: str = "now"
) -> QuerySet[Body]:
    rows = containing(seen(actor, Body), words, "name", "short_name")
    if kind:
        rows = rows.filter(kind__in=kind)
    covered = Prefetch("areas", queryset=Area.objects.defer("outline"))
    return _when(rows, when, today).prefetch_related(covered)


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
    rows = containing(seen(actor, Post), words, "title", "organisation__name")
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
    people = seen(actor, Holding).filter(in_force(today)).select_related("holder")
    return Prefetch(f"{path}holdings", queryset=people, to_attr="held_now")


def linked_plans(
    *, actor: Actor, today: date, words: str = "", when: str = "now"
) -> QuerySet[LinkedPlan]:
    rows = containing(seen(actor, LinkedPlan), words, "title", "owner__name")
    return _when(rows, when, today).select_related("owner")


def legislation(
    *, actor: Actor, words: str = "", kind: Iterable[str] = (), status: Iterable[str] = ()
) -> QuerySet[Legislation]:
    rows = containing(seen(actor, Legislation), words, "title", "duty", "duty_on")
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
    may_see = _sees_version(actor)
    then = history.as_of(record, on) if on else None
    if then is not None and not may_see(then):
        then = None
    versions = history.versions(record, seen=may_see)
    return Page(
        record=record,
        edit=decided(record, capability),
        then=then,
        versions=versions,
        names=actor.in_partnership,
        parts=parts,
    )


def _sees_version(actor: Actor) -> Any:
    """An earlier version counts as shown to whom it was shown then."""

    def sees(version: Any) -> bool:
        audience = getattr(version, "audience", Audience.PUBLIC)
        if audience == Audience.PUBLIC:
            return True
        if audience == Audience.PARTNERSHIP:
            return actor.in_partnership
        if audience == Audience.BODY and actor.holds(Role.COUNTY_TEAM, Role.ADMINISTRATOR):
            return True
        return version.id in actor.bodies()

    return sees


def organisation(*, actor: Actor, slug: str, on: date | None, today: date) -> Page:
    rows = with_decisions(Organisation.objects.select_related("area"), actor, KEEPING)
    found = find(actor, Organisation, rows, slug=slug)
    return page_of(
        found,
        actor=actor,
        capability=Capability.EDIT_PARTNERSHIP,
        on=on,
        manage=decided(found, Capability.MANAGE_SEATS),
        before=list(seen(actor, Succession).filter(after=found).select_related("before")),
        after=list(seen(actor, Succession).filter(before=found).select_related("after")),
        posts=list(posts(actor=actor, today=today, organisation=found)),
        seats=list(
            seen(actor, Seat)
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
    whose = ("body", "post__organisation")
    seats = seen(actor, Seat).filter(body=found).select_related(*whose)
    offices = seen(actor, Office).filter(body=found).select_related(*whose)
    parent = None
    if found.parent_id:
        parent = seen(actor, Body).filter(pk=found.parent_id).first()
    return page_of(
        found,
        actor=actor,
        capability=Capability.EDIT_PARTNERSHIP,
        on=on,
        manage=decided(found, Capability.MANAGE_SEATS),
        parent=parent,
        areas=list(found.areas.defer("outline")),
        children=list(seen(actor, Body).filter(parent=found)),
        seats=_places(seats.prefetch_related(_held(actor, today, "post__")), actor, today),
        offices=_places(offices.prefetch_related(_held(actor, today, "post__")), actor, today),
    )


def post(*, actor: Actor, key: Any, on: date | None, today: date) -> Page:
    rows = with_decisions(
        Post.objects.select_related("organisation"), actor, (Capability.MANAGE_SEATS,)
    )
    found = find(actor, Post, rows, pk=key)
    holdings = seen(actor, Holding).filter(post=found)
    holdings = holdings.select_related("holder", "post__organisation")
    seats = seen(actor, Seat).filter(post=found).select_related("body", "post__organisation")
    offices = seen(actor, Office).filter(post=found).select_related("body")
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


def may_give_reserved_roles(actor: Actor) -> Decision:
    return may(actor, Capability.GIVE_RESERVED_ROLES)


# What forms offer


def choosable_organisations(*, actor: Actor) -> QuerySet[Organisation]:
    return seen(actor, Organisation)


def choosable_bodies(*, actor: Actor) -> QuerySet[Body]:
    return seen(actor, Body)


def choosable_posts(*, actor: Actor, today: date) -> QuerySet[Post]:
    return _when(seen(actor, Post), "now", today).select_related("organisation")


def coverable_areas() -> QuerySet[Area]:
    tiers = (AreaKind.COUNTY, AreaKind.UNITARY, AreaKind.DISTRICT)
    return Area.objects.filter(kind__in=tiers).defer("outline")
