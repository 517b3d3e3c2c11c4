"""What a chart may say of figures that are hidden: nothing, not even by their order."""

from frankpledge.analysis.disclosure import Column, Rule, publish
from frankpledge.evidence.queries.presenting import MOST_BARS, _largest

RULE = Rule(name="Suppress only", version="1", suppress_below=5)
COLUMNS = (Column("area", "Place"), Column("count", "Count", "count"))


def _table(counts: list[int | None], rule: Rule = RULE):
    rows = [{"area": f"Place {i:02d}", "count": count} for i, count in enumerate(counts)]
    return publish(title="Counts", columns=COLUMNS, rows=rows, rule=rule, audience="public")


def test_a_hidden_figure_is_never_ranked():
    shown = [100 - i for i in range(10)]
    picked = _largest(_table([*shown, *[0] * 5, *[3] * 8]), "area")
    assert [cell.text for cell in picked.column("count")] == [*map(str, shown), *["0"] * 5]
    assert picked.title == "Counts (the 15 largest of the figures that are shown)"


def test_what_is_picked_does_not_hang_on_what_is_hidden():
    many = [100 - i for i in range(30)]
    low, high = (_largest(_table([*many, n, n]), "area") for n in (1, 4))
    assert low.rows == high.rows and len(low.rows) == MOST_BARS


def test_a_gap_is_not_ranked_as_nothing_either():
    picked = _largest(_table([None] * 5 + [7] * 10 + [0] * 10), "area")
    assert "no data" not in {cell.text for cell in picked.column("count")}
    assert picked.title == "Counts (the 20 largest)"


def test_where_all_is_hidden_all_stays():
    table = _table([2] * 30)
    assert _largest(table, "area") is table
