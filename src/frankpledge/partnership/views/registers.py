from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from frankpledge.access.decisions import require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import Fact
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.core.markings import Audience
from frankpledge.partnership import actions, forms, queries
from frankpledge.partnership.models import Legislation, LinkedPlan
from frankpledge.partnership.views.frame import (
    day,
    day_asked,
    edited,
    initial,
    record_page,
    sections,
    span,
    trail,
)

# Linked plans


def _plan_url(record: LinkedPlan) -> str:
    return reverse("linked-plan", args=[record.pk])


class PlanTable(Table):
    caption, noun, default_sort = "Linked plans", "plan", "title"
    columns = (
        Column("title", "Plan", sort="title", url=_plan_url),
        Column("owner", "Owner", sort="owner__name", value=lambda row: str(row.owner or "")),
        Column("valid_from", "From", kind="date", sort="valid_from"),
        Column("valid_to", "To", kind="date", sort="valid_to"),
    )
    empty = "No linked plan has been entered yet."


def linked_plans(request: HttpRequest) -> HttpResponse:
    filters = forms.PlanFilter(request.GET)
    rows = queries.linked_plans(actor=request.actor, today=clock.today(), **filters.values)
    return PlanTable(request.GET, rows, filter=filters).render(
        request,
        "partnership/list.html",
        {
            "title": "Linked plans",
            "breadcrumbs": trail(),
            "sections": sections("linked-plans"),
            "may_add": queries.may_add(request.actor),
            "add_label": "Add a plan",
            "add_url": reverse("linked-plan-new"),
        },
    )


def _plan_facts(record: LinkedPlan) -> Iterator[Fact]:
    yield Fact("Title", record.title)
    if record.owner is not None:
        yield Fact(
            "Owner", record.owner.name, url=reverse("organisation", args=[record.owner.slug])
        )
    yield Fact("Period", span(record))
    yield Fact("Web address", record.link, url=record.link)
    yield Fact("Shown to", record.get_audience_display())
    yield Fact("Notes", record.notes)


def linked_plan(request: HttpRequest, key: UUID) -> HttpResponse:
    on_form, on = day_asked(request)
    page = queries.linked_plan(actor=request.actor, key=key, on=on)
    return record_page(
        request,
        "partnership/register_entry.html",
        page,
        facts=_plan_facts,
        on_form=on_form,
        on=on,
        caption="Linked plan",
        edit_url=reverse("linked-plan-edit", args=[page.record.pk]),
        breadcrumbs=trail(("Linked plans", "linked-plans")),
    )


def linked_plan_new(request: HttpRequest) -> HttpResponse:
    form = forms.LinkedPlanForm(
        request.POST or None,
        initial={"audience": Audience.PUBLIC},
        organisations=queries.choosable_organisations(actor=request.actor),
    )
    return edited(
        request,
        form,
        lambda fields: actions.create_linked_plan(
            actor=request.actor, fields=fields, now=clock.now()
        ),
        title="Add a linked plan",
        submit="Add plan",
        said="Plan added.",
        cancel_url=reverse("linked-plans"),
        go_to=_plan_url,
        breadcrumbs=trail(("Linked plans", "linked-plans")),
    )


def linked_plan_edit(request: HttpRequest, key: UUID) -> HttpResponse:
    found: LinkedPlan = queries.to_edit(LinkedPlan, actor=request.actor, pk=key)
    require(request.actor, Capability.EDIT_PARTNERSHIP, found)
    form = forms.LinkedPlanForm(
        request.POST or None,
        initial=initial(found, forms.LinkedPlanForm),
        organisations=queries.choosable_organisations(actor=request.actor),
    )
    return edited(
        request,
        form,
        lambda fields: actions.edit_linked_plan(
            actor=request.actor, plan=found, fields=fields, now=clock.now()
        ),
        title=f"Change {found}",
        said="Plan changed.",
        cancel_url=_plan_url(found),
        breadcrumbs=trail(("Linked plans", "linked-plans")),
    )


# Legislation


def _entry_url(record: Legislation) -> str:
    return reverse("legislation-entry", args=[record.pk])


class LegislationTable(Table):
    caption, noun, nouns, default_sort = "Legislation", "entry", "entries", "title"
    columns = (
        Column("title", "Title", sort="title", url=_entry_url),
        Column("kind", "Kind", sort="kind", value=lambda row: row.get_kind_display()),
        Column("status", "Status", sort="status", value=lambda row: row.get_status_display()),
        Column("status_as_of", "As of", kind="date", sort="status_as_of"),
        Column("duty", "Duty"),
        Column("duty_on", "On whom"),
    )
    empty = "No legislation has been entered yet."


def legislation(request: HttpRequest) -> HttpResponse:
    filters = forms.LegislationFilter(request.GET)
    rows = queries.legislation(actor=request.actor, **filters.values)
    return LegislationTable(request.GET, rows, filter=filters).render(
        request,
        "partnership/list.html",
        {
            "title": "Legislation",
            "breadcrumbs": trail(),
            "sections": sections("legislation"),
            "may_add": queries.may_add(request.actor),
            "add_label": "Add an entry",
            "add_url": reverse("legislation-new"),
        },
    )


def _entry_facts(record: Legislation) -> Iterator[Fact]:
    yield Fact("Title", record.title)
    yield Fact("Kind", record.get_kind_display())
    yield Fact("Status", record.get_status_display())
    yield Fact("Status as of", day(record.status_as_of))
    yield Fact("Duty", record.duty)
    yield Fact("Who the duty is on", record.duty_on)
    yield Fact("Assent, or made", day(record.assent))
    yield Fact("In force from", day(record.commencement))
    yield Fact("Look again on", day(record.review_on))
    yield Fact("Source", record.source, url=record.source)
    yield Fact("Shown to", record.get_audience_display())


def legislation_entry(request: HttpRequest, key: UUID) -> HttpResponse:
    on_form, on = day_asked(request)
    page = queries.legislation_entry(actor=request.actor, key=key, on=on)
    return record_page(
        request,
        "partnership/register_entry.html",
        page,
        facts=_entry_facts,
        on_form=on_form,
        on=on,
        caption="Legislation",
        edit_url=reverse("legislation-edit", args=[page.record.pk]),
        breadcrumbs=trail(("Legislation", "legislation")),
    )


def legislation_new(request: HttpRequest) -> HttpResponse:
    return edited(
        request,
        forms.LegislationForm(request.POST or None, initial={"audience": Audience.PUBLIC}),
        lambda fields: actions.create_legislation(
            actor=request.actor, fields=fields, now=clock.now()
        ),
        title="Add legislation",
        submit="Add entry",
        said="Entry added.",
        cancel_url=reverse("legislation"),
        go_to=_entry_url,
        breadcrumbs=trail(("Legislation", "legislation")),
    )


def legislation_edit(request: HttpRequest, key: UUID) -> HttpResponse:
    found: Legislation = queries.to_edit(Legislation, actor=request.actor, pk=key)
    require(request.actor, Capability.EDIT_PARTNERSHIP, found)
    return edited(
        request,
        forms.LegislationForm(request.POST or None, initial=initial(found, forms.LegislationForm)),
        lambda fields: actions.edit_legislation(
            actor=request.actor, entry=found, fields=fields, now=clock.now()
        ),
        title=f"Change {found}",
        said="Entry changed.",
        cancel_url=_entry_url(found),
        breadcrumbs=trail(("Legislation", "legislation")),
    )
