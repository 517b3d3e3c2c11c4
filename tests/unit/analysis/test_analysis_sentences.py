"""The sentence over a chart: short, the same every time, and no more than may be said."""

import pytest

from frankpledge.analysis.counts import areas_holding
from frankpledge.analysis.disclosure import NONE, PARTNER_PUBLIC, Column, publish
from frankpledge.analysis.sentences import finding


def said(now, before, **more):
    found = finding(
        what="burglary", where="the seaside", period="2025", now=now, before=before, **more
    )
    return found.sentence, found.direction


@pytest.mark.parametrize(
    ("now", "before", "sentence", "direction"),
    [
        (812, 625, "Burglary in the seaside rose 30% to 812, from 625 a year before.", "up"),
        (625, 812, "Burglary in the seaside fell 23% to 625, from 812 a year before.", "down"),
        (
            630,
            625,
            "Burglary in the seaside: no clear change, 630 against 625 a year before.",
            "no clear change",
        ),
        (
            0,
            0,
            "Burglary in the seaside: no clear change, 0 against 0 a year before.",
            "no clear change",
        ),
        (30, 3, "Burglary in the seaside rose to 30, from 3 a year before.", "up"),
        (30, 0, "Burglary in the seaside rose to 30, from 0 a year before.", "up"),
        (5, None, "Burglary in the seaside: 5 in 2025.", "unknown"),
        (None, 5, "Burglary in the seaside: no complete data for 2025.", "unknown"),
    ],
)
def test_one_sentence(now, before, sentence, direction):
    assert said(now, before) == (sentence, direction)


def test_a_ripple_in_large_counts_is_no_clear_change():
    assert said(1_005_000, 1_000_000)[1] == "no clear change"
    assert said(1_020_000, 1_000_000)[1] == "up"
    assert said(1_005_000, 1_000_000, smallest_change=0.1)[1] == "up"


def test_limits_and_concentration_are_in_it_and_it_stays_short():
    sentence, _ = said(812, 625, side="above", concentration=areas_holding([9, 4, 3, 2]))
    assert sentence == (
        "Burglary in the seaside rose 30% to 812, from 625 a year before, "
        "above the usual range; 1 of 4 small areas holds half."
    )
    assert len(sentence.split()) <= 25


def test_another_period_is_named():
    sentence, _ = said(812, 625, before_period="2019")
    assert sentence == "Burglary in the seaside rose 30% to 812, from 625 in 2019."


@pytest.mark.parametrize("count", range(1, 5))
def test_a_hidden_count_gives_nothing_away(count):
    table = publish(
        title="t", columns=[Column("n", "N", "count")], rows=[[count], [40]], rule=PARTNER_PUBLIC
    )
    hidden, shown = table.column("n")
    assert (
        said(hidden, shown)[0] == "Burglary in the seaside in 2025: the count is too small to show."
    )
    found = finding(what="a", where="b", period="2025", now=shown, before=hidden)
    assert found.sentence == "A in b: 40 in 2025."
    assert found.more == ("The count for the same period a year before is too small to show.",)


def test_a_protected_count_is_said_as_it_is_shown():
    table = publish(
        title="t", columns=[Column("n", "N", "count")], rows=[[812], [623]], rule=PARTNER_PUBLIC
    )
    now, before = table.column("n")
    assert (
        said(now, before)[0] == "Burglary in the seaside rose 30% to 810, from 625 a year before."
    )
    open_table = publish(title="t", columns=[Column("n", "N", "count")], rows=[[812]], rule=NONE)
    assert open_table.column("n")[0].text == "812"
