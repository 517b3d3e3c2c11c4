"""Workbooks and other files sent by page: asked about where unclear, and remembered."""

from __future__ import annotations

import datetime as dt
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from frankpledge.access.enums import Role
from frankpledge.contracts import Choice
from frankpledge.sharing.actions.choosing import NOBODY_ANSWERED
from frankpledge.sharing.actions.importing import sweep
from frankpledge.sharing.enums import Arrival, Basis, Detail
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Clause, ColumnMapping, Dataset, Submission, Term
from frankpledge.sharing.store import Store
from frankpledge.sharing.tasks import import_submission
from tests.sharing_world import ASH, BIRCH, TODAY, sharing_world
from tests.workbooks import COUNTS_HEADERS, FIRE_HEADERS, book_of, fire, page, saved

pytestmark = pytest.mark.django_db
ROWS = [
    [ASH, "2025-11", "deliberate-primary-fires", 4],
    [BIRCH, "2025-11", "deliberate-primary-fires", 7],
    [ASH, "2025-12", "deliberate-primary-fires", 0],
]
GOOD = [COUNTS_HEADERS, *ROWS]


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world():
    found = sharing_world()
    found.datasets["calls"] = Dataset.objects.create(
        slug="calls", name="Calls", contract="fire-incidents"
    )
    Term.objects.create(
        version=found.version,
        clause=Clause.objects.get(number="3.2"),
        dataset=found.datasets["calls"],
        provider=found.organisations["fire"],
        recipient_role=Role.ANALYST,
        purpose="Strategic assessment",
        detail=Detail.ROW,
        basis=Basis.DUTY,
    )
    return found


def seen_by(world, key: str) -> Client:
    client = Client()
    client.force_login(world.users[key])
    return client


def text(response) -> str:
    return response.content.decode()


def send(client: Client, world, raw: bytes, name: str = "a.xlsx", dataset: str = "fires"):
    given = {
        "dataset": world.datasets[dataset].pk,
        "organisation": world.organisations["fire"].pk,
        "file": SimpleUploadedFile(name, raw),
    }
    answer = client.post(reverse("submission-new"), given)
    assert answer.status_code == 302, text(answer)
    return Submission.objects.latest("created_at"), answer.url


def choose(client: Client, sent: Submission, **given):
    url = reverse("submission-choose", args=[sent.pk])
    shown = client.get(url)
    seen = shown.context["page"].mark
    answer = client.post(url, {"seen": seen, **given})
    assert answer.status_code == 302, text(answer)
    return answer.url


def checked(sent: Submission) -> Submission:
    import_submission.call(str(sent.pk))
    sent.refresh_from_db()
    return sent


def counted(sent: Submission) -> tuple[str, int, int, int]:
    return (sent.state, sent.received, sent.stored, sent.rejected)


def hidden_row() -> bytes:
    book = Workbook()
    page(book, GOOD).row_dimensions[3].hidden = True
    return saved(book)


def two_sheets() -> bytes:
    book = Workbook()
    page(book, GOOD).title = "North"
    page(book, GOOD[:2], "South")
    return saved(book)


CALLS = fire("05/11/2025", "06/12/2025")
for each in CALLS:
    each[4] = ASH


def test_a_workbook_that_is_clear_goes_straight_through_and_says_what_was_put_right(world):
    client = seen_by(world, "fire_sender")
    raw = book_of(["Return of Ashshire"], [], *GOOD, ["Total", None, None, 11])
    sent, url = send(client, world, raw)
    assert url == reverse("submission", args=[sent.pk]) and sent.choices == {}
    assert counted(checked(sent)) == (State.STORED, 3, 3, 0)
    shown = text(client.get(url))
    assert "What was put right" in shown and "Rows above the column names were left out." in shown
    assert "A row of totals was left out." in shown and "Return of Ashshire" in shown
    colleague = text(seen_by(world, "leader").get(url))
    assert "What was put right" in colleague


# what was awkward, the questions in turn with their answers, rows stored, a repair it lists
AWKWARD = {
    "a hidden row": (hidden_row(), [("hidden rows", {"answer": "leave"})], 2, "left out, as"),
    "two sheets": (two_sheets(), [("sheet", {"answer": "South"})], 1, "without the table"),
    "two tables": (
        book_of(*GOOD[:2], [], [], *GOOD[:3]),
        [("table", {"answer": "5"})],
        2,
        "",
    ),
    "no names": (
        book_of(["Area", "When", "What", "How many"], *ROWS),
        [
            ("header row", {"answer": "1"}),
            (
                "columns",
                {
                    "column-area_code": "Area",
                    "column-month": "When",
                    "column-indicator": "What",
                    "column-count": "How many",
                },
            ),
        ],
        3,
        "",
    ),
}


