from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability, Role
from frankpledge.components.parts import Fact
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.partnership import actions, forms, queries
from frankpledge.partnership.models import Holding, Office, Organisation, Post, Seat
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


def _url(record: Organisation) -> str:
    return reverse("organisation", args=[record.slug])


class OrganisationTable(Table):
    caption, noun, default_sort = "Organisations", "organisation", "name"
    columns = (
        Column("name", "Organisation", sort="name", url=_url),
        Column("kind", "Kind", sort="kind", value=lambda row: row.get_kind_display()),
        Column(
            "is_responsible_authority", "Responsible authority", sort="is_responsible_authority"
        ),
        Column("area", "Area", sort="area__name", value=lambda row: str(row.area or "")),
        Column("valid_from", "From", kind="date", sort="valid_from"),
        Column("valid_to", "To", kind="date", sort="valid_to"),
    )
    empty = "No organisation has been entered yet."


def organisations(request: HttpRequest) -> HttpResponse:
    filters = forms.OrganisationFilter(request.GET)
    rows = queries.organisations(actor=request.actor, today=clock.today(), **filters.values)
    return OrganisationTable(request.GET, rows, filter=filters).render(
        request,
        "partnership/list.html",
        {
            "title": "Organisations",
            "breadcrumbs": trail(),
            "sections": sections("organisations"),
            "may_add": queries.may_add(request.actor),
            "add_label": "Add an organisation",
            "add_url": reverse("organisation-new"),
        },
    )


def _facts(record: Organisation) -> Iterator[Fact]:
    yield Fact("Name", record.name)
    yield Fact("Short name", record.short_name)
    yield Fact("Kind", record.get_kind_display())
    yield Fact("Responsible authority", "Yes" if record.is_responsible_authority else "No")
    if record.area is not None:
        yield Fact("Area", record.area.name, url=reverse("area", args=[record.area.code]))
    yield Fact("Period", span(record))
    yield Fact("Notes", record.notes)


def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    on_form, on = day_asked(request)
    page = queries.organisation(actor=request.actor, slug=slug, on=on, today=clock.today())
    return record_page(
        request,
        "partnership/organisation.html",
        page,
        facts=_facts,
        on_form=on_form,
        on=on,
        breadcrumbs=trail(("Organisations", "organisations")),
    )


def organisation_new(request: HttpRequest) -> HttpResponse:
    form = forms.OrganisationForm(request.POST or None, areas=queries.coverable_areas())
    return edited(
        request,
        form,
        lambda fields: actions.create_organisation(
            actor=request.actor, fields=fields, now=clock.now()
        ),
        title="Add an organisation",
        submit="Add organisation",
        said="Organisation added.",
        cancel_url=reverse("organisations"),
        go_to=_url,
        breadcrumbs=trail(("Organisations", "organisations")),
    )


def _to_change(request: HttpRequest, slug: str, capability: Capability) -> Organisation:
    found: Organisation = queries.to_edit(Organisation, actor=request.actor, slug=slug)
    require(request.actor, capability, found)
    return found


def organisation_edit(request: HttpRequest, slug: str) -> HttpResponse:
    found = _to_change(request, slug, Capability.EDIT_PARTNERSHIP)
    form = forms.OrganisationForm(
        request.POST or None,
        initial=initial(found, forms.OrganisationForm),
        areas=queries.coverable_areas(),
    )
    return edited(
        request,
        form,
        lambda fields: actions.edit_organisation(
            actor=request.actor, organisation=found, fields=fields, now=clock.now()
        ),
        title=f"Change {found}",
        said="Organisation changed.",
        cancel_url=_url(found),
        breadcrumbs=trail(("Organisations", "organisations")),
    )


def organisation_succession(request: HttpRequest, slug: str) -> HttpResponse:
    found = _to_change(request, slug, Capability.EDIT_PARTNERSHIP)
    others = queries.choosable_organisations(actor=request.actor).exclude(pk=found.pk)
    form = forms.SuccessionForm(request.POST or None, organisations=others)
    return edited(
        request,
        form,
        lambda fields: actions.succeed(
            actor=request.actor, before=found, now=clock.now(), **fields
        ),
        title=f"Who took over from {found}?",
        said="Succession recorded.",
        cancel_url=_url(found),
        breadcrumbs=trail(("Organisations", "organisations")),
    )


# Posts


def _post_url(record: Post) -> str:
    return reverse("post", args=[record.pk])


def _holders(post: Post) -> str:
    return ", ".join(str(held.holder) for held in post.held_now)


class PostTable(Table):
    caption, noun, default_sort = "Posts", "post", "organisation"
    columns = (
        Column("title", "Post", sort="title", url=_post_url, about=lambda row: row.organisation),
        Column("organisation", "Organisation", sort="organisation__name"),
        Column("role", "Role", sort="role", value=lambda row: row.get_role_display()),
        Column("valid_to", "To", kind="date", sort="valid_to"),
    )
    empty = "No post has been entered yet. Open an organisation to add one."


