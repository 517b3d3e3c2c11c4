"""The map of an answer for a program in the browser to draw: outlines, classes and words."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from frankpledge import charts
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.places import geometries, shapes
from frankpledge.evidence.queries.presenting import beside, mapped_column


def layers(answer: Answer) -> dict[str, Any]:
    """The picture beside it has the same classes and the same words. Raises Http404 without a map.

    An area carries the number of its class and a sentence, never a figure of its own: what is
    withheld is its class.
    """
    table, districts = answer.map_table, answer.map_kind == "districts"
    outlines = shapes(answer.map_kind, "" if districts else answer.question.area)
    if table is None or outlines is None:
        raise Http404
    value, order = mapped_column(table)
    shading = charts.shading(
        table=table,
        outlines=outlines,
        key="code",
        value=value,
        order=order,
        name="area",
        outside=beside(outlines, table) if districts else (),
    )
    shapes_by_code = geometries(answer.map_kind, answer.question.area)
    return {
        "heading": shading.heading,
        "attribution": outlines.attribution,
        "classes": [
            {
                "tile": charts.tile(fill),
                "plain": fill.pattern == "plain",
                "colour": fill.ground,
                "label": label,
                "areas": areas,
            }
            for fill, label, areas in shading.classes
        ],
        "areas": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": number,
                    "properties": {
                        "class": shading.of[code],
                        "said": shading.said[code],
                        "name": outlines.names[code],
                    },
                    "geometry": shapes_by_code[code],
                }
                for number, code in enumerate(sorted(shading.of, key=outlines.names.__getitem__))
                if code in shapes_by_code
            ],
        },
    }
