from typing import Any

from frankpledge.assessment.enums import Mark
from frankpledge.assessment.models import Issue, ScoringModel
from frankpledge.assessment.rules import Grid, Matrix, UnableToLoad, grid, matrix
from frankpledge.components.fields import (
    Choice,
    Date,
    File,
    Look,
    Radios,
    Record,
    Seen,
    Select,
    Text,
    TextArea,
)
from frankpledge.components.forms import Answer, Form


class SectionForm(Form):
    seen = Seen()
    text = TextArea(
        label="Commentary",
        hint="Say what the Findings mean here. Lists and **bold** words are kept.",
        required=False,
        max_length=20_000,
        look=Look(rows=14),
    )
    reason_empty = TextArea(
        label="If there is nothing to say, why?",
        hint="Needed only when the section has no commentary and no Finding.",
        required=False,
        max_length=1_000,
        look=Look(rows=3),
    )


class WindowForm(Form):
    start = Date(label="First day of the data window", hint="For example, 1 11 2024")
    end = Date(label="Last day of the data window", hint="For example, 31 10 2025")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", "The last day must be on or after the first day")
        return cleaned


class PlaceForm(Form):
    finding = Record(label="Which Finding?", radios=True)
    commentary = TextArea(
        label="What does it mean here?", required=False, max_length=5_000, look=Look(rows=4)
    )

    def __init__(self, *args: Any, findings: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["finding"].queryset = findings


class IssuesForm(Form):
    """One question an issue, in the stated order."""

    def __init__(self, *args: Any, issues: list[Issue], **rest: Any) -> None:
        super().__init__(*args, **rest)
        for issue in issues:
            self.fields[f"issue-{issue.pk}"] = Select(
                label=issue.name,
                hint=f"Including {issue.includes}" if issue.includes else "",
                choices=[Choice(mark.value, mark.label) for mark in Mark],
                missing=f"Say how you name “{issue.name}”",
            )

    def marks(self, issues: list[Issue]) -> dict[Issue, tuple[Mark, str]]:
        return {issue: (Mark(self.cleaned_data[f"issue-{issue.pk}"]), "") for issue in issues}


class ScoreForm(Form):
    """One question an axis of the scoring model."""

    def __init__(self, *args: Any, model: ScoringModel, **rest: Any) -> None:
        super().__init__(*args, **rest)
        for axis in model.axes:
            self.fields[axis["key"]] = Radios(
                label=axis["label"],
                choices=[
                    Choice(
                        str(level["value"]),
                        f"{level['value']}: {level['label']}",
                        hint=level.get("guidance", ""),
                    )
                    for level in axis["levels"]
                ],
                missing=f"Choose a level for {axis['label'].lower()}",
            )

    def scores(self) -> dict[str, int]:
        return {key: int(value) for key, value in self.cleaned_data.items()}


class ReopenForm(Form):
    reason = TextArea(label="Why is it reopened?", max_length=500, look=Look(rows=3))


class MatrixForm(Form):
    name = Text(label="What is it called?", max_length=120)
    version = Text(label="Version", hint="For example, 1", max_length=20)
    source = Text(label="Where does it come from?", max_length=300)
    file = File(label="Choose the file", kinds=(".csv",), required=False)
    matrix = TextArea(
        label="Or paste the cells",
        hint="Copy all of the changed example from your spreadsheet and paste it here.",
        max_length=20_000,
        required=False,
        look=Look(rows=14, spellcheck=False),
    )
    found: Matrix | None = None

    def __init__(self, data: Any = None, files: Any = None, **rest: Any) -> None:
        sent = files.get("file") if files else None
        if sent is not None and sent.size <= _LARGEST and sent.name.lower().endswith(".csv"):
            # What the file says stands in the box, to be mended there and sent on to be checked.
            data, files = data.copy(), None
            data["matrix"] = _text(sent.read())
        super().__init__(data, files, **rest)

    def clean_matrix(self) -> str:
        text: str = self.cleaned_data["matrix"] or ""
        if "file" in self.errors:
            return text
        if not text.strip():
            self.add_error("matrix", "Choose the file, or paste the cells")
            return text
        try:
            self.found = matrix(text)
        except UnableToLoad as error:
            self.add_error("matrix", str(error))
        return text

    def clean_file(self) -> None:
        if self.cleaned_data["file"] is not None:
            self.add_error("file", "The file is too large. Send only the levels and the bands.")

    def fields_of_model(self) -> dict[str, str]:
        return {key: value for key, value in self.cleaned_data.items() if key != "file"}

    def answers(self) -> list[Answer]:
        """Instead of the pasted text, how much was read of it."""
        said = [each for each in super().answers() if each.name != "file"]
        if self.found is None:
            return said
        axes = ", ".join(f"{a['label']} ({len(a['levels'])} levels)" for a in self.found.axes)
        bands = ", ".join(f"{b['from']} to {b['to']}: {b['label']}" for b in self.found.bands)
        text = f"Axes: {axes}\nBands: {bands}"
        return [
            Answer("matrix", "The matrix", text) if each.name == "matrix" else each for each in said
        ]

    def grid(self) -> Grid | None:
        return grid(self.found) if self.found is not None else None


_LARGEST = 200_000


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1").replace("\x00", "")


class CycleForm(Form):
    body = Record(label="Which county partnership?", radios=True)
    name = Text(label="Name of the cycle", hint="For example, 2026-27", max_length=20)
    due_on = Date(label="Assessments are due on", hint="For example, 31 12 2026")
    window_from = Date(label="First day of the data window", hint="For example, 1 10 2025")
    window_to = Date(label="Last day of the data window", hint="For example, 30 9 2026")

    def __init__(self, *args: Any, bodies: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["body"].queryset = bodies

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("window_from"), cleaned.get("window_to")
        if start and end and end < start:
            self.add_error("window_to", "The last day must be on or after the first day")
        return cleaned
