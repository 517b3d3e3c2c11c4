"""Who may see what of whose and why; and what would stop if a clause lapsed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.sharing.forms.agreements import MatrixFilter, WhatIfForm
from frankpledge.sharing.queries import agreements as agreements
from frankpledge.sharing.queries import matrix as queries
from frankpledge.sharing.views.agreements import trail, version_url

_PARTS = (
    Column("provider.name", "From", sort="provider"),
    Column("dataset.name", "Data", sort="dataset"),
    Column("reader", "For", sort="reader"),
)


class MatrixTable(Table):
    caption, noun, default_sort = "Who may see what of whose", "line", ""
    per_page = 50
    columns = (
        *_PARTS,
        Column("detail", "Finest detail", sort="detail"),
        Column(
            "clause",
            "Clause",
            url=lambda cell: f"{version_url(cell.term.version)}#clause-{cell.term.clause.number}",
            about=lambda cell: cell.term.version.agreement,
        ),
        Column("term.get_basis_display", "Rests on", sort="basis"),
        Column("state", "Today", sort="state", colour=lambda cell: cell.colour),
        Column(
            "why",
            "What stands in its way",
            value=lambda cell: "" if cell.state == "Flows" else cell.why,
        ),
    )
    empty = "No term of an agreement in force is shown to you."


class LossTable(Table):
    caption, noun, default_sort = "What would change", "line", ""
    nouns = "lines"
    per_page = 50
    columns = (
        Column("now.provider.name", "From", sort="provider"),
        Column("now.dataset.name", "Data", sort="dataset"),
        Column("now.reader", "For", sort="reader"),
        Column("said", "Without the clause", sort="said", colour=lambda loss: loss.colour),
        Column("why", "Why", value=lambda loss: loss.then.why),
    )
    empty = "Nothing would change: other clauses or nobody's data rest on it."


def matrix(request: HttpRequest) -> HttpResponse:
    """With `without` in the address it says what would stop without that clause."""
    today, actor = clock.today(), request.actor
    clauses = queries.clauses_in_force(actor=actor)
    what_if = WhatIfForm(request.GET, clauses=clauses)
    clause = what_if.values.get("without")
    context = {"what_if": what_if, "clause": clause, "breadcrumbs": trail()}
    if clause is not None:
        found = queries.losses(actor=actor, on=today, clause=clause)
        context |= {
            "stopped": sum(loss.stops for loss in found),
            "going_on": sum(not loss.stops for loss in found),
            "matrix_url": reverse("sharing-matrix"),
        }
        return LossTable(request.GET, found).render(request, "sharing/matrix_without.html", context)
    cells = queries.matrix(actor=actor, on=today)
    chosen = MatrixFilter(
        request.GET,
        providers=agreements.organisations(actor=actor).filter(
            pk__in={cell.provider.pk for cell in cells}
        ),
        datasets=agreements.datasets(actor=actor),
        readers=queries.readers(cells),
    )
    shown = queries.chosen(cells, **chosen.values)
    table = MatrixTable(request.GET, shown, filter=chosen)
    return table.render(
        request,
        "sharing/matrix.html",
        {**context, "standing": queries.standing_of(shown)},
    )
