"""A data contract: an Open Data Contract Standard file, read once into what the checks need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from open_data_contract_standard.model import (
    DataQuality,
    OpenDataContractStandard,
    SchemaProperty,
)
from pydantic import ValidationError

ENGINE = "frankpledge"
SUFFIX = ".odcs.yaml"
# Forty times as fast; the first page of a process reads every shipped file. A text from outside
# never goes through it: its C code falls over a deep nest, and the process with it.
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MONTH = "month"  # the column made of a date, where a file has days and not months
DETAILS = ("point", "row", "lsoa", "ward", "outward_postcode", "district", "county")
PERIODS = ("month", "quarter", "year")
PREPARED = ("keep", "drop", "coarsen", "pseudonym")


class BadContract(Exception):
    """A contract file that cannot be used; the text says where and why."""


class Kind(StrEnum):
    TEXT = "text"
    MONTH = "month"
    DATE = "date"
    TIME = "time"
    MOMENT = "date and time"
    NUMBER = "number"
    WHOLE = "whole number"


DTYPES: dict[Kind, type[pl.DataType]] = {
    Kind.TEXT: pl.String,
    Kind.MONTH: pl.String,
    Kind.DATE: pl.Date,
    Kind.TIME: pl.String,  # Parquet's own times cannot be read by every engine
    Kind.MOMENT: pl.String,  # as it was sent, with its offset
    Kind.NUMBER: pl.Float64,
    Kind.WHOLE: pl.Int64,
}

_NUMBERS = (Kind.NUMBER, Kind.WHOLE)
_DATED = {
    ("date", "yyyy-MM"): Kind.MONTH,
    ("date", "yyyy-MM-dd"): Kind.DATE,
    ("time", "HH:mm"): Kind.TIME,
    ("timestamp", "yyyy-MM-dd'T'HH:mm:ssXXX"): Kind.MOMENT,
}


@dataclass(frozen=True)
class Code:
    """One value of a code list, with what it means."""

    value: str
    label: str
    definition: str


@dataclass(frozen=True)
class Field:
    """A column: `name` in the store, `header` in the file.

    `detail` is how closely it points to a place (one of DETAILS), empty where it does not.
    `prepare` is what becomes of it before it leaves the sender (one of PREPARED), where that does
    not follow from what it is.
    """

    name: str
    header: str
    label: str
    kind: Kind
    required: bool = False
    may_be_absent: bool = False
    pattern: str = ""
    codes: tuple[Code, ...] = ()
    defined_by: str = ""
    minimum: float | None = None
    maximum: float | None = None
    free_text: bool = False
    detail: str = ""
    unit: str = ""
    remedy: str = ""
    description: str = ""
    prepare: str = ""


@dataclass(frozen=True)
class Rule:
    """A quality rule: an `error` returns the row, a warning keeps it."""

    key: str
    kind: str
    fields: tuple[str, ...]
    error: bool
    message: str
    remedy: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """What a return must look like. `fields` are the columns of the file.

    A file with days has a date among its roles and no month: the accepted rows then have a
    column `month` besides, made of the date. `period` is how much one return covers.
    """

    key: str
    version: str
    title: str
    description: str
    limitations: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    roles: Mapping[str, str]
    detail: str
    area_codes: tuple[tuple[str, str], ...]  # detail and pattern, finest first
    member_pattern: str
    known_faults: tuple[str, ...]
    period: str = "month"
    key_fields: tuple[str, ...] = ()  # which row it is; empty where nothing tells

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(each.header for each in self.fields)

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.name == name)

    def role(self, role: str) -> str:
        """The column that plays a part (month, date, area, category, count, identity), or none."""
        return self.roles.get(role, "")

    @property
    def month_is_made(self) -> bool:
        """Whether the month is made of the date, and so is no column of the file."""
        return all(each.name != self.role("month") for each in self.fields)

    @property
    def dated_by(self) -> str:
        """The column of the file that tells the month of a row."""
        return self.role("date" if self.month_is_made else "month")

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Names and types of the accepted rows."""
        found = {each.name: DTYPES[each.kind]() for each in self.fields}
        return found | {MONTH: pl.String()} if self.month_is_made else found


