from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from frankpledge.components.parts import Fact
from frankpledge.components.tables import Column, Table
from frankpledge.core.models import Area, AreaKind
from frankpledge.partnership import forms, queries
from frankpledge.partnership.views.frame import sections, trail

OFFICIAL = (
    "Office for National Statistics, Open Government Licence v3.0. "
    "Contains OS data © Crown copyright and database right.",
)


def _url(area: Area) -> str:
    return reverse("area", args=[area.code])


class AreaTable(Table):
    caption, noun = "Counties, unitaries and districts", "area"
    sources = OFFICIAL
    per_page = 100
    columns = (
        Column("name", "Area", url=_url),
        Column("kind", "Kind", value=lambda row: row.get_kind_display()),
        Column("parent", "In", value=lambda row: row.parent.name if row.parent else ""),
        Column("code", "Code"),
        Column("wards", "Wards", kind="count"),
        Column("lsoas", "LSOAs", kind="count"),
        Column("residents", "Residents", kind="count"),
    )
    empty = "No area has been loaded yet. Ask an administrator to load the official areas."


def areas(request: HttpRequest) -> HttpResponse:
    rows = queries.areas(actor=request.actor)
    context = {"title": "Areas", "breadcrumbs": trail(), "sections": sections("areas")}
    return AreaTable(request.GET, rows).render(
        request, "partnership/list.html", context, synthetic=False
    )


def _facts(area: Area) -> Iterator[Fact]:
    yield Fact("Kind", area.get_kind_display())
    yield Fact("Official code", area.code)
    if area.parent is not None:
        yield Fact("Lies in", area.parent.name, url=_url(area.parent))
    yield Fact("Generation", _generation(area))
    if area.residents is not None:
        yield Fact("Residents", f"{area.residents:,}")
    yield Fact("Outline", "Loaded" if area.outline else "Not loaded")


def _generation(area: Area) -> str:
    if area.valid_to_vintage is None:
        return f"{area.vintage} onwards"
    if area.valid_to_vintage == area.vintage:
        return str(area.vintage)
    return f"{area.vintage} to {area.valid_to_vintage}"


def area(request: HttpRequest, code: str) -> HttpResponse:
    asked = request.GET.get("generation", "")
    if asked and not asked.isdecimal():
        raise Http404
    page = queries.area(actor=request.actor, code=code, vintage=int(asked[:6]) if asked else None)
    parts = [
        (
            label,
            vintage,
            many,
            f"{reverse('area-parts', args=[code, _kind(label)])}?generation={vintage}",
        )
        for label, vintage, many in page.counts
    ]
    context = {
        "page": page,
        "area": page.area,
        "facts": list(_facts(page.area)),
        "parts": parts,
        "breadcrumbs": trail(("Areas", "areas")),
    }
    return render(request, "partnership/area.html", context)


def _kind(label: str) -> str:
    return next(kind.value for kind in AreaKind if kind.label == label)


class PartsTable(Table):
    noun, default_sort = "area", "name"
    sources = OFFICIAL
    per_page = 50
    columns = (
        Column(
            "name", "Area", sort="name", url=lambda row: f"{_url(row)}?generation={row.vintage}"
        ),
        Column("code", "Code", sort="code"),
        Column("vintage", "Generation", sort="vintage"),
        Column("residents", "Residents", kind="count", sort="residents"),
    )


def area_parts(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    asked = request.GET.get("generation", "")
    if kind not in forms.PARTS and kind != AreaKind.DISTRICT:
        raise Http404
    whole = queries.newest(actor=request.actor, code=code)
    filters = forms.PartsFilter(request.GET)
    rows = queries.parts_of(
        actor=request.actor,
        parent=whole,
        kind=kind,
        vintage=int(asked[:6]) if asked.isdecimal() else None,
        **filters.values,
    )
    table = PartsTable(request.GET, rows, filter=filters)
    table.caption = f"{AreaKind(kind).label}: {whole.name}"
    context = {"title": table.caption, "breadcrumbs": trail(("Areas", "areas"))}
    return table.render(request, "partnership/list.html", context, synthetic=False)
