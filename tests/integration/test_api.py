"""What partners' machines send and read with a key, and what they never learn."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

from frankpledge.access.actors import actor_for
from frankpledge.access.decisions import Refused
from frankpledge.access.models import AuditEntry, User
from frankpledge.access.routes import ROUTES
from frankpledge.partnership.models import Holding, Post
from frankpledge.sharing.actions.approvals import agree
from frankpledge.sharing.actions.importing import work
from frankpledge.sharing.actions.keys import make_key
from frankpledge.sharing.actions.uploads import forget_abandoned
from frankpledge.sharing.enums import Approvals, Arrival, SubmissionState
from frankpledge.sharing.models import ApiKey, Dataset, Signature, Submission, Upload
from frankpledge.sharing.queries.keys import actor_of
from frankpledge.sharing.rules.machines import LONGEST, OVERLAP
from frankpledge.sharing.tasks import _sender
from tests.integration.conftest import BACKEND
from tests.sharing_world import HEADER, NOW, TODAY, SharingWorld, counts, sharing_world
from tests.worlds import SECRET

V1 = "/api/v1"
BYTES = "application/octet-stream"
GOOD = ("\n".join([HEADER, *counts()]) + "\n").encode()
BAD_ROW = GOOD + b"E07000901,2025-12,no-such-indicator,x\n"


class Machine:
    """A partner's machine with a key."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Any = b"", **headers: str) -> Any:
        if isinstance(body, dict):
            body, headers["CONTENT_TYPE"] = json.dumps(body), "application/json"
        kind = headers.pop("CONTENT_TYPE", BYTES)
        return self.client.generic(
            method, path, body, content_type=kind, **{**self.headers, **headers}
        )

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def send(
        self, dataset: str = "fires", body: bytes = GOOD, idem: str = "one", name: str = "a.csv"
    ) -> Any:
        path = f"{V1}/datasets/{dataset}/files?file_name={name}"
        return self.ask("POST", path, body, HTTP_IDEMPOTENCY_KEY=idem)


@pytest.fixture
def world(db: Any, tmp_path: Path, settings: Any) -> Iterator[SharingWorld]:
    settings.STORE = tmp_path / "store"
    settings.TODAY = TODAY
    return sharing_world()


def token(
    world: SharingWorld,
    organisation: str = "fire",
    datasets: tuple[str, ...] = ("fires", "visits"),
    **rest: Any,
) -> tuple[str, ApiKey]:
    made = make_key(
        actor=world.actor("leader"),
        organisation=world.organisations[organisation],
        once=uuid4(),
        label="Nightly export",
        datasets=[world.datasets[each] for each in datasets],
        expires_on=rest.pop("expires_on", TODAY + timedelta(days=90)),
        webhook_url=rest.pop("webhook_url", ""),
        now=NOW,
    )
    return made.token, made.key


@pytest.fixture
def fire(world: SharingWorld) -> Machine:
    return Machine(token(world)[0])


def imported(key: Any) -> Submission:
    """As the worker would."""
    sent = Submission.objects.get(pk=key)
    return work(actor=_sender(sent, TODAY), submission=sent, clock=lambda: NOW)


# Sending and reading


def test_a_whole_file_is_sent_and_its_result_read(world: SharingWorld, fire: Machine):
    answer = fire.send(body=BAD_ROW)
    assert answer.status_code == 202, answer.content
    said = answer.json()
    assert (said["state"], said["sha256"]) == ("waiting", hashlib.sha256(BAD_ROW).hexdigest())
    imported(said["id"])
    said = fire.get(said["url"]).json()
    assert (said["received"], said["stored"], said["rejected"]) == (5, 4, 1)
    faults = fire.get(f"{said['faults_url']}?size=1").json()
    assert faults["faults"] >= 2 and len(faults["items"]) == 1
    second = fire.get(f"{said['faults_url']}?size=1&page=2").json()
    assert second["items"] and second["items"] != faults["items"]
    assert faults["items"][0]["row"] == 6 and faults["items"][0]["remedy"]
    listed = fire.get(f"{V1}/submissions").json()
    assert [each["id"] for each in listed["items"]] == [said["id"]]
    sent = Submission.objects.get()
    assert (sent.arrived, sent.sent_by) == (Arrival.API, None)
    entry = AuditEntry.objects.filter(text__startswith="Sent a.csv").get()
    assert entry.actor_name == "Machine of Ashshire Fire" and "Key: " in entry.actor_via


