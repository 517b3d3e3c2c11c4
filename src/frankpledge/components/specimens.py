"""Made-up content for the page that shows every component in every state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from frankpledge.components.fields import (
    Checkboxes,
    Choice,
    Date,
    Email,
    File,
    Look,
    Money,
    Month,
    Number,
    Once,
    Radios,
    Select,
    Text,
    TextArea,
    Tick,
    Whole,
)
from frankpledge.components.forms import Form, Group
from frankpledge.components.parts import Download, Event, Fact, Tab, Task
from frankpledge.components.tables import Column, Filter, Table

STATUSES = [("open", "In progress"), ("late", "Late"), ("done", "Done")]
COLOURS = {"open": "blue", "late": "red", "done": "green"}


class EveryField(Form):
    """Each kind of field once, in groups."""

    groups = (
        Group("What it is", ("title", "about", "email", "kind", "other_kind")),
        Group("When and how much", ("due", "month", "cost", "people", "rate")),
        Group("Who and how", ("partners", "area", "reference"), hint="Choose all that apply."),
        Group("Papers", ("paper", "agree")),
    )
    once = Once()
    title = Text(label="What will be done", hint="Start with a verb.", max_length=120)
    about = TextArea(label="Why it matters", max_length=200, required=False)
    email = Email(label="Email address of the lead", hint="We only use it for this action.")
    kind = Radios(
        label="Kind of action",
        choices=[
            Choice("new", "New work", hint="Nobody does it yet."),
            Choice("more", "More of what is done"),
            Choice("other", "Something else", reveals=("other_kind",)),
        ],
    )
    other_kind = Text(label="Which kind", look=Look(width="20"))
    due = Date(label="Due date", hint="For example, 27 3 2026", earliest=date(2020, 1, 1))
    month = Month(label="First month of data", hint="For example, 3 2026", required=False)
    cost = Money(label="Cost", hint="For example, 1,250.50", required=False)
    people = Whole(label="People reached", min_value=0, required=False)
    rate = Number(label="Share done", look=Look(width="4", suffix="%"), required=False)
    partners = Checkboxes(
        label="Partners",
        choices=[
            Choice("police", "Police"),
            Choice("fire", "Fire and rescue"),
            Choice("voluntary", "A voluntary group", hint="Name it.", reveals=("group_name",)),
        ],
    )
    group_name = Text(label="Name of the group")
    area = Select(
        label="Area", choices=[("a", "Area A"), ("b", "Area B"), ("all", "The whole county")]
    )
    reference = Radios(
        label="Is it in a plan already?",
        choices=[("yes", "Yes"), ("no", "No")],
        look=Look(inline=True),
    )
    paper = File(
        label="Supporting paper",
        kinds=(".csv", ".docx"),
        largest=5 * 1024 * 1024,
        required=False,
        hint="CSV or DOCX, up to 5 MB.",
    )
    agree = Tick(label="The lead has agreed to this")


class OneThing(Form):
    """One question on a page: its label is the heading."""

    reason = TextArea(
        label="Why does this action end early?",
        hint="The board reads this. Do not name anybody.",
        max_length=300,
        look=Look(heading=True, rows=6),
    )


class ShortForm(Form):
    title = Text(label="What will be done", max_length=80)
    kind = Radios(
        label="Kind of action",
        choices=[
            Choice("new", "New work"),
            Choice("other", "Something else", reveals=("other_kind",)),
        ],
    )
    other_kind = Text(label="Which kind")
    due = Date(label="Due date", hint="For example, 27 3 2026")
    cost = Money(label="Cost", required=False)


@dataclass(frozen=True)
class Answer:
    """What a refused decision says, as the parts of a page read it."""

    allowed: bool
    reason: str


REFUSED = Answer(
    allowed=False,
    reason="Only the district's chair signs an assessment. Ask the community safety manager.",
)


@dataclass(frozen=True)
class Action:
    title: str
    lead: str
    due: date | None
    status: str
    pence: int | None
    reached: int | None
    share: float | None

    @property
    def status_text(self) -> str:
        return dict(STATUSES)[self.status]


def actions() -> list[Action]:
    verbs = ("Light", "Visit", "Train", "Repair", "Survey", "Open")
    things = ("the underpass", "licensed premises", "door staff", "the alley gates")
    found = [
        Action(
            title=f"{verbs[n % 6]} {things[n % 4]} ({n})",
            lead=("Police", "Fire and rescue", "County council")[n % 3],
            due=None if n % 11 == 0 else date(2026, n % 12 + 1, n % 27 + 1),
            status=("open", "late", "done")[n % 3],
            pence=None if n % 7 == 0 else n * 12_345,
            reached=n * 137,
            share=n * 1.3 % 100,
        )
        for n in range(1, 64)
    ]
    long = "Agree with every responsible authority how a repeat victim is told what happens next, "
    found[3] = Action(long + "by whom and by when", "Probation", None, "late", 5, None, None)
    return found


class ActionFilter(Filter):
    words = Text(label="Words in the title")
    status = Checkboxes(label="Status", choices=STATUSES, look=Look(width="small"))
    lead = Select(
        label="Lead",
        empty="All leads",
        choices=[(lead, lead) for lead in ("Police", "Fire and rescue", "County council")],
    )
    due_from = Date(label="Due from", hint="For example, 27 3 2026")


class ActionTable(Table):
    caption = "Actions"
    noun = "action"
    default_sort = "due"
    per_page = 10
    columns = (
        Column("title", "Action", sort="title", url=lambda row: "/components/?state=record"),
        Column("lead", "Lead", sort="lead"),
        Column("due", "Due", kind="date", sort="due"),
        Column("status_text", "Status", colour=lambda row: COLOURS[row.status]),
        Column("pence", "Cost", kind="money", sort="pence"),
        Column("reached", "People reached", kind="count", sort="reached"),
    )
    notes = ("Cost is what was agreed, not what was spent.",)
    sources = ("Made up for this page",)
    empty = "No action has been agreed yet. The board adds the first one."


def chosen(values: dict[str, object]) -> list[Action]:
    """What a room's query does with the values of its filter."""
    words = str(values.get("words", "")).lower()
    wanted = values.get("status") or [status for status, _label in STATUSES]
    since = values.get("due_from")
    return [
        action
        for action in actions()
        if words in action.title.lower()
        and action.status in wanted  # type: ignore[operator]
        and values.get("lead", action.lead) == action.lead
        and (not isinstance(since, date) or (action.due is not None and action.due >= since))
    ]


