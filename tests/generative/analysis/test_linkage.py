"""Linkage of made-up pseudonyms whose persons are known."""

import hashlib
import hmac

import numpy as np
import polars as pl
import pytest

from frankpledge.analysis.linkage import (
    NotPseudonyms,
    evaluate,
    for_clerks,
    link,
    repeats,
)

FIELDS = ("surname", "birth", "place", "forename")
BLOCKS = (("surname",), ("birth",), ("place", "forename"))
KEY = b"a key that stays with the partner"


def digest(text):
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def made(persons=2000, seed=1):
    """Records of persons, some twice or three times, one value in eight mistyped or missing."""
    chance = np.random.default_rng(seed)
    ranges = {"surname": 400, "birth": 1500, "place": 300, "forename": 150}
    rows, truth = [], {}
    for person in range(persons):
        true = {each: f"{each}-{chance.integers(most)}" for each, most in ranges.items()}
        for _ in range(int(chance.choice([1, 2, 3], p=[0.7, 0.2, 0.1]))):
            record = f"r{len(rows):05d}"
            row = {"record": record}
            for each, value in true.items():
                slip = chance.random()
                wrong = f"{each}-slip-{chance.integers(10**9)}"
                row[each] = None if slip < 0.04 else digest(wrong if slip < 0.12 else value)
            rows.append(row)
            truth[record] = f"p{person}"
    return pl.DataFrame(rows), truth


@pytest.fixture(scope="module")
def linked():
    records, truth = made()
    return records, truth, link(records, fields=FIELDS, blocks=BLOCKS)


def test_known_persons_are_found_again(linked):
    records, truth, found = linked
    at = {each.threshold: each for each in evaluate(found.pairs, truth)}
    assert at[0.9].precision > 0.95 and at[0.9].recall > 0.8
    assert at[0.99].recall <= at[0.9].recall <= at[0.5].recall
    assert found.clusters["record"].to_list() == sorted(records["record"].to_list())


def test_counts_of_repeats_are_near_the_truth(linked):
    _, truth, found = linked
    true = repeats(pl.DataFrame({"record": list(truth), "cluster": list(truth.values())}))
    counted = repeats(found.clusters)
    assert sum(size * count for size, count in counted.items()) == len(truth)
    twice_or_more = [sum(n for size, n in each.items() if size > 1) for each in (true, counted)]
    assert twice_or_more[1] == pytest.approx(twice_or_more[0], rel=0.15)


def test_a_pair_says_how_it_came_to_its_weight(linked):
    _, _, found = linked
    first = found.pairs.row(0, named=True)
    steps = found.waterfall(first["left"], first["right"])
    assert [name for name, _ in steps] == ["start", *FIELDS, "together"]
    assert sum(bits for _, bits in steps[:-1]) == pytest.approx(steps[-1][1], abs=1e-6)
    assert steps[0][1] < 0 < steps[1][1]
    with pytest.raises(KeyError):
        found.waterfall("nobody", "nobody")


def test_the_same_records_and_seed_give_the_same_pairs(linked):
    records, _, found = linked
    again = link(records, fields=FIELDS, blocks=BLOCKS)
    assert again.pairs["probability"].to_list() == pytest.approx(
        found.pairs["probability"].to_list(), abs=1e-9
    )


def test_clerks_get_pairs_of_every_band(linked):
    _, _, found = linked
    drawn = for_clerks(found.pairs, each=5)
    assert drawn["band"].n_unique() >= 5 and drawn.height <= 50
    assert drawn.group_by("band").len()["len"].max() <= 5
    assert for_clerks(found.pairs.head(0)).height == 0


def test_names_are_never_linked():
    records, _ = made(300)
    for value in ("Smith", "1980-01-31", "ME1 1AA", digest("x").upper(), "a" * 31):
        named = records.with_columns(
            pl.when(pl.col("record") == "r00007")
            .then(pl.lit(value))
            .otherwise("surname")
            .alias("surname")
        )
        with pytest.raises(NotPseudonyms, match="surname"):
            link(named, fields=FIELDS, blocks=BLOCKS)


def test_stated_answers_to_too_little():
    records, truth = made(300)
    for wrong, said in (
        (lambda: link(records.head(50), fields=FIELDS, blocks=BLOCKS), "100 are needed"),
        (lambda: link(records, fields=("nothing",), blocks=BLOCKS), "no column nothing"),
        (lambda: link(records, fields=FIELDS, blocks=BLOCKS[:1]), "two sets"),
        (
            lambda: link(pl.concat([records, records]), fields=FIELDS, blocks=BLOCKS),
            "a number of its own",
        ),
    ):
        with pytest.raises(ValueError, match=said):
            wrong()
    nothing = pl.DataFrame(
        schema={"left": pl.String, "right": pl.String, "probability": pl.Float64}
    )
    assert evaluate(nothing, truth)[0].precision is None
    assert evaluate(nothing, {})[0].recall is None
    assert repeats(pl.DataFrame(schema={"record": pl.String, "cluster": pl.String})) == {}
