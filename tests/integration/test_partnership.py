"""Organisations, bodies, posts and seats: what people do, and what the pages tell to whom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from frankpledge.access.decisions import Refused
from frankpledge.access.enums import Role
from frankpledge.access.models import AuditEntry, User
from frankpledge.core.markings import Audience
from frankpledge.partnership import actions
from frankpledge.partnership.enums import BodyKind, OfficeKind, OrganisationKind
from frankpledge.partnership.models import (
    Body,
    Holding,
    Legislation,
    LinkedPlan,
    Organisation,
    Post,
    Seat,
)
from frankpledge.partnership.rules import UnableTo
from tests.worlds import NOW, SECRET, TODAY, YESTERDAY

TOMORROW = TODAY + timedelta(days=1)


def _seat(world, who="county_team", body="ash_csp", post="fire_partner", **rest):
    given = {"role": Role.BODY_MEMBER, "begins": TODAY, "now": NOW, **rest}
    return actions.begin_seat(
        actor=world.actor(who), body=world.bodies[body], post=world.posts[post], **given
    )


# Seats


def test_access_follows_the_seat_from_its_first_day_to_its_last(world):
    ash = world.bodies["ash_csp"].pk
    seat = _seat(world, role=Role.DISTRICT_OFFICER, begins=TOMORROW)
    assert ash not in world.actor("fire_partner").bodies()
    assert ash in world.actor("fire_partner", TOMORROW).bodies(Role.DISTRICT_OFFICER)
    last = TOMORROW + timedelta(days=3)
    actions.end_seat(actor=world.actor("county_team"), seat=seat, on=last, now=NOW)
    assert ash in world.actor("fire_partner", last).bodies()
    assert ash not in world.actor("fire_partner", last + timedelta(days=1)).bodies()


def test_access_ends_with_the_post_the_holder_the_organisation_or_the_body(world):
    for record in (
        world.posts["district_officer"],
        world.holdings["district_officer"],
        world.organisations["ash"],
        world.bodies["ash_csp"],
    ):
        record.valid_to = YESTERDAY
        record.save()
        assert not world.actor("district_officer").bodies(), record
        record.valid_to = None
        record.save()
    assert world.actor("district_officer").bodies()


def test_a_post_sits_on_a_body_once_at_a_time(world):
    _seat(world, ends=TOMORROW)
    with pytest.raises(UnableTo, match="already has a seat"):
        _seat(world, begins=TOMORROW)
    _seat(world, begins=TOMORROW + timedelta(days=1))


def test_a_seat_does_not_end_before_it_begins_or_twice(world):
    team = world.actor("county_team")
    seat = _seat(world)
    with pytest.raises(UnableTo, match="cannot end earlier"):
        actions.end_seat(actor=team, seat=seat, on=YESTERDAY, now=NOW)
    actions.end_seat(actor=team, seat=seat, on=TODAY, now=NOW)
    with pytest.raises(UnableTo, match="already ended"):
        actions.end_seat(actor=team, seat=seat, on=TOMORROW, now=NOW)


def test_the_database_holds_the_dates_in_order(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.create(
            body=world.bodies["ash_csp"],
            post=world.posts["fire_partner"],
            valid_from=TODAY,
            valid_to=YESTERDAY,
        )


@pytest.mark.parametrize(
    "who", ["fire_partner", "district_officer", "chair", "ended_seat", "data_provider"]
)
def test_others_do_not_fill_or_end_seats(world, who):
    with pytest.raises(Refused, match="Only the county team and administrators"):
        _seat(world, who)
    with pytest.raises(Refused):
        actions.end_seat(actor=world.actor(who), seat=world.seats["analyst"], on=TODAY, now=NOW)


def test_nobody_lifts_themselves(world):
    """The roles that give roles come from an administrator, whichever way one tries."""
    team = world.actor("county_team")
    county = world.organisations["county"]
    for role in (Role.COUNTY_TEAM, Role.ADMINISTRATOR):
        with pytest.raises(Refused, match="Only an administrator"):
            _seat(world, role=role)
        with pytest.raises(Refused, match="Only an administrator"):
            actions.create_post(
                actor=team, organisation=county, fields={"title": "x", "role": role}, now=NOW
            )
        with pytest.raises(Refused, match="Only an administrator"):
            actions.edit_post(
                actor=team, post=world.posts["analyst"], fields={"role": role}, now=NOW
            )
    with pytest.raises(Refused, match="Only an administrator"):
        actions.begin_holding(
            actor=team,
            post=world.posts["administrator"],
            email="me@woodshire.example",
            name="Me",
            begins=TODAY,
            now=NOW,
        )
    assert not User.objects.filter(email="me@woodshire.example").exists()
    assert _seat(world, who="administrator", role=Role.COUNTY_TEAM).pk


def test_a_case_panel_is_out_of_the_county_teams_reach(world):
    with pytest.raises(Http404):
        _seat(world, body="panel", role=Role.CASE_PANEL_MEMBER)
    with pytest.raises(Http404):
        actions.edit_body(
            actor=world.actor("county_team"), body=world.bodies["panel"], fields={}, now=NOW
        )


def test_offices_are_held_by_one_at_a_time_or_vacant(world):
    team, ash = world.actor("county_team"), world.bodies["ash_csp"]
    begin = {"actor": team, "body": ash, "now": NOW, "begins": TODAY}
    with pytest.raises(UnableTo, match="has a chair then"):
        actions.begin_office(kind=OfficeKind.CHAIR, post=world.posts["fire_partner"], **begin)
    clerk = actions.begin_office(kind=OfficeKind.CLERK, post=None, **begin)
    actions.end_office(actor=team, office=clerk, on=TODAY, now=NOW)
    actions.end_office(actor=team, office=world.more["chair of ash_csp"], on=TODAY, now=NOW)
    assert ash.pk in world.actor("district_chair").bodies(Role.CHAIR)
    assert ash.pk not in world.actor("district_chair", TOMORROW).bodies(Role.CHAIR)


def test_somebody_takes_and_leaves_a_post(world):
    team, post = world.actor("county_team"), world.posts["district_officer"]
    begin = {"actor": team, "post": post, "now": NOW, "begins": TODAY}
    holding = actions.begin_holding(email="New@Woodshire.example", name="New", **begin)
    assert holding.holder.email == "new@woodshire.example"
    assert not holding.holder.has_usable_password()
    with pytest.raises(UnableTo, match="holds this post then"):
        actions.begin_holding(email="new@woodshire.example", name="New", **begin)
    actions.end_holding(actor=team, holding=holding, on=TODAY, now=NOW)
    assert User.objects.filter(email="new@woodshire.example").count() == 1
    said = list(AuditEntry.objects.values_list("text", flat=True))
    assert any(text.startswith("Made an account for New") for text in said)


# Organisations, bodies and registers


def test_one_organisation_takes_over_from_another(world):
    team = world.actor("county_team")
    fire, health = world.organisations["fire"], world.organisations["health"]
    made = actions.succeed(actor=team, before=fire, after=health, on=TODAY, now=NOW)
    assert str(made) == "Woodshire Fire and Rescue became Woodshire Integrated Care Board"
    with pytest.raises(UnableTo, match="from itself"):
        actions.succeed(actor=team, before=fire, after=fire, on=TODAY, now=NOW)
    with pytest.raises(UnableTo, match="already took over"):
        actions.succeed(actor=team, before=health, after=fire, on=TODAY, now=NOW)


def test_a_partnership_may_cover_one_district_or_two(world):
    both = [world.areas["ash"], world.areas["birch"]]
    body = actions.create_body(
        actor=world.actor("county_team"),
        fields={"name": "Ash and Birch CSP", "kind": BodyKind.CSP},
        areas=both,
        now=NOW,
    )
    assert set(body.areas.all()) == set(both)
    assert set(world.areas["ash"].bodies.all()) == {body, world.bodies["ash_csp"]}
    actions.edit_body(
        actor=world.actor("county_team"), body=body, fields={}, areas=both[:1], now=NOW
    )
    assert list(body.areas.all()) == both[:1]
    assert AuditEntry.objects.filter(text__contains="now covers Ash (E07000901)").exists()


def test_bodies_do_not_report_in_a_circle(world):
    top, team = world.bodies["county_partnership"], world.bodies["team"]
    for parent in (top, team):
        with pytest.raises(UnableTo, match="itself or a body below"):
            actions.edit_body(
                actor=world.actor("county_team"), body=top, fields={"parent": parent}, now=NOW
            )


def test_the_trail_says_what_was_and_what_is(world):
    police = world.organisations["police"]
    actions.edit_organisation(
        actor=world.actor("county_team"),
        organisation=police,
        fields={"name": "Police of Woodshire", "kind": OrganisationKind.OTHER, "notes": "Long"},
        now=NOW,
    )
    assert AuditEntry.objects.get().text == (
        "Changed name from “Woodshire Police” to “Police of Woodshire”; "
        "kind from “Police force” to “Other”; notes."
    )


def test_two_of_one_name_get_two_addresses(world):
    made = [
        actions.create_organisation(
            actor=world.actor("county_team"),
            fields={"name": "Same Name", "kind": OrganisationKind.OTHER},
            now=NOW,
        )
        for _ in range(2)
    ]
    assert [each.slug for each in made] == ["same-name", "same-name-2"]


# Pages


def _text(answer) -> str:
    return answer.content.decode()


def test_the_public_reads_posts_but_no_names(world, as_):
    for url in (f"/posts/{world.posts['chair'].pk}/", "/bodies/body-county-partnership/"):
        assert "Person chair" not in _text(as_("public").get(url))
        assert "Person chair" in _text(as_("fire_partner").get(url))
    assert "Person" not in _text(as_("public").get("/posts/?when=all"))
    assert "Person c" not in _text(as_("no_post").get("/organisations/org-county/"))


def test_a_closed_body_is_on_no_list_of_others(world, as_):
    for url in ("/bodies/?when=all", "/bodies/body-county-partnership/", "/areas/E10000099/"):
        for who in ("public", "fire_partner", "case_panel_member"):
            found = SECRET in _text(as_(who).get(url))
            assert found == (who == "case_panel_member" and "areas" not in url), (who, url)


def test_what_may_not_be_done_says_why_beside_it(world, as_):
    text = _text(as_("fire_partner").get("/organisations/org-police/"))
    assert "Only the county team changes organisations" in text
    assert 'href="/organisations/org-police/edit/"' not in text
    assert 'href="/organisations/org-police/edit/"' in _text(
        as_("county_team").get("/organisations/org-police/")
    )


def test_a_record_says_what_it_said_on_a_day(world, as_):
    plan = LinkedPlan.objects.get(title="Plan for the public")
    plan.history.update(history_date=NOW - timedelta(days=30))
    plan.title = "Plan with a new name"
    plan.save()
    url = f"/linked-plans/{plan.pk}/"
    before = (NOW - timedelta(days=10)).date().isoformat()
    assert "Plan for the public" in _text(as_("public").get(f"{url}?on={before}"))
    assert "Nothing had been entered" in _text(as_("public").get(f"{url}?on=2020-01-01"))
    assert "Changed: title" in _text(as_("public").get(url))
    assert as_("public").get(f"{url}?on=nonsense").status_code == 200


def test_an_earlier_version_is_shown_to_whom_it_was_shown_then(world, as_):
    """Published today: what it said while it was the partnership's own stays theirs."""
    plan = LinkedPlan.objects.get(title="Plan for the partnership")
    plan.notes = "An early thought"
    plan.save()
    plan.history.update(history_date=NOW - timedelta(days=30))
    plan.audience, plan.notes = Audience.PUBLIC, ""
    plan.save()
    url = f"/linked-plans/{plan.pk}/?on={(NOW - timedelta(days=10)).date()}"
    assert "An early thought" in _text(as_("fire_partner").get(url))
    assert "An early thought" not in _text(as_("public").get(url))
    assert "Changed" not in _text(as_("public").get(url))


