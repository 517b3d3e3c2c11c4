"""Decisions without a database: rules in order, reasons, sentences."""

from datetime import date
from uuid import uuid4

import pytest
from django.db.models import Q

from frankpledge.access.actors import Actor, console, public
from frankpledge.access.decisions import (
    Policy,
    Refused,
    Rule,
    _answer,
    _which_rule,
    everyone,
    holds,
    policy_for,
)
from frankpledge.access.enums import Capability, Role
from frankpledge.access.models import User
from frankpledge.access.roles import descriptions
from frankpledge.core.registries import Grant

TODAY = date(2026, 1, 22)
BODY, OTHER = uuid4(), uuid4()


def actor(*grants: Grant) -> Actor:
    return Actor(user_id="1", name="Somebody", on=TODAY, grants=frozenset(grants))


def test_nobody_in_particular_holds_nothing():
    nobody = public(TODAY)
    assert nobody.is_public
    assert not nobody.in_partnership
    assert nobody.organisations() == nobody.bodies() == frozenset()
    assert nobody.via == ""


def test_an_administrators_role_alone_is_no_place_in_the_partnership():
    assert not actor(Grant(role=Role.ADMINISTRATOR)).in_partnership
    assert actor(Grant(role=Role.PARTNER)).in_partnership


def test_the_command_line_is_named_in_what_it_does():
    assert console(TODAY).holds(Role.COUNTY_TEAM)
    assert console(TODAY).via == "The server's command line"


def test_what_is_held_is_held_for_something():
    who = actor(
        Grant(role=Role.CHAIR, body_id=BODY),
        Grant(role=Role.BODY_MEMBER, body_id=OTHER),
        Grant(role=Role.DATA_PROVIDER, organisation_id=OTHER),
    )
    assert who.bodies() == {BODY, OTHER}
    assert who.bodies(Role.CHAIR) == {BODY}
    assert who.organisations() == {OTHER}
    assert who.organisations(Role.PARTNER) == frozenset()


def test_the_first_rule_that_holds_decides():
    policy = Policy(
        (
            Rule(lambda a: False, "Never."),
            Rule(everyone, "No, for this reason.", "Clause 1", allow=False),
            Rule(everyone, "Too late."),
        ),
        otherwise="No.",
    )
    case = _which_rule(policy, public(TODAY))
    assert case.default.value == 1
    decision = _answer(policy, Capability.VIEW, 1)
    assert not decision
    assert (decision.reason, decision.clause) == ("No, for this reason.", "Clause 1")
    assert decision.ask == "Ask the county team."


def test_conditions_on_the_record_are_left_to_the_database():
    policy = Policy((Rule(lambda a: Q(pk=1), "This one."),), otherwise="No.")
    case = _which_rule(policy, public(TODAY))
    assert len(case.cases) == 1
    assert case.default.value == -1


def test_a_refusal_is_one_sentence_and_whom_to_ask():
    policy = Policy((), otherwise="Only the chair may.", ask="Ask the chair.")
    refused = Refused(_answer(policy, Capability.VIEW, None))
    assert refused.sentence == "Only the chair may. Ask the chair."


def test_an_unregistered_question_is_a_mistake_of_ours():
    with pytest.raises(LookupError, match="No policy says who may see it"):
        policy_for(User, Capability.VIEW)


def test_holds_is_any_of_several_roles():
    condition = holds(Role.CHAIR, Role.ANALYST)
    assert condition(actor(Grant(role=Role.ANALYST)))
    assert not condition(actor(Grant(role=Role.PARTNER)))


def test_every_role_is_described_once_and_the_public_too():
    assert set(descriptions()) == {role.value for role in Role} | {"public"}
    for role in Role:
        assert descriptions()[role.value].label == role.label
