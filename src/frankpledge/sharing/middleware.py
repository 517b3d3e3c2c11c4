"""Says on a page what is wrong with the store, wherever a page needed it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from frankpledge.sharing.store import StoreUnwritable


class StoreMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, StoreUnwritable):
            return render(request, "503.html", {"sentence": str(error)}, status=503)
        return None
