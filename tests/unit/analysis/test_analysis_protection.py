"""Protection: rules as data, bad input, and what is said where nothing can be done."""

import json

import numpy as np
import pytest

from bench.disclosure_tables import county
from frankpledge.analysis.disclosure import (
    FEW_BEHIND,
    HOSPITAL_STATISTICS,
    PARTNER_PUBLIC,
    Dimension,
    ProtectedRelease,
    Reason,
    Refused,
    ReleaseHistory,
    Rule,
    UnusableCount,
    anonymity,
    noise_table,
    perturb,
    protect,
    prove,
    record_keys,
    round_controlled,
    views,
)

EXACT = Rule(name="Suppress only", version="1", suppress_below=5)


def table(rows):
    return np.array(rows, dtype=object)


def totals(shape):
    return [[list(range(size))] for size in shape]


# Suppression


def test_a_table_of_twenty_thousand_is_proven():
    case = county()
    counts = case.counts.astype(object)
    found = protect(counts, groups=case.groups, rule=EXACT)
    proof = prove(counts, found.hidden, groups=case.groups, rule=EXACT)
    assert found.hidden.size == 20_096 and 30 <= found.primary.sum() < 40
    assert proof.safe and not proof.recoverable.any()
    assert (found.hidden & ~found.primary).sum() <= 110


def test_the_proof_sees_what_sdctable_gave_away():
    counts = table([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
    hidden = np.zeros((5, 5), dtype=bool)
    for at in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)]:
        hidden[at] = True
    rule = Rule(name="r", version="1", suppress_below=48)
    proof = prove(counts, hidden, groups=totals((4, 4)), rule=rule)
    assert proof.recoverable[0, 1] and not proof.safe


@pytest.mark.parametrize("shape", [(6,), (4, 3), (3, 3, 2), (2, 2, 2, 2)])
def test_one_to_four_ways(shape):
    counts = np.random.default_rng(3).poisson(9, shape).astype(object)
    found = protect(counts, groups=totals(shape), rule=EXACT)
    assert prove(counts, found.hidden, groups=totals(shape), rule=EXACT).safe
    assert (found.reasons[found.primary] == Reason.SMALL).all()
    assert (found.reasons[found.hidden & ~found.primary] == Reason.SECONDARY).all()
    assert not found.reasons[~found.hidden].any()


@pytest.mark.parametrize(
    ("rows", "hidden"),
    [
        ([[0, 0], [0, 0]], 0),
        ([[7, 7], [7, 7]], 0),
        ([[10**12, 10**11], [5, 6]], 0),
        ([[None, 3], [9, 8]], 1),
        ([[3, 20], [30, 40]], 4),
    ],
)
def test_plain_tables(rows, hidden):
    found = protect(table(rows), groups=totals((2, 2)), rule=EXACT)
    assert found.hidden[:2, :2].sum() == hidden


def test_a_sum_of_ones_is_not_given_away():
    """Four ones and their sum of four: it must look as if it might be five."""
    counts = table([[1, 20, 30], [1, 40, 50], [1, 20, 60], [1, 70, 20]])
    found = protect(counts, groups=totals((4, 3)), rule=EXACT)
    proof = prove(counts, found.hidden, groups=totals((4, 3)), rule=EXACT)
    assert proof.safe and not proof.recoverable.any()


def test_where_nothing_can_protect_a_figure_the_proof_says_so():
    counts = table([[3, 0], [0, 0]])
    found = protect(counts, groups=totals((2, 2)), rule=EXACT)
    assert found.hidden[0, 0] and found.hidden[2, 2]
    assert prove(counts, found.hidden, groups=totals((2, 2)), rule=EXACT).safe


def test_zeros_can_be_hidden_with_the_small_ones():
    rule = Rule(name="z", version="1", suppress_below=5, zero_shown=False)
    counts = table([[0, 20, 30], [25, 9, 14], [12, 16, 0]])
    found = protect(counts, groups=totals((3, 3)), rule=rule)
    assert (
        found.primary[0, 0] and prove(counts, found.hidden, groups=totals((3, 3)), rule=rule).safe
    )


def test_a_large_rounded_table_is_still_answered():
    counts = np.random.default_rng(5).poisson(20, (30, 12)).astype(object)
    found = protect(counts, groups=totals((30, 12)), rule=PARTNER_PUBLIC)
    assert (found.counts[~found.hidden] % 5 == 0).all()


