"""What a signed agreement permits: pure functions over terms and signatures."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from frankpledge.sharing.enums import ALLOWED_MOVES, Basis, Detail, SubmissionState

# Finest first: a term that allows one allows every coarser one after it.
FINENESS = (
    Detail.ROW,
    Detail.LSOA,
    Detail.WARD,
    Detail.OUTWARD_POSTCODE,
    Detail.DISTRICT,
    Detail.COUNTY,
)


class SignatureState(StrEnum):
    CURRENT = "current"
    OLD = "old version"
    REVOKED = "revoked"
    NEVER = "never"


_STANDING_WORDS = {
    SignatureState.OLD: "has signed an older version only",
    SignatureState.REVOKED: "has revoked its signature",
    SignatureState.NEVER: "has not signed",
}


@dataclass(frozen=True)
class TermView:
    """A term as the rules see it."""

    id: object
    dataset: str
    clause: str
    clause_text: str
    agreement: str
    basis: Basis
    detail: Detail
    fields: tuple[str, ...]
    purpose: str
    expires_on: date | None


@dataclass(frozen=True)
class Permission:
    """May data flow under an agreement, and which clause says so."""

    allowed: bool
    sentence: str
    clause: str = ""
    detail: Detail | None = None
    fields: tuple[str, ...] = ()
    basis: Basis | None = None
    warning: str = ""
    term_id: object = None

    def __bool__(self) -> bool:
        return self.allowed


NO_TERM = "No term of an agreement in force covers {dataset} from {provider}. {remedy}"
_REMEDY = "The county team can add one to the information sharing agreement."


def weigh(term: TermView, *, provider: str, signature: SignatureState, on: date) -> Permission:
    """One term on one day: what rests on a duty goes on with a warning, a power stops."""
    quote = f"{term.clause}: “{term.clause_text}”"
    if term.expires_on is not None and term.expires_on < on:
        problem = f"{term.clause} of {term.agreement} expired on {term.expires_on:%-d %B %Y}."
    elif signature is not SignatureState.CURRENT:
        problem = f"{provider} {_STANDING_WORDS[signature]} of {term.agreement}."
    else:
        problem = ""
    granted = {
        "clause": term.clause,
        "detail": term.detail,
        "fields": term.fields,
        "basis": term.basis,
        "term_id": term.id,
    }
    if not problem:
        return Permission(True, f"{term.agreement} permits it under {quote}", **granted)
    if term.basis == Basis.DUTY:
        return Permission(
            True,
            f"Sharing goes on because it is a duty, under {quote}",
            warning=f"{problem} This data is shared under a duty, so it goes on. "
            "The signature still needs renewing.",
            **granted,
        )
    return Permission(
        False,
        f"{problem} Sharing it rests on a power, so it stops until {provider} signs. "
        f"It rests on {quote} The county team can ask for the signature.",
        **granted,
    )


def best(permissions: list[Permission], *, dataset: str, provider: str) -> Permission:
    """The permission that counts where several terms speak: the finest allowed, else a refusal."""
    allowed = [p for p in permissions if p.allowed]
    if allowed:
        return min(allowed, key=lambda p: (bool(p.warning), FINENESS.index(p.detail), p.clause))
    if permissions:
        return min(permissions, key=lambda p: p.clause)
    return Permission(False, NO_TERM.format(dataset=dataset, provider=provider, remedy=_REMEDY))


def covers(allowed: Detail, asked: Detail) -> bool:
    return FINENESS.index(allowed) <= FINENESS.index(asked)


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


def grouped(terms: Iterable[tuple[TermKey, str]]) -> list[TermKey]:
    """One line for each distinct term, with its recipients in order of name."""
    found: dict[TermKey, set[str]] = {}
    for key, recipient in terms:
        found.setdefault(key, set()).add(recipient)
    return [replace(key, recipients=tuple(sorted(names))) for key, names in found.items()]


class UnableToMove(Exception):
    """A submission cannot go from one state to another."""


def check_move(old: SubmissionState | str, new: SubmissionState) -> None:
    if new not in ALLOWED_MOVES[SubmissionState(old)]:
        raise UnableToMove(
            f"A submission that is {SubmissionState(old).label.lower()} "
            f"cannot become {new.label.lower()}."
        )


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def preceding(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def gaps(months: Iterable[date]) -> list[tuple[date, date]]:
    """The spans of months missing between those given, each from its first to its last."""
    listed = sorted(months)
    return [
        (following(before), preceding(after))
        for before, after in itertools.pairwise(listed)
        if following(before) != after
    ]
