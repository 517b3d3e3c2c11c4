"""Tags for the parts of a page. `{% load components %}`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frankpledge.components import drawing
from frankpledge.components.fields import pounds
from frankpledge.components.parts import Download, Event, Fact, Tab, Task
from frankpledge.components.tables import NUMERIC

register = template.Library()


# Forms


@register.simple_tag
def field(bound: BoundField | drawing.FieldView, hint: str | None = None) -> SafeString:
    """One field with label, hint, error and input, of our forms or of a library's.

    `hint` replaces the hint of a library's field.
    """
    if hint is not None and isinstance(bound, BoundField):
        bound.help_text = hint
    view = drawing.draw(bound) if isinstance(bound, BoundField) else bound
    return template.loader.get_template(view.template).render({"field": view})


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    return {"faults": faults(form)}


def faults(form: Any) -> list[tuple[str, str]]:
    """Sentences and addresses for the error summary of any Django form."""
    if form is None or not getattr(form, "is_bound", False):
        return []
    if hasattr(form, "faults"):
        return list(form.faults())
    found = [(str(sentence), "") for sentence in form.non_field_errors()]
    for bound in form:
        view = drawing.draw(bound)
        found += [(sentence, f"#{view.first_id}") for sentence in view.errors]
    return found


@register.inclusion_tag("components/form.html", takes_context=True)
def form_page(
    context: Any,
    form: Any,
    submit: str = "Save",
    *,
    cancel: str = "",
    action: str = "",
    warning: bool = False,
    summary: bool = True,
) -> dict[str, Any]:
    """A whole form: error summary, fields, button, and a link to leave it alone."""
    return {
        "csrf_token": context.get("csrf_token"),
        "form": form,
        "submit": submit,
        "cancel": cancel,
        "action": action,
        "warning": warning,
        "summary": summary,
    }


@register.inclusion_tag("components/check_answers.html", takes_context=True)
def check_answers(context: Any, form: Any, submit: str = "Confirm and save") -> dict[str, Any]:
    return {"csrf_token": context.get("csrf_token"), "form": form, "submit": submit}


# Things people do


@register.inclusion_tag("components/act.html", takes_context=True)
def act(
    context: Any,
    decision: Any,
    label: str,
    url: str,
    *,
    post: bool = False,
    kind: str = "",
    about: str = "",
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    """A button for what a Decision allows; what it refuses is shown with the reason beside it.

    `about` completes the label for screen readers, `kind` is "secondary" or "warning", and
    `post` sends instead of opening (with `name` and `value` if a value goes along).
    """
    allowed = bool(decision if isinstance(decision, bool) else decision.allowed)
    return {
        "csrf_token": context.get("csrf_token"),
        "allowed": allowed,
        "reason": "" if allowed else str(getattr(decision, "reason", "")),
        "label": label,
        "url": url,
        "post": post,
        "kind": kind,
        "about": about,
        "name": name,
        "value": value,
        "id": "reason-" + "".join(c if c.isalnum() else "-" for c in f"{label} {about}").strip("-"),
    }


# Facts


@register.inclusion_tag("components/summary_list.html")
def summary_list(facts: Sequence[Fact], *, title: str = "") -> dict[str, Any]:
    return {"facts": facts, "title": title, "changes": any(fact.change_url for fact in facts)}


@register.inclusion_tag("components/task_list.html")
def task_list(tasks: Sequence[Task], prefix: str = "task") -> dict[str, Any]:
    return {"tasks": tasks, "prefix": prefix}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Sequence[Event], *, level: int = 3) -> dict[str, Any]:
    return {"events": events, "level": level}


@register.inclusion_tag("components/tabs.html", takes_context=True)
def tabs(context: Any, items: Sequence[Tab], title: str = "Contents") -> dict[str, Any]:
    return {**context.flatten(), "tabs": items, "tabs_title": title}


@register.simple_tag
def tag(text: str, colour: str = "") -> SafeString:
    """A word in a coloured box; the word alone must say it all."""
    modifier = f" govuk-tag--{colour}" if colour else ""
    return format_html('<strong class="govuk-tag{}">{}</strong>', modifier, text)


@register.simple_block_tag
def details(content: str, summary: str, open: bool = False, about: object = "") -> SafeString:
    """Something to unfold. `about` completes the summary for screen readers."""
    hidden = format_html('<span class="govuk-visually-hidden">: {}</span>', about) if about else ""
    return format_html(
        '<details class="govuk-details"{}><summary class="govuk-details__summary">'
        '<span class="govuk-details__summary-text">{}{}</span></summary>'
        '<div class="govuk-details__text">{}</div></details>',
        SafeString(" open") if open else "",
        summary,
        hidden,
        content,
    )


@register.inclusion_tag("components/pagination.html")
def pagination(pages: Any) -> dict[str, Any]:
    return {"pages": pages}


# Tables and figures


@register.inclusion_tag("components/list.html", takes_context=True)
def list_page(context: Any, table: Any) -> dict[str, Any]:
    """A declared table with its filter beside it, downloads, pages, or its empty state."""
    return {"table": table}


@register.inclusion_tag("components/publishable.html")
def publishable(
    table: Any, id: str, *, caption: str = "", downloads: Sequence[Download] = ()
) -> dict[str, Any]:
    """A PublishableTable as it stands, with its notes and sources."""
    numeric = [column.kind in NUMERIC for column in table.columns]
    return {
        "table": table,
        "heads": list(zip(table.columns, numeric, strict=True)),
        "rows": [list(zip(row, numeric, strict=True)) for row in table.rows],
        # A row is named by its place, not by the place's code.
        "names": int(len(table.columns) > 1 and table.columns[0].key == "code"),
        "id": id,
        "caption": caption or table.title,
        "downloads": downloads,
    }


@register.inclusion_tag("components/figure.html")
def figure(
    chart: Any,
    id: str,
    *,
    downloads: Sequence[Download] = (),
    level: int = 2,
    note: str = "",
    said: str = "",
) -> dict[str, Any]:
    """A chart or map: its finding as heading, the drawing for wide and narrow, its table.

    `said` is what stands above it: a title that says the same is for screen readers only.
    """
    return {
        "chart": chart,
        "svg": SafeString(chart.svg),
        "svg_narrow": SafeString(chart.svg_narrow or chart.svg),
        "id": id,
        "downloads": downloads,
        "level": level,
        "note": note,
        "hidden": bool(said) and said.strip(" .") == chart.title.strip(" ."),
    }


# Words


@register.filter
def money(pence: int | None) -> str:
    return "" if pence is None else pounds(pence)


@register.filter
def day(value: date | datetime | None) -> str:
    """22 January 2026"""
    return "" if value is None else f"{value.day} {value:%B %Y}"


@register.filter
def read(value: Any) -> Any:
    """A value as people read it: a date in words, anything else as it is."""
    return day(value) if isinstance(value, date | datetime) else value


@register.filter
def close(text: object) -> str:
    """A sentence without its full stop, to stand inside another."""
    return str(text).removesuffix(".")


@register.filter
def month(value: date | None) -> str:
    """January 2026"""
    return "" if value is None else f"{value:%B %Y}"


@register.filter(is_safe=True)
def sentence(text: str) -> str:
    """Headings of libraries in sentence case: "Two-Factor Authentication" has one capital."""
    return " ".join(text.split()).capitalize()


@register.filter
def undo_url(message: Any) -> str:
    """Where a message that can be taken back is taken back; empty when it cannot."""
    found = [part for part in (message.extra_tags or "").split() if part.startswith("undo=")]
    return found[0].removeprefix("undo=") if found else ""
