"""Every contract: a good file passes, and a file with one fault comes back with that fault alone.

The files are made from the contract itself, so a contract, a column or a rule that is added later
is held to the same without a word here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
import pytest
import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from frankpledge.contracts import Checked, Checking, Contract, Notice, Part, Reference, shipped
from frankpledge.contracts.model import Field, Kind, Rule, parse, shipped_text
from frankpledge.contracts.tables import Table

FIRST, LAST, TODAY = date(2024, 2, 1), date(2024, 2, 29), date(2024, 4, 15)
OLD = frozenset(f"E010000{n:02}" for n in range(50))
NEW = frozenset(f"E010000{n:02}" for n in range(50, 100))
WORLD = Reference(
    vintages={2011: OLD, 2021: NEW},
    extent=(-6.0, 49.5, 2.0, 59.0),
    today=TODAY,
    period=(date(2024, 1, 1), date(2024, 3, 31)),
)
WORDS = ["On or near High Street", "Rock and Lido", "A299", "Unit 7B", "Barchester 001A", "Other"]
SIGNS = {
    "postcode": ["Flat 2, CT10 2DE", "sw1a2aa"],
    "e-mail": ["ask jo.bloggs@example.org.uk"],
    "telephone": ["ring 01632 960123", "+44 7700 900123"],
    "nhs-number": ["NHS 943 476 5919"],
    "national-insurance": ["NI AB 12 34 56 C"],
    "date-of-birth": ["DOB: 12/03/1980"],
}
UNREADABLE = {
    Kind.MONTH: ["2024-13", "02/2024", "2024-2", "February", "1824-02"],
    Kind.DATE: ["2024-02-30", "01/02/2024", "2024-2-1", "2024-02-01T10:00", "45323"],
    Kind.TIME: ["24:00", "8:05", "08:60", "08:05:00", "noon"],
    Kind.MOMENT: ["2024-02-30T10:00:00+00:00", "2024-02-01", "2024-02-01 10:00:00", "now"],
    Kind.NUMBER: ["near", "1,5", "NaN", "inf", "--1"],
    Kind.WHOLE: ["1.5", "<5", "many", "1e400"],
}
Row = dict[str, str | None]


@dataclass(frozen=True)
class Bad:
    """A file with one fault: which rule, on which rows and columns, and what else it needs."""

    rule: str
    columns: tuple[str, ...]
    rows: list[Row]
    at: tuple[int, ...]
    world: Reference = WORLD
    month: str | None = None


# Good files


def value(field: Field, contract: Contract, number: int) -> st.SearchStrategy[str]:
    valid = next(
        (rule.options["validValues"] for rule in contract.rules
         if rule.kind == "invalid" and rule.fields == (field.name,)),
        None,
    )  # fmt: skip
    if field.name == contract.role("identity"):
        return st.just(f"{number:064x}")
    if field.name == contract.role("area"):
        return area(field, number)
    if valid or field.codes:
        return st.sampled_from(valid or [code.value for code in field.codes])
    if field.name == contract.role("longitude"):
        return st.floats(-5, 1.7).map("{:.6f}".format)
    if field.name == contract.role("latitude"):
        return st.floats(50, 58).map("{:.6f}".format)
    if field.pattern:
        return st.from_regex(field.pattern, fullmatch=True)
    day = st.dates(FIRST, LAST).map(date.isoformat)
    clock = st.times().map("{:%H:%M}".format)
    return {
        Kind.TEXT: st.sampled_from(WORDS),
        Kind.MONTH: st.just(f"{FIRST:%Y-%m}"),
        Kind.DATE: day,
        Kind.TIME: clock,
        Kind.MOMENT: st.builds("{}T{}:00+00:00".format, day, clock),
        Kind.NUMBER: st.floats(field.minimum or 0, field.maximum or 9).map("{:.1f}".format),
        Kind.WHOLE: st.integers(int(field.minimum or 0), int(field.maximum or 9)).map(str),
    }[field.kind]


def area(field: Field, number: int) -> st.SearchStrategy[str]:
    if field.name == "provider_code":
        return st.just(f"RV{number}")
    if field.name == "outward_postcode":
        return st.just(f"CT{number}")
    if field.pattern == "^[EW]01[0-9]{6}$":
        return st.just(f"E010000{number:02}")
    kinds = [f"E010000{number:02}", f"E050000{number:02}", f"E070000{number:02}", f"CT{number}"]
    return st.sampled_from(kinds)


@st.composite
def good_row(draw: st.DrawFn, contract: Contract, number: int) -> Row:
    """Every column filled, so that each can be spoilt; columns that go together agree."""
    row: Row = {each.name: draw(value(each, contract, number)) for each in contract.fields}
    for rule in contract.rules:
        if rule.kind == "agrees":
            first, second = rule.fields
            row[second] = draw(st.from_regex(rule.options["patterns"][row[first]], fullmatch=True))
        if rule.kind == "adds-up":
            total, *parts = rule.fields
            row[total] = str(sum(int(row[each] or 0) for each in parts))
    return row


@st.composite
def good_files(draw: st.DrawFn, contract: Contract) -> list[Row]:
    return [draw(good_row(contract, number)) for number in range(1, draw(st.integers(3, 5)))]


def checked(contract: Contract, bad: Bad) -> tuple[Checked, dict[str, Notice]]:
    schema = {each.name: pl.String for each in contract.fields}
    frame = pl.DataFrame(bad.rows, schema=schema)
    rows = pl.int_range(2, frame.height + 2, dtype=pl.UInt32, eager=True)
    checking = Checking(contract, reference=bad.world)
    found = checking.add(Part("file", bad.month, Table(frame, rows, ())))
    assert found.received == len(bad.rows) == found.stored + found.rejected
    return found, {each.rule: each for each in checking.close()}


def adding() -> Contract:
    """Counts with a total of two others beside them; no shipped contract has such a column."""
    document = yaml.safe_load(shipped_text("agency-counts"))
    table = document["schema"][0]
    for name in ("both", "inside", "outdoors"):
        table["properties"].append({"name": name, "logicalType": "integer"})
    rule = {
        "name": "both-is-the-sum",
        "description": "Both is not the sum of inside and outdoors.",
        "type": "custom",
        "engine": "frankpledge",
        "severity": "error",
        "implementation": {"rule": "adds-up", "fields": ["both", "inside", "outdoors"]},
    }
    table["quality"].append(rule)
    return parse(yaml.safe_dump(document), name="adding.yaml")


EVERY = {**shipped(), "adding": adding()}
CONTRACTS = [pytest.param(each, id=key) for key, each in sorted(EVERY.items())]


@pytest.mark.parametrize("contract", CONTRACTS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_good_file_passes(contract, data):
    rows = data.draw(good_files(contract))
    for each in rows:  # what nobody needs to send may be missing
        for field in contract.fields:
            paired = any(
                field.name in rule.fields for rule in contract.rules if len(rule.fields) > 1
            )
            told = any(rule.fields == (field.name,) for rule in contract.rules)
            if not (field.required or paired or told) and data.draw(st.booleans()):
                each[field.name] = None
    found, notices = checked(contract, Bad("", (), rows, ()))
    assert found.faults.to_dicts() == []
    assert notices == {}
    assert dict(found.rows.schema) == contract.schema


# Files with one fault


def of_columns(
    contract: Contract, rows: list[Row], at: int, pick: Callable[[list[str]], str]
) -> Iterator[Bad]:
    """One bad file for every constraint of every column."""

    def bad(rule: str, field: Field, text: str | None, **beside: str | None) -> Bad:
        changed = [dict(each) for each in rows]
        changed[at] |= {field.name: text} | beside
        return Bad(rule, (field.name,), changed, (at,))

    for field in contract.fields:
        if field.required:
            yield bad("required", field, None)
        if field.kind in (Kind.NUMBER, Kind.WHOLE):
            yield bad("number", field, pick(UNREADABLE[field.kind]))
        elif field.kind is not Kind.TEXT:
            key = field.kind.value.replace(" ", "-")
            yield bad(key, field, pick(UNREADABLE[field.kind]))
        if field.minimum is not None:
            yield bad("range", field, str(int(field.minimum) - 1))
        if field.maximum is not None:
            yield bad("range", field, str(int(field.maximum) + 1))
        if field.pattern:
            yield bad("pattern", field, f"{rows[at][field.name]}{pick(['!', '??', ' x'])}")
        if field.codes:
            beside = {field.defined_by: None} if field.defined_by else {}
            yield bad("code", field, pick(["dragons", "??", "Other things"]), **beside)


def of_rules(
    contract: Contract, rows: list[Row], at: int, pick: Callable[[list[str]], str]
) -> Iterator[tuple[Rule, Bad]]:
    """One bad file for every rule, and for signs of a person one for every column of free text."""
    for rule in contract.rules:
        if rule.kind in SIGNS:
            for field in contract.fields:
                if field.free_text:
                    changed = with_row(rows, at, {field.name: pick(SIGNS[rule.kind])})
                    yield rule, Bad(rule.key, (field.name,), changed, (at,))
        else:
            yield rule, SPOILT[rule.kind](contract, rule, rows, at)


def with_row(rows: list[Row], at: int, changes: Row) -> list[Row]:
    return [each | changes if n == at else dict(each) for n, each in enumerate(rows)]


def only(changes: Callable[[Contract, Rule, Row], Row]) -> Callable[..., Bad]:
    def spoilt(contract: Contract, rule: Rule, rows: list[Row], at: int) -> Bad:
        changed = with_row(rows, at, changes(contract, rule, rows[at]))
        return Bad(rule.key, rule.fields, changed, (at,))

    return spoilt


def missing(contract: Contract, rule: Rule, row: Row) -> Row:
    gone = set(rule.fields)
    for other in contract.rules:
        if other.kind == "both-or-neither" and gone & set(other.fields):
            gone |= set(other.fields)
    return dict.fromkeys(gone)


def disagreeing(contract: Contract, rule: Rule, row: Row) -> Row:
    first, second = rule.fields
    other = next(value for value in rule.options["patterns"] if value != row[first])
    return {first: other, second: row[second]}


def to_come(contract: Contract, rule: Rule, row: Row) -> Row:
    day = TODAY + timedelta(days=20)
    kind = contract.field(rule.fields[0]).kind
    written = {Kind.MONTH: f"{day:%Y-%m}", Kind.DATE: f"{day}"}
    return {rule.fields[0]: written.get(kind, f"{day}T10:00:00+00:00")}


def outside(contract: Contract, rule: Rule, row: Row) -> Row:
    kind = contract.field(rule.fields[0]).kind
    return {rule.fields[0]: "2023-12" if kind is Kind.MONTH else "2023-12-31"}


def another_month(contract: Contract, rule: Rule, rows: list[Row], at: int) -> Bad:
    changed = with_row(rows, at, {rule.fields[0]: "2024-01"})
    return Bad(rule.key, rule.fields, changed, (at,), month=f"{FIRST:%Y-%m}")


def finer(contract: Contract, rule: Rule, rows: list[Row], at: int) -> Bad:
    """Only districts are agreed; one row names a small area, or has a point besides."""
    areas = contract.role("area")
    points = dict.fromkeys(each.name for each in contract.fields if each.detail == "point")
    coarse = [each | points | {areas: f"E070000{n:02}"} for n, each in enumerate(rows)]
    kept = {each: rows[at][each] for each in rule.fields}
    changed = with_row(coarse, at, {areas: "E01000001"} if rule.fields == (areas,) else kept)
    return Bad(rule.key, rule.fields, changed, (at,), world=replace(WORLD, finest="district"))


def mixed(contract: Contract, rule: Rule, rows: list[Row], at: int) -> Bad:
    old = [each | {rule.fields[0]: f"E010000{n:02}"} for n, each in enumerate(rows)]
    return Bad(rule.key, (), with_row(old, at, {rule.fields[0]: "E01000099"}), (at,))


def again(contract: Contract, rule: Rule, rows: list[Row], at: int) -> Bad:
    """The row once more at the end, the same in the columns of the rule."""
    last = dict(rows[at])
    if rule.kind == "identical-rows":
        changed = with_row(rows, at, {rule.fields[0]: None})
        return Bad(rule.key, (), [*changed, last | {rule.fields[0]: None}], (at, len(rows)))
    return Bad(rule.key, rule.fields, [*rows, last], (at, len(rows)))


def short_month(contract: Contract, rule: Rule, rows: list[Row], at: int) -> Bad:
    """Two full months, and one between them with a third of their rows."""
    identity, dated = contract.role("identity"), contract.dated_by
    form = "{}" if contract.field(dated).kind is Kind.MONTH else "{}-15"
    months = ["2024-01"] * 30 + ["2024-02"] * 10 + ["2024-03"] * 30
    made = [
        rows[at] | {dated: form.format(month)} | ({identity: f"{n:064x}"} if identity else {})
        for n, month in enumerate(months)
    ]
    return Bad(rule.key, (), made, tuple(n for n, each in enumerate(months) if each == "2024-02"))


SPOILT: dict[str, Callable[[Contract, Rule, list[Row], int], Bad]] = {
    "invalid": only(lambda contract, rule, row: {rule.fields[0]: "Sent to the moon"}),
    "agrees": only(disagreeing),
    "adds-up": only(
        lambda contract, rule, row: {rule.fields[0]: str(int(row[rule.fields[0]] or 0) + 1)}
    ),
    "both-or-neither": only(lambda contract, rule, row: {rule.fields[0]: None}),
    "swapped": only(
        lambda contract, rule, row: dict(
            zip(rule.fields, [row[each] for each in reversed(rule.fields)], strict=True)
        )
    ),
    "outside": only(
        lambda contract, rule, row: dict(zip(rule.fields, ("21.5", "63.25"), strict=True))
    ),
    "far-away": only(
        lambda contract, rule, row: dict(zip(rule.fields[:2], ("-8.5", "60.5"), strict=True))
    ),
    "missing": only(missing),
    "month-to-come": only(to_come),
    "date-to-come": only(to_come),
    "outside-period": only(outside),
    "month-of-file": another_month,
    "finer-than-agreed": finer,
    "vintage": mixed,
    "sent-twice": again,
    "repeated-id": again,
    "identical-rows": again,
    "incomplete-month": short_month,
}


@pytest.mark.parametrize("contract", CONTRACTS)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_a_bad_value_of_any_column_comes_back_with_that_fault_alone(contract, data):
    rows = data.draw(good_files(contract))
    at = data.draw(st.integers(0, len(rows) - 1))
    for bad in of_columns(contract, rows, at, lambda choices: data.draw(st.sampled_from(choices))):
        note(f"{bad.rule} {bad.columns}")
        assert_returned(contract, bad)


@pytest.mark.parametrize("contract", CONTRACTS)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_a_broken_rule_is_told_on_its_row_and_no_other_is(contract, data):
    rows = data.draw(good_files(contract))
    at = data.draw(st.integers(0, len(rows) - 1))
    for rule, bad in of_rules(
        contract, rows, at, lambda choices: data.draw(st.sampled_from(choices))
    ):
        note(f"{bad.rule} {bad.columns}")
        if rule.error:
            assert_returned(contract, bad)
        else:
            assert_told(contract, rule, bad)


def assert_returned(contract: Contract, bad: Bad) -> None:
    found, notices = checked(contract, bad)
    told = [(each["row"], each["column"], each["rule"]) for each in found.faults.to_dicts()]
    headers = " and ".join(contract.field(each).header for each in bad.columns)
    assert told == [(each + 2, headers, bad.rule) for each in bad.at]
    assert found.rejected == len(bad.at)
    assert notices == {}


def assert_told(contract: Contract, rule: Rule, bad: Bad) -> None:
    found, notices = checked(contract, bad)
    assert found.faults.to_dicts() == []
    assert set(notices) == {rule.key}
    notice = notices[rule.key]
    assert (notice.count, notice.message, notice.remedy) == (
        len(bad.at), rule.message, rule.remedy,
    )  # fmt: skip
    if notice.examples:
        assert [row for _, row in notice.examples] == [each + 2 for each in bad.at]


def test_no_rule_is_left_out():
    kinds = {rule.kind for contract in EVERY.values() for rule in contract.rules}
    assert kinds == {*SPOILT, *SIGNS}
