"""The audit trail, as far as it concerns the reader."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from frankpledge.access.models import AuditEntry
from frankpledge.components.tables import Column, Table
from frankpledge.partnership import forms, queries
from frankpledge.partnership.views.frame import trail


def _moment(entry: AuditEntry) -> str:
    at = timezone.localtime(entry.at)
    return f"{at.day} {at:%B %Y, %H:%M}"


class TrailTable(Table):
    caption, noun, nouns, default_sort = "Audit trail", "entry", "entries", "-number"
    per_page = 50
    columns = (
        Column("number", "Number", sort="number"),
        Column("at", "When", sort="number", value=_moment),
        Column("actor_name", "Who", sort="actor_name"),
        Column("actor_via", "Holding"),
        Column("text", "What was done"),
        Column("record_name", "Record", sort="record_name"),
    )
    empty = "Nothing that concerns you has been recorded yet."


def audit_trail(request: HttpRequest) -> HttpResponse:
    filters = forms.TrailFilter(request.GET)
    page = queries.trail(actor=request.actor, **filters.values)
    context = {"title": "Audit trail", "whole": page.whole, "breadcrumbs": trail()}
    table = TrailTable(request.GET, page.entries, filter=filters)
    return table.render(request, "partnership/audit_trail.html", context)
