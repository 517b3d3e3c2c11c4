"""What people type while a return is checked: agreement, waiting, questions, caveats."""

from __future__ import annotations

from frankpledge.components.fields import Choice, Date, Month, Radios, Seen, Text, TextArea
from frankpledge.components.forms import Form
from frankpledge.sharing.enums import Approvals
from frankpledge.sharing.rules.returns import LONGEST_REASON


class AgreeForm(Form):
    note = Text(label="Note", hint="For those who read it later", max_length=200, required=False)


class SendBackForm(Form):
    reason = TextArea(label="Why does it go back?", hint="Say what must change before it is agreed")


class WithdrawForm(Form):
    reason = TextArea(label="Why is it withdrawn?", max_length=LONGEST_REASON)


class EmbargoForm(Form):
    waits = Radios(
        label="From when does it count?",
        choices=[
            Choice("no", "As soon as it is stored and agreed"),
            Choice("yes", "From a day", reveals=("until",)),
        ],
    )
    until = Date(label="From which day?", hint="For example, 27 3 2026")


class ChainForm(Form):
    seen = Seen()
    approvals = Radios(
        label="Who agrees to a file before it counts?",
        choices=[(str(each.value), each.label) for each in Approvals],
    )


class AskForm(Form):
    text = TextArea(label="What do you ask?", hint="Say what looks odd, and what would settle it")


class RemarkForm(Form):
    text = TextArea(label="Add a remark")


class ResolveForm(Form):
    resolution = TextArea(label="How is it resolved?")
    caveat = Radios(
        label="Must everybody know who reads these figures?",
        choices=[
            Choice("no", "No"),
            Choice(
                "yes", "Yes, each answer repeats it", reveals=("words", "first_month", "last_month")
            ),
        ],
    )
    words = Text(label="What does each answer say?", max_length=300)
    first_month = Month(label="From which month?", hint="For example, 10 2025")
    last_month = Month(label="To which month?", hint="For example, 12 2025")


class CaveatForm(Form):
    text = Text(label="What does each answer say?", max_length=300)
    first_month = Month(label="From which month?", hint="Leave empty for all", required=False)
    last_month = Month(label="To which month?", hint="Leave empty for all", required=False)


class PlausibleForm(Form):
    answer = Radios(
        label="What is it?",
        choices=[
            Choice("right", "It is right", reveals=("because",)),
            Choice("again", "It is wrong. I will send it again"),
        ],
    )
    because = TextArea(label="Why is it right?")
