"""The roles as readable data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class RoleDescription:
    key: str
    label: str
    purpose: str
    scope: str
    given_by: str


@cache
def descriptions() -> dict[str, RoleDescription]:
    text = Path(__file__).with_name("roles.yaml").read_text(encoding="utf-8")
    return {
        key: RoleDescription(key, row["label"], row["for"], row["scope"], row["given_by"])
        for key, row in yaml.safe_load(text).items()
    }
