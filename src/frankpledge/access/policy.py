"""Who may read the whole trail."""

from frankpledge.access.decisions import SITE, Policy, Rule, holds, register_policy
from frankpledge.access.enums import Capability, Role

register_policy(
    SITE,
    Capability.READ_AUDIT,
    Policy(
        rules=(
            Rule(
                holds(Role.COUNTY_TEAM),
                "The county team runs the partnership and answers for its trail.",
                "Access rules, audit",
            ),
            Rule(
                holds(Role.ADMINISTRATOR),
                "Administrators check that the trail is whole.",
                "Access rules, audit",
            ),
        ),
        otherwise="You can read the entries that concern you, your organisation or your bodies.",
    ),
)
