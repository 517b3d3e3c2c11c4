"""Who may see, send, sign, check and undo what partners share."""

from frankpledge.sharing.policy import checking, records

__all__ = ["checking", "records"]
