"""Calls that leave this machine: results told to partners, and files fetched on a schedule."""

from frankpledge.sharing.fetching.outgoing import Blocked, address_for, calling, why_blocked

__all__ = ["Blocked", "address_for", "calling", "why_blocked"]
