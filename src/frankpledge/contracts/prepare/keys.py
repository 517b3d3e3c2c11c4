"""The key that turns references into pseudonyms. It stays with the sender and never leaves."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

LENGTH = 32  # bytes
_FEWEST_DIFFERENT = 16


class WeakKey(Exception):
    """A key that must not be used; the text says why and what to do."""


@dataclass(frozen=True)
class Key:
    """The key, and whether it was made just now. Its fingerprint may be shown, it may not."""

    secret: bytes = field(repr=False)
    is_new: bool = False

    @property
    def fingerprint(self) -> str:
        return hmac.new(self.secret, b"fingerprint", hashlib.sha256).hexdigest()[:16]

    def pseudonym(self, reference: str) -> str:
        """64 hexadecimal digits: the same for the same reference, and told by nobody else."""
        spoken = b"reference:" + reference.strip().encode()
        return hmac.new(self.secret, spoken, hashlib.sha256).hexdigest()

    def pseudonyms(self, references: pl.Series) -> pl.Series:
        distinct = references.drop_nulls().unique()
        made = [self.pseudonym(each) for each in distinct]
        return references.replace_strict(distinct, made, default=None, return_dtype=pl.String)


def key_of(path: Path, *, keep_out: Path) -> Key:
    """Read the key, or make it on first use, readable by its owner alone.

    Raises WeakKey for one that can be guessed, that others can read, or that lies in the folder
    `keep_out`, from which files are sent.
    """
    if path.resolve().is_relative_to(keep_out.resolve()):
        raise WeakKey(
            f"The key {path.name} lies in the folder of what is sent. Keep it in another folder."
        )
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Key(_read(path))
    except OSError as problem:
        raise WeakKey(
            f"No key can be written to {path}: {problem.strerror}. Name another with --key-file."
        ) from None
    secret = secrets.token_bytes(LENGTH)
    with os.fdopen(made, "w", encoding="ascii") as opened:
        opened.write(secret.hex() + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return Key(secret, is_new=True)


def _read(path: Path) -> bytes:
    try:
        others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except OSError as problem:
        raise WeakKey(f"The key {path} cannot be read: {problem.strerror}.") from None
    except ValueError:
        raise WeakKey(
            f"{path.name} is no key of this command. Name the right file, "
            "or a new one and it will be made."
        ) from None
    if os.name == "posix" and others:
        raise WeakKey(
            f"Others on this machine can read the key {path.name}. Type: chmod 600 {path}"
        )
    if len(secret) < LENGTH or len(set(secret)) < _FEWEST_DIFFERENT:
        raise WeakKey(
            f"The key {path.name} is weak and could be guessed. "
            "Name a new file, and a strong key will be made."
        )
    return secret
