"""Who may see, send, sign and undo what partners share."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import SITE, Policy, Rule, holds, in_partnership, register_policy
from frankpledge.access.enums import Capability, Role
from frankpledge.core.kinds import register_kind
from frankpledge.partnership.models import Organisation
from frankpledge.partnership.shown import AUDIENCE_RULES
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    ApiKey,
    DataRequest,
    Dataset,
    DataUse,
    Feed,
    SavedContract,
    Schedule,
    SharingAgreement,
    Signature,
    Submission,
    Term,
    Upload,
)

AGREEMENT = "Access rules, information sharing agreements"
RETURNS = "Access rules, returns"
MACHINES = "Access rules, machines"


def _not_of_this_key(field: str) -> Rule:
    """A key is made for some datasets; of the others it learns nothing, whoever may."""

    def condition(actor: Actor) -> Q | bool:
        return False if actor.only is None else ~Q(**{f"{field}__in": actor.only})

    return Rule(condition, "The key was not made for this data.", MACHINES, allow=False)


def _a_term_names(actor: Actor) -> Q:
    """A term in force names a role or an organisation of the actor."""
    roles = {str(grant.role) for grant in actor.grants} | {"public"}
    named = Term.objects.filter(
        Q(recipient_role__in=roles) | Q(recipient__in=actor.organisations()),
        dataset=OuterRef("pk"),
        version__state=VersionState.IN_FORCE,
    )
    return Q(Exists(named))


def _already_published(actor: Actor) -> Q:
    return Q(published_already=True)


_READS_DATASET = (
    _not_of_this_key("pk"),
    Rule(_already_published, "The data has already been published.", AGREEMENT),
    Rule(_a_term_names, "A term of a sharing agreement in force names you.", AGREEMENT),
)
register_policy(
    Dataset,
    Capability.VIEW,
    Policy(
        (
            *_READS_DATASET,
            Rule(in_partnership, "You hold a post in the partnership.", AGREEMENT),
        ),
        otherwise="Partners see which data is shared, under the agreement they signed.",
    ),
)
register_policy(
    Dataset,
    Capability.ASK,
    Policy(
        _READS_DATASET,
        otherwise="No term of a sharing agreement in force lets you read this data.",
        ask="The county team can add a term to the information sharing agreement.",
    ),
)

register_policy(
    SharingAgreement,
    Capability.VIEW,
    Policy(
        AUDIENCE_RULES,
        otherwise="The agreement is shown to its parties.",
    ),
)
_PARTS_OF_A_SEEN_AGREEMENT = (
    Rule(
        in_partnership,
        "You hold a post in the partnership, and partners see the agreement.",
        AGREEMENT,
    ),
    Rule(
        lambda actor: Q(agreement__audience="public"),
        "The agreement has been published.",
        AGREEMENT,
    ),
)
register_policy(
    AgreementVersion,
    Capability.VIEW,
    Policy(_PARTS_OF_A_SEEN_AGREEMENT, otherwise="The agreement is shown to its parties."),
)
register_policy(
    Signature,
    Capability.VIEW,
    Policy(
        (
            Rule(
                in_partnership,
                "You hold a post in the partnership, and partners see who signed.",
                AGREEMENT,
            ),
        ),
        otherwise="Who signed is shown to the parties.",
    ),
)
_COUNTY_TEAM_KEEPS_IT = Policy(
    (Rule(holds(Role.COUNTY_TEAM), "The county team keeps the agreements.", AGREEMENT),),
    otherwise="Only the county team changes an information sharing agreement.",
)
for _model in (SITE, SharingAgreement, AgreementVersion):
    register_policy(_model, Capability.DRAFT_SHARING_AGREEMENT, _COUNTY_TEAM_KEEPS_IT)


def _own_organisation(*roles: Role):
    def condition(actor: Actor) -> Q | bool:
        mine = actor.organisations(*roles)
        return Q(pk__in=mine) if mine else False

    return condition


def own_submission(*roles: Role):
    def condition(actor: Actor) -> Q | bool:
        mine = actor.organisations(*roles)
        return Q(organisation__in=mine) if mine else False

    return condition


register_policy(
    Organisation,
    Capability.SIGN_SHARING_AGREEMENT,
    Policy(
        (
            Rule(
                _own_organisation(Role.PARTNER),
                "You hold a post in this organisation.",
                AGREEMENT,
            ),
        ),
        otherwise="Only somebody who holds a post in the organisation signs for it.",
        ask="Ask the organisation to sign.",
    ),
)
register_policy(
    Organisation,
    Capability.SUBMIT_DATA,
    Policy(
        (
            Rule(
                _own_organisation(Role.DATA_PROVIDER),
                "Your post sends this organisation's data.",
                RETURNS,
            ),
            Rule(
                holds(Role.COUNTY_TEAM),
                "The county team may send what a partner handed over.",
                RETURNS,
            ),
        ),
        otherwise="Only the organisation's data provider and the county team send its data.",
    ),
)
register_policy(
    SITE,
    Capability.SUBMIT_DATA,
    Policy(
        (
            Rule(holds(Role.DATA_PROVIDER), "Your post sends an organisation's data.", RETURNS),
            Rule(
                holds(Role.COUNTY_TEAM),
                "The county team may send what a partner handed over.",
                RETURNS,
            ),
        ),
        otherwise="Only data providers and the county team send files.",
    ),
)
COUNTY_TEAM_LOOKS_AFTER_RETURNS = Rule(
    holds(Role.COUNTY_TEAM), "The county team looks after every return.", RETURNS
)
register_policy(
    Submission,
    Capability.VIEW,
    Policy(
        (
            _not_of_this_key("dataset"),
            COUNTY_TEAM_LOOKS_AFTER_RETURNS,
            Rule(
                own_submission(Role.PARTNER, Role.DATA_PROVIDER),
                "Your organisation sent it.",
                RETURNS,
            ),
        ),
        otherwise="An organisation sees its own returns.",
    ),
)
_SENDERS = (
    _not_of_this_key("dataset"),
    Rule(own_submission(Role.DATA_PROVIDER), "Your post sends this organisation's data.", RETURNS),
    COUNTY_TEAM_LOOKS_AFTER_RETURNS,
)
register_policy(
    Submission,
    Capability.READ_RETURNED_ROWS,
    Policy(
        _SENDERS,
        otherwise="Rows that came back may hold personal details, so only the sender reads them.",
    ),
)
register_policy(
    Submission,
    Capability.UNDO_SUBMISSION,
    Policy(_SENDERS, otherwise="Only the organisation's data provider or the county team can."),
)

register_policy(
    Organisation,
    Capability.SEE_RETURNS,
    Policy(
        (
            COUNTY_TEAM_LOOKS_AFTER_RETURNS,
            Rule(_own_organisation(Role.PARTNER), "You hold a post in this organisation.", RETURNS),
            Rule(
                _own_organisation(Role.DATA_PROVIDER),
                "Your post sends this organisation's data.",
                RETURNS,
            ),
        ),
        otherwise="An organisation and the county team see what it owes.",
    ),
)
register_policy(
    Schedule,
    Capability.VIEW,
    Policy(
        (Rule(in_partnership, "You hold a post in the partnership.", RETURNS),),
        otherwise="Partners see what is asked of them.",
    ),
)
for _model in (SITE, Schedule):
    register_policy(
        _model,
        Capability.RUN_RETURN_CALENDAR,
        Policy(
            (COUNTY_TEAM_LOOKS_AFTER_RETURNS,),
            otherwise="Only the county team asks for returns, gives more time and reminds.",
        ),
    )
for _model in (SITE, Submission):
    register_policy(
        _model,
        Capability.KEEP_DATA,
        Policy(
            (COUNTY_TEAM_LOOKS_AFTER_RETURNS,),
            otherwise="Only the county team deletes what is past its time, or holds it.",
        ),
    )

for _model, _capability in (
    (SITE, Capability.MAKE_CONTRACT),
    (SavedContract, Capability.MAKE_CONTRACT),
    (SavedContract, Capability.VIEW),
):
    register_policy(
        _model,
        _capability,
        Policy(
            (COUNTY_TEAM_LOOKS_AFTER_RETURNS,),
            otherwise="Only the county team makes contracts for data.",
        ),
    )

USES = "Access rules, use of data"


def _own(*fields: str):
    """One of these organisations of the record is one in which the actor holds a post."""

    def condition(actor: Actor) -> Q | bool:
        mine = actor.organisations(Role.PARTNER, Role.DATA_PROVIDER)
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__in": mine})
        return found if mine else False

    return condition


_COUNTY_TEAM_SEES_USES = Rule(
    holds(Role.COUNTY_TEAM), "The county team looks after the agreements.", USES
)
for _model, _whose in (
    (SITE, holds(Role.PARTNER, Role.DATA_PROVIDER)),
    (Organisation, _own("pk")),
):
    register_policy(
        _model,
        Capability.SEE_DATA_USE,
        Policy(
            (
                _COUNTY_TEAM_SEES_USES,
                Rule(_whose, "An organisation reads who used its data.", USES),
            ),
            otherwise="Only the owner of the data and the county team read who used it.",
        ),
    )
register_policy(
    DataUse,
    Capability.VIEW,
    Policy(
        (
            _COUNTY_TEAM_SEES_USES,
            Rule(_own("provider"), "Your organisation owns the data.", USES),
        ),
        otherwise="Only the owner of the data and the county team read who used it.",
    ),
)
register_policy(
    SITE,
    Capability.REQUEST_DATA,
    Policy(
        (Rule(holds(Role.PARTNER), "You hold a post in an organisation.", USES),),
        otherwise="Only somebody who holds a post in an organisation asks for data.",
    ),
)
register_policy(
    DataRequest,
    Capability.VIEW,
    Policy(
        (
            _COUNTY_TEAM_SEES_USES,
            Rule(
                _own("provider", "recipient"),
                "Your organisation asks, or is asked.",
                USES,
            ),
        ),
        otherwise="Those who ask, those who are asked and the county team see a request.",
    ),
)


def _asked_it_oneself(actor: Actor) -> Q | bool:
    account = actor.user_id if actor.user_id != "console" else ""
    return Q(asked_by=account) if account else False


register_policy(
    DataRequest,
    Capability.DECIDE_DATA_REQUEST,
    Policy(
        (
            Rule(
                lambda actor: Q(granted__isnull=False),
                "It has been decided.",
                USES,
                allow=False,
            ),
            Rule(_asked_it_oneself, "Nobody decides what they asked for.", USES, allow=False),
            Rule(_own("provider"), "Your organisation owns the data.", USES),
        ),
        otherwise="Only the organisation that owns the data decides.",
        ask="It has been told of the request.",
    ),
)

_NO_MACHINE = Rule(
    lambda actor: actor.is_machine, "A key does not manage keys or feeds.", MACHINES, allow=False
)
_COUNTY_TEAM_KEEPS_KEYS = Rule(
    holds(Role.COUNTY_TEAM), "The county team looks after every key.", MACHINES
)
_KEEPS_KEYS = "Only the organisation's data provider and the county team keep its keys."
for _model, _capability, _whose in (
    (Organisation, Capability.MANAGE_KEYS, _own_organisation(Role.DATA_PROVIDER)),
    (ApiKey, Capability.MANAGE_KEYS, own_submission(Role.DATA_PROVIDER)),
    (ApiKey, Capability.VIEW, own_submission(Role.DATA_PROVIDER)),
):
    register_policy(
        _model,
        _capability,
        Policy(
            (
                _NO_MACHINE,
                Rule(_whose, "Your post sends this organisation's data.", MACHINES),
                _COUNTY_TEAM_KEEPS_KEYS,
            ),
            otherwise=_KEEPS_KEYS,
        ),
    )


def _own_upload(actor: Actor) -> Q | bool:
    mine = actor.organisations(Role.DATA_PROVIDER)
    return Q(key__in=ApiKey.objects.filter(organisation__in=mine).values("pk")) if mine else False


register_policy(
    Upload,
    Capability.VIEW,
    Policy(
        (
            _not_of_this_key("dataset"),
            Rule(_own_upload, "Your organisation sends it.", MACHINES),
            _COUNTY_TEAM_KEEPS_KEYS,
        ),
        otherwise="An organisation sees its own uploads.",
    ),
)

_COUNTY_TEAM_KEEPS_FEEDS = Rule(
    holds(Role.COUNTY_TEAM), "The county team says where data is fetched from.", MACHINES
)
for _model in (SITE, Feed):
    register_policy(
        _model,
        Capability.MANAGE_FEEDS,
        Policy(
            (_COUNTY_TEAM_KEEPS_FEEDS,),
            otherwise="Only the county team says where data is fetched from.",
        ),
    )
register_policy(
    Feed,
    Capability.VIEW,
    Policy(
        (
            _NO_MACHINE,
            Rule(
                own_submission(Role.DATA_PROVIDER),
                "Your post sends this organisation's data.",
                MACHINES,
            ),
            _COUNTY_TEAM_KEEPS_FEEDS,
        ),
        otherwise="Only the organisation's data provider and the county team see its feeds.",
    ),
)

register_kind(
    "data-request",
    DataRequest,
    "Request for data",
    lambda asked: reverse("data-request", args=[asked.pk]),
)
register_kind(
    "sharing-agreement",
    SharingAgreement,
    "Information sharing agreement",
    lambda agreement: reverse("sharing-agreement", args=[agreement.slug]),
)
register_kind(
    "agreement-version",
    AgreementVersion,
    "Version of an information sharing agreement",
    lambda version: reverse("sharing-version", args=[version.agreement.slug, version.pk]),
)
register_kind(
    "submission", Submission, "Return", lambda sent: reverse("submission", args=[sent.pk])
)
register_kind(
    "dataset", Dataset, "Dataset", lambda dataset: reverse("dataset", args=[dataset.slug])
)
register_kind("key", ApiKey, "Key of a machine", lambda key: reverse("key", args=[key.pk]))
register_kind("feed", Feed, "Feed", lambda feed: reverse("feed", args=[feed.pk]))
register_kind(
    "contract", SavedContract, "Contract", lambda saved: reverse("contract", args=[saved.pk])
)
