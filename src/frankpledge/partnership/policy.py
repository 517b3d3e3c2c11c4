"""Who may see and change organisations, bodies, seats, plans, legislation and areas."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import (
    SITE,
    Condition,
    Policy,
    Rule,
    everyone,
    holds,
    in_partnership,
    register_policy,
)
from frankpledge.access.enums import Capability, Role
from frankpledge.core.kinds import register_kind
from frankpledge.core.markings import Audience
from frankpledge.core.models import Area
from frankpledge.partnership.models import (
    Body,
    Holding,
    Legislation,
    LinkedPlan,
    Office,
    Organisation,
    Post,
    Seat,
    Succession,
)
from frankpledge.partnership.rules import RESERVED_ROLES
from frankpledge.partnership.shown import for_the_partnership, for_the_public

AUDIENCE = "Access rules, audience"
UPKEEP = "Access rules, keeping the partnership's records"

# Who may see


def _that_i_sit_on(actor: Actor) -> Q | bool:
    mine = actor.bodies()
    return Q(pk__in=mine) if mine else False


def _shown_to_one_body(*roles: Role) -> Condition:
    """A body shown to itself alone; a case's panel is never among them."""
    return lambda actor: Q(audience=Audience.BODY) if actor.holds(*roles) else False


BODY_RULES = (
    Rule(for_the_public, "It has been published.", AUDIENCE),
    Rule(for_the_partnership, "It is shown to the partnership, and you hold a post.", AUDIENCE),
    Rule(_that_i_sit_on, "You sit on this body.", AUDIENCE),
    Rule(
        _shown_to_one_body(Role.COUNTY_TEAM, Role.ADMINISTRATOR),
        "The county team and administrators keep every body's seats, a case's panel excepted.",
        UPKEEP,
    ),
)


def _as_its_body(condition: Condition) -> Condition:
    """The same condition, asked of the body that a seat or office is on."""

    def of_the_body(actor: Actor) -> Q | bool:
        asked = condition(actor)
        if isinstance(asked, bool):
            return asked
        return Q(Exists(Body.objects.filter(asked, pk=OuterRef("body"))))

    return of_the_body


_AS_ITS_BODY = tuple(Rule(_as_its_body(rule.when), rule.reason, rule.clause) for rule in BODY_RULES)


def _on_a_published_body(actor: Actor) -> Q:
    public = {"body__audience": Audience.PUBLIC, "post": OuterRef("pk")}
    return Q(Exists(Seat.objects.filter(**public))) | Q(Exists(Office.objects.filter(**public)))


def _my_own(actor: Actor) -> Q | bool:
    account = bool(actor.user_id) and actor.user_id != "console"
    return Q(holder=actor.user_id) if account else False


_EVERYONE = Rule(everyone, "It is public: who does what, and where, is no secret.", AUDIENCE)
_IN_PARTNERSHIP = Rule(in_partnership, "You hold a post in the partnership.", AUDIENCE)
_SHOWN = (
    *BODY_RULES[:2],
    Rule(holds(Role.COUNTY_TEAM), "The county team keeps the registers.", UPKEEP),
)
_SEES: dict[type[Model], tuple[tuple[Rule, ...], str]] = {
    Area: ((_EVERYONE,), "Areas are public."),
    Organisation: ((_EVERYONE,), "Organisations are public."),
    Succession: ((_EVERYONE,), "Organisations are public."),
    Body: (BODY_RULES, "A body that is not published is seen by those it is shown to."),
    Seat: (_AS_ITS_BODY, "A seat is seen by those who see its body."),
    Office: (_AS_ITS_BODY, "An office is seen by those who see its body."),
    Post: (
        (
            _IN_PARTNERSHIP,
            Rule(_on_a_published_body, "The post sits on a published body.", AUDIENCE),
        ),
        "Posts are seen by the partnership, and by all where they sit on a published body.",
    ),
    Holding: (
        (_IN_PARTNERSHIP, Rule(_my_own, "It is your own post.", AUDIENCE)),
        "Who holds a post is seen by the partnership alone.",
    ),
    LinkedPlan: (_SHOWN, "A plan that is not published is seen by the partnership."),
    Legislation: (_SHOWN, "An entry that is not published is seen by the partnership."),
}
for _model, (_rules, _otherwise) in _SEES.items():
    register_policy(_model, Capability.VIEW, Policy(_rules, otherwise=_otherwise))