FACTS = (
    Fact("Action", "Light the underpass", change_url="?state=form", change="the action"),
    Fact("Lead", "County council", url="/components/"),
    Fact("Due", "27 March 2026", change_url="?state=form", change="the due date"),
    Fact("About", "The lamps failed in May.\nResidents avoid the way to the station.\n" * 2),
    Fact("Cost", "£1,234.50"),
)
TASKS = (
    Task("What partners told us", "Complete", url="?state=record"),
    Task("What the figures show", "In progress", url="?state=record", colour="blue"),
    Task(
        "What residents said",
        "Information missing",
        url="?state=record",
        colour="yellow",
        hint="Looked at on 12 January by the analyst. Two answers are not in.",
    ),
    Task("Sign-off by the chair", "Cannot start yet", hint="Complete the other parts first."),
)
EVENTS = (
    Event("Action agreed", "The board", date(2026, 1, 22), "RESOLVED that the action be agreed."),
    Event(
        "Cost changed",
        "The county team",
        date(2026, 1, 15),
        "From £900 to £1,234.50.",
        url="?state=record",
        link="See the change",
    ),
    Event("Action proposed", "", date(2025, 12, 3)),
)
TABS = (
    Tab("now", "This year", "components/specimens/tab_now.html"),
    Tab("before", "Last year", "components/specimens/tab_before.html"),
)
DOWNLOADS = (
    Download("CSV", "?state=list&download=csv"),
    Download("Excel", "?state=list&download=xlsx"),
)
