"""Agreements × versions × signatures × dates × requests, against a slow and literal reader.

The reader below works on plain tuples and shares nothing with the code it checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Exists
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frankpledge.access.actors import Actor
from frankpledge.access.enums import Role
from frankpledge.core.registries import Grant
from frankpledge.partnership.enums import BodyKind, OrganisationKind
from frankpledge.partnership.models import Body, Organisation, Post
from frankpledge.sharing.enums import Basis, Detail, SubmissionState, VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    Dataset,
    SharingAgreement,
    Signature,
    Submission,
    SubmissionMonth,
    Term,
)
from frankpledge.sharing.queries.permission import (
    permission_to_send,
    reading,
    recipients,
    terms_giving,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 22)
ORGANISATIONS = ("north", "south", "west")
DETAILS = ("row", "lsoa", "ward", "outward_postcode", "district", "county")
ROLES = ("analyst", "partner", "public")


@dataclass(frozen=True)
class Line:
    """A term: provider and reader by name, days from today."""

    provider: str | None
    role: str
    reader: str | None
    detail: str
    basis: str
    starts: int | None
    ends: int | None


@dataclass(frozen=True)
class Signed:
    organisation: str
    version: int
    revoked: bool


@dataclass(frozen=True)
class Agreed:
    """An agreement: its versions' states in order, parties, terms of each version, signatures."""

    states: tuple[str, ...]
    parties: frozenset[str]
    lines: tuple[tuple[int, Line], ...]
    signatures: tuple[Signed, ...]


# The slow reader


def in_force_signature(agreed: Agreed, organisation: str) -> bool:
    return any(
        signed.organisation == organisation
        and not signed.revoked
        and agreed.states[signed.version] == "in_force"
        for signed in agreed.signatures
    )


def flows(agreed: Agreed, line: Line, provider: str, day: int) -> str:
    """ "yes", "warned" or "no"."""
    if line.starts is not None and day < line.starts:
        return "no"
    whole = line.ends is None or day <= line.ends
    whole = whole and in_force_signature(agreed, provider)
    if line.reader is not None:
        whole = whole and in_force_signature(agreed, line.reader)
    if whole:
        return "yes"
    return "warned" if line.basis == "duty" else "no"


def lines_for(agreed: tuple[Agreed, ...], provider: str) -> list[tuple[Agreed, Line]]:
    found = []
    for each in agreed:
        for version, line in each.lines:
            if each.states[version] == "in_force" and line.provider in (None, provider):
                found.append((each, line))
    return found


def answer(found: list[tuple[Agreed, Line]], provider: str, day: int) -> tuple[str, str]:
    """How data flows, and how finely: what needs no warning first, then the finest."""
    seen = [(flows(each, line, provider, day), line.detail) for each, line in found]
    for how in ("yes", "warned"):
        details = [detail for flow, detail in seen if flow == how]
        if details:
            return how, min(details, key=DETAILS.index)
    return "no", ""


def mine(
    found: list[tuple[Agreed, Line]], roles: frozenset[str], organisation: str | None
) -> list[tuple[Agreed, Line]]:
    held = roles | {"public"}
    return [
        (each, line)
        for each, line in found
        if line.role in held or (line.reader is not None and line.reader == organisation)
    ]


# What is generated

_days = st.one_of(st.none(), st.integers(-2, 2))


@st.composite
def _line(draw: Any) -> Line:
    to_role = draw(st.booleans())
    return Line(
        provider=draw(st.sampled_from((None, *ORGANISATIONS))),
        role=draw(st.sampled_from(ROLES)) if to_role else "",
        reader=None if to_role else draw(st.sampled_from(ORGANISATIONS)),
        detail=draw(st.sampled_from(DETAILS)),
        basis=draw(st.sampled_from(("duty", "power"))),
        starts=draw(_days),
        ends=draw(_days),
    )


