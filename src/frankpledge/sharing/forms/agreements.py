"""What people type about information sharing agreements."""

from __future__ import annotations

import json
from typing import Any

from django.forms import CharField, HiddenInput

from frankpledge.access.enums import Role
from frankpledge.components.fields import (
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
from frankpledge.sharing.enums import Basis, Detail, DpiaState
from frankpledge.sharing.queries.register_file import MOST_ROWS, UnreadableRegister, rows_of
from frankpledge.sharing.rules.numbered import Split, split_numbered
from frankpledge.sharing.rules.permission import SignatureState

TAKEN = frozenset({"new", "signatures", "matrix", "register"})


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
    keeper = Record(
        label="Which post keeps it?",
        hint="Refusals name this post as the one who can change the agreement",
        required=False,
        empty_label="The county team",
    )
    parties = Records(label="Parties")
    audience = Radios(
        label="Who sees it",
        choices=[(Audience.PUBLIC, "Everybody"), (Audience.PARTNERSHIP, "The partnership")],
        initial=Audience.PARTNERSHIP,
    )
    classification = Radios(
        label="Classification", choices=Classification.choices, initial=Classification.OFFICIAL
    )

    def __init__(
        self,
        *args: Any,
        owners: Any,
        keepers: Any,
        organisations: Any,
        made: bool = False,
        **rest: Any,
    ) -> None:
        super().__init__(*args, **rest)
        self.fields["owner"].queryset = owners
        self.fields["keeper"].queryset = keepers
        self.fields["parties"].queryset = organisations
        if made:
            del self.fields["slug"]

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip()
        parts = slug.split("-")
        if not all(part.isascii() and part.isalnum() and part == part.lower() for part in parts):
            self.add_error("slug", "Short name must have only small letters, numbers and hyphens")
        elif slug in TAKEN:
            self.add_error("slug", f"Short name must be another word: {slug} is taken")
        return slug


class VersionForm(Form):
    number = Text(label="Version number", hint="For example, 4.1", max_length=12, look=Look("5"))
    what_changed = TextArea(label="What changes and why", max_length=2000)


def _words(label: str, hint: str, rows: int = 3) -> TextArea:
    return TextArea(label=label, hint=hint, required=False, max_length=4000, look=Look(rows=rows))


class RegisterForm(Form):
    """The list that the regulator's code on data sharing asks of an agreement."""

    legal_gateway = _words(
        "Legal gateway", "The law that lets or makes the parties share, with its sections"
    )
    general_basis = _words(
        "Lawful basis, general processing", "The condition of the UK GDPR that each party relies on"
    )
    law_enforcement_basis = _words(
        "Lawful basis, law-enforcement processing",
        "For competent authorities under Part 3 of the Data Protection Act 2018",
    )
    special_category = _words(
        "Special category and criminal-offence data",
        "Which of it is shared and on what condition, or that none is",
    )
    retention = _words("Retention", "How long the data is kept and how it is destroyed")
    retain_months = Whole(
        label="Months data is kept",
        hint="Empty: nothing is deleted by age",
        min_value=1,
        max_value=600,
        required=False,
    )
    access_and_rights = _words(
        "Access and individual rights",
        "Who needs access, and how requests from people about their data are answered",
    )
    security = _words("Security arrangements", "How data is sent, held and protected")
    dpia_reference = Text(
        label="Reference of the assessment",
        hint="Where the data protection impact assessment is kept",
        required=False,
        max_length=120,
    )
    dpia_state = Radios(label="Where does it stand?", choices=DpiaState.choices)
    dpia_review_on = Date(
        label="Look at the assessment again on", hint="For example, 27 3 2027", required=False
    )
    effective_from = Date(
        label="Takes effect on", hint="Empty: the day it is put in force", required=False
    )
    review_on = Date(
        label="Review the agreement on", hint="Empty: a year after it takes effect", required=False
    )
    groups = (
        Group(
            "Law",
            ("legal_gateway", "general_basis", "law_enforcement_basis", "special_category"),
        ),
        Group(
            "Keeping and protecting",
            ("retention", "retain_months", "access_and_rights", "security"),
        ),
        Group(
            "Data protection impact assessment",
            ("dpia_reference", "dpia_state", "dpia_review_on"),
            "A version comes into force only with its assessment done",
        ),
        Group("Dates", ("effective_from", "review_on")),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("dpia_state") == DpiaState.DONE:
            if not found.get("dpia_reference"):
                self.add_error("dpia_reference", "Enter the reference of the assessment done")
            if not found.get("dpia_review_on"):
                self.add_error("dpia_review_on", "Enter the day to look at the assessment again")
        return found


class LiaisonForm(Form):
    post = Record(label="Which post?", hint="Posts of the parties")
    may_sign = Radios(
        label="What does it do?",
        choices=[
            Choice("yes", "Signs for its organisation"),
            Choice("no", "Liaison officer", "May sign on behalf of the post that signs"),
        ],
    )

    def __init__(self, *args: Any, posts: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["post"].queryset = posts


class ClauseForm(Form):
    number = Text(label="Clause number", hint="For example, 4.3", max_length=12, look=Look("5"))
    parent = Record(
        label="Stands under",
        hint="Leave as it is to go by the number: 4.3 stands under 4",
        required=False,
        empty_label="As its number says",
    )
    heading = Text(label="Heading", max_length=200, required=False)
    text = TextArea(label="Words of the clause", max_length=5000, look=Look(rows=8), required=False)

    def __init__(self, *args: Any, clauses: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["parent"].queryset = clauses

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not found.get("heading") and not found.get("text"):
            self.add_error("text", "Enter a heading or the words of the clause")
        return found


class PasteForm(Form):
    """Numbered text; split and shown before it is saved."""

    text = TextArea(
        label="Text of the clauses",
        hint="Paste it with its numbers: 1, 1.1, 1.1.1. A line without a number goes on the clause",
        max_length=200_000,
        look=Look(rows=20),
    )

    @property
    def split(self) -> Split:
        return split_numbered(str(self.cleaned_data.get("text", "")))

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        for problem in split_numbered(text).problems[:10]:
            self.add_error("text", problem)
        return text


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
    starts_on = Date(label="First day", hint="Empty: the day of the version", required=False)
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
        Group("How far", ("detail", "basis", "starts_on", "expires_on")),
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
        first, last = found.get("starts_on"), found.get("expires_on")
        if first and last and last < first:
            self.add_error("expires_on", "Last day must be on or after the first day")
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
    post = Radios(label="Sign as", choices=[])
    agree = Tick(
        label="I have read these words and sign them for the organisation",
        missing="Tick the box to sign",
    )

    def __init__(self, *args: Any, ways: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.ways = {way.value: way for way in ways}
        field = self.fields["post"]
        field.set_choices((value, way.label) for value, way in self.ways.items())
        for code in ("required", "invalid_choice"):
            field.error_messages[code] = "Select the post you sign as"

    @property
    def way(self) -> Any:
        return self.ways[self.cleaned_data["post"]]


class PaperForm(Form):
    post = Record(label="Who signed it?", hint="The post, as on the paper")
    signed_on = Date(label="When?", hint="For example, 27 3 2026")

    def __init__(self, *args: Any, posts: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["post"].queryset = posts


class RevokeForm(Form):
    because = TextArea(label="Why is the signature taken back?", max_length=1000, look=Look(rows=3))


class BoardFilter(Filter):
    agreement = Record(label="Agreement", empty_label="All")
    state = Radios(
        label="Signature",
        choices=[
            ("", "All"),
            (SignatureState.CURRENT.value, "Current"),
            (SignatureState.OLD.value, "Older version only"),
            (SignatureState.REVOKED.value, "Taken back"),
            (SignatureState.NEVER.value, "Never"),
        ],
        look=Look(width="small"),
    )

    def __init__(self, data: Any, *, agreements: Any, **rest: Any) -> None:
        super().__init__(data, **rest)
        self.fields["agreement"].queryset = agreements


class MatrixFilter(Filter):
    provider = Record(label="From", empty_label="All")
    dataset = Record(label="Data", empty_label="All")
    reader = Select(label="For", choices=[], empty="All")

    def __init__(
        self, data: Any, *, providers: Any, datasets: Any, readers: Any, **rest: Any
    ) -> None:
        super().__init__(data, **rest)
        self.fields["provider"].queryset = providers
        self.fields["dataset"].queryset = datasets
        self.fields["reader"].set_choices((each, each) for each in readers)


class WhatIfForm(Filter):
    without = Record(label="Which clause would lapse?", empty_label="Choose a clause")

    def __init__(self, data: Any, *, clauses: Any, **rest: Any) -> None:
        super().__init__(data, **rest)
        field = self.fields["without"]
        field.queryset = clauses
        field.label_from_instance = lambda clause: f"{clause} ({clause.version.agreement})"


class RegisterFileForm(Form):
    """The file; once it has been read, its rows (`lines`) are sent along instead."""

    owner = Record(label="Which body keeps these agreements?")
    file = File(label="File", kinds=(".xlsx", ".csv"), largest=5 * 1024 * 1024)
    lines = CharField(required=False, max_length=1_000_000, widget=HiddenInput)

    def __init__(self, *args: Any, owners: Any, again: bool = False, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["owner"].queryset = owners
        self.fields["file"].help_text = "An Excel (xlsx) or CSV file of up to 5 MB"
        self.fields["file"].required = not again

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors:
            self._read(found)
        return found

    def _read(self, found: dict[str, Any]) -> None:
        """The rows of the file, or those of one that was read before."""
        file = found.get("file")
        try:
            self.rows = (
                rows_of(file.read(), file.name) if file else _rows_again(found.get("lines") or "")
            )
        except UnreadableRegister as error:
            self.add_error("file", str(error))

    rows: list[dict[str, str]] = []

    @property
    def as_lines(self) -> str:
        """The rows read, to be sent again with the confirmation."""
        return json.dumps(self.rows)


def _rows_again(lines: str) -> list[dict[str, str]]:
    try:
        found = json.loads(lines)
        return [{str(k): str(v) for k, v in row.items()} for row in found][:MOST_ROWS]
    except (ValueError, AttributeError, TypeError):
        raise UnreadableRegister("The file did not arrive. Choose it again.") from None
