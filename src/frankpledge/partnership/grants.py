"""What a person holds: through the posts they hold, the seats of those posts and the offices."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from frankpledge.access.enums import Role
from frankpledge.core.markings import Audience
from frankpledge.core.models import in_force
from frankpledge.core.registries import Grant, register_grants
from frankpledge.partnership.enums import OfficeKind
from frankpledge.partnership.models import Body, Holding, Office, Seat


def _told(body: Body) -> str:
    """What is written of a body in the trail, which others read: a closed one is not named."""
    return (
        str(body) if body.audience in {Audience.PUBLIC, Audience.PARTNERSHIP} else "a closed body"
    )


@register_grants
def grants_through_posts(user: Any, on: date) -> Iterator[Grant]:
    holdings = (
        Holding.objects.on(on)
        .filter(in_force(on, "post__"), in_force(on, "post__organisation__"), holder=user)
        .select_related("post__organisation")
    )
    posts = {}
    for held in holdings:
        posts[held.post_id] = held
        via = f"Post: {held.post}"
        span = {"via": via, "since": held.valid_from, "until": held.valid_to}
        organisation = held.post.organisation_id
        for role in {held.post.role, Role.PARTNER.value}:
            yield Grant(role=role, organisation_id=organisation, **span)
    if not posts:
        return
    seats = Seat.objects.on(on).filter(in_force(on, "body__"), post__in=posts)
    for seat in seats.select_related("body", "post__organisation"):
        via = f"Seat: {seat.post} on {_told(seat.body)}"
        span = {"via": via, "since": seat.valid_from, "until": seat.valid_to}
        for role in {seat.role, Role.BODY_MEMBER.value}:
            yield Grant(role=role, body_id=seat.body_id, **span)
    offices = Office.objects.on(on).filter(in_force(on, "body__"), post__in=posts)
    for office in offices.select_related("body"):
        via = f"Office: {office.get_kind_display()} of {_told(office.body)}"
        span = {"via": via, "since": office.valid_from, "until": office.valid_to}
        role = Role.CHAIR if office.kind == OfficeKind.CHAIR else Role.BODY_MEMBER
        for each in {role.value, Role.BODY_MEMBER.value}:
            yield Grant(role=each, body_id=office.body_id, **span)
