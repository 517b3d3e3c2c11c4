"""Who signs an agreement for an organisation, and what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Decision, find, may
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Holding, Organisation, Post
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    Liaison,
    SharingAgreement,
    Signature,
)
from frankpledge.sharing.queries.wording import wording
from frankpledge.sharing.rules.wording import Change, changes


@dataclass(frozen=True)
class WayToSign:
    """A post the actor holds, and the post that delegated signing to it."""

    post: Post
    on_behalf_of: Post | None = None

    @property
    def keys(self) -> tuple[Any, Any]:
        return (self.post.pk, self.on_behalf_of.pk if self.on_behalf_of else None)

    @property
    def value(self) -> str:
        return ":".join(str(key) for key in self.keys if key)

    @property
    def label(self) -> str:
        if self.on_behalf_of is None:
            return self.post.title
        return f"{self.post.title}, on behalf of {self.on_behalf_of.title}"


def ways_to_sign(
    *, actor: Actor, agreement: SharingAgreement, organisation: Organisation
) -> list[WayToSign]:
    """The signing posts that the actor holds; as liaison officer, on behalf of each of them."""
    held = set(
        Holding.objects.on(actor.on)
        .filter(holder=actor.user_id, post__organisation=organisation)
        .values_list("post", flat=True)
    )
    if not held:
        return []
    liaisons = _liaisons(agreement, organisation, actor.on)
    signing = [each.post for each in liaisons if each.may_sign]
    ways = [WayToSign(post) for post in signing if post.pk in held]
    for liaison in liaisons:
        if not liaison.may_sign and liaison.post_id in held:
            ways += [WayToSign(liaison.post, post) for post in signing]
    return ways


def _liaisons(agreement: SharingAgreement, organisation: Organisation, on: date) -> list[Liaison]:
    found = Liaison.objects.on(on).filter(agreement=agreement, organisation=organisation)
    return list(found.select_related("post__organisation").order_by("post__title", "pk"))


def who_signs(*, agreement: SharingAgreement, organisation: Organisation, on: date) -> str:
    """The sentence for those who do not."""
    keeper = str(agreement.keeper) if agreement.keeper else "the county team"
    posts = [e.post.title for e in _liaisons(agreement, organisation, on) if e.may_sign]
    if not posts:
        return f"No post has been named to sign for {organisation}. Ask {keeper} to name one."
    named = " or ".join(posts)
    return (
        f"{named} signs for {organisation}, or its liaison officer on that behalf. "
        f"Ask {keeper} if that is wrong."
    )


def signing_decision(
    *, actor: Actor, agreement: SharingAgreement, organisation: Organisation
) -> Decision:
    """May this actor sign for the organisation, or take its signature back?"""
    allowed = may(actor, Capability.SIGN_SHARING_AGREEMENT, organisation)
    if not allowed or ways_to_sign(actor=actor, agreement=agreement, organisation=organisation):
        return allowed
    reason = who_signs(agreement=agreement, organisation=organisation, on=actor.on)
    return Decision(Capability.SIGN_SHARING_AGREEMENT, False, reason)


def find_signature(*, actor: Actor, slug: str, key: Any) -> Signature:
    """A signature of an agreement that the actor sees, or 404."""
    agreement = find(actor, SharingAgreement, slug=slug)
    found: Signature = find(
        actor,
        Signature,
        Signature.objects.select_related(
            "organisation", "post__organisation", "on_behalf_of", "version__agreement__owner"
        ),
        pk=key,
        version__agreement=agreement,
    )
    if found.version.state == VersionState.DRAFT:
        raise Http404
    return found


def last_signed(
    *, agreement: SharingAgreement, organisation: Organisation
) -> AgreementVersion | None:
    """The version an organisation signed last, taken back or not."""
    signature = (
        Signature.objects.filter(version__agreement=agreement, organisation=organisation)
        .exclude(text_digest="")
        .select_related("version__agreement")
        .order_by("-signed_on", "-created_at", "pk")
        .first()
    )
    return signature.version if signature else None


@dataclass(frozen=True)
class SinceSigned:
    """What is different from the version an organisation signed last."""

    before: AgreementVersion | None
    changes: Sequence[Change]


def since_signed(*, version: AgreementVersion, organisation: Organisation) -> SinceSigned:
    before = last_signed(agreement=version.agreement, organisation=organisation)
    if before is None or before.pk == version.pk:
        return SinceSigned(before, [])
    return SinceSigned(before, changes(wording(before), wording(version)))
