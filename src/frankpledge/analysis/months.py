"""Months as text, `2025-01`, and the arithmetic on them."""

from collections.abc import Iterable

__all__ = ["InvalidMonth", "month_range", "period_name", "shifted", "year_before"]

from frankpledge.analysis.disclosure.tables import month_name


class InvalidMonth(ValueError):
    """Not a month written as 2025-01."""


def _number(month: str) -> int:
    year, dash, part = month.partition("-")
    digits = year.isascii() and part.isascii() and year.isdigit() and part.isdigit()
    if not (dash and digits and len(year) == 4 and len(part) == 2 and 1 <= int(part) <= 12):
        raise InvalidMonth(f"“{month}” is not a month; write it as 2025-01.")
    return int(year) * 12 + int(part) - 1


def shifted(month: str, by: int) -> str:
    """The month `by` months later, earlier if negative."""
    number = _number(month) + by
    if not 0 <= number < 120_000:
        raise InvalidMonth(f"{by} months from {month} is not a month that can be written.")
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_range(first: str, last: str) -> tuple[str, ...]:
    """Every month from first to last, both included; none when last is before first."""
    start, end = _number(first), _number(last)
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, end + 1))


def year_before(months: Iterable[str]) -> tuple[str, ...]:
    """The same months a year before, in the same order."""
    return tuple(shifted(month, -12) for month in months)


def period_name(first: str, last: str) -> str:
    """`2025-01`, `2025-12` reads "2025"; other periods name their ends."""
    span = _number(last) - _number(first)
    if span < 0:
        raise InvalidMonth(f"{last} is before {first}.")
    if span == 0:
        return month_name(first)
    if span == 11 and first.endswith("-01"):
        return first[:4]
    start = month_name(first) if first[:4] != last[:4] else month_name(first)[:-5]
    return f"{start} to {month_name(last)}"