@pytest.mark.parametrize("what", AWKWARD)
def test_an_awkward_workbook_is_asked_about_one_thing_at_a_time(world, what):
    raw, questions, stored, repair = AWKWARD[what]
    client = seen_by(world, "fire_sender")
    sent, url = send(client, world, raw)
    for about, given in questions:
        assert url == reverse("submission-choose", args=[sent.pk])
        asked = client.get(url).context["page"].asked
        assert asked.about == about
        assert checked(sent).state == State.WAITING  # a worker that comes early leaves it
        url = choose(client, sent, **given)
    assert url == reverse("submission", args=[sent.pk])
    assert checked(sent).stored == stored, (sent.state, sent.refusal)
    assert any(repair in each["what"] for each in sent.repairs) or not repair
    assert "How the file was read" in text(client.get(url))


@pytest.mark.parametrize(
    ("first", "month"), [("day", dt.date(2025, 11, 1)), ("month", dt.date(2025, 5, 1))]
)
def test_the_order_of_day_and_month_is_asked_and_then_known(world, first, month):
    client = seen_by(world, "fire_sender")
    sent, _ = send(client, world, book_of(FIRE_HEADERS, *CALLS), dataset="calls")
    assert "05/01/2025 is in January" in text(
        client.get(reverse("submission-choose", args=[sent.pk]))
    )
    choose(client, sent, answer=first)
    checked(sent)
    assert sent.state == State.STORED, sent.refusal
    assert sent.months.order_by("month").first().month == month
    later = [[f"G-{n}", *row[1:]] for n, row in enumerate(CALLS)]
    again, url = send(client, world, book_of(FIRE_HEADERS, *later), dataset="calls")
    assert url == reverse("submission", args=[again.pk])
    assert counted(checked(again)) == (State.STORED, 2, 2, 0)
    assert "As an earlier file was" in text(client.get(url))


def test_dates_that_excel_may_have_exchanged_are_asked_again_each_time(world):
    client = seen_by(world, "fire_sender")
    rows = fire(dt.date(2025, 11, 5), "13/11/2025", "25/11/2025")
    for row in rows:
        row[4] = ASH
    sent, _ = send(client, world, book_of(FIRE_HEADERS, *rows), dataset="calls")
    choose(client, sent, answer="on")
    assert checked(sent).stored == 3, sent.refusal
    rows[0][0] = "G-9"
    _, url = send(client, world, book_of(FIRE_HEADERS, *rows), dataset="calls")
    assert "how-to-read" in url


THEIRS = [
    ["Job", "Called", "Kind", "Place"],
    ["1", "2025-11-05", "Hoax", ASH],
    ["2", "2025-11-06", "Car fire", ASH],
    ["3", "2025-11-07", "Cat in tree", ASH],
]
COLUMNS = {
    "column-reference": "Job",
    "column-date": "Called",
    "column-category": "Kind",
    "column-area_code": "Place",
}


def words(asked, **meant: str) -> dict[str, str]:
    named = {
        word: f"word-{name}-{at}"
        for name, listed in asked.words.items()
        for at, word in enumerate(listed)
    }
    return {named[word.replace("_", " ")]: meaning for word, meaning in meant.items()}


def csv_of(rows) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


def test_columns_and_words_are_asked_once_and_the_next_file_asks_nothing(world):
    client = seen_by(world, "fire_sender")
    sent, url = send(client, world, csv_of(THEIRS), "theirs.csv", dataset="calls")
    shown = client.get(url)
    assert "Hoax, Car fire, Cat in tree" in text(shown)
    missing = client.post(url, {"seen": shown.context["page"].mark, "column-date": "Called"})
    assert "Say where Category is: every row needs it" in text(missing)
    url = choose(client, sent, **COLUMNS)
    asked = client.get(url).context["page"].asked
    assert asked.about == "words"
    given = words(
        asked,
        Hoax="malicious-call", Car_fire="deliberate-primary-vehicle", Cat_in_tree="#leave-out",
    )  # fmt: skip
    choose(client, sent, **given)
    assert counted(checked(sent)) == (State.STORED, 2, 2, 0), sent.refusal
    assert any("do not belong to this return" in each["what"] for each in sent.repairs)

    again, url = send(
        client, world, csv_of([*THEIRS[:2], ["4", "2025-12-01", "Car fire", BIRCH]]), "more.csv",
        dataset="calls",
    )  # fmt: skip
    assert url == reverse("submission", args=[again.pk])
    assert counted(checked(again)) == (State.STORED, 2, 2, 0)

    listed = reverse("returns-remembered")
    assert "“Hoax” means malicious-call" in text(client.get(listed))
    assert "Hoax" not in text(seen_by(world, "sender").get(listed))
    forget = reverse("returns-forget", args=["fire", "calls"])
    assert seen_by(world, "sender").post(forget).status_code in (403, 404)
    assert client.post(forget).status_code == 302 and not ColumnMapping.objects.exists()
    _, url = send(client, world, csv_of([*THEIRS[:3]]), "again.csv", dataset="calls")
    assert "how-to-read" in url


