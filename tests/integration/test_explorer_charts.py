"""Charts a reader may choose: none of them tells more than the table that passed disclosure."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.actors import Actor, public
from frankpledge.analysis import control
from frankpledge.analysis.disclosure import Status
from frankpledge.analysis.small_areas import empirical_bayes, overdispersion, rank_intervals
from frankpledge.core.models import Area
from frankpledge.evidence.models import Finding, HarmWeights
from frankpledge.evidence.queries import asking, presenting
from frankpledge.evidence.rules import CHARTS, OF_SMALL_AREAS, Question
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Term
from tests import sharing_world as sharing
from tests.integration.test_evidence import ASKED, _client
from tests.integration.test_evidence import shared as shared
from tests.worlds import TODAY

EVERY = [
    (by, chart)
    for by, charts in CHARTS.items()
    for chart in charts
    if chart not in OF_SMALL_AREAS  # refused of protected data: test_explorer_small_areas.py
]


@pytest.fixture
def mapped(shared: sharing.SharingWorld) -> sharing.SharingWorld:
    """The same districts with residents and outlines, side by side."""
    for place, code in enumerate((sharing.ASH, sharing.BIRCH)):
        ring = [[place, 0], [place + 1, 0], [place + 1, 1], [place, 1], [place, 0]]
        Area.objects.filter(code=code).update(
            residents=50_000, outline={"type": "Polygon", "coordinates": [ring]}
        )
    # The memory of places notices rows that come and go; these only changed.
    Area.objects.create(code="E09", name="Last", kind="ward", vintage=2024)
    return shared


def _asked(by: str, chart: str) -> Question:
    """A month in which one district counts two; month by month, the year of it."""
    start, end = ("2025-01", "2025-12") if by == "month" else ("2025-06", "2025-06")
    return Question("abuse", start, end, by=by, chart=chart)  # type: ignore[arg-type]


def _drawn(actor: Actor, by: str, chart: str) -> str:
    """All that a person can read in the pictures: marks, tooltips, descriptions, tables."""
    answer = asking.answer(actor=actor, question=_asked(by, chart), on=TODAY)
    said = []
    for picture in presenting.pictures(answer):
        made = picture.chart
        said += [made.title, made.description, re.sub(r"<[^>]+>", " ", made.svg + made.svg_narrow)]
        said += [" ".join(cell.text for cell in row) for row in made.table.rows]
    return " ".join(said)


# The district's name or the month, then its count of two or its rate, as drawn or in a table.
TOLD = re.compile(r"Birch(, \w+ 2025)?:?( \w+ 2025)? (2|0\.04|0\.040)(?![\d.,])")


@pytest.mark.parametrize(("by", "chart"), EVERY)
def test_no_chart_tells_the_public_a_small_count(mapped: sharing.SharingWorld, by: str, chart: str):
    text = _drawn(public(TODAY), by, chart)
    assert not TOLD.search(text)
    if by == "area" or chart == "districts":
        assert "Birch" in text
        assert "[c]" in text


@pytest.mark.parametrize(
    ("by", "chart"), [*((by, chart) for by, chart in EVERY if by == "area"), ("month", "districts")]
)
def test_the_partnership_is_told_it_by_the_same_chart(
    mapped: sharing.SharingWorld, by: str, chart: str
):
    assert TOLD.search(_drawn(mapped.actor("leader"), by, chart))


@pytest.mark.parametrize(
    ("by", "chart"), [*((by, chart) for by, chart in EVERY if by == "area"), ("month", "districts")]
)
def test_what_is_worked_out_for_a_hidden_place_is_hidden(
    mapped: sharing.SharingWorld, by: str, chart: str
):
    table = asking.answer(actor=public(TODAY), question=_asked(by, chart), on=TODAY).charted
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
    hidden = [row for row in rows if row["area"].text == "Birch"]
    assert hidden
    for row in hidden:
        known = {key for key, cell in row.items() if cell.status is Status.SHOWN}
        assert known <= {"area", "month", "code", "residents"}


def test_harm_stands_by_each_table_and_nowhere_for_a_hidden_place(mapped: sharing.SharingWorld):
    asked = _asked("area", "harm")
    told = asking.answer(actor=mapped.actor("leader"), question=asked, on=TODAY).table
    assert any("No table of harm weights is loaded" in note for note in told.notes)
    dataset, kind = mapped.datasets["abuse"], "domestic-abuse-incidents"
    for measure, edition, since, weights in (
        ("First", "2024", "2024-01-01", {kind: 10}),
        ("First", "2025", "2025-06-01", {kind: 100}),
        ("First", "2026", "2025-07-01", {kind: 9000}),
        ("Second", "1", "2020-01-01", {kind: 7, "hate-crimes": 3}),
    ):
        HarmWeights.objects.create(
            dataset=dataset, measure=measure, edition=edition, since=since, unit="days",
            weights=weights,
        )  # fmt: skip
    rows = {
        who: {row["area"]: row for row in asking.answer(actor=actor, question=asked, on=TODAY).table
              .records()}
        for who, actor in (("leader", mapped.actor("leader")), ("public", public(TODAY)))
    }  # fmt: skip
    birch = rows["leader"]["Birch"]
    assert (birch["count"], birch["harm_1"], birch["harm_2"]) == (2, 200, 14)
    everybody = sum(row["count"] for row in rows["leader"].values())
    assert birch["share"] == pytest.approx(100 * 2 / everybody)
    assert not {"count", "rate", "share", "rank", "harm_1"} & {
        key for key, value in rows["public"]["Birch"].items() if isinstance(value, int | float)
    }
    page = _client(mapped, "leader").get(f"{reverse('explorer')}?{asked.address()}")
    assert "Harm: First, 2025 (days)" in page.content.decode()


def test_limits_rest_on_figures_that_are_shown(mapped: sharing.SharingWorld):
    """With one of two districts hidden the mean is the other's own: it tells nothing more."""
    table = asking.answer(actor=public(TODAY), question=_asked("area", "funnel"), on=TODAY).charted
    rates = {cell.value for cell in table.column("rate") if cell.status is Status.SHOWN}
    means = {cell.value for cell in table.column("average") if cell.status is Status.SHOWN}
    assert len(means) <= 1
    assert means <= rates


