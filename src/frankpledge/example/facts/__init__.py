"""The example's fact tables: YAML for records, CSV for areas and monthly totals."""

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

FOLDER = Path(__file__).resolve().parent


def read(name: str) -> Any:
    """The content of `name`.yaml, read anew so that a caller may change what it gets."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


@cache
def table(name: str) -> pl.DataFrame:
    """The content of `name`.csv, without its comment lines."""
    return pl.read_csv(FOLDER / f"{name}.csv", comment_prefix="#")
