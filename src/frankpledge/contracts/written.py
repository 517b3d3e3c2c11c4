"""One value written another way than the contract asks, where it can mean only one thing.

Each function gives what the contract asks for and what was done, or nothing. An empty "what" is a
change of form alone, which nobody needs to be told of.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from frankpledge.contracts.model import Field
from frankpledge.contracts.workbooks.cells import moment

Written = tuple[str, str] | None
D_M_Y = r"^([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]((?:19|20)[0-9]{2})(?:[ T,]+[0-9]{1,2}:.*)?$"
_D_M_Y = re.compile(D_M_Y)
_CLOCK_AFTER = r"(?:[ T,]+([0-9]{1,2}:[0-9]{2}.*))?$"
_Y_M_D = re.compile(rf"((?:19|20)[0-9]{{2}})[/.\-]([0-9]{{1,2}})[/.\-]([0-9]{{1,2}}){_CLOCK_AFTER}")
_TOGETHER = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})$")
_D_NAME_Y = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?[ \-/.]([A-Za-z]{3,9})[ \-/.,]+([0-9]{4}|[0-9]{2})" + _CLOCK_AFTER
)
_NAME_Y = re.compile(r"([A-Za-z]{3,9})[ \-/.']+([0-9]{4}|[0-9]{2})$")
_M_Y = re.compile(r"([0-9]{1,2})[/.\- ]((?:19|20)[0-9]{2})$")
_Y_M = re.compile(r"((?:19|20)[0-9]{2})[/.\- ]?([0-9]{1,2})$")
_SERIAL = re.compile(r"[2-6][0-9]{4}(?:\.[0-9]+)?$")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)? ?([AaPp]\.?[Mm]\.?)?$")
_FRACTION = re.compile(r"0(?:\.[0-9]{1,20})?$")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.0+)?$")
_THOUSANDS_AND_POINT = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+$")
_NOUGHTS = re.compile(r"(-?[0-9]+)\.0+$")
_COMMA = re.compile(r"-?[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})$")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_LONGEST_CODE = 20

DATE_FORM = "A date was written as year, month, day."
MONTH_FORM = "A month was written as year and month."
SERIAL = "A spreadsheet's number for a day was turned into the day."
DAY_OF_MONTH = "A date was turned into its month."
TIME_LEFT_OFF = "The time of day was left off a date."
TIME_FORM = "A time was written as hours and minutes."
SECONDS = "Seconds were left off a time."
COMMAS = "Commas between thousands were taken out."
NOUGHTS = "Noughts after the point were taken off a whole number."
POINT = "A decimal comma was turned into a point."
ZEROS = "Zeros that a spreadsheet took off the front of a code were put back."
CAPITALS = "A code was written in the contract's capitals."
LABEL = "A label was turned into its code."


def as_day(text: str, *, day_first: bool | None, counts_from: int | None) -> Written:
    """A day as year, month and day."""
    if found := _Y_M_D.match(text):
        day = _day(found[1], found[2], found[3])
        return _told(day, _what(text, day, found[4]))
    if found := _TOGETHER.match(text):
        day = _day(found[1], found[2], found[3])
        return _told(day, DATE_FORM)
    if (found := _D_M_Y.match(text)) and day_first is not None:
        first, second = (found[1], found[2]) if day_first else (found[2], found[1])
        day = _day(found[3], second, first)
        return _told(day, DATE_FORM)
    if (found := _D_NAME_Y.match(text)) and (month := _month_named(found[2])):
        day = _day(_year(found[3]), month, found[1])
        return _told(day, DATE_FORM)
    if counts_from and _SERIAL.match(text):
        at = moment(float(text), from_1904=counts_from == 1904)
        return (f"{at:%Y-%m-%d}", SERIAL) if isinstance(at, date) else None
    return None


def _told(value: str | None, what: str) -> Written:
    return None if value is None else (value, what)


def _what(text: str, day: str | None, clock: str | None) -> str:
    if clock and re.match(r"0?0:00(:00(\.0+)?)?$", clock) is None:
        return TIME_LEFT_OFF
    return "" if day and text.startswith(day) else DATE_FORM


def as_month(text: str, *, day_first: bool | None, counts_from: int | None) -> Written:
    """A month as year and month."""
    if found := _Y_M.match(text):
        month = _month(found[1], found[2])
        return _told(month, MONTH_FORM)
    if found := _M_Y.match(text):
        month = _month(found[2], found[1])
        return _told(month, MONTH_FORM)
    if (found := _NAME_Y.match(text)) and (number := _month_named(found[1])):
        return _told(_month(_year(found[2]), number), MONTH_FORM)
    if day := as_day(text, day_first=day_first, counts_from=counts_from):
        return day[0][:7], SERIAL if day[1] == SERIAL else DAY_OF_MONTH
    return None


def as_time(text: str, *, fractions: bool) -> Written:
    """A time as hours and minutes; the time of a date and time, and a spreadsheet's fraction."""
    if found := re.match(rf"(?:19|20)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}{_CLOCK_AFTER}", text):
        inner = as_time(found[1], fractions=False) if found[1] else None
        return _told(inner[0] if inner else None, TIME_FORM)
    if found := _TIME.match(text):
        hours, minutes, seconds, half = int(found[1]), int(found[2]), found[3], found[4]
        if half:
            if not 1 <= hours <= 12:
                return None
            hours = hours % 12 + (12 if half.casefold().startswith("p") else 0)
        if hours > 23 or minutes > 59:
            return None
        return f"{hours:02d}:{minutes:02d}", SECONDS if int(seconds or 0) else TIME_FORM
    if fractions and _FRACTION.match(text):
        minutes = int(float(text) * 1440 + 1e-6)
        return f"{minutes // 60:02d}:{minutes % 60:02d}", TIME_FORM
    return None


