"""What the project promises in writing, and what may never be committed."""

from __future__ import annotations

import argparse
import ast
import hashlib
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from frankpledge.config.environment import Setting

# Written so that this file does not hold what it looks for.
LEFT_BEHIND = {
    "a note left behind": re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b"),
    "a path of somebody's machine": re.compile(
        r"(?<![\w.:/~-])/(?:(?:work|root|tmp)/\w|(?:home|Users)/\w+/)"
    ),
    "a registry's address": re.compile(
        r"://[\w.-]*(?:registry|mirror|artifactory)[\w-]*\."
        r"|\bpypi[.]org|pythonhosted[.]|npmjs[.]|\bdeb[.]debian"
    ),
}
THIRD_PARTY = (".ttf", ".otf", ".woff", ".woff2", ".min.js", ".min.css", ".whl", ".jar")


def committed(root: Path) -> list[Path]:
    """Every file that is or is about to be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [root / name for name in sorted(listed.split("\0")) if name and (root / name).is_file()]


def left_behind(text: str) -> list[str]:
    return [
        f"{what}: {match.group()}"
        for what, pattern in LEFT_BEHIND.items()
        for match in pattern.finditer(text)
    ]


def third_party(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.endswith(THIRD_PARTY)]


def copied(files: Iterable[Path], folder: Path) -> list[str]:
    """Files that are, byte for byte, one of the folder's."""
    sizes: dict[int, list[Path]] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            sizes.setdefault(path.stat().st_size, []).append(path)
    return [
        f"{path.name} is {other.name}"
        for path in files
        if path.stat().st_size
        for other in sizes.get(path.stat().st_size, [])
        if _digest(path) == _digest(other)
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def undocumented_settings(reference: str, settings: Iterable[Setting]) -> list[str]:
    """Settings whose row is missing or says something else than the code."""
    rows = {line.strip() for line in reference.splitlines()}
    wanted = {
        setting.name: f"| `{setting.name}` | {f'`{setting.default}`' if setting.default else ''} "
        f"| {setting.help} |".replace("|  |", "| |")
        for setting in settings
    }
    return [f"{name}: expected the row {row}" for name, row in wanted.items() if row not in rows]


def environment_names(source: str) -> set[str]:
    """Names that a Python file reads from the environment."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func)
            name = node.args[0]
            if called in {"os.environ.get", "os.getenv", "os.environ.pop"}:
                found.add(ast.literal_eval(name) if isinstance(name, ast.Constant) else "")
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(str(node.slice.value) if isinstance(node.slice, ast.Constant) else "")
    return {name for name in found if name}


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The long options of a command and of its subcommands, Django's common ones left out."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield name
                yield from options(inner)
        elif not isinstance(action, argparse._VersionAction):
            yield from (word for word in action.option_strings if word.startswith("--"))


def sections(reference: str) -> dict[str, str]:
    """The text under each "## `command …`: what it does", by the command's first word."""
    found: dict[str, str] = {}
    for part in re.split(r"^## ", reference, flags=re.M)[1:]:
        match = re.match(r"`(\S+)[^`]*`: \S", part)
        if match:
            found[match[1]] = found.get(match[1], "") + part
    return found


def undocumented_commands(reference: str, commands: dict[str, set[str]]) -> list[str]:
    """Commands and options without their words, and words about none that exist."""
    written = sections(reference)
    return [
        *(f"{name} has no section" for name in commands if name not in written),
        *(f"{name} is no command" for name in written if name not in commands),
        *(
            f"{name} does not name {word}"
            for name, words in commands.items()
            for word in sorted(words)
            if name in written and not re.search(rf"(?<![\w-]){word}(?![\w-])", written[name])
        ),
        *(
            f"{name} has no {word}"
            for name in commands
            for row in re.findall(r"^\| (`--[^|]+) \|", written.get(name, ""), flags=re.M)
            for word in re.findall(r"--[\w-]+", row)
            if word not in commands[name]
        ),
    ]


def dead_links(page: Path) -> list[str]:
    """Relative links of a Markdown page that lead to no file or no heading."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            found.append(f"{link} leads nowhere")
        elif anchor and anchor not in _anchors(target.read_text(encoding="utf-8")):
            found.append(f"{link} has no such heading")
    return found


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def dependencies(pyproject: str) -> list[str]:
    """The names of what the application itself is built on."""
    project: dict[str, Any] = tomllib.loads(pyproject)["project"]
    extras = project.get("optional-dependencies", {}).values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return [re.split(r"[\[<>=~!; ]", line)[0] for line in lines]


def uncommented(pyproject: str) -> list[str]:
    """Dependencies without a comment on their line that says what they are for."""
    return [
        name
        for name in dependencies(pyproject)
        if not re.search(rf'^ *"{re.escape(name)}\b[^"]*",? *# *\S', pyproject, flags=re.M)
    ]


def undecided_dependencies(pyproject: str, records: str) -> list[str]:
    """Dependencies that no decision record weighs."""
    return [name for name in dependencies(pyproject) if f"`{name}`" not in records]
