"""What a signed agreement permits: pure functions over terms and signatures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from frankpledge.sharing.enums import Basis, Detail, VersionState

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


def standing(signatures: Iterable[tuple[str, date | None]]) -> SignatureState:
    """Where a party stands, from the state of each version it signed and when it took that back.

    What was taken back of the version in force outweighs an older signature.
    """
    found = list(signatures)
    if (VersionState.IN_FORCE, None) in found:
        return SignatureState.CURRENT
    if any(state == VersionState.IN_FORCE for state, _ in found):
        return SignatureState.REVOKED
    older = [revoked for state, revoked in found if state == VersionState.SUPERSEDED]
    if None in older:
        return SignatureState.OLD
    return SignatureState.REVOKED if older else SignatureState.NEVER


_STANDING_WORDS = {
    SignatureState.OLD: "has signed an older version only, not",
    SignatureState.REVOKED: "has revoked its signature of",
    SignatureState.NEVER: "has not signed",
}


@dataclass(frozen=True)
class TermView:
    """A term as the rules see it; `keeper` is who can change it, empty for the county team."""

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
    starts_on: date | None = None
    keeper: str = ""

    @property
    def quote(self) -> str:
        return f"{self.clause}: “{self.clause_text}”"

    @property
    def remedy(self) -> str:
        return f"{self.keeper or 'The county team'} keeps the agreement and can change it."


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
    purpose: str = ""

    def __bool__(self) -> bool:
        return self.allowed


NO_TERM = "No term of an agreement in force covers {dataset} from {provider}. {remedy}"
_REMEDY = "The county team can add one to the information sharing agreement."


@dataclass(frozen=True)
class Signer:
    """An organisation that a term needs the signature of, and where it stands."""

    name: str
    state: SignatureState


def weigh(
    term: TermView,
    *,
    provider: str,
    signature: SignatureState,
    on: date,
    recipient: Signer | None = None,
) -> Permission:
    """One term on one day: what rests on a duty goes on with a warning, a power stops.

    `recipient` is the organisation that the term names as reader: a power asks for its signature
    too, as it binds whoever receives. Before its first day a term gives nothing.
    """
    granted: dict[str, Any] = {
        "clause": term.clause,
        "detail": term.detail,
        "fields": term.fields,
        "basis": term.basis,
        "term_id": term.id,
        "purpose": term.purpose,
    }
    if term.starts_on is not None and on < term.starts_on:
        return Permission(
            False,
            f"{_capital(term.clause)} of {term.agreement} begins on {term.starts_on:%-d %B %Y}. "
            f"Nothing is shared under it before. It says: “{term.clause_text}” {term.remedy}",
            **granted,
        )
    problem, until = _problem(term, provider, signature, recipient, on)
    if not problem:
        return Permission(True, f"{term.agreement} permits it under {term.quote}", **granted)
    if term.basis == Basis.DUTY:
        return Permission(
            True,
            f"Sharing goes on because it is a duty, under {term.quote}",
            warning=f"{problem} This data is shared under a duty, so it goes on. "
            f"The {'signature' if until else 'term'} still needs renewing.",
            **granted,
        )
    stops = f"so it stops until {until} signs." if until else "so it has stopped."
    return Permission(
        False,
        f"{problem} Sharing it rests on a power, {stops} It rests on {term.quote} {term.remedy}",
        **granted,
    )


def _problem(
    term: TermView, provider: str, signature: SignatureState, recipient: Signer | None, on: date
) -> tuple[str, str]:
    """What stands in the way, and whose signature would end it."""
    if term.expires_on is not None and term.expires_on < on:
        return (
            f"{_capital(term.clause)} of {term.agreement} expired on {term.expires_on:%-d %B %Y}.",
            "",
        )
    for signer in (Signer(provider, signature), recipient):
        if signer is not None and signer.state is not SignatureState.CURRENT:
            said = f"{signer.name} {_STANDING_WORDS[signer.state]}"
            return (f"{said} {term.agreement}.", signer.name)
    return "", ""


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


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
