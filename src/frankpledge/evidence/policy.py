"""Who may see and keep Findings."""

from django.db.models import Q

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import SITE, Policy, Rule, holds, register_policy
from frankpledge.access.enums import Capability, Role
from frankpledge.evidence.models import Finding
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
