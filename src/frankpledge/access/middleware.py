"""Turns away what is no text, puts the actor on the request, asks the route table; answers
machines in their own way."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from frankpledge.access.actors import Actor, actor_for
from frankpledge.access.audit import ActorNeeded
from frankpledge.access.decisions import Refused, require
from frankpledge.access.machines import machine_for, reader_for
from frankpledge.access.problems import CONTENT_TYPE, Problem, not_found
from frankpledge.access.routes import ROUTES
from frankpledge.core import clock

NUL = "\x00"


class TextMiddleware:
    """No address and no form holds a NUL: no keyboard types it and no database keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        if NUL in request.path or _holds_nul(request.GET.lists()):
            return _not_text(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.content_type == "application/json":
            held = b"\\u0000" in request.body
        else:
            held = _holds_nul(request.POST.lists())
        return _not_text(request) if held else None


def _holds_nul(fields: Iterable[tuple[str, list[str]]]) -> bool:
    return any(NUL in text for name, values in fields for text in (name, *values))


def _not_text(request: HttpRequest) -> HttpResponse:
    return render(request, "400.html", status=400)


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_for(request.user, clock.today()))
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        route = ROUTES.get(match.view_name if match else "")
        if route is None:
            raise Http404
        if route.kind in ("machine", "reads"):
            return self._machine(request, machine_for if route.kind == "machine" else reader_for)
        if not route.public and request.actor.is_public:
            return redirect_to_login(request.get_full_path())
        if route.kind == "decides" and not route.model and route.capability is not None:
            # Django hands on what a view raises, not what is raised here.
            try:
                require(request.actor, route.capability)
            except Refused as error:
                return self.process_exception(request, error)
        return None

    def _machine(self, request: HttpRequest, asks: Callable[..., Actor]) -> HttpResponse | None:
        given = request.headers.get("Authorization", "")
        try:
            request.actor = asks(given, clock.today(), clock.now())
        except Problem as problem:
            return problem.response()
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return render(
                request,
                "403.html",
                {"decision": error.decision, "sentence": error.sentence},
                status=403,
            )
        if isinstance(error, ActorNeeded):
            return redirect_to_login(request.get_full_path())
        return None


class MachineMiddleware:
    """Below /api/ and /odata/ nobody is signed in and nothing is a page: no cookie counts, and what
    the rest of the house says in HTML is said as a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(MACHINES):
            return self.get_response(request)
        request.COOKIES = {}
        response = self.get_response(request)
        if response.status_code >= 400 and response["Content-Type"] != CONTENT_TYPE:
            problem = _PROBLEMS.get(response.status_code) or Problem(
                response.status_code, "This was not done.", _READ_THE_REFERENCE
            )
            answer = problem.response()
            if response.has_header("Allow"):
                answer["Allow"] = response["Allow"]
            response = answer
        response["Cache-Control"] = "no-store"
        return response


MACHINES = ("/api/", "/odata/")
_READ_THE_REFERENCE = "The page /api-reference/ says how to ask."
_PROBLEMS = {
    400: Problem(
        400,
        "This cannot be read.",
        "Send a file's bytes as they are, as Content-Type: application/octet-stream. "
        + _READ_THE_REFERENCE,
    ),
    404: not_found(),
    405: Problem(405, "This address does not take this method.", _READ_THE_REFERENCE),
    500: Problem(500, "Something broke here.", "Ask again in a minute; nothing is half done."),
}
