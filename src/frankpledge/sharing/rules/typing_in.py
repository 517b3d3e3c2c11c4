"""Which returns are small and plain enough to be typed in."""

from __future__ import annotations

from frankpledge.contracts import Contract

_ROLES = ("month", "area", "category", "count")


def can_be_typed(contract: Contract) -> bool:
    """Counts by place, month and a list of indicators, with nothing else that is needed."""
    if not all(contract.role(each) for each in _ROLES) or contract.month_is_made:
        return False
    parts = {contract.role(each) for each in _ROLES}
    others = [each for each in contract.fields if each.name not in parts]
    listed = contract.field(contract.role("category")).codes
    needs = any(each.required or not each.may_be_absent for each in others)
    return bool(contract.area_codes) and bool(listed) and not needs
