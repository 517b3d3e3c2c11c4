"""CSV with its metadata beside it, zipped: the W3C's CSV on the Web.

A hidden or missing cell is empty in the CSV; the metadata has a note for each, by row and column as
RFC 7111 writes them, so that no program takes a mark for a value. Sources: W3C, "Metadata
Vocabulary for Tabular Data" (2015); RFC 7111.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from typing import Any

from frankpledge.analysis.disclosure import PublishableTable, Status
from frankpledge.components.exports import harmless

_DATATYPES: dict[str, Any] = {
    "count": "integer",
    "number": "number",
    "rate": "number",
    "percent": "number",
    "month": "gYearMonth",
    "date": "date",
}
_SAID = {
    Status.SUPPRESSED: "[c]: hidden, to protect people. This is not zero.",
    Status.MISSING: "[x]: not available. This is not zero.",
}
_ZIPPED = (1980, 1, 1, 0, 0, 0)  # the same answer is the same file


def zipped(table: PublishableTable, *, stem: str, made_on: date) -> bytes:
    """A zip of `stem`.csv and `stem`.csv-metadata.json."""
    name = f"{stem}.csv"
    described = json.dumps(metadata(table, name=name, made_on=made_on), ensure_ascii=False)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in ((name, text_of(table)), (f"{name}-metadata.json", described)):
            archive.writestr(zipfile.ZipInfo(path, _ZIPPED), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def text_of(table: PublishableTable) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_titles(table))
    for row in table.rows:
        writer.writerow(
            "" if cell.status is not Status.SHOWN else _plain(cell.value) for cell in row
        )
    return out.getvalue()


def metadata(table: PublishableTable, *, name: str, made_on: date) -> dict[str, Any]:
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": name,
        "dc:title": table.title,
        "dc:description": " ".join(table.notes),
        "dc:source": list(table.sources),
        "dc:issued": {"@value": made_on.isoformat(), "@type": "xsd:date"},
        "dc:language": "en-GB",
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {
                    "name": column.key,
                    "titles": title,
                    "datatype": _DATATYPES.get(column.kind, "string"),
                    "required": False,
                }
                for column, title in zip(table.columns, _titles(table), strict=True)
            ]
        },
        "notes": [
            {
                "type": "Annotation",
                "target": f"{name}#cell={row},{column}",
                "body": _SAID[cell.status],
            }
            for row, cells in enumerate(table.rows, start=2)  # the header is row 1
            for column, cell in enumerate(cells, start=1)
            if cell.status is not Status.SHOWN
        ],
    }


def _titles(table: PublishableTable) -> list[str]:
    labels = [f"{c.label} ({c.unit})" if c.unit else c.label for c in table.columns]
    return [
        harmless(label if labels.count(label) == 1 else f"{label} ({column.key})")
        for label, column in zip(labels, table.columns, strict=True)
    ]


def _plain(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value
