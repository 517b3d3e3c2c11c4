"""One rule for the list and for the page: every policy, every kind of actor, every record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Model
from django.http import Http404
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import (
    decided,
    find,
    may,
    policies,
    visible,
    with_decisions,
)
from frankpledge.access.enums import Capability, Role
from frankpledge.core.kinds import kinds
from frankpledge.core.markings import Audience
from frankpledge.core.registries import Grant
from frankpledge.partnership.models import Body, Holding, Office, Post, Seat
from tests.worlds import SECRET, TODAY, World, a_world

# Without the mark there is no test database, and the fixture would use the real one.
pytestmark = pytest.mark.django_db
ASKED = sorted(
    ((model, capability) for model, capability in policies() if model is not None),
    key=lambda pair: (pair[0]._meta.label, pair[1]),
)
MANY = 20
_settings = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for the whole module, put away at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_world()
        transaction.set_rollback(True)


def _agree(actor: Actor, model: type[Model], capability: Capability) -> None:
    listed = set(visible(actor, capability, model).values_list("pk", flat=True))
    rows = list(with_decisions(model._base_manager.all(), actor, (capability,)))
    assert rows, f"No {model._meta.label} in the test world: add it in tests/world_parts.py"
    assert {row.pk for row in rows if decided(row, capability)} == listed
    for row in rows[:MANY]:
        on_page = may(actor, capability, row)
        assert on_page == decided(row, capability)
        assert on_page.reason


@pytest.mark.parametrize(("model", "capability"), ASKED)
def test_every_person_gets_one_answer_everywhere(
    world: World, model: type[Model], capability: Capability
):
    for who in world.people:
        _agree(world.actor(who), model, capability)


def test_every_kind_with_pages_says_who_may_see_it():
    assert {kind.model for kind in kinds().values()} <= {
        model for model, capability in policies() if capability == Capability.VIEW
    }


@st.composite
def _actors(draw: st.DrawFn, world: World) -> Actor:
    """Anybody: any roles, for organisations and bodies that are there and that are not."""
    organisations = [each.pk for each in world.organisations.values()] + [uuid4()]
    bodies = [each.pk for each in world.bodies.values()] + [uuid4()]
    grants = draw(
        st.frozensets(
            st.builds(
                Grant,
                role=st.sampled_from([role.value for role in Role]),
                organisation_id=st.none() | st.sampled_from(organisations),
                body_id=st.none() | st.sampled_from(bodies),
            ),
            max_size=4,
        )
    )
    users = [str(user.pk) for user in world.users.values()]
    user = draw(st.sampled_from([*users, "console", str(uuid4())])) if grants else ""
    return Actor(user_id=user, name="Anybody", on=TODAY, grants=grants)


@_settings
@given(data=st.data())
def test_any_roles_get_one_answer_everywhere(world: World, data: st.DataObject):
    actor = data.draw(_actors(world), label="actor")
    for model, capability in data.draw(
        st.lists(st.sampled_from(ASKED), min_size=3, max_size=3), label="asked"
    ):
        _agree(actor, model, capability)


@settings(_settings, max_examples=20)
@given(data=st.data())
def test_any_audience_gets_one_answer_everywhere(world: World, data: st.DataObject):
    actor = data.draw(_actors(world), label="actor")
    audience = data.draw(st.sampled_from(list(Audience)), label="audience")
    with transaction.atomic():
        Body.objects.update(audience=audience)
        for model in (Body, Seat, Office, Post):
            _agree(actor, model, Capability.VIEW)
        transaction.set_rollback(True)


@_settings
@given(data=st.data())
def test_a_case_is_seen_by_its_panel_alone(world: World, data: st.DataObject):
    actor = data.draw(_actors(world), label="actor")
    panel = world.bodies["panel"]
    seen = panel.pk in set(visible(actor, Capability.VIEW, Body).values_list("pk", flat=True))
    assert seen == (panel.pk in actor.bodies())


SECRET_TO = {
    "closed_group": {"board_member", "county_team", "county_team_police", "administrator"},
    "panel": {"case_panel_member"},
}


@pytest.mark.parametrize("body", sorted(SECRET_TO))
def test_closed_bodies_and_their_seats_are_seen_by_those_named(world: World, body: str):
    for model, field in ((Body, "pk"), (Seat, "body"), (Office, "body")):
        seers = {
            who
            for who in world.people
            if visible(world.actor(who), Capability.VIEW, model)
            .filter(**{field: world.bodies[body].pk})
            .exists()
        }
        assert seers == SECRET_TO[body], model


def test_names_of_people_are_not_public(world: World):
    for who in ("public", "no_post", "ended_post", "inactive"):
        own = world.users[who].holdings.count() if who == "ended_post" else 0
        assert visible(world.actor(who), Capability.VIEW, Holding).count() == own


def test_what_is_not_seen_does_not_exist(world: World):
    panel = world.bodies["panel"]
    for lookup in ({"slug": panel.slug}, {"slug": "no-such-body"}, {"pk": "not an id"}):
        with pytest.raises(Http404):
            find(world.actor("county_team"), Body, **lookup)
    assert SECRET in find(world.actor("case_panel_member"), Body, slug=panel.slug).name
