"""A small sharing world: two districts, three partners, one agreement, four datasets.

world = sharing_world()
world.file("counts.csv", rows) ; world.send("fire-counts", "fire", path)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from frankpledge.access.actors import Actor, actor_for, console
from frankpledge.access.enums import Role
from frankpledge.access.models import User
from frankpledge.core.models import Area, AreaKind
from frankpledge.partnership.enums import BodyKind, OrganisationKind
from frankpledge.partnership.models import Body, Holding, Organisation, Post, Seat
from frankpledge.sharing.actions.importing import work
from frankpledge.sharing.actions.submissions import receive
from frankpledge.sharing.enums import (
    Arrival,
    Basis,
    Detail,
    DpiaState,
    SubmissionState,
    VersionState,
)
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    Dataset,
    Liaison,
    SharingAgreement,
    Signature,
    Submission,
    Term,
)
from frankpledge.sharing.queries.wording import digest_of, wording

TODAY = date(2026, 1, 22)
NOW = datetime(2026, 1, 22, 10, 0, tzinfo=UTC)
HEADER = "area_code,month,indicator,count"
ASH, BIRCH = "E07000901", "E07000902"
_DATASETS = (
    # slug, contract, provider, clause, basis, detail, published
    ("street", "police-street", "police", "3.1", Basis.DUTY, Detail.ROW, True),
    ("abuse", "agency-counts", "police", "4.1", Basis.POWER, Detail.DISTRICT, False),
    ("fires", "agency-counts", "fire", "3.2", Basis.DUTY, Detail.DISTRICT, False),
    ("visits", "agency-counts", "fire", "4.2", Basis.POWER, Detail.DISTRICT, False),
)
_CLAUSES = (
    ("3.1", "Street files", "The police provide street files each month, as the law requires."),
    ("3.2", "Fires", "The fire service provides counts of deliberate fires, as the law requires."),
    ("4.1", "Abuse", "The police may provide counts of domestic abuse while they have signed."),
    ("4.2", "Visits", "The fire service may provide counts of home visits while it has signed."),
)
_PEOPLE = (
    # key, organisation, role of the post
    ("sender", "police", Role.DATA_PROVIDER),
    ("fire_sender", "fire", Role.DATA_PROVIDER),
    ("colleague", "police", Role.PARTNER),
    ("leader", "county", Role.PARTNER),
    ("stranger", "health", Role.PARTNER),
)


_SIGNING = ("colleague", "fire_sender", "leader", "stranger")


@dataclass
class SharingWorld:
    organisations: dict[str, Organisation]
    datasets: dict[str, Dataset]
    users: dict[str, User]
    posts: dict[str, Post]
    agreement: SharingAgreement
    version: AgreementVersion

    def actor(self, key: str) -> Actor:
        return actor_for(self.users[key], TODAY)

    def sign(self, organisation: str, version: AgreementVersion | None = None) -> Signature:
        version = version or self.version
        text = wording(version).text()
        post = next(p for p in self.posts.values() if p.organisation.slug == organisation)
        return Signature.objects.create(
            version=version,
            organisation=self.organisations[organisation],
            post=post,
            signed_on=date(2025, 10, 8),
            text=text,
            text_digest=digest_of(text),
        )

    def receive(self, dataset: str, organisation: str, source: Path, **rest: Any) -> Submission:
        given = {"actor": console(TODAY), "now": NOW, "arrived": Arrival.COMMAND, **rest}
        return receive(
            dataset=self.datasets[dataset],
            organisation=self.organisations[organisation],
            source=source,
            **given,
        ).submission

    def send(self, dataset: str, organisation: str, source: Path, **rest: Any) -> Submission:
        """Receive and import, as the worker would."""
        sent = self.receive(dataset, organisation, source, **rest)
        if sent.state != SubmissionState.WAITING:
            return sent
        return work(actor=rest.get("actor", console(TODAY)), submission=sent, clock=lambda: NOW)


def sharing_world(
    *, signed: tuple[str, ...] = ("police", "fire", "county", "health")
) -> SharingWorld:
    _areas()
    county = Body.objects.create(
        name="County Partnership", slug="county-partnership", kind=BodyKind.COUNTY_PARTNERSHIP
    )
    team = Body.objects.create(name="County team", slug="team", kind=BodyKind.TEAM, parent=county)
    organisations = {
        slug: Organisation.objects.create(name=name, slug=slug, kind=kind)
        for slug, name, kind in (
            ("police", "Ashshire Police", OrganisationKind.POLICE),
            ("fire", "Ashshire Fire", OrganisationKind.FIRE),
            ("county", "Ashshire Council", OrganisationKind.COUNTY),
            ("health", "Ashshire Health", OrganisationKind.HEALTH),
        )
    }
    users, posts = {}, {}
    for key, organisation, role in _PEOPLE:
        users[key] = User.objects.create_user(f"{key}@example.org", key.title())
        posts[key] = Post.objects.create(
            title=f"{key.title()} post", organisation=organisations[organisation], role=role
        )
        Holding.objects.create(post=posts[key], holder=users[key])
    Seat.objects.create(body=team, post=posts["leader"], role=Role.COUNTY_TEAM)
    agreement = SharingAgreement.objects.create(
        title="Ashshire agreement", slug="ashshire", owner=county, purpose_text="Safer places."
    )
    agreement.parties.set(organisations.values())
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number="2.0",
        state=VersionState.IN_FORCE,
        effective_from=date(2025, 10, 1),
        dpia_state=DpiaState.DONE,
        dpia_reference="Assessment 7",
    )
    world = SharingWorld(organisations, {}, users, posts, agreement, version)
    clauses = {
        number: Clause.objects.create(
            version=version, number=number, order=order, heading=heading, text=text
        )
        for order, (number, heading, text) in enumerate(_CLAUSES)
    }
    for slug, contract, provider, clause, basis, detail, published in _DATASETS:
        world.datasets[slug] = Dataset.objects.create(
            slug=slug, name=slug.capitalize(), contract=contract, published_already=published
        )
        Term.objects.create(
            version=version,
            clause=clauses[clause],
            dataset=world.datasets[slug],
            provider=organisations[provider],
            recipient_role=Role.ANALYST,
            purpose="Strategic assessment",
            detail=detail,
            basis=basis,
        )
    for key in _SIGNING:
        Liaison.objects.create(
            agreement=agreement,
            organisation=posts[key].organisation,
            post=posts[key],
            may_sign=True,
        )
    for organisation in signed:
        world.sign(organisation)
    return world


def _areas() -> None:
    shire = Area.objects.create(
        code="E10000090", name="Ashshire", kind=AreaKind.COUNTY, vintage=2024
    )
    for code, name in ((ASH, "Ash"), (BIRCH, "Birch")):
        district = Area.objects.create(
            code=code, name=name, kind=AreaKind.DISTRICT, vintage=2024, parent=shire
        )
        Area.objects.create(
            code=f"E0109{code[-4:]}",
            name=f"{name} 001A",
            kind=AreaKind.LSOA,
            vintage=2021,
            parent=district,
        )


def counts(
    *,
    months: tuple[str, ...] = ("2025-11", "2025-12"),
    indicator: str = "deliberate-primary-fires",
    count: int = 7,
) -> list[str]:
    """Good lines of an agency-counts file, for both districts."""
    return [f"{area},{month},{indicator},{count}" for month in months for area in (ASH, BIRCH)]


def counts_file(folder: Path, lines: list[str], name: str = "counts.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path
