"""Some hundred requests the API did not expect: an answer with a remedy, never a broken page."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from tests.api_fuzz import fuzz, operations
from tests.integration.test_api import GOOD, Machine, announce, token
from tests.sharing_world import TODAY, sharing_world

V1 = "/api/v1"


@pytest.mark.slow
def test_no_request_breaks_the_api(db: Any, tmp_path: Path, settings: Any):
    settings.STORE, settings.TODAY, settings.API_RATE = tmp_path / "store", TODAY, 100_000
    world = sharing_world()
    secret = token(world)[0]
    machine = Machine(secret)
    sent, upload = machine.send(body=GOOD).json()["id"], announce(machine).json()["id"]
    document = Client().get(f"{V1}/openapi.json").json()
    client = Client(raise_request_exception=False)
    statuses: Counter[int] = Counter()

    def ask(asked: requests.PreparedRequest) -> None:
        parts = urlsplit(asked.url or "")
        headers = {
            f"HTTP_{name.upper().replace('-', '_')}": str(
                value.decode("latin-1") if isinstance(value, bytes) else value
            )
            for name, value in asked.headers.items()
            if name not in {"Content-Type", "Content-Length"}
        }
        body = asked.body or b""
        answer = client.generic(
            asked.method or "GET",
            f"{parts.path}?{parts.query}",
            body.encode() if isinstance(body, str) else body,
            content_type=str(asked.headers.get("Content-Type", "application/octet-stream")),
            **headers,
        )
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, f"{asked.method} {asked.url}: {answer.content[:500]!r}"
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", asked.url
            assert json.loads(answer.content)["title"]

    def known(path: str) -> dict[str, str]:
        return {
            name: value
            for name, value in (("dataset", "fires"), ("submission", sent), ("upload", upload))
            if f"{{{name}}}" in path
        }

    fuzz(document, base="http://testserver", token=secret, known=known, each=8, seed=1, ask=ask)
    assert len(list(operations(document))) == 12
    assert statuses.total() > 100
    assert statuses[200] and statuses[401] and statuses[404] and statuses[422], statuses
