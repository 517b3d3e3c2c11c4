"""The one door by which a figure leaves.

`publish` makes a `PublishableTable` from rows. `ProtectedRelease` protects a whole dataset version
once, for an audience that a rule covers, and answers only cuts that were protected together.
"""

from frankpledge.analysis.disclosure.attacker import (
    LARGEST_COUNT,
    Exposure,
    UnusableCount,
    attack,
)
from frankpledge.analysis.disclosure.protection import Protected, protect
from frankpledge.analysis.disclosure.publishing import (
    Derived,
    derive,
    percent_change_of,
    publish,
    rate_of,
    share_of,
)
from frankpledge.analysis.disclosure.release import Dimension, ProtectedRelease, Refused
from frankpledge.analysis.disclosure.rules import (
    NONE,
    PARTNER_PUBLIC,
    NoRuleInForce,
    Rule,
    rule_on,
)
from frankpledge.analysis.disclosure.tables import (
    Cell,
    Column,
    PublishableTable,
    Status,
    TamperedTable,
    freeze,
    thaw,
)

__all__ = [
    "LARGEST_COUNT",
    "NONE",
    "PARTNER_PUBLIC",
    "Cell",
    "Column",
    "Derived",
    "Dimension",
    "Exposure",
    "NoRuleInForce",
    "Protected",
    "ProtectedRelease",
    "PublishableTable",
    "Refused",
    "Rule",
    "Status",
    "TamperedTable",
    "UnusableCount",
    "attack",
    "derive",
    "freeze",
    "percent_change_of",
    "protect",
    "publish",
    "rate_of",
    "rule_on",
    "share_of",
    "thaw",
]
