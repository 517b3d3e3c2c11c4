"""Who a command line question is asked as."""

from __future__ import annotations

from datetime import date

from frankpledge.access.actors import Actor, actor_for, console, public
from frankpledge.access.models import User


class NoSuchActor(Exception):
    """No account has that address."""


def actor_named(email: str, *, on: date) -> Actor:
    """The county team on the console without a name; `public` for nobody in particular."""
    if not email:
        return console(on)
    if email == "public":
        return public(on)
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise NoSuchActor(f"There is no account {email}. Leave --as out to ask as the county team.")
    return actor_for(user, on)
