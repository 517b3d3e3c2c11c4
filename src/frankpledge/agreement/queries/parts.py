"""What the records say, as blocks of the document: one list feeds every chapter that shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q

from frankpledge.agreement.enums import LandscapeGroup, ProposalState, VersionState
from frankpledge.agreement.models import (
    AgreementVersion,
    Objective,
    PriorityChange,
)
from frankpledge.agreement.queries.coming import standing
from frankpledge.assessment.queries import cycle_roll_up
from frankpledge.core.markings import Audience
from frankpledge.documents import (
    Block,
    Bullets,
    Callout,
    Heading,
    Paragraph,
    TableBlock,
    emphasis,
    strong,
)
from frankpledge.partnership.enums import BodyKind
from frankpledge.partnership.models import Body, Legislation, LinkedPlan, Organisation

Part = Callable[[AgreementVersion], tuple[Block, ...]]


def _on(version: AgreementVersion) -> date:
    return version.effective_from


def _readers(version: AgreementVersion) -> tuple[str, ...]:
    """The audiences whose records the readers of this version may all see."""
    public = version.audience == Audience.PUBLIC
    return (Audience.PUBLIC,) if public else (Audience.PUBLIC, Audience.PARTNERSHIP)


def version_control(version: AgreementVersion) -> tuple[Block, ...]:
    """The published versions up to this one and itself, oldest first, with change notes."""
    versions = (
        AgreementVersion.objects.filter(
            Q(pk=version.pk)
            | Q(state=VersionState.PUBLISHED, audience__in=_readers(version), body=version.body),
            effective_from__lte=_on(version),
        )
        .prefetch_related("change_notes")
        .order_by("effective_from", "number", "pk")
    )
    rows = []
    for each in versions:
        notes = Bullets(tuple(str(note) for note in each.change_notes.all()))
        rows.append((each.number, f"{each.effective_from:%B %Y}", notes if notes.items else "–"))
    return (
        TableBlock(
            caption="Versions of this agreement and what changed in each",
            columns=("Version", "Date", "Changes"),
            rows=tuple(rows),
            header_column=True,
        ),
    )


def priorities(version: AgreementVersion) -> tuple[Block, ...]:
    """Priorities with what each includes; those without a scope line say nothing more."""
    set_out = standing(version)
    lines = [
        (strong(each.name), f" includes: {each.scope}") if each.scope else (strong(each.name),)
        for each in set_out.priorities
    ]
    theme_lines = [
        (strong(each.name), f" includes: {each.scope}") if each.scope else (strong(each.name),)
        for each in set_out.themes
    ]
    return (
        Callout("Priorities", (Bullets(tuple(lines)),)),
        Callout("Cross-cutting themes", (Bullets(tuple(theme_lines)),)),
        Paragraph((emphasis("The order of the priorities carries no rank."),)),
    )


def priority_tables(version: AgreementVersion) -> tuple[Block, ...]:
    """The priorities, themes and the policing body's objectives, each as a table."""
    set_out = standing(version)
    blocks: list[Block] = []
    for caption, lines in (
        ("Priorities of the agreement", set_out.priorities),
        ("Cross-cutting themes of the agreement", set_out.themes),
    ):
        rows = tuple((str(index), line.name) for index, line in enumerate(lines, start=1))
        if rows:
            blocks.append(TableBlock(caption, ("No.", "Name"), rows, ("right",)))
    return (*blocks, *objectives(version))


def objectives(version: AgreementVersion) -> tuple[Block, ...]:
    """The policing body's objectives beside the priorities that serve them."""
    found = Objective.objects.on(_on(version)).filter(plan__audience__in=_readers(version))
    found = found.select_related("plan", "organisation")
    found = found.prefetch_related("priorities")
    names = {line.record: line.name for line in standing(version).priorities}
    by_plan: dict[str, list[Objective]] = {}
    for each in found:
        by_plan.setdefault(each.plan.title, []).append(each)
    blocks = []
    for plan, rows in by_plan.items():
        notes = sorted({row.crosswalk_note for row in rows if row.crosswalk_note})
        blocks.append(
            TableBlock(
                caption=f"Priorities of “{plan}” and the priorities of this agreement beside them",
                columns=("Priority of the policing body", "Priorities of this agreement"),
                rows=tuple((row.name, ", ".join(_served(row, names)) or "–") for row in rows),
                header_column=True,
                note=" ".join(notes),
            )
        )
    return tuple(blocks)


