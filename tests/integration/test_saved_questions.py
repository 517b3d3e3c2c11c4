"""Saved questions give the question, never the data; e-mails obey the reader's access that day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.audit import readable_by
from frankpledge.access.enums import Role
from frankpledge.evidence.actions import questions, telling
from frankpledge.evidence.models import SavedQuestion, Subscription
from frankpledge.evidence.queries import sources
from frankpledge.evidence.queries.saved import question_of, saved_questions
from frankpledge.evidence.rules import Question
from frankpledge.partnership.models import Body, Holding, Seat
from frankpledge.sharing.models import Dataset, DataUse, DisclosureRule, Signature, Term
from tests import sharing_world as sharing
from tests.integration.conftest import BACKEND
from tests.sharing_world import ASH, BIRCH, NOW, TODAY

ABUSE = "domestic-abuse-incidents"
TOMORROW = TODAY + timedelta(days=1)


def lines(last: int, *, small: int = 2, months: int = 12) -> list[str]:
    found = []
    for month in range(1, months + 1):
        usual = last if month == months else 40 + month % 3
        found.append(f"{ASH},2025-{month:02d},{ABUSE},{usual}")
        found.append(f"{BIRCH},2025-{month:02d},{ABUSE},{small}")
    return found


@pytest.fixture
def shared(db: Any, tmp_path: Path, settings: Any) -> Iterator[sharing.SharingWorld]:
    settings.STORE, settings.TODAY = tmp_path / "store", TODAY
    world = sharing.sharing_world()
    term = Term.objects.get(dataset=world.datasets["abuse"])
    term.recipient_role = Role.PARTNER
    term.save()
    send(world, tmp_path, lines(42, months=11))
    yield world
    sources._releases.clear()


def send(world: sharing.SharingWorld, folder: Path, rows: list[str], name: str = "a.csv") -> None:
    assert world.send("abuse", "police", sharing.counts_file(folder, rows, name)).stored


def client(world: sharing.SharingWorld, who: str) -> Client:
    made = Client()
    if who != "public":
        made.force_login(world.users[who], BACKEND)
    return made


def asked(area: str = ASH) -> Question:
    return Question("abuse", "2025-01", "2025-11", area=area, category=ABUSE)


def saved(world: sharing.SharingWorld, who: str = "stranger", **more: Any) -> SavedQuestion:
    given = {"question": asked(), "name": "Abuse in Ash", "moves": True, **more}
    return questions.save_question(actor=world.actor(who), now=NOW, **given)


def told(on: date = TODAY) -> list[Any]:
    mail.outbox.clear()
    telling.tell(datasets=None, on=on, now=NOW)
    return list(mail.outbox)


# Saving and sharing


def test_a_question_is_saved_opened_renamed_and_deleted(shared: sharing.SharingWorld):
    browser = client(shared, "stranger")
    url = f"{reverse('saved-question-new')}?{asked().address()}"
    assert "Save this question" in browser.get(f"{reverse('explorer')}?{asked().address()}").text
    assert browser.post(url, {"name": "", "moves": "on"}).status_code == 200
    answer = browser.post(url, {"name": "Abuse in Ash", "moves": "on"})
    kept = SavedQuestion.objects.get()
    one = reverse("saved-question", args=[kept.pk])
    assert answer["Location"] == one
    again = browser.post(url, {"name": "Abuse in Ash"})
    assert again.status_code == 200 and "already have a question of that name" in again.text
    page = browser.get(one).text
    assert "Domestic abuse incidents" in page and "the last 11 months, by month" in page
    browser.post(
        reverse("saved-question-change", args=[kept.pk]), {"name": "Ours", "moves": "", "body": ""}
    )
    assert "Ours" in browser.get(reverse("saved-question-list")).text
    assert question_of(SavedQuestion.objects.get()).end == "2025-11"
    delete = reverse("saved-question-delete", args=[kept.pk])
    assert browser.get(delete).status_code == 200 and SavedQuestion.objects.exists()
    browser.post(delete)
    assert not SavedQuestion.objects.exists()


def test_it_moves_on_with_the_data(shared: sharing.SharingWorld, tmp_path: Path):
    moving, still = saved(shared), saved(shared, name="Then", moves=False)
    send(shared, tmp_path, lines(42), "b.csv")
    found = question_of(moving)
    assert (found.start, found.end) == ("2025-02", "2025-12")
    assert question_of(still).end == "2025-11"


def test_nobody_saves_what_they_may_not_ask(shared: sharing.SharingWorld):
    url = f"{reverse('saved-question-new')}?{asked().address()}"
    assert client(shared, "public").post(url, {"name": "Mine"}).status_code == 302
    Term.objects.update(recipient_role="chair")
    assert client(shared, "stranger").post(url, {"name": "Mine"}).status_code == 403
    assert not SavedQuestion.objects.exists()


def test_sharing_gives_the_question_and_never_the_data(shared: sharing.SharingWorld):
    kept = saved(shared, "leader")
    team = Body.objects.get(slug="team")
    one = reverse("saved-question", args=[kept.pk])
    assert client(shared, "stranger").get(one).status_code == 404
    Seat.objects.create(body=team, post=shared.posts["stranger"], role=Role.BODY_MEMBER)
    questions.change_question(
        actor=shared.actor("leader"), saved=kept, name=kept.name, moves=True, body=team, now=NOW
    )
    reader = client(shared, "stranger")
    assert "Abuse in Ash" in reader.get(reverse("saved-question-list")).text
    assert "the last 11 months" in reader.get(one).text
    for name in ("saved-question-change", "saved-question-delete"):
        assert reader.post(reverse(name, args=[kept.pk]), {"name": "Mine"}).status_code == 403
    assert client(shared, "colleague").get(one).status_code == 404, "no seat"
    trail = {who: readable_by(shared.actor(who)) for who in ("stranger", "colleague")}
    assert trail["stranger"].filter(text__contains="shared with County team").exists()
    assert not trail["colleague"].filter(text__contains="Abuse in Ash").exists()
    Term.objects.filter(dataset=kept.dataset).update(
        recipient_role="", recipient=shared.organisations["fire"]
    )
    page = reader.get(one).text
    assert "Data that no agreement gives you today" in page
    assert "by month" not in page and "dataset=abuse" not in page
    Seat.objects.filter(post=shared.posts["stranger"]).update(valid_to=TODAY - timedelta(days=1))
    assert reader.get(one).status_code == 404


def test_nobody_shares_into_a_body_without_a_seat_there(shared: sharing.SharingWorld):
    kept = saved(shared)
    team = Body.objects.get(slug="team")
    url = reverse("saved-question-change", args=[kept.pk])
    answer = client(shared, "stranger").post(url, {"name": "Mine", "body": str(team.pk)})
    assert answer.status_code == 200 and SavedQuestion.objects.get().body is None
    with pytest.raises(questions.UnableToKeep, match="no seat"):
        questions.change_question(
            actor=shared.actor("stranger"), saved=kept, name="x", moves=True, body=team, now=NOW
        )
    assert [each.mine for each in saved_questions(actor=shared.actor("stranger"))] == [True]


def test_a_list_asks_no_more_for_more_questions(
    shared: sharing.SharingWorld, django_assert_max_num_queries: Any
):
    saved(shared)
    with CaptureQueriesContext(connection) as one:
        saved_questions(actor=shared.actor("stranger"))
    for number in range(5):
        saved(shared, name=f"Again {number}")
    with django_assert_max_num_queries(len(one)):
        assert len(saved_questions(actor=shared.actor("stranger"))) == 6


# Being told


def subscribe(world: sharing.SharingWorld, when: str, number: int | None = None) -> Subscription:
    kept = SavedQuestion.objects.first() or saved(world)
    posted = {"when": when, "number": "" if number is None else str(number)}
    url = reverse("saved-question-tell", args=[kept.pk])
    answer = client(world, "stranger").post(url, posted)
    assert answer.status_code == 302, answer.text
    return Subscription.objects.get(when=when)


def test_new_data_is_told_once_with_a_way_to_stop_it(shared: sharing.SharingWorld, tmp_path: Path):
    subscribe(shared, "new data")
    assert told() == [], "nothing has come since"
    send(shared, tmp_path, lines(95), "b.csv")
    uses = DataUse.objects.count()
    (sent,) = told()
    assert sent.to == ["stranger@example.org"]
    assert sent.subject == "Something changed: Abuse in Ash"
    assert "reported to the police in Ash" in sent.body and "/ask/?dataset=abuse" in sent.body
    assert DataUse.objects.count() == uses + 1, "its owner reads of it"
    assert told() == [] and told(TOMORROW) == []
    link = re.search(r"stop these e-mails: (\S+)", sent.body)
    assert link and sent.extra_headers["List-Unsubscribe"] == f"<{link[1]}>"
    stop = link[1].removeprefix("http://testserver")
    anybody = Client()
    page = anybody.get(stop)
    assert page.status_code == 200 and "Abuse" not in page.text and Subscription.objects.exists()
    assert anybody.post(stop).status_code == 200 and not Subscription.objects.exists()
    assert anybody.post(stop).status_code == 200
    assert anybody.post(stop.replace("unsubscribe/", "unsubscribe/x")).status_code == 404


def test_one_email_a_day_and_the_rest_the_next(shared: sharing.SharingWorld, tmp_path: Path):
    subscribe(shared, "new data")
    send(shared, tmp_path, lines(95), "b.csv")
    assert len(told()) == 1
    send(shared, tmp_path, lines(96), "c.csv")
    assert told() == []
    assert len(told(TOMORROW)) == 1


def test_a_number_and_limits(shared: sharing.SharingWorld, tmp_path: Path):
    for when, number in (("above", 50), ("outside", None)):
        subscribe(shared, when, number)
    send(shared, tmp_path, lines(42), "b.csv")
    assert told() == []
    send(shared, tmp_path, lines(95), "c.csv")
    bodies = sorted(sent.body for sent in told())
    assert len(bodies) == 2
    assert "above 50" in bodies[0] and "outside its usual limits" in bodies[1]


def test_a_number_is_needed_and_only_by_month(shared: sharing.SharingWorld):
    kept = saved(shared)
    url = reverse("saved-question-tell", args=[kept.pk])
    assert client(shared, "stranger").post(url, {"when": "above"}).status_code == 200
    other = saved(shared, name="By kind", question=asked().with_(by="category"))
    url = reverse("saved-question-tell", args=[other.pk])
    assert client(shared, "stranger").post(url, {"when": "outside"}).status_code == 200
    assert not Subscription.objects.exists()


def test_the_public_and_strangers_cannot_ask_to_be_told(shared: sharing.SharingWorld):
    kept = saved(shared)
    url = reverse("saved-question-tell", args=[kept.pk])
    answer = client(shared, "public").post(url, {"when": "new data"})
    assert answer.status_code == 302 and "login" in answer["Location"]
    assert client(shared, "colleague").post(url, {"when": "new data"}).status_code == 404
    mine = subscribe(shared, "new data")
    end = reverse("subscription-end", args=[mine.pk])
    assert client(shared, "colleague").post(end).status_code == 404
    assert client(shared, "stranger").post(end).status_code == 302
    assert not Subscription.objects.exists()


LAPSES = {
    "signature": lambda world: Signature.objects.update(revoked_on=TODAY),
    "term": lambda world: Term.objects.update(expires_on=TODAY - timedelta(days=1)),
    "no term": lambda world: Term.objects.update(recipient_role="chair"),
    "post": lambda world: Holding.objects.filter(holder=world.users["stranger"]).update(
        valid_from=TODAY - timedelta(days=9), valid_to=TODAY - timedelta(days=1)
    ),
    "account": lambda world: type(world.users["stranger"]).objects.update(is_active=False),
    "coarser": lambda world: Term.objects.update(detail="county"),
}


@pytest.mark.parametrize("lapse", LAPSES)
def test_who_may_not_read_it_that_day_gets_nothing(
    shared: sharing.SharingWorld, tmp_path: Path, lapse: str
):
    for when, number in (("new data", None), ("above", 50), ("outside", None)):
        subscribe(shared, when, number)
    send(shared, tmp_path, lines(95), "b.csv")
    LAPSES[lapse](shared)
    assert told() == []


def test_who_lost_the_seat_it_is_shared_with_gets_nothing(
    shared: sharing.SharingWorld, tmp_path: Path
):
    team = Body.objects.get(slug="team")
    seat = Seat.objects.create(body=team, post=shared.posts["stranger"], role=Role.BODY_MEMBER)
    kept = saved(shared, "leader")
    SavedQuestion.objects.update(body=team)
    subscribe(shared, "new data")
    send(shared, tmp_path, lines(95), "b.csv")
    Seat.objects.filter(pk=seat.pk).update(valid_to=TODAY - timedelta(days=1))
    assert told() == []
    Seat.objects.filter(pk=seat.pk).update(valid_to=None)
    assert len(told()) == 1 and kept.subscriptions.count() == 1


@pytest.mark.parametrize("when", ["above", "outside"])
def test_a_hidden_count_crosses_nothing(shared: sharing.SharingWorld, tmp_path: Path, when: str):
    """Whatever the hidden count is, the reader hears the same: nothing."""
    dataset = Dataset.objects.get(slug="abuse")
    DisclosureRule.objects.create(
        dataset=dataset, audience="partnership", suppress_below=20, source="The rule"
    )
    saved(shared, question=asked(BIRCH), name="Abuse in Birch")
    subscribe(shared, when, 3 if when == "above" else None)
    for small in (2, 4, 19):
        send(shared, tmp_path, lines(42, small=small), f"{small}.csv")
        assert told() == [], small
    send(shared, tmp_path, lines(42, small=61), "now.csv")
    if when == "above":
        (sent,) = told()
        assert not re.search(r"\b61\b", sent.subject + sent.body), "as published, rounded"


def test_what_cannot_be_sent_is_tried_again(
    shared: sharing.SharingWorld, tmp_path: Path, settings: Any
):
    subscribe(shared, "new data")
    send(shared, tmp_path, lines(95), "b.csv")
    settings.EMAIL_BACKEND = "no.such.Backend"
    assert telling.tell(datasets=None, on=TODAY, now=NOW) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(told()) == 1


def test_what_somebody_asks_is_not_in_the_trail_of_others(shared: sharing.SharingWorld):
    saved(shared, name="Abuse on my street")
    subscribe(shared, "new data")
    assert readable_by(shared.actor("stranger")).filter(text__contains="my street").count() == 2
    assert not readable_by(shared.actor("leader")).filter(text__contains="my street").exists()
