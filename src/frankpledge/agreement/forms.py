from typing import Any

from frankpledge.agreement.enums import ChangeKind
from frankpledge.agreement.models import AgreementVersion
from frankpledge.agreement.queries.parts import PARTS
from frankpledge.agreement.rules import NUMBER, parts_in
from frankpledge.components.fields import (
    Choice,
    Date,
    Look,
    Radios,
    Record,
    Records,
    Seen,
    Text,
    TextArea,
)
from frankpledge.components.forms import Form


class DraftForm(Form):
    number = Text(label="Number of the new version", hint="For example, 7.0", max_length=10)
    effective_from = Date(label="Effective from", hint="For example, 1 4 2026")
    cycle = Record(
        label="Which cycle of assessments does it bring together?",
        hint="It must be closed before this version is published",
        required=False,
    )

    def __init__(self, *args: Any, cycles: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["cycle"].queryset = cycles

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if not NUMBER.fullmatch(number):
            self.add_error("number", "Write the number with digits and points, such as 7.0")
        return number


class CycleForm(Form):
    cycle = Record(
        label="Which cycle of assessments does it bring together?",
        hint="It must be closed before this version is published",
        required=False,
    )

    def __init__(self, *args: Any, cycles: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["cycle"].queryset = cycles


class ChapterForm(Form):
    seen = Seen()
    title = Text(label="Title", max_length=150)
    text = TextArea(
        label="Text",
        hint=(
            "Begin a paragraph with a number such as 1.1 to have it numbered. "
            "A line such as [[priorities]] brings in what the records say."
        ),
        max_length=60_000,
        look=Look(rows=22),
        required=False,
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        unknown = [part for part in parts_in(text) if part not in PARTS]
        if unknown:
            known = ", ".join(sorted(PARTS))
            self.add_error("text", f"There is no part called {unknown[0]}. There are: {known}.")
        return text


class NotesForm(Form):
    """One note a chapter, and one for the document as a whole."""

    def __init__(self, *args: Any, version: AgreementVersion, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["seen"] = Seen()
        self.keys = ["", *(chapter.key for chapter in version.chapters.all())]
        labels = {"": "The document as a whole"} | {
            chapter.key: str(chapter) for chapter in version.chapters.all()
        }
        for key in self.keys:
            self.fields[f"note-{key}"] = Text(label=labels[key], required=False, max_length=400)

    @staticmethod
    def initial_of(version: AgreementVersion) -> dict[str, str]:
        return {f"note-{note.chapter_key}": note.text for note in version.change_notes.all()}

    def notes(self) -> list[tuple[str, str]]:
        typed = [(key, self.cleaned_data[f"note-{key}"].strip()) for key in self.keys]
        return [(key, text) for key, text in typed if text]


class ProposalForm(Form):
    priority = Record(label="Which priority?", required=False)
    kind = Radios(
        label="What is proposed?",
        choices=[
            Choice(ChangeKind.WIDENED, "Widen it", reveals=("new_name", "new_scope")),
            Choice(ChangeKind.RENAMED, "Rename it", reveals=("renamed",)),
            Choice(ChangeKind.ADDED, "Add a new priority", reveals=("added", "added_scope")),
            Choice(ChangeKind.DEMOTED, "Make it a cross-cutting theme"),
            Choice(ChangeKind.REMOVED, "Remove it"),
            Choice(ChangeKind.KEPT, "Keep it as it is, after review"),
        ],
    )
    new_name = Text(label="New name", required=False, max_length=150)
    new_scope = TextArea(
        label="What it would include", required=False, max_length=500, look=Look(rows=3)
    )
    renamed = Text(label="Its new name", max_length=150)
    added = Text(label="Name of the new priority", max_length=150)
    added_scope = TextArea(
        label="What the new priority would include",
        required=False,
        max_length=500,
        look=Look(rows=3),
    )
    reason = TextArea(label="Why?", max_length=3_000, look=Look(rows=6))
    findings = Records(label="Which Findings is it based on?", required=False)
    issues = Records(label="Which issues does it answer?", required=False)

    def __init__(self, *args: Any, priorities: Any, findings: Any, issues: Any, **rest: Any):
        super().__init__(*args, **rest)
        self.fields["priority"].queryset = priorities
        self.fields["findings"].queryset = findings
        self.fields["issues"].queryset = issues

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") not in (None, ChangeKind.ADDED) and not cleaned.get("priority"):
            self.add_error("priority", "Choose the priority that would change")
        return cleaned

    def change(self) -> dict[str, Any]:
        """The fields of the proposal, whichever boxes were revealed."""
        given = self.cleaned_data
        kind = given["kind"]
        priority = None if kind == ChangeKind.ADDED else given["priority"]
        return {
            "kind": kind,
            "priority": priority,
            "name": given["added"] if priority is None else priority.name,
            "new_name": given["renamed"] or given["new_name"] or "",
            "new_scope": given["added_scope"] or given["new_scope"] or "",
            "reason": given["reason"],
        }


class DecisionForm(Form):
    agreed = Radios(
        label="What was decided?",
        choices=[
            Choice("yes", "Agreed", reveals=("version",)),
            Choice("no", "Not agreed"),
        ],
    )
    version = Record(label="Which draft brings it in?")
    decided_by = Text(
        label="Who decided?", hint="The body and the date of its meeting", max_length=200
    )

    def __init__(self, *args: Any, drafts: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["version"].queryset = drafts
