"""One question about a file that can be read in more than one way."""

from __future__ import annotations

from typing import Any

from frankpledge.components.fields import Choice as Option
from frankpledge.components.fields import Look, Radios, Seen, Select, Text, Tick
from frankpledge.components.forms import Form, Group
from frankpledge.contracts import ALL, About, Choice, Field
from frankpledge.sharing.queries.choosing import ChoosingPage
from frankpledge.sharing.rules.choosing import (
    LEAVE_OUT,
    NOTHING,
    WORDS,
    answered,
    with_columns,
    with_words,
)

_LABELS = {
    About.SHEET: "Which sheet holds the data?",
    About.HEADER: "Which row holds the column names?",
    About.TABLE: "In which row does the table begin?",
    About.HIDDEN: "What about the hidden rows?",
    About.DAY_FIRST: "What comes first in these dates?",
}
_OPTIONS = {
    "read": "Read them like the others",
    "leave": "Leave them out",
    "day": "The day: 05/01/2025 is in January",
    "month": "The month: 05/01/2025 is in May",
}
_SHOWN = 90


class OneForm(Form):
    """One of a few answers."""

    seen = Seen()

    def __init__(self, *args: Any, page: ChoosingPage, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.page = page
        self.fields["seen"].initial = page.mark
        about = About(page.asked.about)
        if about is About.DATES:
            self.fields["answer"] = Tick(label="The real dates are right: I compared some")
            return
        self.fields["answer"] = Radios(label=_LABELS[about], choices=self._options())

    def _options(self) -> list[Option]:
        asked = self.page.asked
        match asked.about:
            case About.SHEET:
                return [Option(each, self._sheet(each)) for each in asked.options]
            case About.HEADER:
                return [Option(each, self._row(each)) for each in self._rows()]
            case About.TABLE:
                return [Option(each, self._row(each)) for each in asked.options]
        return [Option(each, _OPTIONS[each]) for each in asked.options]

    def _sheet(self, name: str) -> str:
        return "Every sheet that has the columns" if name == ALL else name

    def _rows(self) -> list[str]:
        return [str(row) for sheet in self.page.sheets[:1] for row, _ in sheet.preview]

    def _row(self, number: str) -> str:
        for sheet in self.page.sheets:
            for row, values in sheet.preview:
                if str(row) == number:
                    said = " | ".join(each for each in values if each)
                    return f"Row {number}: {said[:_SHOWN]}" if said else f"Row {number}"
        return f"Row {number}"

    def choice(self, said: Choice) -> Choice:
        return answered(said, self.page.asked, str(self.cleaned_data["answer"]))


class ColumnsForm(Form):
    """Which column of the file is which of the contract."""

    seen = Seen()
    says_optional = True

    def __init__(self, *args: Any, page: ChoosingPage, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.page = page
        self.fields["seen"].initial = page.mark
        headers = [Option(each.name, each.label) for each in page.headers]
        groups = []
        for each in page.contract.fields:
            column, same = f"column-{each.name}", f"same-{each.name}"
            self.fields[column] = Select(
                label="Column of the file",
                choices=headers,
                empty="Not in the file",
                required=False,
                initial=page.proposed.get(each.name, ""),
            )
            self.fields[same] = Text(
                label="The same in every row",
                hint="Where no column holds it",
                required=False,
                max_length=80,
                look=Look(width="10"),
            )
            groups.append(Group(_heading(each), (column, same), hint=each.description))
        self.groups = tuple(groups)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for each in self.page.contract.fields:
            column, same = f"column-{each.name}", f"same-{each.name}"
            if each.required and not (cleaned.get(column) or cleaned.get(same)):
                self.add_error(column, f"Say where {each.label} is: every row needs it")
        return cleaned

    def choice(self, said: Choice) -> Choice:
        names = [each.name for each in self.page.contract.fields]
        headers = {name: self.cleaned_data[f"column-{name}"] for name in names}
        constants = {name: self.cleaned_data[f"same-{name}"] for name in names}
        return with_columns(said, self.page.contract, headers, constants)


def _heading(each: Field) -> str:
    return f"{each.label} (needed)" if each.required else each.label


class WordsForm(Form):
    """What the sender's words mean in the contract's code list."""

    seen = Seen()
    says_optional = False

    def __init__(self, *args: Any, page: ChoosingPage, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.page = page
        self.fields["seen"].initial = page.mark
        groups = []
        for name, words in page.asked.words.items():
            each = page.contract.field(name)
            options = [Option(code.value, code.label) for code in each.codes]
            if not each.required:
                options.append(Option(NOTHING, "Not known: leave the cell empty"))
            options.append(Option(LEAVE_OUT, "Not part of this return: leave such rows out"))
            names = []
            for at, word in enumerate(words):
                self.fields[f"word-{name}-{at}"] = Select(
                    label=word[:_SHOWN], choices=options, empty="As it is: such rows come back",
                    required=False,
                )  # fmt: skip
                names.append(f"word-{name}-{at}")
            groups.append(Group(each.label, tuple(names), hint=each.description))
        self.groups = tuple(groups)

    def choice(self, said: Choice) -> Choice:
        meant = {
            name: {word: self.cleaned_data[f"word-{name}-{at}"] for at, word in enumerate(words)}
            for name, words in self.page.asked.words.items()
        }
        headers = tuple(each.name for each in self.page.headers)
        return with_words(said, self.page.contract, meant, headers=headers)


def form_for(page: ChoosingPage, data: Any = None) -> OneForm | ColumnsForm | WordsForm:
    """The form of the question that a page asks."""
    if page.asked.about == WORDS:
        return WordsForm(data, page=page)
    if page.asked.about == About.COLUMNS:
        return ColumnsForm(data, page=page)
    return OneForm(data, page=page)
