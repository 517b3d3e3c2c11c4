"""Attacks ten thousand generated tables and release sequences; ends with 1 if anything is learned.

    python bench/attack_disclosure.py [--first 0] [--count 10000]

Half are tables of one to four ways with totals and groups in groups, half are three overlapping
releases one after the other. The attacker shares no code with the library.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from disclosure_tables import generated, narrowed, sequence, worked_out

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from frankpledge.analysis.disclosure import ReleaseHistory, Rule, protect

RULES = [Rule(name=f"Below {k}", version="1", suppress_below=k) for k in (5, 3, 8)]


def table(seed: int) -> tuple[list[str], int, int]:
    """What the attacker learns of a protected table, and its figures shown and all."""
    rule = RULES[seed % len(RULES)]
    case = generated(seed, most=64, ways=(1, 2, 2, 2, 3, 4))
    found = protect(case.counts.astype(object), groups=case.groups, rule=rule)
    learned = narrowed(case, found.hidden, found.primary, below=rule.suppress_below)
    return learned, int((~found.hidden).sum()), found.hidden.size


def releases(seed: int) -> tuple[list[str], int, int]:
    """What the attacker learns of three releases, and their figures shown and wanted."""
    rule = RULES[seed % len(RULES)]
    counts, wanted = sequence(seed)
    history, shown, asked = ReleaseHistory(), 0, 0
    for number, figures in enumerate(wanted):
        answer = history.check(f"release {number}", figures, counts=counts, rule=rule)
        history = history.adding(answer.release)
        shown += len(answer.shown)
        asked += len(figures)
    known = [(sorted(f.cells), f.low, f.high) for r in history.releases for f in r.figures]
    return worked_out(counts, known, below=rule.suppress_below), shown, asked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10_000)
    given = parser.parse_args()
    start, broken = time.perf_counter(), 0
    for name, attacked in (("tables", table), ("release sequences", releases)):
        shown, figures = 0, 0
        for seed in range(given.first, given.first + given.count // 2):
            learned, seen, every = attacked(seed)
            shown, figures = shown + seen, figures + every
            if learned:
                broken += 1
                print(f"{name} {seed}: {'; '.join(learned[:3])}", flush=True)
            if (seed + 1) % 500 == 0:
                print(f"{name} to {seed}: {broken} gave something away", flush=True)
        kept = 100 * shown / max(1, figures)
        print(f"{given.count // 2:,} {name}: {figures:,} figures, {kept:.1f}% kept", flush=True)
    print(f"{broken} of {given.count:,} gave something away, {time.perf_counter() - start:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
