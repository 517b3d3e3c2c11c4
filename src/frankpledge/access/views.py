from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from frankpledge.access import queries
from frankpledge.access.roles import descriptions
from frankpledge.core.kinds import kinds


def why_page(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """What may not be seen gets, byte for byte, the page of what does not exist."""
    known = kinds().get(kind)
    if known is None:
        raise Http404
    answer = queries.why(actor=request.actor, kind=known, key=key)
    url = known.url(answer.record) if answer.record is not None else ""
    return render(
        request,
        "access/why.html",
        {"answer": answer, "record_url": url},
        status=200 if answer.record is not None else 404,
    )


def my_access(request: HttpRequest) -> HttpResponse:
    grants = sorted(request.actor.grants, key=lambda grant: (grant.via, grant.role))
    known = descriptions()
    rows = [(grant, known[grant.role]) for grant in grants]
    can = queries.allowed_anywhere(actor=request.actor)
    return render(request, "access/my_access.html", {"rows": rows, "can": can})


def roles(request: HttpRequest) -> HttpResponse:
    return render(request, "access/roles.html", {"roles": descriptions().values()})