@pytest.mark.parametrize(("example", "state"), [(True, State.STORED), (False, State.REFUSED)])
def test_what_is_sent_by_hand_into_the_example_is_made_up_too(world, settings, example, state):
    settings.EXAMPLE = example
    client = seen_by(world, "fire_sender")
    held, _ = send(client, world, book_of(*GOOD), "held.xlsx")
    Submission.objects.filter(pk=held.pk).update(synthetic=True)
    held.refresh_from_db()
    assert checked(held).state == State.STORED
    said = "taken as made up" in text(client.get(reverse("submission-new")))
    assert said is example
    tried, url = send(client, world, book_of(GOOD[0], [ASH, "2025-10", ROWS[0][2], 9]))
    assert (checked(tried).state, tried.synthetic) == (state, example)
    if not example:
        assert "Start Frankpledge with another FRANKPLEDGE_HOME" in text(client.get(url))


def test_a_stranger_sees_nothing_of_a_file_that_waits(world):
    sent, url = send(seen_by(world, "fire_sender"), world, hidden_row())
    for name in ("submission-choose", "submission-choose-again"):
        place = reverse(name, args=[sent.pk])
        for key in ("sender", "colleague", "stranger"):
            answer = seen_by(world, key).post(place)
            assert answer.status_code == 404 and ASH not in text(answer)
        assert Client().get(place).status_code in (302, 404)
    assert seen_by(world, "leader").get(url).status_code == 200


def test_an_answer_to_an_earlier_question_is_not_taken(world):
    client = seen_by(world, "fire_sender")
    sent, url = send(client, world, hidden_row())
    seen = client.get(url).context["page"].mark
    stale = client.post(url, {"seen": "0" * 16, "answer": "read"})
    assert "answered in the meantime" in text(stale)
    assert client.post(url, {"seen": seen, "answer": "read"}).status_code == 302
    assert client.get(url).url == reverse("submission", args=[sent.pk])
    assert client.post(reverse("submission-choose-again", args=[sent.pk])).status_code == 302
    assert checked(sent).stored == 3


def test_a_file_that_nobody_answers_for_is_deleted(world, settings):
    client = seen_by(world, "fire_sender")
    sent, url = send(client, world, hidden_row())
    assert "deleted if nobody answers by" in text(client.get(url))
    store = Store(settings.STORE)
    late = sent.sent_at + timedelta(days=settings.KEEP_ENDED_DAYS + 1)
    sweep(store, sent.sent_at + timedelta(days=2))
    assert store.original(sent.file_digest).exists()
    sweep(store, late)
    sent.refresh_from_db()
    assert (sent.state, sent.refusal) == (State.REFUSED, NOBODY_ANSWERED)
    assert not store.original(sent.file_digest).exists()


def test_the_command_refuses_what_is_unclear_and_takes_choices(world, tmp_path, capsys):
    path = tmp_path / "theirs.csv"
    path.write_bytes(csv_of(THEIRS[:3]))
    with pytest.raises(SystemExit) as ended:
        call_command("import", "calls", str(path), "--from", "fire")
    assert ended.value.code == 2
    assert "does not have the columns of the contract" in capsys.readouterr().err
    columns = [
        {"field": "reference", "headers": ["Job"]},
        {"field": "date", "headers": ["Called"]},
        {
            "field": "category",
            "headers": ["Kind"],
            "values": {"Hoax": "malicious-call", "Car fire": "deliberate-primary-vehicle"},
        },
        {"field": "area_code", "headers": ["Place"]},
    ]
    choices = tmp_path / "choices.json"
    choices.write_text(json.dumps({"mapping": {"columns": columns}}))
    call_command("import", "calls", str(path), "--from", "fire", "--choices", str(choices))
    assert "Stored               2" in capsys.readouterr().out
    assert ColumnMapping.objects.get().choices["mapping"]["contract"] == "fire-incidents"
    for wrong in ("[]", '{"mapping": {"columns": [{"field": "nobody"}]}}', '{"sheets": "A"}'):
        choices.write_text(wrong)
        with pytest.raises(SystemExit):
            call_command("import", "calls", str(path), "--from", "fire", "--choices", str(choices))
        assert "hoices" in capsys.readouterr().err


