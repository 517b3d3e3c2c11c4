"""The one door by which a figure leaves.

`publish` makes a `PublishableTable` from rows. `ProtectedRelease` protects a whole dataset version
once, for an audience that a rule covers, and answers only cuts that were protected together.
`ReleaseHistory` stands between releases; `views` shows what each audience sees and why.
"""

from frankpledge.analysis.disclosure.attacker import LARGEST_COUNT, Exposure, UnusableCount, attack
from frankpledge.analysis.disclosure.audiences import View, views
from frankpledge.analysis.disclosure.contributions import Contributions
from frankpledge.analysis.disclosure.history import Checked, Figure, Release, ReleaseHistory
from frankpledge.analysis.disclosure.people import Anonymity, Diversity, anonymity
from frankpledge.analysis.disclosure.perturbation import (
    Perturbed,
    noise_table,
    perturb,
    record_keys,
)
from frankpledge.analysis.disclosure.protection import Proof, Protected, Reason, protect, prove
from frankpledge.analysis.disclosure.publishing import (
    Derived,
    derive,
    percent_change_of,
    publish,
    rate_of,
    share_of,
)
from frankpledge.analysis.disclosure.release import Dimension, ProtectedRelease, Refused
from frankpledge.analysis.disclosure.rounding import Rounded, round_controlled
from frankpledge.analysis.disclosure.rules import (
    FEW_BEHIND,
    HOSPITAL_STATISTICS,
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
    "FEW_BEHIND",
    "HOSPITAL_STATISTICS",
    "LARGEST_COUNT",
    "NONE",
    "PARTNER_PUBLIC",
    "Anonymity",
    "Cell",
    "Checked",
    "Column",
    "Contributions",
    "Derived",
    "Dimension",
    "Diversity",
    "Exposure",
    "Figure",
    "NoRuleInForce",
    "Perturbed",
    "Proof",
    "Protected",
    "ProtectedRelease",
    "PublishableTable",
    "Reason",
    "Refused",
    "Release",
    "ReleaseHistory",
    "Rounded",
    "Rule",
    "Status",
    "TamperedTable",
    "UnusableCount",
    "View",
    "anonymity",
    "attack",
    "derive",
    "freeze",
    "noise_table",
    "percent_change_of",
    "perturb",
    "protect",
    "prove",
    "publish",
    "rate_of",
    "record_keys",
    "round_controlled",
    "rule_on",
    "share_of",
    "thaw",
    "views",
]
