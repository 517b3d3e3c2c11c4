"""Which records are of the same person, on keyed pseudonyms only; the extra `linkage`.

Method: Fellegi and Sunter (1969), "A theory for record linkage", JASA 64, by the Ministry of
Justice's Splink: chances of agreement by expectation maximisation, weights in bits, log2(m/u). No
name, date of birth or address comes near it: a partner replaces them by digests with a key that
nobody else has (HMAC), and what does not look like a digest is refused. A link is a probability,
not a certainty: say how much it changes a count, and never show a pair to anybody outside the
agreement that lets it be made.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

RECORD = "record"
DIGEST = re.compile(r"^[0-9a-f]{32,128}$")
SEED = 19_690_101
FEWEST = 100
_LINES = 1_000_000.0


class LinkageUnavailable(RuntimeError):
    """The extra is not installed; the message says how to get it."""


class NotPseudonyms(ValueError):
    """A column holds something other than digests; the message names it and the remedy."""


@dataclass(frozen=True)
class Linked:
    """Pairs of records that may be of one person, and the clusters that the surer ones make.

    `pairs` has `left`, `right`, `probability`, `weight` (bits) and for each field its part of the
    weight (`bits-FIELD`); `clusters` has `record` and `cluster`, every record once. `start` is the
    weight before any field is looked at, `threshold` what the clusters were made at.
    """

    pairs: pl.DataFrame
    clusters: pl.DataFrame
    fields: tuple[str, ...]
    start: float
    threshold: float

    def waterfall(self, left: str, right: str) -> tuple[tuple[str, float], ...]:
        """How one pair came to its weight: the start, each field's bits, and the sum of them.

        Raises KeyError for a pair that was not found.
        """
        found = self.pairs.filter((pl.col("left") == left) & (pl.col("right") == right))
        if found.is_empty():
            raise KeyError(f"{left} and {right}")
        row = found.row(0, named=True)
        steps = [("start", self.start), *((each, row[f"bits-{each}"]) for each in self.fields)]
        return (*steps, ("together", row["weight"]))


def link(
    records: pl.DataFrame,
    *,
    fields: Sequence[str],
    blocks: Sequence[Sequence[str]],
    threshold: float = 0.9,
    recall: float = 0.7,
    seed: int = SEED,
    spark: Any = None,
) -> Linked:
    """Pairs and clusters of the records of one table.

    `records` has a column `record` (unique) and one of digests for each of `fields`; a missing
    digest agrees with nothing. Only records that share every column of one of `blocks` are
    compared, at least two sets of columns, so that each field is learnt from a block without it.
    `recall` is how many of all true pairs are thought to agree on every field. In this process on
    DuckDB, or on the Spark session given. Raises NotPseudonyms, LinkageUnavailable, and ValueError
    for a column that is not there, records that are not unique, or fewer than a hundred of them.
    """
    _checked(records, fields, blocks)
    linker = _linker(records, fields, blocks, spark)
    exact = " and ".join(f'l."{each}" = r."{each}"' for each in fields)
    linker.training.estimate_probability_two_random_records_match([exact], recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=_LINES, seed=seed)
    for columns in blocks:
        rule = " and ".join(f'l."{each}" = r."{each}"' for each in columns)
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    made = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=threshold
    )
    pairs, clusters = _polars(predicted), _polars(made)
    start = _start(pairs, fields)
    return Linked(
        pairs=pairs.select(
            pl.col(f"{RECORD}_l").alias("left"),
            pl.col(f"{RECORD}_r").alias("right"),
            pl.col("match_probability").alias("probability"),
            pl.col("match_weight").alias("weight"),
            *(_bits(pairs, each).alias(f"bits-{each}") for each in fields),
        ).sort("weight", "left", "right", descending=[True, False, False]),
        clusters=clusters.select(
            pl.col(RECORD), pl.col("cluster_id").cast(pl.String).alias("cluster")
        ).sort(RECORD),
        fields=tuple(fields),
        start=start,
        threshold=threshold,
    )


def _checked(records: pl.DataFrame, fields: Sequence[str], blocks: Sequence[Sequence[str]]) -> None:
    wanted = [RECORD, *fields, *(each for columns in blocks for each in columns)]
    absent = [each for each in wanted if each not in records.columns]
    if absent:
        raise ValueError(f"There is no column {', '.join(dict.fromkeys(absent))}.")
    if len(blocks) < 2:
        raise ValueError("Name two sets of columns to compare within, so that each can be learnt.")
    if records.height < FEWEST:
        raise ValueError(f"There are {records.height} records; {FEWEST} are needed to learn from.")
    if records[RECORD].n_unique() < records.height or records[RECORD].null_count():
        raise ValueError("Each record needs a number of its own.")
    for each in fields:
        values = records[each].drop_nulls().cast(pl.String)
        if not values.str.contains(DIGEST.pattern).all():
            raise NotPseudonyms(
                f"The column {each} holds something other than digests. Replace it with "
                "frankpledge-prepare where it comes from; names are never linked."
            )


def _linker(
    records: pl.DataFrame, fields: Sequence[str], blocks: Sequence[Sequence[str]], spark: Any
) -> Any:
    try:
        import splink.comparison_library as compare
        from splink import Linker, SettingsCreator, block_on
    except ImportError as error:
        raise LinkageUnavailable(
            "Linkage is not installed. Install requirements-linkage.lock."
        ) from error
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=RECORD,
        comparisons=[
            compare.ExactMatch(each).configure(term_frequency_adjustments=True) for each in fields
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks],
        retain_intermediate_calculation_columns=True,
    )
    table = records.select(RECORD, *fields).to_arrow()
    if spark is None:
        from splink import DuckDBAPI

        api: Any = DuckDBAPI()
    else:
        from splink import SparkAPI

        api, table = SparkAPI(spark_session=spark), spark.createDataFrame(table.to_pandas())
    return Linker(api.register(table), settings, log_level=logging.ERROR)


def _polars(made: Any) -> pl.DataFrame:
    found = pl.from_pandas(made.as_pandas_dataframe())
    return found if isinstance(found, pl.DataFrame) else found.to_frame()


def _bits(pairs: pl.DataFrame, field: str) -> pl.Expr:
    """A field's part of the weight, with what a rare value adds."""
    parts = [each for each in (f"mw_{field}", f"mw_tf_adj_{field}") if each in pairs.columns]
    return pl.sum_horizontal(pl.col(parts))


