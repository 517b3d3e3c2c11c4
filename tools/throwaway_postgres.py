"""A PostgreSQL server for one run: made in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps it off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debian, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)


@contextmanager
def throwaway_postgres(settings: str = FAST) -> Iterator[str]:
    """The address of a running server that listens on a socket in its own folder only.

    `settings` are quick and forget the last moment in a crash; none of them is as it is in use.
    """
    programs = binaries()
    if programs is None:
        raise RuntimeError("No PostgreSQL server: apt-get install postgresql.")
    # PostgreSQL refuses to run as root.
    owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="frankpledge-pg-") as folder:
        if owner:
            shutil.chown(folder, "postgres", "postgres")
        data = f"{folder}/data"

        def run(program: str, *arguments: str) -> None:
            command = [*owner, str(programs / program), "-D", data, *arguments]
            done = subprocess.run(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            if done.returncode:
                raise RuntimeError(f"{program} failed: {done.stdout[-800:]}")

        run("initdb", "-U", "frankpledge", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' {settings}"
        # Its own file for what it says: a pipe would stay open as long as the server runs.
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://frankpledge@/frankpledge?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
