"""What people type when they make, replace or change a key."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from frankpledge.components.fields import Date, Once, Records, Text
from frankpledge.components.forms import Form
from frankpledge.sharing.rules.webhooks import check_address

_WEBHOOK = {
    "label": "Where should results be told?",
    "hint": "An https address of your own, or leave it empty and ask instead",
    "max_length": 200,
    "required": False,
}


class WebhookForm(Form):
    webhook_url = Text(**_WEBHOOK)

    def clean_webhook_url(self) -> str:
        return _webhook(self)


class KeyForm(Form):
    label = Text(label="What will use the key?", hint="Such as: nightly export", max_length=80)
    datasets = Records(label="Which data may it send?")
    expires_on = Date(label="Until which day?", hint="Within a year. For example, 27 3 2026")
    webhook_url = Text(**_WEBHOOK)
    once = Once()

    def __init__(self, *args: Any, datasets: Any, reads: bool = False, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["datasets"].queryset = datasets
        if reads:
            self.fields["label"].help_text = "Such as: monthly workbook"
            self.fields["datasets"].label = "Which data may it read?"
            del self.fields["webhook_url"]

    def clean_webhook_url(self) -> str:
        return _webhook(self)


class ReplaceKeyForm(Form):
    expires_on = Date(label="Until which day?", hint="Within a year. For example, 27 3 2026")
    once = Once()


def _webhook(form: Form) -> str:
    address = str(form.cleaned_data["webhook_url"] or "").strip()
    if address and (problem := check_address(address, plain=settings.DEBUG)):
        form.add_error("webhook_url", problem)
    return address
