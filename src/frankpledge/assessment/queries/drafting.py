"""A district's assessment written straight from the data held, for a window of months."""

from __future__ import annotations

from datetime import date

from frankpledge.access.actors import Actor
from frankpledge.access.decisions import Refused as NotAllowed
from frankpledge.access.decisions import visible
from frankpledge.access.enums import Capability
from frankpledge.analysis.disclosure import Refused
from frankpledge.analysis.months import InvalidMonth, month_range, period_name
from frankpledge.assessment.enums import SectionKind
from frankpledge.assessment.models import Assessment
from frankpledge.assessment.queries.document import issue_blocks
from frankpledge.core.markings import Audience, Classification, marking_text
from frankpledge.documents import (
    Block,
    Callout,
    Contents,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    markdown_blocks,
)
from frankpledge.evidence.queries.asking import Answer, answer, datasets
from frankpledge.evidence.queries.presenting import answer_blocks
from frankpledge.evidence.rules import By, Question, UnableToAsk
from frankpledge.partnership.enums import BodyKind
from frankpledge.partnership.models import Body

_BREAKDOWNS: dict[SectionKind, tuple[By, ...]] = {
    SectionKind.LEVELS: ("category", "area"),
    SectionKind.CHANGES: ("month",),
}


class UnableToAssess(Exception):
    """The assessment cannot be written; the text says what to choose."""


def district_document(*, actor: Actor, csp: str, start: str, end: str, on: date) -> Document:
    """Figures from every dataset the actor may ask; the words of the district's own assessment
    where one covers the window. Raises UnableToAssess."""
    body = _body(actor, csp)
    area = body.areas.order_by("code").first()
    if area is None:
        raise UnableToAssess(f"{body.name} covers no area. Give it its district first.")
    try:
        if not month_range(start, end):
            raise UnableToAssess("The last month is before the first.")
    except InvalidMonth as error:
        raise UnableToAssess(str(error)) from None
    answers = _answers(actor, area.code, start, end, on)
    written = _written(actor, body, start, end)
    blocks: list[Block] = [
        Paragraph(
            f"This is the strategic assessment of {body.name} for {period_name(start, end)}. "
            "Each figure names its own period and source."
        ),
        Contents(),
        PageBreak(),
    ]
    for kind in SectionKind:
        blocks.extend(_section(kind, answers, written))
    if written is not None:
        blocks.extend(issue_blocks(written))
    return Document(
        title="Strategic assessment",
        subtitle=f"{body.name}, {period_name(start, end)}",
        organisation=body.name,
        marking=marking_text(Audience.PARTNERSHIP, Classification.OFFICIAL),
        version=period_name(start, end),
        date=f"Written on {on:%-d %B %Y}",
        status_line="Written from the data held, not signed off",
        synthetic=any(each.synthetic for each in answers),
        body=tuple(blocks),
        contact=body.contact,
    )


def _body(actor: Actor, csp: str) -> Body:
    found = visible(actor, Capability.VIEW, Body).filter(kind=BodyKind.CSP)
    body = found.filter(slug=csp).first()
    if body is None:
        known = ", ".join(found.order_by("slug").values_list("slug", flat=True))
        raise UnableToAssess(f"There is no partnership {csp}. Choose one of: {known}.")
    return body


def _answers(actor: Actor, area: str, start: str, end: str, on: date) -> list[Answer]:
    found = []
    for dataset in datasets(actor=actor):
        for by in ("category", "area", "month"):
            question = Question(dataset.slug, start, end, area, by)
            try:
                found.append(answer(actor=actor, question=question, on=on))
            except (Refused, NotAllowed, UnableToAsk):
                continue
    return [each for each in found if each.held]


def _written(actor: Actor, body: Body, start: str, end: str) -> Assessment | None:
    """The district's own assessment of this very window, where there is one."""
    seen = visible(actor, Capability.VIEW, Assessment).filter(csp=body)
    return next(
        (
            each
            for each in seen.order_by("-cycle__due_on", "pk")
            if f"{each.window_from:%Y-%m}" == start and f"{each.window_to:%Y-%m}" == end
        ),
        None,
    )


def _section(kind: SectionKind, answers: list[Answer], written: Assessment | None) -> list[Block]:
    blocks: list[Block] = [Heading(1, kind.label, id=f"section-{kind.value}", numbered=True)]
    section = written.sections.filter(kind=kind).first() if written else None
    if section is not None:
        blocks.extend(markdown_blocks(section.text))
    for each in answers:
        if each.question.by in _BREAKDOWNS.get(kind, ()):
            blocks.extend(answer_blocks(each))
    if len(blocks) == 1:
        blocks.append(
            Callout(
                "Not written yet", (Paragraph("The district partnership writes this section."),)
            )
        )
    return blocks
