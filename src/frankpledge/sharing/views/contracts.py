"""Contracts: what to fill in, the file itself, and new ones made from a sample."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from frankpledge.contracts import template
from frankpledge.sharing.queries import contracts as queries

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def template_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The workbook to fill in for a dataset."""
    found = queries.contract_page(actor=request.actor, slug=slug)
    return _file(template(found.contract), f"{found.contract.key}.xlsx", _XLSX)


def contract_file(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.contract_page(actor=request.actor, slug=slug)
    return _file(found.text.encode(), found.name, "application/yaml")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