def test_a_machine_withdraws_what_waits_to_be_agreed(world: SharingWorld, fire: Machine):
    Dataset.objects.filter(slug="fires").update(approvals=1)
    url = fire.send().json()["url"]
    imported(url.rsplit("/", 1)[-1])
    assert fire.ask("DELETE", url).status_code == 422
    gone = fire.ask("DELETE", f"{url}?reason=Wrong%20year")
    assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")
    assert gone.json()["refusal"].endswith("withdrew it: Wrong year")
    assert fire.ask("DELETE", f"{url}?reason=Again").status_code == 409
    assert fire.send(idem="two").status_code == 202


def test_the_same_file_or_idempotency_key_twice_is_one_submission(
    world: SharingWorld, fire: Machine
):
    first = fire.send()
    again, same_bytes = fire.send(), fire.send(idem="two")
    assert [first.status_code, again.status_code, same_bytes.status_code] == [202, 200, 200]
    assert {each.json()["id"] for each in (first, again, same_bytes)} == {first.json()["id"]}
    assert "already" in again.json()["already"]
    other = fire.send(body=BAD_ROW)
    assert other.status_code == 409 and "Idempotency-Key" in other.json()["title"]
    assert fire.send(dataset="visits").status_code == 409
    assert Submission.objects.count() == 1
    # A key that replaces this one goes on with the same names.
    assert Machine(token(world)[0]).send().json()["id"] == first.json()["id"]
    imported(first.json()["id"])
    assert fire.send().json()["state"] == "stored"
    assert Submission.objects.get().stored == 4


def test_a_file_the_reader_refuses_says_how_to_mend_it(world: SharingWorld, fire: Machine):
    sent = fire.send(body=b"PK\x03\x04 not a zip", name="a.zip").json()
    imported(sent["id"])
    said = fire.get(sent["url"]).json()
    assert said["state"] == "refused" and said["refusal"] and said["remedy"]


def test_the_data_it_may_send_with_contract_and_due_dates(world: SharingWorld, fire: Machine):
    from frankpledge.sharing.models import Schedule

    asked = Schedule.objects.create(
        name="Every quarter",
        dataset=world.datasets["fires"],
        rhythm="quarterly",
        first_period=date(2025, 7, 1),
    )
    asked.organisations.set(world.organisations.values())
    said = {each["dataset"]: each for each in fire.get(f"{V1}/datasets").json()}
    assert set(said) == {"fires", "visits"}
    assert said["fires"]["may_send"] and said["fires"]["clause"]
    assert [each["due"] for each in said["fires"]["returns"]] == ["2025-12-31", "2026-03-31"]
    text = fire.get(said["fires"]["contract_url"])
    assert text["Content-Type"] == "application/yaml" and b"apiVersion:" in text.content


# Pieces


def announce(machine: Machine, body: bytes = GOOD, idem: str = "up", **rest: Any) -> Any:
    given = {
        "dataset": "fires",
        "file_name": "a.csv",
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        **rest,
    }
    return machine.ask("POST", f"{V1}/uploads", given, HTTP_IDEMPOTENCY_KEY=idem)


def put(machine: Machine, url: str, body: bytes, first: int, last: int, size: int) -> Any:
    piece = body[first : last + 1]
    return machine.ask("PUT", url, piece, HTTP_CONTENT_RANGE=f"bytes {first}-{last}/{size}")


def test_a_file_comes_in_pieces_and_goes_on_after_a_break(world: SharingWorld, fire: Machine):
    size = len(GOOD)
    started = announce(fire)
    assert started.status_code == 201
    url = started.json()["url"]
    assert put(fire, url, GOOD, 0, 9, size).json()["received"] == 10
    assert announce(fire).json()["received"] == 10  # the same announcement: the same upload
    assert fire.get(url).json()["received"] == 10
    early = fire.ask("POST", f"{url}/finish")
    assert early.status_code == 409 and "still to come" in early.json()["title"]
    wrong = put(fire, url, GOOD, 5, 14, size)
    assert wrong.status_code == 409 and "next byte wanted is 10" in wrong.json()["title"]
    assert put(fire, url, GOOD, 10, size - 1, size).json()["received"] == size
    done = fire.ask("POST", f"{url}/finish")
    assert done.status_code == 202, done.content
    again = fire.ask("POST", f"{url}/finish")
    assert (again.status_code, again.json()["id"]) == (200, done.json()["id"])
    assert imported(done.json()["id"]).stored == 4
    assert fire.get(url).json()["submission"] == done.json()["url"]
    assert list((django_settings.STORE / "uploads").iterdir()) == []
    assert put(fire, url, GOOD, 0, 9, size).status_code == 409
    assert fire.ask("DELETE", url).status_code == 409


