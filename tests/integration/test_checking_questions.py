"""A question on a return goes to and fro; what it ends in is said by everything that follows."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from frankpledge.core.registries import duties_of
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries.presenting import finding_blocks
from frankpledge.sharing.models import Caveat, Question, Submission
from frankpledge.sharing.rules.plausible import odd_in
from tests.integration.test_evidence import shared as shared
from tests.sharing_world import ASH, BIRCH, TODAY, counts, counts_file, sharing_world

pytestmark = pytest.mark.django_db
WORDS = "One station moved to another system"
SAID = f"{WORDS} (November 2025 to December 2025)."


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY


@pytest.fixture
def world():
    return sharing_world()


def seen_by(world, key: str) -> Client:
    client = Client()
    client.force_login(world.users[key])
    return client


def owed(world, key: str) -> list[str]:
    return [d.what for d in duties_of(world.actor(key), TODAY) if d.kind == "Question"]


def test_from_question_to_caveat_to_everything_that_uses_the_months(shared):
    world, sent = shared, Submission.objects.get()
    asking = {"dataset": "abuse", "from": "2025-11", "to": "2025-12"}
    leader, sender = seen_by(world, "leader"), seen_by(world, "sender")
    asked = leader.post(
        reverse("submission-ask", args=[sent.pk]) + "?row=2&column=count",
        {"text": "Why so few <b>fires</b>?"},
    )
    assert asked.status_code == 302
    question = Question.objects.get()
    assert (question.row, question.column) == (2, "count")
    assert owed(world, "sender") and not owed(world, "leader")
    url = reverse("question", args=[question.pk])
    assert sender.post(url, {"text": "A station moved."}).status_code == 302
    assert owed(world, "leader") and not owed(world, "sender")
    assert "&lt;b&gt;fires" in leader.get(url).content.decode()
    settle = reverse("question-resolve", args=[question.pk])
    given = {
        "resolution": "Known and explained",
        "caveat": "yes",
        "words": WORDS,
        "first_month-month": "11",
        "first_month-year": "2025",
        "last_month-month": "12",
        "last_month-year": "2025",
    }
    assert sender.post(settle, given).status_code == 403
    assert leader.post(settle, given).status_code == 302
    assert not owed(world, "leader") and not owed(world, "sender")

    public = Client()
    assert SAID in public.get(reverse("explorer"), asking).content.decode()
    other = {**asking, "from": "2025-01", "to": "2025-10"}
    assert WORDS not in public.get(reverse("explorer"), other).content.decode()
    csv = public.get(reverse("explorer-export", args=["csv"]), asking).content.decode()
    assert SAID in csv
    raw = public.get(reverse("explorer-export", args=["xlsx"]), asking).content
    book = openpyxl.load_workbook(io.BytesIO(raw))
    cells = [str(c.value) for page in book for row in page.rows for c in row]
    assert any(SAID in each for each in cells)
    svg = public.get(reverse("explorer-export", args=["chart.svg"]), asking)
    assert svg.status_code == 200 and "station moved" in svg.content.decode()

    ended = reverse("caveat-end", args=["abuse", Caveat.objects.get().pk])
    assert leader.post(ended).status_code == 302
    assert WORDS not in public.get(reverse("explorer"), asking).content.decode()


def test_a_finding_saved_before_says_it_too_and_so_does_a_document(world):
    dataset = world.datasets["fires"]
    found = Finding.objects.create(
        sentence="Fires fell.",
        dataset=dataset,
        audience="public",
        period_from=TODAY.replace(year=2025, month=11, day=1),
        period_to=TODAY.replace(year=2025, month=12, day=31),
        caveats=["Kept as it was."],
    )
    Caveat.objects.create(dataset=dataset, text=WORDS, valid_from=TODAY)
    blocks = repr(finding_blocks(found, on=TODAY))
    assert f"{WORDS}." in blocks and "Kept as it was." in blocks
    page = seen_by(world, "leader").get(reverse("finding", args=[found.pk]))
    assert f"{WORDS}." in page.content.decode()


def test_others_learn_nothing_of_a_question(world, tmp_path):
    sent = world.send("fires", "fire", counts_file(tmp_path, counts()))
    seen_by(world, "leader").post(
        reverse("submission-ask", args=[sent.pk]), {"text": "Secret question"}
    )
    question = Question.objects.get()
    for key in ("stranger", "colleague"):
        client = seen_by(world, key)
        for name in ("question", "question-resolve"):
            answer = client.get(reverse(name, args=[question.pk]))
            assert answer.status_code == 404 and b"Secret question" not in answer.content
        assert not owed(world, key)


# What looks odd


def monthly(first: int, count: int) -> dict[str, dict[tuple[str, str], int]]:
    return {
        f"2025-{month:02}": {(ASH, "fires"): count + month % 3, (BIRCH, "fires"): count}
        for month in range(first, first + 10)
    }


def odd(sent, history=None):
    found = odd_in(
        sent, history or monthly(1, 20), incomplete=(), adds_up=False, names={ASH: "Ash"}
    )
    return [each.sentence for each in found]


def test_a_usual_month_is_not_odd():
    assert odd({"2025-11": {(ASH, "fires"): 21, (BIRCH, "fires"): 21}}) == []


def test_a_jump_a_gap_and_a_copy_are_odd():
    [jump] = odd({"2025-11": {(ASH, "fires"): 60, (BIRCH, "fires"): 61}})
    assert jump.startswith("fires: 121 in November 2025, above the")
    said = odd({"2025-11": {(BIRCH, "fires"): 41}})
    assert said == ["Nothing in November 2025 for the area Ash, held every month before."]
    assert "November 2025 is the same as January 2025, cell by cell." in odd(
        {"2025-11": monthly(1, 20)["2025-01"]}
    )
    assert any("for the category fires" in each for each in odd({"2025-11": {(ASH, "other"): 41}}))


def test_what_is_odd_is_drawn_and_answered_on_the_page(world, tmp_path):
    months = tuple(f"2025-{month:02}" for month in range(1, 12))
    usual = [
        line.rsplit(",", 1)[0] + f",{20 + at % 3}" for at, line in enumerate(counts(months=months))
    ]
    world.send("fires", "fire", counts_file(tmp_path, usual, "usual.csv"))
    lines = counts(months=("2025-12",), count=90)
    sent = world.send("fires", "fire", counts_file(tmp_path, lines, "jump.csv"))
    client = seen_by(world, "fire_sender")
    page = client.get(reverse("submission", args=[sent.pk])).content.decode()
    assert "180 in December 2025, above the" in page and "<svg" in page
    url = reverse("submission-answer", args=[sent.pk, "jump 2025-12 deliberate-primary-fires"])
    assert url in page
    given = {"answer": "right", "because": "a heath burned for days"}
    assert client.post(url, given).status_code == 302
    page = client.get(reverse("submission", args=[sent.pk])).content.decode()
    assert "It is right, because a heath burned for days" in page and "Answered" in page
    assert owed(world, "leader")
