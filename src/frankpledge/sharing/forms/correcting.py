"""Cells to correct, each with what is wrong beside it; and the workbook that is sent back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from frankpledge.components.fields import File, Text
from frankpledge.components.forms import Form, Group
from frankpledge.sharing.store.correcting import LONGEST

WORKBOOK_MB = 20


class CellsForm(Form):
    """One field for each bad cell; the rows are its groups."""

    def __init__(self, *args: Any, rows: Iterable[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        groups = []
        for row in rows:
            for cell in row.cells:
                self.fields[cell.name] = Text(
                    label=cell.label,
                    hint=" ".join(cell.said),
                    initial=cell.value,
                    required=False,
                    max_length=LONGEST,
                )
            others = "; ".join(f"{name}: {value[:60]}" for name, value in row.others if value)
            groups.append(
                Group(
                    f"Row {row.place[1]:,} of {row.place[0]}",
                    tuple(cell.name for cell in row.cells),
                    others[:500],
                )
            )
        self.groups = tuple(groups)
        self._rows = tuple(rows)

    def changes(self) -> dict[tuple[str, int], dict[str, str]]:
        """The cells that were changed, by row and column."""
        found: dict[tuple[str, int], dict[str, str]] = {}
        for row in self._rows:
            given = {
                cell.column: self.cleaned_data.get(cell.name) or ""
                for cell in row.cells
                if (self.cleaned_data.get(cell.name) or "") != cell.value.strip()
            }
            if given:
                found[row.place] = given
        return found


class WorkbookForm(Form):
    file = File(
        label="The corrected workbook",
        hint="The Excel workbook that you downloaded here, with the red cells corrected",
        kinds=(".xlsx",),
        largest=WORKBOOK_MB * 1024 * 1024,
    )
