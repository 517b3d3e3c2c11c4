"""A new contract: its sample, and what its columns are."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from frankpledge.components.fields import File, Look, Radios, Seen, Select, Text, TextArea, Tick
from frankpledge.components.forms import Form, Group
from frankpledge.contracts import Code, Kind
from frankpledge.contracts.drafting import Draft, DraftColumn
from frankpledge.sharing.forms.returns import KINDS

_SAMPLE_LIMIT = 20 * 1024 * 1024
_KINDS = {
    Kind.TEXT: "Text",
    Kind.DATE: "A date",
    Kind.MONTH: "A month",
    Kind.TIME: "A time of day",
    Kind.WHOLE: "A whole number",
    Kind.NUMBER: "A number",
}
_ROLES = {
    "dated": ("Which column tells the day or month?", True),
    "area": ("Which column is the area?", False),
    "category": ("Which column says what kind it is?", False),
    "count": ("Which column is the count?", False),
}


def _slug(value: str) -> str:
    if value != slugify(value):
        raise ValidationError("The short name must be small letters, digits and hyphens")
    return value


class SampleForm(Form):
    title = Text(label="What is the data called?", hint="Such as: Noise calls", max_length=120)
    key = Text(
        label="Short name",
        hint="Small letters and hyphens, such as noise-calls. It cannot be changed later.",
        max_length=60,
        validators=[_slug],
        look=Look(width="20", spellcheck=False),
    )
    sample = File(
        label="Sample",
        hint="A real file as it will be sent, or a part of one. It is read, and not kept.",
        kinds=KINDS,
        largest=_SAMPLE_LIMIT,
    )


class TryForm(Form):
    sample = File(
        label="Try it on a sample",
        hint="It is checked, and not kept.",
        kinds=KINDS,
        largest=_SAMPLE_LIMIT,
    )


class DraftForm(Form):
    """Everything that may be changed of a draft."""

    seen = Seen()

    def __init__(self, *args: Any, draft: Draft, mark: str, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.draft = draft
        self.fields["seen"].initial = mark
        self.fields["title"] = Text(label="Name", max_length=120, initial=draft.title)
        self.fields["description"] = TextArea(
            label="What it is for", required=False, max_length=500, initial=draft.description
        )
        names = [(each.name, each.label) for each in draft.columns]
        initial = {**draft.roles, "dated": draft.roles.get("date") or draft.roles.get("month")}
        for role, (label, needed) in _ROLES.items():
            self.fields[f"role-{role}"] = Select(
                label=label,
                choices=names,
                empty="None",
                required=needed,
                initial=initial.get(role, ""),
            )
        self.fields["period"] = Radios(
            label="What does one return cover?",
            choices=[("month", "A month"), ("quarter", "A quarter"), ("year", "A year")],
            initial=draft.period,
            look=Look(inline=True),
        )
        self.groups = tuple(self._column(at, each) for at, each in enumerate(draft.columns))

    def _column(self, at: int, each: DraftColumn) -> Group:
        fields = {
            f"label-{at}": Text(label="Name", max_length=80, initial=each.label),
            f"kind-{at}": Select(
                label="What it holds",
                choices=[(str(kind), label) for kind, label in _KINDS.items()],
                empty="",
                initial=str(each.kind),
            ),
            f"required-{at}": Tick(label="Every row has it", required=False, initial=each.required),
            f"codes-{at}": TextArea(
                label="Values",
                hint="One a line, with its meaning after a stroke: ASB | Anti-social behaviour. "
                "Leave it empty where any text may stand.",
                required=False,
                initial="\n".join(_line(code) for code in each.codes),
            ),
            f"about-{at}": Text(
                label="What it means", required=False, max_length=300, initial=each.description
            ),
        }
        self.fields.update(fields)
        return Group(f"Column {each.header}", tuple(fields))

    @property
    def edited(self) -> Draft:
        given = self.cleaned_data
        columns = tuple(
            DraftColumn(
                each.name,
                each.header,
                given[f"label-{at}"],
                Kind(given[f"kind-{at}"]),
                given[f"required-{at}"],
                _codes(given[f"codes-{at}"]) if given[f"kind-{at}"] == Kind.TEXT else (),
                given[f"about-{at}"],
            )
            for at, each in enumerate(self.draft.columns)
        )
        kinds = {each.name: each.kind for each in columns}
        roles = {
            role: given[f"role-{role}"] for role in ("area", "category", "count")
            if given[f"role-{role}"]
        }  # fmt: skip
        dated = given["role-dated"]
        roles["month" if kinds[dated] is Kind.MONTH else "date"] = dated
        return Draft(
            self.draft.key,
            given["title"],
            columns,
            roles,
            given["description"],
            self.draft.version,
            given["period"],
        )


def _line(code: Code) -> str:
    return code.value if code.label == code.value else f"{code.value} | {code.label}"


def _codes(text: str) -> tuple[Code, ...]:
    found = []
    for line in text.splitlines():
        value, _, label = (part.strip() for part in line.partition("|"))
        if value:
            found.append(Code(value, label or value, ""))
    return tuple(found)
