"""Whom a machine's key stands for, and how often it may ask."""

from datetime import date, datetime

from django.conf import settings

from frankpledge.access.actors import Actor
from frankpledge.access.machines import no_key, register_keys
from frankpledge.access.problems import Problem
from frankpledge.sharing.actions.keys import note_used
from frankpledge.sharing.limits import seconds_to_wait
from frankpledge.sharing.queries.keys import actor_of, key_of, rate


@register_keys
def machine_of(token: str, on: date, now: datetime, reads: bool) -> Actor:
    key = key_of(token)
    if key is None:
        raise no_key()
    if key.revoked_at is not None:
        raise no_key("This key was revoked.", "Ask your data provider or the county team for one.")
    if key.expires_on < on:
        raise no_key(
            f"This key expired on {key.expires_on:%-d %B %Y}.",
            "Your data provider or the county team makes another one.",
        )
    if key.reads is not reads:
        made_for = "reads answers" if key.reads else "sends data"
        raise no_key(f"This key {made_for} and does nothing else.", "Make another key for this.")
    wait = seconds_to_wait(settings.STORE, key.prefix, a_minute=rate(), now=now)
    if wait:
        raise Problem(
            429,
            "This key has asked too often.",
            f"Ask again in {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )
    note_used(key=key, now=now)
    return actor_of(key, on)
