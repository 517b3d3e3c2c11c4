"""A small partnership in which a mistake would show.

    world = a_world()
    client.force_login(world.users["district_officer"])
    actor = world.actor("fire_partner")          # or world.actor("public")
    world.bodies["ash_csp"], world.records(Seat)

Two districts of a county and a neighbour, each with people of every role; somebody whose seat has
ended, somebody whose post has ended, an account that never held one; and of every kind of record
one for each audience, so that what may not be seen is really there to leak. `SECRET` is in the name
of everything that only its own body or case may see: no page of anybody else may hold the word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Model

from frankpledge.access.actors import Actor, actor_for, public
from frankpledge.access.enums import Role
from frankpledge.access.models import User
from frankpledge.core.markings import Audience
from frankpledge.core.models import Area, AreaChange, AreaKind
from frankpledge.partnership.enums import (
    BodyKind,
    LegislationKind,
    LegislationStatus,
    OfficeKind,
    OrganisationKind,
)
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

TODAY = date(2026, 1, 22)
NOW = datetime(2026, 1, 22, 10, 0, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)
BEGAN = date(2024, 4, 1)
SECRET = "Nightjar"
PASSWORD = "correct-horse-battery"

# key of the person: (organisation, title of the post, role of the post)
_POSTS: dict[str, tuple[str, str, Role]] = {
    "county_team": ("county", "Team leader", Role.PARTNER),
    "county_team_police": ("police", "Seconded inspector", Role.PARTNER),
    "administrator": ("county", "Systems administrator", Role.ADMINISTRATOR),
    "analyst": ("county", "Analyst", Role.PARTNER),
    "district_officer": ("ash", "Community safety officer", Role.PARTNER),
    "district_chair": ("ash", "Portfolio holder", Role.PARTNER),
    "other_district_officer": ("birch", "Community safety officer", Role.PARTNER),
    "other_district_chair": ("birch", "Portfolio holder", Role.PARTNER),
    "data_provider": ("police", "Data analyst", Role.DATA_PROVIDER),
    "other_data_provider": ("fire", "Data analyst", Role.DATA_PROVIDER),
    "fire_partner": ("fire", "Safety manager", Role.PARTNER),
    "board_member": ("health", "Public health lead", Role.PARTNER),
    "chair": ("county", "Cabinet member", Role.PARTNER),
    "policing_body": ("policing", "Policy officer", Role.POLICING_BODY),
    "scrutiny": ("county", "Scrutiny councillor", Role.PARTNER),
    "case_panel_member": ("voluntary", "Adviser", Role.PARTNER),
    "ended_seat": ("county", "Former member of the team", Role.PARTNER),
    "future_seat": ("county", "Coming member of the team", Role.PARTNER),
    "ended_post": ("county", "Former team leader", Role.PARTNER),
}
# person: (body, role), today's unless it says otherwise
_SEATS: dict[str, tuple[str, Role]] = {
    "county_team": ("team", Role.COUNTY_TEAM),
    "county_team_police": ("team", Role.COUNTY_TEAM),
    "analyst": ("team", Role.ANALYST),
    "district_officer": ("ash_csp", Role.DISTRICT_OFFICER),
    "district_chair": ("ash_csp", Role.BODY_MEMBER),
    "other_district_officer": ("birch_csp", Role.DISTRICT_OFFICER),
    "other_district_chair": ("birch_csp", Role.BODY_MEMBER),
    "fire_partner": ("county_partnership", Role.BODY_MEMBER),
    "board_member": ("county_partnership", Role.BODY_MEMBER),
    "chair": ("county_partnership", Role.BODY_MEMBER),
    "scrutiny": ("committee", Role.SCRUTINY),
    "case_panel_member": ("panel", Role.CASE_PANEL_MEMBER),
}


@dataclass
class World:
    """What `a_world` made, by short names."""

    areas: dict[str, Area] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        """Everybody who may come along, the public included."""
        return ["public", *self.users]

    def actor(self, who: str, on: date = TODAY) -> Actor:
        return public(on) if who == "public" else actor_for(self.users[who], on)

    def records(self, model: type[Model]) -> list[Any]:
        return list(model._base_manager.all())


WorldPart = Callable[[World], None]
_parts: list[WorldPart] = []


def world_part(part: WorldPart) -> WorldPart:
    """A room's own records in every world: a function that adds them (`world.more[…] = …`)."""
    _parts.append(part)
    return part


