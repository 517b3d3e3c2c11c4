"""The one door: exact boundaries, and an attacker who may use linear programming."""

from datetime import date

import numpy as np
import pytest

from frankpledge.analysis.disclosure import (
    NONE,
    PARTNER_PUBLIC,
    Cell,
    Column,
    Derived,
    Dimension,
    NoRuleInForce,
    ProtectedRelease,
    PublishableTable,
    Refused,
    Rule,
    Status,
    TamperedTable,
    UnusableCount,
    attack,
    derive,
    freeze,
    percent_change_of,
    protect,
    publish,
    rate_of,
    rule_on,
    share_of,
    thaw,
)

PLACE, COUNT = Column("place", "Place"), Column("count", "Count", "count")
EXACT = Rule(name="Suppress only", version="1", suppress_below=5)


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def one(count, rule):
    table = publish(title="t", columns=[COUNT], rows=[[count]], rule=rule)
    return table.rows[0][0].text


@pytest.mark.parametrize(
    ("count", "open_", "suppressed", "rounded"),
    [
        (0, "0", "0", "0"),
        (1, "1", "[c]", "[c]"),
        (4, "4", "[c]", "[c]"),
        (5, "5", "5", "5"),
        (7, "7", "7", "5"),
        (8, "8", "8", "10"),
        (1234, "1,234", "1,234", "1,235"),
    ],
)
def test_the_boundaries(count, open_, suppressed, rounded):
    assert one(count, NONE) == open_
    assert one(count, EXACT) == suppressed
    assert one(count, PARTNER_PUBLIC) == rounded


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (1, "[c]"), (7, "[c]"), (8, "10")])
def test_the_rule_of_hospital_statistics_can_be_said(count, text):
    assert one(count, Rule(name="HES", version="1", suppress_below=8, round_to=5)) == text


def test_zero_can_be_hidden_with_the_small_ones():
    rule = Rule(name="r", version="1", suppress_below=5, zero_shown=False)
    assert [one(n, rule) for n in (0, 4, 5)] == ["[c]", "[c]", "5"]


@pytest.mark.parametrize("gap", [None, float("nan"), float("inf"), -float("inf")])
def test_no_data_is_neither_zero_nor_hidden(gap):
    for rule in (NONE, PARTNER_PUBLIC):
        assert one(gap, rule) == "no data"


@pytest.mark.parametrize("bad", [-1, 1.5, "3", True, 10**12 + 1, object()])
def test_what_is_not_a_count_is_refused(bad):
    with pytest.raises(UnusableCount):
        one(bad, PARTNER_PUBLIC)


def test_enormous_counts_pass():
    assert one(10**12, PARTNER_PUBLIC) == "1,000,000,000,000"


def test_nobody_else_can_make_a_table():
    with pytest.raises(TypeError):
        PublishableTable("t", (), (), "public", "none", (), False, (), "key")
    with pytest.raises(TypeError, match="made by publish"):
        PublishableTable("t", (), (), "public", "none", (), False, (), "key", object())


def test_a_frozen_table_comes_back_and_a_changed_one_does_not():
    table = publish(
        title="Été",
        columns=[PLACE, COUNT, Column("on", "On", "date"), Column("rate", "Rate", "number")],
        rows=[["a", 12, date(2025, 1, 31), 1.25], ["b", 3, None, None]],
        rule=PARTNER_PUBLIC,
        notes=["A note."],
        sources=["Somebody"],
        synthetic=True,
    )
    kept = freeze(table)
    assert thaw(kept) == table
    kept["rows"][1][1] = [3, "shown", "3"]
    with pytest.raises(TamperedTable, match="changed"):
        thaw(kept)
    with pytest.raises(TamperedTable, match="cannot be read"):
        thaw({"title": "x"})


def test_the_key_tells_tables_apart():
    def key(count, rule=NONE):
        return publish(title="t", columns=[COUNT], rows=[[count]], rule=rule).key

    assert key(12) == key(12) != key(13)
    assert key(12, PARTNER_PUBLIC) == key(11, PARTNER_PUBLIC)


