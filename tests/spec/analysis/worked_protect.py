"""How the examples of protection are worked out."""

import numpy as np

from frankpledge.analysis.disclosure import (
    HOSPITAL_STATISTICS,
    PARTNER_PUBLIC,
    Reason,
    ReleaseHistory,
    Rule,
    anonymity,
    attack,
    perturb,
    protect,
    prove,
    round_controlled,
    views,
)

BELOW_5 = Rule(name="Suppress only", version="1", suppress_below=5)


def columns_of(given):
    return [key for key in given[0] if key != "place"]


def counts_of(given):
    rows = [[int(row[key].strip("*")) for key in columns_of(given)] for row in given]
    return np.array(rows, dtype=object)


def lines(given, values):
    """The rows of a two-way table with totals as they read."""
    places = [*(row["place"] for row in given), "All"]
    return [[place, *line] for place, line in zip(places, values, strict=False)]


def both(counts):
    return [[list(range(size))] for size in counts.shape]


def sdc_table(given, expected):
    counts = counts_of(given)
    hidden = np.zeros((5, 5), dtype=bool)
    for i, row in enumerate(given):
        for j, key in enumerate(columns_of(given)):
            hidden[i, j] = row[key].startswith("*")
    places = {row["place"]: i for i, row in enumerate(given)}
    answer = []
    for row in expected:
        more = hidden.copy()
        if row["hidden besides"] != "nothing":
            place, key = row["hidden besides"].split(",")
            more[places[place], columns_of(given).index(key)] = True
        found = attack(counts, more, groups=both(counts))
        low, high = found.low[0, 1], found.high[0, 1]
        width = f"{high - low:.0f}"
        answer.append([row["hidden besides"], f"{low:.0f}", f"{high:.0f}", width])
    return answer


def hierarchy(given, expected):
    """Wards in two districts in a county, and two kinds."""
    kinds = columns_of(given)[1:]
    counts = np.array([[int(row[key]) for key in kinds] for row in given], dtype=object)
    districts = list(dict.fromkeys(row["district"] for row in given))
    named = [[i for i, row in enumerate(given) if row["district"] == d] for d in districts]
    groups = [[*named, list(range(len(given)))], [list(range(len(kinds)))]]
    found = protect(counts, groups=groups, rule=BELOW_5)
    assert prove(counts, found.hidden, groups=groups, rule=BELOW_5).safe
    names = [*(row["place"] for row in given), *districts, "County"]
    return [
        [name, *("[c]" if h else str(n) for n, h in zip(line, out, strict=True))]
        for name, line, out in zip(names, found.counts, found.hidden, strict=True)
    ]


def contributors(given, expected):
    counts = np.array([sum(int(n) for n in row["contributions"].split()) for row in given])
    behind = {
        (i,): {f"{i}/{who}": int(n) for who, n in enumerate(row["contributions"].split())}
        for i, row in enumerate(given)
    }
    answer = [[row["place"], str(total)] for row, total in zip(given, counts, strict=True)]
    rules = [
        Rule(name="n", version="1", suppress_below=0, fewest_contributors=3, secondary=False),
        Rule(name="d", version="1", suppress_below=0, dominance=(2, 90), secondary=False),
        Rule(name="p", version="1", suppress_below=0, p_percent=10, secondary=False),
    ]
    for rule in rules:
        found = protect(counts.astype(object), groups=[[]], rule=rule, contributions=behind)
        for line, hidden in zip(answer, found.hidden, strict=True):
            line.append("hidden" if hidden else "shown")
    return answer


def hospital(given, expected):
    counts = np.array([int(row["count"]) for row in given], dtype=object)
    found = protect(counts, groups=[[]], rule=HOSPITAL_STATISTICS)
    return [
        [row["count"], "*" if hidden else str(n)]
        for row, n, hidden in zip(given, found.counts, found.hidden, strict=True)
    ]


def rounding(given, expected):
    counts = counts_of(given)
    found = round_controlled(counts, groups=both(counts), base=5)
    assert found.zero_restricted and found.nearest
    return lines(given, [[str(n) for n in row] for row in found.counts])


def cell_keys(given, expected):
    """By a made table: noise at row 12 key 44, row 750 key 255 and row 501 key 7."""
    table = np.zeros((751, 256), dtype=int)
    table[12, 44], table[750, 255], table[501, 7] = 2, -3, 1
    counts = [int(row["count"]) for row in given]
    keys = [sum(int(key) for key in row["record keys"].split()) for row in given]
    found = perturb(counts, keys, table=table)
    answer = []
    for i, row in enumerate(given):
        n = counts[i]
        line = n if n <= 750 else (n - 1) % 250 + 501
        shown = "[c]" if found.hidden[i] else str(found.counts[i])
        answer.append([row["count"], str(keys[i] % 256), str(line), str(found.noise[i]), shown])
    return answer


def differencing(given, expected):
    counts = {row["ward"]: int(row["count"]) for row in given}
    history, answer = ReleaseHistory(), []
    for row in expected:
        asked = {row["figure"]: row["wards"].split()}
        found = history.check(row["release"], asked, counts=counts, rule=BELOW_5)
        history = history.adding(found.release)
        shown = found.shown.get(row["figure"])
        said = found.refused.get(row["figure"], "")
        reads = "[c]" if row["figure"] in found.hidden else "refused" if said else str(shown)
        answer.append([row["release"], row["figure"], row["wards"], reads, said])
    return answer


def people(given, expected):
    rows = [dict(row) for row in given]
    answer = []
    for row in expected:
        options = {"people": {"person": "person"}, "rows": {"harmless": ["person"]}}
        found = anonymity(rows, k=2, sensitive=["reason"], **options[row["counted"]])
        holds = "yes" if found.holds else "no"
        fewest = str(found.diversity[0].fewest)
        answer.append([row["counted"], str(found.k), holds, str(found.people_at_risk), fewest])
    return answer


def audiences(given, expected):
    counts = counts_of(given)
    rules = {"public": PARTNER_PUBLIC, "partner": BELOW_5, "county": Rule(
        name="County", version="1", suppress_below=0, secondary=False, audience="county"
    )}  # fmt: skip
    found = views(counts, groups=both(counts), rules=rules)
    places = [*(row["place"] for row in given), "All"]
    kinds = [*columns_of(given), "All"]
    answer = []
    for row in expected:
        at = (places.index(row["place"]), kinds.index(row["kind"]))
        texts = [found[audience].texts[at] for audience in rules]
        why = Reason(int(found["partner"].protected.reasons[at]))
        answer.append([row["place"], row["kind"], *texts, why.sentence])
    return answer


WORKS = {
    "sdctable": sdc_table,
    "hierarchy": hierarchy,
    "contributors": contributors,
    "hospital": hospital,
    "rounding": rounding,
    "cell-keys": cell_keys,
    "differencing": differencing,
    "anonymity": people,
    "audiences": audiences,
}
