"""Verdicts on made-up series: what is said, and that nothing is read into gaps and breaks."""

from __future__ import annotations

import random
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from frankpledge.analysis.control import xmr_limits
from frankpledge.analysis.counts import compare, count_interval
from frankpledge.analysis.months import month_range
from frankpledge.evidence.queries.breaks import (
    SHIPPED,
    KnownBreak,
    UnreadableBreaks,
    inside,
    read,
)
from frankpledge.evidence.queries.judging import Row, Seen, Verdict, judge

MONTHS = month_range("2021-01", "2025-12")
YEAR = 48  # where the last year begins


def _seen(
    counts: list[int | None], *, left_out: frozenset[int] = frozenset(), **more: object
) -> Seen:
    usable = {at for at, count in enumerate(counts) if count is not None} - left_out
    return Seen(
        months=MONTHS[: len(counts)],
        counts=tuple(counts),
        left_out=left_out,
        asked=len(counts) - 12,
        paired=tuple(at for at in range(len(counts) - 12, len(counts)) if {at, at - 12} <= usable),
        **more,  # type: ignore[arg-type]
    )


def _level(mean: int, months: int = 60, seed: int = 3) -> list[int | None]:
    chance = random.Random(seed)
    return [sum(chance.random() < 0.5 for _ in range(2 * mean)) for _ in range(months)]


def _line(seen: Seen, heading: str) -> str:
    return dict(judge(seen).lines)[heading]


def test_a_level_that_doubles_is_a_real_change():
    counts = _level(100)
    counts[YEAR:] = [200] * 12
    found = judge(_seen(counts))
    assert found.verdict is Verdict.REAL
    assert "higher" in found.why and "its own past" in found.why
    assert "above" in _line(_seen(counts), "Control chart")


def test_a_level_that_halves_is_a_real_change_downwards():
    counts = _level(100)
    counts[YEAR:] = [50] * 12
    assert judge(_seen(counts)).verdict is Verdict.REAL
    assert "lower" in judge(_seen(counts)).why


def test_noise_is_hardly_ever_called_real():
    real = [judge(_seen(_level(100, seed=seed))).verdict is Verdict.REAL for seed in range(40)]
    assert sum(real) <= 2


def test_seasons_are_usual():
    counts: list[int | None] = [100 + 40 * (at % 12 in (6, 7)) for at in range(60)]
    assert judge(_seen(counts)).verdict is Verdict.USUAL


def test_what_jumps_about_every_year_is_usual_though_beyond_chance():
    chance = random.Random(1)
    counts: list[int | None] = [chance.randrange(200, 800) for _ in range(60)]
    found = judge(_seen(counts))
    assert found.verdict is Verdict.USUAL
    assert "larger than chance" in found.why


@pytest.mark.parametrize("level", [0, 1, 3])
def test_small_counts_are_too_small_to_tell(level: int):
    assert judge(_seen([level] * 60)).verdict is Verdict.SMALL


def test_a_single_month_against_another_with_nothing_before_is_insufficient():
    counts: list[int | None] = [None] * 60
    counts[YEAR - 12], counts[YEAR] = 100, 300
    found = judge(_seen(counts))
    assert found.verdict is Verdict.SHORT
    assert "Insufficient history" in dict(found.lines)["Control chart"]


def test_without_a_year_before_nothing_is_said():
    counts: list[int | None] = [None] * 48 + [100] * 12
    found = judge(_seen(counts))
    assert found.verdict is Verdict.SHORT
    assert dict(found.lines)["How many tests"] == "No test was made."


def test_an_incomplete_month_is_never_a_fall():
    counts = _level(100)
    counts[-1] = 3
    assert judge(_seen(counts, left_out=frozenset({59}))).verdict is Verdict.USUAL
    said = " ".join(text for _, text in judge(_seen(counts, left_out=frozenset({59}))).lines)
    assert "November 2025" not in said or "December 2025" not in said
    assert "11 of 12 months are complete in both years" in said


def test_a_missing_month_is_never_a_fall():
    counts = _level(100)
    counts[-3:] = [None, None, None]
    assert judge(_seen(counts)).verdict is Verdict.USUAL


def test_a_lockdown_a_year_before_makes_no_rise():
    counts = _level(100)
    counts[36:42] = [20] * 6
    assert "larger than chance" in judge(_seen(counts)).why
    found = judge(_seen(counts, left_out=frozenset(range(36, 42))))
    assert found.verdict is Verdict.USUAL and "no clear difference" in found.why


