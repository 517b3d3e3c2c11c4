"""Runs the two processes of a small installation: the pages and the worker of long tasks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from frankpledge.config.environment import WrongSetting

GRACE = 15.0  # seconds a process has to finish what it is doing
PAGES_FIRST = 4.0  # seconds before the worker takes a share of the processor


def port(value: str) -> int:
    """The port to serve on. Raises WrongSetting where it cannot be used."""
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise WrongSetting("PORT cannot be used: write a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(value)))
        except OSError as error:
            raise WrongSetting(
                f"Port {value} cannot be used ({error.strerror}). "
                "Choose another, for example: PORT=8001 ./run"
            ) from None
    return int(value)


def serve() -> int:
    """Both processes until one ends or a signal comes; then both are stopped."""
    os.environ["PORT"] = str(port(os.environ.get("PORT", "8000")))
    signalled: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        signalled.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    processes = {"The server": _start("gunicorn", "--config", "python:frankpledge.config.gunicorn")}
    worker_starts = time.monotonic() + PAGES_FIRST
    ended: list[str] = []
    while not signalled and not ended:
        time.sleep(0.2)
        if "The worker" not in processes and time.monotonic() > worker_starts:
            processes["The worker"] = _start("frankpledge", "db_worker", "--verbosity", "0")
        ended = [name for name, process in processes.items() if process.poll() is not None]
    _stop(list(processes.values()))
    if signalled:
        sys.stderr.write("Frankpledge has stopped.\n")
        return 0 if signalled[0] == signal.SIGINT else 128 + signalled[0]
    sys.stderr.write(f"{ended[0]} ended by itself, so Frankpledge has stopped.\n")
    return 1


def _start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C reaches it once, through us, and in order.
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + GRACE
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
