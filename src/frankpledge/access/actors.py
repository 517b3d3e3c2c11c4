"""Who is asking, and what they hold on the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from frankpledge.access.enums import Role
from frankpledge.core.registries import Grant, grants_of


@dataclass(frozen=True)
class Actor:
    """A person with what they hold on one day. The public is an actor without grants.

    A machine asks as its organisation does, of nothing `only` does not name; it is no account.
    """

    user_id: str
    name: str
    on: date
    grants: frozenset[Grant]
    only: frozenset[Any] | None = None

    @property
    def is_public(self) -> bool:
        return not self.user_id

    @property
    def is_machine(self) -> bool:
        return self.only is not None

    def holds(self, *roles: Role) -> bool:
        return any(grant.role in roles for grant in self.grants)

    def organisations(self, *roles: Role) -> frozenset[Any]:
        """The organisations for which a role is held (any role when none is named)."""
        return frozenset(
            grant.organisation_id
            for grant in self.grants
            if grant.organisation_id is not None and (not roles or grant.role in roles)
        )

    def bodies(self, *roles: Role) -> frozenset[Any]:
        """The bodies on which a role is held (any role when none is named)."""
        return frozenset(
            grant.body_id
            for grant in self.grants
            if grant.body_id is not None and (not roles or grant.role in roles)
        )

    @property
    def in_partnership(self) -> bool:
        """Holds any seat or post at all, and so reads what is shown to the partnership."""
        return any(grant.role != Role.ADMINISTRATOR for grant in self.grants)

    @property
    def posts(self) -> str:
        """The posts held, in few words: who this is to the reader of a page."""
        return "; ".join(
            sorted(
                {g.via.removeprefix("Post: ") for g in self.grants if g.via.startswith("Post: ")}
            )
        )

    @property
    def via(self) -> str:
        return "; ".join(sorted({grant.via for grant in self.grants if grant.via}))


def public(on: date) -> Actor:
    return Actor(user_id="", name="The public", on=on, grants=frozenset())


def actor_for(user: Any, on: date) -> Actor:
    """The actor a signed-in (or anonymous) user is on a day."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return public(on)
    return Actor(user_id=str(user.pk), name=user.name, on=on, grants=grants_of(user, on))


def console(on: date) -> Actor:
    """Whoever works at the server's own command line: county team and administrator."""
    via = "The server's command line"
    grants = {Grant(role=Role.COUNTY_TEAM, via=via), Grant(role=Role.ADMINISTRATOR, via=via)}
    return Actor(user_id="console", name="Command line", on=on, grants=frozenset(grants))
