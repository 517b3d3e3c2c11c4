"""What the county team types of a feed."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from frankpledge.components.fields import Choice, Once, Radios, Record, Seen, Text
from frankpledge.components.forms import Form
from frankpledge.sharing.enums import FeedKind, Rhythm
from frankpledge.sharing.rules.feeds import check_feed


class FeedForm(Form):
    name = Text(label="What is it called?", max_length=120)
    organisation = Record(label="Whose data is it?")
    kind = Radios(
        label="Where is it fetched from?",
        choices=[
            Choice(FeedKind.FOLDER, FeedKind.FOLDER.label),
            Choice(FeedKind.HTTPS, FeedKind.HTTPS.label),
            Choice(FeedKind.SFTP, FeedKind.SFTP.label, reveals=("host_key",)),
            Choice(FeedKind.POLICE, FeedKind.POLICE.label),
            Choice(FeedKind.ONS, FeedKind.ONS.label),
        ],
    )
    host_key = Text(
        label="Host key of the server",
        hint="Ask its owner. Such as: ssh-ed25519 AAAA…",
        max_length=1000,
        required=False,
    )
    dataset = Record(
        label="Which data is it?", hint="Leave it empty for official geography", required=False
    )
    address = Text(
        label="Address",
        hint="A folder, or an address such as https://host/file.csv or sftp://user@host/folder. "
        "After data.police.uk/ write # and the force",
        max_length=500,
    )
    secret_name = Text(
        label="Name of the secret",
        hint="Such as FIRE_SFTP, where FRANKPLEDGE_FEED_SECRET_FIRE_SFTP holds it",
        max_length=60,
        required=False,
    )
    rhythm = Radios(
        label="How often?", hint="A folder is looked into every time", choices=Rhythm.choices
    )
    once = Once()
    seen = Seen()

    def __init__(self, *args: Any, organisations: Any, datasets: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["organisation"].queryset = organisations
        self.fields["dataset"].queryset = datasets

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for name in ("host_key", "secret_name"):
            given[name] = (given.get(name) or "").strip()
        if not self.errors:
            field, wrong = check_feed(
                kind=given["kind"],
                address=given["address"],
                secret_name=given["secret_name"],
                host_key=given["host_key"],
                has_dataset=given["dataset"] is not None,
                plain=settings.DEBUG,
            )
            if wrong:
                self.add_error(field, wrong)
        return given
