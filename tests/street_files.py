"""Street files for tests: rows as data.police.uk publishes them, about made-up places."""

import io
import zipfile

HEADERS = [
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
]


def row(number: int = 1, **changes: str) -> dict[str, str]:
    """One good row; `number` makes its Crime ID."""
    good = {
        "Crime ID": f"{number:064x}",
        "Month": "2025-01",
        "Reported by": "Barset Police",
        "Falls within": "Barset Police",
        "Longitude": "0.970011",
        "Latitude": "51.253133",
        "Location": "On or near Cobbs Hill",
        "LSOA code": "E01000001",
        "LSOA name": "Barchester 001A",
        "Crime type": "Vehicle crime",
        "Last outcome category": "Under investigation",
        "Context": "",
    }
    return good | {key.replace("_", " "): value for key, value in changes.items()}


def csv_of(*rows: dict[str, str], headers: list[str] | None = None, separator: str = ",") -> bytes:
    headers = headers or HEADERS
    lines = [headers, *([each.get(header, "") for header in headers] for each in rows)]
    return ("\n".join(separator.join(line) for line in lines) + "\n").encode()


def zip_of(**members: bytes) -> bytes:
    """A zip of one member a month: `m2025_01=…` becomes `2025-01/2025-01-barset-street.csv`."""
    return zip_named(
        {f"{key[1:].replace('_', '-')}": raw for key, raw in members.items()}, official=True
    )


def zip_named(members: dict[str, bytes], *, official: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in members.items():
            packed.writestr(f"{name}/{name}-barset-street.csv" if official else name, raw)
    return made.getvalue()
