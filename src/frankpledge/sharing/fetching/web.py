"""A file at an HTTPS address, asked for only where it has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import requests

from frankpledge.sharing.fetching.asked import Asked, CannotFetch, Fetched, name_of
from frankpledge.sharing.fetching.outgoing import Blocked, calling, why_blocked
from frankpledge.sharing.rules.webhooks import check_address

_PATIENCE = (10, 60)
_PIECE = 256 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
_CONDITIONS = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))


def fetch(asked: Asked) -> Iterator[Fetched]:
    conditions = {
        header: asked.remembered[name]
        for name, header in _CONDITIONS
        if asked.remembered.get("address") == asked.place and asked.remembered.get(name)
    }
    with answer(asked, asked.place, headers={**conditions, **_signed_in(asked)}) as found:
        if found.status_code == 304:
            return
        remember = {name: found.headers.get(name, "") for name, _ in _CONDITIONS}
        name = _named(found) or name_of(asked.place)
        yield Fetched(name, pieces(found), {"address": asked.place, **remember})


def _signed_in(asked: Asked) -> dict[str, str]:
    if not asked.secret:
        return {}
    if ":" in asked.secret:
        user, _, password = asked.secret.partition(":")
        made = requests.Request("GET", "https://x", auth=(user, password)).prepare()
        return {"Authorization": made.headers["Authorization"]}
    return {"Authorization": f"Bearer {asked.secret}"}


@contextmanager
def answer(
    asked: Asked, address: str, *, headers: dict[str, str] | None = None, follow: int = 0
) -> Iterator[requests.Response]:
    """What an address answers, 200 or 304. A redirect is followed only where `follow` says so,
    and the address it leads to is looked at like any other. Raises CannotFetch."""
    if wrong := check_address(address, plain=asked.plain):
        raise CannotFetch(f"{wrong}.")
    try:
        with (
            calling(private=asked.private, plain=asked.plain) as session,
            session.get(
                address,
                headers={"Accept-Encoding": "identity", **(headers or {})},
                timeout=_PATIENCE,
                allow_redirects=False,
                stream=True,
            ) as found,
        ):
            if found.status_code in _REDIRECTS and follow:
                onward = urljoin(address, found.headers.get("Location", ""))
                with answer(asked, onward, follow=follow - 1) as further:
                    yield further
                return
            if found.status_code not in {200, 304}:
                raise CannotFetch(_said(found.status_code))
            yield found
    except requests.Timeout:
        raise CannotFetch("It did not answer in time. It is tried again.") from None
    except requests.exceptions.SSLError:
        raise CannotFetch(
            "Its certificate is not for this name, has run out or is not trusted. "
            "Ask its owner; it is tried again."
        ) from None
    except (requests.RequestException, Blocked) as problem:
        said = why_blocked(problem) or "It could not be reached. It is tried again."
        raise CannotFetch(said) from None


def _said(status: int) -> str:
    if status in _REDIRECTS:
        return f"It answered {status}: the file has moved. Put the new address in."
    if status in {401, 403}:
        return f"It answered {status}: the secret is missing or wrong. Mend the setting."
    if status in {404, 410}:
        return f"It answered {status}: the file is not there. Mend the address."
    return f"It answered {status}. It is tried again."


def pieces(found: requests.Response) -> Iterator[bytes]:
    """The bytes as they come. Raises CannotFetch where the line breaks or the file is cut."""
    said = found.headers.get("Content-Length", "")
    came = 0
    try:
        for piece in found.iter_content(_PIECE):
            came += len(piece)
            yield piece
    except (requests.RequestException, OSError):
        raise CannotFetch("The line broke before the file was whole. It is tried again.") from None
    if said.isdecimal() and came != int(said):
        raise CannotFetch("The file did not come whole. It is tried again.")


def whole(found: requests.Response, limit: int) -> bytes:
    """All that comes. Raises CannotFetch past the limit."""
    text = bytearray()
    for piece in pieces(found):
        text += piece
        if len(text) > limit:
            raise CannotFetch("The answer is longer than what is taken. Check the address.")
    return bytes(text)


def save(found: requests.Response, path: Path, limit: int) -> None:
    """Puts what comes on disk. Raises CannotFetch past the limit."""
    came = 0
    with path.open("wb") as opened:
        for piece in pieces(found):
            came += len(piece)
            if came > limit:
                raise CannotFetch(f"It is larger than the {limit // 1024**2:,} MB that are taken.")
            opened.write(piece)


def _named(found: requests.Response) -> str:
    said = re.search(
        r'filename="?([^";]+)', found.headers.get("Content-Disposition", ""), re.IGNORECASE
    )
    return said.group(1).strip() if said else ""
