"""The exact words of a version, as a hash that a signature keeps."""

from __future__ import annotations

import hashlib

from frankpledge.sharing.models import AgreementVersion


def text_digest(version: AgreementVersion) -> str:
    """The hash of the exact words that are signed: every clause and term, in order."""
    lines = [f"{version.agreement.title}\n{version.agreement.purpose_text}\n{version.number}"]
    for clause in version.clauses.order_by("order", "number", "pk"):
        lines.append(f"{clause.number}\n{clause.heading}\n{clause.text}")
    terms = version.terms.select_related("dataset", "clause", "provider", "recipient")
    for term in sorted(terms, key=lambda each: (each.clause.order, str(each.pk))):
        lines.append(
            "|".join(
                (
                    term.clause.number,
                    term.dataset.slug,
                    str(term.provider or "every party"),
                    str(term.recipient or term.recipient_role),
                    ",".join(term.fields),
                    term.purpose,
                    term.detail,
                    term.basis,
                    str(term.expires_on or ""),
                )
            )
        )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
