"""Who has signed what: every party of every agreement, where it stands, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import AgreementVersion, SharingAgreement, Signature
from frankpledge.sharing.queries.permission import standings
from frankpledge.sharing.rules import SignatureState

_WORDS = {
    SignatureState.CURRENT: ("Signed", "green"),
    SignatureState.OLD: ("Older version only", "yellow"),
    SignatureState.REVOKED: ("Taken back", "red"),
    SignatureState.NEVER: ("Not signed", "red"),
}


@dataclass(frozen=True)
class BoardLine:
    """One party's standing on the version in force of one agreement."""

    agreement: SharingAgreement
    organisation: Organisation
    state: SignatureState
    signature: Signature | None
    in_force: str

    @property
    def words(self) -> str:
        return _WORDS[self.state][0]

    @property
    def colour(self) -> str:
        return _WORDS[self.state][1]

    @property
    def signed_on(self) -> date | None:
        return self.signature.signed_on if self.signature else None

    @property
    def revoked_on(self) -> date | None:
        return self.signature.revoked_on if self.signature else None

    @property
    def version(self) -> str:
        return self.signature.version.number if self.signature else ""

    @property
    def signer(self) -> str:
        if self.signature is None:
            return ""
        behalf = self.signature.on_behalf_of
        title = self.signature.post.title
        return f"{title}, on behalf of {behalf.title}" if behalf else title


def board(agreements: Iterable[SharingAgreement]) -> list[BoardLine]:
    """Every party of these, those who have not signed first; the queries do not grow with them."""
    shown = list(agreements)
    keys = [each.pk for each in shown]
    states = standings(keys)
    in_force = dict(
        AgreementVersion.objects.filter(
            agreement__in=keys, state=VersionState.IN_FORCE
        ).values_list("agreement", "number")
    )
    telling = _telling(keys)
    organisations = Organisation.objects.in_bulk(
        {party for each in states.values() for party in each}
    )
    parties = SharingAgreement.parties.through.objects.filter(sharingagreement__in=keys)
    by_key = {each.pk: each for each in shown}
    lines = [
        BoardLine(
            agreement=by_key[agreement],
            organisation=organisations[party],
            state=states[agreement][party],
            signature=telling.get((agreement, party)),
            in_force=in_force.get(agreement, ""),
        )
        for agreement, party in parties.values_list("sharingagreement", "organisation")
    ]
    return sorted(
        lines,
        key=lambda line: (
            line.state is SignatureState.CURRENT,
            line.organisation.name,
            line.agreement.title,
            str(line.agreement.pk),
        ),
    )


def _telling(keys: list[Any]) -> dict[tuple[Any, Any], Signature]:
    """The signature that decides where a party stands: of the version in force before older ones,
    standing before taken back, later before earlier."""
    found = (
        Signature.objects.filter(version__agreement__in=keys)
        .exclude(version__state=VersionState.DRAFT)
        .select_related("post", "on_behalf_of", "version")
    )
    best: dict[tuple[Any, Any], Signature] = {}
    for signature in sorted(found, key=_weight):
        best[signature.version.agreement_id, signature.organisation_id] = signature
    return best


def _weight(signature: Signature) -> tuple[Any, ...]:
    return (
        signature.version.state == VersionState.IN_FORCE,
        signature.revoked_on is None,
        signature.signed_on,
        signature.created_at,
        str(signature.pk),
    )


def whole_board(
    *, actor: Actor, agreement: SharingAgreement | None = None, state: str = ""
) -> list[BoardLine]:
    seen = visible(actor, Capability.VIEW, SharingAgreement)
    if agreement is not None:
        seen = seen.filter(pk=agreement.pk)
    lines = board(seen)
    return [line for line in lines if line.state == state] if state else lines