def _start(pairs: pl.DataFrame, fields: Sequence[str]) -> float:
    """The weight of two records taken at random, before any field is looked at."""
    if pairs.is_empty():
        return 0.0
    all_bits = pl.sum_horizontal(_bits(pairs, each) for each in fields)
    return float(pairs.select(pl.col("match_weight") - all_bits).row(0)[0])


@dataclass(frozen=True, slots=True)
class Quality:
    """At a threshold: how many pairs are called matches, how many of those are right (precision),
    and how many of the true ones are found (recall). None where there is nothing to divide by."""

    threshold: float
    matches: int
    precision: float | None
    recall: float | None


def evaluate(
    pairs: pl.DataFrame,
    truth: Mapping[str, str],
    *,
    thresholds: Sequence[float] = (0.5, 0.8, 0.9, 0.95, 0.99),
) -> tuple[Quality, ...]:
    """Precision and recall against known persons: `truth` gives the person of each record.

    Recall counts every true pair, also those that no block ever compared.
    """
    known_ones = {RECORD: list(truth), "person": list(truth.values())}
    persons = pl.DataFrame(known_ones, schema={RECORD: pl.String, "person": pl.String})
    sizes = persons.group_by("person").len()["len"].cast(pl.Int64)
    real = int((sizes * (sizes - 1) // 2).sum())
    known = pairs.join(persons, left_on="left", right_on=RECORD).join(
        persons, left_on="right", right_on=RECORD, suffix="-right"
    )
    judged = known.select(
        "probability", (pl.col("person") == pl.col("person-right")).alias("right")
    )
    answer = []
    for threshold in thresholds:
        kept = judged.filter(pl.col("probability") >= threshold)
        right = int(kept["right"].sum())
        answer.append(
            Quality(
                threshold,
                kept.height,
                right / kept.height if kept.height else None,
                right / real if real else None,
            )
        )
    return tuple(answer)


def for_clerks(
    pairs: pl.DataFrame, *, bands: int = 10, each: int = 10, seed: int = SEED
) -> pl.DataFrame:
    """Pairs for people to judge: up to `each` from every band of probability, drawn at random."""
    banded = pairs.with_columns(
        (pl.col("probability") * bands).floor().clip(0, bands - 1).cast(pl.Int64).alias("band")
    )
    drawn = [
        rows.sample(min(each, rows.height), seed=seed)
        for _, rows in sorted(banded.partition_by("band", as_dict=True).items())
    ]
    return pl.concat(drawn) if drawn else banded


def repeats(clusters: pl.DataFrame) -> dict[int, int]:
    """How many persons have one record, two, three, …: counts only, no record among them."""
    sizes = clusters.group_by("cluster").len()["len"].value_counts().sort("len")
    return {int(size): int(count) for size, count in sizes.iter_rows()}
