"""Terms compiled to permission: who may send what, who may read whose, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Basis, Detail, VersionState
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
        .select_related("clause", "version__agreement", "dataset", "recipient")
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


def terms_giving(*, roles: Iterable[str], organisations: Iterable[Any], on: date) -> QuerySet[Term]:
    """`weigh` as a query: the terms that give these readers data on a day.

    For a subquery over rows that have a dataset and the organisation that provides it.
    """
    signed = Signature.objects.filter(
        version=OuterRef("version"),
        organisation=OuterRef(OuterRef("organisation")),
        revoked_on__isnull=True,
    )
    lasts = Q(expires_on__isnull=True) | Q(expires_on__gte=on)
    return Term.objects.filter(
        Q(provider__isnull=True) | Q(provider=OuterRef("organisation")),
        Q(recipient_role__in=list(roles)) | Q(recipient__in=list(organisations)),
        Q(basis=Basis.DUTY) | (lasts & Q(Exists(signed))),
        dataset=OuterRef("dataset"),
        version__state=VersionState.IN_FORCE,
    )


@dataclass(frozen=True)
class Recipients:
    """Whom the terms give a dataset today, and the clauses that say so."""

    roles: frozenset[str]
    organisations: tuple[str, ...]
    clauses: tuple[str, ...]


def recipients(
    *, dataset: Dataset, providers: Iterable[Organisation], detail: Detail, on: date
) -> Recipients:
    """Those who may read all of these providers' data as finely as this."""
    compiled, wanted = Terms.of(dataset), list(providers)
    shared: dict[tuple[str, str], list[Term]] = {}
    for term in compiled.terms:
        name = term.recipient.name if term.recipient else ""
        shared.setdefault((term.recipient_role, name), []).append(term)

    def reads(terms: list[Term], provider: Organisation) -> bool:
        found = compiled.weigh(terms, provider, on)
        return any(p and p.detail is not None and covers(p.detail, detail) for p in found)

    given = {
        recipient: terms
        for recipient, terms in shared.items()
        if all(reads(terms, provider) for provider in wanted)
    }
    return Recipients(
        roles=frozenset(role for role, _ in given if role),
        organisations=tuple(sorted(name for _, name in given if name)),
        clauses=tuple(
            dict.fromkeys(f"clause {t.clause.number}" for terms in given.values() for t in terms)
        ),
    )