def test_records_tell_hidden_from_missing():
    table = publish(
        title="t", columns=[PLACE, COUNT], rows=[["a", 3], ["b", None]], rule=PARTNER_PUBLIC
    )
    assert table.records() == [{"place": "a", "count": "[c]"}, {"place": "b", "count": None}]
    assert table.column("count")[0] == Cell(None, Status.SUPPRESSED, "[c]")
    with pytest.raises(KeyError, match="place"):
        table.column("nowhere")


def test_less_of_a_table_is_still_that_table():
    table = publish(title="t", columns=[PLACE, COUNT], rows=[["a", 9], ["b", 60]], rule=EXACT)
    less = table.pick(columns=["count"], keep=lambda row: row["place"].value == "b", title="u")
    assert (less.title, texts(less), less.rule) == ("u", [["60"]], table.rule)
    last_first = table.pick(order=lambda row: -row["count"].value)
    assert texts(last_first) == [["b", "60"], ["a", "9"]]


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 values for 1"):
        publish(title="t", columns=[COUNT], rows=[[1, 2]])
    with pytest.raises(ValueError, match="same key"):
        publish(title="t", columns=[COUNT, COUNT], rows=[[1, 2]])
    with pytest.raises(ValueError, match="unknown kind"):
        publish(title="t", columns=[Column("a", "A", "money")], rows=[[1]])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="count columns"):
        publish(title="t", columns=[PLACE], rows=[["a"]], total_column=COUNT)


def test_an_empty_table_is_a_table():
    table = publish(
        title="t", columns=[PLACE, COUNT], rows=[], rule=PARTNER_PUBLIC, total_row="Total"
    )
    assert texts(table) == [["Total", "0"]]
    assert publish(title="t", columns=[PLACE, COUNT], rows=[]).rows == ()


def test_rates_come_from_protected_figures_only():
    people = Column("population", "Population", "number")
    rate = Column("rate", "Rate per 1,000", "rate")
    with pytest.raises(ValueError, match="derived"):
        publish(title="t", columns=[COUNT, rate], rows=[[7, 0.7]], rule=PARTNER_PUBLIC)
    table = publish(
        title="t",
        columns=[COUNT, people],
        rows=[[7, 1000], [3, 1000], [None, 1000], [12, 0]],
        rule=PARTNER_PUBLIC,
        derived=[rate_of(rate)],
    )
    assert [cell.value for cell in table.column("rate")] == [5.0, None, None, None]
    assert [cell.status.value for cell in table.column("rate")] == [
        "shown",
        "suppressed",
        "missing",
        "missing",
    ]


def test_changes_and_shares_come_from_protected_figures_too():
    before = Column("before", "Before", "count")
    change, share = Column("change", "Change", "percent"), Column("share", "Share", "percent")
    table = publish(
        title="t",
        columns=[COUNT, before],
        rows=[[12, 21], [12, 0], [12, 4]],
        rule=PARTNER_PUBLIC,
        derived=[
            percent_change_of(change, now="count", before="before"),
            share_of(share, part="count", whole="before"),
        ],
    )
    assert [c.text for c in table.column("change")] == ["-50.0%", "no data", "[c]"]
    assert [c.text for c in table.column("share")] == ["50.0%", "no data", "[c]"]


def test_a_derived_value_sees_what_it_asked_for_and_nothing_else():
    seen = []

    def work(row):
        seen.append(dict(row))
        return 1.0

    publish(
        title="t",
        columns=[PLACE, COUNT],
        rows=[["a", 11]],
        rule=PARTNER_PUBLIC,
        derived=[Derived(Column("x", "X", "number"), ("count",), work)],
    )
    assert seen == [{"count": 10}]


