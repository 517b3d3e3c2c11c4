"""What is unclear in a file that was sent, what a person has to look at, and what is remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, require, visible
from frankpledge.access.enums import Capability
from frankpledge.contracts import ALL, Choice, Contract, SheetSeen, Unreadable, look, suggested
from frankpledge.core.history import seen_as
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import ColumnMapping, Submission
from frankpledge.sharing.opening import open_store
from frankpledge.sharing.queries.contracts import contract_of, permitted
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.rules.choosing import (
    Asked,
    first_question,
    is_clear,
    recalled,
    within,
)

_EXAMPLES = 3
_LONGEST = 30


def contract_to_read(submission: Submission, on: date) -> Contract:
    """The contract, with the columns that the agreement lets in."""
    term = permission_to_send(
        organisation=submission.organisation, dataset=submission.dataset, on=on
    )
    return permitted(contract_of(submission.dataset), term.fields)


def source_of(submission: Submission) -> Path:
    return open_store().original(submission.file_digest)


def understood(submission: Submission, *, said: Choice | None, on: date) -> dict[str, Any]:
    """How a file just received is to be read, and the first thing to ask where that is unclear."""
    source, contract = source_of(submission), contract_to_read(submission, on)
    name = submission.file_name
    if said is not None:
        return {"answers": within(said, contract).as_dict(), "asked": None}
    asked = first_question(source, contract, name=name, choice=Choice(), worded=False)
    if asked is None:
        return {}
    held = ColumnMapping.objects.filter(
        dataset=submission.dataset, organisation=submission.organisation
    ).first()
    for each in recalled(held.choices) if held else ():
        choice = within(each, contract)
        if is_clear(source, contract, name=name, choice=choice):
            return {"answers": choice.as_dict(), "asked": None, "remembered": True}
    if submission.arrived == Arrival.COMMAND:  # nobody is there to answer: the check refuses it
        return {}
    return {"answers": Choice().as_dict(), "asked": asked.as_dict()}


def said_of(submission: Submission) -> Choice | None:
    """What was answered of the file so far."""
    answers = submission.choices.get("answers")
    return Choice.from_dict(answers) if answers else None


def asked_of(submission: Submission) -> Asked | None:
    """What has to be answered before the file is read; nothing once it is."""
    held = submission.choices.get("asked")
    waits = submission.state == State.WAITING
    return Asked.from_dict(held) if held and waits else None


def unanswered(now: datetime) -> QuerySet[Submission]:
    """Files whose questions nobody answered in the days that such a file is kept."""
    since = now - timedelta(days=settings.KEEP_ENDED_DAYS)
    return Submission.objects.filter(
        state=State.WAITING, choices__asked__about__isnull=False, sent_at__lt=since
    )


@dataclass(frozen=True)
class Header:
    """A column of the sender's file with its first values."""

    name: str
    examples: tuple[str, ...]

    @property
    def label(self) -> str:
        seen = ", ".join(self.examples)
        return f"{self.name} ({seen})" if seen else self.name


@dataclass(frozen=True)
class ChoosingPage:
    """One question about a file, its first rows, and the columns whose names tell what they are."""

    submission: Submission
    contract: Contract
    asked: Asked
    sheets: tuple[SheetSeen, ...]
    headers: tuple[Header, ...]
    proposed: dict[str, str]

    @property
    def mark(self) -> str:
        """Of what the page shows, so that an answer to an earlier question is not taken."""
        return seen_as(json.dumps(self.submission.choices, sort_keys=True))

    @property
    def kept_until(self) -> date:
        return (self.submission.sent_at + timedelta(days=settings.KEEP_ENDED_DAYS)).date()


def choosing_page(submission: Submission, *, on: date) -> ChoosingPage | None:
    """The page that asks the next thing; nothing where nothing is to be asked."""
    asked = asked_of(submission)
    if asked is None:
        return None
    contract, choice = contract_to_read(submission, on), said_of(submission) or Choice()
    try:
        seen = look(source_of(submission), contract, name=submission.file_name, choice=choice)
    except Unreadable:
        return ChoosingPage(submission, contract, asked, (), (), {})
    sheets = tuple(each for each in seen.sheets if not choice.sheet or _is_chosen(each, choice))
    names = [each for each in seen.headers if each]
    found = seen.choice.mapping or suggested(names, contract)
    proposed = {each.field: each.headers[0] for each in found.columns if each.headers}
    return ChoosingPage(
        submission, contract, asked, sheets, _headers(seen.headers, sheets), proposed
    )


def _is_chosen(sheet: SheetSeen, choice: Choice) -> bool:
    return choice.sheet in (ALL, sheet.name)


def _headers(names: tuple[str, ...], sheets: tuple[SheetSeen, ...]) -> tuple[Header, ...]:
    """The columns with what stands below them, from the sheet that has these names."""
    sheet = next((each for each in sheets if each.headers == names), None)
    if sheet is None:
        return tuple(Header(each, ()) for each in dict.fromkeys(names) if each)
    below = [values for row, values in sheet.preview if row > (sheet.likely or 0)]
    found: dict[str, Header] = {}
    for at, name in enumerate(names):
        values = [row[at][:_LONGEST] for row in below if at < len(row) and row[at]]
        if name and name not in found:
            found[name] = Header(name, tuple(dict.fromkeys(values))[:_EXAMPLES])
    return tuple(found.values())


def remembered(*, actor: Actor) -> QuerySet[ColumnMapping]:
    """What is remembered for the organisations whose data the actor may send."""
    mine = visible(actor, Capability.SUBMIT_DATA, Organisation)
    return ColumnMapping.objects.filter(organisation__in=mine).select_related(
        "dataset", "organisation"
    )


@dataclass(frozen=True)
class Remembered:
    """What is remembered of one organisation's data, in words."""

    mapping: ColumnMapping
    said: tuple[tuple[str, str], ...]


def remembered_lines(*, actor: Actor) -> list[Remembered]:
    return [
        Remembered(each, in_words(Choice.from_dict(each.choices), contract_of(each.dataset)))
        for each in remembered(actor=actor)
    ]


def find_remembered(*, actor: Actor, organisation: str, dataset: str) -> ColumnMapping:
    """What is remembered of data that the actor may send, or nothing at all."""
    whose = find(actor, Organisation, slug=organisation)
    require(actor, Capability.SUBMIT_DATA, whose)
    found = remembered(actor=actor).filter(organisation=whose, dataset__slug=dataset).first()
    if found is None:
        raise Http404
    return found


def in_words(choice: Choice, contract: Contract) -> tuple[tuple[str, str], ...]:
    """How a file is read, each part with what was said of it."""
    said = []
    if choice.sheet:
        every = "every sheet that has the columns"
        said.append(("Sheet", every if choice.sheet == ALL else choice.sheet))
    if choice.header_row:
        said.append(("Row of the column names", f"{choice.header_row:,}"))
    if choice.day_first is not None:
        said.append(("Dates", "the day first" if choice.day_first else "the month first"))
    if choice.hidden:
        said.append(("Hidden rows", "read" if choice.hidden == "read" else "left out"))
    mapping = choice.mapping
    labels = {each.name: each.label for each in contract.fields}
    for column in mapping.columns if mapping else ():
        source = " and ".join(column.headers) or f"“{column.constant}” in every row"
        words = [f"“{sent}” means {meant or 'not known'}" for sent, meant in column.values.items()]
        said.append((labels.get(column.field, column.field), "; ".join([source, *words])))
    for header, values in mapping.kept.items() if mapping else ():
        said.append((f"Only rows whose {header} is", ", ".join(values)))
    return tuple(said)
