"""The fields a form declares. Each knows how it looks and says in plain words what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

MONTHS = tuple(date(2000, month, 1).strftime("%B").lower() for month in range(1, 13))


@dataclass(frozen=True)
class Choice:
    """One radio or checkbox. `reveals` names fields of the same form shown when it is chosen."""

    value: str
    label: str
    hint: str = ""
    reveals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """How a field is drawn; the words are the field's own label and hint."""

    width: str = ""
    autocomplete: str = ""
    inputmode: str = ""
    prefix: str = ""
    suffix: str = ""
    rows: int = 5
    inline: bool = False
    heading: bool = False
    spellcheck: bool | None = None


def sentence_part(label: str) -> str:
    """A label as it reads inside a sentence: "Start date" becomes "start date", "CSP" stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


class Styled:
    """What every field of ours takes: label, hint, look, and the sentence when nothing is given."""

    look: Look
    verb = "Enter"

    def __init__(
        self,
        *,
        label: str,
        hint: str = "",
        missing: str = "",
        look: Look | None = None,
        **rest: Any,
    ) -> None:
        self.look = look or Look()
        asks = label.endswith("?")
        missing = missing or (
            f"Answer “{label}”" if asks else f"{self.verb} {sentence_part(label)}"
        )
        messages = {"required": missing, **rest.pop("error_messages", {})}
        super().__init__(label=label, help_text=hint, error_messages=messages, **rest)

    @property
    def named(self) -> str:
        """What a sentence about the field begins with: its label, or the answer to its question."""
        label = str(self.label)  # type: ignore[attr-defined]
        return f"The answer to “{label}”" if label.endswith("?") else label


class Text(Styled, forms.CharField):
    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        if self.max_length is not None:
            _say(self, "max_length", f"{self.named} must be {self.max_length} characters or fewer")


class TextArea(Text):
    """Long text. With `max_length` the page counts the characters that are left."""

    widget = forms.Textarea


class Email(Styled, forms.EmailField):
    def __init__(self, **rest: Any) -> None:
        rest.setdefault("look", Look(autocomplete="email", spellcheck=False))
        super().__init__(**rest)
        _say(self, "invalid", "Enter an email address, like name@example.com")


def _say(field: forms.Field, code: str, sentence: str) -> None:
    """The field's own sentence for one kind of fault, whichever validator finds it."""
    field.error_messages[code] = sentence
    for validator in field.validators:
        if getattr(validator, "code", "") == code:
            validator.message = sentence


class Whole(Styled, forms.IntegerField):
    """A whole number; thousands may carry commas."""

    widget = forms.TextInput

    def __init__(self, **rest: Any) -> None:
        rest.setdefault("look", Look(width="5", inputmode="numeric", spellcheck=False))
        super().__init__(**rest)
        _say(self, "invalid", f"{self.named} must be a whole number, like 120")
        _say(self, "min_value", f"{self.named} must be {self.min_value} or more")
        _say(self, "max_value", f"{self.named} must be {self.max_value} or less")

    def to_python(self, value: Any) -> int | None:
        return super().to_python(value.replace(",", "") if isinstance(value, str) else value)


class Number(Styled, forms.DecimalField):
    """A number that may have decimals; exact."""

    widget = forms.TextInput

    def __init__(self, **rest: Any) -> None:
        rest.setdefault("look", Look(width="5", inputmode="decimal", spellcheck=False))
        super().__init__(**rest)
        _say(self, "invalid", f"{self.named} must be a number, like 2.5")
        _say(self, "min_value", f"{self.named} must be {self.min_value} or more")
        _say(self, "max_value", f"{self.named} must be {self.max_value} or less")

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", "") if isinstance(value, str) else value)


class Money(Styled, forms.Field):
    """An amount in pounds as people type it; the clean value is whole pence."""

    widget = forms.TextInput
    _FORM = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?")

    def __init__(self, *, least: int = 0, most: int = 99_999_999_999, **rest: Any) -> None:
        rest.setdefault("look", Look(width="10", inputmode="decimal", prefix="£", spellcheck=False))
        super().__init__(**rest)
        self.least, self.most = least, most

    def to_python(self, value: Any) -> int | None:
        typed = str(value or "").strip().lstrip("£").replace(" ", "")
        if not typed:
            return None
        match = self._FORM.fullmatch(typed)
        if match is None:
            raise ValidationError(
                f"{self.named} must be an amount of money, like 1,250 or 1,250.50", "invalid"
            )
        pounds = typed.split(".")[0].replace(",", "")
        return int(pounds) * 100 + int((match[1] or "").ljust(2, "0"))

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is not None and value < self.least:
            raise ValidationError(f"{self.named} must be {pounds(self.least)} or more", "least")
        if value is not None and value > self.most:
            raise ValidationError(f"{self.named} must be {pounds(self.most)} or less", "most")

    def prepare_value(self, value: Any) -> Any:
        return pounds(value).lstrip("£") if isinstance(value, int) else value


