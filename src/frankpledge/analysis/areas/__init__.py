"""Which area a point is in: exact, and fast enough for every row of a county.

An area holds its inside and its whole boundary, holes' edges included, as `shapely.intersects` and
`covers` say. A point that several areas hold, on a shared edge or an overlap, takes the first by
code. Coordinates are a plane: an area that crosses the antimeridian comes cut in two (RFC 7946).
"""

from frankpledge.analysis.areas.index import AreaIndex, Located, Overlap, Repair

__all__ = ["AreaIndex", "Located", "Overlap", "Repair"]
