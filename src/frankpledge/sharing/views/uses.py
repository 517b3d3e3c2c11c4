"""Who used whose data, and the quarterly receipt."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from frankpledge.access.decisions import SITE, require
from frankpledge.access.enums import Capability
from frankpledge.components.parts import crumbs
from frankpledge.components.serving import document_response
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.core.markings import Audience, Classification, marking_text
from frankpledge.sharing.forms.requests import UseFilter
from frankpledge.sharing.models import DataUse
from frankpledge.sharing.queries import receipt as receipts
from frankpledge.sharing.queries import uses as queries

MARKING = marking_text(Audience.PARTNERSHIP, Classification.OFFICIAL)


def _months(use: DataUse) -> str:
    first, last = use.first_month, use.last_month
    if first is None or last is None:
        return ""
    return f"{first:%B %Y}" if first == last else f"{first:%B %Y} to {last:%B %Y}"


def _day(use: DataUse) -> str:
    return f"{timezone.localtime(use.at):%-d %B %Y, %H:%M}"


class UseTable(Table):
    caption, noun, default_sort, per_page = "Uses of protected data", "use", "-at", 50
    columns = (
        Column("at", "When", sort="at", value=_day),
        Column("who", "Who", value=lambda use: str(use.user or ""), sort="user__name"),
        Column("acting_as", "As", sort="acting_as"),
        Column("provider.name", "Whose data", sort="provider__name"),
        Column("dataset.name", "Data", sort="dataset__name"),
        Column("how", "How", value=lambda use: use.get_how_display(), sort="how"),
        Column("purpose", "Purpose", sort="purpose"),
        Column("clause", "Clause", sort="clause"),
        Column("months", "Months", value=_months),
        Column("rows", "Rows", kind="count", sort="rows"),
        Column("columns", "Columns", value=lambda use: ", ".join(use.columns) or "All"),
    )
    notes = (
        "Data that has already been published is not listed, nor a look at one’s own.",
        "The same look by the same person within an hour is one line.",
        "Months are those asked about. An answer may be compared with earlier months.",
    )
    empty = "Nobody else has read this data yet."


def data_use(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.SEE_DATA_USE, SITE)
    owners = queries.owners(actor=request.actor)
    filters = UseFilter(
        request.GET, providers=owners, datasets=queries.datasets(actor=request.actor)
    )
    table = UseTable(
        request.GET,
        queries.uses(actor=request.actor, **filters.values),
        filter=filters,
        marking=MARKING,
    )
    last = receipts.Quarter.of(clock.today()).before
    return table.render(
        request,
        "sharing/data_use.html",
        {
            "owners": owners,
            "quarter": last,
            "breadcrumbs": crumbs(("Home", reverse("home")), ("Data", reverse("dataset-list"))),
        },
    )


def data_receipt(request: HttpRequest, organisation: str, quarter: str, kind: str) -> HttpResponse:
    found = receipts.receipt(actor=request.actor, slug=organisation, quarter=quarter)
    return document_response(
        request,
        receipts.paper(found, synthetic=settings.EXAMPLE),
        kind=kind,
        stem=f"receipt-{found.organisation.slug}-{found.quarter}",
        classification=Classification.OFFICIAL,
        breadcrumbs=crumbs(("Home", reverse("home")), ("Who used our data", reverse("data-use"))),
    )