# Who may change

_COUNTY_TEAM = Rule(
    holds(Role.COUNTY_TEAM), "The county team keeps the partnership's records.", UPKEEP
)
_ADMINISTRATOR = Rule(
    holds(Role.ADMINISTRATOR), "Administrators keep accounts, seats and areas.", UPKEEP
)
_EDIT = Policy(
    (_COUNTY_TEAM,),
    otherwise="Only the county team changes organisations, bodies, plans and legislation.",
)
for _edited in (SITE, Organisation, Succession, Body, LinkedPlan, Legislation):
    register_policy(_edited, Capability.EDIT_PARTNERSHIP, _EDIT)

_SEATS = Policy(
    (_COUNTY_TEAM, _ADMINISTRATOR),
    otherwise="Only the county team and administrators fill and end seats, offices and posts.",
)
for _seated in (Organisation, Body, Seat, Office):
    register_policy(_seated, Capability.MANAGE_SEATS, _SEATS)


def _gives_roles(actor: Actor) -> Q | bool:
    """A post whose holder gives roles to others; administrators alone touch it."""
    return False if actor.holds(Role.ADMINISTRATOR) else Q(role__in=RESERVED_ROLES)


def _of_a_post_that_gives_roles(actor: Actor) -> Q | bool:
    asked = _gives_roles(actor)
    if isinstance(asked, bool):
        return asked
    return Q(Exists(Post.objects.filter(asked, pk=OuterRef("post"))))


for _posted, _reserved in ((Post, _gives_roles), (Holding, _of_a_post_that_gives_roles)):
    register_policy(
        _posted,
        Capability.MANAGE_SEATS,
        Policy(
            (
                Rule(
                    _reserved,
                    "Only an administrator changes, fills or ends a post that gives roles.",
                    UPKEEP,
                    allow=False,
                ),
                *_SEATS.rules,
            ),
            otherwise=_SEATS.otherwise,
        ),
    )

register_policy(
    SITE,
    Capability.GIVE_RESERVED_ROLES,
    Policy(
        (_ADMINISTRATOR,),
        otherwise="Only an administrator gives the role of the county team or an administrator.",
        ask="Ask an administrator.",
    ),
)
register_policy(
    SITE,
    Capability.LOAD_AREAS,
    Policy(
        (_COUNTY_TEAM, _ADMINISTRATOR),
        otherwise="Only the county team and administrators load areas.",
    ),
)

# Where each kind has its page


def _page(name: str, *fields: str) -> Callable[[Any], str]:
    def url(record: Any) -> str:
        values = []
        for field in fields:
            value = record
            for part in field.split("."):
                value = getattr(value, part)
            values.append(value)
        return reverse(name, args=values)

    return url


register_kind("area", Area, "Area", _page("area", "code"))
register_kind("organisation", Organisation, "Organisation", _page("organisation", "slug"))
register_kind("succession", Succession, "Succession", _page("organisation", "after.slug"))
register_kind("body", Body, "Body", _page("body", "slug"))
register_kind("seat", Seat, "Seat", _page("body", "body.slug"))
register_kind("office", Office, "Office", _page("body", "body.slug"))
register_kind("post", Post, "Post", _page("post", "pk"))
register_kind("holding", Holding, "Holder of a post", _page("post", "post.pk"))
register_kind("linked-plan", LinkedPlan, "Linked plan", _page("linked-plan", "pk"))
register_kind("legislation", Legislation, "Legislation", _page("legislation-entry", "pk"))
