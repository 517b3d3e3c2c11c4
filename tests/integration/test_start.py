"""What the server refuses to start on."""

from typing import Any

import pytest

from frankpledge.config import wsgi
from frankpledge.example.loading import everything


@pytest.fixture(autouse=True)
def connections_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)


@pytest.mark.django_db
def test_production_starts_on_a_database_without_the_example(settings: Any):
    settings.PRODUCTION = True
    wsgi.refuse_the_example()


def test_production_refuses_the_examples_database(settings: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(everything, "is_loaded", lambda: True)
    wsgi.refuse_the_example()
    settings.PRODUCTION = True
    with pytest.raises(SystemExit, match="holds the example"):
        wsgi.refuse_the_example()