def test_what_only_the_whole_file_shows_is_asked_too(world):
    """The page looks at the beginning of a long text; its end may still be unclear."""
    lines = [f"F-{n},2025-11-05,14:30,malicious-call,{ASH}" for n in range(40_000)]
    lines += [f"G-{n},0{n}/11/2025,14:30,malicious-call,{ASH}" for n in range(1, 9)]
    raw = "\n".join([",".join(FIRE_HEADERS), *lines]).encode()
    client = seen_by(world, "fire_sender")
    sent, url = send(client, world, raw, "long.csv", dataset="calls")
    assert "how-to-read" not in url
    assert checked(sent).state == State.WAITING
    assert client.get(url).url == reverse("submission-choose", args=[sent.pk])
    choose(client, sent, answer="day")
    assert counted(checked(sent)) == (State.STORED, 40_008, 40_008, 0)


@pytest.mark.parametrize("name", ["rows.json", "rows.parquet", "rows.tsv", "rows.zip"])
def test_other_kinds_of_file_go_straight_through(world, name, tmp_path):
    import zipfile

    import polars as pl

    frame = pl.DataFrame(
        [[str(each) for each in row] for row in ROWS], schema=COUNTS_HEADERS, orient="row"
    )
    path = tmp_path / name
    if name.endswith("json"):
        frame.write_json(path)
    elif name.endswith("parquet"):
        frame.write_parquet(path)
    elif name.endswith("tsv"):
        frame.write_csv(path, separator="\t")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("counts.xlsx", book_of(*GOOD))
    sent, url = send(seen_by(world, "fire_sender"), world, path.read_bytes(), name)
    assert "how-to-read" not in url
    assert counted(checked(sent)) == (State.STORED, 3, 3, 0), sent.refusal


def test_choices_survive_as_json():
    choice = Choice(sheet="North", header_row=3, day_first=True)
    assert Choice.from_dict(json.loads(json.dumps(choice.as_dict()))) == choice


def test_a_workbook_to_fill_in_and_the_contract_are_there_for_whoever_sees_the_data(world):
    client = seen_by(world, "fire_sender")
    place = reverse("dataset-template", args=["calls"])
    assert place in text(client.get(reverse("dataset", args=["calls"])))
    assert place in text(client.get(reverse("submission-new")))
    filled = openpyxl.load_workbook(io.BytesIO(client.get(place).content))
    sheet = filled["Return"]
    for at, value in enumerate(["F-1", dt.date(2025, 11, 5), "14:30", "malicious-call", ASH], 1):
        sheet.cell(2, at, value)
    sent, url = send(client, world, saved(filled), "filled.xlsx", dataset="calls")
    assert "how-to-read" not in url
    assert counted(checked(sent)) == (State.STORED, 1, 1, 0), sent.refusal
    contract = client.get(reverse("dataset-contract", args=["calls"])).content.decode()
    assert "name: fire-incidents" in contract
    for name in ("dataset-template", "dataset-contract"):
        assert Client().get(reverse(name, args=["calls"])).status_code in (302, 404)
        assert Client().get(reverse(name, args=["street"])).status_code == 200


GRID = "?first-month=11&first-year=2025&last-month=12&last-year=2025&indicator="


def test_a_small_return_is_typed_in_checked_and_then_sent(world):
    client = seen_by(world, "fire_sender")
    place = reverse("returns-type-in", args=["fire", "fires"])
    assert place in text(client.get(reverse("submission-new")))
    assert "First month" in text(client.get(place))
    late = client.get(f"{place}?first-month=12&first-year=2025&last-month=11&last-year=2025")
    assert "must not come before" in text(late)
    place += f"{GRID}deliberate-primary-fires&indicator=hate-crimes"
    assert "hate-crimes" not in text(client.get(place)) and "Ash, November 2025" in text(
        client.get(place)
    )
    assert "Type at least one count" in text(client.post(place, {"n-0-0-0": ""}))
    wrong = text(client.post(place, {"n-0-0-0": "many", "n-0-0-1": "5"}))
    assert "Error:" in wrong and 'value="many"' in wrong and 'aria-invalid="true"' in wrong
    given = {"n-0-0-0": "1,200", "n-0-1-1": "0", "n-1-0-0": "3"}
    check = text(client.post(place, given))
    assert "Check what you typed" in check and "3 counts typed, 3 without a fault" in check
    assert not Submission.objects.exists()
    answer = client.post(place, {**given, "_confirmed": "yes"})
    sent = Submission.objects.get()
    assert answer.url == reverse("submission", args=[sent.pk])
    assert sent.arrived == Arrival.GRID
    assert counted(checked(sent)) == (State.STORED, 3, 3, 0)
    for key in ("sender", "colleague"):
        assert seen_by(world, key).get(place).status_code in (403, 404)
    assert client.get(reverse("returns-type-in", args=["fire", "calls"])).status_code == 404
