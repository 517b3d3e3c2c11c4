"""A file made ready at the source: what is not agreed is dropped, what is too close made coarser.

Nothing leaves the machine here. `ready` gives what would leave, with what was done to each column
and what is still wrong with it; `written` puts it into a folder with its receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from frankpledge.contracts.checking import FAULTS, Checking
from frankpledge.contracts.choosing import Choice
from frankpledge.contracts.looking import look
from frankpledge.contracts.mapping import Column, ColumnMapping, suggested
from frankpledge.contracts.model import BadContract, Contract, Field, Kind
from frankpledge.contracts.prepare.coarsening import bands_of, to_area, to_band, to_square
from frankpledge.contracts.prepare.keys import Key
from frankpledge.contracts.private import KINDS, told_by
from frankpledge.contracts.reading import Part, read
from frankpledge.contracts.reference import Reference
from frankpledge.contracts.refusals import Unreadable
from frankpledge.contracts.tables import Table, plainly

DROPPED, EMPTIED, KEPT = "dropped", "emptied", "kept"
COARSENED, REPLACED = "coarsened", "replaced"
_PAIR = "Write their name, then =, then the contract's name."
_POINTS = (("easting", "northing", True), ("longitude", "latitude", False))


@dataclass(frozen=True)
class Done:
    """What became of one column: `what` is one of five words, `how` says it in full."""

    column: str
    source: str
    what: str
    how: str
    values: int


@dataclass(frozen=True)
class Ready:
    """What would leave, row by row as text under the contract's own column names.

    `faults` are the rows that stay behind, with why; `stopped` is why nothing may leave at all.
    """

    contract: Contract
    frame: pl.DataFrame
    done: tuple[Done, ...]
    faults: pl.DataFrame
    received: int
    stopped: Unreadable | None
    warnings: tuple[str, ...]

    @property
    def held_back(self) -> int:
        return self.received - self.frame.height


@dataclass(frozen=True)
class Plan:
    """What to do with each field of the contract, by its name: one of PREPARED."""

    contract: Contract
    ways: Mapping[str, str]

    @property
    def needs_key(self) -> bool:
        return "pseudonym" in self.ways.values()

    def reading(self) -> Contract:
        """The contract for reading: what is made coarser may still be anything."""
        return replace(self.contract, fields=tuple(map(self._open, self.contract.fields)))

    def _open(self, each: Field) -> Field:
        loose = self.ways[each.name] in ("coarsen", "pseudonym") and each.kind is Kind.TEXT
        return replace(each, codes=(), pattern="", defined_by="") if loose else each


def plan(contract: Contract, ways: Mapping[str, str] | None = None) -> Plan:
    """What the contract asks for each field, changed by `ways`. Raises BadContract."""
    asked = {
        **{each.name: each.prepare for each in contract.fields if each.prepare},
        **(ways or {}),
    }
    unknown = sorted(set(asked) - {each.name for each in contract.fields})
    if unknown:
        raise BadContract(f"{contract.title} has no column {', '.join(unknown)}.")
    chosen = {each.name: asked.get(each.name) or _usual(each, contract) for each in contract.fields}
    for each in contract.fields:
        if chosen[each.name] == "coarsen" and not _nature(each, contract):
            raise BadContract(
                f"{each.header} cannot be made coarser: it is no place, postcode, age or point."
            )
    return Plan(contract, chosen)


def _usual(each: Field, contract: Contract) -> str:
    if each.name == contract.role("identity"):
        return "pseudonym"
    nature = _nature(each, contract)
    return "coarsen" if nature in ("age", "area") or (
        nature == "point" and each.detail != "point"
    ) else "keep"  # fmt: skip


def _nature(each: Field, contract: Contract) -> str:
    if _is_point(each, contract):
        return "point"
    if each.kind is Kind.TEXT and bands_of(each.codes):
        return "age"
    if each.kind is Kind.TEXT and (
        each.name == contract.role("area") or each.detail == "outward_postcode"
    ):
        return "area"
    return ""


def _is_point(each: Field, contract: Contract) -> bool:
    named = {name for first, second, _ in _POINTS for name in (first, second)}
    roles = {contract.role("longitude"), contract.role("latitude")}
    return each.kind in (Kind.NUMBER, Kind.WHOLE) and (each.name in named or each.name in roles)


def mapping_for(
    headers: tuple[str, ...], plan: Plan, given: ColumnMapping | None, said: Mapping[str, str]
) -> ColumnMapping:
    """Which of the sender's columns is which: what was said, then what their names say.

    A postcode stands in for an area, and a date of birth for an age band.
    """
    contract = plan.contract
    found = {each.field: each for each in (given or suggested(headers, contract)).columns}
    by_name = {plainly(each): each for each in headers}
    for theirs, ours in said.items():
        field = _named(ours, contract)
        if field is None:
            raise Unreadable(f"The contract has no column {ours}.", _PAIR)
        if plainly(theirs) not in by_name:
            raise Unreadable(f"The file has no column {theirs}.", _PAIR)
        found[field.name] = Column(field.name, (by_name[plainly(theirs)],))
    if given is None:
        for each in contract.fields:
            if each.name not in found and plan.ways[each.name] == "coarsen":
                stand_in = _stand_in(each, contract, headers)
                found |= {each.name: Column(each.name, (stand_in,))} if stand_in else {}
    columns = tuple(found[each.name] for each in contract.fields if each.name in found)
    base = given or ColumnMapping(contract.key, ())
    return replace(base, columns=columns)


def _named(name: str, contract: Contract) -> Field | None:
    plain = plainly(name)
    both = ((plainly(each.name), plainly(each.header), each) for each in contract.fields)
    return next((each for first, second, each in both if plain in (first, second)), None)


def _stand_in(each: Field, contract: Contract, headers: tuple[str, ...]) -> str:
    nature = _nature(each, contract)
    for header in headers:
        plain = plainly(header)
        if nature == "age" and (told_by(header) == "date-of-birth" or plain == "age"):
            return header
        if nature == "area" and plain.replace(" ", "").startswith(("postcode", "fullpostcode")):
            return header
    return ""


def ready(
    source: Path,
    plan: Plan,
    *,
    key: Callable[[], Key],
    choice: Choice | None = None,
    given: ColumnMapping | None = None,
    said: Mapping[str, str] | None = None,
    areas: Mapping[str, str] | None = None,
    reference: Reference | None = None,
) -> Ready:
    """Everything that would leave. `key` is only called for where a reference has to be replaced.

    `areas` gives the code of an area for a full postcode, written without spaces. Raises Unreadable
    where the file cannot be taken, and what `key` raises.
    """
    contract, choice = plan.contract, choice or Choice()
    headers = look(source, contract, name="The file", choice=choice).headers
    mapping = mapping_for(headers, plan, given, said or {})
    choice = replace(choice, mapping=mapping)
    making = _Making(plan, mapping, dict(areas or {}), bool(choice.day_first is not False), key)
    checking = Checking(contract, reference=reference)
    frames, faults, received = [], [], 0
    for part in read(source, plan.reading(), name="The file", choice=choice):
        made = making.make(part.table)
        checked = checking.add(Part("The file", part.month, made))
        bad = checked.faults["row"].unique()
        frames.append(made.frame.filter(~made.rows.is_in(bad.implode())))
        faults.append(checked.faults)
        received += checked.received
    done = (*making.done(), *_dropped(headers, mapping))
    return Ready(
        contract=contract,
        frame=_leaving(pl.concat(frames), contract),
        done=done,
        faults=pl.concat([pl.DataFrame(schema=FAULTS), *faults]),
        received=received,
        stopped=checking.stopped("The file"),
        warnings=tuple(f"{each.message} ({each.count:,})" for each in checking.close()),
    )


def _leaving(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Without the columns that may be absent and hold nothing, under the names of the file."""
    kept = [
        each
        for each in contract.fields
        if not (each.may_be_absent and frame[each.name].null_count() == frame.height)
    ]
    return frame.select(pl.col(each.name).alias(each.header) for each in kept)