@pytest.mark.parametrize("bad", [-1, 1.5, float("nan"), float("inf"), "3", 10**13])
def test_what_is_not_a_count(bad):
    with pytest.raises(UnusableCount):
        protect(table([bad, 9]), groups=[[]], rule=EXACT)


def test_more_than_four_ways_are_refused():
    with pytest.raises(ValueError, match="one to four"):
        protect(np.full((2,) * 5, 9, dtype=object), groups=totals((2,) * 5), rule=EXACT)
    with pytest.raises(ValueError, match="shape"):
        prove(table([9, 9]), np.zeros(2, dtype=bool), groups=totals((2,)), rule=EXACT)


# Contributors


def test_a_dominated_figure_and_its_company_are_hidden():
    counts = table([[100, 300], [400, 500]])
    behind = {
        (0, 0): {"a": 95, "b": 3, "c": 2},
        (0, 1): {f"x{n}": 30 for n in range(10)},
        (1, 0): {f"y{n}": 40 for n in range(10)},
        (1, 1): {f"z{n}": 50 for n in range(10)},
    }
    rule = Rule(name="d", version="1", suppress_below=0, dominance=(1, 75))
    groups = totals((2, 2))
    found = protect(counts, groups=groups, rule=rule, contributions=behind)
    assert found.reasons[0, 0] == Reason.DOMINANCE
    assert found.hidden[:2, :2].all() and not found.hidden[2].any()
    assert prove(counts, found.hidden, groups=groups, rule=rule, contributions=behind).safe


def test_a_contributor_to_several_cells_is_one_in_their_sum():
    counts = table([50, 50])
    one = {(0,): {"a": 50}, (1,): {"a": 50}}
    rule = Rule(name="f", version="1", suppress_below=0, fewest_contributors=2, secondary=False)
    found = protect(counts, groups=[[[0, 1]]], rule=rule, contributions=one)
    assert found.hidden.tolist() == [True, True, True]
    two = {(0,): {"a": 50}, (1,): {"b": 50}}
    found = protect(counts, groups=[[[0, 1]]], rule=rule, contributions=two)
    assert found.hidden.tolist() == [True, True, False]
    assert (found.reasons[:2] == Reason.FEW_CONTRIBUTORS).all()


def test_contributions_that_do_not_fit_are_refused():
    rule = Rule(name="f", version="1", suppress_below=0, fewest_contributors=2)
    with pytest.raises(ValueError, match="give the contributions"):
        protect(table([5]), groups=[[]], rule=rule)
    for behind, words in [
        ({(0,): {"a": 4}}, "add up to 4"),
        ({(3,): {"a": 5}}, "no cell"),
        ({(0,): {"a": float("nan")}}, "0 or more"),
    ]:
        with pytest.raises(ValueError, match=words):
            protect(table([5]), groups=[[]], rule=rule, contributions=behind)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"dominance": (0, 90.0)}, "dominance"),
        ({"dominance": (1, 100.0)}, "dominance"),
        ({"p_percent": 0.0}, "p percent"),
        ({"fewest_contributors": -1}, "Contributors"),
    ],
)
def test_rules_that_cannot_be(wrong, words):
    with pytest.raises(ValueError, match=words):
        Rule(name="r", version="1", suppress_below=0, **wrong)


def test_what_rules_say():
    assert "few contributors" in FEW_BEHIND.sentence
    assert HOSPITAL_STATISTICS.sentence.startswith("Counts of 1 to 7 are shown as [c].")


# Rounding and noise


def test_rounding_that_has_nothing_to_do():
    empty = round_controlled(table([[0, 0]]), groups=totals((1, 2)), base=5)
    assert empty.zero_restricted and empty.furthest == 0 and not empty.counts.any()
    gap = round_controlled(table([[None, 7], [8, 9]]), groups=totals((2, 2)), base=5)
    assert gap.counts[0, 0] == gap.counts[2, 0] == gap.counts[2, 2] == -1
    assert gap.counts[1, 0] + gap.counts[1, 1] == gap.counts[1, 2]
    with pytest.raises(ValueError, match="base of 2"):
        round_controlled(table([1]), groups=[[]], base=1)


def test_large_tables_are_rounded_and_add_up():
    case = county()
    found = round_controlled(case.counts.astype(object), groups=case.groups, base=5)
    assert not found.nearest and found.furthest <= 25
    cells = found.counts[:300, :7, :7]
    assert (found.counts[:300, 7, :7] == cells.sum(axis=1)).all()
    assert found.counts[-1, -1, -1] == cells.sum()


