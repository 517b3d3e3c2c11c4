"""What people type and send in the sharing room."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from frankpledge.access.enums import Role
from frankpledge.components.fields import (
    Checkboxes,
    Choice,
    Date,
    File,
    Look,
    Radios,
    Record,
    Records,
    Select,
    Text,
    TextArea,
    Tick,
    Whole,
)
from frankpledge.components.forms import Form, Group
from frankpledge.components.tables import Filter
from frankpledge.core.markings import Audience, Classification
from frankpledge.sharing.enums import Basis, Detail, SubmissionState

KINDS = (".csv", ".txt", ".zip")


class AgreementForm(Form):
    title = Text(label="Title", max_length=200)
    slug = Text(
        label="Short name",
        hint="For its address, in small letters with hyphens, such as information-sharing",
        max_length=80,
        look=Look(spellcheck=False),
    )
    purpose_text = TextArea(label="Purpose", hint="What the data is shared for", max_length=2000)
    owner = Record(label="Which body keeps it?")
    parties = Records(label="Parties")
    audience = Radios(
        label="Who sees it",
        choices=[(Audience.PUBLIC, "Everybody"), (Audience.PARTNERSHIP, "The partnership")],
        initial=Audience.PARTNERSHIP,
    )
    classification = Radios(
        label="Classification", choices=Classification.choices, initial=Classification.OFFICIAL
    )

    def __init__(self, *args: Any, owners: Any, organisations: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["owner"].queryset = owners
        self.fields["parties"].queryset = organisations

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip()
        parts = slug.split("-")
        if not all(part.isascii() and part.isalnum() and part == part.lower() for part in parts):
            self.add_error("slug", "Short name must have only small letters, numbers and hyphens")
        elif slug == "new":
            self.add_error("slug", "Short name must be another word: new is taken")
        return slug


class VersionForm(Form):
    number = Text(label="Version number", hint="For example, 4.1", max_length=12, look=Look("5"))
    what_changed = TextArea(label="What changes and why", max_length=2000)


class ClauseForm(Form):
    number = Text(label="Clause number", hint="For example, 4.3", max_length=12, look=Look("5"))
    order = Whole(label="Place in the agreement", hint="1 comes first", min_value=0, max_value=999)
    heading = Text(label="Heading", max_length=200)
    text = TextArea(label="Words of the clause", max_length=5000, look=Look(rows=8))


class TermForm(Form):
    clause = Record(label="Which clause does it rest on?")
    dataset = Record(label="Data")
    provider = Record(
        label="Who provides it",
        hint="Leave as it is if all do",
        required=False,
        empty_label="Every party",
    )
    recipient_role = Select(
        label="Who may read it",
        choices=[("public", "The public"), *Role.choices()],
        empty="An organisation (choose it below)",
        required=False,
    )
    recipient = Record(label="Which organisation may read it", required=False)
    purpose = Text(label="Purpose", max_length=200)
    detail = Radios(label="Finest detail", choices=Detail.choices)
    basis = Radios(
        label="What does it rest on?",
        choices=[
            Choice(
                Basis.DUTY,
                "A duty to share",
                "Goes on with a warning where a signature has lapsed",
            ),
            Choice(Basis.POWER, "A power to share", "Stops the day a signature lapses"),
        ],
    )
    expires_on = Date(label="Last day", hint="For example, 31 3 2027", required=False)
    fields_ = Text(
        label="Columns",
        hint="Names of the contract's columns with commas between; empty means all",
        required=False,
        max_length=500,
    )
    groups = (
        Group("What and from whom", ("clause", "dataset", "provider", "fields_")),
        Group("For whom and for what", ("recipient_role", "recipient", "purpose")),
        Group("How far", ("detail", "basis", "expires_on")),
    )

    def __init__(
        self, *args: Any, clauses: Any, datasets: Any, organisations: Any, **rest: Any
    ) -> None:
        super().__init__(*args, **rest)
        self.fields["clause"].queryset = clauses
        self.fields["dataset"].queryset = datasets
        self.fields["provider"].queryset = organisations
        self.fields["recipient"].queryset = organisations

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if bool(found.get("recipient_role")) == bool(found.get("recipient")):
            self.add_error("recipient_role", "Select either a role or an organisation")
        return found

    @property
    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        columns = str(given.pop("fields_") or "").split(",")
        return {**given, "fields": [each.strip() for each in columns if each.strip()]}


class PutInForceForm(Form):
    sure = Tick(
        label="The parties have agreed these words",
        missing="Tick the box to say that the parties have agreed these words",
    )


class SignForm(Form):
    post = Record(label="Sign as", radios=True, missing="Select the post you sign as")
    agree = Tick(
        label="I have read these words and sign them for the organisation",
        missing="Tick the box to sign",
    )

    def __init__(self, *args: Any, posts: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["post"].queryset = posts


class RevokeForm(Form):
    because = TextArea(label="Why is the signature taken back?", max_length=1000, look=Look(rows=3))


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
        file.help_text = f"A CSV file, or a zip of CSV files, of up to {largest:,} MB"


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
