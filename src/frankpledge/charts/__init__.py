"""Charts and maps as SVG, drawn on the server from publishable tables only.

Every function gives a Chart: the finding as title, a description made from the figures, a wide
drawing and one laid out for phones, and the table they show. A suppressed figure has no value
here, so it has no place, length, colour or words in a drawing.
"""

from frankpledge.charts.drawing import Chart
from frankpledge.charts.lines import line
from frankpledge.charts.maps import choropleth, class_map, tile_map
from frankpledge.charts.palette import tile
from frankpledge.charts.panels import small_multiples
from frankpledge.charts.raster import png
from frankpledge.charts.rows import bars, dots
from frankpledge.charts.scatter import funnel
from frankpledge.charts.shapes import Outlines, dissolve, outlines
from frankpledge.charts.sheets import Shading, shading
from frankpledge.charts.slopes import slope
from frankpledge.charts.small_maps import small_maps
from frankpledge.charts.tiles import tile_positions
from frankpledge.charts.times import Break

__all__ = [
    "Break",
    "Chart",
    "Outlines",
    "Shading",
    "bars",
    "choropleth",
    "class_map",
    "dissolve",
    "dots",
    "funnel",
    "line",
    "outlines",
    "png",
    "shading",
    "slope",
    "small_maps",
    "small_multiples",
    "tile",
    "tile_map",
    "tile_positions",
]