def as_whole(text: str) -> Written:
    """A whole number without commas or noughts."""
    if _THOUSANDS.match(text):
        return text.split(".")[0].replace(",", ""), COMMAS
    if found := _NOUGHTS.match(text):
        return found[1], NOUGHTS
    return None


def as_number(text: str, *, comma_is_point: bool) -> Written:
    """A number without commas between thousands; 1,234 alone could be either and stays."""
    if _THOUSANDS_AND_POINT.match(text):
        return text.replace(",", ""), COMMAS
    if comma_is_point and _COMMA.match(text):
        return text.replace(",", "."), POINT
    return None


def as_code(text: str, each: Field) -> Written:
    """A code with the zeros and capitals it should have, or the code of a label."""
    if each.codes:
        meant = _meant(each).get(text.casefold())
        return _told(meant, _how(text, meant or ""))
    if not text.isdecimal() or not text.isascii():
        return None
    widths = [
        width
        for width in range(len(text) + 1, _LONGEST_CODE)
        if _matches(each.pattern, text.zfill(width))
    ]
    return (text.zfill(widths[0]), ZEROS) if len(widths) == 1 else None


def _how(text: str, found: str) -> str:
    if text.casefold() == found.casefold():
        return CAPITALS
    return ZEROS if found.lstrip("0") == text else LABEL


@cache
def _meant(each: Field) -> dict[str, str]:
    """Ways of writing a code that mean one code alone."""
    ways: dict[str, set[str]] = {}
    for code in each.codes:
        for way in (code.value, code.label, code.value.lstrip("0") or "0"):
            ways.setdefault(way.casefold(), set()).add(code.value)
    return {way: codes.pop() for way, codes in ways.items() if len(codes) == 1}


@cache
def _pattern(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:  # one that only the checking engine understands
        return None


def _matches(pattern: str, text: str) -> bool:
    found = _pattern(pattern)
    return bool(found and found.search(text))


def _day(year: str | int, month: str | int, day: str | int) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _month(year: str | int, month: str | int) -> str | None:
    return f"{int(year):04d}-{int(month):02d}" if 1 <= int(month) <= 12 else None


def _month_named(name: str) -> int | None:
    name = name.casefold()
    if name == "sept":
        return 9
    names = _NAMES if len(name) == 3 else _FULL
    return names.index(name) + 1 if name in names else None


def _year(text: str) -> int:
    """A year of two digits is one of this century, as spreadsheets show it."""
    return int(text) if len(text) == 4 else 2000 + int(text)