def load(path: Path | str) -> Contract:
    """Read a contract file.

    Raises BadContract with a sentence where it is not valid ODCS or names an unknown column.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadContract(f"The contract {path.name} cannot be read: {problem}.") from None
    return parse(text, name=path.name)


@cache
def shipped() -> dict[str, Contract]:
    """The contracts that come with the product, by their short name."""
    folder = files(__package__) / "definitions"
    found = (
        _parsed(each.read_text(encoding="utf-8"), each.name, _FAST)
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name.endswith(SUFFIX)
    )
    return {contract.key: contract for contract in found}


def shipped_text(key: str) -> str | None:
    """The file of a shipped contract as it was written; nothing where none has that name."""
    if key not in shipped():
        return None
    return (files(__package__) / "definitions" / f"{key}{SUFFIX}").read_text(encoding="utf-8")


def parse(text: str, *, name: str) -> Contract:
    return _parsed(text, name, yaml.SafeLoader)


def _parsed(text: str, name: str, loader: type) -> Contract:
    try:
        # Both loaders are safe ones: they make nothing but text, numbers, lists and mappings.
        document = OpenDataContractStandard(**yaml.load(text, Loader=loader))  # noqa: S506
    except (yaml.YAMLError, ValidationError, TypeError) as problem:
        raise BadContract(f"{name} is not an Open Data Contract Standard file: {problem}") from None
    except RecursionError:
        raise BadContract(
            f"{name} nests too deep for a contract. Is this the right file?"
        ) from None
    if document.kind != "DataContract" or not (document.apiVersion or "").startswith("v3."):
        raise BadContract(f"{name} must be a DataContract of the standard's version 3.")
    if not document.name or not document.version or len(document.schema_ or []) != 1:
        raise BadContract(f"{name} needs a name, a version and exactly one table in its schema.")
    return _contract(document, name)


def _contract(document: OpenDataContractStandard, name: str) -> Contract:
    table = (document.schema_ or [])[0]
    extra = _extras(document.customProperties)
    properties = table.properties or []
    fields = tuple(_field(each, name) for each in properties)
    rules = [_rule(each, (p.name or "",), name) for p in properties for each in p.quality or []]
    rules += [_rule(each, (), name) for each in table.quality or []]
    about = document.description
    contract = Contract(
        key=document.name or "",
        version=document.version or "",
        title=str(extra.get("title", document.name)),
        description=(about.purpose if about else None) or "",
        limitations=(about.limitations if about else None) or "",
        fields=fields,
        rules=tuple(rules),
        roles=_roles(extra),
        detail=str(extra.get("detail", "row")),
        area_codes=tuple((each["detail"], each["pattern"]) for each in extra.get("areaCodes", [])),
        member_pattern=str(extra.get("memberPattern", "")),
        known_faults=tuple(extra.get("knownFaults", [])),
        period=str(extra.get("period", "month")),
        key_fields=_key(properties, rules),
    )
    _consistent(contract, name)
    return contract


def _key(properties: Iterable[SchemaProperty], rules: Iterable[Rule]) -> tuple[str, ...]:
    """The standard's own primary key, else a unique column, else what a rule says occurs once."""
    listed = list(properties)
    primary = [each for each in listed if each.primaryKey]
    primary.sort(key=lambda each: each.primaryKeyPosition or 0)
    unique = [each for each in listed if each.unique][:1]
    if primary or unique:
        return tuple(each.name or "" for each in primary or unique)
    once = {rule.kind: rule.fields for rule in rules if rule.kind in ("sent-twice", "repeated-id")}
    return once.get("sent-twice") or once.get("repeated-id") or ()


def _roles(extra: Mapping[str, Any]) -> dict[str, str]:
    roles = {role: str(column) for role, column in extra.get("roles", {}).items()}
    return {MONTH: MONTH} | roles if "date" in roles else roles


