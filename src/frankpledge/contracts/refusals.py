"""Why a file as a whole cannot be taken, in words for whoever sent it."""

from enum import StrEnum


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


class Cancelled(Exception):
    """The person who started the import stopped it."""
