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
    Select,
    Text,
    TextArea,
    Tick,
    Whole,
)
from frankpledge.components.forms import Form
from frankpledge.components.tables import Filter
from frankpledge.core.markings import Audience
from frankpledge.evidence.enums import SignalState, TellWhen

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


class SignalFilter(Filter):
    dataset = Select(label="Data", empty="All data")
    area = Select(label="Place", empty="All places")
    state = Select(
        label="Show",
        empty=SignalState.OPEN.label,
        choices=[
            (SignalState.DISMISSED, SignalState.DISMISSED.label),
            (SignalState.KEPT, SignalState.KEPT.label),
            ("all", "All"),
        ],
    )
    weights = Select(label="Rank harm by", empty="The first table of weights")

    def __init__(self, data: Any, *, datasets: Any, areas: Any, weights: Any) -> None:
        super().__init__(data)
        self.fields["dataset"].set_choices(datasets)
        self.fields["area"].set_choices(areas)
        self.fields["weights"].set_choices([(each, each) for each in weights])
        if not weights:
            del self.fields["weights"]


class DismissForm(Form):
    reason = TextArea(
        label="Why is it nothing to act on?",
        hint="For example: a new way of recording since November. Others read this.",
        max_length=300,
        look=Look(rows=3, heading=True),
    )


_MOVES = "Always end with the latest month"


class SaveQuestionForm(Form):
    name = Text(label="What do you call it?", max_length=120)
    moves = Tick(
        label=_MOVES,
        hint="Otherwise it keeps asking about the same months",
        required=False,
    )


class ChangeQuestionForm(SaveQuestionForm):
    body = Record(
        label="Share it with those who have a seat on",
        hint="They see the question. Each gets the answer that they may have.",
        required=False,
    )

    def __init__(self, *args: Any, bodies: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["body"].queryset = bodies
        self.fields["body"].empty_label = "Nobody else"


class TellForm(Form):
    when = Radios(label="When do you want an e-mail?")
    number = Whole(label="Above which number?", min_value=0, max_value=100_000_000)

    def __init__(self, *args: Any, by_month: bool, **rest: Any) -> None:
        super().__init__(*args, **rest)
        offered = [
            Choice(
                when.value,
                when.label,
                reveals=("number",) if when == TellWhen.ABOVE else (),
            )
            for when in TellWhen
            if by_month or when == TellWhen.NEW_DATA
        ]
        self.fields["when"].set_choices(offered)
        if not by_month:
            del self.fields["number"]
