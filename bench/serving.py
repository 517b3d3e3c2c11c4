"""A throwaway home with partners, their keys and a server that is really served, for benchmarks.

Called as a program it fills the home of its environment and prints the keys as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
TODAY = "2026-01-22"
READY = 90.0


@dataclass
class Served:
    url: str
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    keys: list[dict[str, str]] = field(default_factory=list)

    def processes(self) -> dict[str, int]:
        """The server's own processes, each with the most memory it ever held, in MB."""
        return {
            f"{_command(pid)} {pid}": _peak(pid) for pid in _below(self.process.pid) if _peak(pid)
        }


@contextmanager
def served(*, partners: int, database: str = "") -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="frankpledge-bench-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "frankpledge.config.settings",
            "FRANKPLEDGE_HOME": folder,
            "FRANKPLEDGE_TODAY": TODAY,
            "FRANKPLEDGE_API_RATE": "100000",
            "DATABASE_URL": database,
            "PORT": str(port),
        }
        _run(environment, "-m", "frankpledge", "migrate", "-v0")
        keys = json.loads(_run(environment, str(Path(__file__)), str(partners)).splitlines()[-1])
        log = (Path(folder) / "log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "frankpledge", "serve"], env=environment, stdout=log, stderr=log
        )
        made = Served(f"http://127.0.0.1:{port}", Path(folder), environment, process, keys)
        try:
            _wait(made)
            yield made
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            log.close()


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _wait(made: Served) -> None:
    until = time.monotonic() + READY
    while time.monotonic() < until:
        try:
            with urlopen(f"{made.url}/api/v1/openapi.json", timeout=5):
                break
        except OSError:
            time.sleep(0.3)
    else:
        raise SystemExit((made.home / "log").read_text(errors="replace")[-2000:])
    while len(made.processes()) < 5 and time.monotonic() < until:  # the worker comes last
        time.sleep(0.3)


def _below(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _command(pid: int) -> str:
    said = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return " ".join(each.decode() for each in said[2:4]) or "process"


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0]) // 1024 if lines else 0


def fill(partners: int) -> list[dict[str, str]]:
    """Partners that may each send street files, with a key each."""
    import django

    django.setup()
    from datetime import date
    from uuid import uuid4

    from frankpledge.core import clock
    from frankpledge.partnership.enums import OrganisationKind
    from frankpledge.partnership.models import Organisation
    from frankpledge.sharing.actions.keys import make_key
    from frankpledge.sharing.models import Term
    from tests.sharing_world import sharing_world

    world = sharing_world()
    street = world.datasets["street"]
    Term.objects.filter(dataset=street).update(provider=None)
    found = []
    for number in range(partners):
        organisation = Organisation.objects.create(
            name=f"Partner {number}", slug=f"partner-{number}", kind=OrganisationKind.POLICE
        )
        world.organisations[organisation.slug] = organisation
        world.agreement.parties.add(organisation)
        made = make_key(
            actor=world.actor("leader"),
            organisation=organisation,
            once=uuid4(),
            label="Bench",
            datasets=[street],
            expires_on=date(2026, 12, 31),
            webhook_url="",
            now=clock.now(),
        )
        found.append({"organisation": organisation.slug, "token": made.token})
    return found


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]))))
