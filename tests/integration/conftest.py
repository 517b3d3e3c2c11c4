from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.worlds import World, a_world

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def world(db: Any) -> World:
    return a_world()


@pytest.fixture
def as_(world: World) -> Callable[[str], Client]:
    """A browser in which one person of the world has signed in."""

    def signed_in(who: str) -> Client:
        client = Client()
        if who != "public":
            client.force_login(world.users[who], BACKEND)
        return client

    return signed_in


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    """Rate limits count in the cache; each test starts with none."""
    cache.clear()
