"""Why a file as a whole cannot be taken, in words for whoever sent it."""


class Unreadable(Exception):
    """A file that cannot be checked row by row: what is wrong, where, and what to do."""

    def __init__(self, sentence: str, remedy: str, place: str = "") -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy
        self.place = place


class Cancelled(Exception):
    """The person who started the import stopped it."""
