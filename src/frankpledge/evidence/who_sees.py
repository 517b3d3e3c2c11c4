"""The page that shows what each audience sees of one table, and why."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from frankpledge.analysis.disclosure import Refused
from frankpledge.components.parts import crumbs
from frankpledge.core import clock
from frankpledge.evidence import rules, views
from frankpledge.evidence.queries.seeing import seeing


def who_sees(request: HttpRequest) -> HttpResponse:
    try:
        question, _, _ = views.asked_in(request)
        if question is None:
            raise Http404
        found = seeing(actor=request.actor, question=question, on=clock.today())
    except (rules.UnableToAsk, Refused) as error:
        return render(request, "evidence/refused.html", {"refusal": str(error)}, status=422)
    back = f"{reverse('explorer')}?{found.question.address()}"
    trail = crumbs(("Home", reverse("home")), ("Ask the data", back))
    return render(
        request, "evidence/who_sees.html", {"seeing": found, "back": back, "breadcrumbs": trail}
    )
