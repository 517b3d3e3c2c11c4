"""Puts the actor on the request and asks the route table before any view is called."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from frankpledge.access.actors import actor_for
from frankpledge.access.audit import ActorNeeded
from frankpledge.access.decisions import Refused, require
from frankpledge.access.routes import ROUTES
from frankpledge.core import clock


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
        if not route.public and request.actor.is_public:
            return redirect_to_login(request.get_full_path())
        if route.kind == "decides" and not route.model and route.capability is not None:
            # Django hands on what a view raises, not what is raised here.
            try:
                require(request.actor, route.capability)
            except Refused as error:
                return self.process_exception(request, error)
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
