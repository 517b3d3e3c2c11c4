"""The panel “Is this real?”: figures of the methods themselves, and nothing of what is hidden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from frankpledge.access.actors import public
from frankpledge.analysis.control import xmr_limits
from frankpledge.analysis.counts import compare, count_interval
from frankpledge.analysis.months import month_range
from frankpledge.analysis.series.trend import seasonal_mann_kendall
from frankpledge.analysis.testing import false_discovery
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries import asking, presenting, sources
from frankpledge.evidence.queries.judging import Verdict
from frankpledge.evidence.rules import Question
from tests import sharing_world as sharing
from tests.integration.test_evidence import ASKED, _client
from tests.integration.test_evidence import shared as shared
from tests.worlds import TODAY

KIND = "domestic-abuse-incidents"
MONTHS = month_range("2022-01", "2025-12")
YEAR = Question("abuse", "2025-01", "2025-12", category=KIND)


def _ash(at: int) -> int:
    return 40 + at % 12 + at // 12 * 3 + (25 if at >= 36 else 0) + (at * 7) % 5


@pytest.fixture
def four_years(shared: sharing.SharingWorld, tmp_path: Path) -> sharing.SharingWorld:
    lines = [f"{sharing.ASH},{month},{KIND},{_ash(at)}" for at, month in enumerate(MONTHS)]
    lines += [f"{sharing.BIRCH},{month},{KIND},2" for month in MONTHS]
    shared.send("abuse", "police", sharing.counts_file(tmp_path, lines, "four.csv"))
    sources._releases.clear()
    return shared


def test_the_panel_says_what_the_methods_say(four_years: sharing.SharingWorld):
    found = asking.answer(actor=four_years.actor("leader"), question=YEAR, on=TODAY).real
    said = dict(found.lines)
    counts = [_ash(at) + 2 for at in range(48)]
    now, before = sum(counts[36:]), sum(counts[24:36])
    interval = count_interval(now)
    assert interval is not None
    assert f"{now:,}. Chance alone" in said["How sure the count is"]
    assert f"{interval.low:,.0f} and {interval.high:,.0f}" in said["How sure the count is"]
    ratio = compare(now, before)
    assert ratio is not None and ratio.ratio is not None
    assert f"{ratio.ratio:.2f} times" in said["Against a year before"]
    assert f"{ratio.low:.2f} to {ratio.high:.2f}" in said["Against a year before"]
    broken = [s for s in xmr_limits(counts).signals if max(s.positions) >= 36]
    assert broken and all(s.rule.sentence.rstrip(".") in said["Control chart"] for s in broken)
    trend = seasonal_mann_kendall(counts)
    raised = false_discovery([ratio.p_value, float(trend.p_value[0])])
    assert raised.max() < 0.05
    assert f"rises by about {trend.slope[0]:,.3g} a year" in said["Trend"]
    assert said["How many tests"].startswith("2 tests were made.")
    assert found.verdict is Verdict.REAL


@pytest.mark.parametrize(
    "more", ["", "&by=area", f"&by=category&category={KIND}", f"&area={sharing.BIRCH}"]
)
def test_of_protected_figures_nothing_is_told(four_years: sharing.SharingWorld, more: str):
    page = _client(four_years, "public").get(f"{reverse('explorer')}?{ASKED}{more}")
    text = page.content.decode()
    panel = re.search(r'<section class="fp-real".*?</section>', text, re.DOTALL)
    assert panel
    words = re.sub(r"<[^>]+>", " ", panel.group())
    assert " ".join(words.split()) == (
        "Is this real? Cannot tell. Figures of this data are protected, so this cannot be told."
    )
    leader = _client(four_years, "leader").get(f"{reverse('explorer')}?{ASKED}{more}")
    assert "What this verdict rests on" in leader.content.decode()


def test_what_is_hidden_cannot_be_told_from_the_verdict(
    four_years: sharing.SharingWorld, tmp_path: Path
):
    birch = Question("abuse", "2025-01", "2025-12", area=sharing.BIRCH, category=KIND)
    first = asking.answer(actor=public(TODAY), question=birch, on=TODAY).real
    lines = [f"{sharing.BIRCH},2025-{m:02d},{KIND},{4 - m % 4}" for m in range(1, 13)]
    lines += [f"{sharing.ASH},{month},{KIND},{_ash(at)}" for at, month in enumerate(MONTHS)]
    four_years.send("abuse", "police", sharing.counts_file(tmp_path, lines, "more.csv"))
    sources._releases.clear()
    assert asking.answer(actor=public(TODAY), question=birch, on=TODAY).real == first


def test_a_finding_keeps_its_panel(four_years: sharing.SharingWorld):
    client = _client(four_years, "leader")
    client.post(
        f"{reverse('explorer-save')}?{YEAR.address()}",
        {"sentence": "Abuse rose", "audience": "partnership"},
    )
    kept = Finding.objects.get()
    assert kept.figure["real"]["verdict"] == "A real change"
    page = client.get(reverse("finding", args=[kept.pk])).content.decode()
    assert "A real change." in page and "times as many" in page
    blocks = str(presenting.finding_blocks(kept, on=TODAY))
    assert "Is this real?" in blocks and "A real change" in blocks


def test_known_breaks_are_left_out_and_said(
    four_years: sharing.SharingWorld, tmp_path: Path, settings
):
    own = tmp_path / "breaks.yaml"
    own.write_text(
        "- from: 2025-01-01\n  what: Counted by another rule\n  source: Circular 1\n"
        "  datasets: [abuse]\n"
    )
    settings.BREAKS = own
    answer = asking.answer(actor=four_years.actor("leader"), question=YEAR, on=TODAY)
    assert answer.real.verdict is Verdict.SHORT
    assert any("Counted by another rule, from 1 January 2025" in each for each in answer.caveats)
    assert "Circular 1" in dict(answer.real.lines)["Known breaks"]
    assert {cell.value for cell in answer.table.column("centre")} == {
        round(sum(_ash(at) + 2 for at in range(36, 48)) / 12)
    }
    own.write_text(own.read_text().replace("[abuse]", "[fires]") + "\n")
    again = asking.answer(actor=four_years.actor("leader"), question=YEAR, on=TODAY)
    assert again.real.verdict is Verdict.REAL
