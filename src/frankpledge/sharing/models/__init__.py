"""Agreements that are enforced, and what partners sent under them."""

from frankpledge.sharing.models.agreements import (
    AgreementVersion,
    Clause,
    DataRequest,
    DataUse,
    Liaison,
    SharingAgreement,
    Signature,
    Term,
)
from frankpledge.sharing.models.calendar import (
    ReturnRequest,
    Schedule,
)
from frankpledge.sharing.models.datasets import (
    Caveat,
    ColumnMapping,
    Dataset,
    DisclosureRule,
    SavedContract,
)
from frankpledge.sharing.models.feeds import (
    ApiKey,
    Feed,
    FeedRun,
    Upload,
    WebhookCall,
)
from frankpledge.sharing.models.submissions import (
    Approval,
    Deletion,
    LegalHold,
    Question,
    Remark,
    Submission,
    SubmissionMonth,
)

__all__ = [
    "AgreementVersion",
    "ApiKey",
    "Approval",
    "Caveat",
    "Clause",
    "ColumnMapping",
    "DataRequest",
    "DataUse",
    "Dataset",
    "Deletion",
    "DisclosureRule",
    "Feed",
    "FeedRun",
    "LegalHold",
    "Liaison",
    "Question",
    "Remark",
    "ReturnRequest",
    "SavedContract",
    "Schedule",
    "SharingAgreement",
    "Signature",
    "Submission",
    "SubmissionMonth",
    "Term",
    "Upload",
    "WebhookCall",
]
