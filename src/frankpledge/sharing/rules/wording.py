"""The words of a version, what is different between two, and what that asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from frankpledge.sharing.enums import Detail
from frankpledge.sharing.rules.permission import FINENESS


@dataclass(frozen=True)
class TermKey:
    """A term as people read it; recipients of the same data under the same terms stand together."""

    clause: str
    dataset: str
    provider: str
    fields: tuple[str, ...]
    purpose: str
    detail: str
    basis: str
    expires_on: date | None
    recipients: tuple[str, ...] = ()
    starts_on: date | None = None


def grouped(terms: Iterable[tuple[TermKey, str]]) -> list[TermKey]:
    """One line for each distinct term, with its recipients in order of name."""
    found: dict[TermKey, set[str]] = {}
    for key, recipient in terms:
        found.setdefault(key, set()).add(recipient)
    return [replace(key, recipients=tuple(sorted(names))) for key, names in found.items()]


@dataclass(frozen=True)
class ClauseWords:
    number: str
    heading: str
    text: str
    depth: int = 0

    @property
    def title(self) -> str:
        return f"clause {self.number}" + (f", {self.heading}" if self.heading else "")


@dataclass(frozen=True)
class Wording:
    """All that a party signs: facts of the register, clauses in order, terms one by one.

    `dates` of the version are signed too, but are not what changed.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    dates: tuple[tuple[str, str], ...]
    clauses: tuple[ClauseWords, ...]
    terms: tuple[tuple[TermKey, str], ...]

    def text(self) -> str:
        """As plain text, the same for the same words however the records were made."""
        lines = [self.title, ""]
        lines += [f"{label}: {said}" for label, said in (*self.dates, *self.facts) if said]
        for clause in self.clauses:
            lines += ["", f"{clause.number} {clause.heading}".strip(), clause.text]
        shared = sorted(_term_line(term) for term in grouped(self.terms))
        lines += ["", "What is shared", *(shared or ["Nothing"])]
        return "\n".join(line.replace("\r\n", "\n") for line in lines) + "\n"


def _term_line(term: TermKey) -> str:
    parts = [
        f"{term.dataset}, from {term.provider}, for {', '.join(term.recipients)}",
        f"columns: {', '.join(term.fields) or 'all'}",
        f"purpose: {term.purpose}",
        f"finest detail: {term.detail}",
        f"{term.basis}, clause {term.clause}",
    ]
    if term.starts_on:
        parts.append(f"from {term.starts_on:%-d %B %Y}")
    if term.expires_on:
        parts.append(f"until {term.expires_on:%-d %B %Y}")
    return "; ".join(parts)


@dataclass(frozen=True)
class Change:
    """One thing that is different, as a sentence, with the words before and after."""

    kind: str
    sentence: str
    before: str = ""
    after: str = ""


def changes(before: Wording, after: Wording) -> list[Change]:
    """What is different, the register first, then clauses, then terms."""
    return [
        *_fact_changes(before, after),
        *_clause_changes(before, after),
        *_term_changes(before, after),
    ]


def _fact_changes(before: Wording, after: Wording) -> Iterator[Change]:
    old, new = dict(before.facts), dict(after.facts)
    for label in dict.fromkeys([*old, *new]):
        was, now = old.get(label, ""), new.get(label, "")
        if was == now:
            continue
        if not was:
            yield Change("register", f"{label} is now stated: {now}", "", now)
        elif not now:
            yield Change("register", f"{label} is no longer stated.", was, "")
        else:
            yield Change("register", f"{label} has new words.", was, now)


def _clause_changes(before: Wording, after: Wording) -> Iterator[Change]:
    old = {clause.number: clause for clause in before.clauses}
    new = {clause.number: clause for clause in after.clauses}
    gone = [clause for number, clause in old.items() if number not in new]
    moved: dict[str, ClauseWords] = {}
    for clause in (each for number, each in new.items() if number not in old):
        twin = next((g for g in gone if (g.heading, g.text) == (clause.heading, clause.text)), None)
        if twin is not None:
            gone.remove(twin)
            moved[clause.number] = twin
    for number, clause in new.items():
        was = moved.get(number) or old.get(number)
        if number in moved and was is not None:
            yield Change("clause", f"Clause {was.number} is now {clause.title}; same words.")
        elif was is None:
            yield Change("clause", f"New {clause.title}", "", clause.text)
        elif (was.heading, was.text) != (clause.heading, clause.text):
            yield Change(
                "clause",
                f"{_capital(clause.title)}, has new words.",
                f"{was.heading}\n{was.text}".strip(),
                f"{clause.heading}\n{clause.text}".strip(),
            )
    for clause in gone:
        yield Change("clause", f"{_capital(clause.title)}, is gone.", clause.text, "")


