"""Two periods, two places, two datasets side by side: each read and protected by its own terms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.actors import public
from frankpledge.analysis.counts import compare
from frankpledge.analysis.disclosure import Status
from frankpledge.core.models import Area
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries import asking, places
from frankpledge.evidence.rules import Question
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Term
from tests import sharing_world as sharing
from tests.integration.test_evidence import ASKED, _client
from tests.integration.test_evidence import shared as shared
from tests.integration.test_explorer_real import KIND, MONTHS, YEAR, _ash
from tests.integration.test_explorer_real import four_years as four_years
from tests.worlds import TODAY


@pytest.fixture
def peopled(four_years: sharing.SharingWorld) -> sharing.SharingWorld:
    Area.objects.filter(code=sharing.ASH).update(residents=60_000)
    Area.objects.filter(code=sharing.BIRCH).update(residents=20_000)
    places._places.cache_clear()  # the memory of places notices rows that come and go
    return four_years


def _answer(world: sharing.SharingWorld, **changed: Any) -> Any:
    question = YEAR.with_(**changed)
    return asking.answer(actor=world.actor("leader"), question=question, on=TODAY)


def _row(table: Any, at: int) -> dict[str, Any]:
    return {c.key: cell.value for c, cell in zip(table.columns, table.rows[at], strict=True)}


def test_two_periods_are_compared_as_the_method_does(peopled: sharing.SharingWorld):
    counts = [_ash(at) + 2 for at in range(48)]
    found = _answer(peopled, other="2022-01..2022-12")
    now, then = sum(counts[36:]), sum(counts[:12])
    wanted = compare(now, then)
    assert wanted is not None and wanted.ratio is not None
    assert f"higher in 2025 than in 2022, {now:,} against {then:,}" in found.sentence.sentence
    assert (
        f"{wanted.ratio:.2f} times as many (95% interval {wanted.low:.2f}"
        in (found.sentence.more[0])
    )
    row, single = _row(found.table, 0), compare(counts[36], counts[0])
    assert single is not None
    assert (row["now"], row["other"]) == (counts[36], counts[0])
    assert [row["ratio"], row["low"], row["high"]] == pytest.approx(
        [single.ratio, single.low, single.high]
    )


def test_periods_of_unlike_length_are_compared_for_each_month(peopled: sharing.SharingWorld):
    counts = [_ash(at) + 2 for at in range(48)]
    found = _answer(peopled, other="2024-07..2024-12", by="category")
    now, then = sum(counts[36:]), sum(counts[30:36])
    wanted = compare(now, then, exposure_now=12, exposure_before=6)
    assert wanted is not None and wanted.ratio is not None
    assert "for each month" in found.sentence.sentence
    assert f"{wanted.ratio:.2f} times" in found.sentence.more[0]
    assert _row(found.table, 0)["ratio"] == pytest.approx(wanted.ratio)


def test_two_places_are_compared_for_each_resident(peopled: sharing.SharingWorld):
    found = _answer(peopled, area=sharing.ASH, against="birch")
    now = sum(_ash(at) for at in range(36, 48))
    wanted = compare(now, 24, exposure_now=60_000, exposure_before=20_000)
    assert wanted is not None and wanted.ratio is not None
    assert "higher in Ash than in Birch for each resident" in found.sentence.sentence
    assert f"{wanted.ratio:.2f} times" in found.sentence.more[0]
    whole = _answer(peopled, area=sharing.ASH, against="ashshire")
    assert any("Ash is part of Ashshire" in each for each in whole.caveats)


def test_a_hidden_figure_is_hidden_on_either_side(peopled: sharing.SharingWorld):
    for area, against in ((sharing.BIRCH, "ash"), (sharing.ASH, "birch")):
        for by in ("month", "category"):
            question = YEAR.with_(area=area, against=against, by=by)
            found = asking.answer(actor=public(TODAY), question=question, on=TODAY)
            said = " ".join((found.sentence.sentence, *found.sentence.more))
            assert not re.search(r"\b(2|24)\b", said), said
            side = "now" if area == sharing.BIRCH else "other"
            hidden = {cell.status for cell in found.table.column(side)}
            assert Status.SHOWN not in hidden or by == "category"
            for key in ("ratio", "low", "high"):
                for cell, base in zip(
                    found.table.column(key), found.table.column(side), strict=True
                ):
                    assert base.status is Status.SHOWN or cell.value is None
            page = _client(peopled, "public").get(f"{reverse('explorer')}?{question.address()}")
            assert ">2<" not in page.content.decode() and ">24<" not in page.content.decode()


def test_another_place_needs_terms_that_tell_places(peopled: sharing.SharingWorld):
    address = YEAR.with_(against=sharing.ASH).address()
    saved = f"{reverse('explorer-save')}?{address}"
    _client(peopled, "leader").post(saved, {"sentence": "Ash", "audience": "partnership"})
    kept = Finding.objects.get()
    page = reverse("finding", args=[kept.pk])
    assert "Ash" in _client(peopled, "colleague").get(page).content.decode()
    Term.objects.filter(dataset=peopled.datasets["abuse"]).update(detail=Detail.COUNTY)
    assert _client(peopled, "colleague").get(page).status_code == 404
    for url in (reverse("explorer"), reverse("explorer-export", args=["csv"])):
        refused = _client(peopled, "leader").get(f"{url}?{address}")
        assert refused.status_code == 422 and "no finer" in refused.content.decode()


def test_a_comparison_kept_is_drawn_again_and_rests_on_both_periods(
    peopled: sharing.SharingWorld,
):
    client = _client(peopled, "leader")
    address = YEAR.with_(other="2022-01..2022-12").address()
    client.post(
        f"{reverse('explorer-save')}?{address}&beside=fires",
        {"sentence": "Abuse", "audience": "partnership"},
    )
    kept = Finding.objects.get()
    assert kept.read_months.count() == 24 and "beside" not in kept.question
    page = client.get(reverse("finding", args=[kept.pk])).content.decode()
    assert "Times as many" in page and "Line chart" in page and "with=2022-01" in page


NONSENSE = [
    ("&with=2024", "Write it as 2024-01..2024-12"),
    ("&with=2024-13..2024-14", "Write it as"),
    ("&with=2024-12..2024-01", "Write it as"),
    ("&with=0001-01..9999-12", "Write it as"),
    ("&with=2025-12..2026-02", "share months"),
    ("&with=2023-01..2023-12&against=ash", "not both"),
    ("&against=atlantis", "Choose one of: Ashshire, Ash, Birch"),
    (f"&area={sharing.ASH}&against=ash", "Choose another"),
    ("&against=ashshire", "Choose another"),
    ("&by=area&against=ash", "Choose another breakdown"),
    (f"&by=category&against=ash&area={sharing.BIRCH}&chart=slope", "Leave it out"),
    ("&beside=abuse", "Choose other data"),
]


def test_nonsense_says_what_to_choose(shared: sharing.SharingWorld):
    client = _client(shared, "leader")
    for more, says in NONSENSE:
        for url in (reverse("explorer"), reverse("explorer-export", args=["csv"])):
            answer = client.get(f"{url}?{ASKED}{more}")
            assert answer.status_code == 422, more
            assert says in answer.content.decode(), more


def test_the_choices_lead_to_answers(peopled: sharing.SharingWorld):
    client = _client(peopled, "leader")
    page = client.get(f"{reverse('explorer')}?{YEAR.address()}").content.decode()
    links = re.findall(r'href="(/[^"]*(?:with|against)=[^"]*)"', page)
    assert len(links) >= 4
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_a_comparison_asks_the_database_little_more(peopled: sharing.SharingWorld):
    client, found = _client(peopled, "leader"), []
    for changed in ({}, {}, {"other": "2022-01..2022-12"}, {"other": "2022-01..2022-02"}):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{reverse('explorer')}?{YEAR.with_(**changed).address()}")
        found.append(len(queries))
    assert found[2] == found[3] <= found[1] + 10


# Data beside


def test_data_beside_is_protected_by_its_own_rule(peopled: sharing.SharingWorld, tmp_path: Any):
    lines = [f"{sharing.ASH},{month},deliberate-primary-fires,7" for month in MONTHS[-12:]]
    peopled.send("fires", "fire", sharing.counts_file(tmp_path, lines, "fires.csv"))
    address = f"dataset=fires&from=2025-01&to=2025-12&area={sharing.BIRCH}&beside=abuse"
    term = Term.objects.get(dataset=peopled.datasets["fires"])
    term.pk, term.recipient_role = None, "public"
    term.save(force_insert=True)
    peopled.datasets["fires"].published_already = True
    peopled.datasets["fires"].save()
    page = _client(peopled, "public").get(f"{reverse('explorer')}?{address}").content.decode()
    shown = page[page.index('class="fp-beside"') : page.index('id="figures"')]
    assert "The rule" in shown and "Cannot tell" in shown
    assert ">2<" not in shown and ">24<" not in shown and "[c]" in shown
    leader = _client(peopled, "leader").get(f"{reverse('explorer')}?{address}").content.decode()
    assert ">2<" in leader[leader.index('class="fp-beside"') :]


def test_data_beside_that_is_not_given_is_not_shown(peopled: sharing.SharingWorld):
    address = f"{reverse('explorer')}?{ASKED}&beside="
    for slug in ("fires", "no-such"):
        assert _client(peopled, "public").get(f"{address}{slug}").status_code == 404
    assert _client(peopled, "stranger").get(f"{address}fires").status_code == 403
    page = _client(peopled, "stranger").get(f"{reverse('explorer')}?{ASKED}").content.decode()
    assert "beside=fires" not in page


def test_a_question_beside_is_the_same_months_and_place():
    question = Question("abuse", "2025-01", "2025-03", area="x", category=KIND, beside="fires")
    assert question.with_(by="category").beside == "fires"
