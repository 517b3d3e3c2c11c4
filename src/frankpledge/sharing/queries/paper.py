"""An agreement and a signature as documents: to read, to print, to sign on paper."""

from __future__ import annotations

from datetime import date

from frankpledge.documents import (
    Block,
    Contents,
    Document,
    Heading,
    KeyValues,
    PageBreak,
    Paragraph,
    TableBlock,
)
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import AgreementVersion, Signature
from frankpledge.sharing.queries.wording import wording
from frankpledge.sharing.rules import TermKey, grouped
from frankpledge.sharing.rules.wording import ClauseWords, Wording

_TO_FILL_IN = "\u00a0" * 24


def paper(version: AgreementVersion, *, synthetic: bool) -> Document:
    """The whole agreement, its clauses and terms, with a place for every party to sign."""
    words = wording(version)
    body: list[Block] = [Contents(), PageBreak(), *_facts(words)]
    body.append(Heading(1, "Clauses"))
    level = 1
    for clause in words.clauses:
        # A heading may stand only one step below the one before it, or readers lose their place.
        step = min(clause.depth + 2, level + 1, 4)
        body.extend(_clause(clause, step))
        level = step if clause.heading else level
    if not words.clauses:
        body.append(Paragraph("No clause has been written yet."))
    body.append(Heading(1, "What is shared"))
    body.append(_shared(words) or Paragraph("No term has been written yet."))
    body.extend((PageBreak(), Heading(1, "Signatures"), *_places(version)))
    agreement = version.agreement
    return Document(
        title=agreement.title,
        subtitle="Information sharing agreement",
        organisation=str(agreement.owner),
        marking=agreement.marking,
        version=version.number,
        date=f"In force from {_day(version.effective_from)}" if version.effective_from else "",
        status_line=_status(version),
        synthetic=synthetic,
        body=tuple(body),
        contact=f"Kept by {agreement.keeper}" if agreement.keeper else "",
    )


def _status(version: AgreementVersion) -> str:
    if version.state == VersionState.DRAFT:
        return "Draft, binds nobody yet"
    return str(version.get_state_display())


def _facts(words: Wording) -> list[Block]:
    blocks: list[Block] = [Heading(1, "About this agreement")]
    for label, said in words.facts:
        if said:
            blocks += [Heading(2, label), *_paragraphs(said)]
    if len(blocks) == 1:
        blocks.append(Paragraph("Nothing has been stated yet."))
    return blocks


def _clause(clause: ClauseWords, level: int) -> list[Block]:
    if clause.heading:
        return [
            Heading(level, f"{clause.number} {clause.heading}"),
            *_paragraphs(clause.text),
        ]
    first, *rest = _paragraphs(clause.text) or [Paragraph("")]
    return [Paragraph((f"{clause.number} ", *_spans(first))), *rest]


def _spans(paragraph: Paragraph) -> tuple[str, ...]:
    return (str(paragraph.spans),)


def _paragraphs(text: str) -> list[Paragraph]:
    lines = (line.strip() for line in text.replace("\r\n", "\n").split("\n"))
    return [Paragraph(line) for line in lines if line]


def _shared(words: Wording) -> TableBlock | None:
    terms = grouped(words.terms)
    if not terms:
        return None
    return TableBlock(
        caption="What is shared",
        columns=("Data", "From", "For", "Purpose", "Finest detail", "Rests on", "Days"),
        rows=tuple(
            (
                f"{term.dataset}: {', '.join(term.fields)}" if term.fields else term.dataset,
                term.provider,
                ", ".join(term.recipients),
                term.purpose,
                term.detail,
                f"{term.basis}, clause {term.clause}",
                _days(term),
            )
            for term in terms
        ),
        header_column=True,
    )


def _days(term: TermKey) -> str:
    first = f"from {_day(term.starts_on)}" if term.starts_on else ""
    last = f"until {_day(term.expires_on)}" if term.expires_on else ""
    return " ".join(filter(None, (first, last))) or "As long as the version"


def _places(version: AgreementVersion) -> list[Block]:
    """A table row for each party; those who signed are printed, the rest sign by hand."""
    signed = {
        each.organisation_id: each
        for each in version.signatures.filter(revoked_on__isnull=True).select_related(
            "post", "on_behalf_of"
        )
    }
    rows = []
    for party in version.agreement.parties.order_by("name", "pk"):
        signature = signed.get(party.pk)
        if signature is None:
            rows.append((party.name, _TO_FILL_IN, _TO_FILL_IN, _TO_FILL_IN))
        else:
            rows.append((party.name, _signer(signature), "Signed", _day(signature.signed_on)))
    if not rows:
        return [Paragraph("The agreement names no party yet.")]
    return [
        Paragraph("Signed for the parties by those named, who have read these words."),
        TableBlock(
            caption="Signatures of the parties",
            columns=("Organisation", "Post", "Signature", "Date"),
            rows=tuple(rows),
            header_column=True,
        ),
    ]


def _signer(signature: Signature) -> str:
    behalf = signature.on_behalf_of
    return (
        f"{signature.post.title}, on behalf of {behalf.title}" if behalf else (signature.post.title)
    )


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else ""


def signature_paper(signature: Signature, *, synthetic: bool) -> Document:
    """Who signed, when and the exact words, with the hash that they give."""
    version, agreement = signature.version, signature.version.agreement
    facts: list[tuple[str, str]] = [
        ("Organisation", str(signature.organisation)),
        ("Signed as", _signer(signature)),
        ("On", _day(signature.signed_on)),
    ]
    if signature.revoked_on:
        facts.append(("Taken back on", _day(signature.revoked_on)))
        facts.append(("Why it was taken back", signature.revoked_because or "Not said"))
    facts.append(("Hash of the words signed (SHA-256)", signature.text_digest))
    kept = signature.text.rstrip("\n")
    lines = [line for line in kept.split("\n") if line.strip()]
    words: list[Block] = [Paragraph(line) for line in lines]
    return Document(
        title=f"Signature of {signature.organisation}",
        subtitle=str(version),
        organisation=str(agreement.owner),
        marking=agreement.marking,
        version=version.number,
        date=_day(signature.signed_on),
        status_line="Taken back" if signature.revoked_on else "Standing",
        synthetic=synthetic,
        body=(
            Heading(1, "The signature"),
            KeyValues(tuple(facts)),
            Heading(1, "The words signed"),
            *(
                words
                or [Paragraph("The words were signed before this platform kept them in full.")]
            ),
        ),
    )
