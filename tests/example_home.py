"""The example as a stranger gets it: a home of its own, a real server and a real worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """Where the example lives, how its commands are run, and its address once it is served."""

    folder: Path
    environment: dict[str, str]
    url: str = ""

    def run(self, *arguments: str, expect: int = 0) -> str:
        made = subprocess.run(
            [sys.executable, "-m", "frankpledge", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert made.returncode == expect, f"{arguments}: {made.stdout}\n{made.stderr}"
        return made.stdout


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def new_home(folder: Path, *example: str) -> Home:
    """A migrated home with the example in it."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("FRANKPLEDGE_") and key != "DATABASE_URL"
    }
    environment |= {"FRANKPLEDGE_HOME": str(folder), "PYTHONPATH": str(ROOT / "src")}
    home = Home(folder, environment)
    home.run("migrate", "-v0")
    home.run("example", *example)
    return home


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The whole example, served by the command that `./run` ends with."""
    home = new_home(tmp_path_factory.mktemp("example"))
    port = _free_port()
    environment = home.environment | {"PORT": str(port)}
    with (home.folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "frankpledge", "serve"],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, server)
            yield Home(home.folder, environment, url)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail("The server of the example did not answer.")
