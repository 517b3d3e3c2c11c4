"""The API's own description, read for a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    type: str
    required: bool
    about: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    about: str
    takes: tuple[Parameter, ...]
    body: tuple[Parameter, ...]
    takes_bytes: bool
    gives: tuple[Parameter, ...]
    answers: str


def operations(schema: Mapping[str, Any]) -> list[Operation]:
    return [
        _operation(schema, method, path, said[method])
        for path, said in schema["paths"].items()
        for method in _METHODS
        if method in said
    ]


def _operation(
    schema: Mapping[str, Any], method: str, path: str, said: Mapping[str, Any]
) -> Operation:
    content = said.get("requestBody", {}).get("content", {})
    good = [code for code in said["responses"] if int(code) < 300]
    given = said["responses"][good[0]].get("content", {}) if good else {}
    return Operation(
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        about=said.get("description", ""),
        takes=tuple(_parameter(each) for each in said.get("parameters", ())),
        body=tuple(_fields(schema, content.get("application/json", {}).get("schema", {}))),
        takes_bytes="application/octet-stream" in content,
        gives=tuple(_fields(schema, given.get("application/json", {}).get("schema", {}))),
        answers=", ".join(str(code) for code in good),
    )


def _parameter(said: Mapping[str, Any]) -> Parameter:
    about = said.get("description", "") or said.get("schema", {}).get("description", "")
    kind = said.get("schema", {}).get("type", "")
    return Parameter(said["name"], said["in"], kind, bool(said.get("required")), about)


def _fields(schema: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Parameter]:
    """The fields of an object, or of the objects of a list."""
    said = _meant(schema, said.get("items", said))
    required = said.get("required", ())
    for name, field in said.get("properties", {}).items():
        yield Parameter(
            name, "", _type(schema, field), name in required, field.get("description", "")
        )


def _meant(schema: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in said:
        return said
    found: Mapping[str, Any] = schema["components"]["schemas"][said["$ref"].rpartition("/")[2]]
    return found


def _type(schema: Mapping[str, Any], field: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(schema, each) for each in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(schema, field.get('items', {}))}"
    if "$ref" in field:
        return str(field["$ref"].rpartition("/")[2])
    return str(field.get("format") or field.get("type", ""))
