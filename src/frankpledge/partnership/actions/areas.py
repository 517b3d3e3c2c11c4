"""Loading areas as published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.core.areas import Loaded, read, store


def load_areas(
    *, actor: Actor, paths: Iterable[Path], within: Iterable[str] = (), now: datetime
) -> Loaded:
    """Load files of areas, all or only those within some places. Raises NotAreas, Refused."""
    facts = read(paths)
    with change(actor=actor, capability=Capability.LOAD_AREAS, record=SITE, now=now) as audit:
        report = store(facts, within=within)
        audit.note(f"{report.sentence} Files: {', '.join(p.split(':')[0] for p in report.read)}.")
    return report
