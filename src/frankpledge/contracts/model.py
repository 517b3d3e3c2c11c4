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


class BadContract(Exception):
    """A contract file that cannot be used; the text says where and why."""


class Kind(StrEnum):
    TEXT = "text"
    MONTH = "month"
    NUMBER = "number"
    WHOLE = "whole number"


DTYPES: dict[Kind, type[pl.DataType]] = {
    Kind.TEXT: pl.String,
    Kind.MONTH: pl.String,
    Kind.NUMBER: pl.Float64,
    Kind.WHOLE: pl.Int64,
}


@dataclass(frozen=True)
class Code:
    """One value of a code list, with what it means."""

    value: str
    label: str
    definition: str


@dataclass(frozen=True)
class Field:
    """A column: `name` in the store, `header` in the file."""

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
    remedy: str = ""
    description: str = ""


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

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(each.header for each in self.fields)

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.name == name)

    def role(self, role: str) -> str:
        """The field that plays a part (month, area, category, count, identity), or nothing."""
        return self.roles.get(role, "")

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Names and types of the accepted rows."""
        return {each.name: DTYPES[each.kind]() for each in self.fields}


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
        parse(each.read_text(encoding="utf-8"), name=each.name)
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name.endswith(SUFFIX)
    )
    return {contract.key: contract for contract in found}


def parse(text: str, *, name: str) -> Contract:
    try:
        document = OpenDataContractStandard.from_string(text)
    except (yaml.YAMLError, ValidationError, TypeError) as problem:
        raise BadContract(f"{name} is not an Open Data Contract Standard file: {problem}") from None
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
        roles={role: str(column) for role, column in extra.get("roles", {}).items()},
        detail=str(extra.get("detail", "row")),
        area_codes=tuple((each["detail"], each["pattern"]) for each in extra.get("areaCodes", [])),
        member_pattern=str(extra.get("memberPattern", "")),
        known_faults=tuple(extra.get("knownFaults", [])),
    )
    _consistent(contract, name)
    return contract


def _consistent(contract: Contract, name: str) -> None:
    names = [each.name for each in contract.fields]
    if len(set(names)) != len(names):
        raise BadContract(f"{name} names a column twice.")
    used = [
        *contract.roles.values(),
        *(column for rule in contract.rules for column in rule.fields),
    ]
    unknown = sorted(set(used) - set(names))
    if unknown:
        raise BadContract(f"{name} speaks of columns it does not have: {', '.join(unknown)}.")
    if not contract.role("month"):
        raise BadContract(f"{name} must say in its roles which column is the month.")


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
        case "date" if options.get("format") == "yyyy-MM":
            return Kind.MONTH
    raise BadContract(
        f"{name}: column {described.name} has the type {described.logicalType}. "
        "Use string, number, integer, or date with the format yyyy-MM."
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
        remedy=str(extra.get("remedy", "")),
        description=described.description or "",
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
