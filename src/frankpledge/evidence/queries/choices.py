"""The explorer's choices as links: every state of the page has an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from frankpledge.analysis.months import month_range, period_name, shifted
from frankpledge.evidence.queries.places import Places, places
from frankpledge.evidence.queries.sources import adds_up, cube_of, labels, month_text
from frankpledge.evidence.rules import BREAKDOWNS, OF_SMALL_AREAS, Question
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.data import extent, held_months


@dataclass(frozen=True)
class Option:
    label: str
    address: str
    current: bool


@dataclass(frozen=True)
class Choices:
    datasets: tuple[Option, ...]
    periods: tuple[Option, ...]
    places: tuple[Option, ...]
    breakdowns: tuple[Option, ...]
    kinds: tuple[Option, ...]
    charts: tuple[Option, ...]
    others: tuple[Option, ...]
    against: tuple[Option, ...]
    beside: tuple[Option, ...]


def choices(
    *,
    question: Question,
    dataset: Dataset,
    datasets: list[Dataset],
    providers: Sequence[Organisation],
    small_areas: bool = False,
) -> Choices:
    """What else may be asked; kinds are those of the providers whose data may be read, and charts
    of `small_areas` are offered only where they may be told apart."""
    return Choices(
        datasets=tuple(_dataset(each, question) for each in datasets),
        periods=_periods(question, dataset),
        places=_places(question, places()),
        breakdowns=tuple(
            Option(
                label,
                question.with_(by=by, against="" if by == "area" else question.against).address(),
                question.by == by,
            )
            for by, label in BREAKDOWNS.items()
        ),
        kinds=_kinds(question, dataset, providers),
        charts=tuple(
            Option(label, question.with_(chart=key).address(), question.chart == key)
            for key, label in question.charts.items()
            if small_areas or key not in OF_SMALL_AREAS
        ),
        others=_others(question, dataset),
        against=_against(question, places()),
        beside=_beside(question, datasets),
    )


def _others(question: Question, dataset: Dataset) -> tuple[Option, ...]:
    """Periods apart to compare with: just before, one to three years before, whole years."""
    ends = extent(dataset)
    if ends is None or (question.by == "area" and question.area):
        return ()
    first, months = month_text(ends[0]), question.months
    spans = [(shifted(question.start, -len(months)), shifted(question.end, -len(months)))]
    spans += [
        (shifted(question.start, -back), shifted(question.end, -back)) for back in (12, 24, 36)
    ]
    years = range(int(first[:4]), int(month_text(ends[1])[:4]) + 1)
    spans += [(f"{year}-01", f"{year}-12") for year in reversed(years)]
    if question.other:
        spans.append((question.other[:7], question.other[-7:]))
    found = {"": Option("Nothing", question.with_(other="").address(), not question.other)}
    for start, end in spans:
        other = f"{start}..{end}"
        if start < first or set(month_range(start, end)) & set(months):
            continue
        address = question.with_(other=other, against="").address()
        found[other] = Option(period_name(start, end), address, question.other == other)
    return tuple(found.values())


def _against(question: Question, known: Places) -> tuple[Option, ...]:
    """Other places; small areas stand for themselves and have no other place beside them."""
    if question.by == "area":
        return ()
    now = known.find(question.against) if question.against else None
    named = [("", known.county_name), *known.districts.items()]
    return (
        Option("Nothing", question.with_(against="").address(), not question.against),
        *(
            Option(
                name,
                question.with_(against=code or known.county_code, other="").address(),
                now == code,
            )
            for code, name in named
            if code != question.area
        ),
    )


def _beside(question: Question, datasets: list[Dataset]) -> tuple[Option, ...]:
    if len(datasets) < 2:
        return ()
    return (
        Option("Nothing", question.with_(beside="").address(), not question.beside),
        *(
            Option(
                each.name, question.with_(beside=each.slug).address(), question.beside == each.slug
            )
            for each in datasets
            if each.slug != question.dataset
        ),
    )


def _dataset(dataset: Dataset, question: Question) -> Option:
    here = dataset.slug == question.dataset
    address = question.address() if here else f"dataset={dataset.slug}"
    return Option(dataset.name, address, here)


def _periods(question: Question, dataset: Dataset) -> tuple[Option, ...]:
    ends = extent(dataset)
    if ends is None:
        return ()
    first, last = month_text(ends[0]), month_text(ends[1])
    spans = [(shifted(last, -11), last), (last, last), (shifted(last, -2), last)]
    spans += [(shifted(last, -5), last), (first, last)]
    years = sorted({month[:4] for month in month_range(first, last)}, reverse=True)
    spans += [(f"{year}-01", f"{year}-12") for year in years]
    spans.append((question.start, question.end))  # months chosen by hand are none of these
    found: dict[tuple[str, str], Option] = {}
    for start, end in spans:
        here = (question.start, question.end) == (start, end)
        address = question.with_(start=start, end=end, other="").address()
        found.setdefault((start, end), Option(period_name(start, end), address, here))
    return tuple(found.values())


def _places(question: Question, known: Places) -> tuple[Option, ...]:
    named = [("", known.county_name), *known.districts.items(), *known.neighbours.items()]
    return tuple(
        Option(name, question.with_(area=code, against="").address(), question.area == code)
        for code, name in named
    )


def _kinds(
    question: Question, dataset: Dataset, providers: Sequence[Organisation]
) -> tuple[Option, ...]:
    held = held_months(dataset=dataset, organisations=providers)
    present = set(cube_of(dataset, held).categories)
    known = [(code, label) for code, label in labels(dataset).items() if code in present]
    if adds_up(dataset):
        known.insert(0, ("", "All kinds"))
    return tuple(
        Option(label, question.with_(category=code).address(), question.category == code)
        for code, label in known
    )
