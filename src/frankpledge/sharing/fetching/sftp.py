"""New files of a folder on a partner's SFTP server, whose host key is pinned."""

from __future__ import annotations

import io
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import paramiko

from frankpledge.sharing.fetching.asked import Asked, CannotFetch, Fetched
from frankpledge.sharing.fetching.folder import is_wanted
from frankpledge.sharing.fetching.outgoing import Blocked, address_for

_PATIENCE = 60
_SETTLED = 60
_PIECE = 256 * 1024
_KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def fetch(asked: Asked) -> Iterator[Fetched]:
    seen = asked.remembered.get("files", {})
    folder = unquote(urlsplit(asked.place).path) or "/"
    with _open(asked) as sftp:
        try:
            files = [
                each
                for each in sftp.listdir_attr(folder)
                if stat.S_ISREG(each.st_mode or 0) and is_wanted(each.filename)
            ]
        except OSError:
            raise CannotFetch("The folder is not there or may not be read.") from None
        there = {each.filename for each in files}
        kept = {name: mark for name, mark in seen.items() if name in there}
        for each in sorted(files, key=lambda each: (each.st_mtime or 0, each.filename)):
            changed = int(each.st_mtime or 0)
            mark = [each.st_size or 0, changed]
            if kept.get(each.filename) == mark or changed > asked.now.timestamp() - _SETTLED:
                continue
            kept = {**kept, each.filename: mark}
            path = str(PurePosixPath(folder) / each.filename)
            size = each.st_size or 0
            if size > asked.limit:  # asking ahead takes memory for as much as it says it is
                raise CannotFetch(f"{each.filename[:80]} is larger than what is taken.")
            yield Fetched(each.filename, _pieces(sftp, path, size), {"files": kept})


def _pieces(sftp: paramiko.SFTPClient, path: str, size: int) -> Iterator[bytes]:
    came = 0
    try:
        with sftp.open(path, "rb") as opened:
            opened.prefetch(size)
            while piece := opened.read(_PIECE):
                came += len(piece)
                yield piece
    except (OSError, paramiko.SSHException, EOFError):
        raise CannotFetch("The line broke before the file was whole. It is tried again.") from None
    if came != size:
        raise CannotFetch("The file changed while it came. It is tried again.")


@contextmanager
def _open(asked: Asked) -> Iterator[paramiko.SFTPClient]:
    parts = urlsplit(asked.place)
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password:
        raise CannotFetch("Write the address as sftp://user@host/folder, without a password.")
    try:
        pinned = paramiko.hostkeys.HostKeyEntry.from_line(f"x {asked.host_key.strip()}")
    except (paramiko.SSHException, paramiko.hostkeys.InvalidHostKey):
        pinned = None
    if pinned is None or pinned.key is None:
        raise CannotFetch("The host key is missing. Write it as: ssh-ed25519 AAAA…")
    port = parts.port or 22
    transport: paramiko.Transport | None = None
    try:
        address = address_for(parts.hostname, port, private=asked.private)
        line = socket.create_connection((address, port), timeout=_PATIENCE)
        transport = paramiko.Transport(line)
        transport.banner_timeout = transport.auth_timeout = _PATIENCE
        transport.get_security_options().key_types = _types(pinned.key)
        transport.start_client(timeout=_PATIENCE)
        if transport.get_remote_server_key() != pinned.key:
            raise CannotFetch(
                "The server shows another host key than the one that was pinned. "
                "Ask its owner whether it changed before you change it here."
            )
        _sign_in(transport, unquote(parts.username), asked.secret)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise CannotFetch("The server gives no files by SFTP.")
        client.get_channel().settimeout(_PATIENCE * 3)
        yield client
    except Blocked as problem:
        raise CannotFetch(str(problem)) from None
    except paramiko.AuthenticationException:
        raise CannotFetch("The password or key was refused. Mend the setting.") from None
    except (OSError, paramiko.SSHException, EOFError):
        raise CannotFetch("It could not be reached, or speaks no SFTP.") from None
    finally:
        if transport is not None:
            transport.close()


def _types(key: paramiko.PKey) -> tuple[str, ...]:
    """The host key is asked for in the kind that was pinned."""
    if key.get_name() == "ssh-rsa":
        return ("rsa-sha2-512", "rsa-sha2-256")
    return (key.get_name(),)


def _sign_in(transport: paramiko.Transport, user: str, secret: str) -> None:
    if not secret.lstrip().startswith("-----BEGIN"):
        transport.auth_password(user, secret, fallback=False)
        return
    transport.auth_publickey(user, _private_key(secret.strip() + "\n"))


def _private_key(text: str) -> paramiko.PKey:
    for kind in _KINDS:
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(text))
    raise CannotFetch("The private key cannot be read. Use an OpenSSH key without a passphrase.")
