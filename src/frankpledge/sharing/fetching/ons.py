"""Boundaries, look-ups and residents as the Office for National Statistics publishes them.

The address is a file (GeoJSON or CSV) or a layer of a FeatureServer, which is asked page by page.
After a hash sign stand the areas it is loaded within, with commas between.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from frankpledge.sharing.fetching.asked import Asked, CannotFetch, Fetched
from frankpledge.sharing.fetching.web import answer, whole
from frankpledge.sharing.fetching.web import fetch as fetch_file

_PAGE = 2000
_MOST_PAGES = 200


def fetch(asked: Asked) -> Iterator[Fetched]:
    with tempfile.TemporaryDirectory(dir=asked.work) as folder:
        if "/featureserver/" in urlsplit(asked.place).path.lower():
            path = Path(folder) / "layer.geojson"
            path.write_text(json.dumps(_layer(asked)), encoding="utf-8")
            yield Fetched(path.name, path)
            return
        for found in fetch_file(asked):
            path = Path(folder) / _plain(found.name)
            _put(found, path, asked.limit)
            yield Fetched(path.name, path, found.remember)


def _put(found: Fetched, path: Path, limit: int) -> None:
    came = 0
    with path.open("wb") as opened:
        for piece in found.source if not isinstance(found.source, Path) else ():
            came += len(piece)
            if came > limit:
                raise CannotFetch(f"It is larger than the {limit // 1024**2:,} MB that are taken.")
            opened.write(piece)


def _layer(asked: Asked) -> dict[str, object]:
    """Every feature of a layer: a server gives some at a time and says whether more are left."""
    features: list[object] = []
    for _ in range(_MOST_PAGES):
        asking = {
            "where": "1=1",
            "outFields": "*",
            "outSR": 4326,
            "f": "geojson",
            "resultOffset": len(features),
            "resultRecordCount": _PAGE,
        }
        with answer(asked, f"{asked.place.rstrip('/')}/query?{urlencode(asking)}") as found:
            text = whole(found, asked.limit)
        try:
            said = json.loads(text)
            came = list(said["features"])
        except (ValueError, KeyError, TypeError):
            raise CannotFetch("The layer did not answer with GeoJSON. Mend the address.") from None
        features += came
        more = said.get("exceededTransferLimit") or said.get("properties", {}).get(
            "exceededTransferLimit"
        )
        if not came or not more:
            break
    return {"type": "FeatureCollection", "features": features}


def _plain(name: str) -> str:
    return "".join(c for c in name if c.isalnum() or c in "._-").strip(".")[:100] or "areas.csv"
