"""What people type about organisations, bodies, posts and seats, made clean."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from frankpledge.access.enums import Role
from frankpledge.access.roles import descriptions
from frankpledge.components.fields import (
    Checkboxes,
    Choice,
    Date,
    Email,
    Look,
    Radios,
    Record,
    Records,
    Select,
    Text,
    TextArea,
    Tick,
)
from frankpledge.components.forms import Form, Group
from frankpledge.components.tables import Filter
from frankpledge.core.markings import Audience
from frankpledge.core.models import AreaKind
from frankpledge.partnership.enums import (
    AccessRegime,
    BodyKind,
    LegislationKind,
    LegislationStatus,
    OfficeKind,
    OrganisationKind,
)
from frankpledge.partnership.rules import POST_ROLES, RESERVED_ROLES, SEAT_ROLES

_SMALL = Look(width="small")
_SHOWN_TO = [
    Choice(Audience.PUBLIC.value, "The public", hint="Anybody may see it"),
    Choice(Audience.PARTNERSHIP.value, "The partnership", hint="Anybody who holds a post in it"),
]
_BODY_SHOWN_TO = [
    *_SHOWN_TO,
    Choice(Audience.BODY.value, "The body itself", hint="Only those who sit on it"),
]


def _from() -> Date:
    return Date(label="From", hint="Leave empty if it is not known when it began", required=False)


def _to() -> Date:
    return Date(label="To", hint="Leave empty while it goes on", required=False)


class Dated(Form):
    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        begins = given.get("valid_from") or given.get("begins")
        ends = given.get("valid_to") or given.get("ends")
        name = "valid_to" if "valid_to" in self.fields else "ends"
        if begins and ends and ends < begins:
            self.add_error(name, "The end date must be the same as or after the start date")
        return dict(given)


class OrganisationForm(Dated):
    name = Text(label="Name", max_length=150)
    short_name = Text(
        label="Short name", hint="What people call it, as in a table", max_length=40, required=False
    )
    kind = Select(label="Kind", choices=OrganisationKind.choices)
    is_responsible_authority = Tick(
        label="It is a responsible authority",
        hint="Named by law as answering for community safety in the area",
        required=False,
    )
    area = Record(label="Area", hint="The area it serves", required=False)
    notes = TextArea(label="Notes", required=False, max_length=2000)
    valid_from = _from()
    valid_to = _to()
    groups = (Group("When it exists", ("valid_from", "valid_to")),)

    def __init__(self, *args: Any, areas: QuerySet[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["area"].queryset = areas


class SuccessionForm(Form):
    after = Record(label="Which organisation took over?")
    on = Date(label="When did it take over?", hint="For example, 1 7 2022")
    note = TextArea(label="What passed to it", required=False, max_length=1000)

    def __init__(self, *args: Any, organisations: QuerySet[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["after"].queryset = organisations


class BodyForm(Dated):
    name = Text(label="Name", max_length=150)
    short_name = Text(label="Short name", max_length=40, required=False)
    kind = Select(label="Kind", choices=BodyKind.choices)
    parent = Record(label="Body above it", hint="The body it reports to", required=False)
    remit = TextArea(label="Remit", hint="What it is for", required=False, max_length=3000)
    access_regime = Radios(
        label="Which rules do its meetings follow?", choices=AccessRegime.choices
    )
    audience = Radios(
        label="Who may see that it exists, and who sits on it?", choices=_BODY_SHOWN_TO
    )
    contact = Text(label="How to reach it", max_length=150, required=False)
    areas = Records(
        label="Areas it covers",
        hint="A Community Safety Partnership may cover one or more districts",
        required=False,
    )
    valid_from = _from()
    valid_to = _to()
    groups = (Group("When it exists", ("valid_from", "valid_to")),)

    def __init__(
        self, *args: Any, parents: QuerySet[Any], areas: QuerySet[Any], **rest: Any
    ) -> None:
        super().__init__(*args, **rest)
        self.fields["parent"].queryset = parents
        self.fields["areas"].queryset = areas


def _role_choices(roles: tuple[Role, ...], *, reserved: bool = True) -> list[Choice]:
    """The roles as choices; those that give roles only for who may give them."""
    known = descriptions()
    if not reserved:
        roles = tuple(role for role in roles if role.value not in RESERVED_ROLES)
    return [Choice(str(role.value), role.label, hint=known[role.value].purpose) for role in roles]


class PostForm(Dated):
    title = Text(label="Title of the post", hint="A job, never a person's name", max_length=150)
    role = Radios(
        label="What may its holder do for the organisation?", choices=_role_choices(POST_ROLES)
    )
    valid_from = _from()
    valid_to = _to()
    groups = (Group("When it exists", ("valid_from", "valid_to")),)

    def __init__(self, *args: Any, reserved: bool, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["role"].set_choices(_role_choices(POST_ROLES, reserved=reserved))


class SeatForm(Dated):
    post = Record(label="Which post takes the seat?")
    role = Radios(label="What may it do on the body?", choices=_role_choices(SEAT_ROLES))
    begins = Date(label="From")
    ends = Date(label="To", hint="Leave empty while it goes on", required=False)

    def __init__(self, *args: Any, posts: QuerySet[Any], reserved: bool, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["post"].queryset = posts
        self.fields["role"].set_choices(_role_choices(SEAT_ROLES, reserved=reserved))


class OfficeForm(Dated):
    kind = Radios(label="Which office?", choices=OfficeKind.choices)
    post = Record(
        label="Which post holds it?", hint="Leave empty while it is vacant", required=False
    )
    begins = Date(label="From")
    ends = Date(label="To", hint="Leave empty while it goes on", required=False)

    def __init__(self, *args: Any, posts: QuerySet[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["post"].queryset = posts


class HoldingForm(Dated):
    name = Text(label="Full name", max_length=150, look=Look(autocomplete="off", spellcheck=False))
    email = Email(
        label="Email address at work",
        hint="If it has no account yet, one is made. Its owner chooses a password by “Forgotten "
        "your password, or first time here?” on the sign-in page.",
        look=Look(autocomplete="off", spellcheck=False),
    )
    begins = Date(label="From")
    ends = Date(label="To", hint="Leave empty while it goes on", required=False)


class EndForm(Form):
    on = Date(label="Last day", hint="What it gives ends with this day")


class LinkedPlanForm(Dated):
    title = Text(label="Title", max_length=200)
    owner = Record(label="Whose plan is it?", required=False)
    link = Text(label="Web address", hint="Beginning with https://", max_length=200, required=False)
    audience = Radios(label="Who may see this entry?", choices=_SHOWN_TO)
    notes = TextArea(label="Notes", required=False, max_length=2000)
    valid_from = _from()
    valid_to = _to()
    groups = (Group("Period of the plan", ("valid_from", "valid_to")),)

    def __init__(self, *args: Any, organisations: QuerySet[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["owner"].queryset = organisations

    def clean_link(self) -> str:
        return _web_address(self, "link")


class LegislationForm(Form):
    title = Text(label="Title", max_length=250)
    kind = Radios(label="Kind", choices=LegislationKind.choices)
    status = Radios(label="Status", choices=LegislationStatus.choices)
    status_as_of = Date(label="Status as of", required=False)
    duty = TextArea(label="What duty it puts on somebody", required=False, max_length=2000)
    duty_on = Text(label="Who the duty is on", max_length=250, required=False)
    assent = Date(label="Date of Assent, or made", required=False)
    commencement = Date(label="In force from", required=False)
    review_on = Date(label="Look at this entry again on", required=False)
    source = Text(
        label="Web address", hint="Beginning with https://", max_length=200, required=False
    )
    audience = Radios(label="Who may see this entry?", choices=_SHOWN_TO)

    def clean_source(self) -> str:
        return _web_address(self, "source")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        made, begins = given.get("assent"), given.get("commencement")
        if made and begins and begins < made:
            self.add_error("commencement", "It cannot be in force before its Assent")
        return dict(given)


def _web_address(form: Form, name: str) -> str:
    """Only a web address: a script or a file of the reader's machine is never linked to."""
    typed = str(form.cleaned_data.get(name) or "").strip()
    if typed and not typed.startswith(("https://", "http://")):
        form.add_error(name, "The web address must begin with https:// or http://")
    return typed


