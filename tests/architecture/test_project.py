"""What is promised in writing is true, and nothing is committed that should not be."""

import argparse
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from frankpledge.config.environment import SETTINGS
from frankpledge.contracts.prepare.command import parser as prepare_parser
from tests.architecture import project_guards as guards

ROOT = Path(__file__).resolve().parents[2]
# Read outside the application: the port by `serve`, the others by tests and tools.
ELSEWHERE = {
    "PORT": "src/frankpledge/config/serve.py",
    "FRANKPLEDGE_FONTS": "src/frankpledge/documents/pdf.py",
    "FRANKPLEDGE_TEST_DATA": "tests/conftest.py",
    "CHROMIUM": "tests/browser.py",
    "SCREENSHOTS": "tests/browser.py",
}
# What Python and Django themselves read or what we only pass on to them.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
NOT_DJANGO: dict[str, set[str]] = {"test": {"--without"}, "bench": set()}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pages() -> list[Path]:
    return [path for path in guards.committed(ROOT) if path.suffix == ".md"]


def commands() -> dict[str, set[str]]:
    """Our commands, each with its long options and subcommands."""
    found = {name: set(words) for name, words in NOT_DJANGO.items()}
    found["prepare"] = set(guards.options(prepare_parser()))
    common = set(guards.options(BaseCommand().create_parser("./run", "any")))
    for name, app in get_commands().items():
        if app.startswith("frankpledge."):
            found[name] = set(guards.options(_parser(name))) - common
    return found


def _parser(name: str) -> argparse.ArgumentParser:
    return load_command_class(get_commands()[name], name).create_parser("./run", name)


def test_every_setting_is_documented():
    reference = text("docs/reference/settings.md")
    assert guards.undocumented_settings(reference, SETTINGS) == []
    named = set(re.findall(r"^\| `([A-Z_]+)`", reference, flags=re.M))
    assert named == {setting.name for setting in SETTINGS} | set(ELSEWHERE)
    for name, file in ELSEWHERE.items():
        assert name in text(file)


def test_an_undocumented_setting_is_caught():
    row = f"| `{SETTINGS[0].name}` | `{SETTINGS[0].default}` | {SETTINGS[0].help} |"
    assert guards.undocumented_settings(row, SETTINGS[:1]) == []
    assert guards.undocumented_settings(row.replace("example", "test"), SETTINGS[:1])
    assert guards.undocumented_settings("", SETTINGS[:1])


def test_nothing_else_is_read_from_the_environment():
    known = {setting.name for setting in SETTINGS} | set(ELSEWHERE) | NOT_OURS
    found = {
        str(path.relative_to(ROOT)): guards.environment_names(path.read_text(encoding="utf-8"))
        for path in guards.committed(ROOT)
        if path.suffix == ".py"
    }
    assert {file: names - known for file, names in found.items() if names - known} == {}


@pytest.mark.parametrize(
    "planted",
    [
        'os.environ.get("SECRET_SWITCH")',
        'os.environ["SECRET_SWITCH"]',
        'os.getenv("SECRET_SWITCH")',
    ],
)
def test_a_hidden_setting_is_caught(planted: str):
    assert guards.environment_names(planted) == {"SECRET_SWITCH"}


def test_every_command_is_documented():
    assert guards.undocumented_commands(text("docs/reference/commands.md"), commands()) == []


def test_an_undocumented_command_is_caught():
    reference = "## `ask`: answers\n\n| `--by` | x |\n| `--old` | x |\n\n## `gone`: was once\n"
    given = {"ask": {"--by", "--as"}, "import": set()}
    assert guards.undocumented_commands(reference, given) == [
        "import has no section",
        "gone is no command",
        "ask does not name --as",
        "ask has no --old",
    ]


def test_subcommands_count_as_options():
    parser = argparse.ArgumentParser()
    inner = parser.add_subparsers().add_parser("load")
    inner.add_argument("--vintage")
    assert set(guards.options(parser)) == {"--help", "load", "--vintage"}


def test_links_between_pages_resolve():
    found = {str(page.relative_to(ROOT)): guards.dead_links(page) for page in pages()}
    assert len(found) > 10
    assert {page: links for page, links in found.items() if links} == {}


def test_a_dead_link_is_caught(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A title\n[a](gone.md) [b](page.md#a-title) [c](#no) [d](https://x.example)")
    assert guards.dead_links(page) == ["gone.md leads nowhere", "#no has no such heading"]


def test_nothing_is_left_behind():
    found = {}
    for path in guards.committed(ROOT):
        try:
            found[str(path.relative_to(ROOT))] = guards.left_behind(
                path.read_text(encoding="utf-8")
            )
        except UnicodeDecodeError:
            continue
    assert len(found) > 200
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "# TO" + "DO: later",
        "cd /" + "work/main",
        "open('/" + "tmp/x.csv')",
        "/" + "home/somebody/project",
        "index = https://" + "registry.example.org/simple",
        "see files." + "python" + "hosted.org",
    ],
)
def test_what_is_left_behind_is_caught(planted: str):
    assert guards.left_behind(planted)


def test_nothing_of_third_parties_is_committed():
    assert guards.third_party(str(path) for path in guards.committed(ROOT)) == []


def test_third_party_files_are_caught():
    assert guards.third_party(["a/font.woff2", "b/axe.min.js", "c/ours.js"]) == [
        "a/font.woff2",
        "b/axe.min.js",
    ]


@pytest.mark.data
def test_no_data_file_is_copied(data_dir: Path):
    assert guards.copied(guards.committed(ROOT), data_dir) == []


def test_a_copied_file_is_caught(tmp_path: Path):
    (tmp_path / "data").mkdir()
    original = tmp_path / "data/original.csv"
    original.write_text("a,b\n1,2\n")
    shutil.copy(original, tmp_path / "renamed.txt")
    (tmp_path / "same-size.txt").write_text("a,b\n1,3\n")
    files = [tmp_path / "renamed.txt", tmp_path / "same-size.txt"]
    assert guards.copied(files, tmp_path / "data") == ["renamed.txt is original.csv"]


def test_every_dependency_says_what_it_is_for_and_has_a_decision():
    pyproject = text("pyproject.toml")
    records = "".join(
        page.read_text(encoding="utf-8") for page in (ROOT / "docs/decisions").iterdir()
    )
    assert len(guards.dependencies(pyproject)) > 15
    assert guards.uncommented(pyproject) == []
    assert guards.undecided_dependencies(pyproject, records) == []


def test_an_unexplained_dependency_is_caught():
    planted = '[project]\ndependencies = [\n  "left-pad>=1",\n  "numpy>=2",  # arrays\n]\n'
    assert guards.uncommented(planted) == ["left-pad"]
    assert guards.undecided_dependencies(planted, "We chose `numpy`.") == ["left-pad"]
