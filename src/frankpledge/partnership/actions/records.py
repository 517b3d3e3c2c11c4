"""Creating and editing organisations, bodies, posts, linked plans and legislation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.text import slugify

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE, find, require
from frankpledge.access.enums import Capability
from frankpledge.core.models import Area
from frankpledge.partnership import rules
from frankpledge.partnership.models import (
    Body,
    Legislation,
    LinkedPlan,
    Organisation,
    Post,
    Succession,
)

_TOLD_BY_NAME_ONLY = (models.TextField,)


def free_slug(model: type[models.Model], name: str) -> str:
    """An address made from the name that no other record has."""
    stem = slugify(name)[:70].strip("-") or "record"
    taken = set(model._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True))
    number = 2
    slug = stem
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def _create(
    model: type[models.Model], *, actor: Actor, fields: Mapping[str, Any], now: datetime
) -> Any:
    """A new record of a register, decided for the whole site."""
    _check_dates(fields)
    with change(actor=actor, capability=Capability.EDIT_PARTNERSHIP, record=SITE, now=now) as audit:
        record = model._default_manager.create(**fields)
        audit.note(f"Added {model._meta.verbose_name} “{record}”.", record=record)
    return record


def _edit(
    record: Any,
    *,
    actor: Actor,
    fields: Mapping[str, Any],
    now: datetime,
    capability: Capability = Capability.EDIT_PARTNERSHIP,
    concerns: tuple[Any, ...] = (),
) -> Any:
    _check_dates(fields)
    with change(actor=actor, capability=capability, record=record, now=now) as audit:
        locked = type(record)._base_manager.select_for_update().get(pk=record.pk)
        said = [text for name, new in fields.items() if (text := _set(locked, name, new))]
        if said:
            locked.save()
        audit.note(
            f"Changed {'; '.join(said)}." if said else "Saved without a change.",
            record=locked,
            concerns=concerns,
        )
    return locked


def _check_dates(fields: Mapping[str, Any]) -> None:
    rules.check_in_order(fields.get("valid_from"), fields.get("valid_to"))


def _set(record: Any, name: str, new: Any) -> str:
    """Sets one field; says in plain words what it was and is, or nothing when it stays."""
    field = record._meta.get_field(name)
    old = getattr(record, name)
    if old == new:
        return ""
    before = _words(record, field)
    setattr(record, name, new)
    if isinstance(field, _TOLD_BY_NAME_ONLY):
        return f"{field.verbose_name}"
    return f"{field.verbose_name} from {before} to {_words(record, field)}"


def _words(record: Any, field: Any) -> str:
    value = getattr(record, field.name)
    if value in (None, ""):
        return "nothing"
    if field.choices:
        return f"“{getattr(record, f'get_{field.name}_display')()}”"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return f"“{value}”"


def create_organisation(*, actor: Actor, fields: Mapping[str, Any], now: datetime) -> Organisation:
    slug = free_slug(Organisation, fields["name"])
    made: Organisation = _create(
        Organisation, actor=actor, fields={**fields, "slug": slug}, now=now
    )
    return made


def edit_organisation(
    *, actor: Actor, organisation: Organisation, fields: Mapping[str, Any], now: datetime
) -> Organisation:
    edited: Organisation = _edit(
        organisation, actor=actor, fields=fields, now=now, concerns=(organisation,)
    )
    return edited


def succeed(
    *,
    actor: Actor,
    before: Organisation,
    after: Organisation,
    on: date,
    note: str = "",
    now: datetime,
) -> Succession:
    """One organisation took over from another; the earlier one ends the day before."""
    if before.pk == after.pk:
        raise rules.UnableTo("An organisation cannot take over from itself. Choose another.")
    with change(
        actor=actor, capability=Capability.EDIT_PARTNERSHIP, record=before, now=now
    ) as audit:
        find(actor, Organisation, pk=after.pk)
        if Succession.objects.filter(before=after, after=before).exists():
            raise rules.UnableTo(f"{before} already took over from {after}.")
        succession = Succession.objects.create(before=before, after=after, on=on, note=note)
        audit.note(
            f"Recorded that {after} took over from {before} on {on.day} {on:%B %Y}.",
            record=succession,
            concerns=(before, after),
        )
    return succession


def create_body(
    *, actor: Actor, fields: Mapping[str, Any], areas: Iterable[Area] = (), now: datetime
) -> Body:
    with change(actor=actor, capability=Capability.EDIT_PARTNERSHIP, record=SITE, now=now) as audit:
        slug = free_slug(Body, fields["name"])
        body: Body = _create(Body, actor=actor, fields={**fields, "slug": slug}, now=now)
        covered = list(areas)
        if covered:
            body.areas.set(covered)
            audit.note(f"{body} covers {_named(covered)}.", record=body)
    return body


def edit_body(
    *,
    actor: Actor,
    body: Body,
    fields: Mapping[str, Any],
    areas: Iterable[Area] = (),
    now: datetime,
) -> Body:
    _check_no_circle(body, fields.get("parent"))
    with change(actor=actor, capability=Capability.EDIT_PARTNERSHIP, record=body, now=now) as audit:
        edited: Body = _edit(body, actor=actor, fields=fields, now=now, concerns=(body,))
        covered, was = list(areas), set(edited.areas.all())
        if set(covered) != was:
            edited.areas.set(covered)
            audit.note(f"{edited} now covers {_named(covered)}.", record=edited, concerns=(edited,))
    return edited


def _named(areas: list[Area]) -> str:
    return ", ".join(sorted(f"{area.name} ({area.code})" for area in areas)) or "no area"


def _check_no_circle(body: Body, parent: Body | None) -> None:
    above = parent
    while above is not None:
        if above.pk == body.pk:
            raise rules.UnableTo(
                "A body cannot sit under itself or a body below it. Choose another parent."
            )
        above = above.parent


def create_post(
    *, actor: Actor, organisation: Organisation, fields: Mapping[str, Any], now: datetime
) -> Post:
    _check_dates(fields)
    with change(
        actor=actor, capability=Capability.MANAGE_SEATS, record=organisation, now=now
    ) as audit:
        check_may_give(actor, fields.get("role", ""))
        post = Post.objects.create(organisation=organisation, **fields)
        audit.note(f"Added the post “{post}”.", record=post, concerns=(organisation,))
    return post


def edit_post(*, actor: Actor, post: Post, fields: Mapping[str, Any], now: datetime) -> Post:
    check_may_give(actor, fields.get("role", ""))
    edited: Post = _edit(
        post,
        actor=actor,
        fields=fields,
        now=now,
        capability=Capability.MANAGE_SEATS,
        concerns=(post.organisation,),
    )
    return edited


def check_may_give(actor: Actor, role: str) -> None:
    """Nobody lifts themselves: the roles that give roles come from an administrator."""
    if role in rules.RESERVED_ROLES:
        require(actor, Capability.GIVE_RESERVED_ROLES)


def create_linked_plan(*, actor: Actor, fields: Mapping[str, Any], now: datetime) -> LinkedPlan:
    made: LinkedPlan = _create(LinkedPlan, actor=actor, fields=fields, now=now)
    return made


def edit_linked_plan(
    *, actor: Actor, plan: LinkedPlan, fields: Mapping[str, Any], now: datetime
) -> LinkedPlan:
    edited: LinkedPlan = _edit(plan, actor=actor, fields=fields, now=now)
    return edited


def create_legislation(*, actor: Actor, fields: Mapping[str, Any], now: datetime) -> Legislation:
    made: Legislation = _create(Legislation, actor=actor, fields=fields, now=now)
    return made


def edit_legislation(
    *, actor: Actor, entry: Legislation, fields: Mapping[str, Any], now: datetime
) -> Legislation:
    edited: Legislation = _edit(entry, actor=actor, fields=fields, now=now)
    return edited
