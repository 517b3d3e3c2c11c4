"""Making an information sharing agreement: its register, versions, clauses and terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.partnership.models import Organisation, Post
from frankpledge.sharing.enums import DpiaState, VersionState
from frankpledge.sharing.models import AgreementVersion, Clause, Liaison, SharingAgreement, Term
from frankpledge.sharing.queries.wording import clause_tree, digest_of, wording
from frankpledge.sharing.rules.numbered import TypedClause
from frankpledge.sharing.rules.register import a_year_on, check_put_in_force, natural
from frankpledge.sharing.rules.wording import Wording, new_risks, together

DRAFT = Capability.DRAFT_SHARING_AGREEMENT
# What a new version takes over from the one in force.
CARRIED = (
    "legal_gateway",
    "general_basis",
    "law_enforcement_basis",
    "special_category",
    "retention",
    "retain_months",
    "access_and_rights",
    "security",
    "dpia_reference",
    "dpia_state",
    "dpia_review_on",
)


class AlreadyThere(Exception):
    """Another agreement has this short name."""


class UnableToChangeVersion(Exception):
    """Only a draft changes; what has been in force stays as it was signed."""


class UnableToChangeAgreement(Exception):
    """The register cannot say this of the agreement."""


def create_agreement(
    *,
    actor: Actor,
    fields: Mapping[str, Any],
    parties: Iterable[Organisation],
    now: datetime,
) -> SharingAgreement:
    with change(actor=actor, capability=DRAFT, record=SITE, now=now) as audit:
        if SharingAgreement.objects.filter(slug=fields["slug"]).exists():
            raise AlreadyThere("Another agreement has this short name. Choose another.")
        agreement = SharingAgreement.objects.create(**fields)
        agreement.parties.set(parties)
        audit.note(f"Made the agreement “{agreement}”.", record=agreement)
    return agreement


def change_agreement(
    *,
    actor: Actor,
    agreement: SharingAgreement,
    fields: Mapping[str, Any],
    parties: Iterable[Organisation],
    now: datetime,
) -> SharingAgreement:
    """What no signature is about: who keeps it, who sees it, who the parties are; title and
    purpose only until a version has been in force."""
    with change(actor=actor, capability=DRAFT, record=agreement, now=now) as audit:
        locked = SharingAgreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
        signed = locked.versions.exclude(state=VersionState.DRAFT).exists()
        for name, value in fields.items():
            if signed and name in {"title", "purpose_text"} and value != getattr(locked, name):
                raise UnableToChangeAgreement(
                    "Title and purpose have been signed, so they stay. Make a new agreement to "
                    "change them."
                )
            setattr(locked, name, value)
        chosen = {each.pk: each for each in parties}
        for left in locked.parties.exclude(pk__in=chosen):
            if left.signatures.filter(version__agreement=locked, revoked_on__isnull=True).exists():
                raise UnableToChangeAgreement(
                    f"{left} has signed. It takes its signature back before it leaves."
                )
        locked.save()
        locked.parties.set(chosen.values())
        audit.note(
            f"Changed the register entry of “{locked}”.",
            record=locked,
            concerns=tuple(chosen.values()),
        )
    return locked


# Liaison


def name_liaison(
    *,
    actor: Actor,
    agreement: SharingAgreement,
    post: Post,
    may_sign: bool,
    today: date,
    now: datetime,
) -> Liaison:
    """The post answers for its organisation from today. Raises UnableToChangeAgreement."""
    with change(actor=actor, capability=DRAFT, record=agreement, now=now) as audit:
        organisation = post.organisation
        if not agreement.parties.filter(pk=organisation.pk).exists():
            raise UnableToChangeAgreement(f"{organisation} is not a party to this agreement.")
        if agreement.liaisons.on(today).filter(post=post).exists():
            raise UnableToChangeAgreement(f"{post} is named already.")
        liaison = Liaison.objects.create(
            agreement=agreement,
            organisation=organisation,
            post=post,
            may_sign=may_sign,
            valid_from=today,
        )
        does = "signs for it" if may_sign else "is its liaison officer"
        audit.note(f"{post} {does} in “{agreement}”.", record=agreement, concerns=(organisation,))
    return liaison


def end_liaison(
    *, actor: Actor, agreement: SharingAgreement, liaison: Liaison, today: date, now: datetime
) -> None:
    """From today the post answers no more; named today, it was a mistake and goes."""
    with change(actor=actor, capability=DRAFT, record=agreement, now=now) as audit:
        found = agreement.liaisons.select_related("post__organisation").get(pk=liaison.pk)
        if found.valid_from is not None and found.valid_from >= today:
            found.delete()
        else:
            found.valid_to = date.fromordinal(today.toordinal() - 1)
            found.save()
        audit.note(
            f"{found.post} no longer answers in “{agreement}”.",
            record=agreement,
            concerns=(found.organisation,),
        )


# Versions


def draft_version(
    *, actor: Actor, agreement: SharingAgreement, number: str, what_changed: str, now: datetime
) -> AgreementVersion:
    """A new draft that begins as a copy of the version in force."""
    with change(actor=actor, capability=DRAFT, record=agreement, now=now) as audit:
        before = agreement.versions.filter(state=VersionState.IN_FORCE).first()
        carried = {name: getattr(before, name) for name in CARRIED} if before else {}
        version = AgreementVersion.objects.create(
            agreement=agreement, number=number, what_changed=what_changed, **carried
        )
        if before is not None:
            _copy(before, version)
        audit.note(f"Drafted version {number} of “{agreement}”.", record=agreement)
    return version


def _copy(before: AgreementVersion, after: AgreementVersion) -> None:
    copies: dict[Any, Clause] = {}
    for clause, _depth in clause_tree(before):
        copies[clause.pk] = Clause.objects.create(
            version=after,
            number=clause.number,
            order=clause.order,
            parent=copies.get(clause.parent_id),
            heading=clause.heading,
            text=clause.text,
        )
    for term in before.terms.filter(requests__isnull=True):
        Term.objects.create(
            version=after,
            clause=copies[term.clause_id],
            dataset_id=term.dataset_id,
            provider_id=term.provider_id,
            fields=term.fields,
            recipient_role=term.recipient_role,
            recipient_id=term.recipient_id,
            purpose=term.purpose,
            detail=term.detail,
            basis=term.basis,
            starts_on=term.starts_on,
            expires_on=term.expires_on,
        )


def _draft(version: AgreementVersion) -> AgreementVersion:
    locked = (
        AgreementVersion.objects.select_for_update(of=("self",))
        .select_related("agreement")
        .get(pk=version.pk)
    )
    if locked.state != VersionState.DRAFT:
        raise UnableToChangeVersion(
            f"Version {locked.number} is {locked.get_state_display().lower()} and stays as it was "
            "signed. Draft a new version to change it."
        )
    return locked


def write_register(
    *, actor: Actor, version: AgreementVersion, fields: Mapping[str, Any], now: datetime
) -> AgreementVersion:
    """What the regulator's code asks an agreement to say, and where the assessment stands."""
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        locked = _draft(version)
        for name, value in fields.items():
            setattr(locked, name, value)
        locked.save()
        audit.note(f"Wrote the register entry of {version}.", record=version.agreement)
    return locked


