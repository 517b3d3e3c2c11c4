"""What stood out, for those whom the explorer would give the same figures today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, visible
from frankpledge.access.enums import Capability
from frankpledge.analysis.months import shifted
from frankpledge.core.markings import Audience
from frankpledge.core.models import Area, in_force
from frankpledge.evidence.enums import SignalState
from frankpledge.evidence.models import HarmWeights, Signal, Watch
from frankpledge.evidence.queries.sources import month_text
from frankpledge.evidence.rules import Question, excess_harm
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import DisclosureRule, SubmissionMonth
from frankpledge.sharing.queries.permission import terms_giving
from frankpledge.sharing.rules import FINENESS

_YEAR = 12


def unlike_an_answer(actor: Actor, *, of: str = "") -> Q:
    """Watches (or, with `of`, what belongs to one) that read anything but what the explorer would
    read for this actor today: other months, finer than the terms, or under another rule."""
    roles = {"public", *(grant.role for grant in actor.grants)}
    terms = terms_giving(roles=roles, organisations=actor.organisations(), on=actor.on)
    watch = OuterRef(f"{of}pk")
    read = SubmissionMonth.objects.filter(watches=watch)
    months = SubmissionMonth.objects.filter(dataset=OuterRef(f"{of}dataset"), current=True)
    unread = Q()
    for detail in (Detail.COUNTY, Detail.DISTRICT):
        fine = FINENESS[: FINENESS.index(detail) + 1]
        not_given = Exists(read.exclude(Exists(terms.filter(detail__in=fine))))
        unread |= Q(**{f"{of}detail": detail}) & Q(not_given)
    given = months.filter(Exists(terms))
    link = Watch.read_months.through.objects.filter(
        watch=OuterRef(OuterRef(f"{of}pk")), submissionmonth=OuterRef("pk")
    )
    not_read = Exists(given.filter(~Exists(link)))
    rules = DisclosureRule.objects.filter(
        in_force(actor.on), dataset=OuterRef(f"{of}dataset"), audience=Audience.PARTNERSHIP
    )
    changed = Exists(
        rules.filter(
            Q(updated_at__gt=OuterRef(f"{of}created_at")) | Q(valid_from__gt=OuterRef(f"{of}on"))
        )
    )
    ended = Q(**{f"{of}rule__isnull": False}) & ~Q(Exists(rules.filter(pk=OuterRef(f"{of}rule"))))
    covered = Q(**{f"{of}published": True, f"{of}dataset__published_already": False})
    return (
        ~Q(Exists(read))
        | unread
        | Q(Exists(read.filter(current=False)))
        | Q(not_read)
        | (Q(**{f"{of}published": False}) & (Q(changed) | ended))
        | covered
    )


def own_areas(actor: Actor, *roles: Any) -> QuerySet[Any]:
    """The codes of the places of the bodies on which the actor sits."""
    return Area.objects.filter(bodies__in=actor.bodies(*roles)).values("code")


def _seen(actor: Actor) -> QuerySet[Signal]:
    return visible(actor, Capability.VIEW, Signal).select_related(
        "watch__dataset", "settled_by", "finding"
    )


def signal(*, actor: Actor, pk: Any) -> Signal:
    """Raises Http404 for what the actor could not ask of the explorer."""
    found: Signal = find(
        actor,
        Signal,
        queryset=Signal.objects.select_related("watch__dataset", "settled_by", "finding"),
        pk=pk,
    )
    return found


@dataclass(frozen=True)
class Standing:
    """A signal on the board; harm by the name of each table of weights that speaks of it."""

    signal: Signal
    own: bool
    harm: Mapping[str, float]

    @property
    def pk(self) -> Any:
        return self.signal.pk


def board(
    *,
    actor: Actor,
    dataset: str = "",
    area: str | None = None,
    state: str = "",
    weights: str = "",
) -> list[Standing]:
    """The actor's own places first; then by harm beyond what was expected, under one table of
    weights where there is one; then by surprise."""
    found = _seen(actor).order_by("p_value", "what", "where", "pk")
    if dataset:
        found = found.filter(watch__dataset__slug=dataset)
    if area is not None:
        found = found.filter(area=area)
    if state:
        found = found.filter(state=state)
    signals = list(found)
    own = {row["code"] for row in own_areas(actor)}
    tables = _tables({each.watch.dataset_id for each in signals})
    rows = [
        Standing(each, each.area in own, _harm(each, tables.get(each.watch.dataset_id, ())))
        for each in signals
    ]
    by = weights or min((name for row in rows for name in row.harm), default="")
    rows.sort(key=lambda row: (not row.own, by not in row.harm, -row.harm.get(by, 0.0)))
    return rows


def _tables(datasets: Iterable[Any]) -> dict[Any, list[HarmWeights]]:
    found: dict[Any, list[HarmWeights]] = {}
    for table in HarmWeights.objects.filter(dataset__in=list(datasets)).order_by("since", "pk"):
        found.setdefault(table.dataset_id, []).append(table)
    return found


def _harm(signal: Signal, tables: Iterable[HarmWeights]) -> dict[str, float]:
    """Under the edition in force in the month, of each measure."""
    harm: dict[str, float] = {}
    for table in tables:
        if table.since <= signal.watch.month and signal.category in table.weights:
            harm[table.measure] = excess_harm(
                signal.observed, signal.expected, table.weights[signal.category]
            )
    return harm


def measures() -> list[str]:
    return sorted(set(HarmWeights.objects.values_list("measure", flat=True)))


def open_signals(*, actor: Actor) -> QuerySet[Signal]:
    return visible(actor, Capability.VIEW, Signal).filter(state=SignalState.OPEN)


def watches(*, actor: Actor) -> QuerySet[Watch]:
    """The looks whose figures the actor may read: how many series, how many tests."""
    seen = visible(actor, Capability.VIEW, Watch).select_related("dataset")
    return seen.order_by("dataset__name", "detail", "-created_at", "pk")


def question_of(signal: Signal) -> Question:
    """What to ask the explorer: the series over the year that ends with the month watched."""
    month = month_text(signal.watch.month)
    return Question(
        dataset=signal.watch.dataset.slug,
        start=shifted(month, 1 - _YEAR),
        end=month,
        area=signal.area,
        by="month",
        category=signal.category,
    )
