"""Making agreements from a register that was kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Body
from frankpledge.sharing.actions.agreements import create_agreement, draft_version, write_register
from frankpledge.sharing.actions.signing import note_paper_signature
from frankpledge.sharing.models import SharingAgreement
from frankpledge.sharing.queries.register_file import Entry


def import_register(
    *, actor: Actor, entries: Iterable[Entry], owner: Body, today: date, now: datetime
) -> list[SharingAgreement]:
    """An agreement with a draft and its paper signatures for each entry: all of them or none."""
    made = []
    with change(
        actor=actor, capability=Capability.DRAFT_SHARING_AGREEMENT, record=SITE, now=now
    ) as audit:
        for entry in entries:
            agreement = create_agreement(
                actor=actor,
                fields={
                    "title": entry.title,
                    "slug": entry.slug,
                    "purpose_text": entry.purpose,
                    "owner": owner,
                },
                parties=entry.parties,
                now=now,
            )
            version = draft_version(
                actor=actor, agreement=agreement, number=entry.version, what_changed="", now=now
            )
            write_register(
                actor=actor,
                version=version,
                fields={"effective_from": entry.effective, "review_on": entry.review},
                now=now,
            )
            for signed in entry.signed:
                note_paper_signature(
                    actor=actor,
                    version=version,
                    post=signed.post,
                    signed_on=signed.on,
                    today=today,
                    now=now,
                )
            made.append(agreement)
        audit.note(f"Took {len(made)} agreements over from a register.", record=None)
    return made
