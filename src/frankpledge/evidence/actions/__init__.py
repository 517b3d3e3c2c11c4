"""What people do in the evidence room."""

from frankpledge.evidence.actions.findings import (
    UnableToSave,
    bring_in_finding,
    first_day,
    save_finding,
)

__all__ = ["UnableToSave", "bring_in_finding", "first_day", "save_finding"]
