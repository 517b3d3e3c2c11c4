"""From the names that people type at the command line to records."""

from __future__ import annotations

from django.db.models import Q

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.returns import covered, senders


class NoSuchName(Exception):
    """A name leads to no record, or to more than one; the sentence lists what there is."""


def organisation_named(*, actor: Actor, name: str) -> Organisation:
    """By short name (slug), or by its full or abbreviated name."""
    seen = visible(actor, Capability.VIEW, Organisation)
    found = list(seen.filter(slug=name)) or list(
        seen.filter(Q(name__iexact=name) | Q(short_name__iexact=name))
    )
    if len(found) == 1:
        return found[0]
    known = ", ".join(senders(actor=actor).values_list("slug", flat=True))
    raise NoSuchName(
        f"No organisation is called {name}. "
        + (f"These send data: {known}." if known else "No agreement in force names a sender.")
    )


def dataset_named(*, actor: Actor, name: str, organisation: Organisation) -> Dataset:
    """By short name, or by contract where the organisation sends only one dataset of it."""
    dataset = visible(actor, Capability.VIEW, Dataset).filter(slug=name).first()
    if dataset is not None:
        return dataset
    sent = covered(actor=actor, organisations=[organisation])
    found = list(sent.filter(contract=name))
    if len(found) == 1:
        return found[0]
    listed = ", ".join(each.slug for each in (found or sent))
    if found:
        raise NoSuchName(
            f"{organisation} sends more than one dataset of the contract {name}. "
            f"Name one of these instead: {listed}."
        )
    raise NoSuchName(
        f"{organisation} sends nothing called {name}. "
        + (f"It sends: {listed}." if listed else "No agreement in force names data it sends.")
    )
