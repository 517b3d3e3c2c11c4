"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from frankpledge.core import clock


def layout(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    return {"actor": actor, "example": settings.EXAMPLE, "today": clock.today()}
