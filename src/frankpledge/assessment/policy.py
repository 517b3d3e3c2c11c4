"""Who may see, write and sign off strategic assessments."""

from django.db.models import Q

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import SITE, Policy, Rule, holds, in_partnership, register_policy
from frankpledge.access.enums import Capability, Role
from frankpledge.assessment.enums import AssessmentState
from frankpledge.assessment.models import Assessment, Cycle, Issue, ScoringModel
from frankpledge.core.markings import Audience

CLAUSE = "Access rules, strategic assessments"


def _on_its_csp(*roles: Role):
    def condition(actor: Actor) -> Q | bool:
        mine = actor.bodies(*roles)
        return Q(csp__in=mine) if mine else False

    return condition


def _signed_off_for(audience: Audience) -> Q:
    return Q(state=AssessmentState.SIGNED_OFF, audience=audience)


def _signed_off_for_partnership(actor: Actor) -> Q | bool:
    return _signed_off_for(Audience.PARTNERSHIP) if actor.in_partnership else False


_COUNTY = Rule(holds(Role.COUNTY_TEAM), "The county team brings the assessments together.", CLAUSE)
register_policy(
    Assessment,
    Capability.VIEW,
    Policy(
        (
            _COUNTY,
            Rule(_on_its_csp(), "You sit on this partnership.", CLAUSE),
            Rule(lambda actor: _signed_off_for(Audience.PUBLIC), "It has been published.", CLAUSE),
            Rule(
                _signed_off_for_partnership,
                "It is signed off and shown to the partnership.",
                CLAUSE,
            ),
        ),
        otherwise="Others see an assessment once its chair has signed it off.",
    ),
)
register_policy(
    Assessment,
    Capability.WRITE_ASSESSMENT,
    Policy(
        (
            Rule(
                _on_its_csp(Role.DISTRICT_OFFICER, Role.CHAIR),
                "You write this partnership's assessment.",
                CLAUSE,
            ),
        ),
        otherwise="Only the district partnership's own officers write its assessment.",
        ask="Ask the district partnership.",
    ),
)
register_policy(
    Assessment,
    Capability.SIGN_OFF_ASSESSMENT,
    Policy(
        (Rule(_on_its_csp(Role.CHAIR), "You chair this partnership.", CLAUSE),),
        otherwise="Only the chair of the district partnership signs its assessment off.",
        ask="Ask the chair.",
    ),
)
register_policy(
    Assessment,
    Capability.CHASE,
    Policy((_COUNTY,), otherwise="Only the county team chases assessments."),
)


def _closed(actor: Actor) -> Q:
    return Q(closed_on__isnull=False, closed_on__lte=actor.on)


register_policy(
    Cycle,
    Capability.VIEW,
    Policy(
        (
            Rule(in_partnership, "You hold a post in the partnership.", CLAUSE),
            Rule(_closed, "The cycle is closed and its result is published.", CLAUSE),
        ),
        otherwise="The result is published when the cycle closes.",
    ),
)
register_policy(
    Cycle,
    Capability.SEE_ROLL_UP,
    Policy(
        (
            Rule(in_partnership, "You hold a post in the partnership.", CLAUSE),
            Rule(_closed, "The cycle is closed and its result is published.", CLAUSE),
        ),
        otherwise="The result is published when the cycle closes.",
    ),
)
for _model in (Issue, ScoringModel):
    register_policy(
        _model,
        Capability.VIEW,
        Policy(
            (Rule(lambda actor: True, "It is part of the published method.", CLAUSE),),
            otherwise="It is part of the published method.",
        ),
    )
for _model in (SITE, Cycle):
    register_policy(
        _model,
        Capability.RUN_CYCLES,
        Policy((_COUNTY,), otherwise="Only the county team opens and closes a cycle."),
    )
