"""A document kept as it was published: the tree as plain JSON, and back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any

from frankpledge.documents import tree

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        tree.Document,
        tree.Span,
        tree.Item,
        tree.Heading,
        tree.Paragraph,
        tree.Bullets,
        tree.Numbered,
        tree.TableBlock,
        tree.Figure,
        tree.Callout,
        tree.KeyValues,
        tree.PageBreak,
        tree.Contents,
    )
}


def freeze(part: Any) -> Any:
    """The part of a tree as JSON values. Raises TypeError for what is not part of a tree."""
    if is_dataclass(part) and type(part).__name__ in _KINDS:
        kept = {each.name: freeze(getattr(part, each.name)) for each in fields(part)}
        return {"kind": type(part).__name__, **kept}
    if isinstance(part, tuple | list):
        return [freeze(each) for each in part]
    if part is None or isinstance(part, str | int | float | bool):
        return part
    raise TypeError(f"{type(part).__name__} is not part of a document")


def thaw(kept: Any) -> Any:
    """The part of a tree that `freeze` kept. Raises KeyError for an unknown kind of block."""
    if isinstance(kept, dict):
        kind = _KINDS[kept["kind"]]
        return kind(**{name: thaw(value) for name, value in kept.items() if name != "kind"})
    if isinstance(kept, list):
        return tuple(thaw(each) for each in kept)
    return kept


def digest(part: Any) -> str:
    """SHA-256 of the frozen part: equal trees, equal digests."""
    text = json.dumps(freeze(part), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