def _consistent(contract: Contract, name: str) -> None:
    names = [each.name for each in contract.fields]
    if len(set(names)) != len(names):
        raise BadContract(f"{name} names a column twice.")
    used = [
        *contract.roles.values(),
        *(column for rule in contract.rules for column in rule.fields),
    ]
    made = {MONTH} if contract.role("date") else set()
    unknown = sorted(set(used) - set(names) - made)
    if unknown:
        raise BadContract(f"{name} speaks of columns it does not have: {', '.join(unknown)}.")
    if not contract.role("month"):
        raise BadContract(f"{name} must say in its roles which column is the month, or the date.")
    kinds = (Kind.DATE, Kind.MOMENT) if contract.month_is_made else (Kind.MONTH,)
    if contract.field(contract.dated_by).kind not in kinds:
        raise BadContract(f"{name}: the column {contract.dated_by} must be a {kinds[0]}.")
    if contract.period not in PERIODS:
        raise BadContract(f"{name}: a return covers a {', a '.join(PERIODS)}.")
    for rule in contract.rules:
        if rule.kind == "adds-up" and (
            len(rule.fields) < 3
            or any(contract.field(each).kind not in _NUMBERS for each in rule.fields)
        ):
            raise BadContract(f"{name}: {rule.key} needs a total, then its parts, all numbers.")
    for each in contract.fields:
        if each.detail and each.detail not in DETAILS:
            raise BadContract(f"{name}: nobody knows the detail {each.detail}.")
        if each.prepare and each.prepare not in PREPARED:
            raise BadContract(f"{name}: a column can be made ready by {', '.join(PREPARED)}.")


def _extras(properties: Iterable[Any] | None) -> dict[str, Any]:
    return {each.property: each.value for each in properties or []}


def _kind(described: SchemaProperty, name: str) -> Kind:
    options = described.logicalTypeOptions or {}
    match described.logicalType:
        case "string":
            return Kind.TEXT
        case "number":
            return Kind.NUMBER
        case "integer":
            return Kind.WHOLE
        case kind if found := _DATED.get((str(kind), str(options.get("format")))):
            return found
    raise BadContract(
        f"{name}: column {described.name} has the type {described.logicalType}. "
        "Use string, number, integer, date with the format yyyy-MM or yyyy-MM-dd, "
        "or time with the format HH:mm."
    )


def _field(described: SchemaProperty, name: str) -> Field:
    extra = _extras(described.customProperties)
    options = described.logicalTypeOptions or {}
    codes = tuple(
        Code(str(each.value), each.label or str(each.value), each.description or "")
        for each in described.enum or []
    )
    header = described.physicalName or described.name or ""
    return Field(
        name=described.name or "",
        header=header,
        label=described.businessName or header,
        kind=_kind(described, name),
        required=bool(described.required),
        may_be_absent=bool(extra.get("mayBeAbsent", False)),
        pattern=_pattern(options.get("pattern", ""), name),
        codes=codes,
        defined_by=str(extra.get("definedBy", "")),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        free_text=bool(extra.get("freeText", False)),
        detail=str(extra.get("detail", "")),
        unit=str(extra.get("unit", "")),
        remedy=str(extra.get("remedy", "")),
        description=described.description or "",
        prepare=str(extra.get("prepare", "")),
    )


def _pattern(pattern: str, name: str) -> str:
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as problem:
        raise BadContract(f"{name}: the pattern {pattern} is wrong: {problem}.") from None
    return pattern


def _rule(quality: DataQuality, columns: tuple[str, ...], name: str) -> Rule:
    """A rule from `type: custom` of our engine, or from the library's invalidValues."""
    if quality.type == "library" and quality.metric == "invalidValues":
        kind, options = "invalid", dict(quality.arguments or {})
    elif (
        quality.type == "custom"
        and quality.engine == ENGINE
        and isinstance(quality.implementation, dict)
    ):
        options = dict(quality.implementation)
        kind = str(options.pop("rule", ""))
        columns = tuple(options.pop("fields", columns))
    else:
        raise BadContract(f"{name}: the quality rule {quality.name} is of a type we cannot check.")
    if not quality.name or not quality.description or quality.severity not in ("error", "warning"):
        raise BadContract(
            f"{name}: the quality rule {quality.name} needs a name, a description "
            "and a severity of error or warning."
        )
    remedy = str(_extras(quality.customProperties).get("remedy", ""))
    return Rule(
        key=quality.name,
        kind=kind,
        fields=columns,
        error=quality.severity == "error",
        message=quality.description,
        remedy=remedy,
        options=options,
    )