def test_more_columns_of_a_finished_table_see_what_it_shows_and_nothing_else():
    table = publish(
        title="t",
        columns=[Column("area", "Area"), Column("count", "Count", "count")],
        rows=[("North", 2), ("South", 3), ("East", 120), ("West", None)],
        rule=PARTNER_PUBLIC,
    )
    seen = []
    double = Derived(
        Column("double", "Twice", "number"),
        ("count",),
        lambda row: seen.append(dict(row)) or row["count"] * 2,
    )
    more = derive(table, [double])
    assert [cell.text for cell in more.column("double")] == ["[c]", "[c]", "240", "no data"]
    assert seen == [{"count": 120}]
    assert (more.rule, more.audience, more.notes) == (table.rule, table.audience, table.notes)
    assert more.key != table.key


def test_how_values_read():
    columns = [
        Column("m", "M", "month"),
        Column("d", "D", "date"),
        Column("r", "R", "rate"),
        Column("p", "P", "percent"),
        Column("n", "N", "number"),
    ]
    table = publish(
        title="t",
        columns=columns,
        rows=[
            ["2025-03", date(2025, 3, 1), 8.456, 12.34, 1234567.0],
            ["soon", None, 88.456, 0, 0.5],
        ],
    )
    assert texts(table) == [
        ["March 2025", "1 March 2025", "8.46", "12.3%", "1,234,567"],
        ["soon", "no data", "88.5", "0.0%", "0.50"],
    ]


def test_the_rule_of_the_day():
    old = Rule(name="o", version="1", suppress_below=3, valid_to=date(2020, 12, 31))
    new = Rule(name="n", version="2", suppress_below=5, valid_from=date(2021, 1, 1))
    body = Rule(name="b", version="1", suppress_below=0, audience="body")
    rules = [body, new, old]
    assert rule_on(rules, audience="public", on=date(2020, 12, 31)) is old
    assert rule_on(rules, audience="public", on=date(2021, 1, 1)) is new
    with pytest.raises(NoRuleInForce, match="case"):
        rule_on(rules, audience="case", on=date(2021, 1, 1))
    with pytest.raises(ValueError, match="ends"):
        Rule(
            name="x",
            version="1",
            suppress_below=5,
            valid_from=date(2021, 1, 1),
            valid_to=date(2020, 1, 1),
        )
    with pytest.raises(ValueError, match="rounds"):
        Rule(name="x", version="1", suppress_below=5, round_to=0)


def test_what_was_done_is_said():
    assert PARTNER_PUBLIC.sentence == (
        "Counts of 1 to 4 are shown as [c]. "
        "Other counts are hidden where one could be worked out from totals. "
        "Counts and totals are rounded to the nearest 5, so they may not add up."
    )
    assert "suppressed or rounded" in NONE.sentence
    assert Rule(name="r", version="1", suppress_below=2).sentence.startswith("Counts of 1 are")


# Two-way tables


def test_a_lone_hidden_cell_gets_company():
    table = publish(
        title="t",
        columns=[PLACE, COUNT],
        rows=[["a", 3], ["b", 20], ["c", 30]],
        rule=EXACT,
        total_row="All",
    )
    assert texts(table) == [["a", "[c]"], ["b", "[c]"], ["c", "30"], ["All", "53"]]


def test_a_total_over_a_gap_is_missing():
    table = publish(
        title="t",
        columns=[PLACE, Column("x", "X", "count"), Column("y", "Y", "count")],
        rows=[["a", 10, 20], ["b", None, 30]],
        rule=PARTNER_PUBLIC,
        total_row="All",
        total_column=Column("all", "All"),
    )
    assert texts(table) == [
        ["a", "10", "20", "30"],
        ["b", "no data", "30", "no data"],
        ["All", "no data", "50", "no data"],
    ]


SDC_TABLE = [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]]


def sdc_pattern(*extra):
    """The public test of R's sdcTable: two hidden in every line, and still one is given away."""
    hidden = np.zeros((5, 5), dtype=bool)
    for row, column in [
        (0, 0),
        (0, 1),
        (0, 2),
        (1, 0),
        (1, 2),
        (2, 1),
        (2, 3),
        (3, 1),
        (3, 3),
        *extra,
    ]:
        hidden[row, column] = True
    return hidden


def both(size):
    return [[list(range(size))], [list(range(size))]]


