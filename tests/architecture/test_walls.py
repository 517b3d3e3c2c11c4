"""The import contracts hold on the real tree, and each is seen to break on a planted import."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command as run; run()"


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--config", str(ROOT / ".importlinter"), "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the rooms' Python, to break."""
    shutil.copytree(
        ROOT / "src/frankpledge",
        tmp_path / "frankpledge",
        ignore=lambda folder, names: {
            name for name in names if Path(folder, name).is_file() and not name.endswith(".py")
        },
    )
    return tmp_path


def test_the_walls_stand():
    result = lint(ROOT / "src")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "planted", "broken"),
    [
        ("analysis/planted.py", "import django.db", "The pure rooms know no Django"),
        ("documents/planted.py", "import frankpledge.core.clock", "A room imports only rooms"),
        ("core/planted.py", "from frankpledge.access import decisions", "A room imports only"),
        ("attic/__init__.py", "", "A room imports only"),
        ("evidence/rules.py", "from frankpledge.evidence import policy", "Inside a domain room"),
        ("sharing/enums.py", "from frankpledge.sharing import models", "Inside a domain room"),
    ],
)
def test_a_planted_import_is_caught(tree: Path, file: str, planted: str, broken: str):
    target = tree / "frankpledge" / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(planted + "\n", encoding="utf-8")
    result = lint(tree)
    verdicts = result.stdout.replace("\n", " ")
    assert result.returncode == 1, result.stdout
    assert broken in verdicts
    assert "BROKEN" in verdicts or "exhaustive" in verdicts.lower()