def test_a_form_says_what_is_wrong_once_and_linked(world, as_):
    answer = as_("county_team").post(
        "/organisations/new/",
        {"name": "", "kind": "nonsense", "valid_from": "2026-02-30", "valid_to": "2020-01-01"},
    )
    text = _text(answer)
    assert answer.status_code == 400
    assert "<title>Error:" in text.replace("\n", "")
    assert 'href="#id_name"' in text
    assert "Enter name" in text


def test_an_organisation_is_added_and_changed_by_its_pages(world, as_):
    client = as_("county_team")
    added = client.post(
        "/organisations/new/", {"name": "New Trust", "kind": "health", "valid_from": "2025-04-01"}
    )
    assert added["Location"] == "/organisations/new-trust/"
    assert "Organisation added." in _text(client.get(added["Location"]))
    client.post(
        "/organisations/new-trust/edit/",
        {"name": "Newer Trust", "kind": "health", "area": world.areas["ash"].pk},
    )
    changed = Organisation.objects.get(slug="new-trust")
    assert (changed.name, changed.area, changed.valid_from) == (
        "Newer Trust",
        world.areas["ash"],
        None,
    )
    assert AuditEntry.objects.count() == 2


def test_a_body_with_seats_is_made_by_its_pages(world, as_):
    client = as_("county_team")
    client.post(
        "/bodies/new/",
        {
            "name": "Retail Crime Group",
            "kind": "group",
            "access_regime": "partnership",
            "audience": "partnership",
            "areas": [world.areas["ash"].pk, world.areas["birch"].pk],
        },
    )
    body = Body.objects.get(name="Retail Crime Group")
    assert body.areas.count() == 2
    client.post(
        f"/bodies/{body.slug}/seats/new/",
        {"post": world.posts["fire_partner"].pk, "role": "body_member", "begins": "2026-01-22"},
    )
    seat = body.seats.get()
    page = _text(client.get(f"/bodies/{body.slug}/"))
    assert f"/seats/{seat.pk}/end/" in page
    client.post(f"/seats/{seat.pk}/end/", {"on": "2026-01-22"})
    seat.refresh_from_db()
    assert seat.valid_to == date(2026, 1, 22)
    refused = client.post(f"/seats/{seat.pk}/end/", {"on": "2026-02-22"})
    assert "It has already ended" in _text(refused)


