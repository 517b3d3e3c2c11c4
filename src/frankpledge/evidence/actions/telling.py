"""E-mails to those who asked to be told: decided anew for each reader when it is sent."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import Q
from django.http import Http404
from django.urls import reverse

from frankpledge.access import decisions
from frankpledge.access.actors import Actor, actor_for
from frankpledge.access.decisions import may
from frankpledge.access.enums import Capability
from frankpledge.analysis.disclosure import Refused
from frankpledge.evidence import rules
from frankpledge.evidence.enums import TellWhen
from frankpledge.evidence.models import Subscription
from frankpledge.evidence.queries.asking import Answer, answer
from frankpledge.evidence.queries.saved import question_of
from frankpledge.evidence.queries.sources import month_text
from frankpledge.evidence.rules import Question
from frankpledge.evidence.uses import note_answer
from frankpledge.sharing.enums import UseKind
from frankpledge.sharing.models import Dataset
from frankpledge.sharing.queries.data import held_months, version_of
from frankpledge.sharing.queries.permission import reading

_SALT = "evidence.unsubscribe"
_log = logging.getLogger(__name__)


def link_of(subscription: Subscription) -> str:
    """The address that ends it, for whoever got the e-mail."""
    token = signing.dumps(str(subscription.pk), salt=_SALT, compress=False)
    return reverse("unsubscribe", args=[token])


def subscription_of(token: str) -> str | None:
    try:
        key: str = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return key


def known_now(*, actor: Actor, question: Question, dataset: Dataset, on: date) -> str:
    """The version of the data that an answer would read within its own months."""
    allowed = reading(actor=actor, dataset=dataset, on=on)
    held = held_months(dataset=dataset, organisations=allowed.organisations)
    return version_of(each for each in held if month_text(each.month) in question.months)


def tell(*, datasets: Iterable[Any] | None, on: date, now: datetime) -> int:
    """Write to those who asked about these datasets (all where None); gives how many were told.

    Once a day at most for each subscription; what comes later that day is told on the next.
    """
    asked = Subscription.objects.filter(Q(told_on__isnull=True) | Q(told_on__lt=on))
    if datasets is not None:
        asked = asked.filter(question__dataset__in=list(datasets))
    rows = asked.select_related("question__dataset", "question__owner", "reader")
    return sum(_tell(each, on, now) for each in rows.order_by("pk"))


def _tell(subscription: Subscription, on: date, now: datetime) -> bool:
    reader, saved = actor_for(subscription.reader, on), subscription.question
    if not reader.in_partnership or not may(reader, Capability.SUBSCRIBE, saved):
        return False
    question = question_of(saved)
    known = known_now(actor=reader, question=question, dataset=saved.dataset, on=on)
    if known == subscription.known:
        return False
    try:
        found = answer(actor=reader, question=question, on=on)
    except (Http404, Refused, decisions.Refused, rules.UnableToAsk):
        return False
    due = rules.tells(subscription.when, number=subscription.number, last=_last(found))
    if not _claim(subscription, known, told_on=on if due else None) or not due:
        return False
    try:
        _message(subscription, found).send()
    except Exception:
        # Nobody was told, so the next round tries again.
        _log.exception("An e-mail about new data could not be sent")
        Subscription.objects.filter(pk=subscription.pk).update(
            known=subscription.known, told_on=subscription.told_on
        )
        return False
    note_answer(actor=reader, answer=found, how=UseKind.ASKED, now=now)
    return True


def _last(found: Answer) -> dict[str, float]:
    """The last month's row as it is published, where the answer is by month and the month whole."""
    table = found.table
    if found.question.by != "month" or not table.rows:
        return {}
    row = dict(zip((column.key for column in table.columns), table.rows[-1], strict=True))
    if row["month"].value in found.incomplete:
        return {}
    return {
        key: float(cell.value)
        for key, cell in row.items()
        if key != "month" and isinstance(cell.value, int | float)
    }


def _claim(subscription: Subscription, known: str, *, told_on: date | None) -> bool:
    """Two workers at once: one of them goes on."""
    mine = Subscription.objects.filter(
        pk=subscription.pk, known=subscription.known, told_on=subscription.told_on
    )
    told = told_on or subscription.told_on
    return bool(mine.update(known=known, told_on=told))


def _message(subscription: Subscription, found: Answer) -> EmailMessage:
    """The subject names the question alone: subjects are read over shoulders."""
    site = subscription.site.rstrip("/")
    stop = f"{site}{link_of(subscription)}"
    why = {
        TellWhen.NEW_DATA: "New data has come for it.",
        TellWhen.OUTSIDE: "Its last month lies outside its usual limits.",
        TellWhen.ABOVE: f"Its last month lies above {subscription.number or 0:,}.",
    }[TellWhen(subscription.when)]
    lines = (
        f"You asked to be told about “{subscription.question}”. {why}",
        found.sentence.sentence,
        *(found.standing),
        f"The answer, with its caveats: {site}{reverse('explorer')}?{found.question.address()}",
        f"To stop these e-mails: {stop}",
    )
    return EmailMessage(
        subject=f"Something changed: {subscription.question}",
        body="\n\n".join(lines),
        to=[subscription.reader.email],
        headers={"List-Unsubscribe": f"<{stop}>"},
    )