def _served(objective: Objective, names: dict[Any, str]) -> list[str]:
    """The priorities beside an objective, as this version names them."""
    return [names[each.pk] for each in objective.priorities.all() if each.pk in names]


def leads(version: AgreementVersion) -> tuple[Block, ...]:
    rows = [(each.name, each.lead or "Vacant") for each in standing(version).priorities]
    return (
        TableBlock("Lead for each priority", ("Priority", "Lead"), tuple(rows), header_column=True),
    )


def plans(version: AgreementVersion) -> tuple[Block, ...]:
    shown = LinkedPlan.objects.on(_on(version)).filter(audience__in=_readers(version))
    titles = shown.order_by("created_at", "title", "pk")
    return (Bullets(tuple(titles.values_list("title", flat=True))),)


def responsible_authorities(version: AgreementVersion) -> tuple[Block, ...]:
    """The responsible authorities on the day, with the district ones said as one line."""
    found = Organisation.objects.on(_on(version)).filter(is_responsible_authority=True)
    districts = [each for each in found if each.kind == "district"]
    others = [each.name for each in found if each.kind != "district"]
    local = Body.objects.on(_on(version)).filter(kind=BodyKind.CSP).count()
    lines = others + ([f"{len(districts)} district and borough councils"] if districts else [])
    if local:
        lines.append(f"{local} local Community Safety Partnerships")
    return (Bullets(tuple(lines)),)


def linked_groups(version: AgreementVersion) -> tuple[Block, ...]:
    groups = Body.objects.on(_on(version)).filter(kind=BodyKind.GROUP, audience="public")
    return (Bullets(tuple(groups.values_list("name", flat=True))),)


def history(version: AgreementVersion) -> tuple[Block, ...]:
    """The decided changes of priority before this version, oldest first."""
    decided = PriorityChange.objects.filter(
        Q(version=None) | Q(version__state=VersionState.PUBLISHED),
        body=version.body,
        state=ProposalState.AGREED,
        effective_from__lt=_on(version),
        audience="public",
    )
    lines = tuple(
        (strong(f"{each.effective_from:%B %Y}: "), each.reason)
        for each in decided.order_by("effective_from", "created_at", "name", "pk")
    )
    return (Bullets(lines),) if lines else ()


def landscape(version: AgreementVersion) -> tuple[Block, ...]:
    blocks: list[Block] = []
    entries = list(version.landscape.all())
    for group in LandscapeGroup:
        mine = [entry for entry in entries if entry.group == group]
        if mine:
            blocks.append(Heading(2, group.label))
        blocks.extend(
            Paragraph((strong(f"{entry.title}. "), entry.text), numbered=True) for entry in mine
        )
    return tuple(blocks)


def legislation(version: AgreementVersion) -> tuple[Block, ...]:
    found = Legislation.objects.filter(audience="public").exclude(duty="")
    rows = tuple((each.title, each.get_status_display(), each.duty) for each in found)
    if not rows:
        return ()
    return (
        TableBlock(
            "Legislation and the duty each brings",
            ("Legislation", "Status", "Duty"),
            rows,
            header_column=True,
        ),
    )


def roll_up(version: AgreementVersion) -> tuple[Block, ...]:
    """How many CSPs named each issue; the number never exceeds that of the CSPs."""
    if version.cycle is None:
        return (Paragraph("No cycle of assessments is linked to this version."),)
    answer = cycle_roll_up(cycle=version.cycle, on=_on(version))
    rows = tuple(
        (
            f"{row.issue} (including {row.includes})" if row.includes else row.issue,
            str(row.count),
            str(len(row.main)),
            str(len(row.theme)),
            str(len(row.part)),
        )
        for row in answer.rows
    )
    return (
        TableBlock(
            caption=f"Number of CSPs naming each issue, of {answer.csps}, {version.cycle.name}",
            columns=("Issue", "CSPs", "Main priority", "Theme", "Part of a broader theme"),
            rows=rows,
            align=("left", "right", "right", "right", "right"),
            header_column=True,
            note=version.cycle.note,
        ),
    )


PARTS: dict[str, Part] = {
    "version-control": version_control,
    "priorities": priorities,
    "priority-tables": priority_tables,
    "objectives": objectives,
    "leads": leads,
    "plans": plans,
    "responsible-authorities": responsible_authorities,
    "linked-groups": linked_groups,
    "history": history,
    "landscape": landscape,
    "legislation": legislation,
    "roll-up": roll_up,
}