def test_what_arrived_must_be_what_was_announced(fire: Machine):
    size, spoilt = len(GOOD), b"x" + GOOD[1:]
    url = announce(fire).json()["url"]
    put(fire, url, spoilt, 0, size - 1, size)
    refused = fire.ask("POST", f"{url}/finish")
    assert refused.status_code == 422 and "sha256" in refused.json()["title"]
    assert fire.get(url).json()["received"] == 0
    assert Submission.objects.count() == 0
    put(fire, url, GOOD, 0, size - 1, size)
    assert fire.ask("POST", f"{url}/finish").status_code == 202


def test_a_wrong_range_is_told(fire: Machine):
    url = announce(fire).json()["url"]
    size = len(GOOD)
    for said, status in (
        ("", 400),
        ("bytes 0-4/*", 400),
        (f"bytes 5-1/{size}", 400),
        (f"bytes 0-9/{size}", 400),
        ("bytes 0-4/5", 409),
    ):
        answer = fire.ask("PUT", url, b"12345", HTTP_CONTENT_RANGE=said)
        assert answer.status_code == status and answer.json()["remedy"], said
    assert fire.get(url).json()["received"] == 0


def test_uploads_are_abandoned_and_old_ones_forgotten(world: SharingWorld, fire: Machine):
    size = len(GOOD)
    url = announce(fire).json()["url"]
    put(fire, url, GOOD, 0, 9, size)
    assert fire.ask("DELETE", url).status_code == 204
    assert fire.get(url).status_code == 404
    put(fire, announce(fire, idem="old").json()["url"], GOOD, 0, 9, size)
    assert forget_abandoned(now=Upload.objects.get().created_at) == 0
    assert forget_abandoned(now=Upload.objects.get().created_at + timedelta(days=4)) == 1
    assert list((django_settings.STORE / "uploads").iterdir()) == []


def test_sizes_are_held(fire: Machine, settings: Any):
    settings.UPLOAD_LIMIT = 100
    answer = fire.send()
    assert answer.status_code == 413 and answer.json()["remedy"]
    assert announce(fire).status_code == 413
    # Nor is it trusted what a request says of its own length.
    short = fire.ask(
        "POST",
        f"{V1}/datasets/fires/files?file_name=a",
        GOOD,
        HTTP_CONTENT_LENGTH="90",
        HTTP_IDEMPOTENCY_KEY="short",
    )
    assert short.status_code in {400, 413}
    empty = fire.ask(
        "POST",
        f"{V1}/datasets/fires/files?file_name=a",
        HTTP_CONTENT_LENGTH="0",
        HTTP_IDEMPOTENCY_KEY="empty",
    )
    assert empty.status_code == 422
    assert Submission.objects.count() == 0
    assert list((settings.STORE / "incoming").glob("*")) == []


# Agreements


def test_without_a_signature_power_based_data_stops_and_duty_based_goes_on(
    world: SharingWorld, fire: Machine
):
    visits = ("\n".join([HEADER, *counts(count=9)]) + "\n").encode()
    waiting = fire.send(dataset="visits", body=visits, idem="before")
    assert waiting.status_code == 202
    Signature.objects.filter(organisation=world.organisations["fire"]).update(revoked_on=TODAY)
    assert imported(waiting.json()["id"]).state == SubmissionState.REFUSED
    stopped = fire.send(dataset="visits", body=BAD_ROW, idem="after")
    assert stopped.status_code == 403
    assert "clause 4.2" in stopped.json()["title"] and stopped.json()["remedy"]
    assert fire.get(stopped.json()["submission"]).json()["state"] == "refused"
    assert not list((django_settings.STORE / "uploads").glob("*"))
    said = {each["dataset"]: each for each in fire.get(f"{V1}/datasets").json()}
    assert not said["visits"]["may_send"] and "4.2" in said["visits"]["because"]
    assert said["fires"]["may_send"] and said["fires"]["because"]
    warned = fire.send(idem="duty")
    assert warned.status_code == 202
    done = imported(warned.json()["id"])
    assert done.state == SubmissionState.STORED
    assert done.warnings[0]["rule"] == "agreement"
    # Signed again, the same idempotency key is free: a refusal kept nothing.
    world.sign("fire")
    assert fire.send(dataset="visits", body=BAD_ROW, idem="after").status_code == 202


