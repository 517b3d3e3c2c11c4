"""What the API takes and answers; the OpenAPI document is made of this."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema


class ProblemOut(Schema):
    """What is wrong and what to do, in plain English."""

    type: str = "about:blank"
    title: str
    status: int
    remedy: str = ""


class Due(Schema):
    """A return that is asked for, and how it stands today."""

    name: str
    period: str
    due: date
    standing: str


class DatasetOut(Schema):
    dataset: str = Field(description="The name in the addresses of this API")
    name: str
    contract: str
    contract_version: str
    contract_url: str
    may_send: bool
    clause: str = Field("", description="The clause that lets it in, or that stands in the way")
    because: str = Field("", description="Why it may not be sent, or a warning")
    returns: list[Due]


class Fault(Schema):
    row: int | None
    file: str | None
    column: str | None
    value: str | None
    rule: str | None
    message: str | None
    remedy: str | None


class FaultPage(Schema):
    page: int
    pages: int
    faults: int
    items: list[Fault]


class SubmissionOut(Schema):
    id: UUID
    url: str
    dataset: str
    file_name: str
    file_size: int
    sha256: str
    sent_at: datetime
    finished_at: datetime | None
    state: str = Field(description="waiting, working, checked, stored, refused, cancelled, …")
    progress: int
    received: int = Field(description="Rows in the file: always stored + rejected")
    stored: int
    rejected: int
    warnings: list[dict[str, Any]]
    refusal: str
    remedy: str
    already: str = Field("", description="Says so where this file came before")
    question: str = Field(
        "", description="What is unclear: a person of the organisation answers it on its page"
    )
    faults_url: str


class SubmissionPage(Schema):
    page: int
    pages: int
    submissions: int
    items: list[SubmissionOut]


class UploadIn(Schema):
    dataset: str = Field(max_length=60)
    file_name: str = Field(min_length=1, max_length=200)
    size: int = Field(ge=1, description="Bytes of the whole file")
    sha256: str = Field(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$")


class UploadOut(Schema):
    id: UUID
    url: str
    dataset: str
    file_name: str
    size: int
    received: int = Field(description="Bytes that are here: go on from this offset")
    sha256: str
    finished: bool
    submission: str = Field("", description="Its address, once the upload is finished")
