from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability, Role
from frankpledge.components.parts import Fact
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.core.markings import Audience
from frankpledge.partnership import actions, forms, queries
from frankpledge.partnership.enums import AccessRegime
from frankpledge.partnership.models import Body, Office, Seat
from frankpledge.partnership.views.frame import (
    day_asked,
    edited,
    initial,
    place_list,
    record_page,
    sections,
    span,
    trail,
)


def _url(record: Body) -> str:
    return reverse("body", args=[record.slug])


def _area_names(record: Body) -> str:
    return ", ".join(area.name for area in record.areas.all())


class BodyTable(Table):
    caption, noun, nouns, default_sort = "Bodies", "body", "bodies", "name"
    columns = (
        Column("name", "Body", sort="name", url=_url),
        Column("kind", "Kind", sort="kind", value=lambda row: row.get_kind_display()),
        Column("areas", "Covers", value=_area_names),
        Column("audience", "Shown to", value=lambda row: row.get_audience_display()),
        Column("valid_to", "To", kind="date", sort="valid_to"),
    )
    empty = "No body has been entered yet."


def bodies(request: HttpRequest) -> HttpResponse:
    filters = forms.BodyFilter(request.GET)
    rows = queries.bodies(actor=request.actor, today=clock.today(), **filters.values)
    return BodyTable(request.GET, rows, filter=filters).render(
        request,
        "partnership/list.html",
        {
            "title": "Bodies",
            "breadcrumbs": trail(),
            "sections": sections("bodies"),
            "may_add": queries.may_add(request.actor),
            "add_label": "Add a body",
            "add_url": reverse("body-new"),
        },
    )


def _facts(record: Body) -> Iterator[Fact]:
    yield Fact("Name", record.name)
    yield Fact("Short name", record.short_name)
    yield Fact("Kind", record.get_kind_display())
    yield Fact("Remit", record.remit)
    yield Fact("Its meetings follow", record.get_access_regime_display())
    yield Fact("Shown to", record.get_audience_display())
    yield Fact("Contact", record.contact)
    yield Fact("Period", span(record))


def body(request: HttpRequest, slug: str) -> HttpResponse:
    on_form, on = day_asked(request)
    page = queries.body(actor=request.actor, slug=slug, on=on, today=clock.today())
    names = ("Held by",) if page.names else ()

    def cells(record: Any, *more: str) -> list[tuple[str, str]]:
        post = record.post
        held = ", ".join(str(each.holder) for each in post.held_now) if post else ""
        shown = [(post.title, reverse("post", args=[post.pk])) if post else ("Vacant", "")]
        shown.append((post.organisation.name if post else "", ""))
        shown += [(each, "") for each in more]
        return [*shown, (held, "")] if page.names else shown

    seats = place_list(
        "Seats",
        ("Post", "Organisation", "Role", *names),
        page.parts["seats"],
        lambda seat: cells(seat, seat.get_role_display()),
        end="seat-end",
    )
    offices = place_list(
        "Offices",
        ("Office", "Post", "Organisation", *names),
        page.parts["offices"],
        lambda office: [(office.get_kind_display(), ""), *cells(office)],
        end="office-end",
    )
    return record_page(
        request,
        "partnership/body.html",
        page,
        facts=_facts,
        on_form=on_form,
        on=on,
        seats=seats,
        offices=offices,
        breadcrumbs=trail(("Bodies", "bodies")),
    )


def _form(request: HttpRequest, first: dict[str, Any]) -> forms.BodyForm:
    return forms.BodyForm(
        request.POST or None,
        initial=first,
        parents=queries.choosable_bodies(actor=request.actor),
        areas=queries.coverable_areas(),
    )


def body_new(request: HttpRequest) -> HttpResponse:
    first = {"access_regime": AccessRegime.PARTNERSHIP, "audience": Audience.PUBLIC}

    def save(fields: dict[str, Any]) -> Body:
        covered = fields.pop("areas")
        return actions.create_body(
            actor=request.actor, fields=fields, areas=covered, now=clock.now()
        )

    return edited(
        request,
        _form(request, first),
        save,
        title="Add a body",
        submit="Add body",
        said="Body added.",
        cancel_url=reverse("bodies"),
        go_to=_url,
        breadcrumbs=trail(("Bodies", "bodies")),
    )


