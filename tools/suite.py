"""Everything that has to hold: ./run test [--without data,browser,postgres] [PYTEST ARGS].

Without arguments: are the tools here, then the linters, the types of the pure rooms, the import
contracts, every test on SQLite and those of the database again on a throwaway PostgreSQL, all but
the browser's. With arguments for pytest: pytest with these, on SQLite, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from throwaway_postgres import binaries, throwaway_postgres
from throwaway_s3 import PROGRAM

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("data", "browser", "postgres")
STRICT = ("analysis", "charts", "contracts", "documents", "access")
JARS = ("jaxb-api", "jaxb-runtime", "jaxb-core", "javax.activation")


@dataclass(frozen=True)
class Need:
    """Something tests need; `part` is what can be left out with it, if anything can."""

    what: str
    there: Callable[[], bool]
    remedy: str
    part: str = ""


def data_folder() -> Path:
    return Path(os.environ.get("FRANKPLEDGE_TEST_DATA", ROOT.parent / "shared" / "data"))


def _program(name: str, debian: str, part: str = "") -> Need:
    return Need(name, lambda: bool(shutil.which(name)), f"apt-get install {debian}", part)


def _chromium() -> bool:
    return Path(os.environ.get("CHROMIUM", "/usr/bin/chromium")).is_file()


def _jars() -> bool:
    return all(Path("/usr/share/java", f"{name}.jar").is_file() for name in JARS)


NEEDS = (
    Need(
        f"the test data in {data_folder()}",
        lambda: (data_folder() / "README.md").is_file(),
        "set FRANKPLEDGE_TEST_DATA to the folder that holds it",
        "data",
    ),
    Need(
        "PySpark",
        lambda: bool(find_spec("pyspark")),
        "run ./run test without --without data: it installs requirements-spark.lock",
        "data",
    ),
    Need(
        "the S3 server",
        PROGRAM.is_file,
        "run ./run test, which installs requirements-s3.lock",
    ),
    Need("Chromium", _chromium, "apt-get install chromium, or set CHROMIUM to it", "browser"),
    Need(
        "axe-core",
        lambda: (ROOT / "node_modules/axe-core/axe.min.js").is_file(),
        "npm ci in the project's folder",
        "browser",
    ),
    Need("PostgreSQL's server", lambda: binaries() is not None, "apt-get install postgresql",
         "postgres"),
    _program("soffice", "libreoffice-writer-nogui libreoffice-calc-nogui"),
    _program("pdftoppm", "poppler-utils"),
    _program("java", "default-jre-headless"),
    _program("git", "git"),
    Need(
        "Java's XML binding",
        _jars,
        "apt-get install libjaxb-java libjaxb-api-java libactivation-java",
    ),
)  # fmt: skip


def missing(needs: Sequence[Need], without: Sequence[str]) -> list[Need]:
    return [need for need in needs if need.part not in without and not need.there()]


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The parts to leave out, and what is for pytest. Raises ValueError for an unknown part."""
    without: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--without" or word.startswith("--without="):
            value = word.partition("=")[2] or next(words, "")
            without += [part for part in value.split(",") if part]
        else:
            rest.append(word)
    unknown = sorted(set(without) - set(PARTS))
    if unknown or ("--without" in arguments and not without):
        raise ValueError(f"--without takes {', '.join(PARTS)}, with commas between.")
    return without, rest


def marks(without: Sequence[str], *also: str) -> str:
    """The pytest mark expression that leaves these out."""
    return " and ".join(f"not {name}" for name in dict.fromkeys((*without, *also)))


def environment(home: str) -> dict[str, str]:
    """The operator's settings are not the tests': only what tests themselves read is kept."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith("FRANKPLEDGE_")
    }
    return kept | {
        "FRANKPLEDGE_HOME": home,
        "FRANKPLEDGE_TEST_DATA": str(data_folder()),
        "PYTHONPATH": str(ROOT / "src"),
    }


def run(name: str, command: Sequence[str], env: dict[str, str]) -> str | None:
    """Run one step; its name again if it failed."""
    print(f"\n== {name}", flush=True)
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=False)
    return name if done.returncode else None


def pytest(*arguments: str) -> list[str]:
    workers = str(min(os.cpu_count() or 1, 4))
    return ["-m", "pytest", "-q", "-n", workers, "--dist", "loadfile", *arguments]


def everything(without: Sequence[str], env: dict[str, str]) -> list[str]:
    """The names of the steps that failed."""
    failed = [
        run("ruff: lint", ["-m", "ruff", "check", "."], env),
        run("ruff: format", ["-m", "ruff", "format", "--check", "."], env),
        run(
            "mypy: strict types",
            ["-m", "mypy", *(f"src/frankpledge/{room}" for room in STRICT)],
            env,
        ),
        run(
            "import-linter: who may import whom",
            ["-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo"],
            env,
        ),
        run(
            "pytest on SQLite",
            pytest("-m", marks([part for part in without if part != "postgres"], "postgres"),
                   "--durations=12"),
            env,
        ),
    ]  # fmt: skip
    if "postgres" not in without:
        with throwaway_postgres() as address:
            failed.append(
                run(
                    "pytest on PostgreSQL",
                    # What comes and goes in a bucket does not ask the database twice.
                    pytest("-m", f"database and {marks(without, 'browser', 's3')}"),
                    env | {"DATABASE_URL": address},
                )
            )
    return [name for name in failed if name]


def main(arguments: Sequence[str]) -> int:
    try:
        without, rest = split(arguments)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    # A stop still takes the throwaway server down.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="frankpledge-tests-") as home:
        env = environment(home)
        if rest:
            chosen = ["-m", marks(without)] if without else []
            command = [sys.executable, "-m", "pytest", *chosen, *rest]
            return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        lacking = missing(NEEDS, without)
        for need in lacking:
            print(f"Missing: {need.what}. Get it: {need.remedy}.", file=sys.stderr)
        if lacking:
            print(
                "Without them the tests cannot say that this works. A lesser run leaves out "
                "real data, browser and PostgreSQL: ./run test --without data,browser,postgres",
                file=sys.stderr,
            )
            return 1
        failed = everything(without, env)
    if without:
        print(f"\nLeft out, so not proven here: {', '.join(without)}.")
    print(f"\nFailed: {'; '.join(failed)}." if failed else "\nEverything that was run holds.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
