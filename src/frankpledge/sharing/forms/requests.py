"""What people type when they ask for data, decide, or look for a use."""

from __future__ import annotations

from typing import Any

from frankpledge.components.fields import (
    Checkboxes,
    Choice,
    Date,
    Look,
    Radios,
    Record,
    Text,
    TextArea,
)
from frankpledge.components.forms import Form
from frankpledge.components.tables import Filter
from frankpledge.sharing.enums import Detail, UseKind


class UseFilter(Filter):
    provider = Record(label="Whose data", empty_label="All")
    dataset = Record(label="Data", empty_label="All")
    how = Checkboxes(label="How", choices=UseKind.choices, look=Look(width="small"))
    since = Date(label="From")
    until = Date(label="To")

    def __init__(self, data: Any, *, providers: Any, datasets: Any, **rest: Any) -> None:
        super().__init__(data, **rest)
        self.fields["provider"].queryset = providers
        self.fields["dataset"].queryset = datasets


class AskForDataForm(Form):
    dataset = Record(label="Which data?")
    provider = Record(label="Whose?")
    recipient = Record(label="For which organisation?", hint="Its people will read the data")
    purpose = Text(label="What for?", hint="Such as: strategic assessment", max_length=200)
    reason = TextArea(label="Why is it needed?", hint="Say what cannot be done without it")
    detail = Radios(label="How finely?", choices=Detail.choices)
    starts_on = Date(label="From", hint="For example, 27 3 2026")
    expires_on = Date(label="Until", hint="The last day, two years at most")

    def __init__(self, *args: Any, choices: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["dataset"].queryset = choices.datasets
        self.fields["provider"].queryset = choices.providers
        self.fields["recipient"].queryset = choices.recipients


class DecideRequestForm(Form):
    granted = Radios(
        label="What do you decide?",
        choices=[
            Choice("yes", "Grant it", reveals=("clause",)),
            Choice("no", "Refuse it"),
        ],
    )
    clause = Record(label="Which clause does it rest on?", required=False)
    why = TextArea(label="Why?")

    def __init__(self, *args: Any, clauses: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["clause"].queryset = clauses
