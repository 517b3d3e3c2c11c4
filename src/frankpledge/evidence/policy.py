"""Who may see and keep Findings, emerging issues and saved questions."""

from typing import Any

from django.db.models import Q

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import (
    SITE,
    Policy,
    Rule,
    holds,
    in_partnership,
    register_policy,
)
from frankpledge.access.enums import Capability, Role
from frankpledge.evidence.models import Finding, SavedQuestion, Signal, Subscription, Watch
from frankpledge.evidence.queries.signals import own_areas, unlike_an_answer
from frankpledge.evidence.queries.terms import beyond_the_terms
from frankpledge.partnership.shown import AUDIENCE_RULES

CLAUSE = "Access rules, evidence"


def _mine(actor: Actor) -> Q | bool:
    """What somebody saved themselves, whoever else it is shown to."""
    accounts = bool(actor.user_id) and actor.user_id != "console"
    return Q(saved_by=actor.user_id) if accounts else False


register_policy(
    Finding,
    Capability.VIEW,
    Policy(
        (
            Rule(_mine, "You saved it.", CLAUSE),
            Rule(
                beyond_the_terms,
                "It rests on data that no agreement gives you today.",
                "Access rules, agreements",
                allow=False,
            ),
            *AUDIENCE_RULES,
        ),
        otherwise="It is shown to another audience.",
    ),
)
_KEEPERS = (
    Rule(
        holds(Role.COUNTY_TEAM, Role.ANALYST, Role.DISTRICT_OFFICER),
        "Analysts, district officers and the county team keep the evidence.",
        CLAUSE,
    ),
    Rule(
        holds(Role.DATA_PROVIDER, Role.PARTNER),
        "Partners bring in their own evidence.",
        CLAUSE,
    ),
)
register_policy(
    SITE,
    Capability.SEE_AUDIENCES,
    Policy(
        (
            Rule(
                holds(Role.COUNTY_TEAM, Role.ANALYST),
                "Analysts and the county team answer for what others are shown.",
                CLAUSE,
            ),
        ),
        otherwise="Only analysts and the county team compare what others are shown.",
    ),
)
register_policy(
    SITE,
    Capability.SAVE_FINDING,
    Policy(_KEEPERS, otherwise="Only people with a post in the partnership keep Findings."),
)
register_policy(
    Finding,
    Capability.SAVE_FINDING,
    Policy(
        (
            Rule(_mine, "You saved it.", CLAUSE),
            Rule(holds(Role.COUNTY_TEAM), "The county team looks after the evidence.", CLAUSE),
        ),
        otherwise="Only the person who saved it and the county team can change it.",
    ),
)


# What stands out is seen by those whom the explorer would give the same figures today.

for _model, _of in ((Watch, ""), (Signal, "watch__")):
    register_policy(
        _model,
        Capability.VIEW,
        Policy(
            (
                Rule(
                    lambda actor: actor.is_machine or not actor.in_partnership,
                    "Emerging issues are shown to the partnership.",
                    CLAUSE,
                    allow=False,
                ),
                Rule(
                    lambda actor, of=_of: unlike_an_answer(actor, of=of),
                    "It rests on other data than the explorer would read for you today.",
                    "Access rules, agreements",
                    allow=False,
                ),
                Rule(in_partnership, "The explorer would give you the same figures.", CLAUSE),
            ),
            otherwise="Emerging issues are shown to the partnership.",
        ),
    )


def _of_ones_district(actor: Actor) -> Q | bool:
    if not actor.bodies(Role.DISTRICT_OFFICER):
        return False
    return Q(area__in=own_areas(actor, Role.DISTRICT_OFFICER))


register_policy(
    Signal,
    Capability.SETTLE_SIGNAL,
    Policy(
        (
            Rule(
                holds(Role.ANALYST, Role.COUNTY_TEAM),
                "Analysts and the county team look into what stands out.",
                CLAUSE,
            ),
            Rule(_of_ones_district, "It is in your district.", CLAUSE),
        ),
        otherwise="Analysts, the county team and the district’s officer settle it.",
    ),
)


register_policy(
    SITE,
    Capability.LOAD_WEIGHTS,
    Policy(
        (Rule(holds(Role.ANALYST, Role.COUNTY_TEAM), "They choose how harm is weighed.", CLAUSE),),
        otherwise="Analysts and the county team load tables of weights.",
    ),
)


# Saved questions


def _has_a_post(actor: Actor) -> bool:
    return actor.in_partnership and actor.user_id != "console" and not actor.is_machine


def _owned(field: str) -> Any:
    return lambda actor: Q(**{field: actor.user_id}) if _has_a_post(actor) else False


def _shared_with_a_seat(actor: Actor) -> Q | bool:
    bodies = actor.bodies()
    return Q(body__in=bodies) if bodies and _has_a_post(actor) else False


_MY_QUESTION = Rule(_owned("owner"), "You saved it.", CLAUSE)
_SHARED = Rule(_shared_with_a_seat, "It is shared with a body on which you sit.", CLAUSE)
register_policy(
    SITE,
    Capability.KEEP_QUESTION,
    Policy(
        (Rule(_has_a_post, "You hold a post in the partnership.", CLAUSE),),
        otherwise="Only people with a post in the partnership save questions.",
    ),
)
register_policy(
    SavedQuestion,
    Capability.VIEW,
    Policy((_MY_QUESTION, _SHARED), otherwise="It is somebody else’s question."),
)
register_policy(
    SavedQuestion,
    Capability.KEEP_QUESTION,
    Policy((_MY_QUESTION,), otherwise="Only the person who saved it can change it."),
)
register_policy(
    SavedQuestion,
    Capability.SUBSCRIBE,
    Policy((_MY_QUESTION, _SHARED), otherwise="It is somebody else’s question."),
)
for _capability in (Capability.VIEW, Capability.SUBSCRIBE):
    register_policy(
        Subscription,
        _capability,
        Policy(
            (Rule(_owned("reader"), "You asked to be told.", CLAUSE),),
            otherwise="Somebody else asked to be told.",
        ),
    )