# Clauses


def write_clause(
    *,
    actor: Actor,
    version: AgreementVersion,
    fields: Mapping[str, Any],
    now: datetime,
    clause: Clause | None = None,
) -> Clause:
    """Write a clause of a draft: a new one, or one of its own again. It stands under the clause
    that is given as `parent`, else under the one its number names."""
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        locked = _draft(version)
        written = locked.clauses.get(pk=clause.pk) if clause else Clause(version=locked)
        for name, value in fields.items():
            setattr(written, name, value)
        if written.parent is None:
            above = written.number.rpartition(".")[0]
            written.parent = locked.clauses.filter(number=above).first() if above else None
        _check_no_ring(written)
        if clause is None:
            written.order = _place(locked, written)
        with transaction.atomic():
            written.save()
        _settle(locked)
        audit.note(f"Wrote clause {written.number} of {version}.", record=version.agreement)
    return written


def _check_no_ring(clause: Clause) -> None:
    above = clause.parent
    while above is not None:
        if above.pk == clause.pk:
            raise UnableToChangeVersion("A clause cannot stand under itself. Choose another.")
        above = above.parent


def _place(version: AgreementVersion, clause: Clause) -> int:
    """After those beside it that have a smaller number."""
    beside = version.clauses.filter(parent=clause.parent)
    return max(
        (each.order for each in beside if natural(each.number) < natural(clause.number)), default=0
    )


def _settle(version: AgreementVersion) -> None:
    """Places from 0 in reading order."""
    for order, (clause, _depth) in enumerate(clause_tree(version)):
        if clause.order != order:
            version.clauses.filter(pk=clause.pk).update(order=order)


def move_clause(
    *, actor: Actor, version: AgreementVersion, clause: Clause, down: bool, now: datetime
) -> None:
    """One place up or down among the clauses beside it; what stands under it goes along."""
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        locked = _draft(version)
        beside = [each for each, _ in clause_tree(locked) if each.parent_id == clause.parent_id]
        at = next(place for place, each in enumerate(beside) if each.pk == clause.pk)
        other = at + (1 if down else -1)
        if 0 <= other < len(beside):
            first, second = beside[at], beside[other]
            first.order, second.order = second.order, first.order
            for each in (first, second):
                locked.clauses.filter(pk=each.pk).update(order=each.order)
            _settle(locked)
        audit.note(
            f"Moved clause {clause.number} of {version} {'down' if down else 'up'}.",
            record=version.agreement,
        )


