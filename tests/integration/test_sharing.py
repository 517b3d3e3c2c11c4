"""Pages of agreements, returns and data, as those who use them and those who may not."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import date

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.audit import verify
from frankpledge.access.models import AuditEntry
from frankpledge.core.registries import duties_of
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    Dataset,
    SharingAgreement,
    Signature,
    Submission,
    Term,
)
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.queries.wording import text_digest
from frankpledge.sharing.tasks import import_submission
from tests.sharing_world import ASH, TODAY, counts, counts_file, sharing_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world():
    return sharing_world(signed=("fire", "county", "health"))


def seen_by(world, key: str) -> Client:
    client = Client()
    client.force_login(world.users[key])
    return client


def text(response) -> str:
    return response.content.decode()


def upload(lines: list[str], name: str = "counts.csv") -> SimpleUploadedFile:
    body = "\n".join(["area_code,month,indicator,count", *lines]) + "\n"
    return SimpleUploadedFile(name, body.encode(), "text/csv")


def post_file(client: Client, world, dataset: str, organisation: str, file, **rest):
    return client.post(
        reverse("submission-new"),
        {
            "dataset": world.datasets[dataset].pk,
            "organisation": world.organisations[organisation].pk,
            "file": file,
            **rest,
        },
    )


# Agreements


def test_the_agreement_says_who_signed_and_what_stops(world):
    page = text(seen_by(world, "stranger").get(reverse("sharing-agreement", args=["ashshire"])))
    assert "Ashshire Police has not signed version 2.0, so this has stopped: Abuse." in page
    assert "This goes on because it is a duty: Street." in page
    assert "A power to share, clause 4.1" in page
    assert "The police may provide counts of domestic abuse while they have signed." in page
    listed = text(seen_by(world, "stranger").get(reverse("sharing-agreement-list")))
    assert "3 of 4 parties" in listed


def sign_url(world, organisation: str, name: str = "sharing-sign") -> str:
    return reverse(name, args=["ashshire", world.version.pk, organisation])


def test_signing_the_exact_words_lets_the_data_in(world):
    client = seen_by(world, "colleague")
    page = text(client.get(sign_url(world, "police")))
    digest = text_digest(world.version)
    assert digest in page and "The police may provide counts of domestic abuse" in page
    given = {"post": world.posts["colleague"].pk, "agree": "on", "seen": digest}
    stale = client.post(sign_url(world, "police"), {**given, "seen": "0" * 64})
    assert "The agreement changed while you read it" in text(stale)
    done = client.post(sign_url(world, "police"), given)
    assert done.status_code == 302
    signature = Signature.objects.get(organisation__slug="police")
    assert (signature.text_digest, signature.signed_on) == (digest, TODAY)
    assert permission_to_send(
        organisation=world.organisations["police"], dataset=world.datasets["abuse"], on=TODAY
    )
    again = client.post(sign_url(world, "police"), given)
    assert "has already signed" in text(again)
    back = client.post(sign_url(world, "police", "sharing-revoke"), {"because": "New analyst"})
    assert back.status_code == 302
    assert not permission_to_send(
        organisation=world.organisations["police"], dataset=world.datasets["abuse"], on=TODAY
    )


def test_nobody_signs_for_another_or_with_anothers_post(world):
    assert seen_by(world, "stranger").get(sign_url(world, "police")).status_code == 403
    response = seen_by(world, "colleague").post(
        sign_url(world, "police"),
        {
            "post": world.posts["sender"].pk,
            "agree": "on",
            "seen": text_digest(world.version),
        },
    )
    assert "Select the post you sign as" in text(response)
    assert not Signature.objects.filter(organisation__slug="police").exists()
    assert Client().get(sign_url(world, "police")).status_code == 302


def test_the_county_team_drafts_a_version_and_everybody_owes_a_signature(world):
    client = seen_by(world, "leader")
    made = client.post(
        reverse("sharing-version-new", args=["ashshire"]),
        {"number": "3.0", "what_changed": "Adds knives"},
    )
    draft = AgreementVersion.objects.get(number="3.0")
    assert made.status_code == 302 and draft.clauses.count() == 4 and draft.terms.count() == 4
    at = {
        name: reverse(name, args=["ashshire", draft.pk])
        for name in (
            "sharing-version",
            "sharing-clause-new",
            "sharing-term-new",
            "sharing-put-in-force",
        )
    }
    assert seen_by(world, "stranger").get(at["sharing-version"]).status_code == 404
    for twice in range(2):
        answer = client.post(
            at["sharing-clause-new"],
            {"number": "4.3", "order": 9, "heading": "Knives", "text": "Counts of knives."},
        )
        assert (answer.status_code == 302) is (twice == 0)
    assert "already has a clause of that number" in text(answer)
    clause = draft.clauses.get(number="4.3")
    term = {
        "clause": clause.pk,
        "dataset": world.datasets["abuse"].pk,
        "provider": world.organisations["police"].pk,
        "recipient_role": "analyst",
        "purpose": "Assessment",
        "detail": "district",
        "basis": "power",
    }
    both = client.post(
        at["sharing-term-new"], {**term, "recipient": world.organisations["fire"].pk}
    )
    assert "Select either a role or an organisation" in text(both)
    assert client.post(at["sharing-term-new"], term).status_code == 302
    page = text(client.get(at["sharing-version"]))
    assert "New clause 4.3, Knives" in page and "New term: Abuse from Ashshire Police" in page
    removing = [
        reverse("sharing-clause-remove", args=["ashshire", draft.pk, clause.pk]),
        reverse(
            "sharing-term-remove",
            args=["ashshire", draft.pk, draft.terms.get(clause=clause).pk],
        ),
    ]
    assert "Terms rest on this clause" in text(client.post(removing[0], follow=True))
    client.post(removing[1])
    client.post(removing[0])
    assert draft.terms.count() == 4 and draft.clauses.count() == 4
    refused = text(client.post(at["sharing-put-in-force"], {"sure": "on"}))
    assert "must be looked at again" in refused
    register = reverse("sharing-version-register", args=["ashshire", draft.pk])
    assert "Enter the day to look at the assessment again" in text(
        client.post(register, {"dpia_state": "done", "dpia_reference": "Assessment 8"})
    )
    seen = {"dpia_state": "done", "dpia_reference": "Assessment 8"}
    review = {"dpia_review_on": "2026-09-01"}
    assert client.post(register, {**seen, **review}).status_code == 302
    assert client.post(at["sharing-put-in-force"], {"sure": "on"}).status_code == 302
    world.version.refresh_from_db()
    assert world.version.state == VersionState.SUPERSEDED
    refused = client.post(
        at["sharing-clause-new"], {"number": "9", "order": 9, "heading": "x", "text": "x"}
    )
    assert "stays as it was signed" in text(refused)
    owed = [d for d in duties_of(world.actor("leader"), TODAY) if d.kind == "Signature"]
    assert len(owed) == 4
    mine = [d for d in duties_of(world.actor("colleague"), TODAY) if d.kind == "Signature"]
    assert [d.owed_by for d in mine] == ["Ashshire Police"]


@pytest.mark.parametrize("who", ["sender", "stranger"])
def test_only_the_county_team_drafts(world, who):
    client = seen_by(world, who)
    assert client.get(reverse("sharing-agreement-new")).status_code == 403
    for name in ("sharing-clause-new", "sharing-term-new", "sharing-put-in-force"):
        url = reverse(name, args=["ashshire", world.version.pk])
        assert client.get(url).status_code == 403
        assert client.post(url, {"sure": "on"}).status_code == 403
    assert SharingAgreement.objects.count() == 1 and Term.objects.count() == 4


def test_an_agreement_is_made_by_form(world):
    client = seen_by(world, "leader")
    given = {
        "title": "Second",
        "slug": "ashshire",
        "purpose_text": "More",
        "owner": world.agreement.owner.pk,
        "parties": [each.pk for each in world.organisations.values()],
        "audience": "partnership",
        "classification": "OFFICIAL",
    }
    assert "Another agreement has this short name" in text(
        client.post(reverse("sharing-agreement-new"), given)
    )
    made = client.post(reverse("sharing-agreement-new"), {**given, "slug": "second"}, follow=True)
    assert "nothing may be sent under this agreement" in text(made)
    assert SharingAgreement.objects.get(slug="second").parties.count() == 4


# Returns


def test_a_file_is_sent_followed_mended_and_taken_back(world):
    client = seen_by(world, "fire_sender")
    form = text(client.get(reverse("submission-new")))
    assert "What may be sent today" in form and "Fires" in form and "A duty to share" in form
    assert "Abuse" not in form
    wrong = f"{ASH},2025-13,deliberate-primary-fires,=1+1"
    response = post_file(client, world, "fires", "fire", upload([*counts(), wrong]))
    sent = Submission.objects.get()
    assert response.url == reverse("submission", args=[sent.pk])
    waiting = text(client.get(response.url))
    assert "Waiting to be checked" in waiting and "Stop the import" in waiting
    import_submission.call(str(sent.pk))
    page = text(client.get(response.url))
    assert "See the rows that came back" in page and "Undo this file" in page
    owed = [d for d in duties_of(world.actor("fire_sender"), TODAY) if d.kind == "Returned rows"]
    assert [d.what for d in owed] == ["Correct 1 row of counts.csv"]
    rows_url = reverse("submission-rows", args=[sent.pk])
    rows = text(client.get(rows_url))
    assert "2025-13" in rows and "Month is not a year and a month." in rows
    assert AuditEntry.objects.filter(text__startswith="Looked: Read the rows").exists()
    given = client.get(f"{rows_url}?download=csv")
    lines = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"))))
    assert lines[0]["Row"] == "6" and not any(
        str(value).startswith("=") for line in lines for value in line.values()
    )
    assert client.get(f"{rows_url}?download=xlsx").content[:2] == b"PK"
    undone = text(client.post(reverse("submission-undo", args=[sent.pk]), follow=True))
    assert "Undone" in undone and "Bring it back" in undone
    client.post(reverse("submission-redo", args=[sent.pk]))
    sent.refresh_from_db()
    assert sent.state == State.STORED and verify().broken_at is None


def test_the_same_upload_from_two_tabs_is_one_submission(world):
    client = seen_by(world, "fire_sender")
    first = post_file(client, world, "fires", "fire", upload(counts()))
    second = client.get(post_file(client, world, "fires", "fire", upload(counts(), "copy.csv")).url)
    assert Submission.objects.count() == 1 and first.url == second.request["PATH_INFO"]
    assert "already sent" in text(second)


def test_a_power_without_signature_is_refused_on_the_page_with_its_clause(world):
    client = seen_by(world, "sender")
    form = text(client.get(reverse("submission-new")))
    table = form[form.index("What may be sent today") :]
    assert "Yes, with a warning" in table and "No" in table and "clause 4.1" in table
    assert "Ashshire Police has not signed" in table and "A power to share" in table
    lines = counts(indicator="domestic-abuse-incidents")
    page = text(client.get(post_file(client, world, "abuse", "police", upload(lines)).url))
    assert "The file was refused" in page and "clause 4.1" in page
    assert not Submission.objects.filter(stored__gt=0).exists()


def test_a_warning_of_a_duty_stands_apart_from_errors(world):
    page = world.send("fires", "fire", counts_file_of(world, counts()))
    world.version.signatures.all().delete()
    newer = world.send("fires", "fire", counts_file_of(world, counts(count=8)))
    said = text(seen_by(world, "leader").get(reverse("submission", args=[newer.pk])))
    assert "Warnings" in said and "has not signed" in said and "The file was refused" not in said
    old = text(seen_by(world, "leader").get(reverse("submission", args=[page.pk])))
    assert "A newer file" in old


def counts_file_of(world, lines):
    return counts_file(site.HOME, lines, f"{abs(hash(tuple(lines)))}.csv")


BAD_UPLOADS = {
    "program.exe": (b"MZ", "must be XLSX, XLSM, XLS, ODS, CSV, TSV, TXT, JSON, PARQUET or ZIP"),
    "empty.csv": (b"", "The selected file is empty"),
}
REFUSED_UPLOADS = {
    "program.csv": (b"MZ\x90\x00 ....", "is a Windows program"),
    "not.zip": (b"no zip at all", "is called a zip but is not one"),
    "..\\..\\etc\\passwd.zip": (b"no zip at all", "passwd.zip is called a zip but is not one"),
}


@pytest.mark.parametrize("name", BAD_UPLOADS)
def test_an_upload_that_cannot_be_right_is_said_at_the_field(world, name):
    content, said = BAD_UPLOADS[name]
    answer = post_file(
        seen_by(world, "fire_sender"), world, "fires", "fire", SimpleUploadedFile(name, content)
    )
    assert answer.status_code == 200 and said in text(answer) and "Error:" in text(answer)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("name", REFUSED_UPLOADS)
def test_a_refused_upload_says_why_on_its_page(world, name):
    content, said = REFUSED_UPLOADS[name]
    client = seen_by(world, "fire_sender")
    answer = post_file(client, world, "fires", "fire", SimpleUploadedFile(name, content))
    import_submission.call(str(Submission.objects.get().pk))
    page = text(client.get(answer.url))
    assert said in page and "What to do:" in page


def test_an_upload_over_the_limit_is_not_kept(world, settings):
    settings.UPLOAD_LIMIT = 100
    answer = post_file(seen_by(world, "fire_sender"), world, "fires", "fire", upload(counts() * 10))
    assert answer.status_code == 200 and not Submission.objects.exists()
    assert "MB or smaller" in text(answer) or "larger than" in text(answer)


def test_who_may_send_for_nobody_gets_no_form(world):
    Term.objects.filter(provider=world.organisations["fire"]).delete()
    for answer in (
        seen_by(world, "fire_sender").get(reverse("submission-new")),
        post_file(seen_by(world, "fire_sender"), world, "fires", "fire", upload(counts())),
    ):
        assert answer.status_code == 403
        assert "No information sharing agreement in force names data" in text(answer)
    assert seen_by(world, "leader").get(reverse("submission-new")).status_code == 200


def test_hostile_posts_make_nothing(world):
    client = seen_by(world, "fire_sender")
    url = reverse("submission-new")
    police, abuse = world.organisations["police"], world.datasets["abuse"]
    fire, fires = world.organisations["fire"], world.datasets["fires"]
    for given in (
        {"anything": "else"},
        {"dataset": fires.pk, "organisation": fire.pk},
        {"dataset": "nonsense", "organisation": "1 OR 1=1", "file": upload(counts())},
        {"dataset": fires.pk, "organisation": police.pk, "file": upload(counts())},
        {"dataset": abuse.pk, "organisation": fire.pk, "file": upload(counts())},
        {"dataset": uuid.uuid4(), "organisation": fire.pk, "file": upload(counts())},
        {"dataset": [abuse.pk, abuse.pk], "organisation": [fire.pk, police.pk], "file": "text"},
        {"dataset": "🚒", "organisation": "😀", "file": upload(counts())},
    ):
        answer = client.post(url, given)
        assert answer.status_code == 200 and "There is a problem" in text(answer), given
    assert not Submission.objects.exists()


def test_doubled_fields_count_once(world):
    client = seen_by(world, "fire_sender")
    police, fire = world.organisations["police"].pk, world.organisations["fire"].pk
    answer = client.post(
        reverse("submission-new"),
        {
            "dataset": [world.datasets["fires"].pk] * 2,
            "organisation": [police, fire],
            "file": [upload(counts()), upload(counts(count=1))],
        },
    )
    assert answer.status_code == 302
    assert Submission.objects.get().organisation.slug == "fire"


# Who gets nothing


@pytest.mark.parametrize("who", ["stranger", "sender", "colleague"])
def test_another_organisation_finds_nothing_of_a_return(world, who):
    secret = [*counts(), "Nightjar,2025-11,nonsense,1"]
    sent = world.send("fires", "fire", counts_file_of(world, secret))
    client = seen_by(world, who)
    assert sent.file_name not in text(client.get(reverse("submission-list")))
    for name in ("submission", "submission-rows"):
        known = client.get(reverse(name, args=[sent.pk]))
        unknown = client.get(reverse(name, args=[uuid.uuid4()]))
        assert known.status_code == unknown.status_code == 404
        assert "Nightjar" not in text(known)
    for name in ("cancel", "undo", "redo", "resume"):
        assert client.post(reverse(f"submission-{name}", args=[sent.pk])).status_code == 404
        assert client.get(reverse(f"submission-{name}", args=[sent.pk])).status_code in (404, 405)
    assert client.get(reverse("why", args=["submission", sent.pk])).status_code == 404
    sent.refresh_from_db()
    assert sent.state == State.STORED


def test_the_public_signs_in_first_and_sees_only_published_data(world):
    sent = world.send("fires", "fire", counts_file_of(world, counts()))
    client = Client()
    for url in (reverse("submission-list"), reverse("submission", args=[sent.pk])):
        assert client.get(url).status_code == 302
    page = text(client.get(reverse("dataset-list")))
    assert "Street" in page and "Fires" not in page
    assert client.get(reverse("dataset", args=["fires"])).status_code == 404
    assert client.get(reverse("sharing-agreement", args=["ashshire"])).status_code == 404
    assert "Ashshire agreement" not in text(client.get(reverse("sharing-agreement-list")))


def test_a_colleague_sees_the_return_but_not_its_rows(world):
    sent = world.send("street", "police", counts_file_of(world, counts()))
    client = seen_by(world, "colleague")
    page = client.get(reverse("submission", args=[sent.pk]))
    assert page.status_code == 200
    rows = client.get(reverse("submission-rows", args=[sent.pk]))
    assert rows.status_code == 403 and "only the sender reads them" in text(rows)
    assert client.post(reverse("submission-undo", args=[sent.pk])).status_code == 403


# What is held


def test_the_data_page_shows_months_and_gaps(world):
    world.send("fires", "fire", counts_file_of(world, counts(months=("2025-08", "2025-11"))))
    page = text(seen_by(world, "stranger").get(reverse("dataset", args=["fires"])))
    assert "4 rows, August 2025 to November 2025" in page
    assert "Nothing is held from September 2025 to October 2025" in page
    assert "You may not ask of this data." in page
    assert Dataset.objects.count() == 4


def test_lists_ask_the_database_as_often_for_thirty_as_for_one(world):
    client = seen_by(world, "leader")
    world.receive("fires", "fire", counts_file_of(world, counts()))
    client.get(reverse("submission-list"))
    asked = []
    for number in range(2):
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("submission-list"))
        asked.append(len(found))
        if number == 0:
            first = Submission.objects.get()
            for each in range(29):
                Submission.objects.create(
                    dataset=first.dataset,
                    organisation=first.organisation,
                    contract_version="1",
                    sent_at=first.sent_at,
                    file_name=f"{each}.csv",
                    file_size=1,
                    file_digest=f"{each:064x}",
                )
    assert asked[0] == asked[1]


def test_the_thread_leads_from_the_return_to_the_version(world):
    sent = world.send("fires", "fire", counts_file_of(world, counts()))
    page = text(seen_by(world, "leader").get(reverse("thread", args=["submission", sent.pk])))
    assert "Ashshire agreement, version 2.0" in page
    assert date(2025, 11, 1) in sent.months.values_list("month", flat=True)
