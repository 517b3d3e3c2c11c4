"""What partners' machines ask: one address a thing, the same decisions as the pages."""

from frankpledge.sharing.api.endpoints import api

__all__ = ["api"]
