"""The feed that spreadsheets refresh: what a key reads, what it never does."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from frankpledge.analysis.disclosure import Column, publish, rules
from frankpledge.evidence.queries.formats import odata
from frankpledge.sharing.actions.keys import make_key, revoke, rotate
from frankpledge.sharing.models import ApiKey, DataUse, Term
from frankpledge.sharing.rules.machines import UnableToKey
from tests import sharing_world as sharing
from tests.integration.test_evidence import _client
from tests.integration.test_evidence import shared as shared
from tests.worlds import NOW, TODAY

PLACES = "/odata/answer_by_place?dataset=abuse&from=2025-06&to=2025-06"
MONTHS = "/odata/answer_by_month?dataset=abuse&from=2025-01&to=2025-12"


@pytest.fixture(autouse=True)
def _today(settings: Any) -> Iterator[None]:
    settings.TODAY = TODAY
    yield


def _key(world: sharing.SharingWorld, *, reads: bool = True, days: int = 30) -> tuple[str, ApiKey]:
    data = "abuse" if reads else "fires"
    made = make_key(
        actor=world.actor("leader"),
        organisation=world.organisations["health" if reads else "fire"],
        once=uuid4(),
        label="Monthly workbook",
        datasets=[world.datasets[data]],
        expires_on=TODAY + timedelta(days=days),
        webhook_url="",
        now=NOW,
        reads=reads,
    )
    return made.token, made.key


def _get(url: str, token: str = "", *, basic: bool = False) -> Any:
    how = f"Bearer {token}"
    if basic:
        how = f"Basic {b64encode(f'anybody:{token}'.encode()).decode()}"
    headers = {"HTTP_AUTHORIZATION": how} if token else {}
    return Client(raise_request_exception=False).get(url, **headers)


def _birch(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    return next(row for row in answer.json()["value"] if row["area"] == "Birch")


def test_a_key_reads_what_its_organisation_reads_and_the_public_its_own(
    shared: sharing.SharingWorld,
):
    token, _ = _key(shared)
    for basic in (False, True):
        row = _birch(_get(PLACES, token, basic=basic))
        assert (row["count"], row["count_status"]) == (2, "shown")
    row = _birch(_get(PLACES))
    assert (row["count"], row["count_status"]) == (None, "suppressed")
    assert "The rule" in row["what_to_know"] and "OFFICIAL" in row["what_to_know"]
    signed_in = _client(shared, "leader").get(PLACES)  # a cookie is no key
    assert _birch(signed_in)["count"] is None


def test_a_use_is_noted_once(shared: sharing.SharingWorld):
    token, _ = _key(shared)
    for _ in range(2):
        _get(PLACES, token)
    use = DataUse.objects.get()
    assert (use.user_id, use.how, use.acting_as) == (None, "exported", "Machine of Ashshire Health")


@pytest.mark.parametrize("basic", [False, True])
def test_a_key_that_may_not_read_gets_nothing(shared: sharing.SharingWorld, basic: bool):
    actor = shared.actor("leader")
    good, _ = _key(shared)
    revoked, key = _key(shared)
    revoke(actor=actor, key=key, now=NOW)
    expired, key = _key(shared)
    ApiKey.objects.filter(pk=key.pk).update(expires_on=TODAY - timedelta(days=1))
    sends, _ = _key(shared, reads=False)
    for token in (revoked, expired, sends, "fpk_x", good[:-1] + "~", "é"):
        for url in ("/odata/", "/odata/$metadata", PLACES, "/odata/monthly_abuse"):
            answer = _get(url, token, basic=basic)
            assert answer.status_code == 401, url
            assert "Basic" in answer["WWW-Authenticate"]
            assert set(answer.json()) <= {"type", "title", "status", "remedy"}
    for broken in ("Basic !!!", "Basic", "Basic OnRoZXJl", "Digest a"):
        answer = Client().get(PLACES, HTTP_AUTHORIZATION=broken)
        assert answer.status_code == 401


def test_a_key_that_reads_sends_nothing_and_reads_no_other_data(shared: sharing.SharingWorld):
    token, key = _key(shared)
    for path in ("datasets", "submissions"):
        assert _get(f"/api/v1/{path}", token).status_code == 401
    others = "/odata/answer_by_month?dataset="
    asked = [_get(f"{others}{slug}", token) for slug in ("fires", "no-such-data")]
    asked += [_get("/odata/monthly_fires", token), _get("/odata/nothing", token)]
    assert {answer.status_code for answer in asked} == {404}
    assert len({answer.content for answer in asked}) == 1
    public = [_get(f"{others}{slug}") for slug in ("fires", "no-such-data")]
    assert [answer.status_code for answer in public] == [401, 401]
    assert public[0].content == public[1].content
    listed = [each["name"] for each in _get("/odata/", token).json()["value"]]
    assert listed == ["monthly_abuse", *odata.ANSWERS]
    assert key.reads


def test_a_term_that_ends_ends_the_reading(shared: sharing.SharingWorld):
    token, _ = _key(shared)
    Term.objects.filter(recipient_role__in=("partner", "public")).delete()
    assert _get(PLACES, token).status_code == 404
    assert _get("/odata/", token).json()["value"][0]["name"] not in ("monthly_abuse",)


def test_a_key_is_made_for_data_that_the_organisation_may_read(shared: sharing.SharingWorld):
    with pytest.raises(UnableToKey):
        make_key(
            actor=shared.actor("leader"),
            organisation=shared.organisations["health"],
            once=uuid4(),
            label="Too much",
            datasets=[shared.datasets["fires"]],
            expires_on=TODAY + timedelta(days=9),
            webhook_url="",
            now=NOW,
            reads=True,
        )
    url = reverse("key-new", args=["health"]) + "?reads=1"
    assert url in _client(shared, "leader").get(reverse("key-list")).content.decode()
    for who, status in (("stranger", (403, 404)), ("public", (302,))):
        assert _client(shared, who).get(url).status_code in status
    page = _client(shared, "leader").get(url)
    said = page.content.decode()
    assert "Which data may it read?" in said and "Abuse" in said and "Fires" not in said
    _, key = _key(shared)
    again = rotate(
        actor=shared.actor("leader"),
        key=key,
        once=uuid4(),
        expires_on=TODAY + timedelta(days=60),
        now=NOW,
    )
    assert again.key.reads and _get(PLACES, again.token).status_code == 200


def test_a_key_that_reads_is_made_on_its_page(shared: sharing.SharingWorld):
    day = TODAY + timedelta(days=30)
    posted = {
        "label": "Workbook",
        "datasets": [shared.datasets["abuse"].pk],
        "expires_on-day": day.day,
        "expires_on-month": day.month,
        "expires_on-year": day.year,
        "once": str(uuid4()),
    }
    url = reverse("key-new", args=["health"]) + "?reads=1"
    page = _client(shared, "leader").post(url, posted)
    assert "/odata/" in page.content.decode()
    made = ApiKey.objects.get()
    assert made.reads and [each.slug for each in made.datasets.all()] == ["abuse"]


def test_the_service_and_its_schema_name_the_same_sets(shared: sharing.SharingWorld):
    token, _ = _key(shared)
    service = _get("/odata/", token)
    assert service["OData-Version"] == "4.0"
    assert service["Content-Type"].startswith("application/json;odata.metadata=minimal")
    schema = ElementTree.fromstring(_get("/odata/$metadata", token).content)
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    named = {each.get("Name"): each.get("EntityType") for each in schema.iter(f"{edm}EntitySet")}
    assert list(named) == [each["name"] for each in service.json()["value"]]
    types = {
        each.get("Name"): {p.get("Name"): p.get("Type") for p in each.iter(f"{edm}Property")}
        for each in schema.iter(f"{edm}EntityType")
    }
    of = {"Edm.Int32": int, "Edm.Int64": int, "Edm.Double": (int, float)}
    for name in named:
        told = _get(f"/odata/{name}?dataset=abuse&from=2025-06&to=2025-06", token).json()
        assert told["@odata.context"].endswith(f"/odata/$metadata#{name}")
        fields = types[str(named[name]).removeprefix("Frankpledge.")]
        assert told["value"]
        for row in told["value"]:
            assert list(row) == list(fields)
            for field, value in row.items():
                assert value is None or isinstance(value, of.get(str(fields[field]), str)), field


def test_rows_are_chosen_ordered_counted_and_paged(
    shared: sharing.SharingWorld, monkeypatch: pytest.MonkeyPatch
):
    token, _ = _key(shared)
    told = _get(f"{MONTHS}&$count=true&$top=3&$skip=2&$select=month,count", token).json()
    assert told["@odata.count"] == 12
    assert told["@odata.context"].endswith("(month,count)")
    assert told["value"] == [
        {"month": f"2025-{month:02d}-01", "count": 42 + month} for month in (3, 4, 5)
    ]
    one = _get(f"{MONTHS}&$filter=month eq 2025-06-01", token).json()["value"]
    assert [row["count"] for row in one] == [48]
    some = f"{MONTHS}&$filter=(count gt 50 and not (count eq 52)) or month le 2025-01-01"
    assert [row["count"] for row in _get(some, token).json()["value"]] == [43, 51, 53, 54]
    assert _get("/odata/answer_by_month/$count?dataset=abuse", token).content == b"12"
    down = _get(f"{MONTHS}&$orderby=count desc&$top=1", token).json()["value"]
    assert down[0]["count"] == 54
    monkeypatch.setattr(odata, "PAGE", 5)
    url, seen = f"{MONTHS}&$filter=count gt 43", []
    while url:
        page = _get(url, token).json()
        seen += [row["count"] for row in page["value"]]
        url = page.get("@odata.nextLink", "").removeprefix("http://testserver")
    assert seen == list(range(44, 55))


NOT_OFFERED = {
    "$filter=count eq": 400,
    "$filter=count eq 'x'": 400,
    "$filter=nothing eq 1": 400,
    "$filter=contains(area,'a')": 400,
    "$filter=month eq 2025-13-01": 400,
    "$top=-1": 400,
    "$top=1e9": 400,
    "$select=a": 400,
    "$orderby=count down": 400,
    "$count=1": 400,
    "$expand=x": 501,
    "$format=xml": 501,
    "from=1800-01": 400,
}


def test_what_is_not_offered_is_said(shared: sharing.SharingWorld):
    for option, status in NOT_OFFERED.items():
        answer = _get(f"{MONTHS}&{option}")
        assert answer.status_code == status, option
        assert answer["Content-Type"] == "application/problem+json"
        assert len(answer.json()["title"]) > 10
    for hostile in ("$filter=%ff%fe", "$skiptoken=x", "$top=%00", "$filter=((", "area=../.."):
        assert 400 <= _get(f"{MONTHS}&{hostile}").status_code < 500, hostile
    assert _get(f"{MONTHS}&$skip=999999999&$skiptoken=999999999").json()["value"] == []
    assert Client().post(MONTHS).status_code == 405


TABLE = publish(
    title="Figures",
    columns=(Column("category", "Kind"), Column("count", "Count", "count")),
    rows=[("a", 3), ("it's", 400), ("c", 70), ("d", None)],
    rule=rules.PARTNER_PUBLIC,
    audience="public",
)
ROWS = odata.entities(TABLE, "category")
_words = st.sampled_from(
    [
        *("count", "category", "row", "eq", "ne", "gt", "and", "or", "not", "(", ")", "null"),
        *("3", "400", "-1", "1.5", "1e5", "2025-01-01", "'a'", "'", "''", "\u0660", "\x00"),
    ]
)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.lists(_words, max_size=12).map(" ".join), st.text(max_size=40)))
@example("(" * 1500)
@example("not " * 400 + "count eq 1")
@example("count eq 3 or " * 100 + "count eq 3")
@example("count eq 99999999999999999999")
def test_a_hostile_filter_is_read_or_refused_and_finds_no_hidden_figure(text: str):
    try:
        page = odata.page_of(ROWS, "category", {"$filter": text})
    except odata.BadOption as error:
        assert error.status == 400
        return
    assert page.count <= len(ROWS)
    json.dumps(page.rows)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["eq", "ge", "gt", "le", "lt"]), st.integers(-3, 500))
def test_no_comparison_finds_a_hidden_figure(sign: str, value: int):
    found = odata.page_of(ROWS, "category", {"$filter": f"count {sign} {value}"}).rows
    assert all(row["count_status"] == "shown" for row in found)
    hidden = [row for row in ROWS if row["count_status"] == "suppressed"]
    assert hidden and all(row["count"] is None for row in hidden)