# Who may, and what nobody else learns


def paths(sent: Any, upload: Any) -> list[tuple[str, str]]:
    return [
        ("GET", f"{V1}/datasets/abuse/contract"),
        ("POST", f"{V1}/datasets/abuse/files?file_name=a.csv"),
        ("GET", f"{V1}/submissions/{sent}"),
        ("GET", f"{V1}/submissions/{sent}/faults"),
        ("DELETE", f"{V1}/submissions/{sent}?reason=Wrong"),
        ("GET", f"{V1}/uploads/{upload}"),
        ("PUT", f"{V1}/uploads/{upload}"),
        ("DELETE", f"{V1}/uploads/{upload}"),
        ("POST", f"{V1}/uploads/{upload}/finish"),
    ]


def test_who_made_the_key_does_not_agree_to_what_it_sent(world: SharingWorld):
    Dataset.objects.filter(slug="fires").update(approvals=Approvals.PARTNER)
    maker, other = world.users["fire_sender"], User.objects.create_user("o@example.org", "Other")
    for user in (maker, other):
        post = Post.objects.create(
            title=f"Officer {user.name}", organisation=world.organisations["fire"], role="partner"
        )
        Holding.objects.create(post=post, holder=user)
    made = make_key(
        actor=actor_for(maker, TODAY),
        organisation=world.organisations["fire"],
        once=uuid4(),
        label="Nightly export",
        datasets=[world.datasets["fires"]],
        expires_on=TODAY + timedelta(days=9),
        webhook_url="",
        now=NOW,
    )
    sent = imported(Machine(made.token).send().json()["id"])
    assert sent.state == SubmissionState.CHECKED
    with pytest.raises(Refused, match="a key you made sent it"):
        agree(actor=actor_for(maker, TODAY), submission=sent, note="", now=NOW)
    agreed = agree(actor=actor_for(other, TODAY), submission=sent, note="", now=NOW)
    assert agreed.state == SubmissionState.STORED


def test_what_a_key_may_not_see_is_what_does_not_exist(world: SharingWorld, tmp_path: Path):
    body = GOOD.replace(b"deliberate-primary-fires", b"domestic-abuse-incidents")
    police = Machine(token(world, "police", ("abuse",))[0])
    sent = police.send("abuse", body).json()["id"]
    upload = announce(police, dataset="abuse").json()["id"]
    others = [
        Machine(token(world)[0]),  # another organisation's
        Machine(token(world, "police", ("street",))[0]),  # the same, made for other data
    ]
    for machine in others:
        missing = machine.get(f"{V1}/submissions/{uuid4()}")
        assert missing.status_code == 404
        for method, path in paths(sent, upload):
            answer = machine.ask(method, path, HTTP_IDEMPOTENCY_KEY="x")
            assert answer.status_code == 404, f"{method} {path}"
            assert (answer.content, dict(answer.headers)) == (
                missing.content,
                dict(missing.headers),
            )
        assert machine.get(f"{V1}/submissions").json()["items"] == []
        names = {each["dataset"] for each in machine.get(f"{V1}/datasets").json()}
        assert "abuse" not in names
        assert announce(machine, dataset="abuse", idem="y").status_code == 404
    nowhere = others[0].get(f"{V1}/no-such-thing")
    assert (nowhere.status_code, nowhere.content) == (404, missing.content)
    assert police.get(f"{V1}/submissions/{sent}").status_code == 200


def test_published_data_is_not_sent_by_a_key_made_for_other_data(world: SharingWorld):
    police = Machine(token(world, "police", ("abuse",))[0])
    assert police.send("street").status_code == 404
    # nor for another organisation, whoever's key it is
    assert Machine(token(world)[0]).send("street").status_code == 404


MACHINES = sorted(name for name, route in ROUTES.items() if route.kind == "machine")


