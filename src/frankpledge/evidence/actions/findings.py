"""Keeping an answer as a Finding, and bringing in what others found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from frankpledge.access.actors import Actor
from frankpledge.access.audit import change
from frankpledge.access.decisions import SITE
from frankpledge.access.enums import Capability
from frankpledge.analysis.disclosure import Column, freeze, publish
from frankpledge.analysis.months import shifted
from frankpledge.core.models import Area
from frankpledge.evidence.enums import FindingKind
from frankpledge.evidence.models import Finding
from frankpledge.evidence.queries.asking import Answer
from frankpledge.evidence.queries.findings import owners
from frankpledge.evidence.queries.terms import who_reads
from frankpledge.evidence.uses import note_answer
from frankpledge.partnership.models import Organisation
from frankpledge.sharing.enums import UseKind
from frankpledge.sharing.models import SubmissionMonth


class UnableToSave(Exception):
    """The Finding cannot be kept as it stands."""


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:7]), 1)


def _last_day(month: str) -> date:
    return date.fromordinal(first_day(shifted(month, 1)).toordinal() - 1)


def save_finding(
    *, actor: Actor, answer: Answer, words: Mapping[str, Any], now: datetime
) -> Finding:
    """Freeze an answer: question, versions read, figures, sentence and caveats.

    An answer made for the partnership is never kept for the public: the public asks for itself.
    Within its audience a Finding is read by those whom the terms give its data, and only while
    they do (`queries/terms.py`).
    """
    for_the_public = words["audience"] == "public" and answer.table.audience != "public"
    if for_the_public and not answer.dataset.published_already:
        raise UnableToSave(
            "This answer was made for the partnership. To keep it for the public, "
            "ask the question as the public sees it."
        )
    question, read = answer.question.with_(beside=""), (*answer.held, *answer.also_held)
    roles, fewer = who_reads(
        dataset=answer.dataset,
        question=question,
        providers=answer.rests_on.organisations,
        on=actor.on,
    )
    if words["audience"] == "public" and "public" not in roles:
        raise UnableToSave(f"It cannot be kept for the public. {fewer}")
    with change(actor=actor, capability=Capability.SAVE_FINDING, record=SITE, now=now) as audit:
        finding = Finding.objects.create(
            kind=FindingKind.ASKED,
            sentence=words["sentence"],
            caveats=[*answer.caveats, *([words["caveat"]] if words.get("caveat") else [])],
            dataset=answer.dataset,
            question=question.as_dict(),
            data_version=answer.version,
            disclosure=answer.rule,
            table=freeze(answer.table),
            figure={
                "map": freeze(answer.map_table) if answer.map_table is not None else None,
                "map_kind": answer.map_kind,
                "incomplete": list(answer.incomplete),
                "real": answer.real.as_dict(),
                "charted": freeze(answer.charted) if answer.charted != answer.table else None,
            },
            area=Area.objects.filter(code=question.area).order_by("-vintage").first(),
            period_from=first_day(question.start),
            period_to=_last_day(question.end),
            saved_by_id=actor.user_id if actor.user_id != "console" else None,
            synthetic=answer.synthetic,
            audience=words["audience"],
        )
        finding.read_months.set(
            SubmissionMonth.objects.filter(
                submission__in={each.submission_id for each in read},
                month__in={each.month for each in read},
                dataset=answer.dataset,
            )
        )
        note_answer(actor=actor, answer=answer, how=UseKind.FINDING, now=now)
        audit.note(f"Saved the Finding “{str(finding).removesuffix('.')}”.", record=finding)
    return finding


def bring_in_finding(
    *,
    actor: Actor,
    fields: Mapping[str, Any],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    now: datetime,
) -> Finding:
    """A partner's own table or slide, with its source, period and owner."""
    with change(actor=actor, capability=Capability.SAVE_FINDING, record=SITE, now=now) as audit:
        owner: Organisation = fields["owner"]
        if not owners(actor=actor).filter(pk=owner.pk).exists():
            raise UnableToSave(f"Only {owner.name} and the county team bring in its evidence.")
        table = publish(
            title=fields["sentence"],
            columns=[Column(f"c{i}", label) for i, label in enumerate(columns)],
            rows=[
                dict(zip((f"c{i}" for i in range(len(columns))), row, strict=True)) for row in rows
            ],
            audience=fields["audience"],
            sources=(f"{fields['source']}, {owner.name}",),
        )
        finding = Finding.objects.create(
            kind=FindingKind.EXTERNAL,
            table=freeze(table) if columns else {},
            saved_by_id=actor.user_id if actor.user_id != "console" else None,
            **fields,
        )
        audit.note(
            f"Brought in “{str(finding).removesuffix('.')}”.", record=finding, concerns=(owner,)
        )
    return finding
