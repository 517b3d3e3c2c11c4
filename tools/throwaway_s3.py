"""An S3 server for one run, in a process of its own: started empty, gone afterwards."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1] / ".venv-s3" / "bin" / "moto_server"


@contextmanager
def throwaway_s3() -> Iterator[str]:
    """The address of a running server without any bucket."""
    if not PROGRAM.is_file():
        raise RuntimeError("No S3 server: run ./run test, which installs requirements-s3.lock.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [str(PROGRAM), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            if server.poll() is not None:
                raise RuntimeError("The S3 server ended by itself.")
            try:
                urllib.request.urlopen(f"{address}/moto-api/", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)
