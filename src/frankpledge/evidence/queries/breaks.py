"""Known breaks: lockdowns, recording changes, counting rules; dated, each with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

SHIPPED = Path(__file__).parents[1] / "breaks.yaml"
_NEEDED, _MORE = {"from", "what", "source"}, {"to", "datasets", "categories"}


class UnreadableBreaks(Exception):
    """A file of breaks that cannot be used; the text says where and what to write."""


@dataclass(frozen=True)
class KnownBreak:
    """With an `end` the time in between stands apart; without, all before stands apart."""

    start: date
    end: date | None
    what: str
    source: str
    datasets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        return f"{self.start:%Y-%m}"

    @property
    def last(self) -> str:
        return f"{self.end:%Y-%m}" if self.end else ""

    def concerns(self, dataset: str, category: str) -> bool:
        """Whether it touches this question: one that is about all kinds includes each."""
        kinds = not self.categories or not category or category in self.categories
        return kinds and (not self.datasets or dataset in self.datasets)

    def holds(self, month: str) -> bool:
        return bool(self.end) and self.first <= month <= self.last

    def parts(self, earlier: str, later: str) -> bool:
        """Whether these two months are counted differently."""
        return not self.end and earlier < self.first <= later

    @property
    def sentence(self) -> str:
        start = f"{self.start:%-d %B %Y}"
        if self.end:
            when = f"{start} to {self.end:%-d %B %Y}: its months are left out of baselines"
        else:
            when = f"from {start}: nothing before is compared with what came after"
        return f"{self.what}, {when}. Source: {self.source}."


def breaks_of(dataset: str, category: str) -> tuple[KnownBreak, ...]:
    """Raises UnreadableBreaks."""
    paths = [SHIPPED, *([Path(settings.BREAKS)] if settings.BREAKS else [])]
    return tuple(
        each
        for path in paths
        for each in read(path, _changed(path))
        if each.concerns(dataset, category)
    )


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        raise UnreadableBreaks(
            f"{path.name}: there is no such file. Mend FRANKPLEDGE_BREAKS."
        ) from None


@lru_cache(maxsize=8)
def read(path: Path, changed: int = 0) -> tuple[KnownBreak, ...]:
    """The breaks of a file, in its order; read again when the file was `changed`."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UnreadableBreaks(f"{path.name} is no YAML. Write a list of breaks.") from None
    if not isinstance(rows, list):
        raise UnreadableBreaks(f"{path.name}: write a list of breaks.")
    return tuple(_break(path.name, number, row) for number, row in enumerate(rows, start=1))


def _break(name: str, number: int, row: Any) -> KnownBreak:
    place = f"{name}, break {number}"
    if not isinstance(row, dict) or not row.keys() >= _NEEDED or row.keys() - _NEEDED - _MORE:
        raise UnreadableBreaks(
            f"{place}: write from, what and source; to, datasets and categories are optional."
        )
    days = [row["from"], *([row["to"]] if "to" in row else [])]
    if any(type(day) is not date for day in days) or days[-1] < days[0]:
        raise UnreadableBreaks(f"{place}: write days as 2020-03-26, the last not before the first.")
    return KnownBreak(
        start=row["from"],
        end=row.get("to"),
        what=str(row["what"]).rstrip("."),
        source=str(row["source"]).rstrip("."),
        datasets=_texts(place, row.get("datasets")),
        categories=_texts(place, row.get("categories")),
    )


def _texts(place: str, given: Any) -> tuple[str, ...]:
    if given is not None and not isinstance(given, list):
        raise UnreadableBreaks(f"{place}: write datasets and categories as lists.")
    return tuple(map(str, given or ()))


def inside(breaks: Sequence[KnownBreak], months: Sequence[str]) -> list[int]:
    """Positions that belong in no baseline: inside a break, or before the last change."""
    cuts = [each.first for each in breaks if not each.end and each.first <= months[-1]]
    cut = max(cuts, default="")
    return [
        at
        for at, month in enumerate(months)
        if month < cut or any(each.holds(month) for each in breaks)
    ]
