"""The agreement as one structured document, and the difference between two of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404

from frankpledge.agreement import rules
from frankpledge.agreement.enums import VersionState
from frankpledge.agreement.models import AgreementVersion, Chapter, PriorityChange
from frankpledge.agreement.queries.parts import PARTS, version_control
from frankpledge.assessment.models import Cycle
from frankpledge.documents import (
    Block,
    Contents,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    markdown_blocks,
)
from frankpledge.documents.frozen import digest, freeze, thaw
from frankpledge.documents.tree import spans_of


def chapter_blocks(version: AgreementVersion, chapter: Chapter) -> tuple[Block, ...]:
    """A chapter's heading, its typed paragraphs (numbered in numbered chapters), its parts."""
    numbered = chapter.label.isdigit()
    title = chapter.title if numbered or not chapter.label else f"{chapter.label}: {chapter.title}"
    blocks: list[Block] = [Heading(1, title, id=chapter.key, numbered=numbered)]
    for kind, content in rules.pieces(chapter.text):
        if kind == "part":
            blocks.extend(PARTS[content](version) if content in PARTS else ())
        else:
            blocks.extend(_numbered(markdown_blocks(content), numbered))
    return tuple(blocks)


def _numbered(blocks: tuple[Block, ...], numbered: bool) -> tuple[Block, ...]:
    """A paragraph typed with a number such as 2.1 gets the next number of its chapter."""
    if not numbered:
        return blocks
    return tuple(_renumbered(block) for block in blocks)


def _renumbered(block: Block) -> Block:
    if not isinstance(block, Paragraph):
        return block
    first, *rest = spans_of(block.spans)
    match = rules.TYPED_NUMBER.match(first.text)
    if match is None:
        return block
    spans = (replace(first, text=first.text[match.end() :]), *rest)
    return replace(block, spans=spans, numbered=True)


@dataclass(frozen=True)
class Composed:
    """The document and the digest of each chapter, by its key."""

    document: Document
    chapters: dict[str, str]

    def kept(self) -> dict[str, Any]:
        return {"document": freeze(self.document), "chapters": self.chapters}


def compose(version: AgreementVersion) -> Composed:
    """The document as the records are now."""
    body: list[Block] = [
        Heading(1, "Version control", id="version-control"),
        *version_control(version),
        PageBreak(),
        Contents(),
    ]
    digests = {}
    for chapter in version.chapters.all():
        blocks = chapter_blocks(version, chapter)
        digests[chapter.key] = digest(blocks)
        body.extend((PageBreak(), *blocks))
    return Composed(_frame(version, tuple(body)), digests)


def _frame(version: AgreementVersion, body: tuple[Block, ...]) -> Document:
    return Document(
        title=version.title,
        subtitle=f"{version.effective_from:%B %Y}",
        organisation=version.body.name,
        marking=version.marking,
        version=version.number,
        date=f"Effective from {version.effective_from:%-d %B %Y}",
        status_line=version.get_state_display(),
        synthetic=Cycle.objects.filter(body=version.body).exclude(note="").exists(),
        body=body,
        contact=version.body.contact,
    )


def document_of(version: AgreementVersion) -> Document:
    """A published version as it was published; a draft as it stands. Raises Http404 for one of
    which no text is held: what it said is never made up from the records of today."""
    if version.state == VersionState.PUBLISHED:
        if not version.content:
            raise Http404
        document: Document = thaw(version.content["document"])
        return document
    return compose(version).document


def _digests(version: AgreementVersion | None) -> dict[str, str] | None:
    if version is None:
        return {}
    if version.state == VersionState.PUBLISHED:
        return dict(version.content["chapters"]) if version.content else None
    return compose(version).chapters


@dataclass(frozen=True)
class Difference:
    """What changed since the version before, and where notes disagree with it."""

    changed: dict[str, str]
    problems: tuple[str, ...]
    labels: dict[str, str]
    suggestions: tuple[str, ...]
    comparable: bool


def difference(version: AgreementVersion) -> Difference:
    """Compare chapter by chapter with the version before, and the notes with the outcome."""
    labels = {chapter.key: str(chapter) for chapter in version.chapters.all()}
    before = _digests(version.previous)
    if before is None:
        return Difference({}, (), labels, _suggestions(version), comparable=False)
    changed = rules.changed_chapters(before, _digests(version) or {})
    keys = version.change_notes.exclude(chapter_key="").values_list("chapter_key", flat=True)
    problems = rules.note_problems(changed, set(keys), labels)
    return Difference(changed, problems, labels, _suggestions(version), comparable=True)


def _suggestions(version: AgreementVersion) -> tuple[str, ...]:
    """A note for each agreed change of priority that this version brings in."""
    agreed = PriorityChange.objects.filter(version=version, state="agreed").order_by("name", "pk")
    return tuple(rules.suggested_note(each.kind, each.name, each.new_name) for each in agreed)


def current_version() -> AgreementVersion | None:
    """The latest published version: what the permanent address shows."""
    return (
        AgreementVersion.objects.filter(state=VersionState.PUBLISHED)
        .order_by("-effective_from", "-number", "pk")
        .first()
    )
