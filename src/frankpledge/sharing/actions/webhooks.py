"""The result of a file, told to the machine that sent it until it is heard."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import requests
from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.urls import reverse

from frankpledge.sharing.enums import Arrival
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.fetching import calling, why_blocked
from frankpledge.sharing.models import Submission, Upload, WebhookCall
from frankpledge.sharing.queries.keys import webhook_secret
from frankpledge.sharing.rules.webhooks import SIGNATURE, check_address, next_try, signature

TOLD = (State.CHECKED, State.STORED, State.REFUSED, State.CANCELLED)
_BEING_TRIED = timedelta(minutes=10)
_PATIENCE = (5, 15)  # seconds to connect, and to answer
_LOOKS_BACK = timedelta(days=7)


def note_result(*, submission: Submission, now: datetime) -> WebhookCall | None:
    """What is to be told of a submission that was checked or ended, each state once."""
    if submission.state not in TOLD:
        return None
    upload = (
        Upload.objects.filter(submission=submission, key__revoked_at__isnull=True)
        .exclude(key__webhook_url="")
        .select_related("key")
        .order_by("created_at")
        .first()
    )
    if upload is None:
        return None
    call, _ = WebhookCall.objects.get_or_create(
        key=upload.key,
        submission=submission,
        state=submission.state,
        defaults={"next_try_at": now},
    )
    return call


def note_missed(*, now: datetime) -> int:
    """Results of which nothing was noted: a person decided, or the worker died in between."""
    noted = WebhookCall.objects.filter(submission=OuterRef("pk"), state=OuterRef("state"))
    missed = Submission.objects.filter(
        ~Exists(noted),
        arrived=Arrival.API,
        state__in=TOLD,
        updated_at__gt=now - _LOOKS_BACK,
        uploads__key__revoked_at__isnull=True,
    ).exclude(uploads__key__webhook_url="")
    return sum(note_result(submission=each, now=now) is not None for each in missed.distinct())


def due(*, now: datetime) -> list[Any]:
    return list(
        WebhookCall.objects.filter(next_try_at__lte=now)
        .order_by("next_try_at", "pk")
        .values_list("pk", flat=True)[:500]
    )


def tell(*, calls: Iterable[Any], now: datetime) -> int:
    """Tries those that are due; gives how many were heard. Two at once tell each once."""
    return sum(_tell(call, now) for call in calls)


def _tell(pk: Any, now: datetime) -> bool:
    mine = WebhookCall.objects.filter(pk=pk, next_try_at__lte=now).update(
        next_try_at=now + _BEING_TRIED, tries=F("tries") + 1
    )
    if not mine:
        return False
    call = WebhookCall.objects.select_related(
        "key__organisation", "submission__dataset", "submission__organisation"
    ).get(pk=pk)
    if call.state != call.submission.state:
        # What came after it is told instead.
        WebhookCall.objects.filter(pk=pk).update(next_try_at=None)
        return False
    revoked = call.key.revoked_at is not None
    call.answered, call.error = (None, "The key was revoked.") if revoked else _post(call, now)
    heard = not call.error
    call.next_try_at = None if heard or revoked else next_try(call.tries, now)
    call.save(update_fields=["answered", "error", "next_try_at"])
    return heard


def _post(call: WebhookCall, now: datetime) -> tuple[int | None, str]:
    """The status that was answered, and what went wrong."""
    key, body = call.key, json.dumps(_said(call.submission)).encode()
    if wrong := check_address(key.webhook_url, plain=settings.DEBUG):
        return None, f"{wrong}."
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: signature(webhook_secret(key), body, int(now.timestamp())),
    }
    try:
        with (
            calling(private=settings.PRIVATE_HOSTS, plain=settings.DEBUG) as session,
            session.post(
                key.webhook_url,
                data=body,
                headers=headers,
                timeout=_PATIENCE,
                allow_redirects=False,
                stream=True,
            ) as answer,
        ):
            status = answer.status_code
    except (OSError, ValueError, requests.RequestException) as problem:
        return None, _told(problem)
    if 200 <= status < 300:
        return status, ""
    moved = " Redirects are not followed." if 300 <= status < 400 else ""
    return status, f"It answered {status}.{moved}"


def _told(problem: Exception) -> str:
    """What went wrong, without what an answer or an address may have put into the text."""
    if said := why_blocked(problem):
        return said
    if isinstance(problem, requests.Timeout):
        return "It did not answer in time."
    if isinstance(problem, requests.exceptions.SSLError):
        return "Its certificate cannot be trusted."
    return "It could not be reached."


def _said(sent: Submission) -> dict[str, Any]:
    return {
        "submission": str(sent.pk),
        "url": reverse("api-v1:submission", args=[sent.pk]),
        "dataset": sent.dataset.slug,
        "idempotency_key": sent.idempotency_key,
        "state": sent.state,
        "received": sent.received,
        "stored": sent.stored,
        "rejected": sent.rejected,
    }