def test_the_noise_table_is_unbiased_and_never_makes_a_count_negative():
    noise = noise_table(variance=2, largest=5)
    assert noise.shape == (751, 256) and not noise[0].any()
    for count in range(1, 751):
        assert noise[count].min() >= -min(count, 5) and noise[count].max() <= 5
        assert abs(noise[count].mean()) < 1 / 128
    assert noise[10].var() == pytest.approx(2, abs=0.05)
    with pytest.raises(ValueError, match="variance"):
        noise_table(variance=20, largest=5)


def test_keys_last_and_are_secret():
    one = record_keys(["a", "b"], secret=b"0123456789abcdef")
    assert (one == record_keys(["a", "b"], secret=b"0123456789abcdef")).all()
    many = record_keys(map(str, range(5000)), secret=b"0123456789abcdef")
    assert many.min() == 0 and many.max() == 255
    with pytest.raises(ValueError, match="16 bytes"):
        record_keys(["a"], secret=b"short")


@pytest.mark.parametrize(
    ("counts", "keys", "words"),
    [
        ([1], [1, 2], "shape"),
        ([-1], [0], "whole numbers"),
        ([float("nan")], [0], "whole numbers"),
        ([1.5], [0], "whole numbers"),
    ],
)
def test_noise_on_what_is_no_count(counts, keys, words):
    with pytest.raises(ValueError, match=words):
        perturb(counts, keys, table=np.zeros((751, 256), dtype=int))


def test_noise_needs_a_whole_table():
    with pytest.raises(ValueError, match="751 rows"):
        perturb([1], [0], table=np.zeros((10, 256), dtype=int))
    assert perturb([], [], table=np.zeros((751, 256), dtype=int)).counts.size == 0


# Releases one after the other

WARDS = {"a": 20, "b": 30, "c": 3, "d": 12}


def test_a_moved_boundary_is_refused_in_plain_words():
    history = ReleaseHistory()
    first = history.check("2024", {"Old town": "abc"}, counts=WARDS, rule=EXACT)
    history = history.adding(first.release)
    second = history.check("2025", {"New town": "ab", "Mill": "d"}, counts=WARDS, rule=EXACT)
    assert dict(second.shown) == {"Mill": 12}
    assert second.refused["New town"] == (
        "“New town” is not shown: together with “Old town” of “2024” "
        "a small count could be worked out."
    )
    assert ReleaseHistory.from_data(json.loads(json.dumps(history.as_data()))) == history


def test_the_same_table_again_is_no_danger():
    wanted = {"Town": "abc", "All": "abcd", "c": "c"}
    history, answers = ReleaseHistory(), []
    for name in ("one", "two"):
        found = history.check(name, wanted, counts=WARDS, rule=EXACT)
        history = history.adding(found.release)
        answers.append((found.shown, found.hidden, found.refused))
    assert answers[0] == answers[1]
    assert answers[0][1] == {"c"} and not answers[0][2]


def test_what_protect_hid_can_be_handed_on():
    wanted = {**{k: k for k in "abcd"}, "All": "abcd"}
    found = ReleaseHistory().check("t", wanted, counts=WARDS, rule=EXACT, hidden=["d"])
    assert found.hidden == {"c", "d"} and not found.refused


def test_rounded_figures_leave_room():
    history = ReleaseHistory()
    first = history.check("one", {"Old": "abc"}, counts=WARDS, rule=PARTNER_PUBLIC)
    history = history.adding(first.release)
    second = history.check("two", {"New": "ab"}, counts=WARDS, rule=PARTNER_PUBLIC)
    assert second.shown == {"New": 50}


def test_history_says_what_it_cannot_judge():
    found = ReleaseHistory().check("t", {}, counts={}, rule=EXACT)
    assert not found.shown and not found.release.figures
    assert ReleaseHistory().check("t", {"x": "q"}, counts={}, rule=EXACT).shown == {"x": 0}
    with pytest.raises(ValueError, match="no cells"):
        ReleaseHistory().check("t", {"x": ""}, counts=WARDS, rule=EXACT)
    with pytest.raises(UnusableCount):
        ReleaseHistory().check("t", {"x": "a"}, counts={"a": None}, rule=EXACT)
    kept = ReleaseHistory().check("t", {"x": "a"}, counts=WARDS, rule=EXACT).release
    with pytest.raises(ValueError, match="other counts"):
        ReleaseHistory((kept,)).check("u", {"y": "b"}, counts=WARDS | {"a": 99}, rule=EXACT)


