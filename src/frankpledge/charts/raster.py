"""A drawing as PNG, for programs that cannot show SVG."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import typst

_SIZE = re.compile(r'<svg [^>]*?width="([0-9.]+)" height="([0-9.]+)"')
_PAGE = (
    b"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n"
    b'#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 1pt)'
)
_POINTS = 72


@lru_cache(maxsize=8)
def _fonts(folders: tuple[Path, ...]) -> typst.Fonts:
    """Reading a machine's fonts takes longer than drawing."""
    return typst.Fonts(font_paths=list(folders))


def png(svg: str, *, width_px: int, font_paths: Sequence[Path] = ()) -> bytes:
    """The drawing on white, `width_px` wide.

    Fonts are looked for in `font_paths`, then on the machine. Raises ValueError if the text is not
    a drawing of this package or the width is out of reason.
    """
    found = _SIZE.match(svg)
    if not found:
        raise ValueError("This is not a chart: it does not begin with its size.")
    if not 1 <= width_px <= 10_000:
        raise ValueError("A picture is between 1 and 10,000 pixels wide.")
    made = typst.compile(
        _PAGE,
        format="png",
        ppi=width_px * _POINTS / float(found[1]),
        font_paths=_fonts(tuple(font_paths)),
        sys_inputs={"svg": svg, "width": found[1]},
    )
    if not isinstance(made, bytes):
        raise ValueError("The drawing does not fit on one page.")
    return made
