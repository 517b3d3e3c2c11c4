"""An S3-compatible bucket as the store: what it holds counts, the folder is a copy to read from.

    originals/<sha256>                      what was sent
    returns/<submission>/<path of folder>   what the folder keeps of a submission, manifest last

All of a submission lies below one name, so that one request finds it and removes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from frankpledge.sharing.store.trouble import StoreUnwritable

_PIECE = 1024 * 1024
_NULL = {"", "null"}  # the version of an object in a bucket that keeps no versions
_KEYS = (
    "may not be used with these keys. Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or what they allow"
)
_REASONS = {
    "NO_SUCH_BUCKET": "does not exist. Make it, or correct FRANKPLEDGE_STORE",
    "ACCESS_DENIED": _KEYS,
    "INVALID_ACCESS_KEY_ID": _KEYS,
    "SIGNATURE_DOES_NOT_MATCH": _KEYS,
    "INVALID_SIGNATURE": _KEYS,
    "HTTP status 401": _KEYS,
    "HTTP status 403": _KEYS,
    "QuotaExceeded": "is full. Make room in it",
    "StorageFull": "is full. Make room in it",
    "HTTP status 507": "is full. Make room in it",
    "NETWORK_CONNECTION": "does not answer. See that its server runs and can be reached",
    "REQUEST_TIMEOUT": "does not answer. See that its server runs and can be reached",
    "SERVICE_UNAVAILABLE": "does not answer. See that its server runs and can be reached",
    "HTTP status 503": "does not answer. See that its server runs and can be reached",
}


@dataclass(frozen=True)
class Bucket:
    """Where the bucket is. The keys to it come from the usual AWS_ settings of the environment."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""

    @classmethod
    def of(cls, url: str) -> Bucket:
        """From s3://bucket/prefix?endpoint=…&region=…; raises ValueError with what to write."""
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        if parts.username or parts.password or set(asked) - {"endpoint", "region"}:
            raise ValueError(
                "it takes endpoint and region only; keys belong in AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, never in an address"
            )
        endpoint = asked.get("endpoint", [""])[-1].rstrip("/")
        server = urlsplit(endpoint)
        if parts.scheme != "s3" or not parts.hostname or parts.fragment:
            raise ValueError("write s3://bucket/prefix, or leave it empty for a folder in the home")
        if endpoint and (server.scheme not in {"http", "https"} or server.path or "@" in endpoint):
            raise ValueError("write the endpoint as https://host or https://host:port")
        return cls(parts.netloc, parts.path.strip("/"), endpoint, asked.get("region", [""])[-1])

    def __str__(self) -> str:
        return f"s3://{self._path('')}".rstrip("/")

    @property
    def is_encrypted_on_its_way(self) -> bool:
        """Whether nobody on the network can read along; a server on this machine needs no TLS."""
        server = urlsplit(self.endpoint)
        return server.scheme != "http" or server.hostname in {"127.0.0.1", "localhost", "::1"}

    def put(self, source: Path, key: str) -> None:
        with (
            source.open("rb") as opened,
            self._asked(),
            _server(self).open_output_stream(self._path(key)) as out,
        ):
            while piece := opened.read(_PIECE):
                out.write(piece)

    def pieces(self, key: str) -> Iterator[bytes] | None:
        """What an object holds; nothing where it is not there."""
        with self._asked(), suppress(FileNotFoundError):
            return self._read(_server(self).open_input_stream(self._path(key)))
        self._is_there()
        return None

    def _read(self, opened: Any) -> Iterator[bytes]:
        while True:
            with self._asked():
                piece = opened.read(_PIECE)
            if not piece:
                return
            yield piece

    def digest(self, key: str) -> str:
        pieces = self.pieces(key)
        if pieces is None:
            return ""
        found = hashlib.sha256()
        for piece in pieces:
            found.update(piece)
        return found.hexdigest()

    def files(self, folder: str) -> dict[str, datetime]:
        """Every object below a folder by its key, and when it was put there."""
        return {
            each.path.removeprefix(self._path("")): each.mtime
            for each in self._listed(folder, whole=True)
            if each.is_file
        }

    def folders(self, folder: str) -> list[str]:
        return [each.base_name for each in self._listed(folder, whole=False) if not each.is_file]

    def _listed(self, folder: str, *, whole: bool) -> list[Any]:
        from pyarrow.fs import FileSelector

        wanted = FileSelector(self._path(folder), recursive=whole, allow_not_found=True)
        with self._asked():
            found = [*_server(self).get_file_info(wanted)]
        if not found:
            self._is_there()
        return found

    def _is_there(self) -> None:
        """Whether what is missing is an object or the whole bucket, which S3 answers alike."""
        from pyarrow.fs import FileType

        with self._asked():
            if _server(self).get_file_info(self.name).type == FileType.NotFound:
                raise OSError("NO_SUCH_BUCKET")

    def remove(self, key: str) -> None:
        with self._asked(), suppress(FileNotFoundError):
            _server(self).delete_file(self._path(key))

    def remove_folder(self, folder: str) -> None:
        with self._asked(), suppress(FileNotFoundError):
            _server(self).delete_dir(self._path(folder))

    def keeps_versions(self, key: str) -> bool:
        """Whether an object would stay as an older version once it is removed."""
        with self._asked(), suppress(FileNotFoundError):
            said = _server(self).open_input_stream(self._path(key)).metadata()
            return said.get("VersionId", b"").decode() not in _NULL
        self._is_there()
        return False

    def _path(self, key: str) -> str:
        return "/".join(part for part in (self.name, self.prefix, key) if part) + "/" * (not key)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Says in words why the bucket took or gave nothing: raises StoreUnwritable."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as problem:
            told = str(problem)
            reason = next((why for mark, why in _REASONS.items() if mark in told), "")
            raise StoreUnwritable(
                f"The store's bucket {self.name} {reason or 'gave an error. Look after it'}, then "
                "try again. What was stored before is safe, and nothing is half there."
            ) from problem


def sweep(
    bucket: Bucket, known: set[str], digests: set[str], ended: set[str], before: datetime | None
) -> tuple[set[str], set[str]]:
    """Remove what ended from a bucket, and originals unless another database may need them."""
    held = set(bucket.folders("returns"))
    gone = {
        each
        for each in (held - known) & ended
        if not before or all(put < before for put in bucket.files(f"returns/{each}").values())
    }
    for each in gone:
        bucket.remove_folder(f"returns/{each}")
    if held - known - ended:
        return gone, set()
    originals = {key.rpartition("/")[2]: put for key, put in bucket.files("originals").items()}
    sent = {
        each
        for each, put in originals.items()
        if each not in digests and (not before or put < before)
    }
    for each in sent:
        bucket.remove(f"originals/{each}")
    return gone, sent


@lru_cache(maxsize=8)
def _server(bucket: Bucket) -> Any:
    """Made on first use: a process that forks must not have made it before."""
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    server = urlsplit(bucket.endpoint)
    return S3FileSystem(
        region=bucket.region or None,
        scheme=server.scheme or "https",
        endpoint_override=server.netloc or None,
        connect_timeout=5,
        request_timeout=30,
        allow_delayed_open=True,  # small files go in one request
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=3),
    )