# People


def test_free_text_voids_the_check():
    rows = [{"age": "old", "note": f"seen near the {n} bridge at night"} for n in range(9)]
    found = anonymity(rows, k=2)
    assert found.k is None and not found.holds and "free text" in found.void
    assert anonymity([{"a": "x"}] * 3, k=2, free_text=["a"]).void


def test_what_anonymity_says_of_little():
    none = anonymity([], k=5)
    assert none.k is None and none.holds and none.people == 0
    one = anonymity([{"age": 1}], k=2)
    assert one.k == 1 and not one.holds and "rows were counted" in one.notes[0]
    gaps = anonymity([{"age": float("nan")}, {"age": None}], k=2)
    assert gaps.k == 2
    same = anonymity([{"age": 1, "why": "x"}] * 3, k=2, sensitive=["why"])
    assert "all have the same “why”" in same.notes[1]
    with pytest.raises(ValueError, match="2 or more"):
        anonymity([], k=1)
    with pytest.raises(ValueError, match="No column"):
        anonymity([{"a": 1}], k=2, person="who")


# Audiences


def test_why_each_audience_does_not_see_a_figure():
    counts = table([[3, 20, 30], [25, 9, 40], [50, 60, 70]])
    refused = np.zeros((4, 4), dtype=bool)
    refused[3, 3] = refused[0, 0] = True
    county_rule = Rule(name="County", version="1", suppress_below=0, secondary=False)
    found = views(
        counts,
        groups=totals((3, 3)),
        rules={"partner": EXACT, "county": county_rule},
        differencing={"partner": refused},
    )
    partner, whole = found["partner"], found["county"]
    assert whole.kept == 1 and not whole.why and whole.texts[3, 3] == "307"
    assert partner.texts[0, 0] == "[c]" and "small count" in partner.why[0, 0]
    assert "earlier release" in partner.why[3, 3]
    assert partner.tally() == {Reason.SMALL: 1, Reason.SECONDARY: 3, Reason.DIFFERENCING: 1}
    assert partner.kept == 11 / 16 and partner.kept_sum == 250 / 307
    with pytest.raises(ValueError, match="shape"):
        views(
            counts,
            groups=totals((3, 3)),
            rules={"p": EXACT},
            differencing={"p": np.zeros(3, dtype=bool)},
        )


def test_a_release_says_why():
    release = ProtectedRelease.build(
        dimensions=[Dimension(key="area", label="Area", codes=("a", "b", "c"))],
        counts={("a",): 3, ("b",): 20, ("c",): 30},
        rule=EXACT,
        audience="public",
        version="1",
    )
    assert "small count" in release.why(area="a")
    assert "worked out from it" in release.why(area="b")
    assert release.why() == "Shown."
    with pytest.raises(Refused):
        release.why(ward="x")


def test_who_reads_two_releases_learns_nothing_from_the_second():
    counts = {("a",): 3, ("b",): 20, ("c",): 30}
    rounded = Rule(name="Rounded", version="1", suppress_below=5, round_to=10)
    made = {
        audience: ProtectedRelease.build(
            dimensions=[Dimension(key="area", label="Area", codes=("a", "b", "c"))],
            counts=counts, rule=rule, audience=audience, version="1",
        )
        for audience, rule in (("partnership", EXACT), ("public", rounded))
    }  # fmt: skip
    hidden = {code: made["partnership"].cell(area=code).status for code in "abc"}
    assert hidden == {"a": "suppressed", "b": "suppressed", "c": "shown"}
    assert made["public"].cell(area="b").status == "shown", "which with the total tells of a"
    less = made["public"].without(made["partnership"])
    assert {code: less.cell(area=code).status for code in "abc"} == hidden
    assert "worked out from it" in less.why(area="b")
    assert less.cell(area="c") == made["public"].cell(area="c")
    other = ProtectedRelease.build(
        dimensions=made["public"].dimensions, counts=counts, rule=EXACT, audience="x", version="2"
    )
    with pytest.raises(ValueError, match="same figures"):
        less.without(other)


def test_many_figures_without_totals_take_no_time():
    counts = np.random.default_rng(2).poisson(5, (2000, 3)).astype(object)
    found = protect(counts, groups=[[], []], rule=EXACT)
    assert (found.hidden == found.primary).all() and found.primary.any()
