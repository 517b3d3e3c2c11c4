"""Runs the side-by-side benchmarks, or those named, and writes what they measured to RESULTS.md.

Each `bench_NAME.py` has a `run()` that gives its name, its targets and ratios, the machine and the
versions, and `passed`. Ends with 1 where a target was missed.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
INTRODUCTION = """# Benchmarks

Written by `./run bench`. Each job runs beside a fair peer: committed here, vectorised, doing the
same work. A ratio is the peer's time over ours; above 1 we are faster.
"""


def names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def flat(result: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in result.items():
        label = f"{before} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from flat(value, label)
        else:
            yield label, value


def section(name: str, result: Mapping[str, Any], about: str) -> str:
    """One benchmark as Markdown: what it asks, what it measured, where, with what."""
    measured = {k: v for k, v in result.items() if k not in {"name", "machine", "versions"}}
    rows = "\n".join(f"| {label} | {value} |" for label, value in flat(measured))
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    question = about.split("\n\n")[0].replace("\n", " ")
    return (
        f"## {name}\n\n{question}\n\n| Measured | |\n| --- | --- |\n{rows}\n\n"
        f"On {result['machine']}; {versions}.\n"
    )


def written() -> dict[str, str]:
    """The sections of the last runs."""
    if not RESULTS.is_file():
        return {}
    parts = re.split(r"^(?=## )", RESULTS.read_text(encoding="utf-8"), flags=re.M)[1:]
    return {
        part.split("\n", 1)[0].removeprefix("## ").strip(): part.strip() + "\n" for part in parts
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names())}")
    chosen = parser.parse_args().names or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    sys.path.insert(0, str(HERE))
    sections = written()
    missed = []
    for name in chosen:
        print(f"== {name}", flush=True)
        module = importlib.import_module(f"bench_{name}")
        result = module.run()
        for label, value in flat(result):
            print(f"{label:32} {value}", flush=True)
        sections[name] = section(name, result, module.__doc__ or "")
        if not result["passed"]:
            missed.append(name)
    kept = [sections[name] for name in names() if name in sections]
    RESULTS.write_text("\n".join([INTRODUCTION, *kept]), encoding="utf-8")
    print(f"Missed its target: {', '.join(missed)}." if missed else "Every target is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
