"""Every address and who decides about it. An address that is not here answers nobody.

`open_to_all`: no record behind it. `signed_in`: any account. `decides`: the view asks about a
record (`public=True` where the public may be entitled to some of them); with no record the decision
is taken before the view is called. `lists`: shows only what the actor may see. `machine`: answers a
key, never a session; its view asks about the record. `reads`: answers a key that reads, else the
public; its view asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from frankpledge.access.enums import Capability


@dataclass(frozen=True)
class Route:
    kind: str
    public: bool = False
    capability: Capability | None = None
    model: str = ""


def open_to_all() -> Route:
    return Route("open", public=True)


def signed_in() -> Route:
    return Route("signed in")


def decides(capability: Capability, model: str = "", *, public: bool = False) -> Route:
    return Route("decides", public=public, capability=capability, model=model)


def lists(model: str, *, public: bool = False) -> Route:
    return Route("lists", public=public, capability=Capability.VIEW, model=model)


def machine(capability: Capability, model: str = "") -> Route:
    return Route("machine", public=True, capability=capability, model=model)


def reads(model: str) -> Route:
    return Route("reads", public=True, capability=Capability.ASK, model=model)


_SIGN_IN = {
    name: open_to_all()
    for name in (
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_confirm_email",
        "account_email_verification_sent",
        "account_confirm_login_code",
        "account_set_password",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_login_webauthn",
        "openid_connect_login",
        "openid_connect_callback",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "socialaccount_signup",
    )
} | {
    name: signed_in()
    for name in (
        "account_change_password",
        "account_email",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_list_webauthn",
        "mfa_remove_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "socialaccount_connections",
    )
}

ROUTES: dict[str, Route] = {
    **_SIGN_IN,
    # access
    "home": open_to_all(),
    "my-access": signed_in(),
    "roles": open_to_all(),
    "why": open_to_all(),
    # components
    "components": open_to_all(),
    "accessibility-statement": open_to_all(),
    "privacy": open_to_all(),
    "other-formats": open_to_all(),
    "map-ground": open_to_all(),
    # partnership
    "organisations": lists("partnership.Organisation", public=True),
    "organisation": decides(Capability.VIEW, "partnership.Organisation", public=True),
    "organisation-new": decides(Capability.EDIT_PARTNERSHIP),
    "organisation-edit": decides(Capability.EDIT_PARTNERSHIP, "partnership.Organisation"),
    "organisation-succession": decides(Capability.EDIT_PARTNERSHIP, "partnership.Organisation"),
    "post-new": decides(Capability.MANAGE_SEATS, "partnership.Organisation"),
    "posts": lists("partnership.Post", public=True),
    "post": decides(Capability.VIEW, "partnership.Post", public=True),
    "post-edit": decides(Capability.MANAGE_SEATS, "partnership.Post"),
    "holding-new": decides(Capability.MANAGE_SEATS, "partnership.Post"),
    "holding-end": decides(Capability.MANAGE_SEATS, "partnership.Holding"),
    "bodies": lists("partnership.Body", public=True),
    "body": decides(Capability.VIEW, "partnership.Body", public=True),
    "body-new": decides(Capability.EDIT_PARTNERSHIP),
    "body-edit": decides(Capability.EDIT_PARTNERSHIP, "partnership.Body"),
    "seat-new": decides(Capability.MANAGE_SEATS, "partnership.Body"),
    "office-new": decides(Capability.MANAGE_SEATS, "partnership.Body"),
    "seat-end": decides(Capability.MANAGE_SEATS, "partnership.Seat"),
    "office-end": decides(Capability.MANAGE_SEATS, "partnership.Office"),
    "linked-plans": lists("partnership.LinkedPlan", public=True),
    "linked-plan": decides(Capability.VIEW, "partnership.LinkedPlan", public=True),
    "linked-plan-new": decides(Capability.EDIT_PARTNERSHIP),
    "linked-plan-edit": decides(Capability.EDIT_PARTNERSHIP, "partnership.LinkedPlan"),
    "legislation": lists("partnership.Legislation", public=True),
    "legislation-entry": decides(Capability.VIEW, "partnership.Legislation", public=True),
    "legislation-new": decides(Capability.EDIT_PARTNERSHIP),
    "legislation-edit": decides(Capability.EDIT_PARTNERSHIP, "partnership.Legislation"),
    "audit-trail": signed_in(),
    "areas": lists("core.Area", public=True),
    "area": decides(Capability.VIEW, "core.Area", public=True),
    "area-parts": decides(Capability.VIEW, "core.Area", public=True),
    # inbox
    "inbox": signed_in(),
    "thread": decides(Capability.VIEW, "any kind", public=True),
    # evidence
    "explorer": lists("sharing.Dataset", public=True),
    "explorer-export": decides(Capability.ASK, "sharing.Dataset", public=True),
    "reading": open_to_all(),
    "explorer-who-sees": decides(Capability.SEE_AUDIENCES),
    "odata": reads("sharing.Dataset"),
    "odata-metadata": reads("sharing.Dataset"),
    "odata-rows": reads("sharing.Dataset"),
    "odata-count": reads("sharing.Dataset"),
    "explorer-map": decides(Capability.ASK, "sharing.Dataset", public=True),
    "explorer-save": decides(Capability.SAVE_FINDING),
    "finding-list": lists("evidence.Finding", public=True),
    "finding-new": decides(Capability.SAVE_FINDING),
    "finding": decides(Capability.VIEW, "evidence.Finding", public=True),
    "finding-export": decides(Capability.VIEW, "evidence.Finding", public=True),
    "emerging": lists("evidence.Signal"),
    "signal": decides(Capability.VIEW, "evidence.Signal"),
    "signal-dismiss": decides(Capability.SETTLE_SIGNAL, "evidence.Signal"),
    "signal-restore": decides(Capability.SETTLE_SIGNAL, "evidence.Signal"),
    "signal-keep": decides(Capability.SETTLE_SIGNAL, "evidence.Signal"),
    "saved-question-list": lists("evidence.SavedQuestion"),
    "saved-question-new": decides(Capability.KEEP_QUESTION),
    "saved-question": decides(Capability.VIEW, "evidence.SavedQuestion"),
    "saved-question-change": decides(Capability.KEEP_QUESTION, "evidence.SavedQuestion"),
    "saved-question-delete": decides(Capability.KEEP_QUESTION, "evidence.SavedQuestion"),
    "saved-question-tell": decides(Capability.SUBSCRIBE, "evidence.SavedQuestion"),
    "subscription-end": decides(Capability.SUBSCRIBE, "evidence.Subscription"),
    "unsubscribe": open_to_all(),
    # sharing
    "sharing-agreement-list": lists("sharing.SharingAgreement", public=True),
    "sharing-agreement-new": decides(Capability.DRAFT_SHARING_AGREEMENT),
    "sharing-board": lists("sharing.SharingAgreement"),
    "sharing-matrix": lists("sharing.SharingAgreement"),
    "sharing-register-import": decides(Capability.DRAFT_SHARING_AGREEMENT),
    "sharing-change": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.SharingAgreement"),
    "sharing-liaison-new": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.SharingAgreement"),
    "sharing-liaison-end": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.SharingAgreement"),
    "sharing-signature": decides(Capability.VIEW, "sharing.Signature"),
    "sharing-document": decides(Capability.VIEW, "sharing.AgreementVersion", public=True),
    "sharing-version-register": decides(
        Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"
    ),
    "sharing-paste": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-clause-move": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-term": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-on-paper": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-agreement": decides(Capability.VIEW, "sharing.SharingAgreement", public=True),
    "sharing-version-new": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.SharingAgreement"),
    "sharing-version": decides(Capability.VIEW, "sharing.AgreementVersion", public=True),
    "sharing-clause-new": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-clause": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-clause-remove": decides(
        Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"
    ),
    "sharing-term-new": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-term-remove": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-put-in-force": decides(Capability.DRAFT_SHARING_AGREEMENT, "sharing.AgreementVersion"),
    "sharing-sign": decides(Capability.SIGN_SHARING_AGREEMENT, "partnership.Organisation"),
    "sharing-revoke": decides(Capability.SIGN_SHARING_AGREEMENT, "partnership.Organisation"),
    "submission-list": lists("sharing.Submission"),
    "submission-new": decides(Capability.SUBMIT_DATA),
    "submission": decides(Capability.VIEW, "sharing.Submission"),
    "submission-choose": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "submission-choose-again": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "returns-remembered": decides(Capability.SUBMIT_DATA),
    "returns-type-in": decides(Capability.SUBMIT_DATA, "partnership.Organisation"),
    "returns-forget": decides(Capability.SUBMIT_DATA, "partnership.Organisation"),
    "submission-rows": decides(Capability.READ_RETURNED_ROWS, "sharing.Submission"),
    "submission-cancel": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "submission-changes": decides(Capability.VIEW, "sharing.Submission"),
    "submission-withdraw": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "submission-undo": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "submission-redo": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "submission-agree": decides(Capability.AGREE_TO_RETURN, "sharing.Submission"),
    "submission-send-back": decides(Capability.AGREE_TO_RETURN, "sharing.Submission"),
    "submission-embargo": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "submission-correct": decides(Capability.READ_RETURNED_ROWS, "sharing.Submission"),
    "submission-workbook": decides(Capability.READ_RETURNED_ROWS, "sharing.Submission"),
    "submission-send-workbook": decides(Capability.READ_RETURNED_ROWS, "sharing.Submission"),
    "submission-answer": decides(Capability.DISCUSS_RETURN, "sharing.Submission"),
    "submission-ask": decides(Capability.DISCUSS_RETURN, "sharing.Submission"),
    "question": decides(Capability.VIEW, "sharing.Question"),
    "question-resolve": decides(Capability.RESOLVE_QUESTION, "sharing.Question"),
    "caveats": decides(Capability.VIEW, "sharing.Dataset", public=True),
    "caveat-new": decides(Capability.WRITE_CAVEAT, "sharing.Dataset"),
    "caveat-end": decides(Capability.WRITE_CAVEAT, "sharing.Dataset"),
    "dataset-approvals": decides(Capability.SET_APPROVALS, "sharing.Dataset"),
    "submission-resume": decides(Capability.UNDO_SUBMISSION, "sharing.Submission"),
    "return-calendar": lists("sharing.Schedule"),
    "return-calendar-chase": decides(Capability.RUN_RETURN_CALENDAR),
    "return-duty": lists("sharing.Schedule"),
    "schedule-new": decides(Capability.RUN_RETURN_CALENDAR),
    "schedule-end": decides(Capability.RUN_RETURN_CALENDAR, "sharing.Schedule"),
    "return-period": decides(Capability.SEE_RETURNS, "partnership.Organisation"),
    "return-extend": decides(Capability.RUN_RETURN_CALENDAR, "sharing.Schedule"),
    "return-nil": decides(Capability.SUBMIT_DATA, "partnership.Organisation"),
    "return-chase": decides(Capability.RUN_RETURN_CALENDAR, "sharing.Schedule"),
    "keeping-delete": decides(Capability.KEEP_DATA, "sharing.Submission"),
    "deletion": decides(Capability.VIEW, "sharing.Submission"),
    "keeping": decides(Capability.KEEP_DATA),
    "hold-new": decides(Capability.KEEP_DATA),
    "hold-lift": decides(Capability.KEEP_DATA),
    "contract-list": decides(Capability.MAKE_CONTRACT),
    "contract-take": decides(Capability.MAKE_CONTRACT),
    "contract-new": decides(Capability.MAKE_CONTRACT),
    "contract": decides(Capability.MAKE_CONTRACT, "sharing.SavedContract"),
    "contract-change": decides(Capability.MAKE_CONTRACT, "sharing.SavedContract"),
    "contract-use": decides(Capability.MAKE_CONTRACT, "sharing.SavedContract"),
    "contract-text": decides(Capability.MAKE_CONTRACT, "sharing.SavedContract"),
    "dataset-list": lists("sharing.Dataset", public=True),
    "dataset": decides(Capability.VIEW, "sharing.Dataset", public=True),
    "dataset-template": decides(Capability.VIEW, "sharing.Dataset", public=True),
    "dataset-contract": decides(Capability.VIEW, "sharing.Dataset", public=True),
    "data-use": decides(Capability.SEE_DATA_USE),
    "data-receipt": decides(Capability.SEE_DATA_USE, "partnership.Organisation"),
    "data-requests": lists("sharing.DataRequest"),
    "data-request-new": decides(Capability.REQUEST_DATA),
    "data-request": decides(Capability.VIEW, "sharing.DataRequest"),
    "data-request-decide": decides(Capability.DECIDE_DATA_REQUEST, "sharing.DataRequest"),
    "key-list": lists("sharing.ApiKey"),
    "key-new": decides(Capability.MANAGE_KEYS, "partnership.Organisation"),
    "key": decides(Capability.VIEW, "sharing.ApiKey"),
    "key-rotate": decides(Capability.MANAGE_KEYS, "sharing.ApiKey"),
    "key-revoke": decides(Capability.MANAGE_KEYS, "sharing.ApiKey"),
    "key-webhook": decides(Capability.MANAGE_KEYS, "sharing.ApiKey"),
    "feed-list": lists("sharing.Feed"),
    "feed-new": decides(Capability.MANAGE_FEEDS),
    "feed": decides(Capability.VIEW, "sharing.Feed"),
    "feed-edit": decides(Capability.MANAGE_FEEDS, "sharing.Feed"),
    "feed-switch": decides(Capability.MANAGE_FEEDS, "sharing.Feed"),
    "feed-run": decides(Capability.MANAGE_FEEDS, "sharing.Feed"),
    "api-reference": open_to_all(),
    "api-v1:openapi-json": open_to_all(),
    "api-v1:api-root": machine(Capability.VIEW, "sharing.Dataset"),
    "api-v1:datasets": machine(Capability.VIEW, "sharing.Dataset"),
    "api-v1:contract": machine(Capability.VIEW, "sharing.Dataset"),
    "api-v1:send": machine(Capability.SUBMIT_DATA, "sharing.Dataset"),
    "api-v1:uploads": machine(Capability.SUBMIT_DATA, "sharing.Dataset"),
    "api-v1:upload": machine(Capability.VIEW, "sharing.Upload"),
    "api-v1:upload-finish": machine(Capability.SUBMIT_DATA, "sharing.Upload"),
    "api-v1:submissions": machine(Capability.VIEW, "sharing.Submission"),
    "api-v1:submission": machine(Capability.VIEW, "sharing.Submission"),
    "api-v1:faults": machine(Capability.READ_RETURNED_ROWS, "sharing.Submission"),
    # assessment
    "assessment-list": lists("assessment.Assessment"),
    "assessment-chase-late": decides(Capability.CHASE, "assessment.Assessment"),
    "issue-sources": lists("assessment.Issue", public=True),
    "assessment-roll-up": decides(Capability.SEE_ROLL_UP, "assessment.Cycle", public=True),
    "cycle-new": decides(Capability.RUN_CYCLES),
    "cycle-close": decides(Capability.RUN_CYCLES, "assessment.Cycle"),
    "assessment-matrix": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment-matrix-example": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment": decides(Capability.VIEW, "assessment.Assessment", public=True),
    "assessment-document": decides(Capability.VIEW, "assessment.Assessment", public=True),
    "assessment-scores": decides(Capability.VIEW, "assessment.Assessment", public=True),
    "assessment-chase": decides(Capability.CHASE, "assessment.Assessment"),
    "assessment-window": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment-issues": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment-score": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment-section": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment-place-finding": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment-change-placing": decides(Capability.WRITE_ASSESSMENT, "assessment.Assessment"),
    "assessment-sign-off": decides(Capability.SIGN_OFF_ASSESSMENT, "assessment.Assessment"),
    "assessment-reopen": decides(Capability.SIGN_OFF_ASSESSMENT, "assessment.Assessment"),
    # agreement
    "current-agreement": lists("agreement.AgreementVersion", public=True),
    "agreement-versions": lists("agreement.AgreementVersion", public=True),
    "agreement-version": decides(Capability.VIEW, "agreement.AgreementVersion", public=True),
    "agreement-document": decides(Capability.VIEW, "agreement.AgreementVersion", public=True),
    "agreement-draft": decides(Capability.DRAFT_AGREEMENT, "agreement.AgreementVersion"),
    "agreement-chapter": decides(Capability.DRAFT_AGREEMENT, "agreement.AgreementVersion"),
    "agreement-cycle": decides(Capability.DRAFT_AGREEMENT, "agreement.AgreementVersion"),
    "agreement-change-notes": decides(Capability.DRAFT_AGREEMENT, "agreement.AgreementVersion"),
    "agreement-move": decides(Capability.PUBLISH_AGREEMENT, "agreement.AgreementVersion"),
    "priority": decides(Capability.VIEW, "agreement.Priority", public=True),
    "proposals": lists("agreement.PriorityChange", public=True),
    "proposal": decides(Capability.VIEW, "agreement.PriorityChange", public=True),
    "proposal-new": decides(Capability.PROPOSE_CHANGE),
    "proposal-decide": decides(Capability.DRAFT_AGREEMENT, "agreement.PriorityChange"),
    "proposal-withdraw": decides(Capability.PROPOSE_CHANGE, "agreement.PriorityChange"),
    # example
    "see-it-as": open_to_all(),
    "see-as": open_to_all(),
}
