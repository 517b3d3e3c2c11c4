"""An answer as a file: every figure in it has passed disclosure for the one who asks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from django.http import Http404, HttpResponse

from frankpledge import charts
from frankpledge.analysis.disclosure import PublishableTable, Status
from frankpledge.components import exports
from frankpledge.core.markings import Classification, download_name
from frankpledge.documents import font_folder
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.places import geometries
from frankpledge.evidence.queries.presenting import pictures


def export(answer: Answer, kind: str, *, made_on: date) -> HttpResponse:
    """Raises Http404 for a kind of file that is not made, or a map that there is not."""
    if kind in exports.KINDS:
        return table_file(
            answer.table,
            kind,
            made_on=made_on,
            marking="",
            classification=Classification.OFFICIAL,
            caveats=answer.standing,
        )
    if kind == "geojson":
        return _geojson(answer)
    wanted, _, suffix = kind.rpartition(".")
    if wanted == "map":  # which a chosen chart may have put aside
        answer = replace(answer, question=answer.question.with_(chart=""))
    drawn = {picture.id: picture.chart for picture in pictures(answer, standalone=True)}
    chart = drawn.get(wanted or "chart")
    if chart is None or suffix not in ("svg", "png"):
        raise Http404
    if suffix == "svg":
        return _file(chart.svg.encode(), "image/svg+xml", answer, "svg")
    picture = charts.png(chart.svg, width_px=1600, font_paths=(font_folder(),))
    return _file(picture, "image/png", answer, "png")


def table_file(
    table: PublishableTable,
    kind: str,
    *,
    made_on: date,
    marking: str,
    classification: str,
    caveats: tuple[str, ...] = (),
) -> HttpResponse:
    if kind not in exports.KINDS:
        raise Http404
    sheet = exports.sheet_of(table, made_on=made_on, marking=marking or classification)
    response: HttpResponse = exports.response(replace(sheet, caveats=caveats), kind)
    return response


def _stem(answer: Answer) -> str:
    question = answer.question
    parts = [question.dataset, question.area or "county", question.start, question.end, question.by]
    compared = question.other.replace("..", "-"), question.against
    parts += [part for part in (question.chart, *compared) if part]
    return "-".join(["synthetic", *parts] if answer.synthetic else parts)


def _file(content: bytes, content_type: str, answer: Answer, suffix: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = download_name(_stem(answer), Classification.OFFICIAL, suffix)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _geojson(answer: Answer) -> HttpResponse:
    """Outlines with the figures as shown; a suppressed one says so and carries no value."""
    table = answer.map_table
    if table is None:
        raise Http404
    shapes = geometries(answer.map_kind, answer.question.area)
    keys = [column.key for column in table.columns]
    features = []
    for row in table.rows:
        cells = dict(zip(keys, row, strict=True))
        properties = {
            key: "suppressed" if cell.status is Status.SUPPRESSED else cell.value
            for key, cell in cells.items()
        }
        geometry = shapes.get(str(cells["code"].value))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    collection = {
        "type": "FeatureCollection",
        "title": table.title,
        "synthetic": table.synthetic,
        "notes": list(table.notes),
        "sources": list(table.sources),
        "features": features,
    }
    text = json.dumps(collection, ensure_ascii=False)
    return _file(text.encode(), "application/geo+json", answer, "geojson")