def test_counting_hidden_cells_in_lines_is_not_enough():
    table = np.array(SDC_TABLE, dtype=object)
    given_away = attack(table, sdc_pattern(), groups=both(4))
    assert (given_away.low[0, 1], given_away.high[0, 1]) == pytest.approx((47, 47), abs=1e-6)
    company = attack(table, sdc_pattern((1, 3)), groups=both(4))
    assert (company.low[0, 1], company.high[0, 1]) == pytest.approx((0, 78), abs=1e-6)


def test_that_table_is_safe_when_this_module_protects_it():
    """With a rule that makes its primary cells small: 47 and the other hidden ones below 48."""
    table = np.array([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
    rule = Rule(name="r", version="1", suppress_below=48)
    found = protect(table.astype(object), groups=both(4), rule=rule)
    interval = attack(table.astype(object), found.hidden, groups=both(4), floor=1)
    for cell in zip(*np.nonzero(found.primary), strict=True):
        assert interval.low[cell] <= 1 + 1e-6
        assert interval.high[cell] >= 47 - 1e-6


def test_order_changes_nothing():
    rng = np.random.default_rng(7)
    counts = {
        (f"a{i}", f"m{j:02d}"): int(n) for (i, j), n in np.ndenumerate(rng.poisson(4, (6, 8)))
    }

    def release(areas, months):
        return ProtectedRelease.build(
            dimensions=[Dimension(key="area", label="Area", codes=areas),
                        Dimension(key="month", label="Month", codes=months)],
            counts=counts, rule=EXACT, audience="public", version="1",
        )  # fmt: skip

    areas, months = sorted({a for a, _ in counts}), sorted({m for _, m in counts})
    one_way = release(tuple(areas), tuple(months))
    other = release(tuple(reversed(areas)), tuple(reversed(months)))
    for area in [*areas, "all"]:
        for month in [*months, "all"]:
            assert one_way.cell(area=area, month=month) == other.cell(area=area, month=month)


# One table per dataset version


MONTHS = tuple(f"2025-{m:02d}" for m in range(1, 13))
AREAS = Dimension(
    key="area",
    label="District",
    codes=("east", "north", "west"),
    labels={"east": "East", "north": "North", "west": "West", "coast": "The coast"},
    groups={"coast": ("east", "north")},
)
PERIODS = Dimension(
    key="month",
    label="Month",
    codes=MONTHS,
    groups={"2025 Q1": MONTHS[:3]},
    total=False,
    kind="month",
)
KINDS = Dimension(key="kind", label="Indicator", codes=("fires", "visits"), total=False)


@pytest.fixture(scope="module")
def release():
    counts = {
        (area, month, kind): 3 * i + 2 * j + 10 * k
        for i, area in enumerate(AREAS.codes)
        for j, month in enumerate(MONTHS)
        for k, kind in enumerate(KINDS.codes)
        if month != "2025-02"
    }
    return ProtectedRelease.build(
        dimensions=[AREAS, PERIODS, KINDS],
        counts=counts,
        rule=PARTNER_PUBLIC,
        audience="public",
        version="7",
        missing=[{"month": "2025-02"}],
        sources=["A partner"],
    )


def test_a_cut_that_was_protected_is_answered(release):
    table = release.table(title="Fires", by=["month"], where={"area": "east", "kind": "fires"})
    assert texts(table)[:5] == [
        ["January 2025", "0"],
        ["February 2025", "no data"],
        ["March 2025", "[c]"],
        ["April 2025", "5"],
        ["May 2025", "10"],
    ]
    assert table.audience == "public" and table.sources == ("A partner",)
    assert table.rule == PARTNER_PUBLIC.label


def test_a_group_and_a_total_are_answered(release):
    groups = release.table(
        title="t",
        by=["area"],
        where={"month": "2025-12", "kind": "fires"},
        only={"area": ["coast", "west", "all"]},
    )
    assert texts(groups) == [["The coast", "45"], ["West", "30"], ["All", "75"]]


def test_a_sum_over_a_gap_is_missing(release):
    quarter = release.cell(area="all", month="2025 Q1", kind="fires")
    assert quarter.status is Status.MISSING


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({"by": ["ward"]}, "published by district, month and indicator only"),
        ({"by": ["area"], "where": {"age": "1"}}, "“age”"),
        ({"by": ["area"], "where": {"kind": "fires"}}, "Figures for all of month are not added up"),
        (
            {"by": ["area"], "where": {"kind": "fires", "month": "2025 Q2"}},
            "“2025 Q2” was not protected",
        ),
        ({"by": ["month"], "where": {"kind": "fires"}, "only": {"month": ["2026-01"]}}, "2026-01"),
        ({"by": ["month"]}, "Figures for all of indicator"),
    ],
)
def test_any_other_cut_is_refused_with_a_sentence(release, ask, words):
    with pytest.raises(Refused) as refused:
        release.table(title="t", **ask)
    assert words in refused.value.sentence
    assert max(len(s.split()) for s in refused.value.sentence.split(". ")) <= 25


