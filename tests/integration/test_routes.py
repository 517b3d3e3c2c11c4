"""Every address, called: by those who may, and by those who must not learn that it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from frankpledge.access.decisions import SITE, may, policies
from frankpledge.access.enums import Capability
from frankpledge.access.models import AuditEntry
from frankpledge.access.routes import ROUTES, Route
from tests.route_records import ROUTE_RECORDS, Entry
from tests.worlds import SECRET, World, a_world

pytestmark = pytest.mark.django_db
# The public; an account without a post; one whose post or seat ended yesterday; another district;
# another organisation; a member of the closed body; a case's panel; the county team.
CALLERS = (
    "public",
    "no_post",
    "ended_post",
    "ended_seat",
    "other_district_officer",
    "other_data_provider",
    "board_member",
    "case_panel_member",
    "county_team",
)
KNOWS_A_SECRET = {"board_member", "case_panel_member", "county_team"}
ALWAYS = {"public", "no_post", "ended_seat"}
LOGIN = "/account/login/"
_PAGES_THAT_ONLY_TAKE_POST = {405}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_world()
        transaction.set_rollback(True)


def test_every_address_has_an_entry():
    assert set(ROUTE_RECORDS) == set(ROUTES)


def _client(world: World, who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who != "public":
        client.force_login(world.users[who], "allauth.account.auth_backends.AuthenticationBackend")
    return client


def _records(world: World, route: Route, entry: Entry) -> list[Any]:
    if entry.records is not None:
        return list(entry.records(world))
    if not route.model or route.kind not in {"decides", "machine"}:
        return []
    found = world.records(apps.get_model(route.model))
    assert found, f"No {route.model} in the test world: add it in tests/world_parts.py"
    return found


def _expected(world: World, who: str, route: Route, entry: Entry, record: Any) -> set[int]:
    """The statuses that the policies ask for."""
    if who == "public" and not route.public:
        return {302}
    if entry.chooses:
        return {200, 302, 303, 400, 403, 404}
    actor = world.actor(who)
    seen = [record, *entry.needs(world, record)] if record is not None else []
    if not all(may(actor, Capability.VIEW, each) for each in seen):
        return {404}
    if record is not None and (type(record), route.capability) in policies():
        allowed = may(actor, route.capability, record)
    else:
        allowed = may(actor, route.capability, SITE)
    return {200, 302, 303, 400, 409, *([404] if entry.absent else [])} if allowed else {403}


def _cases(
    world: World, route: Route, entry: Entry, asked: list[Any]
) -> Iterator[tuple[Any, str, set[int]]]:
    """Of the records one for each way the callers are answered; of the callers, always those who
    hold nothing today, and one more for each other answer."""
    told: set[tuple[frozenset[int], ...]] = set()
    for record in asked:
        answers = {who: _expected(world, who, route, entry, record) for who in CALLERS}
        pattern = tuple(frozenset(each) for each in answers.values())
        if pattern in told:
            continue
        told.add(pattern)
        heard: set[frozenset[int]] = set()
        for who, expected in answers.items():
            if who in ALWAYS or frozenset(expected) not in heard:
                heard.add(frozenset(expected))
                yield record, who, expected


def _checked(answer: Any, expected: set[int], who: str, url: str) -> None:
    assert answer.status_code in expected, f"{who} {url}: {answer.status_code}, not {expected}"
    if who not in KNOWS_A_SECRET and not answer.streaming:
        assert SECRET.encode() not in answer.content, f"{who} reads the secret on {url}"


CALLED = {name: route for name, route in ROUTES.items() if name in ROUTE_RECORDS}
DECIDING = [name for name, route in CALLED.items() if route.kind == "decides"]


@pytest.mark.parametrize("name", DECIDING)
def test_an_address_answers_as_its_policy_says(world: World, name: str):
    route, entry = ROUTES[name], ROUTE_RECORDS[name]
    asked = _records(world, route, entry) or [None]
    for record, who, expected in _cases(world, route, entry, asked):
        url = reverse(name, args=entry.args(world, record)) + entry.query
        client = _client(world, who)
        answer = client.get(url)
        _checked(answer, expected | _PAGES_THAT_ONLY_TAKE_POST, who, url)
        if expected == {302}:
            assert answer["Location"].startswith(LOGIN)
        if not expected & {200}:
            before = AuditEntry.objects.count()
            posted = client.post(url, {})
            assert posted.status_code in expected, f"{who} posts to {url}: {posted.status_code}"
            assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("name", [name for name in DECIDING if ROUTE_RECORDS[name].guessed])
def test_a_guessed_address_is_no_other_than_a_forbidden_one(world: World, name: str):
    """What may not be seen and what does not exist get the same answer, to the byte."""
    route, entry = ROUTES[name], ROUTE_RECORDS[name]
    assert entry.guessed is not None
    wrong = reverse(name, args=entry.guessed(world)) + entry.query
    for who in ("no_post", "county_team"):
        client = _client(world, who)
        missing = _asked(client, wrong)
        assert missing.status_code == 404, f"{who} {wrong}"
        for record in _records(world, route, entry):
            if _expected(world, who, route, entry, record) == {404}:
                url = reverse(name, args=entry.args(world, record)) + entry.query
                answer = _asked(client, url)
                assert answer.content == missing.content
                assert _headers(answer) == _headers(missing)
                break


def _asked(client: Client, url: str) -> Any:
    """By GET, or by POST where the page takes nothing else."""
    answer = client.get(url)
    return client.post(url, {}) if answer.status_code == 405 else answer


def _headers(answer: Any) -> dict[str, str]:
    return dict(answer.headers)


@pytest.mark.parametrize(
    "name", [name for name, route in CALLED.items() if route.kind in {"lists", "signed in"}]
)
def test_a_list_shows_nothing_of_others(world: World, name: str):
    route, entry = ROUTES[name], ROUTE_RECORDS[name]
    if entry.closed:
        with pytest.raises(NoReverseMatch):
            reverse(name)
        return
    url = reverse(name, args=entry.args(world, None)) + entry.query
    for who in (*sorted(ALWAYS), "other_district_officer", "county_team"):
        answer = _client(world, who).get(url)
        if who == "public" and not route.public:
            _checked(answer, {302}, who, url)
            assert answer["Location"].startswith(LOGIN)
        else:
            _checked(answer, {200, 302, 404, 405}, who, url)


@pytest.mark.parametrize("name", [name for name, route in CALLED.items() if route.kind == "open"])
def test_an_open_address_tells_no_secret(world: World, name: str):
    entry = ROUTE_RECORDS[name]
    if entry.closed:
        with pytest.raises(NoReverseMatch):
            reverse(name)
        return
    url = reverse(name, args=entry.args(world, None)) + entry.query
    for who in ("public", "no_post", "ended_seat"):
        answer = _client(world, who).get(url)
        assert answer.status_code < 500, f"{who} {url}"
        _checked(answer, {answer.status_code}, who, url)


def test_an_address_without_an_entry_answers_nobody(world: World):
    for who in ("public", "county_team"):
        assert _client(world, who).get("/account/social/connections/").status_code == 404


@pytest.mark.parametrize("name", [name for name in CALLED if not ROUTE_RECORDS[name].closed])
def test_what_is_no_text_gets_a_clean_answer_everywhere(world: World, name: str):
    """PostgreSQL refuses a NUL and SQLite keeps it: it reaches neither."""
    route, entry = ROUTES[name], ROUTE_RECORDS[name]
    record = next(iter(_records(world, route, entry)), None)
    url = reverse(name, args=entry.args(world, record))
    more = f"{entry.query}&" if entry.query else "?"
    for who in ("public", "county_team"):
        client = _client(world, who)
        answers = [
            client.get(f"{url}{more}q=a%00b"),
            client.get(f"{url}{more}%00=1"),
            client.get(f"{url}%00/"),
            client.post(url, {"name": "a\x00b"}),
            client.post(url, {"na\x00me": "b"}),
            client.post(url, '{"name": "a\\u0000b"}', content_type="application/json"),
        ]
        assert [answer.status_code for answer in answers] == [400] * 6, f"{who} {url}"
        assert all(b"This cannot be read" in answer.content for answer in answers)


def test_a_cookie_that_is_no_text_is_no_cookie(world: World):
    for url in ("/", "/my-access/", "/static/none%00.css"):
        client = Client()
        client.cookies["sessionid"] = "a\x00bcdefghijkl"
        client.cookies["csrftoken"] = "\x00"
        assert client.get(url).status_code in {200, 302, 400}, url
