"""What a person says of a file that can be read in more than one way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from frankpledge.contracts.mapping import ColumnMapping

ALL = "*"


@dataclass(frozen=True)
class Choice:
    """Answers; each is empty where the file itself tells.

    `sheet`: its name, or ALL for every visible sheet that has the columns. `header_row`: as the
    spreadsheet numbers it; only the table below it is then read. `day_first`: whether 05/01/2025
    is in January. `hidden`: whether hidden rows are read or left out. `dates_are_right`: real dates
    beside dates as text were not exchanged by Excel. `mapping`: which column is which.
    """

    sheet: str = ""
    header_row: int | None = None
    day_first: bool | None = None
    hidden: Literal["", "read", "leave"] = ""
    dates_are_right: bool = False
    mapping: ColumnMapping | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return asdict(self) | {"mapping": self.mapping.as_dict() if self.mapping else None}

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> Choice:
        """Back from what `as_dict` gave, JSON in between or not."""
        mapping = held.get("mapping")
        kept = {key: held[key] for key in cls.__dataclass_fields__ if key in held}
        return cls(**kept | {"mapping": ColumnMapping.from_dict(mapping) if mapping else None})