def test_a_line_for_each_district_is_refused_where_the_terms_are_coarser(
    mapped: sharing.SharingWorld,
):
    saved = f"{reverse('explorer-save')}?{ASKED}&chart=districts"
    _client(mapped, "leader").post(saved, {"sentence": "Abuse", "audience": "partnership"})
    kept = Finding.objects.get()
    page = reverse("finding", args=[kept.pk])
    assert _client(mapped, "colleague").get(page).status_code == 200
    Term.objects.filter(dataset=mapped.datasets["abuse"]).update(detail=Detail.COUNTY)
    for who in ("public", "colleague"):
        client = _client(mapped, who)
        for url in (reverse("explorer"), reverse("explorer-export", args=["svg"])):
            assert client.get(f"{url}?{ASKED}").status_code == 200
            refused = client.get(f"{url}?{ASKED}&chart=districts")
            assert refused.status_code == 422
            assert "no finer" in refused.content.decode()
        assert client.get(page).status_code == 404


def test_the_map_to_move_about_in_tells_each_reader_what_the_picture_tells(
    mapped: sharing.SharingWorld,
):
    url = f"{reverse('explorer-map')}?dataset=abuse&from=2025-06&to=2025-06&by=area"
    told = {who: _client(mapped, who).get(url) for who in ("public", "leader")}
    words = {
        who: {each["properties"]["name"]: each["properties"] for each in
              answer.json()["areas"]["features"]}
        for who, answer in told.items()
    }  # fmt: skip
    assert TOLD.search(words["leader"]["Birch"]["said"])
    assert words["public"]["Birch"]["said"] == "Birch: withheld"
    assert not TOLD.search(told["public"].content.decode())
    classes = told["public"].json()["classes"]
    assert classes[words["public"]["Birch"]["class"]]["label"] == "Withheld [c]"


def test_who_has_no_term_gets_no_map(mapped: sharing.SharingWorld):
    url = reverse("explorer-map")
    assert _client(mapped, "public").get(f"{url}?dataset=fires&by=area").status_code == 404
    assert _client(mapped, "stranger").get(f"{url}?dataset=fires&by=area").status_code == 403
    refused = _client(mapped, "public").get(f"{url}?{ASKED}&by=person")
    assert refused.status_code == 422 and "no breakdown" in refused.json()["refusal"]


def test_who_has_no_term_gets_no_chart(mapped: sharing.SharingWorld):
    for chart in ("", "tiles"):
        url = f"{reverse('explorer')}?dataset=fires&by=area&chart={chart}"
        assert _client(mapped, "public").get(url).status_code == 404
        assert _client(mapped, "stranger").get(url).status_code == 403


