"""A register of agreements in a spreadsheet, read into what would be made and what is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.text import slugify

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation, Post
from frankpledge.sharing.models import SharingAgreement

COLUMNS = (
    ("title", "Title"),
    ("parties", "Parties"),
    ("version", "Version"),
    ("effective", "In force from"),
    ("review", "Review by"),
    ("purpose", "Purpose"),
    ("signed", "Signed by"),
)
NEEDED = ("title", "parties", "version")
MOST_ROWS = 500
EXAMPLE = (
    "Sharing for community safety",
    "First organisation; Second organisation",
    "1.0",
    "1 April 2026",
    "31 March 2027",
    "Preventing and reducing crime and disorder",
    "First organisation | Name of the post | 1 April 2026",
)
NOTES = (
    "One agreement a row. The row below the headings is an example: write over it.",
    "Parties: names of organisations with semicolons between.",
    "Signed by: organisation | post | day, with semicolons between the signatures.",
    "Each row makes a draft. Type in its clauses and terms, then put it in force.",
)
_NAMES = {re.sub(r"[^a-z]", "", label.lower()): key for key, label in COLUMNS} | {
    "effectivefrom": "effective",
    "effective": "effective",
    "review": "review",
    "agreement": "title",
}


class UnreadableRegister(Exception):
    """The file is no register of agreements; the sentence says what to do."""


@dataclass(frozen=True)
class Fault:
    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"Row {self.row}, {self.column}: {self.sentence}"


@dataclass(frozen=True)
class Signed:
    post: Post
    on: date


@dataclass
class Entry:
    """One row: an agreement with its draft and paper signatures."""

    row: int
    title: str = ""
    slug: str = ""
    version: str = ""
    purpose: str = ""
    effective: date | None = None
    review: date | None = None
    parties: list[Organisation] = field(default_factory=list)
    signed: list[Signed] = field(default_factory=list)


@dataclass(frozen=True)
class Register:
    entries: list[Entry]
    faults: list[Fault]
    lines: list[dict[str, str]]


# From bytes to rows of text


def rows_of(content: bytes, name: str) -> list[dict[str, str]]:
    """The rows below the headings, as text by column, each with its number under "row"."""
    table = _workbook(content) if name.lower().endswith(".xlsx") else _csv(content)
    for at, cells in enumerate(table):
        keys = [_NAMES.get(re.sub(r"[^a-z]", "", cell.lower()), "") for cell in cells]
        if "title" in keys and "parties" in keys:
            return _below(table, at, keys)
    raise UnreadableRegister(
        "No row has the headings Title and Parties. Download the template and use its headings."
    )


def _below(table: list[list[str]], at: int, keys: list[str]) -> list[dict[str, str]]:
    found = []
    for number, cells in enumerate(table[at + 1 :], start=at + 2):
        line = {
            key: cell.strip()
            for key, cell in zip(keys, cells, strict=False)
            if key and cell.strip()
        }
        if line:
            found.append({"row": str(number), **line})
    if not found:
        raise UnreadableRegister("There is no row below the headings. Add one for each agreement.")
    if len(found) > MOST_ROWS:
        raise UnreadableRegister(f"Send at most {MOST_ROWS} agreements at a time.")
    return found


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        if encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        mark = max(",;\t", key=text.split("\n", 1)[0].count)
        try:
            return [list(row) for row in csv.reader(io.StringIO(text), delimiter=mark)]
        except csv.Error:
            break
    raise UnreadableRegister("The file is not a readable CSV. Save it from Excel again, as xlsx.")


def _workbook(content: bytes) -> list[list[str]]:
    import fastexcel  # a tenth of a second that no start should wait for

    try:
        book = fastexcel.read_excel(content)
        for name in book.sheet_names:
            sheet = book.load_sheet(name, header_row=None, skip_rows=0).to_polars()
            table = [["" if v is None else _cell(v) for v in row] for row in sheet.iter_rows()]
            flat = {re.sub(r"[^a-z]", "", cell.lower()) for row in table[:30] for cell in row}
            if {"title", "parties"} <= flat:
                return table
    except (fastexcel.FastExcelError, ValueError, OSError) as error:
        raise UnreadableRegister(
            "The workbook cannot be opened. Save it from Excel again, as xlsx."
        ) from error
    return []


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# From rows to entries


def register_of(*, actor: Actor, rows: Iterable[Mapping[str, str]]) -> Register:
    """What each row would make, and every fault with its row and column."""
    lines = [dict(row) for row in rows]
    seen = visible(actor, Capability.VIEW, Organisation).filter(valid_to__isnull=True)
    known: dict[str, Organisation] = {}
    for each in seen.order_by("-name", "pk"):
        known[each.name.casefold()] = known[each.slug.casefold()] = each
        if each.short_name:
            known.setdefault(each.short_name.casefold(), each)
    posts = {
        (post.organisation_id, post.title.casefold()): post
        for post in Post.objects.filter(
            organisation__in={each.pk for each in known.values()}
        ).select_related("organisation")
    }
    taken = set(SharingAgreement.objects.values_list("slug", flat=True))
    titles = {
        title.casefold() for title in SharingAgreement.objects.values_list("title", flat=True)
    }
    entries, faults = [], []
    for line in lines:
        reader = _Reader(line, known, posts, taken, titles, actor.on)
        entries.append(reader.entry())
        faults.extend(reader.faults)
    return Register(entries, faults, lines)


class _Reader:
    """One row, with the faults found on the way."""

    def __init__(
        self,
        line: Mapping[str, str],
        known: Mapping[str, Organisation],
        posts: Mapping[tuple[Any, str], Post],
        taken: set[str],
        titles: set[str],
        today: date,
    ) -> None:
        self.today = today
        self.line, self.known, self.posts = line, known, posts
        self.taken, self.titles = taken, titles
        self.row = int(line["row"]) if line.get("row", "").isdigit() else 0
        self.faults: list[Fault] = []

    def fault(self, key: str, sentence: str) -> None:
        self.faults.append(Fault(self.row, dict(COLUMNS)[key], sentence))

    def entry(self) -> Entry:
        for key in NEEDED:
            if not self.line.get(key):
                self.fault(key, "This is empty. Fill it in.")
        title = self._text("title", 200)
        entry = Entry(
            row=self.row,
            title=title,
            slug=self._slug(title),
            version=self._text("version", 12),
            purpose=self._text("purpose", 2000),
            effective=self._day("effective"),
            review=self._day("review"),
            parties=self._parties(),
        )
        entry.signed = self._signed({each.pk for each in entry.parties})
        return entry

    def _text(self, key: str, most: int) -> str:
        found = self.line.get(key, "")
        if len(found) > most:
            self.fault(key, f"This is longer than {most} characters. Shorten it.")
        return found[:most]

    def _slug(self, title: str) -> str:
        if title.casefold() in self.titles:
            self.fault("title", "An agreement of this title is there already. Leave the row out.")
        self.titles.add(title.casefold())
        stem = slugify(title)[:70].strip("-") or "agreement"
        slug, number = stem, 2
        while slug in self.taken or slug in {"new", "signatures", "matrix", "register"}:
            slug, number = f"{stem}-{number}", number + 1
        self.taken.add(slug)
        return slug

    def _organisation(self, key: str, name: str) -> Organisation | None:
        found = self.known.get(name.casefold())
        if found is None:
            self.fault(key, f"No organisation is called {name}. Use its name as in the register.")
        return found

    def _parties(self) -> list[Organisation]:
        names = _parts(self.line.get("parties", ""))
        found = [self._organisation("parties", name) for name in names]
        return list({each.pk: each for each in found if each is not None}.values())

    def _day(self, key: str) -> date | None:
        said = self.line.get(key, "")
        day = day_of(said)
        if said and day is None:
            self.fault(key, f"“{said}” is not a day. Write it as 1 April 2026.")
        return day

    def _signed(self, parties: set[Any]) -> list[Signed]:
        found: dict[Any, Signed] = {}
        for said in _parts(self.line.get("signed", "")):
            signed = self._one(said, parties)
            if signed is not None and signed.post.organisation_id in found:
                self.fault("signed", f"{signed.post.organisation} is there twice. Keep one.")
            elif signed is not None:
                found[signed.post.organisation_id] = signed
        return list(found.values())

    def _one(self, said: str, parties: set[Any]) -> Signed | None:
        parts = [part.strip() for part in said.split("|")]
        if len(parts) != 3:
            self.fault("signed", f"Write “{said}” as organisation | post | day.")
            return None
        organisation = self._organisation("signed", parts[0])
        day = day_of(parts[2])
        if day is None:
            self.fault("signed", f"“{parts[2]}” is not a day. Write it as 1 April 2026.")
        elif day > self.today:
            self.fault("signed", f"{parts[2]} has not come yet. Check the day.")
        if organisation is None:
            return None
        if organisation.pk not in parties:
            self.fault("signed", f"{organisation} signed but is not among the parties.")
        post = self.posts.get((organisation.pk, parts[1].casefold()))
        if post is None:
            self.fault(
                "signed", f"{organisation} has no post called {parts[1]}. Add the post first."
            )
        return Signed(post, day) if post is not None and day is not None else None


def _parts(text: str) -> Sequence[str]:
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]


_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y", "%d-%m-%Y")
_SERIALS = (20_000, 80_000)


def day_of(text: str) -> date | None:
    """A day as people and Excel write it, day before month; None for what is none."""
    plain = " ".join(text.split())
    if plain.isdigit() and _SERIALS[0] < int(plain) < _SERIALS[1]:
        return date(1899, 12, 30) + timedelta(days=int(plain))
    for form in _FORMS:
        try:
            return datetime.strptime(plain.removesuffix(" 00:00:00"), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None