def test_the_count_of_tests_is_what_was_tested():
    counts = _level(100)
    rows = tuple(Row(f"Kind {at}", 100, 100) for at in range(7))
    said = _line(_seen(counts, rows=rows, rows_are="kinds"), "How many tests")
    assert said.startswith("21 tests were made, 14 on the whole and 7 on its parts")
    said = _line(_seen(counts, adds_up=False), "How many tests")
    assert said.startswith("2 tests were made.")


def test_a_verdict_does_not_hang_on_the_breakdown():
    counts = _level(100)
    counts[YEAR:] = [120] * 12
    rows = tuple(Row(f"Kind {at}", 900, 100) for at in range(30))
    assert judge(_seen(counts)).why == judge(_seen(counts, rows=rows, rows_are="kinds")).why


# Known breaks


def test_the_shipped_breaks_can_be_read_and_have_sources():
    known = read(SHIPPED)
    assert len(known) == 3
    assert all("SI 202" in each.source and each.end for each in known)


def test_positions_inside_a_break_and_before_a_change():
    lockdown = KnownBreak(date(2021, 2, 10), date(2021, 4, 1), "A lockdown", "Law")
    assert inside([lockdown], MONTHS) == [1, 2, 3]
    change = KnownBreak(date(2021, 6, 1), None, "Counting", "Circular")
    assert inside([change, lockdown], MONTHS) == [0, 1, 2, 3, 4]
    later = KnownBreak(date(2027, 6, 1), None, "Counting", "Circular")
    assert inside([later], MONTHS) == []
    assert "nothing before is compared" in change.sentence


def test_a_break_concerns_what_it_names():
    narrow = KnownBreak(date(2021, 6, 1), None, "x", "y", ("fires",), ("car",))
    assert narrow.concerns("fires", "car") and narrow.concerns("fires", "")
    assert not narrow.concerns("fires", "bin") and not narrow.concerns("abuse", "car")


@pytest.mark.parametrize(
    "text",
    [
        "a: b",
        "- from: 2020-01-01",
        "- {from: 2020-01-01, what: x, source: y, till: z}",
        "- {from: January, what: x, source: y}",
        "- {from: 2020-02-01, to: 2020-01-01, what: x, source: y}",
        "- {from: 2020-02-01, what: x, source: y, datasets: fires}",
        "- 3",
        "{",
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_write(tmp_path: Path, text: str):
    path = tmp_path / "breaks.yaml"
    path.write_text(text)
    with pytest.raises(UnreadableBreaks, match=r"breaks.yaml.*[Ww]rite"):
        read(path)


# The rows of a force, counted one by one


@pytest.mark.data
def test_the_panel_agrees_with_the_methods_on_counted_rows(data_dir: Path):
    """Four archives with years missing between them, and the end of a lockdown in one."""
    counted: Counter[str] = Counter()
    for path in sorted((data_dir / "police").glob("kent-street-*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith("-street.csv"):
                    rows = archive.read(name).count(b"\n") - 1
                    counted[Path(name).name[:7]] += rows
    months = month_range("2020-01", "2025-12")
    counts = [counted.get(month) for month in months]
    left_out = frozenset(inside(read(SHIPPED), months))
    usable = {at for at, count in enumerate(counts) if count is not None} - left_out
    seen = Seen(
        months=months,
        counts=tuple(counts),
        left_out=left_out,
        asked=60,
        paired=tuple(at for at in range(60, 72) if {at, at - 12} <= usable),
        baseline=24,
        whole=sum(counted[month] for month in months[60:]),
    )
    assert [months[at] for at in seen.paired] == [f"2025-{month:02d}" for month in range(1, 5)]
    assert "2021-03" in counted and months.index("2021-03") in left_out
    said = dict(judge(seen).lines)
    now = sum(counted[f"2025-{month:02d}"] for month in range(1, 5))
    before = sum(counted[f"2024-{month:02d}"] for month in range(1, 5))
    ratio = compare(now, before)
    assert ratio is not None
    assert said["Against a year before"] == (
        f"{now:,} against {before:,}: {ratio.ratio:.2f} times as many (95% interval "
        f"{ratio.low:.2f} to {ratio.high:.2f}). 4 of 12 months are complete in both years."
    )
    interval = count_interval(seen.whole)
    assert interval is not None
    assert f"{interval.low:,.0f} and {interval.high:,.0f}" in said["How sure the count is"]
    limits = xmr_limits(counts[24:])
    assert limits.centre is not None
    broken = {s.rule.sentence.rstrip(".") for s in limits.signals if max(s.positions) >= 36}
    assert all(sentence in said["Control chart"] for sentence in broken)
    assert ("No rule is broken" in said["Control chart"]) is not bool(broken)
    assert "Insufficient history" in said["Against its own past"]
