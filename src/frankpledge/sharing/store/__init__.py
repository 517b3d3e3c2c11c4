"""The store: what was sent, byte for byte, and the accepted rows as Parquet. Pure files.

`Store` keeps and finds files; `prepare` takes one submission from its original to files that wait
for the database's commit.
"""

from frankpledge.sharing.store.bucket import Bucket
from frankpledge.sharing.store.comparing import (
    Difference,
    DifferenceLines,
    Line,
    Version,
    compared,
)
from frankpledge.sharing.store.folder import Original, Store, Swept
from frankpledge.sharing.store.intake import MonthOf, Prepared, prepare
from frankpledge.sharing.store.trouble import StoreMixing, StoreUnwritable, writing

__all__ = [
    "Bucket",
    "Difference",
    "DifferenceLines",
    "Line",
    "MonthOf",
    "Original",
    "Prepared",
    "Store",
    "StoreMixing",
    "StoreUnwritable",
    "Swept",
    "Version",
    "compared",
    "prepare",
    "writing",
]
