"""Keys of machines and files that arrive in pieces: pure rules."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = timedelta(days=366)
OVERLAP = timedelta(days=14)  # an old key and the one that replaces it both work
WARN_BEFORE = timedelta(days=30)
_TOKEN = re.compile(r"fpk_([A-Za-z0-9]{10})_([A-Za-z0-9_-]{43})")
_IDEMPOTENCY = re.compile(r"[\x21-\x7e]{1,80}")
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class UnableToKey(Exception):
    """A key that cannot be made or changed so; the sentence says why."""


class UnableToUpload(Exception):
    """A piece or a file that cannot be taken; the sentence says why, the remedy what to do."""

    def __init__(self, sentence: str, remedy: str, *, status: int = 409) -> None:
        super().__init__(sentence)
        self.remedy, self.status = remedy, status


@dataclass(frozen=True)
class NewKey:
    """A token as it is shown once, with what is kept of it."""

    token: str
    prefix: str
    digest: str


def new_key() -> NewKey:
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    token = f"fpk_{prefix}_{secrets.token_urlsafe(32)}"
    return NewKey(token, prefix, digest_of(token))


def digest_of(token: str) -> str:
    """The token holds 256 random bits, so that one round of SHA-256 keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


def prefix_of(token: str) -> str:
    found = _TOKEN.fullmatch(token)
    return found.group(1) if found else ""


def is_token_of(token: str, digest: str) -> bool:
    return hmac.compare_digest(digest_of(token), digest)


def check_expiry(expires_on: date, today: date) -> None:
    if not today < expires_on <= today + LONGEST:
        raise UnableToKey("A key expires after today and within a year. Choose another day.")


def check_idempotency_key(value: str) -> str:
    if not _IDEMPOTENCY.fullmatch(value):
        raise UnableToUpload(
            "The header Idempotency-Key is missing or is not 1 to 80 plain characters.",
            "Send a name of your own for this file, such as its period. Use it again to try again.",
            status=400,
        )
    return value


@dataclass(frozen=True)
class Piece:
    start: int
    length: int
    size: int


def piece_of(content_range: str, length: int, size: int) -> Piece:
    """What a Content-Range header says, held against the length and the size of the upload."""
    found = _RANGE.fullmatch(content_range.strip())
    remedy = "Send Content-Range: bytes FIRST-LAST/SIZE, with Content-Length of that many bytes."
    if found is None:
        raise UnableToUpload("The header Content-Range is missing or wrong.", remedy, status=400)
    first, last, whole = (int(each) for each in found.groups())
    if whole != size:
        raise UnableToUpload(
            f"The upload was announced with {size} bytes, this piece speaks of {whole}.",
            "Send pieces of the file that was announced, or start another upload.",
        )
    if not (first <= last < size) or last - first + 1 != length:
        raise UnableToUpload("Content-Range and Content-Length do not agree.", remedy, status=400)
    return Piece(first, length, size)
