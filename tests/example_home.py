"""The example as a stranger gets it: a home of its own, a real server and a real worker."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "frankpledge.sqlite3"


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


def home_in(folder: Path) -> Home:
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("FRANKPLEDGE_") and key != "DATABASE_URL"
    }
    environment |= {"FRANKPLEDGE_HOME": str(folder), "PYTHONPATH": str(ROOT / "src")}
    return Home(folder, environment)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Home]:
    """Makes a folder a home with an empty database; migrating takes long, so it is done once."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # the workers of one run
    made = shared / "migrated"
    with (shared / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / DATABASE).exists():
            made.mkdir(exist_ok=True)
            home_in(made).run("migrate", "-v0")

    def home(folder: Path) -> Home:
        folder.mkdir(exist_ok=True)
        shutil.copy(made / DATABASE, folder / DATABASE)
        return home_in(folder)

    return home


@pytest.fixture(scope="session")
def example(
    tmp_path_factory: pytest.TempPathFactory, migrated: Callable[[Path], Home]
) -> Iterator[Home]:
    """The whole example, served by the command that `./run` ends with."""
    home = migrated(tmp_path_factory.mktemp("example"))
    home.run("example")
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
