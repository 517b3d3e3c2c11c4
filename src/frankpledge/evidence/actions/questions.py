"""Saving a question, and asking to be told when something changes.

What somebody asks is their own: the trail tells it to them, and to the body it is shared with.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.evidence.enums import TellWhen
from frankpledge.evidence.models import SavedQuestion, Subscription
from frankpledge.evidence.queries.asking import dataset_named
from frankpledge.evidence.queries.saved import bodies_to_share_with
from frankpledge.evidence.rules import Question
from frankpledge.partnership.models import Body


class UnableToKeep(Exception):
    """The question cannot be kept or shared so."""


def save_question(
    *, actor: Actor, question: Question, name: str, moves: bool, now: datetime
) -> SavedQuestion:
    """Keep the question, never its figures. Raises what the explorer raises for its dataset."""
    with change(actor=actor, capability=Capability.KEEP_QUESTION, record=SITE, now=now) as audit:
        saved = SavedQuestion.objects.create(
            owner_id=actor.user_id,
            name=name,
            dataset=dataset_named(actor=actor, slug=question.dataset),
            question=question.as_dict(),
            moves=moves,
        )
        audit.note(f"Saved the question “{saved}”.", record=saved, restricted=True)
    return saved


def change_question(
    *,
    actor: Actor,
    saved: SavedQuestion,
    name: str,
    moves: bool,
    body: Body | None,
    now: datetime,
) -> None:
    """Rename it, let it move, and say whose seats see it."""
    with change(actor=actor, capability=Capability.KEEP_QUESTION, record=saved, now=now) as audit:
        locked = SavedQuestion.objects.select_for_update(of=("self",)).get(pk=saved.pk)
        may_share = bodies_to_share_with(actor=actor)
        if body and body.pk != locked.body_id and not may_share.filter(pk=body.pk).exists():
            raise UnableToKeep(f"You have no seat on {body}. Choose a body on which you sit.")
        locked.name, locked.moves, locked.body = name, moves, body
        locked.save()
        shared = f", shared with {body}" if body else ""
        audit.note(
            f"Changed the question “{locked}”{shared}.",
            record=locked,
            concerns=(body,) if body else (),
            restricted=True,
        )


def delete_question(*, actor: Actor, saved: SavedQuestion, now: datetime) -> None:
    """With it goes what anybody was to be told of it."""
    with change(actor=actor, capability=Capability.KEEP_QUESTION, record=saved, now=now) as audit:
        audit.note(f"Deleted the question “{saved}”.", record=saved, restricted=True)
        saved.delete()


def subscribe(
    *,
    actor: Actor,
    saved: SavedQuestion,
    when: str,
    number: int | None,
    known: str,
    site: str,
    now: datetime,
) -> Subscription:
    """Tell this reader from the next data on; `known` is the version that they have read."""
    with change(actor=actor, capability=Capability.SUBSCRIBE, record=saved, now=now) as audit:
        kept, _ = Subscription.objects.update_or_create(
            question=saved,
            reader_id=actor.user_id,
            when=when,
            defaults={
                "number": number if when == TellWhen.ABOVE else None,
                "known": known,
                "site": site,
            },
        )
        audit.note(f"Is told by e-mail: {kept}.", record=saved, restricted=True)
    return kept


def unsubscribe(*, actor: Actor, subscription: Subscription, now: datetime) -> None:
    with change(
        actor=actor, capability=Capability.SUBSCRIBE, record=subscription, now=now
    ) as audit:
        audit.note(
            f"Is told no more: {subscription}.", record=subscription.question, restricted=True
        )
        subscription.delete()


def unsubscribe_by_link(*, pk: Any) -> bool:
    """The link in an e-mail stands for its reader, who need not sign in to be left alone."""
    gone, _ = Subscription.objects.filter(pk=pk).delete()
    return bool(gone)
