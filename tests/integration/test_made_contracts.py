"""A contract made from a sample in the browser, tried, put in use, and used by a return."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from frankpledge.access.enums import Role
from frankpledge.contracts.drafting import guessed
from frankpledge.contracts.model import Kind, parse
from frankpledge.sharing.enums import Basis, ContractState, Detail
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Clause, Dataset, SavedContract, Term
from tests.sharing_world import ASH, BIRCH, TODAY, sharing_world
from tests.workbooks import book_of

pytestmark = pytest.mark.django_db
HEADERS = ["When", "Place", "What", "Note", "Hours"]
ROWS = [
    [f"{day:02}/11/2025", place, what, "near the park", "1.5"]
    for day in range(1, 29)
    for place, what in ((ASH, "Noise"), (BIRCH, "Litter"))
]


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world():
    return sharing_world()


def seen_by(world, key: str) -> Client:
    client = Client()
    client.force_login(world.users[key])
    return client


def text(response) -> str:
    return response.content.decode()


def csv_of(*rows, headers=HEADERS) -> bytes:
    return "\n".join(",".join(row) for row in [headers, *rows]).encode()


def make(client: Client, raw: bytes, name: str = "sample.csv", key: str = "noise-calls"):
    given = {"title": "Noise calls", "key": key, "sample": SimpleUploadedFile(name, raw)}
    return client.post(reverse("contract-new"), given)


def typed(form) -> dict[str, str]:
    """What a browser would send of a form as it is shown."""
    shown = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in shown.items() if value not in (None, False, "")}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_columns_are_guessed(kind):
    raw = csv_of(*ROWS) if kind == "csv" else book_of(["Calls"], HEADERS, *ROWS)
    draft = guessed(raw, name=f"a.{kind}", key="noise-calls", title="Noise calls")
    assert [each.kind for each in draft.columns] == [
        Kind.DATE, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.NUMBER,
    ]  # fmt: skip
    assert [code.value for code in draft.columns[2].codes] == ["Litter", "Noise"]
    assert draft.roles == {"date": "when", "area": "place", "category": "what"}


def test_from_a_sample_to_a_return_under_it(world):
    client = seen_by(world, "leader")
    assert reverse("contract-list") in text(client.get(reverse("dataset-list")))
    made = make(client, csv_of(*ROWS))
    saved = SavedContract.objects.get()
    change = reverse("contract-change", args=[saved.pk])
    assert made.url == change and saved.state == ContractState.DRAFT
    form = client.get(change).context["form"]
    given = typed(form) | {
        "codes-2": "Noise | Loud noise\nLitter",
        "codes-3": "",
        "about-2": "What was called about",
    }
    stale = client.post(change, given | {"seen": "0" * 16})
    assert stale.status_code == 200 and "Error:" in text(stale)
    assert client.post(change, given).url == reverse("contract", args=[saved.pk])
    saved.refresh_from_db()
    contract = parse(saved.text, name="made")
    assert contract.field("what").codes[0].label == "Loud noise"
    assert contract.field("note").codes == () and contract.field("note").free_text

    place = reverse("contract", args=[saved.pk])
    bad = csv_of(*ROWS[-3:], ["2025-13-40", ASH, "Barking", "x", "1"])
    tried = text(client.post(place, {"sample": SimpleUploadedFile("b.csv", bad)}))
    assert "4 rows read, 3 without a fault" in tried and "“Barking”" in tried
    yaml = text(client.get(reverse("contract-text", args=[saved.pk])))
    assert "apiVersion: v3.1.0" in yaml and "name: noise-calls" in yaml

    client.post(reverse("contract-use", args=[saved.pk]))
    dataset = Dataset.objects.get(slug="noise-calls")
    Term.objects.create(
        version=world.version,
        clause=Clause.objects.get(number="3.2"),
        dataset=dataset,
        provider=world.organisations["fire"],
        recipient_role=Role.ANALYST,
        purpose="Strategic assessment",
        detail=Detail.ROW,
        basis=Basis.DUTY,
    )
    world.datasets["noise"] = dataset
    assert "Loud noise" not in text(client.get(reverse("dataset", args=["noise-calls"])))
    path = world_file(world, csv_of(*ROWS))
    sent = world.send("noise", "fire", path)
    assert (sent.state, sent.received, sent.stored) == (State.STORED, 56, 56), sent.refusal
    assert sent.contract_version == "1.0.0"

    form = client.get(change).context["form"]
    client.post(change, typed(form) | {"codes-2": "Noise\nLitter\nBarking"})
    newer = SavedContract.objects.get(state=ContractState.DRAFT)
    assert newer.version == "1.1.0"
    client.post(reverse("contract-use", args=[newer.pk]))
    assert list(SavedContract.objects.order_by("version").values_list("state", flat=True)) == [
        ContractState.REPLACED, ContractState.IN_USE,
    ]  # fmt: skip
    assert Dataset.objects.filter(contract="noise-calls").count() == 1
    again = world.send("noise", "fire", world_file(world, csv_of(*ROWS, ROWS[0])))
    assert again.contract_version == "1.1.0" and again.stored == 57


def world_file(world, raw: bytes):
    from django.conf import settings

    path = settings.HOME / f"{len(raw)}.csv"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("raw", "key", "said"),
    [
        (csv_of(*ROWS, ["01/11/2025", ASH, "Noise", "write to a.b@example.org", "1"]), "x-y",
         "e-mail address"),
        (csv_of(["a", "b"], headers=["one", "two"]), "x-y", "dates or months"),
        (csv_of(*ROWS), "police-street", "short name already"),
        (csv_of(*ROWS), "Not Good", "small letters"),
        (b"MZ\x90\x00 ....", "x-y", "Windows program"),
    ],
)  # fmt: skip
def test_what_stops_a_sample_is_said_and_nothing_is_kept(world, settings, raw, key, said):
    answer = make(seen_by(world, "leader"), raw, key=key)
    assert answer.status_code == 200 and said in text(answer)
    assert not SavedContract.objects.exists()
    assert not (settings.STORE / "originals").exists()


def test_nobody_else_makes_or_reads_a_draft(world):
    make(seen_by(world, "leader"), csv_of(*ROWS))
    saved = SavedContract.objects.get()
    for key in ("sender", "fire_sender", "stranger"):
        client = seen_by(world, key)
        assert make(client, csv_of(*ROWS), key="another").status_code == 403
        for name in ("contract", "contract-change", "contract-use", "contract-text"):
            answer = client.post(reverse(name, args=[saved.pk]))
            assert answer.status_code == 404 and "Noise" not in text(answer)
    saved.refresh_from_db()
    assert saved.state == ContractState.DRAFT and SavedContract.objects.count() == 1


def test_a_shipped_contract_gets_its_dataset_once(world):
    client = seen_by(world, "leader")
    take = reverse("contract-take", args=["fire-incidents"])
    assert take in text(client.get(reverse("contract-list")))
    assert seen_by(world, "fire_sender").post(take).status_code == 403
    assert client.post(take).url == reverse("dataset", args=["fire-incidents"])
    client.post(take)
    assert Dataset.objects.filter(contract="fire-incidents").count() == 1
    assert take not in text(client.get(reverse("contract-list")))
