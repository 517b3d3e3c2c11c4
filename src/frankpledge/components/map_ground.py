"""The ground that an administrator lays under maps: roads, rivers, names. A file in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse

_PIECE = 1 << 16
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})?")
_TYPES = {".pmtiles": "application/vnd.pmtiles", ".geojson": "application/geo+json"}


def ground_kind() -> str:
    """`pmtiles`, `geojson`, or nothing where no ground is laid."""
    return settings.GROUND.suffix[1:].lower() if settings.GROUND else ""


def map_ground(request: HttpRequest) -> HttpResponse | FileResponse | StreamingHttpResponse:
    """The file, or the piece of it that a range asks for: tiles are read piece by piece."""
    path = settings.GROUND
    if not path or not path.is_file():
        raise Http404
    size = path.stat().st_size
    kind = _TYPES[path.suffix.lower()]
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None:
        whole = FileResponse(path.open("rb"), content_type=kind)
        whole["Accept-Ranges"] = "bytes"
        return whole
    first = int(asked[1])
    last = min(int(asked[2] or size - 1), size - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    answer = StreamingHttpResponse(_piece(path, first, last), status=206, content_type=kind)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer["Content-Length"] = str(last - first + 1)
    return answer


def _piece(path: Path, first: int, last: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        left = last - first + 1
        while left and (piece := file.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece
