"""Agreements as code: register, clauses, signing, paper, board, matrix, and what stops the day a
signature is taken back."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frankpledge.access.audit import verify
from frankpledge.core.registries import duties_of
from frankpledge.evidence.management.commands.ask import Command as Ask
from frankpledge.partnership.models import Organisation, Post
from frankpledge.sharing.actions.signing import UnableToSign, note_paper_signature, sign
from frankpledge.sharing.enums import DpiaState, VersionState
from frankpledge.sharing.enums import SubmissionState as State
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    Liaison,
    SharingAgreement,
    Signature,
    Term,
)
from frankpledge.sharing.queries.permission import permission_to_send
from frankpledge.sharing.queries.register_file import day_of, rows_of
from frankpledge.sharing.queries.wording import clause_tree, digest_of, text_digest
from tests.pdf_checks import assert_pdf_ua
from tests.sharing_world import NOW, TODAY, SharingWorld, counts, counts_file, sharing_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORE = tmp_path / "store"
    settings.HOME = tmp_path
    settings.TODAY = TODAY
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world() -> SharingWorld:
    return sharing_world(signed=("fire", "county", "health"))


def seen_by(world: SharingWorld, key: str) -> Client:
    client = Client()
    client.force_login(world.users[key])
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def at(world: SharingWorld, name: str, *more: Any, version: Any = None) -> str:
    return reverse(name, args=["ashshire", (version or world.version).pk, *more])


def draft_of(world: SharingWorld) -> AgreementVersion:
    seen_by(world, "leader").post(
        reverse("sharing-version-new", args=["ashshire"]), {"number": "3.0", "what_changed": "x"}
    )
    return AgreementVersion.objects.get(number="3.0")


# Signing


def _given(world: SharingWorld, key: str, **rest: Any) -> dict[str, Any]:
    return {
        "post": str(world.posts[key].pk),
        "agree": "on",
        "seen": text_digest(world.version),
        **rest,
    }


def test_a_signature_keeps_the_exact_words_and_goes_out_as_a_pdf(world):
    client = seen_by(world, "colleague")
    assert client.post(at(world, "sharing-sign", "police"), _given(world, "colleague")).status_code
    signature = Signature.objects.get(organisation__slug="police")
    assert digest_of(signature.text) == signature.text_digest == text_digest(world.version)
    assert "4.1 Abuse\nThe police may provide counts" in signature.text
    url = reverse("sharing-signature", args=["ashshire", signature.pk, "pdf"])
    pdf = seen_by(world, "stranger").get(url)
    assert pdf["Content-Type"] == "application/pdf"
    assert_pdf_ua(pdf.content)
    page = text(client.get(url.replace("/pdf/", "/html/")))
    assert signature.text_digest in page and "Colleague post" in page
    assert Client().get(url).status_code == 302
    wrong = reverse("sharing-signature", args=["other", signature.pk, "pdf"])
    assert client.get(wrong).status_code == 404
    assert client.get(url.replace("/pdf/", "/exe/")).status_code == 404


def test_before_signing_what_changed_since_the_version_signed_last(world):
    world.sign("police")
    draft = draft_of(world)
    leader = seen_by(world, "leader")
    clause = draft.clauses.get(number="4.1")
    leader.post(
        at(world, "sharing-clause", clause.pk, version=draft),
        {"number": "4.1", "heading": "Abuse", "text": "The police shall provide counts."},
    )
    assert (
        leader.post(at(world, "sharing-put-in-force", version=draft), {"sure": "on"}).status_code
        == 302
    )
    page = text(seen_by(world, "colleague").get(at(world, "sharing-sign", "police", version=draft)))
    assert "Compared with version 2.0, which Ashshire Police signed last" in page
    assert "Clause 4.1, Abuse, has new words." in page
    assert "while they have signed" in page
    newcomer = text(seen_by(world, "fire_sender").get(at(world, "sharing-sign", "fire")))
    assert "Nothing is different from version 2.0" in newcomer


def test_who_is_not_named_does_not_sign_and_is_told_who_does(world):
    Liaison.objects.filter(organisation__slug="police").update(post=world.posts["sender"])
    client = seen_by(world, "colleague")
    page = text(client.get(at(world, "sharing-sign", "police")))
    assert "Sender post signs for Ashshire Police" in page and "Sign as" not in page
    client.post(at(world, "sharing-sign", "police"), _given(world, "colleague"))
    assert not Signature.objects.filter(organisation__slug="police").exists()
    with pytest.raises(UnableToSign, match="Sender post signs"):
        sign(
            actor=world.actor("colleague"),
            version=world.version,
            organisation=world.organisations["police"],
            post=world.posts["colleague"],
            on_behalf_of=world.posts["sender"],
            seen_digest=text_digest(world.version),
            today=TODAY,
            now=NOW,
        )


def test_the_liaison_officer_signs_on_behalf_of_the_post_that_signs(world):
    Liaison.objects.filter(organisation__slug="police").update(post=world.posts["sender"])
    Liaison.objects.create(
        agreement=world.agreement,
        organisation=world.organisations["police"],
        post=world.posts["colleague"],
    )
    client = seen_by(world, "colleague")
    page = text(client.get(at(world, "sharing-sign", "police")))
    assert "Colleague post, on behalf of Sender post" in page
    value = f"{world.posts['colleague'].pk}:{world.posts['sender'].pk}"
    client.post(at(world, "sharing-sign", "police"), _given(world, "colleague", post=value))
    signature = Signature.objects.get(organisation__slug="police")
    assert signature.on_behalf_of == world.posts["sender"]
    board = text(client.get(reverse("sharing-board")))
    assert "Colleague post, on behalf of Sender post" in board
    assert verify().broken_at is None


def test_a_liaison_whose_time_is_over_signs_no_more(world):
    Liaison.objects.filter(organisation__slug="police").update(valid_to=date(2026, 1, 21))
    page = text(seen_by(world, "colleague").get(at(world, "sharing-sign", "police")))
    assert "No post has been named to sign for Ashshire Police" in page


def test_a_paper_signature_on_a_draft_counts_once_it_is_in_force(world):
    draft = draft_of(world)
    leader = seen_by(world, "leader")
    given = {"post": world.posts["sender"].pk, "signed_on": "2026-01-20"}
    url = at(world, "sharing-on-paper", version=draft)
    assert leader.post(url, given).status_code == 302
    assert "has already signed" in text(leader.post(url, given))
    late = {"post": world.posts["stranger"].pk, "signed_on": "2026-01-23"}
    assert "has not come yet" in text(leader.post(url, late))
    abuse, police = world.datasets["abuse"], world.organisations["police"]
    assert not permission_to_send(organisation=police, dataset=abuse, on=TODAY)
    leader.post(at(world, "sharing-put-in-force", version=draft), {"sure": "on"})
    signature = Signature.objects.get(version=draft)
    assert (
        digest_of(signature.text)
        == signature.text_digest
        == text_digest(AgreementVersion.objects.get(pk=draft.pk))
    )
    assert permission_to_send(organisation=police, dataset=abuse, on=TODAY)
    with pytest.raises(UnableToSign, match="newer version"):
        note_paper_signature(
            actor=world.actor("leader"),
            version=world.version,
            post=world.posts["sender"],
            signed_on=TODAY,
            today=TODAY,
            now=NOW,
        )


# The same day


def _ask(out: io.StringIO) -> None:
    call_command(
        Ask(),
        "--dataset",
        "abuse",
        "--from",
        "2025-11",
        "--to",
        "2025-12",
        "--as",
        "leader@example.org",
        stdout=out,
        stderr=out,
    )


def test_the_day_a_signature_goes_a_power_stops_everywhere_and_a_duty_goes_on_warned(
    world, tmp_path
):
    Term.objects.update(recipient_role="county_team")
    world.sign("police")
    lines = counts(indicator="domestic-abuse-incidents", count=40)
    assert world.send("abuse", "police", counts_file(tmp_path, lines)).state == State.STORED
    assert world.send("fires", "fire", counts_file(tmp_path, counts(), "f.csv")).stored == 4
    leader = seen_by(world, "leader")
    asked = "?dataset={}&from=2025-11&to=2025-12"
    page, export = reverse("explorer"), reverse("explorer-export", args=["csv"])
    for slug in ("abuse", "fires"):
        assert leader.get(page + asked.format(slug)).status_code == 200
        assert leader.get(export + asked.format(slug)).status_code == 200
    _ask(io.StringIO())

    for organisation, who in (("police", "colleague"), ("fire", "fire_sender")):
        answer = seen_by(world, who).post(
            at(world, "sharing-revoke", organisation), {"because": "A new chief"}
        )
        assert answer.status_code == 302

    stopped = text(leader.get(page + asked.format("abuse")))
    assert "Ashshire Police has revoked its signature" in stopped and "clause 4.1" in stopped
    refused = leader.get(export + asked.format("abuse"))
    assert refused.status_code != 200 or b"160" not in refused.content
    assert b",40" not in refused.content and b",80" not in refused.content
    out = io.StringIO()
    with pytest.raises(CommandError, match="revoked"):
        _ask(out)
    more = counts(indicator="domestic-abuse-incidents", count=41)
    sent = world.send("abuse", "police", counts_file(tmp_path, more, "late.csv"))
    assert sent.state == State.REFUSED and "clause 4.1" in sent.refusal
    with pytest.raises(SystemExit):
        path = counts_file(
            tmp_path, counts(indicator="domestic-abuse-incidents", count=42), "c.csv"
        )
        call_command("import", "abuse", str(path), "--from", "police")

    goes_on = text(leader.get(page + asked.format("fires")))
    assert "shared under a duty, so it goes on" in goes_on
    assert leader.get(export + asked.format("fires")).status_code == 200
    newer = world.send("fires", "fire", counts_file(tmp_path, counts(count=9), "g.csv"))
    assert newer.state == State.STORED and "has revoked" in newer.warnings[0]["message"]
    for who in ("fire_sender", "leader"):
        seen = seen_by(world, who)
        told = text(seen.get(reverse("sharing-agreement", args=["ashshire"])))
        assert "This goes on because it is a duty: Fires" in told
        sent_page = text(seen.get(reverse("submission", args=[newer.pk])))
        assert "has revoked its signature" in sent_page
        assert "Taken back" in text(seen.get(reverse("sharing-board")))


# Register, clauses, versions


def test_clauses_stand_in_a_tree_and_move_among_their_own(world):
    draft = draft_of(world)
    leader = seen_by(world, "leader")
    url = at(world, "sharing-clause-new", version=draft)
    for number in ("5", "5.2", "5.10", "5.1"):
        assert (
            leader.post(url, {"number": number, "text": f"Words of {number}."}).status_code == 302
        )
    tree = [(clause.number, depth) for clause, depth in clause_tree(draft)]
    assert tree[-4:] == [("5", 0), ("5.1", 1), ("5.2", 1), ("5.10", 1)]
    second = draft.clauses.get(number="5.2")
    for way, expected in (
        ("up", ["5.2", "5.1", "5.10"]),
        ("up", ["5.2", "5.1", "5.10"]),
        ("down", ["5.1", "5.2", "5.10"]),
    ):
        leader.post(at(world, "sharing-clause-move", second.pk, way, version=draft))
        assert [c.number for c, depth in clause_tree(draft) if depth] == expected
    top = draft.clauses.get(number="5")
    ring = leader.post(
        at(world, "sharing-clause", top.pk, version=draft),
        {"number": "5", "text": "x", "parent": second.pk},
    )
    assert "cannot stand under itself" in text(ring)
    kept = leader.post(at(world, "sharing-clause-remove", top.pk, version=draft), follow=True)
    assert "Clauses stand under this one" in text(kept)
    page = text(leader.get(at(world, "sharing-version", version=draft)))
    assert "Move up" in page and "New clause 5.10" in page


def test_a_new_column_reopens_the_assessment_and_the_draft_waits(world):
    Term.objects.update(fields=["month", "count"])
    draft = draft_of(world)
    assert draft.dpia_state == DpiaState.DONE
    leader = seen_by(world, "leader")
    term = draft.terms.get(dataset__slug="abuse")
    given = {
        "clause": term.clause_id,
        "dataset": term.dataset_id,
        "provider": term.provider_id,
        "recipient_role": "analyst",
        "purpose": term.purpose,
        "detail": "district",
        "basis": "power",
        "fields_": "month, count",
    }
    url = at(world, "sharing-term", term.pk, version=draft)
    assert leader.post(url, given).status_code == 302
    draft.refresh_from_db()
    assert draft.dpia_state == DpiaState.DONE
    assert leader.post(url, {**given, "fields_": "month, count, area_code"}).status_code == 302
    draft.refresh_from_db()
    assert draft.dpia_state == DpiaState.REOPENED
    page = text(leader.get(at(world, "sharing-version", version=draft)))
    assert "Abuse from Ashshire Police has a new column: area_code." in page
    refused = leader.post(at(world, "sharing-put-in-force", version=draft), {"sure": "on"})
    assert "must be looked at again" in text(refused)
    assert world.version.state == VersionState.IN_FORCE


def test_title_and_purpose_stay_once_signed_and_who_signed_stays_a_party(world):
    leader = seen_by(world, "leader")
    given = {
        "title": "Ashshire agreement",
        "purpose_text": "Safer places.",
        "owner": world.agreement.owner_id,
        "keeper": world.posts["leader"].pk,
        "parties": [each.pk for each in world.organisations.values()],
        "audience": "partnership",
        "classification": "OFFICIAL",
    }
    url = reverse("sharing-change", args=["ashshire"])
    assert "have been signed, so they stay" in text(leader.post(url, {**given, "title": "Other"}))
    left = [each.pk for key, each in world.organisations.items() if key != "fire"]
    assert "takes its signature back" in text(leader.post(url, {**given, "parties": left}))
    assert leader.post(url, given).status_code == 302
    refused = permission_to_send(
        organisation=world.organisations["police"], dataset=world.datasets["abuse"], on=TODAY
    )
    assert "Leader post, Ashshire Council keeps the agreement and can change it" in refused.sentence


def test_posts_are_named_and_ended(world):
    leader = seen_by(world, "leader")
    url = reverse("sharing-liaison-new", args=["ashshire"])
    given = {"post": world.posts["sender"].pk, "may_sign": "no"}
    assert leader.post(url, given).status_code == 302
    assert "is named already" in text(leader.post(url, given))
    page = text(leader.get(reverse("sharing-agreement", args=["ashshire"])))
    assert "Sender post: liaison officer" in page
    liaison = Liaison.objects.get(post=world.posts["sender"])
    ending = reverse("sharing-liaison-end", args=["ashshire", liaison.pk])
    assert seen_by(world, "colleague").post(ending).status_code == 403
    leader.post(ending)
    assert not Liaison.objects.filter(pk=liaison.pk).exists()


def test_the_yearly_review_is_a_duty_of_those_who_keep_it(world):
    world.agreement.keeper = world.posts["colleague"]
    world.agreement.save()
    AgreementVersion.objects.update(review_on=date(2026, 2, 1), dpia_review_on=date(2026, 1, 1))
    for who, count in (("leader", 2), ("colleague", 2), ("stranger", 0)):
        found = [d for d in duties_of(world.actor(who), TODAY) if d.kind == "Review"]
        assert len(found) == count
    assert [d.owed_by for d in found[:1]] == []
    AgreementVersion.objects.update(review_on=date(2026, 9, 1), dpia_review_on=None)
    assert not [d for d in duties_of(world.actor("leader"), TODAY) if d.kind == "Review"]


# Typing in and printing

PASTED = """1 Purpose
To make places safer.
1.1 The parties share what the law lets them share, and no more than they need to share it.
3.1 Street files
As the law requires.
3.2 Fires
As the law requires.
4.1 Abuse
While signed.
4.2 Visits
While signed.
"""


def test_a_word_agreement_is_pasted_shown_and_saved(world):
    draft = draft_of(world)
    leader = seen_by(world, "leader")
    url = at(world, "sharing-paste", version=draft)
    assert "4.1 Abuse" in text(leader.get(url))
    shown = text(leader.post(url, {"text": PASTED}))
    assert "6 clauses were found. Nothing is saved yet." in shown and "Is a clause missing" in shown
    assert draft.clauses.count() == 4
    assert leader.post(url, {"text": PASTED, "_confirmed": "yes"}).status_code == 302
    assert [c.number for c, _ in clause_tree(draft)] == ["1", "1.1", "3.1", "3.2", "4.1", "4.2"]
    assert draft.terms.count() == 4 and draft.clauses.get(number="1.1").parent.number == "1"
    short = text(leader.post(url, {"text": "1 Why\nBecause.", "_confirmed": "yes"}))
    assert "Terms rest on clause 3.1, which is not in this text" in short
    assert "Line 1 has no number" in text(leader.post(url, {"text": "Why"}))
    assert draft.clauses.count() == 6


@pytest.mark.parametrize("kind", ["html", "pdf", "docx"])
def test_a_version_prints_with_a_place_for_each_party_to_sign(world, kind):
    Clause.objects.create(
        version=world.version,
        number="4.1.1.1",
        order=9,
        heading="Deep",
        text="Down.",
        parent=world.version.clauses.get(number="4.1"),
    )
    answer = seen_by(world, "stranger").get(at(world, "sharing-document", kind))
    assert answer.status_code == 200
    if kind == "html":
        page = text(answer)
        assert "Signatures of the parties" in page and "Ashshire Police" in page
        assert "4.2 Visits" in page and "What is shared" in page
    elif kind == "pdf":
        assert_pdf_ua(answer.content)
    else:
        assert answer.content[:2] == b"PK"


# Board and matrix


def test_the_board_says_current_old_taken_back_and_never(world):
    old = AgreementVersion.objects.create(
        agreement=world.agreement,
        number="1.0",
        state=VersionState.SUPERSEDED,
        effective_from=date(2024, 1, 1),
    )
    Signature.objects.filter(organisation__slug="fire").update(version=old)
    Signature.objects.filter(organisation__slug="health").update(revoked_on=date(2026, 1, 3))
    client = seen_by(world, "stranger")
    page = text(client.get(reverse("sharing-board")))
    for said in ("Older version only", "Taken back", "Not signed", "Signed", "3 January 2026"):
        assert said in page
    file = client.get(f"{reverse('sharing-board')}?download=csv&sort=-organisation.name")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["Signature"] for row in rows] == [
        "Not signed",
        "Taken back",
        "Older version only",
        "Signed",
    ]
    assert rows[2]["Signed version"] == "1.0"
    assert client.get(f"{reverse('sharing-board')}?download=xlsx").content[:2] == b"PK"
    one = text(client.get(f"{reverse('sharing-board')}?state=never"))
    assert "Ashshire Police" in one and "Ashshire Fire" not in one


def test_the_matrix_says_who_sees_what_and_why(world):
    page = text(seen_by(world, "stranger").get(reverse("sharing-matrix")))
    assert "Flows: 2; Goes on, with a warning: 1; Stopped: 1." in page
    assert "clause 4.1: “The police may provide counts" in page.replace("&quot;", '"')
    assert Client().get(reverse("sharing-matrix")).status_code == 302


def test_what_if_a_clause_lapsed(world):
    visits = world.version.clauses.get(number="4.2")
    fires = world.version.clauses.get(number="3.2")
    client = seen_by(world, "stranger")
    page = text(client.get(f"{reverse('sharing-matrix')}?without={visits.pk}"))
    assert "1 line would stop." in page and "Would stop" in page
    page = text(client.get(f"{reverse('sharing-matrix')}?without={fires.pk}"))
    assert "Nothing would stop." in page and "Would go on, with a warning" in page
    term = world.version.terms.get(dataset__slug="visits")
    term.pk, term._state.adding = None, True
    term.clause, term.detail = fires, "county"
    term.save()
    page = text(client.get(f"{reverse('sharing-matrix')}?without={visits.pk}"))
    assert "Would go on under clause 3.2, less finely: the county" in page
    assert client.get(f"{reverse('sharing-matrix')}?without=nonsense").status_code == 200


def test_a_clause_takes_those_under_it_along(world):
    top = Clause.objects.create(version=world.version, number="4", heading="Power", text="Power.")
    world.version.clauses.filter(number__startswith="4.").update(parent=top)
    world.sign("police")
    page = text(seen_by(world, "stranger").get(f"{reverse('sharing-matrix')}?without={top.pk}"))
    assert "2 lines would stop." in page


def _grow(world: SharingWorld) -> None:
    """Thirty parties, clauses and terms where there was one."""
    clause = world.version.clauses.get(number="4.1")
    for number in range(30):
        party = Organisation.objects.create(
            name=f"Party {number}", slug=f"party-{number}", kind="other"
        )
        post = Post.objects.create(title="Chief", organisation=party)
        world.agreement.parties.add(party)
        Liaison.objects.create(
            agreement=world.agreement, organisation=party, post=post, may_sign=True
        )
        Signature.objects.create(
            version=world.version,
            organisation=party,
            post=post,
            signed_on=TODAY,
            text_digest="0",
        )
        Term.objects.create(
            version=world.version,
            clause=clause,
            dataset=world.datasets["abuse"],
            provider=party,
            recipient=world.organisations["health"],
            purpose="Assessment",
            detail="district",
            basis="power",
        )
        Clause.objects.create(
            version=world.version, number=f"9.{number}", order=9, text="Words.", parent=clause
        )


def test_pages_ask_the_database_as_often_for_thirty_as_for_one(world):
    client = seen_by(world, "stranger")
    clause = world.version.clauses.get(number="4.2")
    urls = [
        reverse("sharing-board"),
        reverse("sharing-matrix"),
        f"{reverse('sharing-matrix')}?without={clause.pk}",
        reverse("sharing-agreement", args=["ashshire"]),
        reverse("sharing-agreement-list"),
        at(world, "sharing-version"),
        at(world, "sharing-sign", "health"),
        at(world, "sharing-document", "html"),
    ]

    def count() -> dict[str, int]:
        found = {}
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            found[url] = len(asked)
        return found

    before = count()
    _grow(world)
    assert count() == before


# A register kept elsewhere


def _register(*rows: str) -> SimpleUploadedFile:
    head = "Title;Parties;Version;In force from;Review by;Purpose;Signed by"
    quoted = "\n".join(rows)
    return SimpleUploadedFile("register.csv", f"{head}\n{quoted}\n".encode(), "text/csv")


GOOD = (
    'Fires;"Ashshire Police; Ashshire Fire";1.2;1 April 2025;31/03/2026;Safety;'
    '"Ashshire Police | Sender post | 3 April 2025"'
)


def test_a_register_is_read_shown_and_made(world):
    leader = seen_by(world, "leader")
    url = reverse("sharing-register-import")
    owner = {"owner": world.agreement.owner_id}
    shown = leader.post(url, {**owner, "file": _register(GOOD)})
    page = text(shown)
    assert "What the file says" in page and "3 April 2025" in page and "Make these" in page
    assert SharingAgreement.objects.count() == 1
    lines = shown.context["form"].as_lines
    made = leader.post(url, {**owner, "lines": lines, "_confirmed": "yes"}, follow=True)
    assert "1 agreements made" in text(made) or "1 agreement made" in text(made)
    agreement = SharingAgreement.objects.get(title="Fires")
    version = agreement.versions.get()
    assert (version.number, version.state, version.effective_from, version.review_on) == (
        "1.2",
        VersionState.DRAFT,
        date(2025, 4, 1),
        date(2026, 3, 31),
    )
    assert agreement.parties.count() == 2 and version.signatures.get().post == world.posts["sender"]
    again = text(leader.post(url, {**owner, "file": _register(GOOD)}))
    assert "Row 2, Title: An agreement of this title is there already." in again


def test_faults_of_a_register_are_said_by_row_and_nothing_is_made(world):
    leader = seen_by(world, "leader")
    bad = (
        ";Ashshire Police;1;;;;",
        "A;Nobody;1;soon;;;",
        "B;Ashshire Fire;1;;;;Ashshire Police | Sender post | 3 April 2025",
        "C;Ashshire Police;1;;;;Ashshire Police | King | 3 April 2025",
        "D;Ashshire Police;1;;;;Ashshire Police 3 April 2025",
        "E;Ashshire Police;1;;;;Ashshire Police | Sender post | 3 April 2027",
    )
    given = {"owner": world.agreement.owner_id, "file": _register(*bad)}
    page = text(leader.post(reverse("sharing-register-import"), given))
    for said in (
        "Row 2, Title: This is empty. Fill it in.",
        "Row 3, Parties: No organisation is called Nobody.",
        "Row 3, In force from: “soon” is not a day.",
        "Row 4, Signed by: Ashshire Police signed but is not among the parties.",
        "Row 5, Signed by: Ashshire Police has no post called King.",
        "Row 6, Signed by: Write “Ashshire Police 3 April 2025” as organisation | post | day.",
        "Row 7, Signed by: 3 April 2027 has not come yet.",
    ):
        assert said in page, said
    assert "Make these" not in page and SharingAgreement.objects.count() == 1


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff" * 50, b"a,b\n1,2\n", b"Title,Parties\n", b"PK\x03\x04no"]
)
def test_a_file_that_is_no_register_is_said_to_be_none(world, name, content):
    file = SimpleUploadedFile(name, content)
    answer = seen_by(world, "leader").post(
        reverse("sharing-register-import"), {"owner": world.agreement.owner_id, "file": file}
    )
    assert answer.status_code == 200 and "There is a problem" in text(answer)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_comes_back_as_a_register(world, kind):
    client = seen_by(world, "leader")
    file = client.get(f"{reverse('sharing-register-import')}?download={kind}")
    (row,) = rows_of(file.content, f"template.{kind}")
    assert row["title"] == "Sharing for community safety" and "|" in row["signed"]
    assert seen_by(world, "stranger").get(reverse("sharing-register-import")).status_code == 403


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("1 April 2026", date(2026, 4, 1)),
        ("01/04/2026", date(2026, 4, 1)),
        ("2026-04-01 00:00:00", date(2026, 4, 1)),
        ("46113", date(2026, 4, 1)),
        ("1 Apr 2026", date(2026, 4, 1)),
        ("2026-13-01", None),
        ("April", None),
        ("", None),
    ],
)
def test_days_as_people_and_excel_write_them(said, day):
    assert day_of(said) == day