def a_world() -> World:
    import tests.world_parts  # noqa: F401 - the rooms' own records

    world = World()
    _areas(world)
    _organisations(world)
    _bodies(world)
    _people(world)
    _places(world)
    _registers(world)
    for part in _parts:
        part(world)
    return world


def _areas(world: World) -> None:
    made: dict[str, Area] = world.areas

    def area(key: str, code: str, name: str, kind: AreaKind, vintage: int, above: str = "") -> None:
        parent = made[above] if above else None
        made[key] = Area.objects.create(
            code=code, name=name, kind=kind, vintage=vintage, parent=parent, residents=1500
        )

    area("county", "E10000099", "Woodshire", AreaKind.COUNTY, 2021)
    area("unitary", "E06000099", "Elmport", AreaKind.UNITARY, 2021)
    area("ash", "E07000901", "Ash", AreaKind.DISTRICT, 2021, "county")
    area("birch", "E07000902", "Birch", AreaKind.DISTRICT, 2021, "county")
    area("ash_ward", "E05009901", "Ash Green", AreaKind.WARD, 2022, "ash")
    for number, district in enumerate(("ash", "birch", "unitary"), start=1):
        code = f"E0100990{number}"
        name = f"{made[district].name} 001A"
        area(f"{district}_lsoa_2011", code, name, AreaKind.LSOA, 2011, district)
        area(f"{district}_lsoa", code, name, AreaKind.LSOA, 2021, district)
        AreaChange.objects.create(
            before=made[f"{district}_lsoa_2011"], after=made[f"{district}_lsoa"], kind="U"
        )


def _organisations(world: World) -> None:
    for key, name, kind, area in (
        ("county", "Woodshire County Council", OrganisationKind.COUNTY, "county"),
        ("police", "Woodshire Police", OrganisationKind.POLICE, None),
        ("fire", "Woodshire Fire and Rescue", OrganisationKind.FIRE, None),
        ("health", "Woodshire Integrated Care Board", OrganisationKind.HEALTH, None),
        ("policing", "Woodshire Policing Board", OrganisationKind.POLICING_BODY, None),
        ("voluntary", "Woodshire Voices", OrganisationKind.VOLUNTARY, None),
        ("ash", "Ash District Council", OrganisationKind.DISTRICT, "ash"),
        ("birch", "Birch District Council", OrganisationKind.DISTRICT, "birch"),
        ("unitary", "Elmport Council", OrganisationKind.UNITARY, "unitary"),
    ):
        world.organisations[key] = Organisation.objects.create(
            name=name,
            slug=f"org-{key}",
            kind=kind,
            area=world.areas[area] if area else None,
            is_responsible_authority=key not in {"policing", "voluntary", "unitary"},
        )
    world.organisations["ended"] = Organisation.objects.create(
        name="Woodshire Commissioning Group",
        slug="org-ended",
        kind=OrganisationKind.HEALTH,
        valid_to=date(2022, 6, 30),
    )
    world.more["succession"] = Succession.objects.create(
        before=world.organisations["ended"],
        after=world.organisations["health"],
        on=date(2022, 7, 1),
    )