class PostTableWithPeople(PostTable):
    columns = (*PostTable.columns[:3], Column("holders", "Held by", value=_holders))


def posts(request: HttpRequest) -> HttpResponse:
    filters = forms.PostFilter(request.GET)
    rows = queries.posts(actor=request.actor, today=clock.today(), **filters.values)
    table = PostTableWithPeople if request.actor.in_partnership else PostTable
    context = {"title": "Posts", "breadcrumbs": trail(), "sections": sections("posts")}
    return table(request.GET, rows, filter=filters).render(
        request, "partnership/list.html", context
    )


def _body_url(place: Seat | Office) -> str:
    return reverse("body", args=[place.body.slug])


def _post_facts(record: Post) -> Iterator[Fact]:
    organisation = record.organisation
    yield Fact("Title", record.title)
    yield Fact("Organisation", organisation.name, url=_url(organisation))
    yield Fact("Role for the organisation", Role(record.role).label)
    yield Fact("Period", span(record))


def post(request: HttpRequest, key: UUID) -> HttpResponse:
    on_form, on = day_asked(request)
    page = queries.post(actor=request.actor, key=key, on=on, today=clock.today())
    holdings = place_list(
        "Who holds it",
        ("Person",),
        page.parts["holdings"],
        lambda held: [(str(held.holder), "")],
        end="holding-end",
    )
    seats = place_list(
        "Seats",
        ("Body", "Role"),
        page.parts["seats"],
        lambda seat: [(str(seat.body), _body_url(seat)), (seat.get_role_display(), "")],
        end="seat-end",
    )
    offices = place_list(
        "Offices",
        ("Body", "Office"),
        page.parts["offices"],
        lambda office: [(str(office.body), _body_url(office)), (office.get_kind_display(), "")],
        end="office-end",
    )
    return record_page(
        request,
        "partnership/post.html",
        page,
        facts=_post_facts,
        on_form=on_form,
        on=on,
        holdings=holdings,
        seats=seats,
        offices=offices,
        breadcrumbs=trail(("Posts", "posts")),
    )


def post_new(request: HttpRequest, slug: str) -> HttpResponse:
    found = _to_change(request, slug, Capability.MANAGE_SEATS)
    return edited(
        request,
        forms.PostForm(
            request.POST or None,
            initial={"role": Role.PARTNER},
            reserved=bool(queries.may_give_reserved_roles(request.actor)),
        ),
        lambda fields: actions.create_post(
            actor=request.actor, organisation=found, fields=fields, now=clock.now()
        ),
        title="Add a post",
        caption=str(found),
        submit="Add post",
        said="Post added.",
        cancel_url=_url(found),
        go_to=_post_url,
        breadcrumbs=trail(("Organisations", "organisations")),
    )


def _post_to_change(request: HttpRequest, key: UUID) -> Post:
    found: Post = queries.to_edit(Post, actor=request.actor, pk=key)
    require(request.actor, Capability.MANAGE_SEATS, found)
    return found


def post_edit(request: HttpRequest, key: UUID) -> HttpResponse:
    found = _post_to_change(request, key)
    form = forms.PostForm(
        request.POST or None,
        initial=initial(found, forms.PostForm),
        reserved=bool(queries.may_give_reserved_roles(request.actor)),
    )
    return edited(
        request,
        form,
        lambda fields: actions.edit_post(
            actor=request.actor, post=found, fields=fields, now=clock.now()
        ),
        title=f"Change {found.title}",
        said="Post changed.",
        cancel_url=_post_url(found),
        breadcrumbs=trail(("Posts", "posts")),
    )


def holding_new(request: HttpRequest, key: UUID) -> HttpResponse:
    found = _post_to_change(request, key)
    return edited(
        request,
        forms.HoldingForm(request.POST or None, initial={"begins": clock.today()}),
        lambda fields: actions.begin_holding(
            actor=request.actor, post=found, now=clock.now(), **fields
        ),
        title="Who takes this post?",
        caption=str(found),
        submit="Fill the post",
        said="Post filled.",
        cancel_url=_post_url(found),
        breadcrumbs=trail(("Posts", "posts")),
    )


def holding_end(request: HttpRequest, key: UUID) -> HttpResponse:
    found: Holding = queries.to_end(Holding, actor=request.actor, key=key)
    require(request.actor, Capability.MANAGE_SEATS, found)
    return edited(
        request,
        forms.EndForm(request.POST or None, initial={"on": clock.today()}),
        lambda fields: actions.end_holding(
            actor=request.actor, holding=found, now=clock.now(), **fields
        ),
        title=f"When does {found.holder} leave this post?",
        caption=str(found.post),
        intro="After that day they see and do only what their other posts let them.",
        submit="End it",
        said=f"{found.holder} leaves {found.post.title}.",
        cancel_url=_post_url(found.post),
        breadcrumbs=trail(("Posts", "posts")),
        warning=True,
    )