def remove_clause(
    *, actor: Actor, version: AgreementVersion, clause: Clause, now: datetime
) -> None:
    """Raises UnableToChangeVersion where a term rests on the clause or a clause stands under it."""
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        locked = _draft(version)
        if locked.terms.filter(clause=clause).exists():
            raise UnableToChangeVersion("Terms rest on this clause. Remove them first.")
        if locked.clauses.filter(parent=clause).exists():
            raise UnableToChangeVersion("Clauses stand under this one. Remove them first.")
        locked.clauses.get(pk=clause.pk).delete()
        audit.note(f"Took clause {clause.number} out of {version}.", record=version.agreement)


def paste_clauses(
    *, actor: Actor, version: AgreementVersion, clauses: Iterable[TypedClause], now: datetime
) -> int:
    """The draft's clauses become these: the same number gets the new words, what is missing goes.

    Raises UnableToChangeVersion where a term rests on a clause that would go.
    """
    given = list(clauses)
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        locked = _draft(version)
        had = {clause.number: clause for clause in locked.clauses.all()}
        gone = had.keys() - {each.number for each in given}
        needed = sorted(
            locked.terms.filter(clause__number__in=gone).values_list("clause__number", flat=True)
        )
        if needed:
            raise UnableToChangeVersion(
                f"Terms rest on clause {needed[0]}, which is not in this text. Remove them first, "
                "or keep the clause."
            )
        kept: dict[str, Clause] = {}
        for order, typed in enumerate(given):
            clause = had.get(typed.number) or Clause(version=locked, number=typed.number)
            clause.order, clause.heading, clause.text = order, typed.heading[:200], typed.text
            clause.parent = kept.get(typed.parent)
            clause.save()
            kept[typed.number] = clause
        locked.clauses.filter(number__in=gone).delete()
        _settle(locked)
        audit.note(f"Typed {len(given)} clauses into {version}.", record=version.agreement)
    return len(given)


# Terms


def write_term(
    *,
    actor: Actor,
    version: AgreementVersion,
    fields: Mapping[str, Any],
    now: datetime,
    term: Term | None = None,
) -> Term:
    """Add a term, or write one again. New data, columns, purposes, readers or finer detail make
    the impact assessment to be looked at again."""
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        locked = _draft(version)
        known = _known(locked)
        written = locked.terms.get(pk=term.pk) if term else Term(version=locked)
        for name, value in fields.items():
            setattr(written, name, value)
        written.save()
        verb = "Changed" if term else "Added"
        audit.note(f"{verb} a term on {written.dataset} in {version}.", record=version.agreement)
        risks = new_risks(known, wording(locked))
        if risks and locked.dpia_state == DpiaState.DONE:
            locked.dpia_state = DpiaState.REOPENED
            locked.save()
            audit.note(
                f"The impact assessment of {version} is to be looked at again: {risks[0]}",
                record=version.agreement,
            )
    return written


def _known(version: AgreementVersion) -> Wording:
    """What the assessment has covered: the draft as it is, and the version in force."""
    current = version.agreement.versions.filter(state=VersionState.IN_FORCE).first()
    words = wording(version)
    return together(words, wording(current)) if current is not None else words


def remove_term(*, actor: Actor, version: AgreementVersion, term: Term, now: datetime) -> None:
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        _draft(version).terms.get(pk=term.pk).delete()
        audit.note(f"Took the term on {term.dataset} out of {version}.", record=version.agreement)


def put_in_force(
    *, actor: Actor, version: AgreementVersion, today: date, now: datetime
) -> AgreementVersion:
    """The draft takes the place of the version before it; every party's signature is owed anew.

    Paper signatures noted on the draft count from here. Raises UnableToPutInForce.
    """
    with change(actor=actor, capability=DRAFT, record=version, now=now) as audit:
        locked = _draft(version)
        check_put_in_force(locked.dpia_state, locked.effective_from, today)
        for before in locked.agreement.versions.filter(state=VersionState.IN_FORCE):
            before.state = VersionState.SUPERSEDED
            before.save()
            _carry_grants(before, locked)
        locked.state = VersionState.IN_FORCE
        locked.effective_from = locked.effective_from or today
        locked.review_on = locked.review_on or a_year_on(today)
        locked.save()
        text = wording(locked).text()
        for signature in locked.signatures.filter(text=""):
            signature.text, signature.text_digest = text, digest_of(text)
            signature.save()
        audit.note(
            f"{locked} came into force.",
            record=locked.agreement,
            concerns=tuple(locked.agreement.parties.all()),
        )
    return locked


def _carry_grants(before: AgreementVersion, after: AgreementVersion) -> None:
    """What was granted on request rests on the clause of the same number from now on; where that
    is gone, the grant ends with the version."""
    kept = {clause.number: clause for clause in after.clauses.all()}
    granted = before.terms.filter(requests__isnull=False).select_related("clause").distinct()
    for term in granted:
        if term.clause.number in kept:
            term.version, term.clause = after, kept[term.clause.number]
            term.save()