def test_no_address_answers_without_a_key_nor_by_session(world: SharingWorld):
    machine = Machine()
    machine.client.force_login(world.users["leader"], BACKEND)
    for name in MACHINES:
        for url in _addresses(name):
            for who in (Machine(), machine):
                for method in ("GET", "POST", "PUT", "DELETE"):
                    answer = who.ask(method, url)
                    assert answer.status_code == 401, f"{method} {url}"
                    assert answer["WWW-Authenticate"].startswith("Bearer")
                    assert answer["Content-Type"] == "application/problem+json"
                    assert answer.json()["remedy"]


def _addresses(name: str) -> list[str]:
    found = []
    for args in ([], ["fires"], [str(uuid4())]):
        with suppress(NoReverseMatch):
            found.append(reverse(name, args=args))
    assert found
    return found


def test_a_key_that_ended_opens_nothing(world: SharingWorld, settings: Any):
    good, key = token(world)
    for wrong in (good[:-1] + ("A" if good[-1] != "A" else "B"), "fpk_x", "Bearer", good[:20]):
        assert Machine(wrong).get(f"{V1}/datasets").status_code == 401
    settings.TODAY = key.expires_on
    assert Machine(good).get(f"{V1}/datasets").status_code == 200
    settings.TODAY = key.expires_on + timedelta(days=1)
    expired = Machine(good).get(f"{V1}/datasets")
    assert expired.status_code == 401 and "expired" in expired.json()["title"]
    settings.TODAY = TODAY
    sent = Machine(good).send().json()["id"]
    ApiKey.objects.update(revoked_at=NOW)
    assert Machine(good).get(f"{V1}/datasets").status_code == 401
    # What it had sent waits no longer: nothing of a revoked key is stored.
    assert imported(sent).state == SubmissionState.REFUSED


def test_an_organisation_that_ended_sends_nothing(world: SharingWorld, fire: Machine):
    organisation = world.organisations["fire"]
    organisation.valid_to = TODAY - timedelta(days=1)
    organisation.save()
    assert fire.get(f"{V1}/datasets").json() == []
    assert fire.send().status_code == 404


def test_a_key_opens_no_page(world: SharingWorld, fire: Machine):
    for url in ("/inbox/", reverse("submission-list"), reverse("key-list")):
        assert fire.get(url).status_code == 302
    assert not actor_of(ApiKey.objects.get(), TODAY).is_public