@pytest.mark.parametrize(
    ("by", "chart", "says"),
    [
        ("month", "districts", "small line charts"),
        ("category", "slope", "Slope chart"),
        ("category", "change", "Dot plot: Change"),
        ("area", "bars", "Bar chart"),
        ("area", "dots", "Dot plot"),
        ("area", "map", "Map:"),
        ("area", "tiles", "Tile map"),
        ("area", "funnel", "Funnel plot"),
        ("area", "smoothed", "Map: Smoothed per 1,000"),
        ("area", "months", "12 small maps"),
    ],
)
def test_a_choice_has_an_address_that_files_and_findings_follow(
    mapped: sharing.SharingWorld, by: str, chart: str, says: str
):
    client = _client(mapped, "leader")
    asked = f"{ASKED}&by={by}&chart={chart}"
    page = client.get(f"{reverse('explorer')}?{asked}").content.decode()
    assert says in page
    assert re.search(rf'chart={chart}" aria-current="true">{re.escape(CHARTS[by][chart])}<', page)  # type: ignore[index]
    svg = client.get(f"{reverse('explorer-export', args=['svg'])}?{asked}")
    assert says in svg.content.decode() and chart in svg["Content-Disposition"]
    png = client.get(f"{reverse('explorer-export', args=['png'])}?{asked}")
    assert png.content.startswith(b"\x89PNG")
    a_map = client.get(f"{reverse('explorer-export', args=['map.svg'])}?{asked}")
    if by == "category":  # kinds that do not add up have no map of all of them
        assert a_map.status_code == 404
    else:
        assert "Map:" in a_map.content.decode()
    client.post(
        f"{reverse('explorer-save')}?{asked}", {"sentence": "Abuse", "audience": "partnership"}
    )
    kept = Finding.objects.get()
    assert says in presenting.pictures_of(kept)[0].chart.description
    assert says in client.get(reverse("finding", args=[kept.pk])).content.decode()


def test_without_outlines_a_map_gives_way_to_bars(shared: sharing.SharingWorld):
    for chart in ("map", "tiles", "smoothed", "months"):
        page = _client(shared, "leader").get(f"{reverse('explorer')}?{ASKED}&by=area&chart={chart}")
        assert "Bar chart" in page.content.decode()


def test_a_line_for_each_district_asks_the_database_no_more(mapped: sharing.SharingWorld):
    client = _client(mapped, "leader")
    found = []
    for more in ("", "", "&chart=districts"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{reverse('explorer')}?{ASKED}{more}")
        found.append(len(queries))
    assert found[2] == found[1]


def test_a_map_is_no_finer_than_the_terms(mapped: sharing.SharingWorld):
    """By month the page has a map of districts beside it: only where districts are given."""
    question = Question("abuse", "2025-06", "2025-06", by="month")
    leader = mapped.actor("leader")
    assert asking.answer(actor=leader, question=question, on=TODAY).map_table is not None
    _client(mapped, "leader").post(
        f"{reverse('explorer-save')}?{ASKED}", {"sentence": "Abuse", "audience": "partnership"}
    )
    kept = Finding.objects.get()
    assert kept.figure["map"]
    page = reverse("finding", args=[kept.pk])
    assert _client(mapped, "colleague").get(page).status_code == 200
    Term.objects.filter(dataset=mapped.datasets["abuse"]).update(detail=Detail.COUNTY)
    assert asking.answer(actor=leader, question=question, on=TODAY).map_table is None
    assert _client(mapped, "colleague").get(page).status_code == 404


def test_smoothed_rates_and_ranks_are_those_of_the_method(mapped: sharing.SharingWorld):
    question = _asked("area", "smoothed")
    table = asking.answer(actor=mapped.actor("leader"), question=question, on=TODAY).table
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
    ash, birch = (row for row in rows if row["area"].text in ("Ash", "Birch"))
    wanted = empirical_bayes([46, 2], [50_000, 50_000])
    ranks = rank_intervals([46, 2], [50_000, 50_000])
    for row, smooth, rank in zip((ash, birch), wanted, ranks, strict=True):
        assert smooth is not None and rank is not None
        assert row["smoothed"].value == pytest.approx(smooth.smoothed)
        assert (row["rank_low"].value, row["rank_high"].value) == (rank.low, rank.high)


def test_a_funnel_is_as_wide_as_places_differ(mapped: sharing.SharingWorld):
    question = _asked("area", "funnel")
    table = asking.answer(actor=mapped.actor("leader"), question=question, on=TODAY).charted
    factor = overdispersion([46, 2], [24, 24])
    assert factor > 1
    wanted = control.funnel([46, 2], [50_000, 50_000], overdispersion=factor)
    keys = [column.key for column in table.columns]
    for row, point in zip(table.rows, wanted.points, strict=True):
        cells = dict(zip(keys, row, strict=True))
        assert (cells["low998"].value, cells["high998"].value) == (point.low998, point.high998)
        assert cells["standing"].text == str(point.standing.value)
    assert any("limits are widened" in note for note in table.notes)


def test_too_many_small_maps_are_refused_with_a_sentence(mapped: sharing.SharingWorld):
    url = f"{reverse('explorer')}?dataset=abuse&from=2023-12&to=2025-12&by=area&chart=months"
    refused = _client(mapped, "leader").get(url)
    assert refused.status_code == 422 and "at most 24 months" in refused.content.decode()
