"""What a machine is told when something cannot be done: problem+json, in plain English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"
NOT_FOUND = "Nothing is there, or this key may not see it."


class Problem(Exception):
    """Ends a machine's request: what is wrong, and what to do about it."""

    def __init__(
        self,
        status: int,
        title: str,
        remedy: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.remedy = status, title, remedy
        self.headers, self.more = dict(headers or {}), more

    def response(self) -> JsonResponse:
        said = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.remedy:
            said["remedy"] = self.remedy
        response = JsonResponse(
            {**said, **self.more}, status=self.status, content_type=CONTENT_TYPE
        )
        for name, value in self.headers.items():
            response[name] = value
        return response


def not_found() -> Problem:
    """The one answer for what does not exist and what may not be seen."""
    return Problem(404, NOT_FOUND, "Check the address. GET /api/v1/datasets lists what it sends.")