_PARTS = (
    ("clause", "clause", str),
    ("fields", "columns", lambda fields: ", ".join(fields) or "all"),
    ("purpose", "purpose", str),
    ("detail", "finest detail", str),
    ("basis", "basis", str),
    ("starts_on", "first day", lambda day: f"{day:%-d %B %Y}" if day else "none"),
    ("expires_on", "last day", lambda day: f"{day:%-d %B %Y}" if day else "none"),
)


def _term_changes(before: Wording, after: Wording) -> Iterator[Change]:
    """Recipients whose terms changed alike are named together."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for recipient, was, now in _paired(before.terms, after.terms):
        found.setdefault(_term_change(was, now), []).append(recipient)
    for (kind, sentence, old, new), recipients in found.items():
        yield Change(kind, f"{sentence} For: {', '.join(sorted(set(recipients)))}.", old, new)


def _term_change(was: TermKey | None, now: TermKey | None) -> tuple[str, str, str, str]:
    if was is None:
        assert now is not None
        return (
            "term",
            f"New term: {now.dataset} from {now.provider}, {now.basis.lower()}, "
            f"clause {now.clause}, {now.detail.lower()}.",
            "",
            "",
        )
    name = f"{was.dataset} from {was.provider}"
    if now is None:
        return "term", f"Term no longer there: {name}, clause {was.clause}.", "", ""
    parts = [
        f"{label} was “{written(getattr(was, part))}”, now “{written(getattr(now, part))}”"
        for part, label, written in _PARTS
        if getattr(was, part) != getattr(now, part)
    ]
    return "term", f"{name}: {'; '.join(parts)}.", "", ""


def _paired(
    before: Iterable[tuple[TermKey, str]], after: Iterable[tuple[TermKey, str]]
) -> Iterator[tuple[str, TermKey | None, TermKey | None]]:
    """Terms on the same data from and for the same, those that are alike left out."""
    old, new = list(before), list(after)
    for each in list(new):
        if each in old:
            old.remove(each)
            new.remove(each)
    for term, recipient in new:
        twin = next(
            (
                each
                for each in old
                if each[1] == recipient
                and (each[0].dataset, each[0].provider) == (term.dataset, term.provider)
            ),
            None,
        )
        if twin is not None:
            old.remove(twin)
        yield recipient, twin[0] if twin else None, term
    for term, recipient in old:
        yield recipient, term, None


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# What asks for a new look at the impact assessment

_FINENESS = {str(detail.label): place for place, detail in enumerate(FINENESS)}
_COARSEST = len(Detail)


def new_risks(before: Wording, after: Wording) -> list[str]:
    """Data, columns, purposes, readers or detail that the version before did not have."""
    return sorted({risk for key in _reach(after) for risk in _risks(key, before, after)})


def together(*wordings: Wording) -> Wording:
    """Words whose terms are those of all of these: what has been looked at already."""
    return replace(wordings[0], terms=tuple(term for each in wordings for term in each.terms))


def _reach(wording: Wording) -> set[tuple[str, str]]:
    return {(term.dataset, term.provider) for term, _ in wording.terms}


def _risks(key: tuple[str, str], before: Wording, after: Wording) -> Iterator[str]:
    name = f"{key[0]} from {key[1]}"
    old = [each for each in before.terms if (each[0].dataset, each[0].provider) == key]
    new = [each for each in after.terms if (each[0].dataset, each[0].provider) == key]
    if not old:
        yield f"{name} is new."
        return
    columns, had = _columns(new), _columns(old)
    if had is not None:
        more = {"every column"} if columns is None else columns - had
        for column in sorted(more):
            yield f"{name} has a new column: {column}."
    for purpose in sorted({t.purpose for t, _ in new} - {t.purpose for t, _ in old}):
        yield f"{name} has a new purpose: {purpose}."
    for reader in sorted({r for _, r in new} - {r for _, r in old}):
        yield f"{name} has a new reader: {reader}."
    if _finest(new) < _finest(old):
        detail = min((t.detail for t, _ in new), key=lambda d: _FINENESS.get(d, _COARSEST))
        yield f"{name} is shared more finely: {detail.lower()}."


def _columns(terms: Iterable[tuple[TermKey, str]]) -> set[str] | None:
    """None for every column of the contract."""
    found: set[str] = set()
    for term, _ in terms:
        if not term.fields:
            return None
        found.update(term.fields)
    return found


def _finest(terms: Iterable[tuple[TermKey, str]]) -> int:
    return min((_FINENESS.get(term.detail, _COARSEST) for term, _ in terms), default=_COARSEST)
