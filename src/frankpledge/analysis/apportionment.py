"""Sharing out whole units (officers, hours, grants) by demand, exactly.

Divisor methods (highest averages) and largest remainders as in Balinski and Young (1982), "Fair
Representation"; the quota method as in Balinski and Young (1975), "The quota method of
apportionment". Sums are of fractions, so that no tie is decided by rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from heapq import heapify, heapreplace
from math import isfinite


class Method(StrEnum):
    LARGEST_REMAINDER = "largest remainder"
    SAINTE_LAGUE = "Sainte-Laguë"
    D_HONDT = "D'Hondt"
    ADAMS = "Adams"
    HUNTINGTON_HILL = "Huntington-Hill"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Shares:
    """Units by place, in the order given. `tied` are the places among which the last units could
    as well have gone another way; earlier places got them."""

    units: tuple[int, ...]
    tied: tuple[int, ...] = ()


def apportion(
    demands: Sequence[float | int | Fraction],
    units: int,
    *,
    method: Method = Method.SAINTE_LAGUE,
    floor: int = 0,
) -> Shares:
    """Shares `units` out in proportion to demands, none below `floor`.

    Sainte-Laguë (the default) favours neither large nor small and never takes a unit away when one
    more is to be had; the largest remainder may (the Alabama paradox). A floor is given first and
    counts towards the place's share. Without any demand only the floors are given where they use
    up the units. Raises ValueError for a demand that is no number from 0, for fewer units than the
    floors need, and for units that no demand asks for.
    """
    wanted = [_exact(demand, place) for place, demand in enumerate(demands)]
    if units < 0 or floor < 0:
        raise ValueError("Units and floor are whole numbers from 0.")
    if units < floor * len(wanted):
        raise ValueError(f"{units} units are too few to give each of {len(wanted)} places {floor}.")
    if units > floor * len(wanted) and not any(wanted):
        raise ValueError("No place has any demand, so nothing can be shared by it.")
    if method is Method.LARGEST_REMAINDER:
        return _largest_remainder(wanted, units, floor)
    return _highest_averages(wanted, units, floor, method)


def _exact(demand: float | int | Fraction, place: int) -> Fraction:
    if not isinstance(demand, Fraction) and not isfinite(demand):
        raise ValueError(f"The demand of place {place + 1} is missing. Give a number from 0.")
    if demand < 0:
        raise ValueError(f"The demand of place {place + 1} is below zero.")
    return Fraction(demand)


def _largest_remainder(wanted: list[Fraction], units: int, floor: int) -> Shares:
    total = sum(wanted)
    given = [floor] * len(wanted)
    # Places whose fair share lies below the floor keep the floor; the others share what is left.
    free = [place for place, demand in enumerate(wanted) if demand or not floor]
    while free:
        left = units - floor * (len(wanted) - len(free))
        total = sum(wanted[place] for place in free)
        if not total:
            break
        below = [place for place in free if wanted[place] * left < floor * total]
        if not below:
            break
        free = [place for place in free if place not in below]
    if not free or not total:
        return Shares(tuple(given))
    left = units - floor * (len(wanted) - len(free))
    quotas = {place: wanted[place] * left / total for place in free}
    for place, quota in quotas.items():
        given[place] = int(quota)
    rest = left - sum(int(quota) for quota in quotas.values())
    order = sorted(free, key=lambda place: (-(quotas[place] - int(quotas[place])), place))
    for place in order[:rest]:
        given[place] += 1
    tied: tuple[int, ...] = ()
    if 0 < rest < len(order):
        last, first_out = (quotas[p] - int(quotas[p]) for p in (order[rest - 1], order[rest]))
        if last == first_out:
            tied = tuple(p for p in free if quotas[p] - int(quotas[p]) == last)
    return Shares(tuple(given), tuple(sorted(tied)))


def _highest_averages(wanted: list[Fraction], units: int, floor: int, method: Method) -> Shares:
    given = [floor] * len(wanted)
    total = sum(wanted)
    # The greatest claim stands first; earlier places win ties.
    claims = [
        (_against(_claim(method, demand, floor)), place)
        for place, demand in enumerate(wanted)
        if demand
    ]
    heapify(claims)
    size = floor * len(wanted)
    tied: tuple[int, ...] = ()
    while size < units and claims:
        size += 1
        if method is Method.QUOTA:
            given[_within_quota(wanted, given, size, total)] += 1
            continue
        best, winner = claims[0]
        given[winner] += 1
        heapreplace(claims, (_against(_claim(method, wanted[winner], given[winner])), winner))
        if size == units:
            as_good = [place for claim, place in claims if claim == best]
            tied = tuple(sorted({winner, *as_good})) if as_good else ()
    return Shares(tuple(given), tied)


Claim = tuple[int, Fraction]


def _against(claim: Claim) -> Claim:
    return -claim[0], -claim[1]


def _claim(method: Method, demand: Fraction, units: int) -> Claim:
    """How strong the claim of a place with so many units is for one more."""
    if method is Method.SAINTE_LAGUE:
        return 0, demand / (2 * units + 1)
    if method in (Method.D_HONDT, Method.QUOTA):
        return 0, demand / (units + 1)
    if units == 0:
        return 1, demand  # everybody gets one before anybody gets a second
    if method is Method.ADAMS:
        return 0, demand / units
    return 0, demand**2 / (units * (units + 1))  # squares of what Huntington and Hill compare


def _within_quota(
    wanted: list[Fraction], given: list[int], size: int, total: Fraction | int
) -> int:
    """Who gets the next unit by D'Hondt's claim, among those it would not lift above quota."""
    able = [
        place
        for place, demand in enumerate(wanted)
        if demand and given[place] < demand * size / total
    ]
    return min(able, key=lambda place: (-wanted[place] / (given[place] + 1), place))


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """For each place its units, and the fewest and most it gets as the demands vary."""

    units: int
    fewest: int
    most: int


def sensitivity(
    demands: Sequence[float],
    alternatives: Sequence[Sequence[float]],
    units: int,
    *,
    method: Method = Method.SAINTE_LAGUE,
    floor: int = 0,
) -> tuple[Sensitivity, ...]:
    """How far an allocation rests on the demands chosen: other weights, or ends of intervals.

    Each of `alternatives` has one demand a place. Raises ValueError as `apportion` does.
    """
    chosen = apportion(demands, units, method=method, floor=floor).units
    others = [apportion(each, units, method=method, floor=floor).units for each in alternatives]
    if any(len(each) != len(chosen) for each in others):
        raise ValueError("Every alternative has one demand for each place.")
    return tuple(
        Sensitivity(own, min(seen), max(seen))
        for own, seen in zip(chosen, zip(chosen, *others, strict=True), strict=True)
    )
