"""The exact words of a version, as text and as the hash that a signature keeps."""

from __future__ import annotations

import hashlib
from datetime import date

from frankpledge.access.enums import Role
from frankpledge.sharing.models import AgreementVersion, Clause, Term
from frankpledge.sharing.rules.register import natural
from frankpledge.sharing.rules.wording import ClauseWords, TermKey, Wording

EVERY = "Every party"
# What the regulator's code asks an agreement to say, as labels of a version's fields.
REGISTER = (
    ("legal_gateway", "Legal gateway"),
    ("general_basis", "Lawful basis, general processing"),
    ("law_enforcement_basis", "Lawful basis, law-enforcement processing"),
    ("special_category", "Special category and criminal-offence data"),
    ("retention", "Retention"),
    ("access_and_rights", "Access and individual rights"),
    ("security", "Security arrangements"),
    ("dpia_reference", "Data protection impact assessment"),
)


def clause_tree(version: AgreementVersion) -> list[tuple[Clause, int]]:
    """The clauses in reading order, each with how deep it stands."""
    clauses = sorted(version.clauses.all(), key=lambda c: (c.order, natural(c.number), str(c.pk)))
    children: dict[object, list[Clause]] = {}
    known = {clause.pk for clause in clauses}
    for clause in clauses:
        above = clause.parent_id if clause.parent_id in known else None
        children.setdefault(above, []).append(clause)
    found: list[tuple[Clause, int]] = []

    def walk(above: object, depth: int) -> None:
        for clause in children.get(above, ()):
            found.append((clause, depth))
            walk(clause.pk, depth + 1)

    walk(None, 0)
    told = {clause.pk for clause, _ in found}
    return found + [(clause, 0) for clause in clauses if clause.pk not in told]


def reader_of(term: Term) -> str:
    """Whom a term gives the data, as people say it."""
    if term.recipient is not None:
        return str(term.recipient.name)
    role = term.recipient_role
    if role == "public":
        return "The public"
    return Role(role).label if role in set(Role) else role.capitalize()


def term_key(term: Term) -> TermKey:
    return TermKey(
        clause=term.clause.number,
        dataset=term.dataset.name,
        provider=term.provider.name if term.provider else EVERY,
        fields=tuple(term.fields),
        purpose=term.purpose,
        detail=term.get_detail_display(),
        basis=term.get_basis_display(),
        expires_on=term.expires_on,
        starts_on=term.starts_on,
    )


def wording(version: AgreementVersion) -> Wording:
    # What an owner granted on request is kept with the request: no party signed it.
    terms = version.terms.filter(requests__isnull=True).select_related(
        "dataset", "clause", "provider", "recipient"
    )
    facts = [("Purpose", version.agreement.purpose_text)]
    facts += [(label, getattr(version, name)) for name, label in REGISTER]
    if version.retain_months is not None:
        facts.append(("Months data is kept", str(version.retain_months)))
    return Wording(
        title=str(version),
        facts=tuple((label, said.strip()) for label, said in facts),
        dates=(("In force from", _day(version.effective_from)),),
        clauses=tuple(
            ClauseWords(clause.number, clause.heading, clause.text, depth)
            for clause, depth in clause_tree(version)
        ),
        terms=tuple(
            (term_key(term), reader_of(term))
            for term in sorted(terms, key=lambda each: (each.clause.order, str(each.pk)))
        ),
    )


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else ""


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def text_digest(version: AgreementVersion) -> str:
    """The hash of the exact words that are signed: the register, every clause and term."""
    return digest_of(wording(version).text())