def test_rates_of_a_release_use_its_protected_counts(release):
    people, rate = Column("population", "Population", "number"), Column("rate", "Rate", "rate")
    table = release.table(
        title="t",
        by=["area"],
        where={"month": "2025-04", "kind": "fires"},
        facts={people: {"east": 1000.0, "north": 1000.0}},
        derived=[rate_of(rate)],
    )
    assert texts(table) == [
        ["East", "5", "1,000", "5.00"],
        ["North", "10", "1,000", "10.0"],
        ["West", "10", "no data", "no data"],
    ]


def test_what_does_not_fit_a_release_is_refused():
    with pytest.raises(ValueError, match="No such combination"):
        ProtectedRelease.build(
            dimensions=[KINDS], counts={("cats",): 1}, rule=EXACT, audience="public", version="1"
        )
    with pytest.raises(ValueError, match="No such dimension"):
        ProtectedRelease.build(
            dimensions=[KINDS],
            counts={},
            missing=[{"month": "x"}],
            rule=EXACT,
            audience="public",
            version="1",
        )
    with pytest.raises(ValueError, match="different codes"):
        Dimension(key="a", label="A", codes=())
    with pytest.raises(ValueError, match="known codes"):
        Dimension(key="a", label="A", codes=("x",), groups={"g": ("y",)})
    with pytest.raises(ValueError, match="a code and a group"):
        Dimension(key="a", label="A", codes=("all",))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_release_with_groups_holds_against_the_attacker(seed):
    rng = np.random.default_rng(seed)
    table = rng.poisson(rng.gamma(1, 4, (3, 4, 2))).astype(object)
    groups = [[[0, 1], [0, 1, 2]], [[0, 1], [2, 3], [0, 1, 2, 3]], [[0, 1]]]
    found = protect(table, groups=groups, rule=EXACT)
    interval = attack(table, found.hidden, groups=groups, floor=0)
    strict = attack(table, found.hidden, groups=groups, floor=1)
    for cell in zip(*np.nonzero(found.primary), strict=True):
        assert interval.low[cell] <= 1 + 1e-6
        assert interval.high[cell] >= 4 - 1e-6
        assert strict.high[cell] >= 4 - 1e-6


def test_a_kept_release_agrees_with_itself(release):
    """Every answer is a piece of one table, so two answers cannot be set against each other."""
    by_month = release.table(title="t", by=["month"], where={"area": "east", "kind": "fires"})
    both = release.table(title="t", by=["area", "month"], where={"kind": "fires"})
    east = both.pick(columns=["month", "count"], keep=lambda row: row["area"].value == "East")
    assert texts(east) == texts(by_month)


def test_half_a_character_is_no_crash():
    """A label cut in the middle of a character still has a key, and its own."""
    one, other = (
        publish(title=title, columns=[PLACE], rows=[{"place": title}])
        for title in ("Ash\ud83d", "Ash\udc00")
    )
    assert one.key != other.key
    assert thaw(freeze(one)) == one
