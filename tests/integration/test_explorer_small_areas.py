"""Hot spots of small areas: open data only, told as tested, nothing without a term for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.actors import public
from frankpledge.analysis.disclosure import Column, Refused, publish
from frankpledge.analysis.hotspots.emerging import Pattern, emerging_among
from frankpledge.analysis.hotspots.local import gi_star
from frankpledge.analysis.hotspots.neighbours import from_lists
from frankpledge.analysis.months import month_range
from frankpledge.core.models import Area
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries import asking, places, presenting, sources
from frankpledge.evidence.rules import Question, UnableToAsk
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Dataset, DisclosureRule, Term
from tests import sharing_world as sharing
from tests.integration.test_evidence import _client
from tests.worlds import TODAY

SIDE = 7
MONTHS = list(month_range("2024-11", "2025-12"))
KIND = "deliberate-primary-fires"


def _code(at: int) -> str:
    return f"E01{at:06d}"


def _count(at: int, month: str) -> int:
    """A hot corner throughout, and one place hot in the last month only."""
    row, column = divmod(at, SIDE)
    if row < 2 and column < 2:
        return 20
    return 60 if at == SIDE * SIDE - 1 and month == MONTHS[-1] else (at * 7) % 3


@pytest.fixture
def small(db: Any, tmp_path: Path, settings: Any) -> sharing.SharingWorld:
    settings.STORE = tmp_path / "store"
    world = sharing.sharing_world()
    ash = Area.objects.get(code=sharing.ASH)
    for at in range(SIDE * SIDE):
        y, x = divmod(at, SIDE)
        ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
        ring = [[a / 100, 51 + b / 100] for a, b in ring]
        Area.objects.create(
            code=_code(at),
            name=f"Ash {at:03d}",
            kind="lsoa",
            vintage=2021,
            parent=ash,
            outline={"type": "Polygon", "coordinates": [ring]},
        )
    term = Term.objects.get(dataset=world.datasets["fires"])
    term.detail = Detail.LSOA
    term.save()
    term.pk, term.recipient_role = None, "public"
    term.save(force_insert=True)
    Dataset.objects.filter(slug="fires").update(published_already=True)
    lines = [
        f"{_code(at)},{month},{KIND},{_count(at, month)}"
        for at in range(SIDE * SIDE)
        for month in MONTHS
    ]
    sent = world.send("fires", "fire", sharing.counts_file(tmp_path, lines))
    assert sent.stored == len(lines), sent.rejected
    sources._releases.clear()
    places._places.cache_clear()
    places._shapes.cache_clear()
    return world


def _asked(chart: str, start: str = MONTHS[-1]) -> Question:
    return Question("fires", start, MONTHS[-1], by="area", chart=chart, category=KIND)


def _beside() -> Any:
    def near(at: int) -> list[int]:
        y, x = divmod(at, SIDE)
        return [
            b * SIDE + a
            for b in range(max(0, y - 1), min(SIDE, y + 2))
            for a in range(max(0, x - 1), min(SIDE, x + 2))
            if (a, b) != (x, y)
        ]

    return from_lists([near(at) for at in range(SIDE * SIDE)])


def test_hot_spots_are_those_that_the_method_finds(small: sharing.SharingWorld):
    answer = asking.answer(actor=public(TODAY), question=_asked("hot"), on=TODAY)
    wanted = gi_star([_count(at, MONTHS[-1]) for at in range(SIDE * SIDE)], _beside())
    codes = [str(cell.value) for cell in answer.table.column("code")]
    scores = dict(zip(codes, [cell.value for cell in answer.table.column("z")], strict=True))
    assert [scores[_code(at)] for at in range(SIDE * SIDE)] == pytest.approx(wanted.z)
    classes = [str(cell.value) for cell in answer.table.column("class")]
    hot = int(((wanted.raised < 0.1) & (wanted.z > 0)).sum())
    assert hot and sum(each != "Not a hot spot" for each in classes) == hot
    assert f"{hot} of {wanted.tests} small areas are hot spots" in answer.sentence.sentence
    assert f"{wanted.tests} tests were made" in " ".join(answer.sentence.more)
    assert any("snapped" in note for note in answer.table.notes)
    assert "cold" not in " ".join(classes).lower()


def test_a_page_shows_those_that_stand_out_and_a_file_all():
    rows = [{"code": str(at), "class": "New" if at % 30 == 0 else "No pattern"} for at in range(90)]
    columns = (Column("code", "Code"), Column("class", "Pattern"))
    short = presenting.shortened(publish(title="Places", columns=columns, rows=rows))
    assert short is not None and len(short.rows) == 3
    assert short.notes == ("87 more rows are in the files.",)


def test_emerging_hot_spots_have_the_names_that_the_method_gives(small: sharing.SharingWorld):
    answer = asking.answer(actor=public(TODAY), question=_asked("emerging", MONTHS[0]), on=TODAY)
    cube = [[_count(at, month) for at in range(SIDE * SIDE)] for month in MONTHS]
    wanted = emerging_among(np.array(cube, float), _beside())
    codes = [str(cell.value) for cell in answer.table.column("code")]
    named = dict(zip(codes, [cell.value for cell in answer.table.column("class")], strict=True))
    assert set(wanted.pattern) >= {Pattern.NEW, Pattern.PERSISTENT}
    for at in range(SIDE * SIDE):
        assert named[_code(at)] == Pattern(wanted.pattern[at]).sentence.split(":")[0]
    assert "persistent" in answer.sentence.sentence and "new" in answer.sentence.sentence


def test_fewer_than_twelve_months_are_insufficient(small: sharing.SharingWorld):
    question = _asked("emerging", "2025-02")
    answer = asking.answer(actor=public(TODAY), question=question, on=TODAY)
    assert "insufficient history, 11 whole months of the 12" in answer.sentence.sentence
    assert {cell.value for cell in answer.table.column("class")} == {None}


def test_the_page_draws_a_map_with_patterns_and_offers_the_choice(small: sharing.SharingWorld):
    client = _client(small, "public")
    url = f"{reverse('explorer')}?{_asked('hot').address()}"
    page = client.get(url).content.decode()
    assert "<pattern" in page and "Map: Hot spot, 49 areas" in page
    assert "chart=emerging" in page
    for kind in ("csv", "svg", "png", "map.svg", "geojson"):
        stem = reverse("explorer-export", args=["csv"]).removesuffix("csv")
        assert client.get(f"{stem}{kind}?{_asked('hot').address()}").status_code == 200, kind
    layers = client.get(f"{reverse('explorer-map')}?{_asked('hot').address()}").json()
    labels = [each["label"] for each in layers["classes"]]
    assert labels[0] == "Not a hot spot" and labels[-1].endswith("% confident")
    assert len(layers["areas"]["features"]) == SIDE**2


def test_the_page_asks_the_database_no_more_for_more_places(small: sharing.SharingWorld):
    client, found = _client(small, "public"), []
    for chart in ("bars", "bars", "hot", "hot", "emerging"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{reverse('explorer')}?{_asked(chart, MONTHS[0]).address()}")
        found.append(len(queries))
    # Whether outlines changed: of places, of neighbours, of the districts drawn over them.
    assert max(found[3:]) <= found[1] + 3


@pytest.mark.parametrize("chart", ["hot", "emerging"])
def test_coarser_terms_and_protected_data_give_no_small_area(
    small: sharing.SharingWorld, chart: str
):
    url = f"{reverse('explorer')}?{_asked(chart).address()}"
    saved = f"{reverse('explorer-save')}?{_asked(chart).address()}"
    _client(small, "leader").post(saved, {"sentence": "Hot", "audience": "public"})
    kept = reverse("finding", args=[Finding.objects.get().pk])
    stranger = _client(small, "public")
    assert stranger.get(kept).status_code == 200
    Term.objects.filter(dataset=small.datasets["fires"]).update(detail=Detail.DISTRICT)
    for stem in (url, url.replace("/ask/?", "/ask/answer.csv?")):
        refused = stranger.get(stem)
        assert refused.status_code == 422 and "no finer" in refused.content.decode()
    assert stranger.get(kept).status_code == 404
    plain = stranger.get(url.replace(f"&chart={chart}", "")).content.decode()
    assert "chart=hot" not in plain and "chart=emerging" not in plain
    Term.objects.filter(dataset=small.datasets["fires"]).update(detail=Detail.LSOA)
    Dataset.objects.filter(slug="fires").update(published_already=False)
    DisclosureRule.objects.create(
        dataset=small.datasets["fires"], audience="public", suppress_below=5, source="The rule"
    )
    with pytest.raises(Refused, match="protected"):
        asking.answer(actor=public(TODAY), question=_asked(chart), on=TODAY)


def test_without_outlines_it_says_what_to_choose(small: sharing.SharingWorld):
    Area.objects.filter(code__startswith="E01").update(outline=None)
    Area.objects.create(code="E09", name="Last", kind="ward", vintage=2024)
    with pytest.raises(UnableToAsk, match="Choose another chart"):
        asking.answer(actor=public(TODAY), question=_asked("hot"), on=TODAY)