def test_registers_are_kept_by_their_pages(world, as_):
    client = as_("county_team")
    client.post(
        "/linked-plans/new/",
        {"title": "A Strategy", "audience": "public", "link": "https://plan.example/"},
    )
    bad = client.post(
        "/linked-plans/new/",
        {"title": "Bad", "audience": "public", "link": "javascript:alert(1)"},
    )
    assert "must begin with https" in _text(bad)
    client.post(
        "/legislation/new/",
        {"title": "An Act", "kind": "act", "status": "in_force", "audience": "public"},
    )
    early = client.post(
        "/legislation/new/",
        {
            "title": "Early Act",
            "kind": "act",
            "status": "in_force",
            "audience": "public",
            "assent": "2022-04-28",
            "commencement": "2022-04-01",
        },
    )
    assert "cannot be in force before its Assent" in _text(early)
    assert LinkedPlan.objects.filter(title="A Strategy").exists()
    assert Legislation.objects.filter(title="An Act").exists()
    assert not LinkedPlan.objects.filter(title="Bad").exists()


def test_hostile_fields_are_text_or_refused(world, as_):
    client = as_("county_team")
    evil = '<script>alert("x")</script>'
    client.post("/organisations/new/", {"name": [evil, evil], "kind": "other", "unknown": "x"})
    slug = Organisation.objects.latest("created_at").slug
    assert evil not in _text(client.get(f"/organisations/{slug}/"))
    other = world.bodies["panel"].pk
    refused = client.post(
        "/bodies/new/",
        {
            "name": "Under the panel",
            "kind": "group",
            "access_regime": "partnership",
            "audience": "public",
            "parent": other,
        },
    )
    assert refused.status_code == 400
    assert not Body.objects.filter(name="Under the panel").exists()
    case = client.post(
        "/bodies/new/",
        {"name": "A case", "kind": "panel", "access_regime": "partnership", "audience": "case"},
    )
    assert case.status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "/organisations/?words=police&kind=police&sort=-name",
        "/bodies/?kind=csp&sort=name",
        "/posts/?role=partner&vacant=on",
        "/linked-plans/?sort=-title",
        "/legislation/?kind=act&status=in_force",
        "/areas/E07000901/lsoa/?generation=2021&words=Ash",
    ],
)
def test_lists_are_filtered_sorted_and_taken_along(world, as_, url):
    client = as_("county_team")
    assert client.get(url).status_code == 200
    for kind in ("csv", "xlsx"):
        out = client.get(f"{url}&download={kind}")
        assert "attachment" in out["Content-Disposition"]
        assert out.content


