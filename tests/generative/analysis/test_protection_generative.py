"""Generated tables and releases, attacked by programmes that share no code with the library."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.disclosure_tables import Case, generated, incidence, narrowed, sequence, worked_out
from frankpledge.analysis.disclosure import (
    ReleaseHistory,
    Rule,
    anonymity,
    perturb,
    protect,
    prove,
    round_controlled,
)

few = settings(max_examples=30, deadline=None)
RULES = [Rule(name=f"Below {k}", version="1", suppress_below=k) for k in (5, 3, 8)]


def safe_tables(seeds):
    shown = every = 0
    for seed in seeds:
        rule = RULES[seed % 3]
        case = generated(seed, most=48, ways=(1, 2, 2, 3, 4))
        counts = case.counts.astype(object)
        found = protect(counts, groups=case.groups, rule=rule)
        assert not narrowed(case, found.hidden, found.primary, below=rule.suppress_below), seed
        assert prove(counts, found.hidden, groups=case.groups, rule=rule).safe
        shown, every = shown + int((~found.hidden).sum()), every + found.hidden.size
    return shown / every


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_of_generated_tables_nothing_is_learned_and_most_is_kept(first):
    assert safe_tables(range(first, first + 10)) > 0.4


def test_of_release_sequences_nothing_is_learned():
    shown = asked = 0
    for seed in (*range(17), 851, 1280, 1707):
        rule = RULES[seed % 3]
        counts, wanted = sequence(seed)
        history = ReleaseHistory()
        for number, figures in enumerate(wanted):
            answer = history.check(str(number), figures, counts=counts, rule=rule)
            history = history.adding(answer.release)
            shown, asked = shown + len(answer.shown), asked + len(figures)
        known = [(sorted(f.cells), f.low, f.high) for r in history.releases for f in r.figures]
        assert not worked_out(counts, known, below=rule.suppress_below), seed
    assert shown / asked > 0.5


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_wanted_figures_changes_nothing(seed, shuffle):
    counts, wanted = sequence(seed)
    first = ReleaseHistory().check("a", wanted[0], counts=counts, rule=RULES[0])
    mixed = list(wanted[0].items())
    shuffle.shuffle(mixed)
    again = ReleaseHistory().check("a", dict(mixed), counts=counts, rule=RULES[0])
    assert (first.shown, first.refused, first.release) == (
        again.shown,
        again.refused,
        again.release,
    )


def by_trying(counts, figures, below):
    """Whether every small count can still be all it should, by writing down every table."""
    cells = sorted(counts)
    fits = [
        table
        for table in product(range(12), repeat=len(cells))
        if all(
            sum(table[cells.index(c)] for c in f.cells) == f.low
            if f.high is not None
            else sum(table[cells.index(c)] for c in f.cells) >= f.low
            for f in figures
        )
    ]
    told = {c for f in figures if f.hidden and f.low > 0 for c in f.cells}
    for place, cell in enumerate(cells):
        if 0 < counts[cell] < below:
            values = [table[place] for table in fits]
            if max(values) < (below - 1 if cell in told else below) or min(values) > 1:
                return False
    return True


@few
@given(st.lists(st.integers(0, 5), min_size=3, max_size=3), st.integers(0, 2**7 - 1))
def test_two_releases_judged_by_writing_down_every_table(values, chosen):
    counts = dict(zip("abc", values, strict=True))
    sets = [frozenset(s) for n in (1, 2, 3) for s in combinations("abc", n)]
    wanted = {str(i): s for i, s in enumerate(sets) if chosen >> i & 1}
    one = {k: v for k, v in wanted.items() if int(k) % 2}
    two = {k: v for k, v in wanted.items() if not int(k) % 2}
    rule = RULES[1]
    history = ReleaseHistory()
    for name, figures in (("one", one), ("two", two)):
        history = history.adding(history.check(name, figures, counts=counts, rule=rule).release)
    figures = [f for release in history.releases for f in release.figures]
    assert by_trying(counts, figures, 3)


tables = st.integers(0, 10_000).map(lambda seed: generated(seed, most=150, ways=(1, 2, 2, 3)))


@few
@given(tables, st.sampled_from([3, 5, 10]))
def test_rounded_figures_are_multiples_and_add_up(case, base):
    found = round_controlled(case.counts.astype(object), groups=case.groups, base=base)
    cells = found.counts[tuple(slice(0, n) for n in case.counts.shape)]
    assert (found.counts % base == 0).all()
    assert (incidence(case) @ cells.ravel() == found.counts.ravel()).all()
    true = (incidence(case) @ case.counts.ravel()).reshape(found.counts.shape)
    off = np.abs(found.counts - true)
    assert found.furthest == off.max()
    assert found.zero_restricted == bool(((off < base) & ((true % base > 0) | (off == 0))).all())
    # Without groups in groups, one and two ways can always be had (Cox 1987).
    if case.counts.ndim < 3:
        assert found.zero_restricted


@few
@given(st.lists(st.lists(st.integers(0, 7), min_size=2, max_size=2), min_size=2, max_size=3))
def test_no_other_rounding_lies_nearer(rows):
    counts, base = np.array(rows), 3
    groups = tuple((tuple(range(n)),) for n in counts.shape)
    found = round_controlled(counts.astype(object), groups=groups, base=base)
    sums = incidence(Case(counts, groups))
    true = sums @ counts.ravel()
    best = np.inf
    for steps in product((0, 1), repeat=counts.size):
        cells = (counts.ravel() // base + np.array(steps)) * base
        off = np.abs(sums @ cells - true)
        if ((off < base) & ((true % base > 0) | (off == 0))).all():
            best = min(best, off.sum())
    assert found.nearest
    assert np.abs(found.counts.ravel() - true).sum() == best


def slow_perturb(count, key, table, threshold):
    row = count if count <= 750 else (count - 1) % 250 + 501
    noisy = count + int(table[row][key % len(table[0])])
    return None if noisy < threshold else noisy


@few
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20))
def test_noise_as_it_is_defined(cells):
    table = np.random.default_rng(1).integers(-5, 6, (751, 256))
    found = perturb([n for n, _ in cells], [k for _, k in cells], table=table)
    expected = [slow_perturb(n, k, table, 10) for n, k in cells]
    assert [None if h else int(n) for n, h in zip(found.counts, found.hidden, strict=True)] == (
        expected
    )


people = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from("pqrs"),
            "age": st.sampled_from(["young", "old"]),
            "place": st.sampled_from(["north", "south", None]),
            "reason": st.sampled_from("xyz"),
        }
    ),
    max_size=12,
)


@few
@given(people)
def test_anonymity_as_loops_count_it(rows):
    found = anonymity(rows, k=2, person="who", sensitive=["reason"])
    sizes = [
        len({o["who"] for o in rows if (o["age"], o["place"]) == (r["age"], r["place"])})
        for r in rows
    ]
    assert found.k == (min(sizes) if sizes else None)
    assert found.rows_at_risk == tuple(i for i, n in enumerate(sizes) if n < 2)
    assert found.holds == all(n >= 2 for n in sizes)
