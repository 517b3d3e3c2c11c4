from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from frankpledge.access import audit, queries
from frankpledge.access.roles import descriptions
from frankpledge.core.kinds import kinds


def why_page(request: HttpRequest, kind: str, key: str) -> HttpResponse:
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
    return render(request, "access/my_access.html", {"rows": rows})


def roles(request: HttpRequest) -> HttpResponse:
    return render(request, "access/roles.html", {"roles": descriptions().values()})


def audit_trail(request: HttpRequest) -> HttpResponse:
    entries = audit.readable_by(request.actor)
    page = Paginator(entries, 50).get_page(request.GET.get("page"))
    return render(request, "access/audit_trail.html", {"page": page})
