"""The audience rules that everything with audience, classification and purpose shares."""

from django.db.models import Q

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Rule
from frankpledge.access.enums import Role
from frankpledge.core.markings import Audience

CLAUSE = "Access rules, audience"


def for_the_public(actor: Actor) -> Q:
    return Q(audience=Audience.PUBLIC)


def for_the_partnership(actor: Actor) -> Q | bool:
    return Q(audience=Audience.PARTNERSHIP) if actor.in_partnership else False


def for_its_body(actor: Actor) -> Q | bool:
    bodies = actor.bodies()
    return Q(audience=Audience.BODY, audience_body__in=bodies) if bodies else False


def for_its_case(actor: Actor) -> Q | bool:
    panels = actor.bodies(Role.CASE_PANEL_MEMBER)
    return Q(audience=Audience.CASE, audience_body__in=panels) if panels else False


AUDIENCE_RULES = (
    Rule(for_the_public, "It has been published.", CLAUSE),
    Rule(for_the_partnership, "It is shown to the partnership, and you hold a post in it.", CLAUSE),
    Rule(for_its_body, "It is shown to one body, and you sit on that body.", CLAUSE),
    Rule(for_its_case, "You are named for this case.", CLAUSE),
)
