"""Data contracts: what a partner's file must look like, and what became of every row of it.

A contract is an Open Data Contract Standard file. `read` gives the files of an archive, a folder
or one CSV as tables of text; a `Checking` (or `check`, for one table) accepts each row typed or
returns it with all its faults; warnings speak of rows that are kept.
"""

from frankpledge.contracts.checking import FAULTS, Checked, Checking, check
from frankpledge.contracts.model import (
    BadContract,
    Code,
    Contract,
    Field,
    Kind,
    Rule,
    load,
    shipped,
)
from frankpledge.contracts.notices import Notice
from frankpledge.contracts.reading import Part, read, skipped
from frankpledge.contracts.reference import Reference
from frankpledge.contracts.refusals import Cancelled, Unreadable
from frankpledge.contracts.sources import Limits

__all__ = [
    "FAULTS",
    "BadContract",
    "Cancelled",
    "Checked",
    "Checking",
    "Code",
    "Contract",
    "Field",
    "Kind",
    "Limits",
    "Notice",
    "Part",
    "Reference",
    "Rule",
    "Unreadable",
    "check",
    "load",
    "read",
    "shipped",
    "skipped",
]
