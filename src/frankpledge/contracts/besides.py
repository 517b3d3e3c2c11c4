"""What a file holds besides its table: other sheets, notes, columns nobody asked for.

Nothing of it is read, but it is kept with the file, so that signs of persons in it stop the file
too. A few lines that say whom to ask are no data about persons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from frankpledge.contracts.private import KINDS, PERSONAL, look, told_by

BESIDES = pl.Schema(
    {"place": pl.String(), "header": pl.String(), "row": pl.UInt32(), "text": pl.String()}
)
_NEVER_WHOM_TO_ASK = ("nhs-number", "national-insurance", "date-of-birth", "vehicle", "bank")
_PLACES = ("postcode", "address")
_COLUMN = "Column "
RAGGED = "A row with too many or too few values"
_MANY = 4  # different values of one kind
_NAMES = 0.1  # the share of values from which a column names persons; a list of wards has fewer


@dataclass
class Besides:
    """Texts that were left aside while a table was found, each once, with its first row."""

    found: list[pl.DataFrame] = field(default_factory=list)

    def lines(
        self, place: str, lines: Iterable[tuple[int, list[str]]], headers: list[str] | None = None
    ) -> None:
        """Lines of a sheet or a file; `headers`, or else the first line, name what stands below."""
        seen: dict[tuple[str, str], int] = {}
        names: list[str] | None = None
        for row, texts in lines:
            if names is None:
                names = [each if told_by(each) else "" for each in (headers or texts)]
            for at, text in enumerate(texts):
                if text:
                    seen.setdefault((names[at] if at < len(names) else "", text), row)
        told = [(place, header, row, text) for (header, text), row in seen.items()]
        self._add(pl.DataFrame(told, schema=BESIDES, orient="row"))

    def column(self, header: str, text: pl.Series, rows: pl.Series) -> None:
        table = pl.DataFrame({"text": text, "row": rows}).drop_nulls("text")
        self._add(
            table.unique("text", keep="first", maintain_order=True).select(
                pl.lit(f"{_COLUMN}{header}").alias("place"), pl.lit(header).alias("header"),
                "row", "text",
            )
        )  # fmt: skip

    def _add(self, frame: pl.DataFrame) -> None:
        if frame.height:
            self.found.append(frame.cast(BESIDES))

    def frame(self) -> pl.DataFrame:
        return pl.concat([nothing_besides(), *self.found])


def nothing_besides() -> pl.DataFrame:
    return pl.DataFrame(schema=BESIDES)


def persons_in(besides: pl.DataFrame, file: str) -> pl.DataFrame:
    """What must not be kept of it: row, file, column, value, rule, message and remedy of each."""
    hits = []
    for (place, header), group in besides.group_by("place", "header", maintain_order=True):
        named = group.select(pl.col("text").alias(str(header) or "text"))
        seen = look(named, rows=group["row"]).with_columns(place=pl.lit(place))
        names = seen.filter(pl.col("kind") == "name").height
        if names < group.height * _NAMES and place != RAGGED:
            seen = seen.filter(pl.col("kind") != "name")
        hits.append(seen)
    if not hits:
        return pl.DataFrame()
    found = pl.concat(hits)
    many = pl.len().over("place", "kind") >= _MANY
    # Extracts carry the place of what happened in columns that nobody asked for.
    place = pl.col("place").str.starts_with(_COLUMN) & pl.col("kind").is_in(_PLACES)
    sure = pl.col("kind").is_in(_NEVER_WHOM_TO_ASK) | (pl.col("place") == RAGGED)
    found = found.filter(sure | (many & ~place))
    what = {kind: said.what for kind, said in KINDS.items()}
    return found.select(
        "row",
        pl.lit(file).alias("file"),
        pl.col("place").alias("column"),
        pl.lit("").alias("value"),
        pl.lit(PERSONAL).alias("rule"),
        pl.format(
            "{} is not read, but it holds {}.", "place", pl.col("kind").replace_strict(what)
        ).alias("message"),
        pl.lit("Take it out of the file.").alias("remedy"),
    )