@st.composite
def _agreed(draw: Any) -> Agreed:
    states = draw(
        st.sampled_from(
            (
                ("draft",),
                ("in_force",),
                ("superseded", "in_force"),
                ("superseded", "in_force", "draft"),
                ("superseded",),
            )
        )
    )
    places = st.integers(0, len(states) - 1)
    signatures = draw(
        st.lists(
            st.builds(Signed, st.sampled_from(ORGANISATIONS), places, st.booleans()),
            max_size=6,
            unique_by=lambda s: (s.organisation, s.version, s.revoked),
        )
    )
    return Agreed(
        states=states,
        parties=frozenset(draw(st.sets(st.sampled_from(ORGANISATIONS)))),
        lines=tuple(draw(st.lists(st.tuples(places, _line()), max_size=4))),
        signatures=tuple(signatures),
    )


class World:
    def __init__(self) -> None:
        self.owner = Body.objects.create(
            name="County partnership", slug="county", kind=BodyKind.COUNTY_PARTNERSHIP
        )
        self.organisations = {
            name: Organisation.objects.create(
                name=f"The {name}", slug=name, kind=OrganisationKind.OTHER
            )
            for name in ORGANISATIONS
        }
        self.posts = {
            name: Post.objects.create(title="Signatory", organisation=each)
            for name, each in self.organisations.items()
        }
        self.dataset = Dataset.objects.create(slug="visits", name="Visits", contract="counts")
        for name, each in self.organisations.items():
            sent = Submission.objects.create(
                dataset=self.dataset,
                contract_version="1",
                organisation=each,
                sent_at=datetime(2026, 1, 5, tzinfo=UTC),
                state=SubmissionState.STORED,
                file_name=f"{name}.csv",
                file_size=1,
                file_digest=name,
            )
            SubmissionMonth.objects.create(
                submission=sent,
                dataset=self.dataset,
                organisation=each,
                month=date(2025, 12, 1),
                received=0,
                stored=0,
                rejected=0,
            )

    def write(self, agreed: tuple[Agreed, ...]) -> None:
        for number, each in enumerate(agreed):
            agreement = SharingAgreement.objects.create(
                title=f"Agreement {number}",
                slug=f"agreement-{number}",
                owner=self.owner,
                keeper=self.posts["west"],
            )
            agreement.parties.set(self.organisations[name] for name in each.parties)
            versions = AgreementVersion.objects.bulk_create(
                AgreementVersion(
                    agreement=agreement,
                    number=str(place),
                    state=VersionState(state),
                    effective_from=None if state == "draft" else date(2025, 1, 1 + place),
                )
                for place, state in enumerate(each.states)
            )
            clauses = Clause.objects.bulk_create(
                Clause(
                    version=versions[version],
                    number=f"{place + 1}",
                    order=place,
                    heading="Sharing",
                    text=f"Words {number} of {place + 1}.",
                )
                for place, (version, _) in enumerate(each.lines)
            )
            Term.objects.bulk_create(
                Term(
                    version=versions[version],
                    clause=clause,
                    dataset=self.dataset,
                    provider=self.organisations[line.provider] if line.provider else None,
                    recipient_role=line.role,
                    recipient=self.organisations[line.reader] if line.reader else None,
                    purpose="Assessment",
                    detail=line.detail,
                    basis=Basis(line.basis),
                    starts_on=_day(line.starts),
                    expires_on=_day(line.ends),
                )
                for clause, (version, line) in zip(clauses, each.lines, strict=True)
            )
            Signature.objects.bulk_create(
                Signature(
                    version=versions[signed.version],
                    organisation=self.organisations[signed.organisation],
                    post=self.posts[signed.organisation],
                    signed_on=date(2025, 6, 1),
                    text_digest="0",
                    revoked_on=date(2025, 7, 1) if signed.revoked else None,
                )
                for signed in each.signatures
            )


def _day(offset: int | None) -> date | None:
    return None if offset is None else TODAY + timedelta(days=offset)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def _actor(roles: frozenset[str], organisation: Any, on: date) -> Actor:
    grants = {Grant(role=Role(role), organisation_id=organisation) for role in roles}
    return Actor(user_id="somebody", name="Somebody", on=on, grants=frozenset(grants))


