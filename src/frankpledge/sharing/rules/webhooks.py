"""Where results may be told, how they are signed, and when they are tried again."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import urlsplit

SIGNATURE = "Frankpledge-Signature"
_WAITS = (1, 5, 15, 60, 180, 360, 720, 1440)  # minutes until the next try
MOST_TRIES = len(_WAITS) + 1


def check_address(address: str, *, plain: bool = False) -> str:
    """What is wrong with an address that is called from here; empty where nothing is."""
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(ord(c) <= 32 or ord(c) > 126 for c in address):
        return "The address cannot be used. Write it as https://host.example/path"
    if parts.username or parts.password:
        return "The address holds a name or a password. Take it out"
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        return "The address must begin with https://"
    return ""


def signature(secret: str, body: bytes, at: int) -> str:
    """The header's value: the moment, and an HMAC-SHA-256 over the moment, a dot and the body."""
    said = f"{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()}"


def next_try(tries: int, now: datetime) -> datetime | None:
    """After so many tries; None where it is given up."""
    return now + timedelta(minutes=_WAITS[tries - 1]) if tries <= len(_WAITS) else None
