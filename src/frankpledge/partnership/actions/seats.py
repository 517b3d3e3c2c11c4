"""Filling and ending seats, offices and posts, each from a day to a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.audit import Trail, change
from frankpledge.access.decisions import find
from frankpledge.access.enums import Capability, Role
from frankpledge.access.models import User
from frankpledge.core.markings import Audience
from frankpledge.partnership import rules
from frankpledge.partnership.actions.records import check_may_give
from frankpledge.partnership.enums import OfficeKind
from frankpledge.partnership.models import Body, Holding, Office, Organisation, Post, Seat


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def begin_seat(
    *,
    actor: Actor,
    body: Body,
    post: Post,
    role: str,
    begins: date,
    ends: date | None = None,
    now: datetime,
) -> Seat:
    """A post takes a seat on a body. Raises UnableTo when it already sits there then."""
    rules.check_in_order(begins, ends)
    with change(actor=actor, capability=Capability.MANAGE_SEATS, record=body, now=now) as audit:
        find(actor, Post, pk=post.pk)
        check_may_give(actor, role)
        locked = Body.objects.select_for_update().get(pk=body.pk)
        rules.check_free(
            locked.seats.filter(post=post), begins, ends, f"{post} already has a seat then."
        )
        seat = Seat.objects.create(
            body=locked, post=post, role=role, valid_from=begins, valid_to=ends
        )
        audit.note(
            f"Seated {post} on {body} as {Role(role).label.lower()} from {_day(begins)}.",
            record=seat,
            **_told(body, post.organisation),
        )
    return seat


def end_seat(*, actor: Actor, seat: Seat, on: date, now: datetime) -> Seat:
    """The seat ends with this day; what it gave ends with it."""
    with change(actor=actor, capability=Capability.MANAGE_SEATS, record=seat, now=now) as audit:
        ended: Seat = _end(seat, on, audit, **_told(seat.body, seat.post.organisation))
    return ended


def begin_office(
    *,
    actor: Actor,
    body: Body,
    kind: str,
    post: Post | None,
    begins: date,
    ends: date | None = None,
    now: datetime,
) -> Office:
    """A post takes an office of a body, or the office is recorded as vacant."""
    rules.check_in_order(begins, ends)
    with change(actor=actor, capability=Capability.MANAGE_SEATS, record=body, now=now) as audit:
        if post is not None:
            find(actor, Post, pk=post.pk)
        locked = Body.objects.select_for_update().get(pk=body.pk)
        label = OfficeKind(kind).label
        rules.check_free(
            locked.offices.filter(kind=kind), begins, ends, f"The body has a {label.lower()} then."
        )
        office = Office.objects.create(
            body=locked, kind=kind, post=post, valid_from=begins, valid_to=ends
        )
        audit.note(
            f"{label} of {body} from {_day(begins)}: {post or 'vacant'}.",
            record=office,
            **_told(body, *([post.organisation] if post else [])),
        )
    return office


def end_office(*, actor: Actor, office: Office, on: date, now: datetime) -> Office:
    with change(actor=actor, capability=Capability.MANAGE_SEATS, record=office, now=now) as audit:
        ended: Office = _end(office, on, audit, **_told(office.body))
    return ended


def begin_holding(
    *,
    actor: Actor,
    post: Post,
    email: str,
    name: str,
    begins: date,
    ends: date | None = None,
    now: datetime,
) -> Holding:
    """Somebody takes a post. An account is made where the e-mail address has none yet.

    The new account has no password: its owner asks for one on the sign-in page.
    """
    rules.check_in_order(begins, ends)
    with change(actor=actor, capability=Capability.MANAGE_SEATS, record=post, now=now) as audit:
        if _sits_as_administrator(post):
            check_may_give(actor, Role.ADMINISTRATOR)
        locked = Post.objects.select_for_update().get(pk=post.pk)
        holder = User.objects.filter(email__iexact=email).first()
        if holder is None:
            holder = User.objects.create_user(email=email, name=name)
            audit.note(f"Made an account for {name}.", record=holder)
        rules.check_free(
            locked.holdings.filter(holder=holder), begins, ends, f"{holder} holds this post then."
        )
        holding = Holding.objects.create(
            post=locked, holder=holder, valid_from=begins, valid_to=ends
        )
        audit.note(
            f"{holder} holds the post {post} from {_day(begins)}.",
            record=holding,
            concerns=(post.organisation,),
        )
    return holding


def _sits_as_administrator(post: Post) -> bool:
    return Seat.objects.filter(post=post, role=Role.ADMINISTRATOR).exists()


def end_holding(*, actor: Actor, holding: Holding, on: date, now: datetime) -> Holding:
    with change(actor=actor, capability=Capability.MANAGE_SEATS, record=holding, now=now) as audit:
        ended: Holding = _end(holding, on, audit, concerns=(holding.post.organisation,))
    return ended


def _told(body: Body, *organisations: Organisation) -> dict[str, Any]:
    """Who reads of a change to a body: of a closed one its members, of a panel they alone."""
    if body.audience in {Audience.BODY, Audience.CASE}:
        return {"concerns": (body,), "restricted": body.audience == Audience.CASE}
    return {"concerns": (body, *organisations)}


def _end(record: Any, on: date, audit: Trail, **told: Any) -> Any:
    locked = type(record).objects.select_for_update().get(pk=record.pk)
    rules.check_can_end(locked, on)
    locked.valid_to = on
    locked.save()
    audit.note(f"Ended: {locked}, with {_day(on)}.", record=locked, **told)
    return locked
