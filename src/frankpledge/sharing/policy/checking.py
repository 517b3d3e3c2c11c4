"""Who agrees to a checked file, speaks about it and says what every answer repeats."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Policy, Rule, register_policy
from frankpledge.access.enums import Capability, Role
from frankpledge.core.kinds import register_kind
from frankpledge.core.models import in_force
from frankpledge.partnership.models import Holding
from frankpledge.sharing.enums import ApprovalStage, SubmissionState
from frankpledge.sharing.models import Approval, Dataset, Question, Submission, Upload
from frankpledge.sharing.policy.records import (
    COUNTY_TEAM_LOOKS_AFTER_RETURNS,
    RETURNS,
    own_submission,
)


def _account(actor: Actor) -> str:
    return actor.user_id if actor.user_id != "console" else ""


def _sent_by_oneself(actor: Actor) -> Q | bool:
    """By this account or a key it made, by another of the same name, or by another holder of the
    same post; or what is corrected was."""
    account = _account(actor)
    if not account:
        return False
    posts = Holding.objects.filter(in_force(actor.on), holder=account).values("post")
    by_own_key = Upload.objects.filter(key__made_by=account)
    found = Q(Exists(by_own_key.filter(submission=OuterRef("pk"))))
    found |= Q(Exists(by_own_key.filter(submission=OuterRef("corrects"))))
    for sender in ("sent_by", "corrects__sent_by"):
        together = Holding.objects.filter(
            in_force(actor.on), post__in=posts, holder=OuterRef(sender)
        )
        found |= (
            Q(**{sender: account})
            | Q(**{f"{sender}__name__iexact": actor.name})
            | Q(Exists(together))
        )
    return found


def _agreed_by(**decided: object) -> Exists:
    return Exists(Approval.objects.filter(submission=OuterRef("pk"), agreed=True, **decided))


def _has_agreed_oneself(actor: Actor) -> Q | bool:
    account = _account(actor)
    return Q(_agreed_by(decided_by=account)) if account else False


def _waits_for_its_organisation(actor: Actor) -> Q | bool:
    mine = actor.organisations(Role.PARTNER, Role.DATA_PROVIDER)
    agreed = _agreed_by(stage=ApprovalStage.PARTNER)
    return Q(~agreed, organisation__in=mine) if mine else False


def _waits_for_the_county_team(actor: Actor) -> Q | bool:
    if not actor.holds(Role.COUNTY_TEAM):
        return False
    return Q(_agreed_by(stage=ApprovalStage.PARTNER))


register_policy(
    Submission,
    Capability.AGREE_TO_RETURN,
    Policy(
        (
            Rule(lambda actor: not _account(actor), "Sign in to agree to a file.", "", allow=False),
            Rule(
                lambda actor: ~Q(state=SubmissionState.CHECKED),
                "It does not wait for anybody’s agreement.",
                RETURNS,
                allow=False,
            ),
            Rule(
                _sent_by_oneself,
                "You, somebody of your post or a key you made sent it. "
                "Nobody agrees to their own file.",
                RETURNS,
                allow=False,
            ),
            Rule(
                _has_agreed_oneself,
                "You agreed for the organisation. Somebody else decides now.",
                RETURNS,
                allow=False,
            ),
            Rule(
                _waits_for_its_organisation,
                "It waits for somebody else of your organisation.",
                RETURNS,
            ),
            Rule(_waits_for_the_county_team, "It waits for the county team.", RETURNS),
        ),
        otherwise="It waits for somebody else to agree.",
        ask="The page of the file says for whom it waits.",
    ),
)
_HOLDS_A_POST_THERE = "You hold a post in the organisation that sent it."
register_policy(
    Submission,
    Capability.DISCUSS_RETURN,
    Policy(
        (
            COUNTY_TEAM_LOOKS_AFTER_RETURNS,
            Rule(own_submission(Role.PARTNER, Role.DATA_PROVIDER), _HOLDS_A_POST_THERE, RETURNS),
        ),
        otherwise="The organisation that sent it and the county team speak about a return.",
    ),
)


def _own_question(actor: Actor) -> Q | bool:
    mine = actor.organisations(Role.PARTNER, Role.DATA_PROVIDER)
    return Q(submission__organisation__in=mine) if mine else False


register_policy(
    Question,
    Capability.VIEW,
    Policy(
        (
            COUNTY_TEAM_LOOKS_AFTER_RETURNS,
            Rule(_own_question, _HOLDS_A_POST_THERE, RETURNS),
        ),
        otherwise="The organisation that sent it and the county team speak about a return.",
    ),
)
register_policy(
    Question,
    Capability.RESOLVE_QUESTION,
    Policy(
        (COUNTY_TEAM_LOOKS_AFTER_RETURNS,),
        otherwise="Only the county team settles a question.",
    ),
)
register_policy(
    Dataset,
    Capability.WRITE_CAVEAT,
    Policy(
        (COUNTY_TEAM_LOOKS_AFTER_RETURNS,),
        otherwise="Only the county team writes a caveat.",
    ),
)
register_policy(
    Dataset,
    Capability.SET_APPROVALS,
    Policy(
        (COUNTY_TEAM_LOOKS_AFTER_RETURNS,),
        otherwise="Only the county team says who agrees to a file.",
    ),
)

register_kind("question", Question, "Question", lambda asked: reverse("question", args=[asked.pk]))