def _bodies(world: World) -> None:
    def body(key: str, name: str, kind: BodyKind, audience: Audience, *areas: str) -> None:
        made = Body.objects.create(
            name=name,
            slug=f"body-{key}".replace("_", "-"),
            kind=kind,
            audience=audience,
            parent=world.bodies.get("county_partnership"),
        )
        made.areas.set([world.areas[area] for area in areas])
        world.bodies[key] = made

    body(
        "county_partnership",
        "Woodshire Community Safety Partnership",
        BodyKind.COUNTY_PARTNERSHIP,
        Audience.PUBLIC,
        "county",
    )
    body("team", "Woodshire Community Safety Team", BodyKind.TEAM, Audience.PUBLIC, "county")
    body("ash_csp", "Ash Community Safety Partnership", BodyKind.CSP, Audience.PUBLIC, "ash")
    body("birch_csp", "Birch Community Safety Partnership", BodyKind.CSP, Audience.PUBLIC, "birch")
    body("committee", "Crime and Disorder Committee", BodyKind.COMMITTEE, Audience.PUBLIC)
    body("working_group", "Working Group", BodyKind.WORKING_GROUP, Audience.PARTNERSHIP, "county")
    body("closed_group", f"{SECRET} Group", BodyKind.GROUP, Audience.BODY)
    body("panel", f"{SECRET} Panel", BodyKind.PANEL, Audience.CASE)


def _people(world: World) -> None:
    for key, (organisation, title, role) in _POSTS.items():
        post = Post.objects.create(
            title=title, organisation=world.organisations[organisation], role=role
        )
        user = User.objects.create(email=f"{key}@woodshire.example", name=f"Person {key}")
        world.posts[key], world.users[key] = post, user
        world.holdings[key] = Holding.objects.create(
            post=post,
            holder=user,
            valid_from=BEGAN,
            valid_to=YESTERDAY if key == "ended_post" else None,
        )
    world.users["no_post"] = User.objects.create(
        email="no_post@woodshire.example", name="Person no_post"
    )
    world.users["inactive"] = User.objects.create(
        email="inactive@woodshire.example", name="Person inactive", is_active=False
    )
    world.holdings["inactive"] = Holding.objects.create(
        post=world.posts["county_team"], holder=world.users["inactive"], valid_from=BEGAN
    )


def _places(world: World) -> None:
    def seat(key: str, who: str, body: str, role: Role, begins: date, ends: date | None) -> None:
        world.seats[key] = Seat.objects.create(
            post=world.posts[who],
            body=world.bodies[body],
            role=role,
            valid_from=begins,
            valid_to=ends,
        )

    for who, (body, role) in _SEATS.items():
        seat(who, who, body, role, BEGAN, None)
    team = Role.COUNTY_TEAM
    seat("ended_seat", "ended_seat", "team", team, BEGAN, YESTERDAY)
    seat("future_seat", "future_seat", "team", team, TODAY + timedelta(days=1), None)
    seat("ended_post", "ended_post", "team", team, BEGAN, None)
    seat("in_closed_group", "board_member", "closed_group", Role.BODY_MEMBER, BEGAN, None)
    seat("in_working_group", "fire_partner", "working_group", Role.BODY_MEMBER, BEGAN, None)
    seat("once_in_panel", "fire_partner", "panel", Role.CASE_PANEL_MEMBER, BEGAN, YESTERDAY)
    for body, who in (
        ("county_partnership", "chair"),
        ("ash_csp", "district_chair"),
        ("birch_csp", "other_district_chair"),
        ("panel", "case_panel_member"),
        ("closed_group", None),
    ):
        world.more[f"chair of {body}"] = Office.objects.create(
            body=world.bodies[body],
            kind=OfficeKind.CHAIR,
            post=world.posts[who] if who else None,
            valid_from=BEGAN,
        )


def _registers(world: World) -> None:
    for audience in (Audience.PUBLIC, Audience.PARTNERSHIP):
        world.more[f"plan {audience}"] = LinkedPlan.objects.create(
            title=f"Plan for the {audience}",
            audience=audience,
            owner=world.organisations["county"],
            valid_from=BEGAN,
        )
        world.more[f"legislation {audience}"] = Legislation.objects.create(
            title=f"Act for the {audience}",
            kind=LegislationKind.ACT,
            status=LegislationStatus.IN_FORCE,
            audience=audience,
        )
