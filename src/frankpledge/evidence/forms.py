import csv
import io
from typing import Any

from frankpledge.components.fields import (
    Choice,
    Date,
    Look,
    Month,
    Radios,
    Record,
    Text,
    TextArea,
)
from frankpledge.components.forms import Form
from frankpledge.core.markings import Audience

MOST_ROWS = 200

_AUDIENCES = [
    Choice(Audience.PARTNERSHIP, "The partnership"),
    Choice(Audience.PUBLIC, "Everybody", hint="Only what may be published"),
]


class PeriodForm(Form):
    """The fourth choice when none of the ready periods fits; works by GET."""

    says_optional = False
    start = Month(label="First month", hint="For example, 1 2025")
    end = Month(label="Last month", hint="For example, 12 2025")


class SaveForm(Form):
    sentence = TextArea(
        label="What was found",
        hint="One sentence. It is the title of the chart.",
        max_length=500,
        look=Look(rows=3),
    )
    caveat = TextArea(
        label="Anything a reader must know", required=False, max_length=500, look=Look(rows=2)
    )
    audience = Radios(label="Who may see it?", choices=_AUDIENCES)


class ExternalForm(Form):
    sentence = TextArea(
        label="What was found", hint="One sentence.", max_length=500, look=Look(rows=3)
    )
    source = Text(label="Where it comes from", hint="Title of the report or slide", max_length=250)
    owner = Record(label="Whose is it?")
    period_from = Date(label="First day it speaks of")
    period_to = Date(label="Last day it speaks of")
    table = TextArea(
        label="Its figures",
        hint="Paste them from Excel, with the headings in the first row.",
        required=False,
        max_length=20_000,
        look=Look(rows=8, spellcheck=False),
    )
    audience = Radios(label="Who may see it?", choices=_AUDIENCES[:1])

    def __init__(self, *args: Any, owners: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["owner"].queryset = owners

    def clean_table(self) -> list[list[str]]:
        text = (self.cleaned_data["table"] or "").strip("\n")
        if not text.strip():
            return []
        dialect = "excel-tab" if "\t" in text else "excel"
        try:
            read = list(csv.reader(io.StringIO(text, newline=""), dialect))
        except csv.Error:
            self.add_error("table", "These figures cannot be read. Paste them from Excel again.")
            return []
        rows = [[cell.strip() for cell in row] for row in read]
        rows = [row for row in rows if any(row)]
        if len(rows) > MOST_ROWS:
            self.add_error("table", f"Paste at most {MOST_ROWS} rows; this has {len(rows)}.")
        if rows and any(len(row) != len(rows[0]) for row in rows):
            wrong = next(i for i, row in enumerate(rows, 1) if len(row) != len(rows[0]))
            self.add_error(
                "table",
                f"Row {wrong} has {len(rows[wrong - 1])} cells and the first has {len(rows[0])}.",
            )
        return rows

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("period_from"), cleaned.get("period_to")
        if start and end and end < start:
            self.add_error("period_to", "The last day must be on or after the first day")
        return cleaned
