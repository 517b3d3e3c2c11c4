"""The map of an answer for a program in the browser to draw: outlines, classes and words."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from frankpledge import charts
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.places import geometries
from frankpledge.evidence.queries.presenting import painted


def layers(answer: Answer) -> dict[str, Any]:
    """The picture beside it has the same classes and the same words. Raises Http404 without a map.

    An area carries the number of its class and a sentence, never a figure of its own: what is
    withheld is its class.
    """
    table = answer.map_table
    found = painted(table, answer.map_kind, answer.question.area) if table else None
    if table is None or found is None:
        raise Http404
    outlines = found.outlines
    shading = charts.shading(
        table=table,
        outlines=outlines,
        key="code",
        value=found.value,
        name="area",
        outside=found.outside,
        order=found.order,
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
