"""What the terms of sharing agreements say of Findings: who reads the data they rest on, today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from frankpledge.access.actors import Actor
from frankpledge.access.enums import Role
from frankpledge.core.markings import Audience
from frankpledge.evidence.enums import FindingKind
from frankpledge.evidence.models import Finding
from frankpledge.evidence.rules import OF_SMALL_AREAS, Question
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import Detail
from frankpledge.sharing.models import Dataset, SubmissionMonth
from frankpledge.sharing.queries.permission import reading, recipients, terms_giving
from frankpledge.sharing.rules import FINENESS

PUBLIC = "public"
_PARTNERSHIP = tuple(role for role in Role if role is not Role.ADMINISTRATOR)


def beyond_the_terms(actor: Actor) -> Q:
    """Findings that rest on data which no term gives this actor now, or not so finely."""
    roles = {PUBLIC, *(grant.role for grant in actor.grants)}
    return _beyond(roles, actor.organisations(), actor.on)


def _beyond(roles: Iterable[str], organisations: Iterable[Any], on: date) -> Q:
    terms = terms_giving(roles=roles, organisations=organisations, on=on)

    def unread(detail: Detail) -> Q:
        fine = FINENESS[: FINENESS.index(detail) + 1]
        months = SubmissionMonth.objects.filter(findings=OuterRef("pk"))
        return Q(Exists(months.exclude(Exists(terms.filter(detail__in=fine)))))

    by_place = Q(question__by="area")
    # What is asked of a key that is not there is neither true nor false, so first whether it is.
    charted = Q(question__has_key="chart")
    drawn_by_place = Q(figure__map_kind="districts") | charted & Q(question__chart="districts")
    drawn_small = Q(figure__map_kind="small areas")
    drawn_small |= charted & Q(question__chart__in=sorted(OF_SMALL_AREAS))
    one_place = Q(question__has_key="area")
    compared = Q(question__has_key="against")
    too_fine = ((by_place & one_place | drawn_small) & unread(Detail.LSOA)) | (
        (by_place | one_place | compared | drawn_by_place) & unread(Detail.DISTRICT)
    )
    return Q(kind=FindingKind.ASKED) & (unread(Detail.COUNTY) | too_fine)


def given_to_all(*, audience: str, on: date) -> QuerySet[Finding]:
    """Findings that everybody of an audience may read under the terms, whatever post they hold."""
    found = Finding.objects.all()
    for role in [PUBLIC] if audience == Audience.PUBLIC else _PARTNERSHIP:
        found = found.exclude(_beyond({PUBLIC, role}, (), on))
    return found


def who_reads(
    *, dataset: Dataset, question: Question, providers: Iterable[Organisation], on: date
) -> tuple[frozenset[str], str]:
    """The roles that read an answer, and the sentence where they are not everybody."""
    found = recipients(dataset=dataset, providers=providers, detail=question.detail, on=on)
    if PUBLIC in found.roles or found.roles.issuperset(_PARTNERSHIP):
        return found.roles, ""
    labels = [role.label for role in Role if role in found.roles]
    named = ", ".join([*labels, *found.organisations]) or "nobody else"
    clauses = f" ({', '.join(found.clauses)})" if found.clauses else ""
    return found.roles, (
        f"The agreement gives “{dataset.name}” to {named}{clauses}. "
        "Others do not see a Finding that rests on it."
    )


def standing(*, actor: Actor, finding: Finding, on: date) -> tuple[str, ...]:
    """What the agreements say today of the data a Finding rests on: why it is shown to fewer, and
    which signature needs renewing."""
    if finding.dataset is None:
        return ()
    read = reading(actor=actor, dataset=finding.dataset, on=on)
    providers = Organisation.objects.filter(
        pk__in=finding.read_months.values("organisation")
    ).order_by("name", "pk")
    question = Question(
        finding.dataset.slug,
        "",
        "",
        area=finding.question.get("area", ""),
        by=finding.question.get("by", "month"),
        chart=finding.question.get("chart", ""),
        against=finding.question.get("against", ""),
    )
    _, fewer = who_reads(dataset=finding.dataset, question=question, providers=providers, on=on)
    return tuple(said for said in (fewer, *read.warnings, *read.refusals) if said)
