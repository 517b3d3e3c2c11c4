"""Keys of organisations' machines: who sees them, whom they stand for, what they sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, find, may, visible
from frankpledge.access.enums import Capability, Role
from frankpledge.core.registries import Grant
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import ApiKey, Dataset, Submission, Upload, WebhookCall
from frankpledge.sharing.queries.returns import covered, senders
from frankpledge.sharing.rules.machines import WARN_BEFORE, is_token_of, prefix_of

_NOBODYS = "0" * 64


def key_of(token: str) -> ApiKey | None:
    """The key of a token, whether or not it may still be used."""
    prefix = prefix_of(token)
    found = ApiKey.objects.filter(prefix=prefix).select_related("organisation").first()
    # The same work for a prefix nobody has, so that time does not tell which are in use.
    fits = is_token_of(token, found.digest if found and prefix else _NOBODYS)
    return found if fits else None


def actor_of(key: ApiKey, on: date) -> Actor:
    """Whom a key stands for, of its datasets alone: its organisation's sender, or where it reads
    answers anybody with a post of a partner there."""
    via = f"Key: {key.label} ({key.prefix}…)"
    role = Role.PARTNER if key.reads else Role.DATA_PROVIDER
    grant = Grant(role=role, organisation_id=key.organisation_id, via=via)
    usable = key.revoked_at is None and key.organisation.is_in_force(on)
    return Actor(
        user_id=str(key.pk),
        name=f"Machine of {key.organisation}"[:150],
        on=on,
        grants=frozenset({grant} if usable else ()),
        only=frozenset(key.datasets.values_list("pk", flat=True)),
    )


def acting_key(actor: Actor) -> ApiKey:
    """The key a machine's actor was made of."""
    return ApiKey.objects.select_related("organisation").get(pk=actor.user_id)


def webhook_secret(key: ApiKey) -> str:
    """Made of the installation's secret, so that it is nowhere kept."""
    return salted_hmac("frankpledge.webhook", str(key.pk), algorithm="sha256").hexdigest()


def keys(*, actor: Actor) -> QuerySet[ApiKey]:
    return visible(actor, Capability.VIEW, ApiKey).select_related("organisation", "made_by")


def find_key(*, actor: Actor, key: Any) -> ApiKey:
    found: ApiKey = find(
        actor,
        ApiKey,
        ApiKey.objects.select_related("organisation", "made_by", "replaces"),
        pk=key,
    )
    return found


def keepers(*, actor: Actor) -> QuerySet[Organisation]:
    """The organisations for which the actor may make keys, as an agreement names data of them."""
    kept = visible(actor, Capability.MANAGE_KEYS, Organisation).values("pk")
    return senders(actor=actor).filter(pk__in=kept).order_by("name", "pk")


def readers(*, actor: Actor) -> QuerySet[Organisation]:
    """The organisations for which the actor may make keys that read, whether or not they send."""
    kept = visible(actor, Capability.MANAGE_KEYS, Organisation)
    return kept.on(actor.on).order_by("name", "pk")


def find_organisation(*, actor: Actor, slug: str) -> Organisation:
    found: Organisation = find(actor, Organisation, slug=slug)
    return found


def sendable(*, actor: Actor, organisation: Organisation) -> QuerySet[Dataset]:
    return covered(actor=actor, organisations=[organisation])


def standing(key: ApiKey, today: date) -> tuple[str, str]:
    """In a word, and its colour."""
    if key.revoked_at is not None:
        return "Revoked", "red"
    if key.expires_on < today:
        return "Expired", "grey"
    if key.expires_on <= today + WARN_BEFORE:
        return "Expires soon", "yellow"
    return "In use", "green"


def readable(*, actor: Actor, organisation: Organisation) -> QuerySet[Dataset]:
    """The data that the organisation's partners may ask about, and the actor too."""
    grant = Grant(role=Role.PARTNER, organisation_id=organisation.pk)
    partner = Actor(user_id="key", name="", on=actor.on, grants=frozenset({grant}))
    theirs = visible(partner, Capability.ASK, Dataset).values("pk")
    return visible(actor, Capability.ASK, Dataset).filter(pk__in=theirs).order_by("name", "pk")


@dataclass(frozen=True)
class KeyPage:
    key: ApiKey
    datasets: list[Dataset]
    calls: list[WebhookCall]
    sent: list[Submission]
    may_manage: Decision
    standing: tuple[str, str]


def key_page(*, actor: Actor, key: Any, today: date) -> KeyPage:
    found = find_key(actor=actor, key=key)
    seen = visible(actor, Capability.VIEW, Submission)
    return KeyPage(
        key=found,
        datasets=list(found.datasets.order_by("name", "pk")),
        calls=list(found.calls.select_related("submission__organisation")[:20]),
        sent=list(
            seen.filter(pk__in=found.uploads.values("submission"))
            .select_related("dataset")
            .order_by("-sent_at", "pk")[:20]
        ),
        may_manage=may(actor, Capability.MANAGE_KEYS, found),
        standing=standing(found, today),
    )


def find_upload(*, actor: Actor, key: Any) -> Upload:
    found: Upload = find(
        actor,
        Upload,
        Upload.objects.select_related("dataset", "key__organisation", "submission"),
        pk=key,
    )
    return found


def rate() -> int:
    return int(settings.API_RATE)