def pounds(pence: int) -> str:
    """Pence as people read them: 125050 is £1,250.50, and whole pounds carry no pence."""
    sign, pence = ("−" if pence < 0 else ""), abs(pence)
    return f"{sign}£{pence // 100:,}" + (f".{pence % 100:02d}" if pence % 100 else "")


class DateParts(forms.Widget):
    """Day, month and year in three boxes, or month and year in two."""

    def __init__(self, parts: Sequence[str] = ("day", "month", "year")) -> None:
        super().__init__()
        self.parts = tuple(parts)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if not any(f"{name}-{part}" in data for part in self.parts):
            return _iso_parts(str(data.get(name) or ""), self.parts)
        return tuple(str(data.get(f"{name}-{part}") or "").strip() for part in self.parts)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and not any(f"{name}-{part}" in data for part in self.parts)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-{self.parts[0]}"

    def boxes(self, value: Any) -> dict[str, str]:
        """What each box shows, for a date or for what was typed."""
        if isinstance(value, date):
            return {part: str(getattr(value, part)) for part in self.parts}
        if isinstance(value, tuple) and len(value) == len(self.parts):
            return dict(zip(self.parts, value, strict=True))
        return dict.fromkeys(self.parts, "")


def _iso_parts(text: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and other programs give a date as 2026-01-22 or a month as 2026-01."""
    found = text.strip().split("-")
    if not text.strip():
        return ("",) * len(parts)
    found = found[::-1][-len(parts) :]
    return tuple(([""] * len(parts) + found)[-len(parts) :])


class Date(Styled, forms.Field):
    """A date in three boxes; accepts 3 or 03, mar or March, and a whole date in the first box."""

    parts: tuple[str, ...] = ("day", "month", "year")
    kind = "date"
    example = "27 3 2026"

    def __init__(
        self, *, earliest: date | None = None, latest: date | None = None, **rest: Any
    ) -> None:
        super().__init__(widget=DateParts(self.parts), **rest)
        self.earliest, self.latest = earliest, latest

    def clean(self, value: Any) -> date | None:
        if isinstance(value, date):
            return value
        typed = _spread(tuple(value or ("",) * len(self.parts)), len(self.parts))
        if not any(typed):
            if self.required:
                raise ValidationError(self.error_messages["required"], "required")
            return None
        found = self._read(typed)
        self._within(found)
        return found

    def _read(self, typed: tuple[str, ...]) -> date:
        absent = [part for part, text in zip(self.parts, typed, strict=True) if not text]
        if absent:
            listed = " and ".join(f"a {part}" for part in absent)
            raise ValidationError(f"{self.named} must include {listed}", " ".join(absent))
        given = dict(zip(self.parts, typed, strict=True))
        day = _number(given.get("day", "1"), 1, 31)
        month = _month(given["month"])
        year = _number(given["year"], 1000, 9999)
        if day is None:
            raise ValidationError(f"{self.named} must have a day between 1 and 31", "day")
        if month is None:
            raise ValidationError(
                f"{self.named} must have a month between 1 and 12, or its name", "month"
            )
        if year is None:
            raise ValidationError(f"{self.named} must have a year of 4 numbers", "year")
        try:
            return date(year, month, day)
        except ValueError:
            raise ValidationError(f"{self.named} must be a real date", "day month year") from None

    def _within(self, found: date) -> None:
        if self.earliest and found < self.earliest:
            raise ValidationError(
                f"{self.named} must be {self.written(self.earliest)} or later", "earliest"
            )
        if self.latest and found > self.latest:
            raise ValidationError(
                f"{self.named} must be {self.written(self.latest)} or earlier", "latest"
            )

    def written(self, value: date) -> str:
        return f"{value.day} {value:%B %Y}"


class Month(Date):
    """A month and year in two boxes; the clean value is the first day of the month."""

    parts = ("month", "year")
    kind = "month"
    example = "3 2026"

    def written(self, value: date) -> str:
        return f"{value:%B %Y}"


def _spread(typed: tuple[str, ...], size: int) -> tuple[str, ...]:
    """A whole date typed or pasted into the first box is spread over all of them."""
    if typed[0] and not any(typed[1:]):
        pieces = [piece for piece in re.split(r"[\s/.,-]+", typed[0]) if piece]
        if len(pieces) == size:
            return tuple(pieces[::-1] if len(pieces[0]) == 4 else pieces)
    return typed


def _number(text: str, least: int, most: int) -> int | None:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        return None
    return int(text) if least <= int(text) <= most else None


def _month(text: str) -> int | None:
    name = text.lower().rstrip(".")
    for number, month in enumerate(MONTHS, start=1):
        if len(name) >= 3 and month.startswith(name):
            return number
    return _number(text, 1, 12)


class Choosing(Styled):
    """Choices as `Choice`, or as value and label."""

    verb = "Select"
    extras: dict[str, Choice]

    def __init__(self, *, choices: Iterable[Choice | tuple[Any, Any]] = (), **rest: Any) -> None:
        super().__init__(**rest)
        self.set_choices(choices)
        if "invalid_choice" in self.error_messages:
            self.error_messages["invalid_choice"] = self.error_messages["required"]

    def set_choices(self, choices: Iterable[Choice | tuple[Any, Any]]) -> None:
        """Replaces the choices, for those that depend on who asks or on what there is."""
        listed = [
            choice if isinstance(choice, Choice) else Choice(str(choice[0]), str(choice[1]))
            for choice in choices
        ]
        self.extras = {choice.value: choice for choice in listed}
        self.choices = [(choice.value, choice.label) for choice in listed]

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = super().__deepcopy__(memo)  # type: ignore[misc]
        copied.extras = dict(self.extras)
        return copied


class Radios(Choosing, forms.ChoiceField):
    widget = forms.RadioSelect


class Checkboxes(Choosing, forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class Select(Choosing, forms.ChoiceField):
    """One of a long list. `empty` is what stands first, for "nothing chosen"."""

    def __init__(self, *, empty: str = "Choose one", **rest: Any) -> None:
        self.empty = empty
        super().__init__(**rest)

    def set_choices(self, choices: Iterable[Choice | tuple[Any, Any]]) -> None:
        super().set_choices([Choice("", self.empty), *choices] if self.empty else choices)


class Tick(Styled, forms.BooleanField):
    """One checkbox to agree with; `required=False` for a plain yes or no."""

    verb = "Select"


class Record(Styled, forms.ModelChoiceField):
    """One record out of those the actor may see; the view's query gives the queryset."""

    verb = "Select"

    def __init__(self, *, queryset: Any = None, radios: bool = False, **rest: Any) -> None:
        rest.setdefault("empty_label", None if radios else "Choose one")
        super().__init__(
            queryset=queryset, widget=forms.RadioSelect if radios else forms.Select, **rest
        )
        self.error_messages["invalid_choice"] = self.error_messages["required"]


class Records(Styled, forms.ModelMultipleChoiceField):
    verb = "Select"
    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, queryset: Any = None, **rest: Any) -> None:
        super().__init__(queryset=queryset, **rest)
        for code in ("invalid_choice", "invalid_pk_value"):
            self.error_messages[code] = self.error_messages["required"]