# The same number of queries for one row and for thirty


def _some(world, begins: int, ends: int) -> None:
    """Of everything that lists show, from one number to another; all names hold a 0."""
    county = world.bodies["county_partnership"]
    police = world.organisations["police"]
    for number in range(begins, ends):
        organisation = Organisation.objects.create(
            name=f"Organisation 0{number:02}",
            slug=f"organisation-{number:02}",
            kind=OrganisationKind.OTHER,
            area=world.areas["ash"],
        )
        post = Post.objects.create(title=f"Post 0{number:02}", organisation=organisation)
        user = User.objects.create(email=f"{number}@woodshire.example", name=f"Extra {number:02}")
        Holding.objects.create(post=post, holder=user)
        Seat.objects.create(body=county, post=post)
        own = Post.objects.create(title=f"Own {number}", organisation=police)
        Holding.objects.create(post=own, holder=user)
        Seat.objects.create(body=county, post=own)
        body = Body.objects.create(
            name=f"Body 0{number:02}", slug=f"body-{number:02}", kind=BodyKind.GROUP, parent=county
        )
        body.areas.set([world.areas["ash"]])
        LinkedPlan.objects.create(title=f"Plan 0{number:02}", owner=organisation)
        Legislation.objects.create(title=f"Act 0{number:02}", kind="act", status="in_force")
        actions.edit_linked_plan(
            actor=world.actor("county_team"),
            plan=world.more["plan public"],
            fields={"notes": str(number)},
            now=NOW,
        )


# Signing in and the frame cost six; the rest is the page's own.
@pytest.mark.parametrize(
    ("url", "queries"),
    [
        ("/organisations/?words=0", 8),
        ("/bodies/?words=0", 9),
        ("/posts/?words=0", 9),
        ("/linked-plans/?words=0", 8),
        ("/legislation/?words=0", 8),
        ("/audit-trail/", 8),
        ("/areas/E07000901/lsoa/", 9),
        ("/areas/", 7),
        ("/areas/E07000901/", 12),
        ("/organisations/org-police/", 13),
        ("/bodies/body-county-partnership/", 14),
    ],
)
def test_thirty_rows_cost_the_queries_of_one(world, as_, url, queries):
    client = as_("county_team")
    _some(world, 0, 1)
    for begins, ends in ((1, 1), (1, 30)):
        _some(world, begins, ends)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        assert len(asked) == queries, [query["sql"][:120] for query in asked]
