"""What may change, flow and be signed in the sharing room: pure functions."""

from frankpledge.sharing.rules.permission import (
    FINENESS,
    Permission,
    SignatureState,
    Signer,
    TermView,
    best,
    covers,
    standing,
    weigh,
)
from frankpledge.sharing.rules.returns import (
    UnableToDelete,
    UnableToMove,
    check_move,
    following,
    gaps,
    kept_until,
    preceding,
)
from frankpledge.sharing.rules.wording import TermKey, grouped

__all__ = [
    "FINENESS",
    "Permission",
    "SignatureState",
    "Signer",
    "TermKey",
    "TermView",
    "UnableToDelete",
    "UnableToMove",
    "best",
    "check_move",
    "covers",
    "following",
    "gaps",
    "grouped",
    "kept_until",
    "preceding",
    "standing",
    "weigh",
]
