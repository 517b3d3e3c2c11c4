"""What a field's template needs to know, worked out from any Django field, ours or a library's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from frankpledge.components.fields import Choosing, DateParts, Look, TextArea, sentence_part

NONE = SafeString("")


@dataclass(frozen=True)
class Option:
    id: str
    value: str
    label: str
    chosen: bool
    hint: str = ""
    revealed: list[FieldView] = field(default_factory=list)


@dataclass(frozen=True)
class Box:
    """One part of a date."""

    id: str
    name: str
    label: str
    value: str
    wrong: bool
    width: str
    autocomplete: str


@dataclass(frozen=True)
class FieldView:
    template: str
    id: str
    first_id: str
    name: str
    label: str
    hint: str
    errors: list[str]
    look: Look
    optional: bool
    value: str = ""
    attributes: SafeString = NONE
    described_by: str = ""
    options: list[Option] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    limit: int = 0
    multiple: bool = False

    @property
    def hint_id(self) -> str:
        return f"{self.id}-hint"

    @property
    def error_id(self) -> str:
        return f"{self.id}-error"


_TEMPLATES: tuple[tuple[type, str], ...] = (
    (forms.Textarea, "textarea"),
    (forms.CheckboxSelectMultiple, "checkboxes"),  # which Django derives from RadioSelect
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "tick"),
    (forms.Select, "select"),
    (DateParts, "date"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
)


def draw(bound: BoundField) -> FieldView:
    """The view of one field, with its value or what was typed, and its faults."""
    kind = next((t for w, t in _TEMPLATES if isinstance(bound.field.widget, w)), "text")
    identity = bound.auto_id or f"id_{bound.html_name}"
    errors = [_error(str(error), str(bound.label)) for error in bound.errors]
    look = _look(bound)
    hint = str(bound.help_text or "")
    described = [f"{identity}-hint"] * bool(hint) + [f"{identity}-error"] * bool(errors)
    limit = getattr(bound.field, "max_length", None) or 0
    if kind == "textarea" and limit and isinstance(bound.field, TextArea):
        described.append(f"{identity}-info")
    else:
        limit = 0
    boxes = _boxes(bound, identity) if kind == "date" else []
    options = _options(bound, identity) if kind in {"radios", "checkboxes", "select"} else []
    return FieldView(
        template=f"components/fields/{kind}.html",
        id=identity,
        first_id=_first_id(kind, identity, boxes),
        name=bound.html_name,
        label=str(bound.label),
        hint=hint,
        errors=errors,
        look=look,
        optional=(
            getattr(bound.form, "says_optional", True)
            and not bound.field.required
            and kind != "tick"
        ),
        value=_value(bound, kind),
        attributes=flatatt(_attributes(bound, kind, look, " ".join(described))),
        described_by=" ".join(described),
        options=options,
        boxes=boxes,
        limit=limit,
        multiple=bool(getattr(bound.field.widget, "allow_multiple_selected", False)),
    )


def _error(sentence: str, label: str) -> str:
    """Fields of libraries do not say what is missing."""
    return f"Enter {sentence_part(label)}" if sentence == _("This field is required.") else sentence


def _look(bound: BoundField) -> Look:
    look = getattr(bound.field, "look", None)
    return look if isinstance(look, Look) else Look()


def _first_id(kind: str, identity: str, boxes: list[Box]) -> str:
    if kind == "date":
        return next((box.id for box in boxes if box.wrong), boxes[0].id)
    return f"{identity}_0" if kind in {"radios", "checkboxes"} else identity


def _value(bound: BoundField, kind: str) -> str:
    if kind in {"file", "password", "date"}:
        return ""
    value = bound.value()
    if kind == "tick":
        return "on" if bound.field.widget.check_test(value) else ""
    if isinstance(value, list | tuple):
        return ""
    return "" if value is None else str(bound.field.widget.format_value(value) or "")


def _attributes(bound: BoundField, kind: str, look: Look, described: str) -> dict[str, Any]:
    given = bound.field.widget.attrs
    plain = kind in {"text", "password", "textarea", "select", "file", "tick"}
    found: dict[str, Any] = {
        "aria-describedby": described if plain else "",
        "autocomplete": look.autocomplete or given.get("autocomplete", ""),
        "inputmode": look.inputmode or given.get("inputmode", ""),
        "spellcheck": "" if look.spellcheck is None else str(look.spellcheck).lower(),
        "accept": ",".join(getattr(bound.field, "kinds", ())) if kind == "file" else "",
        "multiple": kind == "file" and bool(given.get("multiple")),
        "disabled": bool(bound.field.disabled),
    }
    if isinstance(bound.field, forms.EmailField):
        found["type"] = "email"
    elif kind == "text":
        found["type"] = getattr(bound.field.widget, "input_type", None) or "text"
    return {key: value for key, value in found.items() if value not in ("", None, False)}


def _options(bound: BoundField, identity: str) -> list[Option]:
    extras = bound.field.extras if isinstance(bound.field, Choosing) else {}
    form: Any = bound.form
    found: list[Option] = []
    for index, data in enumerate(_flat(bound)):
        extra = extras.get(str(data["value"]))
        names = extra.reveals if extra else ()
        found.append(
            Option(
                id=f"{identity}_{index}",
                value=str(data["value"]),
                label=str(data["label"]),
                chosen=bool(data["selected"]),
                hint=extra.hint if extra else "",
                revealed=[draw(form[name]) for name in names],
            )
        )
    return found


def _flat(bound: BoundField) -> list[dict[str, Any]]:
    context = bound.field.widget.get_context(bound.html_name, bound.value(), {})
    return [
        option for _group, options, _index in context["widget"]["optgroups"] for option in options
    ]


def _boxes(bound: BoundField, identity: str) -> list[Box]:
    widget = bound.field.widget
    shown = widget.boxes(bound.value())
    faults = bound.errors.as_data() if bound.errors else []
    named = {part for fault in faults for part in (fault.code or "").split()} & set(widget.parts)
    wrong = named or (set(widget.parts) if faults else set())
    birthday = _look(bound).autocomplete == "bday"
    return [
        Box(
            id=f"{identity}-{part}",
            name=f"{bound.html_name}-{part}",
            label=part.capitalize(),
            value=shown[part],
            wrong=part in wrong,
            width="4" if part == "year" else "3" if len(shown[part]) > 2 else "2",
            autocomplete=f"bday-{part}" if birthday else "",
        )
        for part in widget.parts
    ]
