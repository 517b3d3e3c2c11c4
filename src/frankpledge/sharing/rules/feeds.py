"""When a feed runs next, and what its address must look like."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from frankpledge.sharing.enums import FeedKind, Rhythm
from frankpledge.sharing.rules.webhooks import check_address

_RETRIES = (5, 15, 60, 240)  # minutes after the first, second … failure
_EVERY = {
    Rhythm.DAILY: timedelta(days=1),
    Rhythm.WEEKLY: timedelta(days=7),
    Rhythm.MONTHLY: timedelta(days=30),
    Rhythm.QUARTERLY: timedelta(days=91),
    Rhythm.YEARLY: timedelta(days=365),
}
_FOLDER = timedelta(minutes=1)  # a folder is looked into at every tick
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,59}")
STOPPED_AFTER = timedelta(days=1)


class UnableToFeed(Exception):
    """A feed that cannot be kept so; the sentence says why."""


def next_run(*, kind: str, rhythm: str, failures: int, now: datetime) -> datetime:
    usual = now + (_FOLDER if kind == FeedKind.FOLDER else _EVERY[Rhythm(rhythm)])
    if not failures:
        return usual
    wait = timedelta(minutes=_RETRIES[min(failures, len(_RETRIES)) - 1])
    if failures > len(_RETRIES):
        wait = timedelta(days=1)
    return now + wait


def check_feed(
    *, kind: str, address: str, secret_name: str, host_key: str, has_dataset: bool, plain: bool
) -> tuple[str, str]:
    """The field that is wrong and what is wrong with it; both empty where nothing is."""
    if (kind == FeedKind.ONS) == has_dataset:
        wrong = "Leave this empty for official geography" if has_dataset else "Select the data"
        return "dataset", wrong
    if secret_name and not _NAME.fullmatch(secret_name):
        return "secret_name", "Write capital letters, numbers and underscores, such as FIRE_SFTP"
    if kind == FeedKind.SFTP:
        if not re.fullmatch(r"sftp://[^@:/\s]+@[^@/\s]+(/\S*)?", address):
            return "address", "Write it as sftp://user@host/folder, without a password"
        if not host_key.strip():
            return "host_key", "Enter the host key, such as: ssh-ed25519 AAAA…"
        if not secret_name:
            return "secret_name", "Name the setting that holds the password or key"
    elif kind != FeedKind.FOLDER and (wrong := check_address(address, plain=plain)):
        return "address", wrong
    return "", ""
