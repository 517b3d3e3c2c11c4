"""Asking an owner for data, and the owner's decision."""

from __future__ import annotations

from datetime import date, datetime

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability, Role
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Basis
from frankpledge.sharing.models import AgreementVersion, Clause, DataRequest, Dataset, Term
from frankpledge.sharing.queries.requests import clauses, provides
from frankpledge.sharing.rules.requests import UnableToRequest, check_period


def ask_for_data(
    *,
    actor: Actor,
    dataset: Dataset,
    provider: Organisation,
    recipient: Organisation,
    purpose: str,
    reason: str,
    detail: str,
    starts_on: date,
    expires_on: date,
    now: datetime,
) -> DataRequest:
    check_period(starts_on=starts_on, expires_on=expires_on, today=actor.on)
    if recipient.pk not in actor.organisations(Role.PARTNER) or recipient.pk == provider.pk:
        raise UnableToRequest("Ask for an organisation in which you hold a post.")
    if not provides(dataset).filter(pk=provider.pk).exists():
        raise UnableToRequest(f"{provider} does not provide “{dataset}”. Choose who does.")
    with change(actor=actor, capability=Capability.REQUEST_DATA, record=SITE, now=now) as audit:
        made = DataRequest.objects.create(
            dataset=dataset,
            provider=provider,
            recipient=recipient,
            asked_by_id=actor.user_id,
            asked_at=now,
            purpose=purpose,
            reason=reason,
            detail=detail,
            starts_on=starts_on,
            expires_on=expires_on,
        )
        audit.note(
            f"Asked {provider} for {dataset}, {made.get_detail_display().lower()}, until "
            f"{expires_on:%-d %B %Y}: {purpose}",
            record=made,
            concerns=(provider, recipient),
        )
    return made


def decide_request(
    *,
    actor: Actor,
    request: DataRequest,
    granted: bool,
    why: str,
    clause: Clause | None,
    now: datetime,
) -> DataRequest:
    """Refuse, or grant: a term of the version in force that is not of its signed words but is
    kept with the request. It rests on a power, so signatures and its last day end it."""
    with change(
        actor=actor, capability=Capability.DECIDE_DATA_REQUEST, record=request, now=now
    ) as audit:
        locked = (
            DataRequest.objects.select_for_update(of=("self",))
            .select_related("dataset", "provider", "recipient")
            .get(pk=request.pk)
        )
        if locked.granted is not None:
            raise UnableToRequest("Somebody has decided it already. Open the request again.")
        if granted:
            check_period(starts_on=locked.starts_on, expires_on=locked.expires_on, today=actor.on)
            locked.term = _term(locked, clause)
        locked.granted, locked.decision = granted, why
        locked.decided_by_id, locked.decided_at = actor.user_id, now
        locked.save()
        rests = f", under {locked.term.clause}" if locked.term else ""
        audit.note(
            f"{'Granted' if granted else 'Refused'} {locked.recipient} {locked.dataset}{rests}: "
            f"{why}",
            record=locked,
            concerns=(locked.provider, locked.recipient),
        )
    return locked


def _term(request: DataRequest, clause: Clause | None) -> Term:
    if clause is None:
        raise UnableToRequest("Choose the clause that the grant rests on.")
    # Locked, so that no other version comes into force while this one gets a term.
    AgreementVersion.objects.select_for_update(of=("self",)).get(pk=clause.version_id)
    found = clauses(request).filter(pk=clause.pk).first()
    if found is None:
        raise UnableToRequest("This clause is not in force between you both. Choose another.")
    return Term.objects.create(
        version=found.version,
        clause=found,
        dataset=request.dataset,
        provider=request.provider,
        recipient=request.recipient,
        purpose=request.purpose,
        detail=request.detail,
        basis=Basis.POWER,
        starts_on=request.starts_on,
        expires_on=request.expires_on,
    )
