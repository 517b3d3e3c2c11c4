"""The addresses of the API. Each finds, decides, calls one query or action, and answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import NinjaAPI, Query, Status
from ninja.errors import HttpError, ValidationError

from frankpledge.access.audit import looked
from frankpledge.access.decisions import Refused, require
from frankpledge.access.enums import Capability
from frankpledge.access.problems import Problem, not_found
from frankpledge.contracts import Unreadable
from frankpledge.core import clock
from frankpledge.sharing import tasks
from frankpledge.sharing.actions import uploads as actions
from frankpledge.sharing.actions.submissions import KeyUsed, Received
from frankpledge.sharing.actions.withdrawing import withdraw
from frankpledge.sharing.api import schemas
from frankpledge.sharing.enums import SubmissionState
from frankpledge.sharing.models import Submission, Upload
from frankpledge.sharing.queries import keys, machines
from frankpledge.sharing.queries.choosing import asked_of
from frankpledge.sharing.queries.contracts import contract_page
from frankpledge.sharing.queries.results import find_submission
from frankpledge.sharing.rules.machines import UnableToUpload, piece_of
from frankpledge.sharing.rules.returns import UnableToWithdraw
from frankpledge.sharing.store import StoreUnwritable

_PIECE = 256 * 1024
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_BYTES: dict[str, Any] = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_PROBLEMS = dict.fromkeys(
    (400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 429), schemas.ProblemOut
)


def _header(name: str, about: str, pattern: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": about,
        "schema": {"type": "string", "pattern": pattern},
    }


_IDEMPOTENCY = _header(
    "Idempotency-Key",
    "A name of your own for this file. The same name again is the same submission.",
    "^[!-~]{1,80}$",
)

api = NinjaAPI(
    title="Frankpledge: data by machine",
    version="1",
    urls_namespace="api-v1",
    docs_url=None,
    description="Send data, ask what became of it. Errors are problem+json with a remedy.",
    openapi_extra={
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{"key": []}],
    },
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Any) -> HttpResponse:
    return error.response()


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Any) -> HttpResponse:
    return not_found().response()


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(403, error.decision.reason, error.decision.ask).response()


@api.exception_handler(UnableToUpload)
def _unable(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(error.status, str(error), error.remedy).response()


@api.exception_handler(UnableToWithdraw)
def _not_withdrawn(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(error.status, error.sentence, error.remedy).response()


@api.exception_handler(Unreadable)
def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(413, error.sentence, error.remedy).response()


@api.exception_handler(StoreUnwritable)
def _unwritable(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(
        503, str(error), "Send it again later.", headers={"Retry-After": "600"}
    ).response()


@api.exception_handler(KeyUsed)
def _key_used(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(409, str(error), "Give each file an Idempotency-Key of its own.").response()


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    found = [
        {"place": ".".join(str(part) for part in each["loc"]), "problem": each["msg"]}
        for each in error.errors
    ]
    return Problem(
        422, "Part of the request is missing or wrong.", "Mend what is listed.", errors=found
    ).response()


@api.exception_handler(HttpError)
def _unparsed(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(
        error.status_code, "The JSON of the request cannot be read.", "Send valid JSON in UTF-8."
    ).response()


def _body(request: HttpRequest) -> tuple[int, Iterator[bytes]]:
    """How many bytes come, and the bytes as they come. Raises Problem."""
    if request.content_type in _FORMS:
        raise Problem(
            415,
            "A form was sent in place of the bytes of the file.",
            "Send the bytes as they are, with Content-Type: application/octet-stream.",
        )
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise Problem(
            411, "The request does not say how long it is.", "Send Content-Length with it."
        )
    if int(length) > settings.UPLOAD_LIMIT:
        raise Problem(
            413,
            f"At most {settings.UPLOAD_LIMIT // (1024 * 1024):,} MB can be taken.",
            "Send it in parts, a few months each.",
        )
    return int(length), _pieces(request)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    try:
        while piece := request.read(_PIECE):
            yield piece
    except OSError:  # the line broke; what came before it is kept or dropped by who reads
        return


def _whole(request: HttpRequest) -> Iterator[bytes]:
    """The bytes of a file that must come in full. Raises Problem where the line broke."""
    length, pieces = _body(request)
    if length == 0:
        raise Problem(422, "The file is empty.", "Send a file with its column names and rows.")

    def counted() -> Iterator[bytes]:
        came = 0
        for piece in pieces:
            came += len(piece)
            yield piece
        if came != length:
            raise Problem(400, "The file did not arrive whole.", "Send it again.")

    return counted()


def _submission(sent: Submission, already: str = "") -> dict[str, Any]:
    asked = asked_of(sent)
    return {
        "id": sent.pk,
        "url": reverse("api-v1:submission", args=[sent.pk]),
        "dataset": sent.dataset.slug,
        "file_name": sent.file_name,
        "file_size": sent.file_size,
        "sha256": sent.file_digest,
        "sent_at": sent.sent_at,
        "finished_at": sent.finished_at,
        "state": sent.state,
        "progress": sent.progress,
        "received": sent.received,
        "stored": sent.stored,
        "rejected": sent.rejected,
        "warnings": sent.warnings,
        "refusal": sent.refusal,
        "remedy": sent.remedy,
        "already": already,
        "question": f"{asked.sentence} {asked.remedy}" if asked else "",
        "faults_url": reverse("api-v1:faults", args=[sent.pk]),
    }


def _upload(upload: Upload) -> dict[str, Any]:
    sent = upload.submission_id
    return {
        "id": upload.pk,
        "url": reverse("api-v1:upload", args=[upload.pk]),
        "dataset": upload.dataset.slug,
        "file_name": upload.file_name,
        "size": upload.size,
        "received": upload.received,
        "sha256": upload.digest,
        "finished": sent is not None,
        "submission": reverse("api-v1:submission", args=[sent]) if sent else "",
    }


def _answer(received: Received) -> Status[Any]:
    """202 for what will be checked, 200 for what came before. Raises Problem for a refusal."""
    sent = received.submission
    if not received.already and sent.state == SubmissionState.REFUSED:
        raise Problem(
            403,
            sent.refusal,
            sent.remedy or "The clause says who can change this. Nothing was kept.",
            submission=reverse("api-v1:submission", args=[sent.pk]),
        )
    waits = sent.state == SubmissionState.WAITING and asked_of(sent) is None
    if waits and not received.already:
        tasks.start(sent)
    return Status(200 if received.already else 202, _submission(sent, received.already))


@api.get(
    "/datasets",
    response={200: list[schemas.DatasetOut], **_PROBLEMS},
    url_name="datasets",
    summary="The data this key may send",
)
def datasets(request: HttpRequest) -> Any:
    """Each with its contract, whether an agreement lets it in today, and the returns due."""
    found = machines.sendable(actor=request.actor, key=keys.acting_key(request.actor))
    return [
        {
            "dataset": each.dataset.slug,
            "name": each.dataset.name,
            "contract": each.contract.key,
            "contract_version": each.contract.version,
            "contract_url": reverse("api-v1:contract", args=[each.dataset.slug]),
            "may_send": bool(each.permission),
            "clause": each.permission.clause,
            "because": each.permission.warning if each.permission else each.permission.sentence,
            "returns": [
                {
                    "name": line.schedule.name,
                    "period": line.period.name,
                    "due": line.due,
                    "standing": str(line.standing),
                }
                for line in each.lines
            ],
        }
        for each in found
    ]


@api.get(
    "/datasets/{slug:dataset}/contract",
    response=_PROBLEMS,
    url_name="contract",
    summary="The contract of a dataset",
    openapi_extra={
        "responses": {
            200: {
                "description": "OK",
                "content": {"application/yaml": {"schema": {"type": "string"}}},
            }
        }
    },
)
def contract(request: HttpRequest, dataset: str) -> Any:
    """An Open Data Contract Standard file, in YAML: columns, rules and remedies."""
    found = contract_page(actor=request.actor, slug=_dataset(request, dataset).slug)
    return HttpResponse(found.text, content_type="application/yaml")


def _dataset(request: HttpRequest, slug: str) -> Any:
    key = keys.acting_key(request.actor)
    return machines.find_dataset(actor=request.actor, organisation=key.organisation, slug=slug)


@api.post(
    "/datasets/{slug:dataset}/files",
    response={200: schemas.SubmissionOut, 202: schemas.SubmissionOut, **_PROBLEMS},
    url_name="send",
    summary="Send a whole file",
    openapi_extra={"parameters": [_IDEMPOTENCY], "requestBody": _BYTES},
)
def send(
    request: HttpRequest, dataset: str, file_name: str = Query(..., min_length=1, max_length=200)
) -> Any:
    """The body is the file, byte for byte. Its name tells what kind of file it is."""
    found = _dataset(request, dataset)
    return _answer(
        actions.send_whole(
            actor=request.actor,
            key=keys.acting_key(request.actor),
            dataset=found,
            file_name=file_name,
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            pieces=_whole(request),
            now=clock.now(),
        )
    )


@api.post(
    "/uploads",
    response={200: schemas.UploadOut, 201: schemas.UploadOut, **_PROBLEMS},
    url_name="uploads",
    summary="Announce a file that comes in pieces",
    openapi_extra={"parameters": [_IDEMPOTENCY]},
)
def start(request: HttpRequest, given: schemas.UploadIn) -> Any:
    """The same Idempotency-Key again gives the same upload, with how far it is."""
    found = _dataset(request, given.dataset)
    started = actions.start_upload(
        actor=request.actor,
        key=keys.acting_key(request.actor),
        dataset=found,
        file_name=given.file_name,
        size=given.size,
        digest=given.sha256,
        idempotency_key=request.headers.get("Idempotency-Key", ""),
    )
    return Status(200 if started.already else 201, _upload(started.upload))


@api.get(
    "/uploads/{uuid:upload}",
    response={200: schemas.UploadOut, **_PROBLEMS},
    url_name="upload",
    summary="How far an upload is",
)
def how_far(request: HttpRequest, upload: UUID) -> Any:
    return _upload(keys.find_upload(actor=request.actor, key=upload))


@api.put(
    "/uploads/{uuid:upload}",
    response={200: schemas.UploadOut, **_PROBLEMS},
    url_name="upload",
    summary="Send a piece",
    openapi_extra={
        "parameters": [_header("Content-Range", "bytes FIRST-LAST/SIZE", r"^bytes \d+-\d+/\d+$")],
        "requestBody": _BYTES,
    },
)
def piece(request: HttpRequest, upload: UUID) -> Any:
    """Pieces come in order. After a broken line, ask how far it is and go on from there."""
    found = keys.find_upload(actor=request.actor, key=upload)
    length, pieces = _body(request)
    wanted = piece_of(request.headers.get("Content-Range", ""), length, found.size)
    return _upload(
        actions.add_piece(actor=request.actor, upload=found, piece=wanted, pieces=pieces)
    )


@api.delete(
    "/uploads/{uuid:upload}",
    response={204: None, **_PROBLEMS},
    url_name="upload",
    summary="Abandon an upload",
)
def abandon(request: HttpRequest, upload: UUID) -> Any:
    """What came of it is deleted. After three days without an end this happens by itself."""
    actions.abandon(actor=request.actor, upload=keys.find_upload(actor=request.actor, key=upload))
    return Status(204, None)


@api.post(
    "/uploads/{uuid:upload}/finish",
    response={200: schemas.SubmissionOut, 202: schemas.SubmissionOut, **_PROBLEMS},
    url_name="upload-finish",
    summary="Finish an upload",
)
def finish(request: HttpRequest, upload: UUID) -> Any:
    """What came is held against its sha256 and becomes a submission."""
    found = keys.find_upload(actor=request.actor, key=upload)
    return _answer(actions.finish_upload(actor=request.actor, upload=found, now=clock.now()))


_PAGE = Query(1, ge=1, le=100_000)
_SIZE = Query(100, ge=1, le=1000)


@api.get(
    "/submissions",
    response={200: schemas.SubmissionPage, **_PROBLEMS},
    url_name="submissions",
    summary="What was sent",
)
def submissions(request: HttpRequest, page: int = _PAGE, size: int = _SIZE) -> Any:
    """The submissions of the key's organisation and datasets, newest first."""
    found = machines.page_of(machines.submissions(actor=request.actor), page=page, size=size)
    return {
        "page": found.number,
        "pages": found.pages,
        "submissions": found.count,
        "items": [_submission(each) for each in found.items],
    }


