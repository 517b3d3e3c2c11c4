"""A partner's quarterly receipt: what its data was used for, and what that fed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, QuerySet, Value
from django.http import Http404

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, require, visible
from frankpledge.access.enums import Capability
from frankpledge.core.kinds import kinds
from frankpledge.core.markings import Audience, Classification, marking_text
from frankpledge.core.registries import edges
from frankpledge.documents import Block, Bullets, Document, Heading, Paragraph, TableBlock
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import UseKind
from frankpledge.sharing.models import Submission
from frankpledge.sharing.queries.uses import uses

AT_ONCE = 100  # records in one statement: databases limit how many parts a union has


@dataclass(frozen=True)
class Quarter:
    """Three whole months of a calendar year, written 2026-Q1."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, text: str) -> Quarter:
        """Raises Http404 for what is no quarter."""
        year, _, number = text.partition("-Q")
        if not (year.isdecimal() and len(year) == 4 and number in {"1", "2", "3", "4"}):
            raise Http404
        if int(year) < 2000:
            raise Http404
        return cls(int(year), int(number))

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def start(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        return date.fromordinal(self.following.start.toordinal() - 1)

    @property
    def following(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> Quarter:
        return Quarter.of(date.fromordinal(self.start.toordinal() - 1))

    @property
    def name(self) -> str:
        return f"{self.start:%B} to {self.end:%B %Y}"


@dataclass(frozen=True)
class Receipt:
    organisation: Organisation
    quarter: Quarter
    uses: tuple[tuple[str, str, str, str, int, date], ...]  # dataset, purpose, clause, how, times
    findings: tuple[str, ...]
    fed: tuple[tuple[str, tuple[str, ...]], ...]  # kind of record, names


def receipt(*, actor: Actor, slug: str, quarter: str) -> Receipt:
    organisation = find(actor, Organisation, slug=slug)
    require(actor, Capability.SEE_DATA_USE, organisation)
    asked = Quarter.read(quarter)
    counted = (
        uses(actor=actor, provider=organisation, since=asked.start, until=asked.end)
        .order_by()
        .values_list("dataset__name", "purpose", "clause", "how")
        .annotate(times=Count("pk"), last=Max("at"))
        .order_by("dataset__name", "purpose", "clause", "how")
    )
    first, fed = _fed(actor, organisation, asked)
    return Receipt(
        organisation=organisation,
        quarter=asked,
        uses=tuple(
            (name, purpose, clause, str(UseKind(how).label), times, last.date())
            for name, purpose, clause, how, times, last in counted
        ),
        findings=first,
        fed=fed,
    )


def _fed(
    actor: Actor, organisation: Organisation, quarter: Quarter
) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """What was made in the quarter of this organisation's data, and everything that rests on it,
    as far as the actor may see it. It walks the thread, one statement a link and level."""
    sent = Submission.objects.filter(organisation=organisation)
    resting: dict[type, dict[Any, Any]] = {}
    for model, keys in _above(list(sent)).items():
        made = model._default_manager.filter(
            pk__in=keys, created_at__date__gte=quarter.start, created_at__date__lte=quarter.end
        )
        resting[model] = _seen(actor, model, made)
    labels = {kind.model: kind.label for kind in kinds().values()}
    first = tuple(str(record) for found in resting.values() for record in found.values())
    reached: dict[type, dict[Any, Any]] = {}
    level = [record for found in resting.values() for record in found.values()]
    while level:
        fresh: list[Any] = []
        for model, keys in _above(level).items():
            known = reached.setdefault(model, {})
            found = _seen(actor, model, model._default_manager.filter(pk__in=keys - known.keys()))
            known.update(found)
            fresh.extend(found.values())
        level = fresh
    return first, tuple(
        (labels.get(model, str(model._meta.verbose_name)), tuple(map(str, found.values())))
        for model, found in reached.items()
        if found
    )


def _seen(actor: Actor, model: type, records: QuerySet[Any]) -> dict[Any, Any]:
    seen = visible(actor, Capability.VIEW, model).filter(pk__in=records.order_by().values("pk"))
    return {record.pk: record for record in seen}


def _above(records: list[Any]) -> dict[type, set[Any]]:
    """The keys of what rests on these records, by model."""
    found: dict[type, set[Any]] = {}
    for edge in edges():
        own = [record for record in records if type(record) is edge.target]
        for start in range(0, len(own), AT_ONCE):
            parts = [
                edge.backward(record).order_by().annotate(above=Value(1)).values_list("pk", "above")
                for record in own[start : start + AT_ONCE]
            ]
            rows: Iterable[Any] = parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0]
            found.setdefault(edge.model, set()).update(key for key, _ in rows)
    return {model: keys for model, keys in found.items() if keys}


def paper(found: Receipt, *, synthetic: bool) -> Document:
    body: list[Block] = [Heading(1, "What your data was used for")]
    if found.uses:
        body.append(
            TableBlock(
                caption=f"Uses of protected data, {found.quarter.name}",
                columns=("Data", "Purpose", "Clause", "How", "Times", "Last"),
                rows=tuple(
                    (name, purpose, clause, how, f"{times:,}", f"{last:%-d %B %Y}")
                    for name, purpose, clause, how, times, last in found.uses
                ),
                align=("left", "left", "left", "left", "right", "left"),
                header_column=True,
                note="The same look by the same person within an hour counts once.",
            )
        )
    else:
        body.append(Paragraph("Nobody else read your protected data in this quarter."))
    body.append(Heading(1, "Findings that rest on it"))
    body.append(
        Bullets(found.findings)
        if found.findings
        else Paragraph("No Finding that you may see was saved from your data in this quarter.")
    )
    body.append(Heading(1, "What these Findings fed"))
    for label, names in found.fed:
        body += [Heading(2, label), Bullets(names)]
    if not found.fed:
        body.append(Paragraph("Nothing rests on them yet."))
    return Document(
        title=f"What your data was used for, {found.quarter.name}",
        subtitle="Receipt",
        organisation=found.organisation.name,
        marking=marking_text(Audience.PARTNERSHIP, Classification.OFFICIAL),
        date=f"{found.quarter.start:%-d %B %Y} to {found.quarter.end:%-d %B %Y}",
        synthetic=synthetic,
        body=tuple(body),
    )
