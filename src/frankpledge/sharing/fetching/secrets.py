"""Passwords and keys of feeds: in the environment of the server, never in the database."""

from __future__ import annotations

import os
from pathlib import Path

from frankpledge.sharing.fetching.asked import CannotFetch

PREFIX = "FRANKPLEDGE_FEED_SECRET_"
_IN_A_FILE = "file:"


def secret_named(name: str) -> str:
    """What the setting says, or what the file it names holds. Raises CannotFetch."""
    said = os.environ.get(PREFIX + name, "")
    if not said:
        raise CannotFetch(f"The setting {PREFIX}{name} is empty. An administrator sets it.")
    if not said.startswith(_IN_A_FILE):
        return said
    try:
        return Path(said.removeprefix(_IN_A_FILE)).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise CannotFetch(
            f"The file that {PREFIX}{name} names cannot be read. An administrator mends it."
        ) from None
