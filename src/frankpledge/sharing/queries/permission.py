"""Terms compiled to permission: who may send what, who may read whose, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from frankpledge.access.actors import Actor
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Detail, VersionState
from frankpledge.sharing.models import Dataset, SharingAgreement, Signature, Term
from frankpledge.sharing.rules import (
    FINENESS,
    Permission,
    SignatureState,
    TermView,
    best,
    covers,
    weigh,
)


def signature_states(agreement: SharingAgreement) -> dict[object, SignatureState]:
    """Each party's standing on the version in force."""
    states = dict.fromkeys(agreement.parties.values_list("pk", flat=True), SignatureState.NEVER)
    rank = [
        SignatureState.NEVER,
        SignatureState.REVOKED,
        SignatureState.OLD,
        SignatureState.CURRENT,
    ]
    signatures = Signature.objects.filter(version__agreement=agreement).values_list(
        "organisation_id", "version__state", "revoked_on"
    )
    for organisation, state, revoked in signatures:
        if revoked is not None:
            found = SignatureState.REVOKED
        elif state == VersionState.IN_FORCE:
            found = SignatureState.CURRENT
        else:
            found = SignatureState.OLD
        held = states.get(organisation, SignatureState.NEVER)
        states[organisation] = max(held, found, key=rank.index)
    return states


def _terms_in_force(dataset: Dataset) -> list[Term]:
    return list(
        Term.objects.filter(dataset=dataset, version__state=VersionState.IN_FORCE)
        .select_related("clause", "version__agreement", "dataset")
        .order_by("clause__order", "pk")
    )


def _view(term: Term) -> TermView:
    return TermView(
        id=term.pk,
        dataset=term.dataset.name,
        clause=f"clause {term.clause.number}",
        clause_text=term.clause.text,
        agreement=str(term.version),
        basis=term.basis,
        detail=Detail(term.detail),
        fields=tuple(term.fields),
        purpose=term.purpose,
        expires_on=term.expires_on,
    )


@dataclass(frozen=True)
class Terms:
    """The terms in force on a dataset with every party's standing, read once."""

    dataset: Dataset
    terms: tuple[Term, ...]
    standing: dict[object, dict[object, SignatureState]]

    @classmethod
    def of(cls, dataset: Dataset) -> Terms:
        terms = _terms_in_force(dataset)
        agreements = {term.version.agreement_id: term.version.agreement for term in terms}
        standing = {pk: signature_states(each) for pk, each in agreements.items()}
        return cls(dataset, tuple(terms), standing)

    def weigh(self, terms: list[Term], provider: Organisation, on: date) -> list[Permission]:
        permissions = []
        for term in terms:
            if term.provider_id not in (None, provider.pk):
                continue
            states = self.standing[term.version.agreement_id]
            permissions.append(
                weigh(
                    _view(term),
                    provider=provider.name,
                    signature=states.get(provider.pk, SignatureState.NEVER),
                    on=on,
                )
            )
        return permissions


def permission_to_send(*, organisation: Organisation, dataset: Dataset, on: date) -> Permission:
    """May this organisation's data come in today, and under which clause."""
    terms = Terms.of(dataset)
    found = terms.weigh(list(terms.terms), organisation, on)
    return best(found, dataset=dataset.name, provider=organisation.name)


@dataclass(frozen=True)
class Reading:
    """Whose data an actor may read of a dataset, how finely, and what stands in the way."""

    organisations: tuple[Organisation, ...]
    detail: Detail | None
    clauses: tuple[str, ...]
    warnings: tuple[str, ...]
    refusals: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.organisations)

    def covers(self, asked: Detail) -> bool:
        return self.detail is not None and covers(self.detail, asked)


def reading(*, actor: Actor, dataset: Dataset, on: date) -> Reading:
    """The permission to read, provider by provider; detail is the finest common to all."""
    compiled = Terms.of(dataset)
    roles = {grant.role for grant in actor.grants} | {"public"}
    mine = [
        term
        for term in compiled.terms
        if term.recipient_role in roles or term.recipient_id in actor.organisations()
    ]
    providers = Organisation.objects.filter(
        Q(submissions__dataset=dataset, submissions__months__current=True)
    ).distinct()
    allowed, permissions, refusals = [], [], []
    for provider in providers.order_by("name", "pk"):
        permission = best(
            compiled.weigh(mine, provider, on), dataset=dataset.name, provider=provider.name
        )
        if permission:
            allowed.append(provider)
            permissions.append(permission)
        else:
            refusals.append(permission.sentence)
    detail = max((p.detail for p in permissions), key=FINENESS.index, default=None)
    return Reading(
        organisations=tuple(allowed),
        detail=detail,
        clauses=tuple(dict.fromkeys(p.clause for p in permissions)),
        warnings=tuple(dict.fromkeys(p.warning for p in permissions if p.warning)),
        refusals=tuple(refusals),
    )
