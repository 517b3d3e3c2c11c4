import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.browser", "tests.example_home", "tests.undefined"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data; a missing folder fails the test, it is never skipped."""
    folder = Path(os.environ.get("FRANKPLEDGE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "README.md").is_file():
        pytest.fail(f"No test data at {folder}: set FRANKPLEDGE_TEST_DATA to the data folder.")
    return folder.resolve()
