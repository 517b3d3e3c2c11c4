"""The suite's own runner and ./run: what they refuse, leave out and pass on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import suite  # noqa: E402

from frankpledge.config.environment import WrongSetting  # noqa: E402
from frankpledge.config.serve import port  # noqa: E402


def sh(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ./run's functions without its last part, then this script."""
    source = (ROOT / "run").read_text(encoding="utf-8").rpartition('case "$(uname -s)" in')[0]
    return subprocess.run(
        ["sh", "-c", source + script, str(ROOT / "run")],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_parts_to_leave_out_and_the_rest():
    assert suite.split(["--without", "data,browser", "-k", "x"]) == (
        ["data", "browser"],
        ["-k", "x"],
    )
    assert suite.split(["--without=postgres"]) == (["postgres"], [])
    for wrong in (["--without", "tests"], ["--without"]):
        with pytest.raises(ValueError, match="data, browser, postgres"):
            suite.split(wrong)


def test_a_missing_tool_is_named_unless_its_part_is_left_out():
    needs = [
        suite.Need("the moon", lambda: False, "build a ladder", "browser"),
        suite.Need("a sun", lambda: True, ""),
    ]
    assert suite.missing(needs, []) == needs[:1]
    assert suite.missing(needs, ["browser"]) == []


def test_marks_leave_out_each_part_once():
    assert suite.marks(["data", "browser"], "browser") == "not data and not browser"


def test_the_operators_settings_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere/real")
    monkeypatch.setenv("FRANKPLEDGE_MODE", "production")
    kept = suite.environment("home")
    assert "DATABASE_URL" not in kept
    assert "FRANKPLEDGE_MODE" not in kept
    assert kept["FRANKPLEDGE_HOME"] == "home"


def test_run_names_the_package_of_a_missing_python():
    result = sh("has() { false; }; find_python")
    assert result.returncode == 1
    assert "Python 3.11 or newer" in result.stderr
    assert "python3" in result.stderr


def test_run_names_the_package_of_a_missing_venv_module(tmp_path: Path):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\n')
    python.chmod(0o755)
    result = sh(f"VENV={tmp_path}/none PYTHON={tmp_path}/none; find_python() {{ echo {python}; }}; "
                "make_venv")  # fmt: skip
    assert result.returncode == 1
    assert "python3-venv" in result.stderr or "brew install" in result.stderr


def test_run_help_lists_every_documented_command_in_one_line():
    result = subprocess.run([ROOT / "run", "help"], capture_output=True, text=True, check=True)
    for name in ("import", "ask", "assess", "agreement", "areas load", "example", "audit verify",
                 "bench", "test"):  # fmt: skip
        lines = [line for line in result.stdout.splitlines() if line.startswith(f"  ./run {name}")]
        assert lines, name


@pytest.mark.parametrize("wrong", ["", "http", "0", "65536", "-1"])
def test_a_wrong_port_says_what_to_write(wrong: str):
    with pytest.raises(WrongSetting, match="number from 1 to 65535"):
        port(wrong)


def test_a_taken_port_names_another_way():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(WrongSetting, match=r"PORT=8001 \./run"):
            port(str(taken.getsockname()[1]))


def test_a_wrong_setting_stops_the_command_line_with_a_sentence():
    result = subprocess.run(
        [sys.executable, "-m", "frankpledge", "check"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "FRANKPLEDGE_ENGINE": "abacus"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.startswith("FRANKPLEDGE_ENGINE cannot be used: write duckdb")
    assert "Traceback" not in result.stderr
