"""The store that the settings name."""

from __future__ import annotations

from django.conf import settings

from frankpledge.sharing.store import Store


def open_store() -> Store:
    return Store(settings.STORE, settings.BUCKET)
