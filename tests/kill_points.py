"""A return walked to the store by real processes, any of which may be killed at a named instant.

`Walk(environment)` starts a process that loads everything once; each step is a fork of it. A step
is told to die just before its commit, just after it, or after so many seconds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from frankpledge.contracts.model import SUFFIX

ROOT = Path(__file__).resolve().parents[1]
BEFORE, AFTER = "before", "after"
STEPS = ("work", "partner", "county")
MONTHS, ROWS = 3, 40
_PEOPLE = {"partner": "officer@example.org", "county": "leader@example.org"}
_SENDER = "fire_sender@example.org"


class Walk:
    """Steps of returns, each in a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.kill_points"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.do("world")

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stdin.close()
        self._server.wait(timeout=60)

    def do(self, step: str, given: str = "", kill: str | float | None = None) -> tuple[bool, Any]:
        """Whether the process was killed, and what it said."""
        self._server.stdin.write(json.dumps({"step": step, "given": given, "kill": kill}) + "\n")
        self._server.stdin.flush()
        answer = json.loads(self._server.stdout.readline())
        died = answer["status"] == -signal.SIGKILL
        assert died or answer["status"] == 0, answer
        return died, answer["said"]

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.do("state")[1]
        return found


def a_file(folder: Path, number: int) -> Path:
    """A quarter of counts, different for each number."""
    path = folder / f"walk-{number}.csv"
    lines = [
        f"E07000901,2025-{month:02d},made-up-{row},{number + row},what {row} counts"
        for month in range(1, MONTHS + 1)
        for row in range(ROWS)
    ]
    text = "\n".join(["area_code,month,indicator,count,definition", *lines])
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def done(state: dict[str, Any], key: str, step: str) -> bool:
    """Whether a step has happened: what the next person or worker sees."""
    found = state["submissions"][key]
    return {
        "work": found["state"] not in ("waiting", "working"),
        "partner": "partner" in found["stages"],
        "county": found["state"] == "stored",
        "withdraw": found["state"] == "cancelled",
    }[step]


def wrong_in(state: dict[str, Any]) -> list[str]:
    """Whatever is lost, doubled or half there."""
    wrong = [] if state["trail"] else ["the audit trail is broken"]
    for key, each in state["submissions"].items():
        rows = each["received"], each["stored"], each["held"], each["months"]
        whole = (MONTHS * ROWS,) * 3 + (MONTHS,)
        nothing = (0, 0, 0, 0)
        good = {
            "waiting": rows == nothing and not each["stages"],
            "working": rows == nothing and not each["stages"],
            "checked": rows == whole and not each["current"] and each["stages"] in ([], ["partner"])
            and each["rows"] == MONTHS * ROWS,
            "stored": rows == whole and each["stages"] == ["county", "partner"]
            and each["current"] in (0, MONTHS) and each["rows"] == MONTHS * ROWS,
            "cancelled": rows == nothing,
        }  # fmt: skip
        if not good.get(each["state"]) or each["damage"]:
            wrong.append(f"{key} is half there: {each}")
    stored = [each for each in state["submissions"].values() if each["state"] == "stored"]
    if stored and sum(each["current"] for each in stored) != MONTHS:
        wrong.append("a month counts twice or not at all")
    return wrong


def walked(
    walk: Walk, path: Path, kills: dict[str, list[str | float]], *, end: str = "county"
) -> tuple[int, list[str]]:
    """One return to its end; each step is killed at its instants, then done again where it must.

    Gives how many kills struck, and what was wrong after any of them.
    """
    key, struck, wrong = walk.do("send", str(path))[1], 0, []
    steps = STEPS if end == "county" else ("work", "partner", end)
    for step in steps:
        happened = False
        for kill in (*kills.get(step, []), None):
            if happened:
                break
            struck += walk.do(step, key, kill)[0]
            state = walk.state()
            wrong += wrong_in(state)
            happened = done(state, key, step)
        if not happened:
            wrong.append(f"{step} could not be done again: {state['submissions'][key]}")
    return struck, wrong


# In the process that is killed


class _OneContract:
    def __init__(self, folder: Any) -> None:
        self._only = folder / "definitions" / f"agency-counts{SUFFIX}"

    def __truediv__(self, _: str) -> _OneContract:
        return self

    def iterdir(self) -> list[Any]:
        return [self._only]


def _world(_: str) -> None:
    from frankpledge.access.enums import Role
    from frankpledge.access.models import User
    from frankpledge.partnership.models import Holding, Organisation, Post
    from frankpledge.sharing.models import Dataset
    from tests.sharing_world import sharing_world

    if not Dataset.objects.exists():
        sharing_world()
    Dataset.objects.filter(slug="fires").update(approvals=2)
    fire = Organisation.objects.get(slug="fire")
    post = Post.objects.create(title="Officer post", organisation=fire, role=Role.PARTNER)
    officer = User.objects.create_user(_PEOPLE["partner"], "Second Officer")
    Holding.objects.create(post=post, holder=officer)


def _actor(email: str) -> Any:
    from frankpledge.access.actors import actor_for
    from frankpledge.access.models import User
    from frankpledge.core import clock

    return actor_for(User.objects.get(email=email), clock.today())


