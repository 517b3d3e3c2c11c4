"""How to call every address, and the records each would leak: one block a room.

An address of `access/routes.py` without an entry here fails `test_routes.py`. Most entries are one
word: `by("pk")` for an address that ends in a record's id, `plain()` for one without a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.worlds import World

Args = Callable[[World, Any], tuple[Any, ...]]


@dataclass(frozen=True)
class Entry:
    """`args` of the address for a record, and `guessed` ones that lead nowhere.

    `records` are those asked about (all of the route's model when it is not given), `needs` what
    must be seen besides. `closed` says that the address answers nobody in this configuration.
    """

    args: Args = lambda world, record: ()
    guessed: Callable[[World], tuple[Any, ...]] | None = None
    records: Callable[[World], Iterable[Any]] | None = None
    needs: Callable[[World, Any], Iterable[Any]] = lambda world, record: ()
    query: str = ""
    absent: bool = False
    chooses: bool = False
    closed: bool = False


def plain(query: str = "") -> Entry:
    return Entry(query=query)


def by(field: str = "pk", *more: Any, **rest: Any) -> Entry:
    """An address made of one field of the record, and whatever follows it."""

    def args(world: World, record: Any) -> tuple[Any, ...]:
        value = record
        for part in field.split("."):
            value = getattr(value, part)
        return (value, *more)

    wrong = uuid4() if field == "pk" else "no-such-record"
    return Entry(args=args, guessed=lambda world: (wrong, *more), **rest)


def _fixed(*args: Any) -> Entry:
    return Entry(args=lambda world, record: args)


_CLOSED = Entry(closed=True)
_LIBRARY = {
    name: plain()
    for name in (
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_email_verification_sent",
        "account_confirm_login_code",
        "account_set_password",
        "account_change_password",
        "account_email",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_login_webauthn",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "socialaccount_connections",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "socialaccount_signup",
    )
} | {
    "account_reset_password_from_key": _fixed("abc", "abc-123"),
    "account_confirm_email": _fixed("abc123"),
    "mfa_edit_webauthn": _fixed(1),
    "mfa_remove_webauthn": _fixed(1),
    "openid_connect_login": _fixed("none"),
    "openid_connect_callback": _fixed("none"),
}


def _version(*more: str, absent: bool = False) -> Entry:
    """A version of a sharing agreement, and what of it comes after in the address: the name of a
    record of the world, or a word as it stands."""

    def rest(world: World) -> tuple[Any, ...]:
        return tuple(world.more[each].pk if each in world.more else each for each in more)

    def args(world: World, record: Any) -> tuple[Any, ...]:
        return (record.agreement.slug, record.pk, *rest(world))

    return Entry(
        args=args,
        guessed=lambda world: (world.more["in force"].agreement.slug, uuid4(), *rest(world)),
        records=lambda world: [world.more["in force"]],
        needs=lambda world, record: [record.agreement],
        absent=absent,
    )


def _period(*, of_schedule: bool = False) -> Entry:
    """A period of a schedule and an organisation; one that is not asked leads nowhere."""

    def args(world: World, record: Any) -> tuple[Any, ...]:
        schedule = record if of_schedule else world.more["schedule"]
        party = world.organisations["police"] if of_schedule else record
        return (schedule.pk, party.slug, "2025-07")

    return Entry(
        args=args,
        guessed=lambda world: (world.more["schedule"].pk, "no-such-party", "2025-07"),
        absent=True,
        chooses=not of_schedule,
        needs=lambda world, record: [world.more["schedule"]],
    )


def _party() -> Entry:
    """An organisation and the version it signs."""

    def args(world: World, record: Any) -> tuple[Any, ...]:
        version = world.more["in force"]
        return (version.agreement.slug, version.pk, record.slug)

    return Entry(
        args=args,
        guessed=lambda world: (*args(world, world.organisations["fire"])[:2], "no-such-party"),
        records=lambda world: [world.organisations["fire"]],
        needs=lambda world, record: [world.more["in force"].agreement, world.more["in force"]],
        absent=True,
    )


def _placing(world: World, record: Any) -> tuple[Any, ...]:
    return (record.pk, world.more["placings"][record.pk].pk, "up")


ROUTE_RECORDS: dict[str, Entry] = {
    **_LIBRARY,
    # access
    "my-access": plain(),
    "roles": plain(),
    "why": Entry(args=lambda world, record: ("body", world.bodies["panel"].pk)),
    # components
    "components": plain(),
    "accessibility-statement": plain(),
    "privacy": plain(),
    "other-formats": plain(),
    "map-ground": Entry(absent=True),
    # partnership
    "organisations": plain("?when=all"),
    "organisation": by("slug"),
    "organisation-new": plain(),
    "organisation-edit": by("slug"),
    "organisation-succession": by("slug"),
    "post-new": by("slug"),
    "posts": plain("?when=all"),
    "post": by("pk"),
    "post-edit": by("pk"),
    "holding-new": by("pk"),
    "holding-end": by("pk"),
    "bodies": plain("?when=all"),
    "body": by("slug"),
    "body-new": plain(),
    "body-edit": by("slug"),
    "seat-new": by("slug"),
    "office-new": by("slug"),
    "seat-end": by("pk"),
    "office-end": by("pk"),
    "linked-plans": plain("?when=all"),
    "linked-plan": by("pk"),
    "linked-plan-new": plain(),
    "linked-plan-edit": by("pk"),
    "legislation": plain(),
    "legislation-entry": by("pk"),
    "legislation-new": plain(),
    "legislation-edit": by("pk"),
    "audit-trail": plain(),
    "areas": plain(),
    "area": by("code"),
    "area-parts": by("code", "lsoa"),
    # inbox
    "home": plain(),
    "inbox": plain(),
    "thread": Entry(
        args=lambda world, record: ("body", record.pk),
        guessed=lambda world: ("body", uuid4()),
        records=lambda world: world.bodies.values(),
    ),
    # evidence
    "explorer": plain(),
    "explorer-export": Entry(
        args=lambda world, record: ("csv",),
        query="?dataset=no-such-dataset",
        guessed=lambda world: ("csv",),
        chooses=True,
    ),
    "reading": plain(),
    "explorer-who-sees": Entry(absent=True),
    "odata": plain(),
    "odata-metadata": plain(),
    "odata-rows": _fixed("answer_by_month"),
    "odata-count": _fixed("answer_by_month"),
    "explorer-map": Entry(query="?dataset=no-such-dataset", guessed=lambda world: (), chooses=True),
    "explorer-save": Entry(absent=True),
    "finding-list": plain(),
    "finding-new": plain(),
    "finding": by("pk"),
    "finding-export": by("pk", "csv", absent=True),
    "emerging": plain(),
    "signal": by("pk"),
    "signal-dismiss": by("pk"),
    "signal-restore": by("pk"),
    "signal-keep": by("pk", chooses=True),
    "saved-question-list": plain(),
    "saved-question-new": Entry(absent=True),
    "saved-question": by("pk"),
    "saved-question-change": by("pk"),
    "saved-question-delete": by("pk"),
    "saved-question-tell": by("pk", chooses=True),
    "subscription-end": by("pk"),
    "unsubscribe": _fixed("no-such-token"),
    # sharing
    "sharing-agreement-list": plain(),
    "sharing-agreement-new": plain(),
    "sharing-board": plain(),
    "sharing-matrix": plain(),
    "sharing-register-import": plain(),
    "sharing-agreement": by("slug"),
    "sharing-change": by("slug"),
    "sharing-liaison-new": by("slug"),
    "sharing-liaison-end": Entry(
        args=lambda world, record: (record.slug, uuid4()),
        guessed=lambda world: ("no-such-record", uuid4()),
        absent=True,
    ),
    "sharing-signature": Entry(
        args=lambda world, record: (record.version.agreement.slug, record.pk, "html"),
        guessed=lambda world: (world.more["in force"].agreement.slug, uuid4(), "html"),
        needs=lambda world, record: [record.version.agreement],
    ),
    "sharing-document": _version("html"),
    "sharing-version-register": _version(),
    "sharing-paste": _version(),
    "sharing-clause-move": _version("clause", "up", absent=True),
    "sharing-term": _version("term open-data"),
    "sharing-on-paper": _version(),
    "sharing-version-new": by("slug"),
    "sharing-version": _version(),
    "sharing-clause-new": _version(),
    "sharing-clause": _version("clause"),
    "sharing-clause-remove": _version("clause", absent=True),
    "sharing-term-new": _version(),
    "sharing-term-remove": _version("term open-data", absent=True),
    "sharing-put-in-force": _version(),
    "sharing-sign": _party(),
    "sharing-revoke": _party(),
    "submission-list": plain(),
    "submission-new": Entry(chooses=True),
    "submission": by("pk"),
    "submission-choose": by("pk"),
    "submission-choose-again": by("pk"),
    "returns-remembered": plain(),
    "returns-type-in": Entry(
        args=lambda world, record: (record.slug, "no-such-dataset"),
        guessed=lambda world: ("no-such-party", "no-such-dataset"),
        absent=True,
    ),
    "returns-forget": Entry(
        args=lambda world, record: (record.slug, "no-such-dataset"),
        guessed=lambda world: ("no-such-party", "no-such-dataset"),
        absent=True,
    ),
    "submission-rows": by("pk"),
    "submission-cancel": by("pk"),
    "submission-changes": by("pk"),
    "submission-withdraw": by("pk"),
    "submission-undo": by("pk"),
    "submission-redo": by("pk"),
    "submission-resume": by("pk"),
    "submission-agree": by("pk"),
    "submission-send-back": by("pk"),
    "submission-embargo": by("pk"),
    "submission-correct": by("pk"),
    "submission-workbook": by("pk"),
    "submission-send-workbook": by("pk"),
    "submission-answer": by("pk", "jump 2025-11"),
    "submission-ask": by("pk"),
    "question": by("pk"),
    "question-resolve": by("pk"),
    "caveats": by("slug"),
    "caveat-new": by("slug"),
    "caveat-end": Entry(
        args=lambda world, record: (record.slug, uuid4()),
        guessed=lambda world: ("no-such-record", uuid4()),
        absent=True,
    ),
    "dataset-approvals": by("slug"),
    "return-calendar": plain(),
    "return-calendar-chase": plain(),
    "return-duty": plain(),
    "schedule-new": plain(),
    "schedule-end": by("pk"),
    "return-period": _period(),
    "return-extend": _period(of_schedule=True),
    "return-nil": _period(),
    "return-chase": _period(of_schedule=True),
    "keeping-delete": by("pk"),
    "deletion": by("pk", absent=True),
    "keeping": plain(),
    "hold-new": plain(),
    "hold-lift": Entry(args=lambda world, record: (world.more["hold"].pk,)),
    "contract-list": plain(),
    "contract-take": _fixed("no-such-contract"),
    "contract-new": plain(),
    "contract": by("pk"),
    "contract-change": by("pk"),
    "contract-use": by("pk"),
    "contract-text": by("pk"),
    "dataset-list": plain(),
    "dataset": by("slug"),
    "dataset-template": by("slug"),
    "dataset-contract": by("slug"),
    "data-use": plain(),
    "data-receipt": by("slug", "2025-Q4", "html"),
    "data-requests": plain(),
    "data-request-new": plain(),
    "data-request": by("pk"),
    "data-request-decide": by("pk"),
    "key-list": plain(),
    "key-new": by("slug"),
    "key": by("pk"),
    "key-rotate": by("pk"),
    "key-revoke": by("pk"),
    "key-webhook": by("pk"),
    "feed-list": plain(),
    "feed-new": plain(),
    "feed": by("pk"),
    "feed-edit": by("pk"),
    "feed-switch": by("pk"),
    "feed-run": by("pk"),
    "api-reference": plain(),
    "api-v1:openapi-json": plain(),
    "api-v1:api-root": plain(),
    "api-v1:datasets": plain(),
    "api-v1:contract": by("slug"),
    "api-v1:send": by("slug"),
    "api-v1:uploads": plain(),
    "api-v1:upload": by("pk"),
    "api-v1:upload-finish": by("pk"),
    "api-v1:submissions": plain(),
    "api-v1:submission": by("pk"),
    "api-v1:faults": by("pk"),
    # assessment
    "assessment-list": plain(),
    "assessment-chase-late": Entry(chooses=True),
    "issue-sources": plain(),
    "assessment-roll-up": Entry(chooses=True),
    "cycle-new": plain(),
    "cycle-close": by("pk"),
    "assessment-matrix": by("pk"),
    "assessment-matrix-example": by("pk"),
    "assessment": by("pk"),
    "assessment-document": by("pk", "html"),
    "assessment-scores": by("pk"),
    "assessment-chase": by("pk"),
    "assessment-window": by("pk"),
    "assessment-issues": by("pk"),
    "assessment-sign-off": by("pk"),
    "assessment-reopen": by("pk"),
    "assessment-score": Entry(
        args=lambda world, record: (record.pk, world.more["issue"].pk),
        guessed=lambda world: (uuid4(), world.more["issue"].pk),
    ),
    "assessment-change-placing": Entry(
        args=_placing, guessed=lambda world: (uuid4(), uuid4(), "up")
    ),
    "assessment-section": by("pk", "levels"),
    "assessment-place-finding": by("pk", "levels"),
    # agreement
    "current-agreement": plain(),
    "agreement-versions": plain(),
    "agreement-version": by("number"),
    "agreement-document": by("number", "html", absent=True),
    "agreement-draft": by("number"),
    "agreement-chapter": by("number", "foreword"),
    "agreement-change-notes": by("number"),
    "agreement-cycle": by("number"),
    "agreement-move": by("number", "agree"),
    "priority": by("pk"),
    "proposals": plain(),
    "proposal": by("pk"),
    "proposal-new": plain(),
    "proposal-decide": by("pk"),
    "proposal-withdraw": by("pk"),
    # example
    "see-it-as": plain(),
    "see-as": _fixed("public"),
}
