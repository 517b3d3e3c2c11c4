"""A document as web page, PDF or Word: the marking goes on every one and into the file's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from frankpledge.core.markings import download_name
from frankpledge.documents import Document, to_docx, to_html, to_pdf

_FILES: dict[str, tuple[str, Callable[[Document], bytes]]] = {
    "pdf": ("application/pdf", to_pdf),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        to_docx,
    ),
}


def document_response(
    request: HttpRequest,
    document: Document,
    *,
    kind: str,
    stem: str,
    classification: str,
    breadcrumbs: Any = (),
) -> HttpResponse:
    """The document as asked for. Raises Http404 for a kind of file that is not made."""
    if kind == "html":
        return render(
            request,
            "components/document.html",
            {
                "document": document,
                # Every word in it was escaped when it was written.
                "body": mark_safe(to_html(document)),  # noqa: S308
                "marking": document.marking,
                "breadcrumbs": breadcrumbs,
            },
        )
    if kind not in _FILES:
        raise Http404
    content_type, make = _FILES[kind]
    response = HttpResponse(make(document), content_type=content_type)
    name = download_name(stem, classification, kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def write_files(document: Document, folder: Path, stem: str) -> list[Path]:
    """The document as web page, PDF and Word in a folder: all three are made before any is kept."""
    page = render_to_string(
        "components/document_file.html",
        {"document": document, "body": mark_safe(to_html(document))},  # noqa: S308
    )
    made = {"html": page.encode()} | {kind: make(document) for kind, (_, make) in _FILES.items()}
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, content in made.items():
        path = folder / f"{stem}.{kind}"
        path.write_bytes(content)
        paths.append(path)
    return paths
