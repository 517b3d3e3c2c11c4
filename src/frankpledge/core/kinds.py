"""The kinds of record that have pages, by the short word used in addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True)
class Kind:
    slug: str
    model: type[models.Model]
    label: str
    url: Callable[[Any], str]


_kinds: dict[str, Kind] = {}


def register_kind(
    slug: str, model: type[models.Model], label: str, url: Callable[[Any], str]
) -> None:
    _kinds[slug] = Kind(slug, model, label, url)


def kinds() -> dict[str, Kind]:
    return dict(_kinds)


def kind_of(record: Any) -> Kind:
    return next(kind for kind in _kinds.values() if kind.model is type(record))
