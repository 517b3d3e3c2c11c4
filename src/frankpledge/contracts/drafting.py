"""A new contract from a sample: what its columns seem to be, and the file that says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import polars as pl
import yaml

from frankpledge.contracts.checking import Checked, Checking
from frankpledge.contracts.delimited import blocks
from frankpledge.contracts.finding import texts
from frankpledge.contracts.model import Code, Contract, Field, Kind, parse, shipped_text
from frankpledge.contracts.reading import kind_of, read, sent_by, sheets_of
from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.sources import Limits
from frankpledge.contracts.written import as_day, as_month, as_number, as_time, as_whole

_MOST_CODES, _TIMES_EACH = 40, 2
_LOOKED_AT = 5000
_LONGEST_CODE = 60
_AREA = re.compile(r"(?:[EW][0-9]{8}|[A-Z]{1,2}[0-9][0-9A-Z]?)$")
_COUNT = re.compile(r"count|number|total|how many", re.IGNORECASE)
_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"logicalType": "string"},
    Kind.MONTH: {"logicalType": "date", "logicalTypeOptions": {"format": "yyyy-MM"}},
    Kind.DATE: {"logicalType": "date", "logicalTypeOptions": {"format": "yyyy-MM-dd"}},
    Kind.TIME: {"logicalType": "time", "logicalTypeOptions": {"format": "HH:mm"}},
    Kind.NUMBER: {"logicalType": "number"},
    Kind.WHOLE: {"logicalType": "integer"},
}
_AREA_CODES = [
    {"detail": "lsoa", "pattern": "^[EW]01[0-9]{6}$"},
    {"detail": "ward", "pattern": "^[EW]05[0-9]{6}$"},
    {"detail": "outward_postcode", "pattern": "^[A-Z]{1,2}[0-9][0-9A-Z]?$"},
    {"detail": "district", "pattern": "^(E0[6-9]|W06)[0-9]{6}$"},
    {"detail": "county", "pattern": "^(E1[0-3]|W92|E92)[0-9]{6}$"},
]
_AREA_PATTERN = "^([EW](01|05|06|07|08|09|10|11|12|13|92)[0-9]{6}|[A-Z]{1,2}[0-9][0-9A-Z]?)$"
# Rules that a shipped contract of each sort has and a new one takes over, with its own columns.
_TAKEN_OVER = {
    "vulnerability-counts": ("sent-twice", "finer-than-agreed", "month-to-come", "vintage"),
    "ambulance-calls": ("finer-than-agreed", "date-to-come", "vintage", "outside-period"),
}
_PERSONAL = (
    "postcode", "e-mail", "telephone", "nhs-number", "national-insurance", "date-of-birth",
)  # fmt: skip
_THEIR_ROLES = {"area_code": "area", "month": "month", "date": "date", "indicator": "category"}


@dataclass(frozen=True)
class DraftColumn:
    """A column as it is guessed or edited."""

    name: str
    header: str
    label: str
    kind: Kind
    required: bool = False
    codes: tuple[Code, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Draft:
    """What a person may change of a contract. `roles`: month or date, area, category, count."""

    key: str
    title: str
    columns: tuple[DraftColumn, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    version: str = "1.0.0"
    period: str = "month"


@dataclass(frozen=True)
class Trial:
    """What the check says of a sample."""

    received: int
    stored: int
    faults: pl.DataFrame


def guessed(raw: bytes, *, name: str, key: str, title: str) -> Draft:
    """What the columns of a sample seem to be. Raises Unreadable where it has no table."""
    headers, frame = _table(raw, name)
    columns: list[DraftColumn] = []
    for at, header in enumerate(headers):
        if not header.strip():
            continue
        taken = {each.name for each in columns}
        columns.append(_column(header.strip(), frame.to_series(at), taken))
    if not columns:
        raise Unreadable(f"{name} has no column names.", "Put them in the first row.", name)
    values = {each.name: frame.to_series(headers.index(each.header)) for each in columns}
    return Draft(key, title, tuple(columns), _roles(columns, values))


def _table(raw: bytes, name: str) -> tuple[list[str], pl.DataFrame]:
    kind = kind_of(raw)
    if kind == "workbook":
        return _of_workbook(raw, name)
    if kind is not None:
        sent = sent_by(kind, raw, name)
        return list(sent.headers), sent.frame.head(_LOOKED_AT)
    block = next(blocks(iter([raw]), frozenset(), name, header_row=1))
    return list(block.headers), block.frame.head(_LOOKED_AT)


def _of_workbook(raw: bytes, name: str) -> tuple[list[str], pl.DataFrame]:
    seen = [each for each in sheets_of(raw, name, Limits()) if each.lines and not each.hidden]
    if not seen:
        raise Unreadable(f"{name} has no sheet with a table.", "Check the file.", name)
    lines = [texts(values) for _, values in seen[0].lines[: _LOOKED_AT + 20]]
    filled = [sum(bool(each.strip()) for each in line) for line in lines]
    most = max(filled[:15])
    top = next(at for at, count in enumerate(filled[:15]) if count >= max(1, 0.8 * most))
    headers, width = lines[top], len(lines[top])
    rows = [[*line, *[""] * width][:width] for line in lines[top + 1 :]]
    schema = {f"column_{n}": pl.String() for n in range(width)}
    return headers, pl.DataFrame(rows, schema=schema, orient="row")


def _column(header: str, values: pl.Series, taken: set[str]) -> DraftColumn:
    text = values.cast(pl.String).str.strip_chars()
    given = text.filter(text.is_not_null() & (text != ""))
    kind = _kind(given.unique())
    return DraftColumn(
        name=_named(header, taken),
        header=header,
        label=header.replace("_", " ").strip().capitalize(),
        kind=kind,
        required=given.len() == text.len() and text.len() > 0,
        codes=_codes(given) if kind is Kind.TEXT else (),
    )


def _named(header: str, taken: set[str]) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_") or "column"
    if name[0].isdigit():
        name = f"column_{name}"
    found, n = name[:40], 2
    while found in taken:
        found, n = f"{name[:37]}_{n}", n + 1
    return found


def _kind(values: pl.Series) -> Kind:
    listed = [str(each) for each in values.head(500)]
    if not listed:
        return Kind.TEXT
    if all(as_whole(each) or re.fullmatch(r"-?[0-9]{1,9}", each) for each in listed):
        noughts = any(re.fullmatch(r"0[0-9]+", each) for each in listed)
        return Kind.TEXT if noughts else Kind.WHOLE
    if all(
        as_number(each, comma_is_point=False) or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", each)
        for each in listed
    ):
        return Kind.NUMBER
    if all(re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", each) for each in listed) or all(
        as_time(each, fractions=False) for each in listed
    ):
        return Kind.TIME
    if all(as_day(each, day_first=True, counts_from=None) for each in listed) or all(
        as_day(each, day_first=False, counts_from=None) for each in listed
    ):
        return Kind.DATE
    months = (re.fullmatch(r"(19|20)[0-9]{2}-[01][0-9]", each) for each in listed)
    if all(months) or all(as_month(each, day_first=True, counts_from=None) for each in listed):
        return Kind.MONTH
    return Kind.TEXT


def _codes(given: pl.Series) -> tuple[Code, ...]:
    """A short list that comes again and again; areas are no list of codes."""
    words = given.unique().sort()
    if not 1 <= words.len() <= _MOST_CODES or given.len() < _TIMES_EACH * words.len():
        return ()
    listed = [str(each) for each in words]
    if all(_AREA.match(each) for each in listed) or any(len(e) > _LONGEST_CODE for e in listed):
        return ()
    return tuple(Code(each, each, "") for each in listed)


def _roles(columns: list[DraftColumn], values: Mapping[str, pl.Series]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in columns:
        if each.kind in (Kind.MONTH, Kind.DATE):
            found.setdefault("date" if each.kind is Kind.DATE else "month", each.name)
        elif each.codes:
            found.setdefault("category", each.name)
        elif (
            each.kind is Kind.TEXT
            and values[each.name]
            .cast(pl.String)
            .drop_nulls()
            .head(50)
            .str.contains(f"^(?:{_AREA.pattern})")
            .all()
        ):
            found.setdefault("area", each.name)
        elif each.kind is Kind.WHOLE and _COUNT.search(each.header):
            found.setdefault("count", each.name)
    if "date" in found:
        found.pop("month", None)
        found.pop("count", None)
    return found


def written(draft: Draft) -> str:
    """The contract as an Open Data Contract Standard file."""
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": str(uuid5(NAMESPACE_URL, f"contract:{draft.key}:{draft.version}")),
        "name": draft.key,
        "version": draft.version,
        "status": "active",
        "domain": "community-safety",
        "dataProduct": draft.key,
        "tags": ["made-from-a-sample"],
        "description": {
            "purpose": draft.description or draft.title,
            "usage": "Counts and trends.",
            "limitations": "Depersonalised: nothing in it points to a person.",
        },
        "customProperties": [
            {"property": "title", "value": draft.title},
            {"property": "detail", "value": "lsoa"},
            {"property": "period", "value": draft.period},
            {"property": "roles", "value": dict(draft.roles)},
            {"property": "areaCodes", "value": _AREA_CODES},
        ],
        "schema": [
            {
                "name": draft.key.replace("-", "_"),
                "logicalType": "object",
                "physicalType": "csv",
                "businessName": draft.title,
                "dataGranularityDescription": "One row for each record",
                "properties": [_property(each, draft) for each in draft.columns],
                "quality": _quality(draft),
            }
        ],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _property(each: DraftColumn, draft: Draft) -> dict[str, Any]:
    is_area = draft.roles.get("area") == each.name
    made: dict[str, Any] = {
        "name": each.name,
        "physicalName": each.header,
        "businessName": each.label,
        **_TYPES[each.kind],
        "required": each.required,
        "description": each.description or each.label,
    }
    if is_area:
        made["logicalTypeOptions"] = {"pattern": _AREA_PATTERN}
    if draft.roles.get("count") == each.name:
        made["logicalTypeOptions"] = {"minimum": 0}
    extra: list[dict[str, Any]] = []
    if each.codes:
        made["enum"] = [
            {"value": code.value, "label": code.label, "description": code.definition or code.label}
            for code in each.codes
        ]
        extra.append({"property": "remedy", "value": "Use one of the values of the contract."})
    elif each.kind is Kind.TEXT and not is_area:
        extra.append({"property": "freeText", "value": True})
    if extra:
        made["customProperties"] = extra
    return made


def _quality(draft: Draft) -> list[dict[str, Any]]:
    """Rules against personal data, and those of a shipped contract of the same sort."""
    base = "ambulance-calls" if "date" in draft.roles else "vulnerability-counts"
    document = yaml.safe_load(shipped_text(base) or "")
    found = []
    for rule in document["schema"][0]["quality"]:
        how = rule["implementation"]
        if how["rule"] in _PERSONAL:
            found.append(rule)
        elif how["rule"] in _TAKEN_OVER[base]:
            columns = [draft.roles.get(_THEIR_ROLES.get(each, ""), "") for each in how["fields"]]
            counted = how["rule"] != "sent-twice" or "count" in draft.roles
            if all(columns) and counted:
                found.append({**rule, "implementation": {**how, "fields": columns}})
    return found


def draft_of(contract: Contract) -> Draft:
    """What may be changed of a contract that was made so."""
    return Draft(
        contract.key,
        contract.title,
        tuple(_drafted(each) for each in contract.fields),
        {role: name for role, name in contract.roles.items() if name in _names(contract)},
        contract.description,
        contract.version,
        contract.period,
    )


def _names(contract: Contract) -> set[str]:
    return {each.name for each in contract.fields}


def _drafted(each: Field) -> DraftColumn:
    return DraftColumn(
        each.name, each.header, each.label, each.kind, each.required, each.codes, each.description
    )


def tried(raw: bytes, text: str, *, name: str) -> Trial:
    """A sample checked against a contract. Raises Unreadable, as for personal data in it."""
    contract = parse(text, name=name)
    checking = Checking(contract)
    found: list[Checked] = [checking.add(part) for part in read(raw, contract, name=name)]
    if stopped := checking.stopped(name):
        raise stopped
    faults = pl.concat([each.faults for each in found])
    received = sum(each.received for each in found)
    return Trial(received, sum(each.stored for each in found), faults)
