from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from frankpledge.core import clock
from frankpledge.inbox import queries


def home(request: HttpRequest) -> HttpResponse:
    if request.actor.is_public:
        return render(request, "inbox/welcome.html")
    today = clock.today()
    return render(
        request,
        "inbox/home.html",
        {
            "inbox": queries.inbox(actor=request.actor, today=today),
            "changes": queries.recent_changes(actor=request.actor),
        },
    )


def inbox(request: HttpRequest) -> HttpResponse:
    found = queries.inbox(actor=request.actor, today=clock.today())
    return render(request, "inbox/inbox.html", {"inbox": found})


def thread(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    found = queries.thread(actor=request.actor, kind_slug=kind, key=key)
    return render(request, "inbox/thread.html", {"thread": found})