def _names_a_clause(sentence: str, found: list[tuple[Agreed, Line]]) -> bool:
    if not found:
        return "No term of an agreement in force covers Visits" in sentence
    return (
        "lause " in sentence and "“Words " in sentence and "Signatory, The west keeps" in sentence
    )


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    agreed=st.tuples(_agreed(), _agreed()),
    day=st.integers(-3, 3),
    roles=st.sets(st.sampled_from(("analyst", "partner")), min_size=1).map(frozenset),
    belongs=st.sampled_from((None, *ORGANISATIONS)),
    detail=st.sampled_from(DETAILS),
)
def test_the_code_reads_agreements_as_the_slow_reader_does(
    world: World,
    agreed: tuple[Agreed, ...],
    day: int,
    roles: frozenset[str],
    belongs: str | None,
    detail: str,
) -> None:
    on = TODAY + timedelta(days=day)
    with transaction.atomic():
        world.write(agreed)
        member = world.organisations[belongs].pk if belongs else None
        _sending_agrees(world, agreed, day, on)
        _reading_agrees(world, agreed, day, _actor(roles, member, on), roles, belongs)
        _recipients_agree(world, agreed, day, on, detail)
        transaction.set_rollback(True)


def _sending_agrees(world: World, agreed: tuple[Agreed, ...], day: int, on: date) -> None:
    for name, organisation in world.organisations.items():
        found = lines_for(agreed, name)
        how, finest = answer(found, name, day)
        said = permission_to_send(organisation=organisation, dataset=world.dataset, on=on)
        assert bool(said) is (how != "no")
        if said:
            assert (bool(said.warning), said.detail) == (how == "warned", finest)
            assert said.clause.startswith("clause ") and "“Words " in said.sentence
        else:
            assert _names_a_clause(said.sentence, found), said.sentence


def _reading_agrees(
    world: World,
    agreed: tuple[Agreed, ...],
    day: int,
    actor: Actor,
    roles: frozenset[str],
    belongs: str | None,
) -> None:
    expected, details, refusals = set(), [], 0
    for name in ORGANISATIONS:
        found = mine(lines_for(agreed, name), roles, belongs)
        how, finest = answer(found, name, day)
        if how == "no":
            refusals += 1
        else:
            expected.add(name)
            details.append(finest)
    said = reading(actor=actor, dataset=world.dataset, on=actor.on)
    assert {each.slug for each in said.organisations} == expected
    assert said.detail == max(details, key=DETAILS.index, default=None)
    assert len(said.refusals) == refusals
    for sentence in said.refusals:
        assert "lause " in sentence or "No term of an agreement in force covers" in sentence
    asked = terms_giving(
        roles={*roles, "public"},
        organisations=[world.organisations[belongs].pk] if belongs else [],
        on=actor.on,
    )
    months = SubmissionMonth.objects.filter(dataset=world.dataset)
    by_query = months.filter(Exists(asked)).values_list("organisation__slug", flat=True)
    assert set(by_query) == expected


def _recipients_agree(
    world: World, agreed: tuple[Agreed, ...], day: int, on: date, detail: str
) -> None:
    providers = ("north", "south")
    fine = DETAILS[: DETAILS.index(detail) + 1]

    def gets_all(role: str, reader: str | None) -> bool:
        return all(
            any(
                flows(each, line, name, day) != "no" and line.detail in fine
                for each, line in lines_for(agreed, name)
                if (line.role, line.reader) == (role, reader)
            )
            for name in providers
        )

    said = recipients(
        dataset=world.dataset,
        providers=[world.organisations[name] for name in providers],
        detail=Detail(detail),
        on=on,
    )
    assert said.roles == {role for role in ROLES if gets_all(role, None)}
    assert set(said.organisations) == {
        world.organisations[name].name for name in ORGANISATIONS if gets_all("", name)
    }


def test_the_slow_reader_can_tell_the_difference() -> None:
    line = Line("north", "analyst", None, "district", "power", None, 0)
    signed = Agreed(("in_force",), frozenset(), ((0, line),), (Signed("north", 0, False),))
    taken_back = Agreed(("in_force",), frozenset(), ((0, line),), (Signed("north", 0, True),))
    assert answer(lines_for((signed,), "north"), "north", 0) == ("yes", "district")
    assert answer(lines_for((signed,), "north"), "north", 1) == ("no", "")
    assert answer(lines_for((taken_back,), "north"), "north", 0) == ("no", "")
    assert lines_for((signed,), "south") == []
