"""A contract as vectorised tests over text columns, each saying which rows are faulty."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from frankpledge.contracts.model import BadContract, Contract, Field, Kind, Rule
from frankpledge.contracts.private import HINTS, KINDS, PERSONAL, SIGNS
from frankpledge.contracts.reference import Reference

MONTH_PATTERN = r"^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])$"
_DAY = r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
DATE_PATTERN = rf"^{_DAY}$"
TIME_PATTERN = rf"^{_TIME}$"
MOMENT_PATTERN = rf"^{_DAY}T{_TIME}:[0-5][0-9](?:Z|[+-]{_TIME})$"
WHOLE_SUBMISSION = frozenset({"vintage", "identical-rows", "repeated-id", "incomplete-month"})
_METRES_A_DEGREE = 111_320


@dataclass(frozen=True)
class Test:
    """`faulty` is true for rows that break the rule; columns are those it reads.

    A test `by_value` reads one column whose values repeat, so it is made on distinct values. A
    `secret` one looks for signs of a person, and the value it finds is not repeated; it is made
    only where some value matches its `hint`.
    """

    key: str
    columns: tuple[str, ...]
    faulty: pl.Expr
    message: str
    remedy: str
    error: bool = True
    secret: bool = False
    by_value: bool = True
    hint: str = ""


def as_number(column: str) -> str:
    """The name of a number column beside its text while a table is checked."""
    return f"#{column}"


def compiled(contract: Contract, reference: Reference) -> tuple[Test, ...]:
    """Every test of single rows. Raises BadContract for a rule that nobody wrote."""
    found: list[Test] = []
    for each in contract.fields:
        found.extend(_of_field(each, contract, reference))
    for rule in contract.rules:
        if rule.kind not in WHOLE_SUBMISSION:
            found.extend(_of_rule(rule, contract, reference))
    return tuple(found)


def _of_field(each: Field, contract: Contract, reference: Reference) -> Iterator[Test]:
    text = pl.col(each.name)
    identity = each.name == contract.role("identity")
    if each.required:
        message = f"{each.label} is empty."
        yield Test("required", (each.name,), text.is_null(), message, each.remedy, by_value=False)
    if each.kind in (Kind.NUMBER, Kind.WHOLE):
        yield from _of_number(each)
    elif each.kind is not Kind.TEXT:
        yield _of_time(each)
    if each.pattern:
        wrong = ~text.str.contains(each.pattern)
        message = f"{each.label} is not written as it should be."
        yield Test("pattern", (each.name,), wrong, message, each.remedy, by_value=not identity)
    if each.codes:
        yield _of_codes(each, reference)
    yield from _of_person(each, contract)


def _of_person(each: Field, contract: Contract) -> Iterator[Test]:
    """Signs of a person in any column, but for those that a rule of the contract looks for."""
    text = pl.col(each.name)
    ruled = {rule.kind for rule in contract.rules} if each.free_text else set()
    for kind, sign in SIGNS.items():
        if kind in ruled:
            continue
        message, remedy = f"{each.label} holds {KINDS[kind].what}.", KINDS[kind].remedy
        yield Test(
            PERSONAL, (each.name,), sign(text), message, remedy, secret=True, hint=HINTS[kind]
        )


def _of_time(each: Field) -> Test:
    text = pl.col(each.name)
    if each.kind is Kind.MONTH:
        wrong, what = ~_is_month(text), "a year and a month"
    elif each.kind is Kind.TIME:
        wrong, what = ~text.str.contains(TIME_PATTERN), "a time of day"
    elif each.kind is Kind.DATE:
        wrong, what = ~text.str.contains(DATE_PATTERN) | _no_such_day(text), "a day of the calendar"
    else:
        wrong, what = ~text.str.contains(MOMENT_PATTERN) | _no_such_day(text), "a day and a time"
    key = each.kind.value.replace(" ", "-")
    return Test(key, (each.name,), wrong, f"{each.label} is not {what}.", each.remedy)


def _is_month(text: pl.Expr) -> pl.Expr:
    return text.str.contains(MONTH_PATTERN)


def _no_such_day(text: pl.Expr) -> pl.Expr:
    return text.is_not_null() & as_date(text).is_null()


def as_date(text: pl.Expr) -> pl.Expr:
    """The day of a date, or of a date and time; nothing where there is no such day."""
    return text.str.head(10).str.to_date("%Y-%m-%d", strict=False)


def _of_number(each: Field) -> Iterator[Test]:
    number, given = pl.col(as_number(each.name)), pl.col(each.name).is_not_null()
    what = "a whole number" if each.kind is Kind.WHOLE else "a number"
    unread = given & (number.is_null() | ~number.is_finite())
    message = f"{each.label} is not {what}."
    yield Test("number", (each.name,), unread, message, each.remedy, by_value=False)
    low = -math.inf if each.minimum is None else each.minimum
    high = math.inf if each.maximum is None else each.maximum
    if low > -math.inf or high < math.inf:
        wrong = number.is_finite() & ~number.is_between(low, high)
        message = f"{each.label} is not between {low:,.0f} and {high:,.0f}."
        yield Test("range", (each.name,), wrong, message, each.remedy, by_value=False)


def _of_codes(each: Field, reference: Reference) -> Test:
    known = [code.value for code in each.codes] + sorted(reference.indicators)
    wrong = ~pl.col(each.name).is_in(pl.lit(pl.Series(known)).implode())
    message = f"{each.label} is not in the list of the contract."
    if not each.defined_by:
        return Test("code", (each.name,), wrong, message, each.remedy)
    wrong &= pl.col(each.defined_by).is_null()
    message = f"{each.label} is not in the list of the contract and has no definition."
    return Test("code", (each.name,), wrong, message, each.remedy, by_value=False)


def _of_rule(rule: Rule, contract: Contract, reference: Reference) -> Iterator[Test]:
    if rule.kind in SIGNS:
        for each in contract.fields:
            if each.free_text:
                sign = SIGNS[rule.kind](pl.col(each.name))
                yield _test(rule, sign, (each.name,), hint=HINTS[rule.kind])
        return
    faulty = _faulty(rule, contract, reference)
    if faulty is not None:
        yield _test(rule, faulty, rule.fields, by_value=_by_value(rule))


def _by_value(rule: Rule) -> bool:
    return len(rule.fields) == 1 and rule.kind != "month-of-file"


def _test(
    rule: Rule,
    faulty: pl.Expr,
    columns: tuple[str, ...],
    *,
    hint: str = "",
    by_value: bool = True,
) -> Test:
    """A `hint` is what must match before signs of a person are looked for."""
    about = (rule.message, rule.remedy, rule.error)
    return Test(rule.key, columns, faulty, *about, bool(hint), by_value, hint)


def _faulty(rule: Rule, contract: Contract, reference: Reference) -> pl.Expr | None:
    """The condition of a rule, or nothing where what it needs to know was not given."""
    columns = [pl.col(each) for each in rule.fields]
    match rule.kind:
        case "invalid":
            return _invalid(rule, columns[0])
        case "both-or-neither":
            return columns[0].is_null() != columns[1].is_null()
        case "swapped" | "outside":
            return _box(rule)
        case "missing":
            return pl.all_horizontal(each.is_null() for each in columns)
        case "agrees":
            return _disagrees(rule, columns)
        case "adds-up":
            return _does_not_add_up(rule, contract)
        case "far-away":
            return _far_away(rule, reference)
        case "sent-twice":
            return pl.struct(rule.fields).is_duplicated() & ~pl.any_horizontal(
                each.is_null() for each in columns
            )
        case "finer-than-agreed":
            return _finer(rule, contract, reference.finest)
        case "month-to-come":
            today = reference.today
            return _is_month(columns[0]) & (columns[0] > f"{today:%Y-%m}") if today else None
        case "date-to-come":
            today = reference.today
            day = columns[0].str.head(10)
            return day.str.contains(DATE_PATTERN) & (day > f"{today:%Y-%m-%d}") if today else None
        case "outside-period":
            return _outside(columns[0], reference)
        case "month-of-file":
            return columns[0] != pl.col("#month-of-file")
    raise BadContract(f"{contract.key}: nobody knows the rule {rule.kind}.")


def _invalid(rule: Rule, column: pl.Expr) -> pl.Expr:
    if "validValues" in rule.options:
        return ~column.is_in(pl.lit(pl.Series(rule.options["validValues"])).implode())
    return ~column.str.contains(str(rule.options["pattern"]))


def _box(rule: Rule) -> pl.Expr:
    """Outside the box, told apart from a point that lies in it once its numbers are exchanged."""
    west, south, east, north = (float(each) for each in rule.options["box"])
    longitude, latitude = (pl.col(as_number(each)) for each in rule.fields)
    inside = longitude.is_between(west, east) & latitude.is_between(south, north)
    exchanged = latitude.is_between(west, east) & longitude.is_between(south, north)
    if rule.kind == "swapped":
        return exchanged & ~inside
    return ~inside & ~exchanged & longitude.is_finite() & latitude.is_finite()


def _far_away(rule: Rule, reference: Reference) -> pl.Expr | None:
    longitude, latitude = (pl.col(as_number(each)) for each in rule.fields[:2])
    far = pl.lit(False)
    if reference.extent is not None:
        west, south, east, north = reference.extent
        far |= ~(longitude.is_between(west, east) & latitude.is_between(south, north))
    if reference.places is not None:
        east_m = (longitude - pl.col("#place-longitude")) * pl.col(
            "#place-latitude"
        ).radians().cos()
        north_m = latitude - pl.col("#place-latitude")
        metres = (east_m.pow(2) + north_m.pow(2)).sqrt() * _METRES_A_DEGREE
        near = pl.max_horizontal(pl.col("#place-radius") * 3, float(rule.options["metres"]))
        far |= (metres > near).fill_null(False)
    if reference.extent is None and reference.places is None:
        return None
    return far & longitude.is_not_null() & latitude.is_not_null()


def _disagrees(rule: Rule, columns: list[pl.Expr]) -> pl.Expr:
    """The second column goes with another value of the first than the one that is there.

    A value that goes with none of them is not this rule's business: its own list says so.
    """
    first, second = columns
    patterns = {str(value): str(each) for value, each in rule.options["patterns"].items()}
    known = second.str.contains("|".join(f"(?:{each})" for each in patterns.values()))
    return known & pl.any_horizontal(
        (first == value) & ~second.str.contains(each) for value, each in patterns.items()
    )


def _does_not_add_up(rule: Rule, contract: Contract) -> pl.Expr:
    """The first column is not the sum of the others; an empty one of them is nothing."""
    total, *parts = (pl.col(as_number(each)) for each in rule.fields)
    given = pl.any_horizontal(each.is_not_null() for each in parts)
    for each in rule.fields:  # what cannot be read has a fault of its own
        given &= pl.col(each).is_null() | pl.col(as_number(each)).is_finite().fill_null(False)
    whole = all(contract.field(each).kind is Kind.WHOLE for each in rule.fields)
    within = float(rule.options.get("within", 0 if whole else 0.01))
    return given & ((total - pl.sum_horizontal(parts)).abs() > within)


def _outside(column: pl.Expr, reference: Reference) -> pl.Expr | None:
    """Before or after the period of the return; a month is as long as the text it is written in."""
    if reference.period is None:
        return None
    first, last = (pl.lit(each.isoformat()) for each in reference.period)
    length = column.str.len_chars().clip(upper_bound=10)
    early = column.str.head(10) < first.str.head(length)
    return early | (column.str.head(10) > last.str.head(length))


def _finer(rule: Rule, contract: Contract, finest: str) -> pl.Expr | None:
    area = pl.col(rule.fields[0])
    if contract.field(rule.fields[0]).detail == "point":
        if finest in ("", "point", "row"):
            return None
        return pl.any_horizontal(pl.col(each).is_not_null() for each in rule.fields)
    order = [detail for detail, _ in contract.area_codes]
    if finest not in order:
        return None
    finer = [pattern for _, pattern in contract.area_codes[: order.index(finest)]]
    return area.str.contains("|".join(finer)) if finer else None
