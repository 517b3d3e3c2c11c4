"""The rows that came back, as they are corrected: page by page, or in a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.conf import settings

from frankpledge.contracts import Limits
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Submission, SubmissionMonth
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.choosing import contract_to_read, said_of, source_of
from frankpledge.sharing.rules.results import UnableToCorrect
from frankpledge.sharing.store.correcting import Place, Source, names_of, rows_of, workbook

PER_PAGE = 20
BY_PAGE = 200  # rows; more are corrected in the workbook
BY_WORKBOOK = 20_000
_OPEN = (State.WAITING, State.WORKING, State.CHECKED, State.STORED)
Faults = dict[Place, dict[str, list[str]]]


def source(submission: Submission, on: date) -> Source:
    return Source(
        path=source_of(submission),
        name=submission.file_name,
        contract=contract_to_read(submission, on),
        choice=said_of(submission),
        limits=Limits(packed=settings.UPLOAD_LIMIT),
    )


def fault_frame(submission: Submission) -> pl.DataFrame:
    """Every fault of every returned row; nothing where the store holds none."""
    return open_store().faults(str(submission.pk))


def returned_places(frame: pl.DataFrame) -> list[Place]:
    if frame.is_empty():
        return []
    places = frame.select("file", "row").unique(maintain_order=True).sort("file", "row")
    return [(str(file), int(row)) for file, row in places.iter_rows()]


def faults_of(frame: pl.DataFrame, places: list[Place], names: Mapping[str, str]) -> Faults:
    """What is wrong in each cell of these rows, by the column's name in the contract."""
    wanted = pl.DataFrame(
        {"file": [f for f, _ in places], "row": [r for _, r in places]},
        schema={"file": pl.String, "row": pl.UInt32},
    )
    found: Faults = {}
    for line in frame.join(wanted, on=["file", "row"]).iter_rows(named=True):
        column = names.get(line["column"], line["column"])
        cells = found.setdefault((line["file"], int(line["row"])), {})
        cells.setdefault(column, []).append(f"{line['message']} {line['remedy']}".strip())
    return found


def refuse_what_cannot_be_corrected(submission: Submission) -> None:
    """Only the newest word on these months is corrected, so that nothing is doubled or undone."""
    if submission.state not in (State.STORED, State.CHECKED) or not submission.rejected:
        raise UnableToCorrect("No row of it waits to be corrected.")
    if submission.corrections.filter(state__in=_OPEN).exists():
        raise UnableToCorrect("It has been corrected since. Open the newer file and correct that.")
    newer = SubmissionMonth.objects.filter(
        dataset=submission.dataset_id,
        organisation=submission.organisation_id,
        month__in=submission.months.values("month"),
        current=True,
        submission__sent_at__gt=submission.sent_at,
    )
    if newer.exclude(submission=submission.pk).exists():
        raise UnableToCorrect("A newer file has taken its place. Open that and correct it.")


@dataclass(frozen=True)
class BadCell:
    """One cell to correct: where it is in the form, what it holds and what is wrong with it."""

    name: str
    column: str
    label: str
    value: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class BadRow:
    place: Place
    cells: tuple[BadCell, ...]
    others: tuple[tuple[str, str], ...]


def bad_rows(submission: Submission, *, page: int, on: date) -> tuple[list[BadRow], int]:
    """One page of rows with their bad cells, and how many rows there are in all."""
    frame = fault_frame(submission)
    places = returned_places(frame)
    shown = places[(page - 1) * PER_PAGE : page * PER_PAGE]
    read = source(submission, on)
    labels = {each.name: each.header for each in read.contract.fields}
    names = names_of(list(labels), read.contract)
    faults = faults_of(frame, shown, names)
    whole = rows_of(read, shown)
    found = []
    for at, place in enumerate(shown, start=(page - 1) * PER_PAGE):
        row, wrong = whole.get(place, {}), faults[place]
        # A fault of the row as a whole is mended in any of its cells.
        columns = list(labels) if set(wrong) - set(labels) else [c for c in labels if c in wrong]
        beside = tuple(said for key in wrong if key not in labels for said in wrong[key])
        cells = tuple(
            BadCell(
                name=f"cell-{at}-{list(labels).index(column)}",
                column=column,
                label=labels[column],
                value=row.get(column, ""),
                said=(*wrong.get(column, ()), *(beside if number == 0 else ())),
            )
            for number, column in enumerate(columns)
        )
        others = tuple((labels[c], row[c]) for c in labels if c in row and c not in columns)
        found.append(BadRow(place, cells, others))
    return found, len(places)


def correction_workbook(submission: Submission, *, on: date) -> bytes:
    frame = fault_frame(submission)
    places = returned_places(frame)
    if len(places) > BY_WORKBOOK:
        raise UnableToCorrect(
            f"{len(places):,} rows came back, too many for one workbook. "
            "Correct them where they come from and send the file again."
        )
    read = source(submission, on)
    names = names_of([each.name for each in read.contract.fields], read.contract)
    whole = rows_of(read, places)
    rows = {place: whole.get(place, {}) for place in places}
    return workbook(
        rows,
        faults_of(frame, places, names),
        contract=read.contract,
        about=f"Rows that came back from {submission.file_name}, sent by {submission.organisation}",
        made_on=on,
    )
