"""Making, replacing and revoking the keys of organisations' machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import ApiKey, Dataset
from frankpledge.sharing.queries.keys import readable, sendable
from frankpledge.sharing.rules.machines import OVERLAP, UnableToKey, check_expiry, new_key

_USED_AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class MadeKey:
    """A new key with its token, which nobody can read again."""

    key: ApiKey
    token: str


def make_key(
    *,
    actor: Actor,
    organisation: Organisation,
    once: UUID,
    label: str,
    datasets: Iterable[Dataset],
    expires_on: date,
    webhook_url: str,
    now: datetime,
    replaces: ApiKey | None = None,
    reads: bool = False,
) -> MadeKey:
    check_expiry(expires_on, actor.on)
    chosen = list(datasets)
    offered = readable if reads else sendable
    allowed = set(offered(actor=actor, organisation=organisation).values_list("pk", flat=True))
    if not chosen or not {each.pk for each in chosen} <= allowed:
        raise UnableToKey("Choose data that an agreement in force names for this organisation.")
    with change(
        actor=actor, capability=Capability.MANAGE_KEYS, record=organisation, now=now
    ) as audit:
        if ApiKey.objects.filter(pk=once).exists():
            raise UnableToKey("This key was made already and was shown once. Revoke it if unseen.")
        made = new_key()
        key = ApiKey.objects.create(
            pk=once,
            organisation=organisation,
            label=label,
            prefix=made.prefix,
            digest=made.digest,
            made_by_id=actor.user_id,
            expires_on=expires_on,
            webhook_url=webhook_url,
            replaces=replaces,
            reads=reads,
        )
        key.datasets.set(chosen)
        audit.note(
            f"Made the key {key} to {'read' if reads else 'send'} "
            f"{', '.join(str(each) for each in chosen)}, until "
            f"{expires_on:%-d %B %Y}" + (f", in place of {replaces.prefix}…." if replaces else "."),
            record=key,
            concerns=(organisation,),
        )
    return MadeKey(key, made.token)


def rotate(*, actor: Actor, key: ApiKey, once: UUID, expires_on: date, now: datetime) -> MadeKey:
    """A new key for the same; the old one works on for a while, so that nothing stops."""
    with change(actor=actor, capability=Capability.MANAGE_KEYS, record=key, now=now) as audit:
        locked = _locked(key)
        if locked.revoked_at is not None:
            raise UnableToKey("This key was revoked. Make another one instead.")
        made = make_key(
            actor=actor,
            organisation=locked.organisation,
            once=once,
            label=locked.label,
            datasets=locked.datasets.all(),
            expires_on=expires_on,
            webhook_url=locked.webhook_url,
            now=now,
            replaces=locked,
            reads=locked.reads,
        )
        locked.expires_on = min(locked.expires_on, actor.on + OVERLAP)
        locked.save()
        audit.note(
            f"The key {locked} ends on {locked.expires_on:%-d %B %Y}.",
            record=locked,
            concerns=(locked.organisation,),
        )
    return made


def revoke(*, actor: Actor, key: ApiKey, now: datetime) -> None:
    with change(actor=actor, capability=Capability.MANAGE_KEYS, record=key, now=now) as audit:
        locked = _locked(key)
        if locked.revoked_at is None:
            locked.revoked_at = now
            locked.save()
        audit.note(f"Revoked the key {locked}.", record=locked, concerns=(locked.organisation,))


def change_webhook(*, actor: Actor, key: ApiKey, webhook_url: str, now: datetime) -> None:
    with change(actor=actor, capability=Capability.MANAGE_KEYS, record=key, now=now) as audit:
        locked = _locked(key)
        locked.webhook_url = webhook_url
        locked.save()
        told = f"are told to {webhook_url}" if webhook_url else "are told to nobody"
        audit.note(
            f"Results of the key {locked} {told}.", record=locked, concerns=(locked.organisation,)
        )


def note_used(*, key: ApiKey, now: datetime) -> None:
    """Once a minute at most, and without a line of history."""
    long_ago = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USED_AT_MOST_EVERY)
    if key.last_used_at is None or key.last_used_at < now - _USED_AT_MOST_EVERY:
        ApiKey.objects.filter(long_ago, pk=key.pk).update(last_used_at=now)


def _locked(key: ApiKey) -> ApiKey:
    return (
        ApiKey.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=key.pk)
    )
