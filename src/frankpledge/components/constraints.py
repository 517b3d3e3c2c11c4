"""The one place where the name of a database constraint becomes a sentence for people.

A room registers its constraints when the app is ready; `Form.saving()` says the sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.apps import apps
from django.db import IntegrityError, models


@dataclass(frozen=True)
class Sentence:
    text: str
    field: str = ""


_SENTENCES: dict[str, Sentence] = {}


def register(name: str, text: str, *, field: str = "") -> None:
    """Says `text` at the form field when the constraint of this name is broken."""
    _SENTENCES[name] = Sentence(text, field)


def explain(error: IntegrityError) -> Sentence | None:
    """The sentence for a broken constraint, or None where no room has registered one."""
    return next((_SENTENCES[name] for name in _names(error) if name in _SENTENCES), None)


def _names(error: IntegrityError) -> list[str]:
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None and diagnosis.constraint_name:
        return [str(diagnosis.constraint_name)]
    text = str(error)
    if match := re.search(r"CHECK constraint failed: (\w+)", text):
        return [match[1]]
    if match := re.search(r"UNIQUE constraint failed: index '(\w+)'", text):
        return [match[1]]
    if match := re.search(r"UNIQUE constraint failed: (.+)", text):
        # SQLite names the columns, not the constraint.
        return _unique_on([column.strip() for column in match[1].split(",")])
    return []


def _unique_on(columns: list[str]) -> list[str]:
    table = columns[0].split(".")[0]
    broken = {column.split(".")[1] for column in columns}
    return [
        constraint.name
        for model in apps.get_models()
        if model._meta.db_table == table
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
        and {model._meta.get_field(field).column for field in constraint.fields} == broken
    ]
