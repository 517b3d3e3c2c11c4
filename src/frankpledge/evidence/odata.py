"""The feed that spreadsheets refresh: OData 4 over answers, as whoever the key stands for."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from frankpledge.access.decisions import Refused as NotAllowed
from frankpledge.access.machines import SAY_BASIC
from frankpledge.access.problems import Problem, not_found
from frankpledge.analysis.disclosure import Refused
from frankpledge.core import clock
from frankpledge.evidence import rules, uses
from frankpledge.evidence.queries import asking, exporting, feeding
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.formats import odata
from frankpledge.sharing.enums import UseKind

_JSON = "application/json;odata.metadata=minimal;charset=utf-8"


def _said(view: Any) -> Any:
    """Says every refusal as a problem; whoever came without a key is asked for one."""

    @wraps(view)
    def answered(request: HttpRequest, **given: Any) -> HttpResponse:
        try:
            response: HttpResponse = view(request, **given)
        except odata.BadOption as error:
            return Problem(error.status, str(error)).response()
        except rules.UnableToAsk as error:
            return Problem(400, str(error)).response()
        except (Http404, NotAllowed, Refused) as error:
            return _refusal(request, error).response()
        response["OData-Version"] = "4.0"
        return response

    return require_safe(answered)


def _refusal(request: HttpRequest, error: Exception) -> Problem:
    if request.actor.is_public:
        return Problem(
            401,
            "This is not there, or not for everybody.",
            "Send a key that reads figures, as the password of Basic authentication.",
            headers=SAY_BASIC,
        )
    if isinstance(error, Refused):
        return Problem(403, error.sentence)
    return not_found()


def _root(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("odata"))


@_said
def service(request: HttpRequest) -> HttpResponse:
    sets = feeding.sets(actor=request.actor)
    named = [{"name": name, "kind": "EntitySet", "url": name} for name in sets]
    return _json({"@odata.context": f"{_root(request)}$metadata", "value": named})


@_said
def metadata(request: HttpRequest) -> HttpResponse:
    sets = {name: each.by for name, each in feeding.sets(actor=request.actor).items()}
    return HttpResponse(odata.metadata(sets), content_type="application/xml")


@_said
def rows(request: HttpRequest, name: str) -> HttpResponse:
    answer, given = _answered(request, name)
    table = exporting.labelled(answer).table
    by = answer.question.by
    page = odata.page_of(odata.entities(table, by), by, given)
    chosen = f"({','.join(page.selected)})" if page.selected else ""
    told: dict[str, Any] = {"@odata.context": f"{_root(request)}$metadata#{name}{chosen}"}
    if page.counted:
        told["@odata.count"] = page.count
    told["value"] = page.rows
    if page.next is not None:
        more = urlencode({**given, "$skiptoken": str(page.next)}, safe="$")
        told["@odata.nextLink"] = f"{request.build_absolute_uri(request.path)}?{more}"
    _note(request, answer)
    return _json(told)


@_said
def count(request: HttpRequest, name: str) -> HttpResponse:
    answer, given = _answered(request, name)
    by = answer.question.by
    page = odata.page_of(odata.entities(answer.table, by), by, given)
    _note(request, answer)
    return HttpResponse(str(page.count), content_type="text/plain")


def _answered(request: HttpRequest, name: str) -> tuple[Answer, dict[str, str]]:
    given = request.GET.dict()
    question = feeding.question_of(actor=request.actor, name=name, given=given)
    return asking.answer(actor=request.actor, question=question, on=clock.today()), given


def _note(request: HttpRequest, answer: Answer) -> None:
    uses.note_answer(actor=request.actor, answer=answer, how=UseKind.EXPORTED, now=clock.now())


def _json(told: dict[str, Any]) -> HttpResponse:
    return JsonResponse(told, content_type=_JSON, json_dumps_params={"ensure_ascii": False})