@api.get(
    "/submissions/{uuid:submission}",
    response={200: schemas.SubmissionOut, **_PROBLEMS},
    url_name="submission",
    summary="What became of a file",
)
def submission(request: HttpRequest, submission: UUID) -> Any:
    """Rows received, stored and rejected; the warnings; a refusal with its remedy."""
    return _submission(find_submission(actor=request.actor, key=submission))


@api.delete(
    "/submissions/{uuid:submission}",
    response={200: schemas.SubmissionOut, **_PROBLEMS},
    url_name="submission",
    summary="Withdraw a file that waits",
)
def withdraw_it(request: HttpRequest, submission: UUID, reason: str = "") -> Any:
    """With its reason. What was stored is not withdrawn: a newer file takes its place."""
    sent = find_submission(actor=request.actor, key=submission)
    return _submission(
        withdraw(actor=request.actor, submission=sent, reason=reason, now=clock.now())
    )


@api.get(
    "/submissions/{uuid:submission}/faults",
    response={200: schemas.FaultPage, **_PROBLEMS},
    url_name="faults",
    summary="Why rows came back",
)
def faults(request: HttpRequest, submission: UUID, page: int = _PAGE, size: int = _SIZE) -> Any:
    """One line a fault, with row, column, value, rule and remedy, in the order of the file."""
    sent = find_submission(actor=request.actor, key=submission)
    require(request.actor, Capability.READ_RETURNED_ROWS, sent)
    if page == 1:
        looked(
            actor=request.actor,
            record=sent,
            reason="A machine read the rows that came back.",
            now=clock.now(),
        )
    found = machines.faults_page(sent, page=page, size=size)
    return {
        "page": found.number,
        "pages": found.pages,
        "faults": found.count,
        "items": found.items,
    }