def _send(path: str) -> str:
    from frankpledge.core import clock
    from frankpledge.partnership.models import Organisation
    from frankpledge.sharing.actions.submissions import receive
    from frankpledge.sharing.enums import Arrival
    from frankpledge.sharing.models import Dataset

    received = receive(
        actor=_actor(_SENDER),
        dataset=Dataset.objects.get(slug="fires"),
        organisation=Organisation.objects.get(slug="fire"),
        source=Path(path),
        arrived=Arrival.COMMAND,
        now=clock.now(),
    )
    return str(received.submission.pk)


def _work(key: str) -> str:
    from frankpledge.sharing.tasks import import_submission

    return str(import_submission.func(key))


def _agreed_by(who: str) -> Callable[[str], None]:
    def agree_to(key: str) -> None:
        from frankpledge.core import clock
        from frankpledge.sharing.actions.approvals import agree
        from frankpledge.sharing.models import Submission

        sent = Submission.objects.get(pk=key)
        agree(actor=_actor(_PEOPLE[who]), submission=sent, note="", now=clock.now())

    return agree_to


def _withdraw(key: str) -> None:
    from frankpledge.core import clock
    from frankpledge.sharing.actions.withdrawing import withdraw
    from frankpledge.sharing.models import Submission

    sent = Submission.objects.get(pk=key)
    withdraw(actor=_actor(_SENDER), submission=sent, reason="Wrong", now=clock.now())


def _sweep(_: str) -> None:
    """As the next import does, but an hour from now: what has just arrived is left alone."""
    from datetime import timedelta

    from django.conf import settings

    from frankpledge.core import clock
    from frankpledge.sharing.actions.importing import sweep
    from frankpledge.sharing.store import Store

    sweep(Store(settings.STORE), clock.now() + timedelta(hours=2))


def _state(_: str) -> dict[str, Any]:
    import polars as pl
    from django.conf import settings

    from frankpledge.access.audit import verify
    from frankpledge.sharing.models import Submission
    from frankpledge.sharing.store import Store

    store, found = Store(settings.STORE), {}
    for each in Submission.objects.filter(file_name__startswith="walk-"):
        key, counts = str(each.pk), each.state in ("checked", "stored")
        paths = store.partition_paths("fires", submissions=[key]) if counts else []
        agreed = each.approvals.filter(agreed=True).order_by("stage")
        found[key] = {
            "state": each.state,
            "received": each.received,
            "stored": each.stored,
            "months": each.months.count(),
            "held": sum(each.months.values_list("stored", flat=True)),
            "current": each.months.filter(current=True).count(),
            "stages": list(agreed.values_list("stage", flat=True)),
            "rows": sum(pl.read_parquet(path).height for path in paths),
            "damage": list(store.damage(key)) if counts else [],
            "left": list(store.left_of(key)),
            "original": store.original(each.file_digest).exists(),
        }
    return {"trail": verify().broken_at is None, "submissions": found}


_DO: dict[str, Callable[[str], Any]] = {
    "world": _world,
    "send": _send,
    "work": _work,
    "partner": _agreed_by("partner"),
    "county": _agreed_by("county"),
    "withdraw": _withdraw,
    "sweep": _sweep,
    "state": _state,
}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _told(key: str) -> tuple[str, int]:
    """What the commit that matters changes: the claim of a worker and its progress do not."""
    from frankpledge.sharing.models import Submission

    sent = Submission.objects.get(pk=key)
    under_way = sent.state in ("waiting", "working")
    return ("" if under_way else sent.state, sent.approvals.count())


def _die_at_commit(key: str, kill: str) -> None:
    from django.db import connection

    first, commit = _told(key), connection._commit

    def committing() -> None:
        matters = _told(key) != first
        if matters and kill == BEFORE:
            _die()
        commit()
        if matters:
            _die()

    connection._commit = committing


def _child(asked: dict[str, Any], pipe: int) -> None:
    code = 0
    try:
        kill = asked["kill"]
        if isinstance(kill, str):
            _die_at_commit(asked["given"], kill)
        elif kill is not None:
            threading.Timer(kill, _die).start()
        said = _DO[asked["step"]](asked["given"])
        with os.fdopen(pipe, "w") as opened:
            json.dump(said, opened)
    except BaseException as problem:
        print(f"{asked['step']}: {problem!r}", file=sys.stderr, flush=True)
        code = 1
    finally:
        os._exit(code)


def main() -> None:
    import django

    django.setup()
    from django.db import connections

    from frankpledge.contracts import model
    from frankpledge.sharing import tasks as _loaded  # noqa: F401

    # Each fork reads the contracts anew, as reading them here would start threads: one is enough.
    every = model.files
    model.files = lambda package: _OneContract(every(package))
    for line in sys.stdin:
        connections.close_all()
        reading, pipe = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _child(json.loads(line), pipe)
        os.close(pipe)
        with os.fdopen(reading) as opened:
            said = opened.read()
        _, status = os.waitpid(child, 0)
        answer = {"status": os.waitstatus_to_exitcode(status), "said": json.loads(said or "null")}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
