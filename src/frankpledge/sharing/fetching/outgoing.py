"""HTTP calls to addresses that people typed: never to this machine or the network behind it.

A name is resolved once, every address it has is looked at, and the call goes to the one that was
looked at: a name that changes its mind in between gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
AGENT = "Frankpledge"


class Blocked(OSError):
    """An address that may not be called from here; the text says why and what to do."""


def why_blocked(error: BaseException | None) -> str:
    """The sentence of what was blocked, beneath what the libraries made of it; or nothing."""
    while error is not None:
        if isinstance(error, Blocked):
            return str(error)
        error = error.__cause__ or error.__context__
    return ""


def address_for(host: str, port: int, *, private: Collection[str]) -> str:
    """The address to call for a name. Raises Blocked."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Blocked(f"{name} cannot be found. Check the name.") from None
    addresses = [str(each[4][0]) for each in found]
    if name not in private and not all(map(_is_public, addresses)):
        raise Blocked(
            f"{name} is an address of a private network, which is not called. An administrator "
            "can name it in FRANKPLEDGE_PRIVATE_HOSTS."
        )
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = _carried(address)
    plain = address.is_global and not address.is_multicast and not address.is_reserved
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    return plain and (inner is None or _is_public(str(inner)))


def _carried(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Any:
    """The version 4 address inside one of version 6, where there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def calling(*, private: Collection[str], plain: bool) -> requests.Session:
    """A session that calls public addresses, and http only where `plain`. Nothing is followed
    by itself, and no proxy of the environment takes part."""
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = AGENT
    session.mount("https://", _Adapter(frozenset(private), HTTPSConnection))
    session.mount("http://", _Adapter(frozenset(private), HTTPConnection) if plain else _Never())
    return session


class _Never(HTTPAdapter):
    def send(self, *args: Any, **rest: Any) -> requests.Response:
        raise Blocked("The address must begin with https://")


class _Adapter(HTTPAdapter):
    def __init__(self, private: frozenset[str], kind: type[HTTPConnection]) -> None:
        self._private, self._kind = private, kind
        super().__init__()

    def init_poolmanager(self, *args: Any, **rest: Any) -> None:
        super().init_poolmanager(*args, **rest)
        private = self._private

        class Looked(self._kind):  # type: ignore[misc, name-defined]
            def _new_conn(self) -> socket.socket:
                name = self._dns_host
                self._dns_host = address_for(name, self.port, private=private)
                try:
                    return super()._new_conn()  # type: ignore[no-any-return]
                finally:
                    self._dns_host = name

        class Plain(HTTPConnectionPool):
            ConnectionCls = Looked

        class Secure(HTTPSConnectionPool):
            ConnectionCls = Looked

        self.poolmanager.pool_classes_by_scheme = {"http": Plain, "https": Secure}