class File(Styled, forms.FileField):
    """An upload. `kinds` are endings (".csv") offered by the browser and asked for by us."""

    verb = "Select"

    def __init__(self, *, kinds: Sequence[str] = (), largest: int = 0, **rest: Any) -> None:
        super().__init__(**rest)
        self.kinds, self.largest = tuple(kinds), largest
        _say(self, "empty", "The selected file is empty. Choose another file.")
        _say(self, "invalid", "The file did not arrive. Choose it again.")

    def to_python(self, data: Any) -> UploadedFile | None:
        found = super().to_python(data)
        if found is None:
            return None
        if self.kinds and not found.name.lower().endswith(self.kinds):
            raise ValidationError(f"The selected file must be {_one_of(self.kinds)}", "kind")
        if self.largest and (found.size or 0) > self.largest:
            most = self.largest // (1024 * 1024)
            raise ValidationError(f"The selected file must be {most} MB or smaller", "largest")
        return found


def _one_of(kinds: Sequence[str]) -> str:
    names = [kind.lstrip(".").upper() for kind in kinds]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


class Once(forms.UUIDField):
    """A hidden identity for what is being made: use it as the new record's key, so that sending
    the same form twice makes one record."""

    widget = forms.HiddenInput

    def __init__(self, **rest: Any) -> None:
        super().__init__(initial=uuid4, **rest)


class Seen(forms.CharField):
    """A hidden mark of what the page showed (`core.history.seen_as`), so that saving can tell
    whether somebody else saved in the meantime."""

    widget = forms.HiddenInput

    def __init__(self, **rest: Any) -> None:
        super().__init__(required=False, max_length=16, **rest)
