"""An SVG as PNG, for Word and for those who paste pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typst

_PAGE = """#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(json(bytes(sys.inputs.svg))), format: "svg", width: 680pt)
"""
_WIDTH_PT = 680


def png(svg: str, *, width_px: int = 1360, font_paths: Sequence[Path] = ()) -> bytes:
    """The picture `width_px` wide, drawn by Typst. `font_paths` are folders of TTF files."""
    made = typst.compile(
        _PAGE.encode(),
        format="png",
        ppi=72 * width_px / _WIDTH_PT,
        sys_inputs={"svg": json.dumps(svg)},
        font_paths=list(font_paths),
    )
    if not isinstance(made, bytes):
        raise TypeError("One page was expected.")
    return made
