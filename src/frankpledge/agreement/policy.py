"""Who may see, draft and publish the Community Safety Agreement."""

from django.db.models import Exists, OuterRef, Q

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import (
    SITE,
    Policy,
    Rule,
    everyone,
    holds,
    in_partnership,
    register_policy,
)
from frankpledge.access.enums import Capability, Role
from frankpledge.agreement.enums import VersionState
from frankpledge.agreement.models import (
    AgreementVersion,
    Objective,
    Priority,
    PriorityChange,
    Theme,
)
from frankpledge.core.markings import Audience
from frankpledge.partnership.shown import AUDIENCE_RULES

CLAUSE = "Access rules, Community Safety Agreement"


def _published(actor: Actor) -> Q:
    return Q(state=VersionState.PUBLISHED, audience=Audience.PUBLIC)


def _agreed_or_published(actor: Actor) -> Q | bool:
    if not actor.in_partnership:
        return False
    return ~Q(state=VersionState.DRAFT) & Q(audience__in=(Audience.PUBLIC, Audience.PARTNERSHIP))


def _on_its_body(actor: Actor) -> Q | bool:
    mine = actor.bodies()
    return Q(body__in=mine) if mine else False


_COUNTY = Rule(holds(Role.COUNTY_TEAM), "The county team drafts the agreement.", CLAUSE)
register_policy(
    AgreementVersion,
    Capability.VIEW,
    Policy(
        (
            Rule(_published, "This version has been published.", CLAUSE),
            _COUNTY,
            Rule(_on_its_body, "You sit on the partnership that makes it.", CLAUSE),
            Rule(_agreed_or_published, "This version has been agreed.", CLAUSE),
        ),
        otherwise="A draft is seen by those who make it; everybody sees what is published.",
    ),
)


def _begun(actor: Actor) -> Q:
    """Its day has come, and no version that is still to be published brings it in."""
    waiting = AgreementVersion.objects.exclude(state=VersionState.PUBLISHED).filter(
        body=OuterRef("body"), effective_from=OuterRef("valid_from")
    )
    return Q(valid_from__isnull=True) | (Q(valid_from__lte=actor.on) & ~Exists(waiting))


def _set_out(actor: Actor) -> Q:
    """A published version that takes effect no sooner than it begins."""
    published = AgreementVersion.objects.filter(
        _published(actor), body=OuterRef("body"), effective_from__gte=OuterRef("valid_from")
    )
    return Q(Exists(published))


for _model in (Priority, Theme):
    register_policy(
        _model,
        Capability.VIEW,
        Policy(
            (
                Rule(_begun, "The agreement publishes it.", CLAUSE),
                Rule(in_partnership, "You hold a post in the partnership.", CLAUSE),
                Rule(_set_out, "A version that has been published sets it out.", CLAUSE),
            ),
            otherwise="It is part of a version that has not been published yet.",
        ),
    )
register_policy(
    Objective,
    Capability.VIEW,
    Policy(
        (Rule(everyone, "The agreement publishes it.", CLAUSE),),
        otherwise="The agreement publishes it.",
    ),
)
register_policy(
    PriorityChange,
    Capability.VIEW,
    Policy(
        (_COUNTY, *AUDIENCE_RULES),
        otherwise="A proposal is shown to the partnership until it is decided.",
    ),
)
for _model in (SITE, AgreementVersion):
    register_policy(
        _model,
        Capability.DRAFT_AGREEMENT,
        Policy((_COUNTY,), otherwise="Only the county team drafts the agreement."),
    )
register_policy(
    SITE,
    Capability.PROPOSE_CHANGE,
    Policy(
        (
            _COUNTY,
            Rule(
                holds(Role.CHAIR, Role.DISTRICT_OFFICER),
                "Chairs and district officers may propose changes.",
                CLAUSE,
            ),
        ),
        otherwise="Only chairs, district officers and the county team propose changes.",
    ),
)


def _mine(actor: Actor) -> Q | bool:
    accounts = bool(actor.user_id) and actor.user_id != "console"
    return Q(proposed_by=actor.user_id) if accounts and actor.in_partnership else False


register_policy(
    PriorityChange,
    Capability.PROPOSE_CHANGE,
    Policy(
        (_COUNTY, Rule(_mine, "You proposed it.", CLAUSE)),
        otherwise="Only the person who proposed it and the county team take a proposal back.",
    ),
)


def _chairs_its_body(actor: Actor) -> Q | bool:
    mine = actor.bodies(Role.CHAIR)
    return Q(body__in=mine) if mine else False


register_policy(
    AgreementVersion,
    Capability.PUBLISH_AGREEMENT,
    Policy(
        (
            Rule(_chairs_its_body, "You chair the partnership that makes it.", CLAUSE),
            Rule(
                holds(Role.COUNTY_TEAM),
                "The county team publishes what the partnership agreed.",
                CLAUSE,
            ),
        ),
        otherwise="Only the chair and the county team publish the agreement.",
    ),
)
