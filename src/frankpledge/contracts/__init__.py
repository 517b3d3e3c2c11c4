"""Data contracts: what a partner's file must look like, and what became of every row of it.

A contract is an Open Data Contract Standard file. `read` gives the files of an archive, a folder
or one file, workbooks included, as tables of text; a `Checking` (or `check`, for one table) accepts
each row typed or returns it with all its faults; warnings speak of rows that are kept. `look` says
what a person has to choose before a file can be read, and `template` makes a workbook to fill in.
"""

from frankpledge.contracts.checking import FAULTS, Checked, Checking, check
from frankpledge.contracts.choosing import ALL, Choice
from frankpledge.contracts.looking import Choices, Question, SheetSeen, look
from frankpledge.contracts.mapping import (
    Column,
    ColumnMapping,
    Mapped,
    Spread,
    mapped,
    suggested,
    unfilled,
)
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
from frankpledge.contracts.refusals import About, Cancelled, OfPersons, Unclear, Unreadable
from frankpledge.contracts.repairs import DOUBTS, REPAIRS, Repair, Repaired, grouped
from frankpledge.contracts.sources import Limits
from frankpledge.contracts.templates import template

__all__ = [
    "ALL",
    "DOUBTS",
    "FAULTS",
    "REPAIRS",
    "About",
    "BadContract",
    "Cancelled",
    "Checked",
    "Checking",
    "Choice",
    "Choices",
    "Code",
    "Column",
    "ColumnMapping",
    "Contract",
    "Field",
    "Kind",
    "Limits",
    "Mapped",
    "Notice",
    "OfPersons",
    "Part",
    "Question",
    "Reference",
    "Repair",
    "Repaired",
    "Rule",
    "SheetSeen",
    "Spread",
    "Unclear",
    "Unreadable",
    "check",
    "grouped",
    "load",
    "look",
    "mapped",
    "read",
    "shipped",
    "skipped",
    "suggested",
    "template",
    "unfilled",
]
