"""Why, what I hold, roles, and the trail as far as it concerns the reader."""

from uuid import uuid4

import pytest

from frankpledge.access import audit
from frankpledge.access.decisions import may, policies
from frankpledge.access.enums import Capability, Role
from frankpledge.core.kinds import kinds
from frankpledge.partnership import actions
from tests.worlds import NOW, SECRET, TODAY


@pytest.mark.parametrize("who", ["public", "no_post", "fire_partner", "county_team"])
@pytest.mark.parametrize("key", ["random", "garbage", "9" * 40])
def test_why_not_is_byte_for_byte_the_page_of_nothing(world, as_, who, key):
    client = as_(who)
    nothing = {"random": str(uuid4()), "garbage": "no-such-record"}.get(key, key)
    hidden = client.get(f"/why/body/{world.bodies['panel'].pk}/")
    missing = client.get(f"/why/body/{nothing}/")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    assert dict(hidden.headers) == dict(missing.headers)
    assert SECRET not in hidden.content.decode()
    assert "The general rules" in hidden.content.decode()


def test_why_says_decision_rule_clause_and_whom_to_ask(world, as_):
    body = world.bodies["working_group"]
    page = as_("fire_partner").get(f"/why/body/{body.pk}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "It is shown to the partnership, and you hold a post." in text
    assert "Access rules, audience" in text
    assert "Only the county team changes organisations" in text
    assert "Ask the county team." in text


@pytest.mark.parametrize("slug", sorted(kinds()))
def test_why_of_every_kind_is_a_page(world, as_, slug):
    model = kinds()[slug].model
    record = model._base_manager.first()
    assert record is not None, f"No {model._meta.label} in the test world"
    seen = as_("county_team").get(f"/why/{slug}/{record.pk}/")
    assert seen.status_code in {200, 404}
    assert as_("public").get(f"/why/{slug}/{uuid4()}/").status_code == 404


def test_why_of_no_kind_does_not_exist(as_):
    assert as_("public").get(f"/why/secret-kind/{uuid4()}/").status_code == 404


def test_my_access_says_what_through_which_seat_and_until_when(world, as_):
    seat = world.seats["county_team"]
    seat.valid_to = TODAY.replace(month=3)
    seat.save()
    text = as_("county_team").get("/my-access/").content.decode()
    assert "Seat: Team leader, Woodshire County Council on Woodshire Community Safety Team" in text
    assert "1 April 2024" in text
    assert "22 March 2026" in text


def test_an_ended_seat_and_post_have_lapsed_by_themselves(world, as_):
    assert "Community Safety Team" not in as_("ended_seat").get("/my-access/").content.decode()
    assert "You hold no post" in as_("ended_post").get("/my-access/").content.decode()
    assert not world.actor("ended_seat").holds(Role.COUNTY_TEAM)
    assert not world.actor("future_seat").holds(Role.COUNTY_TEAM)


def test_every_role_is_described(as_):
    text = as_("public").get("/roles/").content.decode()
    for role in Role:
        assert role.label.replace("'", "&#x27;") in text


def test_the_county_team_is_people_of_several_employers(world):
    team = [world.actor("county_team"), world.actor("county_team_police")]
    assert all(actor.holds(Role.COUNTY_TEAM) for actor in team)
    assert team[0].organisations() != team[1].organisations()


def test_every_policy_gives_a_reason_of_at_most_25_words():
    for (model, capability), policy in policies().items():
        sentences = [rule.reason for rule in policy.rules] + [policy.otherwise, policy.ask]
        for sentence in sentences:
            assert sentence, (model, capability)
            assert len(sentence.split()) <= 25, sentence


# The trail


def _seat(world, body: str, who: str = "scrutiny"):
    seated = actions.begin_seat(
        actor=world.actor("county_team"),
        body=world.bodies[body],
        post=world.posts[who],
        role=Role.BODY_MEMBER,
        begins=TODAY,
        now=NOW,
    )
    return seated


def test_the_trail_is_read_by_those_it_concerns(world, as_):
    _seat(world, "ash_csp", "data_provider")
    said = "Seated Data analyst, Woodshire Police on Ash Community Safety Partnership"
    for who, reads in (
        ("county_team", True),
        ("administrator", True),
        ("district_officer", True),
        ("county_team_police", True),
        ("data_provider", True),
        ("other_district_officer", False),
        ("fire_partner", False),
        ("ended_post", False),
    ):
        assert (said in as_(who).get("/audit-trail/").content.decode()) == reads, who
    assert as_("public").get("/audit-trail/").status_code == 302


def test_a_change_to_a_closed_body_is_not_told_to_the_employer(world, as_):
    _seat(world, "closed_group", "data_provider")
    for who, reads in (("board_member", True), ("county_team", True), ("county_team_police", True)):
        assert (SECRET in as_(who).get("/audit-trail/").content.decode()) == reads, who
    world.users["fire_partner"].holdings.update(post=world.posts["other_data_provider"])
    assert SECRET not in as_("fire_partner").get("/audit-trail/").content.decode()


def test_a_look_into_a_case_is_read_by_its_panel_alone(world, as_):
    panel = world.bodies["panel"]
    member = world.actor("case_panel_member")
    audit.looked(actor=member, record=panel, reason="To prepare the review", now=NOW, body=panel)
    assert "To prepare the review" in as_("case_panel_member").get("/audit-trail/").content.decode()
    for who in ("county_team", "administrator", "fire_partner", "chair"):
        text = as_(who).get("/audit-trail/").content.decode()
        assert SECRET not in text, who
        assert "To prepare the review" not in text, who


def test_what_somebody_holds_does_not_name_a_closed_body(world):
    for who in ("board_member", "case_panel_member"):
        assert SECRET not in world.actor(who).via
        assert "a closed body" in world.actor(who).via


def test_the_trail_is_filtered_and_goes_out_as_a_file(world, as_):
    _seat(world, "ash_csp")
    _seat(world, "birch_csp", "fire_partner")
    client = as_("county_team")
    page = client.get("/audit-trail/?words=Birch")
    assert "Safety manager" in page.content.decode()
    assert "Scrutiny councillor" not in page.content.decode()
    assert "Nothing matches" in client.get("/audit-trail/?who=Nobody").content.decode()
    assert "Nothing matches" in client.get("/audit-trail/?what=looks").content.decode()
    out = client.get("/audit-trail/?words=Birch&download=csv")
    assert out["Content-Type"].startswith("text/csv")
    assert out.content.decode("utf-8-sig").count("Seated") == 1


def test_trail_capability_is_the_county_team_and_administrators(world):
    for who, whole in (("county_team", True), ("administrator", True), ("chair", False)):
        assert may(world.actor(who), Capability.READ_AUDIT).allowed == whole
