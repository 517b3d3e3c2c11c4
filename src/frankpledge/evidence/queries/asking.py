"""One question asked of the store: a sentence, tables to draw from, what it rests on, caveats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import find, require, visible
from frankpledge.access.enums import Capability
from frankpledge.analysis import control
from frankpledge.analysis.counts import areas_holding
from frankpledge.analysis.cubes import Cube
from frankpledge.analysis.disclosure import (
    Column,
    Derived,
    PublishableTable,
    Refused,
    Status,
    percent_change_of,
    publish,
    rate_of,
)
from frankpledge.analysis.disclosure.tables import Cell
from frankpledge.analysis.months import month_range, period_name, shifted, year_before
from frankpledge.analysis.rates import rate
from frankpledge.analysis.sentences import Finding as Sentence
from frankpledge.analysis.sentences import finding as sentence_of
from frankpledge.evidence import rules
from frankpledge.evidence.queries.places import (
    ELSEWHERE,
    NEIGHBOURING,
    REMAINDER_LABELS,
    UNLOCATED,
    Places,
    places,
)
from frankpledge.evidence.queries.sources import (
    COUNTY,
    OpenFigures,
    ProtectedFigures,
    adds_up,
    audience_of,
    contract_of,
    cube_of,
    figures,
    labels,
    month_text,
    period_code,
    rule_for,
)
from frankpledge.evidence.rules import Question, UnableToAsk
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.data import HeldMonth, extent, held_months, version_of
from frankpledge.sharing.queries.permission import Reading, reading

YEARS_OF_LIMITS = 4


@dataclass(frozen=True)
class Answer:
    """Everything a page, a file or a Finding needs of an answer."""

    question: Question
    dataset: Dataset
    where: str
    what: str
    sentence: Sentence
    table: PublishableTable
    map_table: PublishableTable | None
    map_kind: str
    caveats: tuple[str, ...]
    rests_on: Reading
    held: tuple[HeldMonth, ...]
    version: str
    synthetic: bool
    rule: str
    incomplete: tuple[str, ...] = ()
    total: Cell | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def datasets(*, actor: Actor) -> list[Dataset]:
    """The datasets this actor may ask about that hold anything."""
    may_ask = visible(actor, Capability.ASK, Dataset)
    return list(may_ask.filter(submissions__months__current=True).distinct().order_by("name", "pk"))


def default_question(dataset: Dataset) -> Question:
    """The last twelve months held, the whole county, by month."""
    ends = extent(dataset)
    if ends is None:
        raise UnableToAsk(f"Nothing is held of “{dataset.name}” yet. Send a file first.")
    first, last = rules.last_year_of(month_text(ends[0]), month_text(ends[1]))
    return Question(dataset=dataset.slug, start=first, end=last)


def dataset_named(*, actor: Actor, slug: str) -> Dataset:
    """Raises Http404 for what the actor may not know of, Refused for what it may not ask."""
    found: Dataset = find(actor, Dataset, slug=slug)
    require(actor, Capability.ASK, found)
    return found


def answer(*, actor: Actor, question: Question, on: date) -> Answer:
    """Raises UnableToAsk for a choice that cannot be, Refused for a cut that may not be shown."""
    dataset = dataset_named(actor=actor, slug=question.dataset)
    return _Asking(actor, question, dataset, on).answer()


class _Asking:
    """One question in hand: what is read once and used by every part of the answer."""

    def __init__(self, actor: Actor, question: Question, dataset: Dataset, on: date) -> None:
        self.dataset = dataset
        self.places: Places = places()
        self.question = self._settled(question)
        self.reading = reading(actor=actor, dataset=dataset, on=on)
        if not self.reading:
            said = " ".join(self.reading.refusals) or "Nothing is held of it yet."
            raise Refused(f"“{dataset.name}” cannot be read. {said}")
        self.audience = audience_of(actor)
        self.rule = rule_for(dataset, actor=actor, on=on)
        everything = held_months(dataset=dataset, organisations=self.reading.organisations)
        self.held = tuple(everything)
        self.version = version_of(everything)
        self.cube: Cube = cube_of(dataset, everything)
        self.figures = figures(
            dataset=dataset,
            cube=self.cube,
            places=self.places,
            rule=self.rule,
            version=self.version,
            audience=self.audience,
        )
        self.incomplete = tuple(
            sorted({month_text(each.month) for each in everything if each.incomplete})
        )
        self.labels = labels(dataset)
        self._check()

    # What is asked

    def _settled(self, question: Question) -> Question:
        area = self.places.find(question.area)
        if area is None:
            known = ", ".join(self.places.districts.values())
            raise UnableToAsk(f"“{question.area}” is no place here. Choose one of: {known}.")
        known_labels = labels(self.dataset)
        category = question.category
        if category and category not in known_labels:
            raise UnableToAsk(f"“{category}” is not a kind that {self.dataset.name} holds.")
        if not category and not adds_up(self.dataset) and question.by != "category":
            category = next(iter(self._held_categories()), "")
        return question.with_(area=area, category=category)

    def _held_categories(self) -> list[str]:
        return [code for code in labels(self.dataset) if code in self._cube_categories()]

    def _cube_categories(self) -> tuple[str, ...]:
        held = held_months(
            dataset=self.dataset,
            organisations=[s.organisation for s in _providers(self.dataset)],
        )
        return cube_of(self.dataset, held).categories

    def _check(self) -> None:
        small = self.question.by == "area" and bool(self.question.area)
        wanted = Detail.LSOA if small else Detail.DISTRICT
        if not self.question.area and not small:
            wanted = Detail.DISTRICT if self.question.by == "area" else Detail.COUNTY
        if not self.reading.covers(wanted):
            raise Refused(
                f"The agreement shares “{self.dataset.name}” by "
                f"{Detail(self.reading.detail).label.lower()} and no finer "
                f"({', '.join(self.reading.clauses)}). Ask for a coarser place."
            )
        if small and self.rule.protects:
            raise Refused(
                "Small areas of protected data are not published. Ask for districts instead."
            )

    @property
    def where(self) -> str:
        return self.places.name(self.question.area)

    @property
    def what(self) -> str:
        if self.question.category:
            return self.labels.get(self.question.category, self.question.category)
        return self.dataset.name

    # The answer

    def answer(self) -> Answer:
        tables = {"month": self._by_month, "category": self._by_category, "area": self._by_area}
        table = tables[self.question.by]()
        total = self._total(self.question.months)
        map_table, map_kind = self._map()
        return Answer(
            question=self.question,
            dataset=self.dataset,
            where=self.where,
            what=self.what,
            sentence=self._sentence(total, table),
            table=table,
            map_table=map_table,
            map_kind=map_kind,
            caveats=self._caveats(),
            rests_on=self.reading,
            held=tuple(h for h in self.held if month_text(h.month) in self.question.months),
            version=self.version,
            synthetic=any(each.synthetic for each in self.held),
            rule=self.rule.label,
            incomplete=self.incomplete,
            total=total,
        )

    def _cell(self, months: Sequence[str], *, area: str | None = None, category: str = "") -> Cell:
        return self.figures.cell(
            area=self.question.area if area is None else area,
            months=months,
            category=category or self.question.category,
        )

    def _total(self, months: Sequence[str]) -> Cell | None:
        """The count of the period, or None where it was not published or does not add up."""
        if not self.question.category and not adds_up(self.dataset):
            return None
        try:
            return self._cell(months)
        except Refused:
            return None

    def _whole(self, months: Sequence[str]) -> bool:
        held = {month_text(each.month) for each in self.held}
        return all(month in held and month not in self.incomplete for month in months)

    def _sentence(self, total: Cell | None, table: PublishableTable) -> Sentence:
        months = self.question.months
        period, before_months = self.question.period, year_before(months)
        what, now = self.what, total
        if now is None and not self.question.category and not adds_up(self.dataset):
            return Sentence(
                f"{self.dataset.name} in {self.where}, {period}: "
                "each measure has its own definition and they are not added up.",
                "unknown",
            )
        if now is None or (now.status is Status.MISSING and not self._whole(months)):
            months, before_months = self._comparable(months)
            if not months:
                return sentence_of(what=what, where=self.where, period=period, now=None)
            now = self._total(months)
            period = period_name(months[0], months[-1])
        before = self._total(before_months) if self._whole(before_months) else None
        return sentence_of(
            what=what,
            where=self.where,
            period=period,
            now=now,
            before=before,
            side=self._side(table) if self.question.by == "month" else None,
            concentration=self._concentration() if self.question.by == "area" else None,
        )

    def _comparable(self, months: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The last month that is whole and published, when the period itself is not."""
        for month in reversed(months):
            if self._whole([month]):
                return (month,), year_before([month])
        return (), ()

    def _side(self, table: PublishableTable) -> Any:
        keys = [column.key for column in table.columns]
        if "lower" not in keys or not table.rows:
            return None
        last = dict(zip(keys, table.rows[-1], strict=True))
        low, high, count = last["lower"].value, last["upper"].value, last["count"].value
        if low is None or high is None or count is None:
            return None
        return "above" if count > high else "below" if count < low else "within"

    def _concentration(self) -> Any:
        if self.rule.protects or not self.reading.covers(Detail.LSOA):
            return None
        units = (
            self.places.within(self.question.area)
            if self.question.area
            else sorted(
                {
                    unit
                    for code, unit in self.places.units.items()
                    if self.places.district_of.get(code) in self.places.districts
                }
            )
        )
        if not units:
            return None
        summed = self._open_sum(("area",), self.question.months, self.places.units, units)
        return areas_holding(summed.values, of=len(units))

    def _open_sum(
        self,
        by: Sequence[Any],
        months: Sequence[str],
        mapping: Mapping[str, str],
        within: Sequence[str] | None,
    ) -> Any:
        return self.cube.sum(
            by=by,
            months=months,
            categories=[self.question.category] if self.question.category else None,
            places=mapping,
            within=within,
            elsewhere=ELSEWHERE,
        )

    # By month

    def _by_month(self) -> PublishableTable:
        months = self.question.months
        earlier = self._series(year_before(months))
        limits = self._limits()
        derived = [
            Derived(
                Column("before", "A year before", "number"),
                ("month",),
                lambda row: earlier.get(shifted(row["month"], -12)),
            ),
            Derived(
                Column("lower", "Usual range from", "number"),
                ("month",),
                lambda row: limits["lower"].get(row["month"]),
            ),
            Derived(
                Column("upper", "to", "number"),
                ("month",),
                lambda row: limits["upper"].get(row["month"]),
            ),
            Derived(
                Column("centre", "Mean", "number"),
                ("month",),
                lambda row: limits["centre"].get(row["month"]),
            ),
        ]
        if not limits["centre"]:
            derived = derived[:1]
        return self._rows("month", months, derived)

    def _series(self, months: Sequence[str]) -> dict[str, float | None]:
        """Month by month as it may be shown: gaps and hidden figures are None."""
        found = {}
        for month in months:
            value = self._cell([month]).value
            found[month] = value if isinstance(value, int | float) else None
        return found

    def _limits(self) -> dict[str, dict[str, int]]:
        """XmR limits over the months shown and up to four years with them."""
        last = self.question.end
        first = min(self.question.start, shifted(last, 1 - 12 * YEARS_OF_LIMITS))
        months = month_range(first, last)
        series = self._series(months)
        skipped = [i for i, month in enumerate(months) if month in self.incomplete]
        found = control.xmr_limits([series[m] for m in months], incomplete=skipped)
        if found.centre is None:
            return {"lower": {}, "upper": {}, "centre": {}}
        pairs = list(zip(months, found.lower, found.upper, strict=True))
        return {
            "lower": {m: round(low) for m, low, _ in pairs if low is not None},
            "upper": {m: round(high) for m, _, high in pairs if high is not None},
            "centre": {m: round(found.centre) for m, low, _ in pairs if low is not None},
        }

    # By category

    def _by_category(self) -> PublishableTable:
        months = self.question.months
        before_months = year_before(months)
        whole = self._whole(before_months)
        codes = [code for code in self.labels if code in self.cube.categories]
        if self.question.category:
            codes = [self.question.category]
        earlier = {
            self.labels[code]: self._cell(before_months, category=code).value if whole else None
            for code in codes
        }
        derived = [
            Derived(
                Column("before", "A year before", "number"),
                ("category",),
                lambda row: earlier.get(row["category"]),
            ),
            percent_change_of(Column("change", "Change", "percent"), now="count", before="before"),
        ]
        return self._rows("category", codes, derived)

    # By area

    def _by_area(self) -> PublishableTable:
        return self._small_areas() if self.question.area else self._districts()

    def _districts(self) -> PublishableTable:
        months = self.question.months
        codes = list(self.places.districts)
        counts = [self._cell(months, area=code).value for code in codes]
        funnel = control.funnel(
            [c if isinstance(c, int) else None for c in counts],
            [self.places.residents.get(code) for code in codes],
        )
        by_name = dict(zip(self.places.districts.values(), funnel.points, strict=True))
        standing = Derived(
            Column("standing", "Against the county"),
            ("area", "rate"),
            lambda row: (
                str(by_name[row["area"]].standing.value) if row["area"] in by_name else None
            ),
        )
        return self._rows("area", codes, [*self._rates(), standing], remainder=True)

    def _rates(self) -> list[Derived]:
        """Rate per 1,000 residents with its 95% interval, from figures as shown."""

        def end(which: str) -> Any:
            def work(row: Mapping[str, Any]) -> float | None:
                found = rate(row["count"], row["residents"])
                return None if found is None else float(getattr(found, which))

            return work

        needs = ("count", "residents")
        return [
            rate_of(Column("rate", "Per 1,000", "rate"), count="count", population="residents"),
            Derived(Column("low", "95% interval from", "rate"), needs, end("low")),
            Derived(Column("high", "to", "rate"), needs, end("high")),
        ]

    def _small_areas(self) -> PublishableTable:
        units = self.places.within(self.question.area)
        return self._unit_table(units)

    def _unit_table(self, units: Sequence[str]) -> PublishableTable:
        summed = self._open_sum(("area",), self.question.months, self.places.units, units)
        names = self.places.unit_names
        rows = [
            {
                "code": unit,
                "area": names.get(unit, unit),
                "count": count,
                "residents": self.places.unit_residents.get(unit),
            }
            for unit, count in summed.rows
        ]
        rows.sort(key=lambda row: (-(row["count"] or 0), row["area"]))
        return publish(
            title=self._title(),
            columns=(
                Column("code", "Code"),
                Column("area", "Small area"),
                Column("count", "Count", "count"),
                Column("residents", "Residents", "number"),
            ),
            rows=rows,
            derived=self._rates()[:1],
            rule=self.rule,
            audience=self.audience,
            notes=("Areas of 2011 and 2021 are joined where one became several.",),
            synthetic=self._synthetic(),
            sources=self._sources(),
        )

    # Maps

    def _map(self) -> tuple[PublishableTable | None, str]:
        """A table of places to colour: small areas of a district, else districts."""
        if self.question.area and not self.rule.protects and self.reading.covers(Detail.LSOA):
            units = self.places.within(self.question.area)
            return (self._unit_table(units), "small areas") if units else (None, "")
        if self.question.area or (not self.question.category and not adds_up(self.dataset)):
            return None, ""
        try:
            return self._districts(), "districts"
        except Refused:
            return None, ""

    # The rows of any breakdown

    def _rows(
        self,
        by: str,
        codes: Sequence[str],
        derived: Sequence[Derived],
        *,
        remainder: bool = False,
    ) -> PublishableTable:
        if isinstance(self.figures, ProtectedFigures):
            return self._protected_rows(self.figures, by, codes, derived)
        return self._open_rows(by, codes, derived, remainder=remainder)

    def _open_rows(
        self, by: str, codes: Sequence[str], derived: Sequence[Derived], *, remainder: bool
    ) -> PublishableTable:
        months = self.question.months
        rows: list[dict[str, Any]] = []
        for code in codes:
            if by == "month":
                cell = self._cell([code])
            elif by == "category":
                cell = self._cell(months, category=code)
            else:
                cell = self._cell(months, area=code)
            rows.append({by: self._label(by, code), "count": cell.value, "code": code})
            if by == "area":
                rows[-1]["residents"] = self.places.residents.get(code)
        if remainder:
            rows += self._remainder()
        columns = [Column(by, _HEADINGS[by], "month" if by == "month" else "text")]
        if by == "area":
            columns.insert(0, Column("code", "Code"))
        columns.append(Column("count", "Count", "count"))
        if by == "area":
            columns.append(Column("residents", "Residents", "number"))
        return publish(
            title=self._title(),
            columns=columns,
            rows=rows,
            rule=self.rule,
            audience=self.audience,
            derived=derived,
            synthetic=self._synthetic(),
            sources=self._sources(),
        )

    def _remainder(self) -> list[dict[str, Any]]:
        """What lies outside the county, so that everything adds up to what was stored."""
        summed = self._open_sum(("area",), self.question.months, self.places.by_district(), None)
        counts = dict(summed.rows)
        rows = []
        for code in (NEIGHBOURING, ELSEWHERE, UNLOCATED):
            label = REMAINDER_LABELS[code]
            if code == NEIGHBOURING and len(self.places.neighbours) == 1:
                label = f"Neighbouring: {next(iter(self.places.neighbours.values()))}"
            rows.append(
                {
                    "code": code or "unlocated",
                    "area": label,
                    "count": counts.get(code, 0),
                    "residents": None,
                }
            )
        return rows

    def _protected_rows(
        self,
        found: ProtectedFigures,
        by: str,
        codes: Sequence[str],
        derived: Sequence[Derived],
    ) -> PublishableTable:
        where = {}
        if by != "area":
            where["area"] = self.question.area or COUNTY
        if by != "month":
            period = period_code(self.question.months)
            if period is None:
                raise Refused(
                    "Figures that are protected are published for single months and calendar "
                    "years. Choose one month, or January to December of a year."
                )
            where["month"] = period
        if by != "category":
            where["category"] = self.question.category or "all"
        facts = {}
        if by == "area":
            facts = {Column("residents", "Residents", "number"): dict(self.places.residents)}
        known = found.release.dimensions[1].positions
        kept = [code for code in codes if by != "month" or code in known]
        return found.release.table(
            title=self._title(),
            by=[by],
            where=where,
            only={by: kept},
            facts=facts,
            derived=derived,
        )

    def _label(self, by: str, code: str) -> str:
        if by == "category":
            return self.labels.get(code, code)
        return self.places.name(code) if by == "area" else code

    def _title(self) -> str:
        broken = rules.BREAKDOWNS[self.question.by].lower()
        return f"{self.what}, {self.where}, {self.question.period}, {broken}"

    def _synthetic(self) -> bool:
        return any(each.synthetic for each in self.held)

    def _sources(self) -> tuple[str, ...]:
        names = ", ".join(each.name for each in self.reading.organisations)
        return (f"{self.dataset.name}, from {names}",)

    # Caveats

    def _caveats(self) -> tuple[str, ...]:
        months = self.question.months
        held = {month_text(each.month): each for each in self.held}
        said: list[str] = []
        if self._synthetic():
            said.append("Synthetic data: made up, about no real person or event.")
        gaps = [month for month in months if month not in held]
        if gaps:
            said.append(
                f"{len(gaps)} of {len(months)} months are missing, not zero: {_some(gaps)}."
            )
        partial = [month for month in months if month in self.incomplete]
        if partial:
            said.append(
                f"Incomplete releases, left out of limits and comparisons: {_some(partial)}."
            )
        vintages = {held[month].vintage for month in months if month in held} - {None}
        if len(vintages) > 1:
            said.append(
                "Small areas changed in this period. They are joined where one became several."
            )
        if self.question.by == "area":
            said.append("Rates are per 1,000 residents; visitors are counted and not residents.")
        limitations = contract_of(self.dataset).limitations
        if limitations:
            said.append(limitations)
        said.extend(self.reading.warnings)
        said.extend(self.reading.refusals)
        return tuple(said)


_HEADINGS = {"month": "Month", "category": "Kind", "area": "Place"}


def _some(months: Sequence[str]) -> str:
    named = [period_name(month, month) for month in months]
    return (
        ", ".join(named) if len(named) <= 4 else f"{', '.join(named[:3])} and {len(named) - 3} more"
    )


def _providers(dataset: Dataset) -> Any:
    return (
        dataset.submissions.filter(months__current=True).select_related("organisation").distinct()
    )


__all__ = ["Answer", "OpenFigures", "answer", "datasets", "default_question"]
