"""An assessment as one structured document: page, PDF and Word alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from frankpledge.access.actors import Actor
from frankpledge.assessment import rules
from frankpledge.assessment.enums import Mark
from frankpledge.assessment.models import Assessment, IssueMark, Placing
from frankpledge.assessment.queries.reading import SectionPage, sections_of
from frankpledge.core.markings import Audience
from frankpledge.documents import (
    Block,
    Callout,
    Contents,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    TableBlock,
    emphasis,
    markdown_blocks,
)
from frankpledge.evidence.queries.presenting import finding_blocks
from frankpledge.evidence.queries.terms import given_to_all


def compose(found: Assessment, *, actor: Actor) -> Document:
    """The document for the readers printed on it: no Finding shown to fewer people is in it,
    and none that this actor may not see."""
    given = set(given_to_all(audience=found.audience, on=actor.on).values_list("pk", flat=True))
    sections = tuple(
        replace(
            each,
            placings=tuple(
                p for p in each.placings if p.finding_id in given and _for_its_readers(found, p)
            ),
        )
        for each in sections_of(found, actor)
    )
    body: list[Block] = [
        Paragraph(_about(found)),
        Contents(),
        PageBreak(),
    ]
    for section in sections:
        body.extend(_section(section, actor.on))
    body.extend(issue_blocks(found))
    synthetic = any(placing.finding.synthetic for each in sections for placing in each.placings)
    return Document(
        title="Strategic assessment",
        subtitle=f"{found.csp.name}, {found.cycle.name}",
        organisation=found.csp.name,
        marking=found.marking,
        version=found.cycle.name,
        date=f"Data window {found.window_from:%-d %B %Y} to {found.window_to:%-d %B %Y}",
        status_line=_status(found),
        synthetic=synthetic or bool(found.cycle.note),
        body=tuple(body),
        contact=found.csp.contact,
    )


def _for_its_readers(found: Assessment, placing: Placing) -> bool:
    finding = placing.finding
    if finding.audience == Audience.PUBLIC:
        return True
    if finding.audience != found.audience:
        return finding.audience == Audience.PARTNERSHIP and found.audience != Audience.PUBLIC
    return finding.audience_body_id == found.audience_body_id


def _about(found: Assessment) -> str:
    return (
        f"This is the strategic assessment of {found.csp.name} for {found.cycle.name}. "
        f"Its data window is {found.window_from:%-d %B %Y} to {found.window_to:%-d %B %Y}. "
        "Each figure names its own period and source."
    )


def _status(found: Assessment) -> str:
    if found.signed_off_on is None:
        return f"{found.get_state_display()}, not signed off"
    return f"Signed off on {found.signed_off_on:%-d %B %Y} by {found.signed_off_as}"


def _section(section: SectionPage, on: date) -> tuple[Block, ...]:
    blocks: list[Block] = [
        Heading(1, section.kind.label, id=f"section-{section.kind.value}", numbered=True)
    ]
    blocks.extend(markdown_blocks(section.text))
    for placing in section.placings:
        blocks.extend(finding_blocks(placing.finding, on=on))
        blocks.extend(markdown_blocks(placing.commentary))
    if not section.text.strip() and not section.placings:
        reason = section.reason_empty.strip()
        empty = Callout("Nothing to report", (Paragraph(reason),))
        blocks.append(empty if reason else Paragraph("Not written yet."))
    return tuple(blocks)


def issue_blocks(found: Assessment) -> tuple[Block, ...]:
    marks = list(found.marks.select_related("issue", "scoring_model").order_by("issue__order"))
    heading = Heading(1, "How each issue is named", id="issues", numbered=True)
    if not marks:
        return (heading, Paragraph("No issue has been marked yet."))
    order = [*Mark, ""]
    marks.sort(key=lambda mark: (order.index(mark.mark), -(_total(mark) or 0)))
    rows = tuple(
        (
            str(mark.issue),
            mark.get_mark_display() or "Not marked yet",
            *_scores(mark),
        )
        for mark in marks
    )
    models = {str(mark.scoring_model): mark.scoring_model for mark in marks if mark.scoring_model}
    notes = [f"Scored with {name}. {model.source}" for name, model in models.items()]
    return (
        heading,
        TableBlock(
            caption="Each issue, how it is named and its score",
            columns=("Issue", "Named as", "Score", "Band"),
            rows=rows,
            align=("left", "left", "right", "left"),
            header_column=True,
            note=" ".join(notes),
        ),
        *((Paragraph((emphasis(found.cycle.note),)),) if found.cycle.note else ()),
    )


def _total(mark: IssueMark) -> int | None:
    return rules.total(mark.scores)


def _scores(mark: IssueMark) -> tuple[str, str]:
    value = _total(mark)
    if value is None or mark.scoring_model is None:
        return "–", "Not scored"
    return str(value), rules.band(mark.scoring_model.bands, value)
