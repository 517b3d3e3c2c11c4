from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from frankpledge.example import queries
from frankpledge.example.personas import personas


def see_it_as(request: HttpRequest) -> HttpResponse:
    return render(request, "example/see_it_as.html")


@require_POST
def see_as(request: HttpRequest, key: str) -> HttpResponse:
    """Become one of the made-up people of the example; there is no such address in production."""
    persona = next((each for each in personas() if each.key == key), None)
    if persona is None:
        raise Http404
    logout(request)
    if persona.email:
        user = queries.account_of(persona)
        if user is None:
            raise Http404
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("home")
