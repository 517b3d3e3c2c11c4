"""Files as they are published, cut short, taken in by what the how-to says of each."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest

from frankpledge.access.enums import Role
from frankpledge.contracts import shipped
from frankpledge.sharing.enums import Basis, Detail
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import Clause, Dataset, Term
from frankpledge.sharing.rules.choosing import choice_written
from tests.sharing_world import TODAY, sharing_world

pytestmark = [pytest.mark.django_db, pytest.mark.data]
HOW_TO = Path(__file__).parents[2] / "docs/how-to/take-in-published-files.md"


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY


def told() -> dict[str, str]:
    """The choices that the how-to prints, by the contract of the command before them."""
    sections = HOW_TO.read_text(encoding="utf-8").split("\n## ")[1:]
    named = {re.search(r"import (\S+)", each)[1]: each for each in sections}
    blocks = {key: re.search(r"```json\n(.*?)```", each, re.S) for key, each in named.items()}
    return {key: block[1] if block else "" for key, block in blocks.items()}


def lines(raw: bytes, most: int) -> bytes:
    return b"".join(raw.splitlines(keepends=True)[: most + 1])


def rows(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))


def first_of(path: Path) -> tuple[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        name = archive.namelist()[0]
        return Path(name).name, archive.read(name)


def fire(folder: Path):
    raw = gzip.decompress((folder / "fire/london_fire_brigade_incidents_2017-01_2017-04.csv.gz")
                          .read_bytes())  # fmt: skip
    raw = lines(raw, 3000)
    malicious = [r for r in rows(raw) if r["stop_code_description"] == "False alarm - Malicious"]
    return "incidents.csv", raw, len(malicious)


def national(folder: Path):
    raw = (folder / "collisions/dft_collision_2022_extract.csv").read_bytes()
    return "collisions.csv", raw, 1_049


def casualties(folder: Path):
    path = folder / "collisions/gm_STATS19_road_casualties_2019-Jun2024.csv.gz"
    return "casualties.csv", lines(gzip.decompress(path.read_bytes()), 2000), 2_000


def street(folder: Path):
    name, raw = first_of(folder / "police/kent-street-2021-03_2022-03.zip")
    raw = lines(raw, 3000)
    return name, raw, 3_000


def outcomes(folder: Path):
    name, raw = first_of(folder / "police/kent-outcomes-2021-03_2022-03.zip")
    return name, lines(raw, 3000), 3_000


def stops(folder: Path):
    path = folder / "police/stop_and_search/2020-01-essex-stop-and-search.csv"
    return path.name, path.read_bytes(), 1_820


def attendances(folder: Path):
    raw = lines((folder / "health/england_trust_accidents_emergency.csv").read_bytes(), 600)
    counts = ("total_attendances", "attendances_over_4hours", "total_emergency_admissions",
              "emergency_admissions_over_4hours")  # fmt: skip
    return "attendances.csv", raw, sum(r[each] != "NA" for r in rows(raw) for each in counts)


FILES = {
    "fire-incidents": fire,
    "road-collisions": national,
    "road-casualties": casualties,
    "police-street": street,
    "police-outcomes": outcomes,
    "police-stop-search": stops,
    "health-attendances": attendances,
}


@pytest.mark.parametrize("key", FILES)
def test_a_published_file_is_taken_in_as_the_how_to_says(key, data_dir, tmp_path):
    name, raw, expected = FILES[key](data_dir)
    world = sharing_world()
    dataset = Dataset.objects.create(slug=f"new-{key}", name=key, contract=key)
    Term.objects.create(
        version=world.version,
        clause=Clause.objects.get(number="3.1"),
        dataset=dataset,
        provider=world.organisations["police"],
        recipient_role=Role.ANALYST,
        purpose="Strategic assessment",
        detail=Detail.ROW,
        basis=Basis.DUTY,
    )
    world.datasets[key] = dataset
    path = tmp_path / name
    path.write_bytes(raw)
    text = told()[key]
    choice = choice_written(text, shipped()[key]) if text else None
    sent = world.send(key, "police", path, choice=choice)
    assert sent.state == State.STORED, (sent.refusal, sent.remedy)
    assert (sent.received, sent.stored, sent.rejected) == (expected, expected, 0)
    assert expected > 0


def test_every_file_of_the_how_to_is_tried():
    assert set(told()) == set(FILES)
    steps = [re.findall(r"^\d+\. ", each, re.M) for each in HOW_TO.read_text().split("\n## ")]
    assert all(len(each) < 10 for each in steps)
