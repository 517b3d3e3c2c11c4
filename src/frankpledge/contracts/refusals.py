"""Why a file as a whole cannot be taken, in words for whoever sent it."""

from enum import StrEnum

import polars as pl

_GROUPS, _EXAMPLES = 5, 3


class About(StrEnum):
    """What a person has to say before a file can be read."""

    SHEET = "sheet"
    HEADER = "header row"
    TABLE = "table"
    COLUMNS = "columns"
    HIDDEN = "hidden rows"
    DAY_FIRST = "day or month first"
    DATES = "dates that may have been exchanged"


class Unreadable(Exception):
    """A file that cannot be checked row by row: what is wrong, where, and what to do."""

    def __init__(self, sentence: str, remedy: str, place: str = "") -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy
        self.place = place


class Unclear(Unreadable):
    """A file that can be read in more than one way: the sender chooses, or sends another.

    `options` are what may be chosen, where that can be listed.
    """

    def __init__(
        self,
        about: About,
        sentence: str,
        remedy: str,
        place: str = "",
        *,
        options: tuple[str, ...] = (),
    ) -> None:
        super().__init__(sentence, remedy, place)
        self.about = about
        self.options = options


class OfPersons(Unreadable):
    """A file that points to persons: nothing of it may be kept, not even to mend it."""


class Cancelled(Exception):
    """The person who started the import stopped it."""


def of_persons(faults: pl.DataFrame, name: str) -> OfPersons:
    """What stops a return as a whole: what points to persons, and the first rows of each."""
    grouped = faults.group_by("file", "column", "message", maintain_order=True).agg("row")
    told = [
        f"{file}: {message} {_rows(rows)}" if file != name else f"{message} {_rows(rows)}"
        for file, _, message, rows in grouped.head(_GROUPS).iter_rows()
    ]
    if grouped.height > _GROUPS:
        told.append(f"{grouped.height - _GROUPS:,} more like these.")
    return OfPersons(
        f"{name} points to persons, so nothing of it was kept. {' '.join(told)}",
        "Take these out, or prepare the file with frankpledge-prepare, and send it again.",
        name,
    )


def _rows(rows: list[int]) -> str:
    shown = ", ".join(f"{each:,}" for each in rows[:_EXAMPLES])
    more = f" and {len(rows) - _EXAMPLES:,} more" if len(rows) > _EXAMPLES else ""
    return f"({'row' if len(rows) == 1 else 'rows'} {shown}{more})"
