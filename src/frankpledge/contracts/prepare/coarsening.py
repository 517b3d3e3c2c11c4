"""What is too close to a person, made coarser: postcodes, ages and points."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

import polars as pl
from pyproj import Transformer

from frankpledge.contracts.model import Code
from frankpledge.contracts.private import POSTCODE
from frankpledge.contracts.written import as_day

SQUARE = 1000  # metres
_WHOLE_POSTCODE = POSTCODE.replace("(?i)", "(?i)^\\s*") + r"\s*$"
Band = tuple[int, int, str]  # from this age to that one, and how the contract writes it
_BAND = re.compile(
    r"(?P<low>[0-9]+)\s*(?:-|–|to)\s*(?P<high>[0-9]+)"
    r"|(?:under|below|less than)\s*(?P<under>[0-9]+)"
    r"|(?:over)\s*(?P<over>[0-9]+)"
    r"|(?P<plus>[0-9]+)\s*(?:\+|plus|and over|or over|and older)",
    re.I,
)


def bands_of(codes: Iterable[Code]) -> tuple[Band, ...]:
    """The age bands that a code list names, by its values or else by its labels; or none."""
    codes = tuple(codes)
    for written in ([each.value for each in codes], [each.label for each in codes]):
        found = [_band(text, code.value) for text, code in zip(written, codes, strict=True)]
        bands = tuple(each for each in found if each is not None)
        if len(bands) >= 3:
            return bands
    return ()


def _band(text: str, code: str) -> Band | None:
    found = _BAND.fullmatch(text.strip().removeprefix("Aged ").removeprefix("aged "))
    if found is None:
        return None
    if found["low"]:
        return int(found["low"]), int(found["high"]), code
    if found["under"]:
        return 0, int(found["under"]) - 1, code
    low = int(found["over"]) + 1 if found["over"] else int(found["plus"])
    return low, 130, code


def to_band(
    values: pl.Series, bands: tuple[Band, ...], on: pl.Series, *, day_first: bool
) -> pl.Series:
    """A date of birth or an age as its band, on the day or in the month of each row.

    What is neither stays as it is, so that the check says what is wrong with it.
    """
    known = {code for _, _, code in bands}

    def one(value: str | None, day: str | None) -> str | None:
        if value is None or value in known:
            return value
        age = _age(value, day, day_first=day_first)
        found = [code for low, high, code in bands if age is not None and low <= age <= high]
        return found[0] if found else value

    pairs = pl.DataFrame({"value": values, "on": on})
    distinct = pairs.unique()
    made = [one(value, day) for value, day in distinct.iter_rows()]
    told = distinct.with_columns(pl.Series("band", made, dtype=pl.String))
    joined = pairs.join(told, on=["value", "on"], how="left", nulls_equal=True,
                        maintain_order="left")  # fmt: skip
    return joined["band"].alias(values.name)


def _age(value: str, on: str | None, *, day_first: bool) -> int | None:
    if value.isascii() and value.isdecimal() and len(value) <= 3:
        return int(value)
    told = as_day(value, day_first=day_first, counts_from=None)
    if told is None or not on:
        return None
    try:
        born = date.fromisoformat(told[0])
        day = date.fromisoformat(on[:10] if len(on) >= 10 else f"{on[:7]}-15")
    except ValueError:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def to_area(values: pl.Series, areas: dict[str, str]) -> pl.Series:
    """A full postcode as the code of its area where `areas` knows it, or else its outward half."""
    text = values.str.strip_chars().str.to_uppercase().str.replace_all(r"\s", "")
    full = values.str.contains(_WHOLE_POSTCODE)
    outward = text.str.head(-3)
    coded = text.replace_strict(areas, default=None, return_dtype=pl.String) if areas else None
    coarse = outward if coded is None else coded.fill_null(outward)
    frame = pl.DataFrame({"values": values, "full": full, "coarse": coarse})
    chosen = pl.when("full").then("coarse").otherwise("values")
    return frame.select(chosen.alias(values.name)).to_series()


@cache
def _projections() -> tuple[Transformer, Transformer]:
    return (
        Transformer.from_crs(4326, 27700, always_xy=True),
        Transformer.from_crs(27700, 4326, always_xy=True),
    )


def to_square(first: pl.Series, second: pl.Series, *, metres: bool) -> tuple[pl.Series, pl.Series]:
    """Points as the middle of the square of 1 km they lie in, on the national grid.

    `metres`: easting and northing, otherwise longitude and latitude in degrees. What is no number
    stays as it is.
    """
    x, y = (each.cast(pl.Float64, strict=False) for each in (first, second))
    good = x.is_finite().fill_null(False) & y.is_finite().fill_null(False)
    there, back = _projections()
    east, north = x.filter(good).to_numpy(), y.filter(good).to_numpy()
    if not metres:
        east, north = there.transform(east, north)
    east, north = (each // SQUARE * SQUARE + SQUARE // 2 for each in (east, north))
    if not metres:
        east, north = back.transform(east, north)
    places = 0 if metres else 4
    made = []
    for text, values in ((first, east), (second, north)):
        written = [f"{each:.{places}f}" for each in values]
        at = pl.Series(range(first.len()), dtype=pl.UInt32).filter(good)
        made.append(text.scatter(at, written) if written else text)
    return made[0], made[1]