# Filters

_WHEN = (("now", "Now and to come"), ("ended", "Ended"), ("all", "All"))


class ByWords(Filter):
    words = Text(label="Name contains")


class OrganisationFilter(ByWords):
    kind = Checkboxes(label="Kind", choices=OrganisationKind.choices, look=_SMALL)
    responsible = Tick(label="Responsible authorities only", look=_SMALL)
    when = Radios(label="When", choices=_WHEN, look=_SMALL)


class BodyFilter(ByWords):
    kind = Checkboxes(label="Kind", choices=BodyKind.choices, look=_SMALL)
    when = Radios(label="When", choices=_WHEN, look=_SMALL)


class PostFilter(ByWords):
    role = Checkboxes(label="Role", choices=[(r.value, r.label) for r in POST_ROLES], look=_SMALL)
    vacant = Tick(label="Vacant posts only", look=_SMALL)
    when = Radios(label="When", choices=_WHEN, look=_SMALL)


class PlanFilter(ByWords):
    when = Radios(label="When", choices=_WHEN, look=_SMALL)


class LegislationFilter(ByWords):
    kind = Checkboxes(label="Kind", choices=LegislationKind.choices, look=_SMALL)
    status = Checkboxes(label="Status", choices=LegislationStatus.choices, look=_SMALL)


class TrailFilter(ByWords):
    words = Text(label="Entry contains")
    who = Text(label="Who")
    what = Checkboxes(
        label="What",
        choices=[("changes", "Changes"), ("looks", "Looks at restricted things")],
        look=_SMALL,
    )
    since = Date(label="From")
    until = Date(label="To")


class PartsFilter(ByWords):
    """The areas within an area."""


class OnDay(Form):
    """A day in the past, in the address."""

    on = Date(label="What did it say on", hint="For example, 12 7 2025", required=False)
    says_optional = False


PARTS = {kind.value: kind.label for kind in (AreaKind.WARD, AreaKind.MSOA, AreaKind.LSOA)}
