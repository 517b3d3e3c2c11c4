"""An answer as a file: every figure in it has passed disclosure for the one who asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.http import Http404, HttpResponse

from frankpledge import charts
from frankpledge.analysis.disclosure import PublishableTable
from frankpledge.components import exports
from frankpledge.core.markings import Classification, download_name, marking_text
from frankpledge.documents import font_folder
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.formats import csvw, geography
from frankpledge.evidence.queries.places import geometries
from frankpledge.evidence.queries.presenting import pictures, standing_on
from frankpledge.evidence.rules import UnableToAsk


def export(answer: Answer, kind: str, *, made_on: date) -> HttpResponse:
    """Raises Http404 for a kind of file that is not made, or a map that there is not; UnableToAsk
    for a file larger than its programs take."""
    answer = labelled(answer)
    try:
        return _table(answer, kind, made_on) or _map(answer, kind, made_on) or _drawn(answer, kind)
    except exports.TooLarge as error:
        raise UnableToAsk(str(error)) from None


def labelled(answer: Answer) -> Answer:
    """The same figures; every table says all that a reader must know, wherever it goes."""
    marking = marking_text(answer.table.audience, Classification.OFFICIAL)
    said = (
        *answer.caveats,
        f"Version of the data: {answer.version}.",
        exports.rule_line(answer.table),
        f"Protective marking: {marking}.",
    )
    found = answer.map_table
    return replace(
        answer,
        table=answer.table.noting(said),
        charted=answer.charted.noting(said),
        map_table=found.noting(said) if found is not None else None,
    )


def finding_caveats(finding: Finding, *, on: date) -> tuple[str, ...]:
    """All that a file of a Finding must say."""
    said = [*standing_on(finding, on=on), *finding.caveats]
    if finding.dataset is not None:
        said.append(f"Version of the data: {finding.data_version}.")
    return tuple(dict.fromkeys((*said, f"Protective marking: {finding.marking}.")))


def _table(answer: Answer, kind: str, made_on: date) -> HttpResponse | None:
    if kind in exports.KINDS:
        return table_file(
            answer.table,
            kind,
            made_on=made_on,
            marking="",
            classification=Classification.OFFICIAL,
            caveats=answer.table.notes,
            sentence=answer.sentence.sentence,
        )
    if kind == "csvw.zip":
        made = csvw.zipped(answer.table, stem=_stem(answer), made_on=made_on)
        return _file(made, "application/zip", answer, "csvw.zip")
    return None


def _map(answer: Answer, kind: str, made_on: date) -> HttpResponse | None:
    if kind not in ("geojson", "gpkg"):
        return None
    table = answer.map_table
    if table is None:
        raise Http404
    shapes = geometries(answer.map_kind, answer.question.area)
    if kind == "geojson":
        return _file(geography.geojson(table, shapes), "application/geo+json", answer, kind)
    made = geography.geopackage(table, shapes, made_on=made_on)
    return _file(made, "application/geopackage+sqlite3", answer, kind)


def _drawn(answer: Answer, kind: str) -> HttpResponse:
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
    sentence: str = "",
) -> HttpResponse:
    if kind not in exports.KINDS:
        raise Http404
    sheet = exports.sheet_of(
        table, made_on=made_on, marking=marking or classification, for_people=kind == "xlsx"
    )
    made = replace(sheet, caveats=caveats, sentence=sentence)
    response: HttpResponse = exports.response(made, kind)
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
