import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.browser", "tests.example_home", "tests.undefined"]

ROOT = Path(__file__).resolve().parent.parent
DATABASE = {"db", "transactional_db", "django_db_setup"}


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data; a missing folder fails the test, it is never skipped."""
    folder = Path(os.environ.get("FRANKPLEDGE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "README.md").is_file():
        pytest.fail(f"No test data at {folder}: set FRANKPLEDGE_TEST_DATA to the data folder.")
    return folder.resolve()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only what asks for the test database can answer differently on another one."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or asked & DATABASE:
            item.add_marker("database")
