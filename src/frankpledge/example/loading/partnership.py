"""Organisations, bodies, posts, seats, plans and legislation; an account for each persona."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from frankpledge.access.models import User
from frankpledge.core.models import Area
from frankpledge.example.facts import read
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

BEGAN = date(2017, 4, 1)


@dataclass
class Partnership:
    """What the later loaders refer to, by the keys of the fact tables."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    plans: dict[str, LinkedPlan] = field(default_factory=dict)
    legislation: dict[str, Legislation] = field(default_factory=dict)

    @property
    def county(self) -> Body:
        return next(body for body in self.bodies.values() if body.kind == "county_partnership")

    @property
    def csps(self) -> list[Body]:
        return [body for body in self.bodies.values() if body.kind == "csp"]


def _only(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def load(areas: dict[str, Area]) -> Partnership:
    loaded = Partnership()
    _organisations(loaded, areas)
    facts = read("bodies")
    _bodies(loaded, areas, facts["bodies"])
    _posts(loaded, facts)
    _plans(loaded)
    _legislation(loaded)
    _accounts(loaded)
    return loaded


def _organisations(loaded: Partnership, areas: dict[str, Area]) -> None:
    facts = read("organisations")
    for row in facts["organisations"]:
        known = _only(
            row,
            "slug",
            "name",
            "short_name",
            "kind",
            "is_responsible_authority",
            "valid_from",
            "valid_to",
            "notes",
        )
        area = areas.get(row.get("area", ""))
        loaded.organisations[row["slug"]] = Organisation.objects.create(area=area, **known)
    for row in facts["successions"]:
        Succession.objects.create(
            before=loaded.organisations[row["before"]],
            after=loaded.organisations[row["after"]],
            on=row["on"],
            note=row["note"],
        )


def _bodies(loaded: Partnership, areas: dict[str, Area], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        known = _only(
            row,
            "slug",
            "name",
            "short_name",
            "kind",
            "access_regime",
            "audience",
            "remit",
            "contact",
            "valid_from",
            "valid_to",
        )
        body = Body.objects.create(parent=loaded.bodies.get(row.get("parent", "")), **known)
        body.areas.set([areas[code] for code in row.get("areas", []) if code in areas])
        loaded.bodies[row["slug"]] = body


def _posts(loaded: Partnership, facts: dict[str, Any]) -> None:
    for row in facts["posts"]:
        loaded.posts[row["key"]] = Post.objects.create(
            title=row["title"],
            organisation=loaded.organisations[row["organisation"]],
            role=row["role"],
            valid_from=BEGAN,
        )
    for row in facts["seats"]:
        Seat.objects.create(
            body=loaded.bodies[row["body"]],
            post=loaded.posts[row["post"]],
            role=row["role"],
            valid_from=BEGAN,
        )
    for row in facts["offices"]:
        Office.objects.create(
            body=loaded.bodies[row["body"]],
            kind=row["kind"],
            post=loaded.posts.get(row["post"] or ""),
            valid_from=BEGAN,
        )
    _district_posts(loaded, facts["district_posts"])


def _district_posts(loaded: Partnership, rows: list[dict[str, Any]]) -> None:
    """Every district partnership that has no posts of its own gets the same two."""
    for body in loaded.csps:
        council = loaded.organisations.values()
        area = body.areas.first()
        employer = next(each for each in council if each.area_id == area.pk)
        for row in rows:
            key = f"{body.slug}-{row['key']}"
            if key in loaded.posts:
                continue
            post = Post.objects.create(
                title=row["title"].format(body=body.name),
                organisation=employer,
                role=row["role"],
                valid_from=BEGAN,
            )
            loaded.posts[key] = post
            if "seat" in row:
                Seat.objects.create(body=body, post=post, role=row["seat"], valid_from=BEGAN)
            if "office" in row:
                Office.objects.create(body=body, kind=row["office"], post=post, valid_from=BEGAN)


def _plans(loaded: Partnership) -> None:
    facts = read("plans")
    for row in [*facts["plans"], *facts.get("later_plans", [])]:
        known = _only(row, "title", "valid_from", "valid_to", "notes", "audience", "link")
        owner = loaded.organisations.get(row.get("owner", ""))
        loaded.plans[row["title"]] = LinkedPlan.objects.create(owner=owner, **known)


def _legislation(loaded: Partnership) -> None:
    facts = read("legislation")
    for row in facts["legislation"]:
        known = _only(
            row, "title", "kind", "status", "assent", "commencement", "duty", "duty_on", "source"
        )
        loaded.legislation[row["key"]] = Legislation.objects.create(
            status_as_of=facts["as_of"], **known
        )


def _accounts(loaded: Partnership) -> None:
    """Nobody can sign in to these with a password; the example's start page opens them."""
    facts = read("personas")
    wanted = [
        (row["email"], row["name"], row["post"]) for row in facts["personas"] if row.get("email")
    ]
    taken = {post for _, _, post in wanted}
    for body in loaded.csps:
        for part, pattern in facts["district_accounts"].items():
            key = f"{body.slug}-{part}"
            if key in loaded.posts and key not in taken:
                title = "District officer" if part == "officer" else "District chair"
                name = f"{title} ({body.short_name.removesuffix(' CSP')})"
                wanted.append((pattern.format(slug=body.slug), name, key))
    for email, name, post in wanted:
        user = User.objects.create_user(email=email, name=name)
        Holding.objects.create(post=loaded.posts[post], holder=user, valid_from=BEGAN)
