"""Puts what files say of areas into the database, in bulk and as often as one likes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import shapely
from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from frankpledge.core.areas.files import CENSUS_KINDS, Facts, Key, NotAreas, Place, key_of
from frankpledge.core.models import Area, AreaChange, AreaKind

_TIERS = (AreaKind.COUNTY, AreaKind.UNITARY, AreaKind.DISTRICT)
_FIELDS = ("name", "kind", "parent", "valid_to_vintage", "residents", "outline")


@dataclass
class Loaded:
    """What a load did, by the kind of area."""

    read: list[str]
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    outside: int = 0
    changes: int = 0
    nameless: int = 0

    @property
    def lines(self) -> list[str]:
        """The report, a line each."""
        said = list(self.read)
        for word, counts in (
            ("Added", self.created),
            ("Updated", self.updated),
            ("Already as published", self.unchanged),
        ):
            if counts:
                listed = ", ".join(
                    f"{counts[kind.value]:,} {kind.label.lower()}"
                    for kind in AreaKind
                    if counts[kind.value]
                )
                said.append(f"{word}: {listed}.")
        if self.changes:
            said.append(f"Added {self.changes:,} change codes.")
        if self.outside:
            said.append(f"Left out {self.outside:,} that are not known to lie within.")
        if self.nameless:
            said.append(
                f"Left out {self.nameless:,} without a name: load their look-up or boundaries too."
            )
        return said

    @property
    def sentence(self) -> str:
        return (
            f"Loaded areas: {sum(self.created.values()):,} added, "
            f"{sum(self.updated.values()):,} updated, "
            f"{sum(self.unchanged.values()):,} already as published, {self.changes:,} change codes."
        )


def store(facts: Facts, *, within: Iterable[str] = ()) -> Loaded:
    """Write the areas, or only those within some county, unitary or district (code or name).

    Raises NotAreas when `within` names no known area or nothing is left.
    """
    report = Loaded(read=list(facts.read))
    known = _known()
    places = dict(facts.places)
    _complete_parents(places, known)
    if wanted := list(within):
        places = _within(places, known, wanted, report)
    with transaction.atomic():
        _write(places, known, report)
        _write_changes(facts, known, report)
        _end_generations(places)
        _sum_residents(facts)
    return report


def _known() -> dict[Key, Area]:
    return {key_of(a.code, a.kind, a.vintage): a for a in Area.objects.select_related("parent")}


# What contains what


def _complete_parents(places: dict[Key, Place], known: dict[Key, Area]) -> None:
    """Parents that no look-up names: known before, by the name, or by lying inside."""
    for key, place in places.items():
        if not place.parent and key in known and known[key].parent is not None:
            place.parent = known[key].parent.code
    _parents_by_name(places, known)
    _parents_by_place(places, known)


def _parents_by_name(places: dict[Key, Place], known: dict[Key, Area]) -> None:
    """An LSOA is called as its MSOA is, with a letter after it."""
    lacking = {
        (p.name, p.first): p
        for p in places.values()
        if p.kind == AreaKind.MSOA and not p.parent and p.name
    }
    if not lacking:
        return
    named = [(p.name, p.first, p.parent) for p in places.values() if p.kind == AreaKind.LSOA]
    named += [
        (a.name, a.vintage, a.parent.code)
        for a in known.values()
        if a.kind == AreaKind.LSOA and a.parent
    ]
    for name, vintage, parent in named:
        middle = lacking.get((name[:-1], vintage))
        if middle is not None and parent:
            middle.parent = parent


def _parents_by_place(places: dict[Key, Place], known: dict[Key, Area]) -> None:
    lacking = [p for p in places.values() if p.kind == AreaKind.WARD and not p.parent and p.outline]
    outlines = {a.code: a.outline for a in known.values() if a.kind in _TIERS and a.outline}
    outlines |= {p.code: p.outline for p in places.values() if p.kind in _TIERS and p.outline}
    if not lacking or not outlines:
        return
    codes = list(outlines)
    shapes = [shapely.geometry.shape(outlines[code]) for code in codes]
    points = [shapely.geometry.shape(p.outline).representative_point() for p in lacking]
    pairs = shapely.STRtree(shapes).query(points, predicate="intersects")
    for point, shape in zip(*pairs, strict=True):
        lacking[int(point)].parent = codes[int(shape)]


def _within(
    places: dict[Key, Place], known: dict[Key, Area], wanted: list[str], report: Loaded
) -> dict[Key, Place]:
    parents = {key[0]: a.parent.code for key, a in known.items() if not key[1] and a.parent}
    parents |= {key[0]: p.parent for key, p in places.items() if not key[1] and p.parent}
    codes = _codes(wanted, places, known)

    def inside(code: str) -> bool:
        return bool(code) and (code in codes or inside(parents.get(code, "")))

    kept = {
        key: place
        for key, place in places.items()
        if inside(place.parent) or (not key[1] and inside(place.code))
    }
    report.outside = len(places) - len(kept)
    if not kept:
        raise NotAreas(
            f"Nothing in these files is known to lie within {', '.join(wanted)}. "
            "Load a look-up that links them to their district and county with them."
        )
    return kept


def _codes(wanted: list[str], places: dict[Key, Place], known: dict[Key, Area]) -> set[str]:
    named: dict[str, str] = {}
    for key, area in known.items():
        if not key[1]:
            named |= {area.code.casefold(): area.code, area.name.casefold(): area.code}
    tiers = [p for p in places.values() if p.kind in _TIERS]
    # A county's name wins over that of a district it shares it with.
    for place in sorted(tiers, key=lambda p: _TIERS.index(p.kind), reverse=True):
        named |= {place.code.casefold(): place.code, place.name.casefold(): place.code}
    unknown = [each for each in wanted if each.casefold() not in named]
    if unknown:
        raise NotAreas(
            f"No county, unitary or district is called {', '.join(unknown)}. "
            "Write its official code or its name, and load the look-up that names it."
        )
    return {named[each.casefold()] for each in wanted}


# Writing


def _write(places: dict[Key, Place], known: dict[Key, Area], report: Loaded) -> None:
    for kinds in ((AreaKind.COUNTY,), (AreaKind.UNITARY, AreaKind.DISTRICT)):
        _write_level({k: p for k, p in places.items() if p.kind in kinds}, known, report)
    _write_level({k: p for k, p in places.items() if p.kind not in _TIERS}, known, report)


def _write_level(places: dict[Key, Place], known: dict[Key, Area], report: Loaded) -> None:
    new: list[Area] = []
    changed: list[Area] = []
    for key, place in places.items():
        area = known.get(key)
        parent = known.get((place.parent, 0)) if place.parent else None
        if area is None:
            if not place.name:
                report.nameless += 1
                continue
            area = known[key] = Area(code=place.code, kind=place.kind, vintage=place.first)
            _fill(area, place, parent)
            new.append(area)
            report.created[place.kind.value] += 1
        elif _fill(area, place, parent):
            changed.append(area)
            report.updated[place.kind.value] += 1
        else:
            report.unchanged[place.kind.value] += 1
    Area.objects.bulk_create(new, batch_size=500)
    Area.objects.bulk_update(changed, [*_FIELDS, "vintage"], batch_size=200)


def _fill(area: Area, place: Place, parent: Area | None) -> bool:
    """Give the area what the files say; true when that is something new."""
    said = {
        "vintage": min(area.vintage, place.first),
        "name": place.name or area.name,
        "parent_id": parent.pk if parent else area.parent_id,
        "residents": area.residents if place.residents is None else place.residents,
        "outline": place.outline or area.outline,
    }
    different = [name for name, value in said.items() if getattr(area, name) != value]
    for name, value in said.items():
        setattr(area, name, value)
    if parent is not None:
        area.parent = parent
    return bool(different)


def _write_changes(facts: Facts, known: dict[Key, Area], report: Loaded) -> None:
    there = set(AreaChange.objects.values_list("before_id", "after_id"))
    new = []
    for (before, after), kind in facts.changes.items():
        if before in known and after in known:
            pair = (known[before].pk, known[after].pk)
            if pair not in there:
                new.append(AreaChange(before=known[before], after=known[after], kind=kind))
    AreaChange.objects.bulk_create(new, batch_size=500)
    report.changes = len(new)


def _end_generations(places: dict[Key, Place]) -> None:
    """A census generation ends where the next begins; a ward where a newer list leaves it out."""
    for kind in CENSUS_KINDS:
        found = Area.objects.filter(kind=kind).order_by("vintage")
        vintages = list(found.values_list("vintage", flat=True).distinct())
        for vintage in vintages[:-1]:
            Area.objects.filter(kind=kind, vintage=vintage, valid_to_vintage=None).update(
                valid_to_vintage=vintage
            )
    _end_wards(places)


def _end_wards(places: dict[Key, Place]) -> None:
    wards: dict[str, dict[str, int]] = defaultdict(dict)
    for place in places.values():
        if place.kind == AreaKind.WARD and place.parent:
            wards[place.parent][place.code] = place.last
    districts = dict(Area.objects.filter(kind__in=_TIERS).order_by().values_list("code", "pk"))
    for code, listed in wards.items():
        if code in districts:
            _end_wards_of(districts[code], listed)


def _end_wards_of(district: int, listed: dict[str, int]) -> None:
    """By the key alone: joining areas with themselves takes minutes before any statistics."""
    newest = max(listed.values())
    mine = Area.objects.filter(kind=AreaKind.WARD, parent_id=district)
    mine.filter(vintage__lt=newest, valid_to_vintage=None).exclude(code__in=listed).update(
        valid_to_vintage=newest - 1
    )
    for last in set(listed.values()):
        codes = [code for code, seen in listed.items() if seen == last]
        mine.filter(code__in=codes).update(valid_to_vintage=None if last == newest else last)


def _sum_residents(facts: Facts) -> None:
    """Residents of a district, then of a county, are the sum of their parts where all are known."""
    given = {p.code for p in facts.places.values() if p.residents is not None}
    districts = Area.objects.filter(kind__in=(AreaKind.DISTRICT, AreaKind.UNITARY))
    newest = (
        Area.objects.filter(kind=AreaKind.LSOA, residents__isnull=False)
        .order_by("-vintage")
        .values_list("vintage", flat=True)
        .first()
    )
    if newest is None:
        return
    _sum_parts(districts.exclude(code__in=given), kind=AreaKind.LSOA, vintage=newest)
    _sum_parts(
        Area.objects.filter(kind=AreaKind.COUNTY).exclude(code__in=given), kind=AreaKind.DISTRICT
    )


def _sum_parts(areas: QuerySet[Area], **parts: object) -> None:
    wholes = list(areas.values_list("pk", flat=True))
    sums = (
        Area.objects.filter(parent_id__in=wholes, **parts)
        .order_by()
        .values("parent")
        .annotate(total=Sum("residents"), every=Count("pk"), known=Count("residents"))
    )
    for row in sums:
        if row["every"] == row["known"]:
            Area.objects.filter(pk=row["parent"]).exclude(residents=row["total"]).update(
                residents=row["total"]
            )
