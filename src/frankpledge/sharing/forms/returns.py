"""What people type and send in the sharing room."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from frankpledge.components.fields import (
    Checkboxes,
    Date,
    File,
    Look,
    Month,
    Radios,
    Record,
    Records,
    Text,
    Tick,
    Whole,
)
from frankpledge.components.forms import Form
from frankpledge.components.tables import Filter
from frankpledge.sharing.enums import Rhythm, SubmissionState

KINDS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt", ".json", ".parquet", ".zip")


class SendForm(Form):
    dataset = Record(label="What is in the file?", hint="The data that the agreement names")
    organisation = Record(label="Whose data is it?")
    file = File(label="File")

    def __init__(self, *args: Any, datasets: Any, organisations: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["dataset"].queryset = datasets
        self.fields["organisation"].queryset = organisations
        if len(organisations) == 1:
            self.fields["organisation"].initial = organisations[0].pk
        largest = settings.UPLOAD_LIMIT // (1024 * 1024)
        file = self.fields["file"]
        file.kinds, file.largest = KINDS, settings.UPLOAD_LIMIT
        file.help_text = (
            f"A workbook (xlsx, xls, ods), CSV, TSV, JSON or Parquet file, or a zip of these, "
            f"of up to {largest:,} MB"
        )


class ReturnFilter(Filter):
    organisation = Record(label="Organisation", empty_label="All")
    dataset = Record(label="Data", empty_label="All")
    state = Checkboxes(label="State", choices=SubmissionState.choices, look=Look(width="small"))

    def __init__(self, data: Any, *, datasets: Any, organisations: Any, **rest: Any) -> None:
        super().__init__(data, **rest)
        self.fields["dataset"].queryset = datasets
        self.fields["organisation"].queryset = organisations


class DeleteForm(Form):
    reason = Text(
        label="Why is it deleted?",
        hint="Such as: kept for the 24 months of the agreement",
        max_length=200,
    )


class HoldForm(Form):
    dataset = Record(label="Which data?")
    organisation = Record(label="Whose?", hint="Leave empty for everybody’s", required=False)
    reason = Text(label="Why must it stay?", max_length=300)

    def __init__(self, *args: Any, datasets: Any, organisations: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["dataset"].queryset = datasets
        self.fields["organisation"].queryset = organisations


class ExtendForm(Form):
    to = Date(label="Until when?", hint="For example, 27 3 2026")
    because = Text(label="Why?", max_length=200)


class ScheduleForm(Form):
    name = Text(
        label="Name", hint="Such as: the yearly request for the assessments", max_length=120
    )
    datasets = Records(label="Which data?")
    organisations = Records(label="Of whom?")
    rhythm = Radios(
        label="How often?",
        choices=[(each, each.label) for each in (Rhythm.MONTHLY, Rhythm.QUARTERLY, Rhythm.YEARLY)],
    )
    first_period = Month(label="First month of the first period", hint="For example, 10 2025")
    due_days = Whole(
        label="Days after the period that it is due",
        hint="0 is the last day of the period that follows",
        initial=0,
        min_value=0,
        max_value=366,
    )
    statutory = Tick(label="A law asks for it", required=False)
    source = Text(label="Where it is laid down", required=False, max_length=250)

    def __init__(self, *args: Any, datasets: Any, organisations: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["datasets"].queryset = datasets
        self.fields["organisations"].queryset = organisations