def _dropped(headers: tuple[str, ...], mapping: ColumnMapping) -> list[Done]:
    found = []
    read_ones = {plainly(each) for each in mapping.headers}
    for header in headers:
        if header.strip() and plainly(header) not in read_ones:
            kind = told_by(header)
            what = f"not in the contract; it looks like {KINDS[kind].what}" if kind else (
                "not in the contract")  # fmt: skip
            found.append(Done("", header, DROPPED, what, 0))
    return found


class _Making:
    """The file made ready piece by piece, with counts of what was done to each column."""

    def __init__(
        self,
        plan: Plan,
        mapping: ColumnMapping,
        areas: dict[str, str],
        day_first: bool,
        key: Callable[[], Key],
    ) -> None:
        self._plan, self._mapping, self._areas = plan, mapping, areas
        self._day_first, self._key = day_first, key
        self._counts = {each.name: 0 for each in plan.contract.fields}

    def make(self, table: Table) -> Table:
        frame, contract = table.frame, self._plan.contract
        made: dict[str, pl.Series] = {}
        for each in contract.fields:
            column, way = frame[each.name], self._plan.ways[each.name]
            if way == "drop":
                made[each.name] = pl.Series(each.name, [None] * frame.height, dtype=pl.String)
            elif way == "pseudonym" and column.null_count() < column.len():
                made[each.name] = self._key().pseudonyms(column)
            elif way == "coarsen" and _nature(each, contract) == "age":
                on = frame[contract.dated_by]
                bands = bands_of(each.codes)
                made[each.name] = to_band(column, bands, on, day_first=self._day_first)
            elif way == "coarsen" and _nature(each, contract) == "area":
                made[each.name] = to_area(column, self._areas)
        made |= self._squares(frame)
        for name, series in made.items():
            self._counts[name] += int((~series.eq_missing(frame[name])).sum())
        frame = frame.with_columns(series.alias(name) for name, series in made.items())
        return replace(table, frame=frame)

    def _squares(self, frame: pl.DataFrame) -> dict[str, pl.Series]:
        contract, made = self._plan.contract, {}
        for first, second, metres in _POINTS:
            x, y = contract.role(first) or first, contract.role(second) or second
            if x in frame.columns and y in frame.columns and self._plan.ways[x] == "coarsen":
                made[x], made[y] = to_square(frame[x], frame[y], metres=metres)
        return made

    def done(self) -> list[Done]:
        sources = {each.field: " and ".join(each.headers) for each in self._mapping.columns}
        spread = self._mapping.spread
        sources |= {spread.category: "side by side", spread.count: "side by side"} if spread else {}
        found = []
        for each in self._plan.contract.fields:
            source = sources.get(each.name, "")
            if not source:
                continue
            way, count = self._plan.ways[each.name], self._counts[each.name]
            what, how = self._said(each, way)
            found.append(Done(each.header, source, what, how, count))
        return found

    def _said(self, each: Field, way: str) -> tuple[str, str]:
        if way == "drop":
            return EMPTIED, "its values are taken out"
        if way == "pseudonym":
            return REPLACED, "each reference is replaced by a pseudonym under your key"
        if way == "coarsen":
            said = {
                "age": "dates of birth and ages are sent as age bands",
                "area": "full postcodes are sent as an area code or their first half",
                "point": "points are sent as the middle of their square of 1 km",
            }
            return COARSENED, said[_nature(each, self._plan.contract)]
        return KEPT, "sent as the contract writes it"