def test_a_key_asks_so_often_and_no_more(world: SharingWorld, fire: Machine, settings: Any):
    settings.API_RATE = 3
    statuses = [fire.get(f"{V1}/datasets").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = fire.get(f"{V1}/datasets")
    assert 1 <= int(answer["Retry-After"]) <= 20 and answer.json()["remedy"]
    assert Machine(token(world)[0]).get(f"{V1}/datasets").status_code == 200


def test_what_is_wrong_is_said_as_a_problem_with_a_remedy(fire: Machine):
    form = "application/x-www-form-urlencoded"
    for method, path, body, kind, status in (
        ("POST", "/datasets/fires/files?file_name=a", b"a=1", form, 415),
        ("POST", "/datasets/fires/files", b"a", BYTES, 422),
        ("POST", "/uploads", b"{", "application/json", 400),
        ("POST", "/uploads", b"[]", "application/json", 422),
        ("PATCH", "/uploads", b"", BYTES, 405),
        ("GET", "/submissions?page=0", b"", BYTES, 422),
        ("GET", "/submissions?page=x", b"", BYTES, 422),
        ("GET", "/submissions/1", b"", BYTES, 404),
        ("GET", "/datasets%00", b"", BYTES, 400),
    ):
        answer = fire.ask(method, V1 + path, body, CONTENT_TYPE=kind, HTTP_IDEMPOTENCY_KEY="k")
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status and answer.json()["remedy"]


def test_an_idempotency_key_is_asked_for(fire: Machine):
    for wrong in ("", "a b", "é", "x" * 81):
        assert fire.send(idem=wrong).status_code == 400


# Keys on their pages


def client(world: SharingWorld, who: str) -> Client:
    made = Client()
    made.force_login(world.users[who], BACKEND)
    return made


def typed(world: SharingWorld, **rest: Any) -> dict[str, Any]:
    day = TODAY + timedelta(days=90)
    return {
        "label": "Nightly export",
        "datasets": [world.datasets["fires"].pk],
        "expires_on-day": day.day,
        "expires_on-month": day.month,
        "expires_on-year": day.year,
        "webhook_url": "",
        "once": uuid4(),
        **rest,
    }


def test_a_key_is_made_shown_once_replaced_and_revoked(world: SharingWorld):
    browser = client(world, "fire_sender")
    given = typed(world)
    page = browser.post(reverse("key-new", args=["fire"]), given)
    shown = re.search(r"fpk_\w{10}_[\w-]{43}", page.content.decode())
    assert page.status_code == 200 and shown and "no-store" in page["Cache-Control"]
    key = ApiKey.objects.get()
    assert shown.group() not in json.dumps(list(ApiKey.history.values()), default=str)
    again = browser.post(reverse("key-new", args=["fire"]), given)
    assert "made already" in again.content.decode() and ApiKey.objects.count() == 1
    assert Machine(shown.group()).get(f"{V1}/datasets").status_code == 200
    read = browser.get(reverse("key", args=[key.pk])).content.decode()
    assert shown.group() not in read and "Last used" in read and "Never" not in read
    replaced = browser.post(reverse("key-rotate", args=[key.pk]), typed(world)).content.decode()
    new = re.search(r"fpk_\w{10}_[\w-]{43}", replaced)
    assert new and new.group() != shown.group()
    for each in (new.group(), shown.group()):  # both work for a while
        assert Machine(each).get(f"{V1}/datasets").status_code == 200
    key.refresh_from_db()
    assert key.expires_on == TODAY + OVERLAP
    assert browser.get(reverse("key-revoke", args=[key.pk])).status_code == 200
    assert browser.post(reverse("key-revoke", args=[key.pk])).status_code == 302
    assert Machine(shown.group()).get(f"{V1}/datasets").status_code == 401
    assert Machine(new.group()).get(f"{V1}/datasets").status_code == 200
    texts = " ".join(AuditEntry.objects.values_list("text", flat=True))
    assert "Made the key" in texts and "Revoked the key" in texts
    assert shown.group()[15:] not in texts


def test_only_the_organisations_sender_and_the_county_team_keep_keys(world: SharingWorld):
    key = token(world)[1]
    for who, status in (("sender", 403), ("stranger", 403), ("colleague", 403), ("leader", 200)):
        browser = client(world, who)
        assert browser.get(reverse("key-new", args=["fire"])).status_code == status
        seen = browser.get(reverse("key", args=[key.pk])).status_code
        assert seen == (200 if who == "leader" else 404)
        listed = browser.get(reverse("key-list")).content.decode()
        assert (key.prefix in listed) == (who == "leader")


def test_a_key_is_for_what_an_agreement_names_and_within_a_year(world: SharingWorld):
    browser = client(world, "fire_sender")
    far = TODAY + LONGEST + timedelta(days=1)
    for wrong in (
        {"datasets": [world.datasets["abuse"].pk]},
        {"expires_on-day": far.day, "expires_on-month": far.month, "expires_on-year": far.year},
        {"webhook_url": "http://example.org/"},
    ):
        page = browser.post(reverse("key-new", args=["fire"]), typed(world, **wrong))
        assert page.status_code == 200 and "There is a problem" in page.content.decode()
    assert ApiKey.objects.count() == 0


def test_the_reference_says_every_address_without_scripts(client: Client, world: SharingWorld):
    page = client.get(reverse("api-reference")).content.decode()
    document = client.get(f"{V1}/openapi.json").json()
    assert len(document["paths"]) == 9
    assert all(path in page for path in document["paths"])
    assert not re.search(r'src="https?:', page) and SECRET not in page


def test_a_page_of_keys_asks_a_fixed_number_of_questions(
    world: SharingWorld, django_assert_max_num_queries: Any
):
    browser = client(world, "leader")
    for _ in range(8):
        token(world)
    with django_assert_max_num_queries(30):
        assert browser.get(reverse("key-list")).status_code == 200


def test_a_dataset_that_a_key_is_made_for_is_seen_by_it_alone(world: SharingWorld):
    from frankpledge.access.decisions import visible
    from frankpledge.access.enums import Capability

    actor = actor_of(token(world)[1], TODAY)
    seen = visible(actor, Capability.VIEW, Dataset)
    assert {each.slug for each in seen} == {"fires", "visits"}
