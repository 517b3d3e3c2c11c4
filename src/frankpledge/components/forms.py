"""The form every page uses: declared in a room, drawn here, its faults said once and linked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

from frankpledge.components import constraints
from frankpledge.components.drawing import FieldView, draw
from frankpledge.components.fields import Choosing


@dataclass(frozen=True)
class Group:
    """Fields under one heading within a form."""

    legend: str
    fields: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True)
class Answer:
    """One line of "check your answers"."""

    name: str
    label: str
    text: str


class Form(forms.Form):
    """A plain form with our fields. `groups` puts fields under headings, in that order."""

    default_renderer = TemplatesSetting()
    template_name = "components/form_fields.html"
    use_required_attribute = False
    groups: tuple[Group, ...] = ()

    def __init__(self, *args: Any, **rest: Any) -> None:
        rest.setdefault("label_suffix", "")
        super().__init__(*args, **rest)

    # Drawing

    @property
    def revealed(self) -> dict[str, tuple[str, str]]:
        """Fields that only count when a choice is made: their name → (choosing field, value)."""
        return {
            name: (chooser, value)
            for chooser, field in self.fields.items()
            if isinstance(field, Choosing)
            for value, choice in field.extras.items()
            for name in choice.reveals
        }

    def drawn(self, names: tuple[str, ...] = ()) -> list[FieldView]:
        revealed = self.revealed
        chosen = names or tuple(bound.name for bound in self.visible_fields())
        return [draw(self[name]) for name in chosen if name not in revealed]

    def sections(self) -> list[tuple[Group | None, list[FieldView]]]:
        grouped = {name for group in self.groups for name in group.fields}
        loose = tuple(b.name for b in self.visible_fields() if b.name not in grouped)
        first: list[tuple[Group | None, list[FieldView]]] = (
            [(None, self.drawn(loose))] if loose else []
        )
        return first + [(group, self.drawn(group.fields)) for group in self.groups]

    @property
    def asks_one_thing(self) -> bool:
        """The one field's label or legend is the heading of the page."""
        return any(
            getattr(getattr(f, "look", None), "heading", False) for f in self.fields.values()
        )

    def faults(self) -> list[tuple[str, str]]:
        """The error summary: each sentence with the address of the field it is about."""
        if not self.is_bound:
            return []
        found = [(str(sentence), "") for sentence in self.non_field_errors()]
        for bound in self:
            view = draw(bound)
            found += [(sentence, f"#{view.first_id}") for sentence in view.errors]
        return found

    # Reading

    def _clean_form(self) -> None:
        self._forget_what_was_not_revealed()
        super()._clean_form()

    def _forget_what_was_not_revealed(self) -> None:
        for name, (chooser, value) in self.revealed.items():
            chosen = self.cleaned_data.get(chooser)
            if chosen != value and not (isinstance(chosen, list) and value in chosen):
                self._errors.pop(name, None)
                self.cleaned_data[name] = None

    @contextmanager
    def saving(self, *expected: type[Exception]) -> Iterator[None]:
        """Around the action: a broken promise of the database, or one of the `expected` refusals
        of a rule, becomes a fault of the form instead of an error page."""
        try:
            yield
        except IntegrityError as error:
            sentence = constraints.explain(error)
            if sentence is None:
                raise
            field = sentence.field if sentence.field in self.fields else None
            self.add_error(field, sentence.text)
        except expected as error:
            self.add_error(None, str(error))

    # Checking the answers before they count

    def see(self, mark: str) -> None:
        """What the page shows now is what the next save compares with."""
        if self.is_bound:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = mark

    @property
    def stage(self) -> Literal["ask", "check", "confirmed"]:
        """Where a form that is checked before it counts has got to."""
        if not self.is_bound or not self.is_valid() or "_change" in self.data:
            return "ask"
        return "confirmed" if "_confirmed" in self.data else "check"

    def answers(self) -> list[Answer]:
        return [
            Answer(bound.name, str(bound.label), _answer_text(bound, self.cleaned_data[bound.name]))
            for bound in self.visible_fields()
            if bound.name in self.cleaned_data
            and not (bound.name in self.revealed and self.cleaned_data[bound.name] is None)
        ]

    def carried(self) -> list[tuple[str, str]]:
        """What was typed, name by name, to be sent again with the confirmation."""
        own = tuple(self.add_prefix(name) for name in self.fields)
        return [
            (key, value)
            for key in self.data
            if key in own or key.rsplit("-", 1)[0] in own
            for value in _values(self.data, key)
        ]


def _values(data: Any, key: str) -> list[str]:
    return data.getlist(key) if hasattr(data, "getlist") else [data[key]]


def _answer_text(bound: BoundField, value: Any) -> str:
    field = bound.field
    if value in (None, "", []):
        return "Not given"
    if hasattr(field, "written"):
        return str(field.written(value))
    if isinstance(field, Choosing):
        labels = [
            field.extras[str(v)].label for v in (value if isinstance(value, list) else [value])
        ]
        return ", ".join(labels)
    if isinstance(field, forms.BooleanField):
        return "Yes" if value else "No"
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(str(record) for record in value)
    prepared = field.prepare_value(value)
    if isinstance(field, forms.ModelChoiceField):
        return str(value)
    look = getattr(field, "look", None)
    return f"{look.prefix}{prepared}{look.suffix}" if look else str(prepared)


__all__ = ["NON_FIELD_ERRORS", "Answer", "Form", "Group"]
