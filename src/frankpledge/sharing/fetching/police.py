"""data.police.uk: the API says which month is the newest, the archive holds every force's files.

The address is the site and, after a hash sign, the force: https://data.police.uk/#force-name
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from frankpledge.sharing.fetching.asked import Asked, CannotFetch, Fetched
from frankpledge.sharing.fetching.web import answer, save, whole

ENDINGS = {
    "police-street": "street",
    "police-outcomes": "outcomes",
    "police-stop-search": "stop-and-search",
}
LARGEST = 8 * 1024**3  # the archive of every force and three years is about 2 GB
_LONGEST_ANSWER = 10_000
_FOLLOW = 3  # the archive moves to where it is stored
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_FORCE = re.compile(r"[a-z][a-z-]{1,40}")


def fetch(asked: Asked) -> Iterator[Fetched]:
    ending = ENDINGS.get(asked.contract)
    if ending is None:
        raise CannotFetch("data.police.uk publishes street crime, outcomes and stop and search.")
    if not _FORCE.fullmatch(asked.part):
        raise CannotFetch("Name the force after the address, as in https://data.police.uk/#essex")
    newest = _newest(asked)
    before = asked.remembered.get("month", "")
    if newest <= before:
        return
    with tempfile.TemporaryDirectory(dir=asked.work) as folder:
        archive = Path(folder) / "archive.zip"
        where = urljoin(asked.place, f"data/archive/{newest}.zip")
        with answer(asked, where, follow=_FOLLOW) as found:
            save(found, archive, LARGEST)
        taken = _take(archive, f"{asked.part}-{ending}.csv", before, Path(folder))
        name = f"{asked.part}-{ending}-{newest}.zip"
        yield Fetched(name, taken, {"month": newest})


def _newest(asked: Asked) -> str:
    with answer(asked, urljoin(asked.place, "api/crime-last-updated")) as found:
        text = whole(found, _LONGEST_ANSWER)
    try:
        month = str(json.loads(text)["date"])[:7]
    except (ValueError, KeyError, TypeError):
        month = ""
    if not _MONTH.fullmatch(month):
        raise CannotFetch("data.police.uk did not say which month is the newest.")
    return month


def _take(archive: Path, ending: str, before: str, folder: Path) -> Path:
    """The force's files of the months after the last time, as they lie in the archive."""
    try:
        with zipfile.ZipFile(archive) as whole:
            wanted = [
                each
                for each in sorted(whole.namelist())
                if each.endswith(f"-{ending}")
                and each.rpartition("/")[2] == f"{each[:7]}-{ending}"
                and _MONTH.fullmatch(each[:7])
                and each[:7] > before
            ]
            if not wanted:
                raise CannotFetch(f"The archive holds no file {ending}. Mend the force's name.")
            made = folder / "taken.zip"
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
                for each in wanted:
                    with whole.open(each) as source, out.open(_entry(each), "w") as inside:
                        while piece := source.read(1024 * 1024):
                            inside.write(piece)
    except zipfile.BadZipFile:
        raise CannotFetch("The archive is not a whole zip file. It is tried again.") from None
    return made


def _entry(name: str) -> zipfile.ZipInfo:
    """Without a moment, so that the same files make the same bytes."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