def _to_change(request: HttpRequest, slug: str, capability: Capability) -> Body:
    found: Body = queries.to_edit(Body, actor=request.actor, slug=slug)
    require(request.actor, capability, found)
    return found


def body_edit(request: HttpRequest, slug: str) -> HttpResponse:
    found = _to_change(request, slug, Capability.EDIT_PARTNERSHIP)
    first = initial(found, forms.BodyForm) | {"areas": list(found.areas.all())}

    def save(fields: dict[str, Any]) -> Body:
        covered = fields.pop("areas")
        return actions.edit_body(
            actor=request.actor, body=found, fields=fields, areas=covered, now=clock.now()
        )

    return edited(
        request,
        _form(request, first),
        save,
        title=f"Change {found}",
        said="Body changed.",
        cancel_url=_url(found),
        breadcrumbs=trail(("Bodies", "bodies")),
    )


def seat_new(request: HttpRequest, slug: str) -> HttpResponse:
    found = _to_change(request, slug, Capability.MANAGE_SEATS)
    today = clock.today()
    form = forms.SeatForm(
        request.POST or None,
        initial={"role": Role.BODY_MEMBER, "begins": today},
        posts=queries.choosable_posts(actor=request.actor, today=today),
        reserved=bool(queries.may_give_reserved_roles(request.actor)),
    )
    return edited(
        request,
        form,
        lambda fields: actions.begin_seat(
            actor=request.actor, body=found, now=clock.now(), **fields
        ),
        title="Add a seat",
        caption=str(found),
        submit="Add seat",
        said="Seat added.",
        cancel_url=_url(found),
        breadcrumbs=trail(("Bodies", "bodies")),
    )


def office_new(request: HttpRequest, slug: str) -> HttpResponse:
    found = _to_change(request, slug, Capability.MANAGE_SEATS)
    today = clock.today()
    form = forms.OfficeForm(
        request.POST or None,
        initial={"begins": today},
        posts=queries.choosable_posts(actor=request.actor, today=today),
    )
    return edited(
        request,
        form,
        lambda fields: actions.begin_office(
            actor=request.actor, body=found, now=clock.now(), **fields
        ),
        title="Record an office",
        caption=str(found),
        submit="Record office",
        said="Office recorded.",
        cancel_url=_url(found),
        breadcrumbs=trail(("Bodies", "bodies")),
    )


def seat_end(request: HttpRequest, key: UUID) -> HttpResponse:
    found: Seat = queries.to_end(Seat, actor=request.actor, key=key)
    require(request.actor, Capability.MANAGE_SEATS, found)
    return edited(
        request,
        forms.EndForm(request.POST or None, initial={"on": clock.today()}),
        lambda fields: actions.end_seat(actor=request.actor, seat=found, now=clock.now(), **fields),
        title="When does this seat end?",
        caption=str(found),
        intro="After that day its holder sees and does only what other seats and posts allow.",
        submit="End the seat",
        said="Seat ended.",
        cancel_url=_url(found.body),
        breadcrumbs=trail(("Bodies", "bodies")),
        warning=True,
    )


def office_end(request: HttpRequest, key: UUID) -> HttpResponse:
    found: Office = queries.to_end(Office, actor=request.actor, key=key)
    require(request.actor, Capability.MANAGE_SEATS, found)
    return edited(
        request,
        forms.EndForm(request.POST or None, initial={"on": clock.today()}),
        lambda fields: actions.end_office(
            actor=request.actor, office=found, now=clock.now(), **fields
        ),
        title="When does this office end?",
        caption=str(found),
        intro="After that day its holder sees and does only what other seats and posts allow.",
        submit="End the office",
        said="Office ended.",
        cancel_url=_url(found.body),
        breadcrumbs=trail(("Bodies", "bodies")),
        warning=True,
    )
