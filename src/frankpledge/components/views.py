from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from frankpledge.components import pictures, specimens
from frankpledge.components.parts import crumbs, done

BREADCRUMBS = crumbs(("Home", "/"), ("Components", "/components/"))


def components(request: HttpRequest) -> HttpResponse:
    """Every part in every state; `?state=` shows those that need a page of their own."""
    state = request.GET.get("state", "")
    if state not in STATES:
        raise Http404
    return STATES[state](request)


def _all(request: HttpRequest) -> HttpResponse:
    typed = {"title": "", "kind": "other", "due-day": "31", "due-month": "2", "due-year": "2026"}
    context = {
        "breadcrumbs": BREADCRUMBS[:1],
        "marking": "OFFICIAL · for the partnership",
        "facts": specimens.FACTS,
        "tasks": specimens.TASKS,
        "events": specimens.EVENTS,
        "tabs": specimens.TABS,
        "states": [state for state in STATES if state],
        "faulty": specimens.ShortForm({**typed, "cost": "a lot"}, auto_id="faulty_%s"),
        "refused": specimens.REFUSED,
    }
    return render(request, "components/specimens/all.html", context)


def _form(request: HttpRequest) -> HttpResponse:
    form = specimens.EveryField(request.POST or None, request.FILES or None)
    context = {
        "form": form,
        "title": "Add an action",
        "caption": "Safer stations",
        "intro": "You need the date, the cost and the name of the lead.",
        "submit": "Add action",
        "cancel_url": "/components/",
        "breadcrumbs": BREADCRUMBS,
    }
    if form.is_valid():
        done(request, "Action added.", undo_url="/components/?state=messages")
        return render(request, "components/specimens/record.html", _record(request))
    return render(request, "components/form_page.html", context)


def _one(request: HttpRequest) -> HttpResponse:
    form = specimens.OneThing(request.POST or None)
    context = {"form": form, "title": "Why does this action end early?", "submit": "Continue"}
    return render(request, "components/form_page.html", {**context, "breadcrumbs": BREADCRUMBS})


def _check(request: HttpRequest) -> HttpResponse:
    form = specimens.ShortForm(request.POST or None)
    if form.stage == "confirmed":
        done(request, "Action added.")
        return render(request, "components/specimens/record.html", _record(request))
    context = {"form": form, "title": "Add an action", "submit": "Continue", "check": True}
    return render(request, "components/form_page.html", {**context, "breadcrumbs": BREADCRUMBS})


def _confirm(request: HttpRequest) -> HttpResponse:
    context = {
        "title": "Withdraw the submission of May 2026?",
        "what_happens": "Its 12,480 rows leave every figure. Findings that used them turn stale.",
        "cannot_be_undone": "The partner is told at once. This cannot be undone.",
        "submit": "Withdraw the submission",
        "cancel_url": "/components/",
        "breadcrumbs": BREADCRUMBS,
    }
    return render(request, "components/confirm_page.html", context)


def _list(request: HttpRequest) -> HttpResponse:
    filters = specimens.ActionFilter(request.GET)
    table = specimens.ActionTable(
        request.GET, specimens.chosen(filters.values), filter=filters, marking="OFFICIAL"
    )
    context = {"breadcrumbs": BREADCRUMBS}
    return table.render(request, "components/specimens/list.html", context, synthetic=True)


def _empty(request: HttpRequest) -> HttpResponse:
    table = specimens.ActionTable(request.GET, [])
    return table.render(request, "components/specimens/list.html", {"breadcrumbs": BREADCRUMBS})


def _record(request: HttpRequest) -> dict[str, Any]:
    return {
        "breadcrumbs": BREADCRUMBS,
        "marking": "OFFICIAL-SENSITIVE · for members of the body",
        "facts": specimens.FACTS,
        "events": specimens.EVENTS,
        "refused": specimens.REFUSED,
    }


def _record_page(request: HttpRequest) -> HttpResponse:
    return render(request, "components/specimens/record.html", _record(request))


def _messages(request: HttpRequest) -> HttpResponse:
    done(request, "Action removed.", undo_url="/components/?state=messages")
    messages.info(request, "The figures of May arrive on Monday.")
    messages.error(request, "The file could not be read. Save it as CSV and send it again.")
    return render(request, "components/specimens/record.html", _record(request))


def _charts(request: HttpRequest) -> HttpResponse:
    drawn = pictures.all_pictures()
    context = {
        "breadcrumbs": BREADCRUMBS,
        "pictures": drawn,
        "table": drawn[1][1].table,
        "downloads": specimens.DOWNLOADS,
    }
    return render(request, "components/specimens/charts.html", context)


def _progress(request: HttpRequest) -> HttpResponse:
    context = {
        "refresh": 3,
        "text": "Checking rows: 120,000 of 180,022.",
        "done": 120_000,
        "of": 180_022,
        "label": "Rows checked",
        "breadcrumbs": BREADCRUMBS,
    }
    return render(request, "components/specimens/progress.html", context)


def _not_found(request: HttpRequest) -> HttpResponse:
    raise Http404


def _refused(request: HttpRequest) -> HttpResponse:
    sentence = specimens.REFUSED.reason
    return render(request, "403.html", {"sentence": sentence}, status=403)


def _broken(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


STATES = {
    "": _all,
    "form": _form,
    "one-question": _one,
    "check-answers": _check,
    "confirm": _confirm,
    "list": _list,
    "empty-list": _empty,
    "record": _record_page,
    "messages": _messages,
    "charts": _charts,
    "progress": _progress,
    "404": _not_found,
    "403": _refused,
    "500": _broken,
}


def accessibility_statement(request: HttpRequest) -> HttpResponse:
    return render(request, "components/accessibility_statement.html")


def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "components/privacy.html")


def other_formats(request: HttpRequest) -> HttpResponse:
    return render(request, "components/other_formats.html")
