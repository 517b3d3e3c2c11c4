"""Each room's own records in every test world: one function a room, marked `@world_part`.

Every model with a policy needs records here, one for each audience or state its rules tell apart:
the test that lists and pages agree fails for a model without any.
"""

from __future__ import annotations

from datetime import date

from frankpledge.access.enums import Role
from frankpledge.agreement.enums import ChangeKind
from frankpledge.agreement.enums import VersionState as AgreementState
from frankpledge.agreement.models import (
    AgreementVersion,
    Chapter,
    Objective,
    Priority,
    PriorityChange,
    Theme,
)
from frankpledge.assessment.enums import AssessmentState, SectionKind
from frankpledge.assessment.models import Assessment, Cycle, Issue, Placing, ScoringModel, Section
from frankpledge.contracts.model import shipped_text
from frankpledge.core.markings import Audience
from frankpledge.evidence.enums import FindingKind
from frankpledge.evidence.models import Finding, SavedQuestion, Signal, Subscription, Watch
from frankpledge.partnership.models import Post
from frankpledge.sharing import models as sharing
from frankpledge.sharing.enums import Basis, Detail, SubmissionState, UseKind, VersionState
from tests.worlds import NOW, SECRET, TODAY, World, world_part

_SHOWN = (
    {"audience": Audience.PUBLIC},
    {"audience": Audience.PARTNERSHIP},
    {"audience": Audience.BODY, "body": "closed_group"},
    {"audience": Audience.CASE, "body": "panel"},
)


def shown_to(world: World) -> list[dict[str, object]]:
    """The audience fields of one record each: public, partnership, one body, one case."""
    return [
        {
            "audience": each["audience"],
            "audience_body": world.bodies[each["body"]] if "body" in each else None,
        }
        for each in _SHOWN
    ]


def name_for(audience: str, what: str) -> str:
    """Secret where only a body or a case may see it."""
    closed = audience in {Audience.BODY, Audience.CASE}
    return f"{SECRET} {what} ({audience})" if closed else f"{what} ({audience})"


@world_part
def sharing_room(world: World) -> None:
    agreements = [
        sharing.SharingAgreement.objects.create(
            title=name_for(str(shown["audience"]), "Sharing agreement"),
            slug=f"agreement-{number}",
            owner=world.bodies["county_partnership"],
            **shown,
        )
        for number, shown in enumerate(shown_to(world))
    ]
    for agreement in agreements:
        agreement.parties.set([world.organisations["police"], world.organisations["fire"]])
    in_force = sharing.AgreementVersion.objects.create(
        agreement=agreements[1],
        number="1",
        state=VersionState.IN_FORCE,
        effective_from=date(2024, 4, 1),
    )
    draft = sharing.AgreementVersion.objects.create(agreement=agreements[1], number="2")
    clause = sharing.Clause.objects.create(version=in_force, number="1", heading="Why", text="Why")
    sharing.Signature.objects.create(
        version=in_force,
        organisation=world.organisations["police"],
        post=Post.objects.filter(organisation=world.organisations["police"]).order_by("pk")[0],
        signed_on=date(2024, 4, 8),
        text="Why",
        text_digest="0" * 64,
    )
    for slug, published in (("open-data", True), ("partner-data", False)):
        dataset = sharing.Dataset.objects.create(
            slug=slug,
            name=slug,
            contract="police-street" if published else "agency-counts",
            published_already=published,
        )
        term = sharing.Term.objects.create(
            version=in_force,
            clause=clause,
            dataset=dataset,
            recipient_role=Role.ANALYST,
            purpose="Strategic assessment",
            detail=Detail.LSOA,
            basis=Basis.POWER,
        )
        world.more[f"dataset {slug}"], world.more[f"term {slug}"] = dataset, term
        for organisation in ("police", "fire"):
            world.more[f"submission {slug} {organisation}"] = sharing.Submission.objects.create(
                dataset=dataset,
                contract_version="1",
                organisation=world.organisations[organisation],
                sent_at=NOW,
                state=SubmissionState.STORED,
                file_name=f"{organisation}-{slug}.csv",
                file_size=10,
                file_digest="0" * 64,
                received=3,
                stored=2,
                rejected=1,
            )
    sharing.SavedContract.objects.create(
        key="made-here",
        version="1.0.0",
        title=SECRET,
        text=(shipped_text("agency-counts") or "").replace(
            "name: agency-counts", "name: made-here"
        ),
    )
    schedule = sharing.Schedule.objects.create(
        name="Every quarter",
        dataset=dataset,
        rhythm="quarterly",
        first_period=date(2025, 7, 1),
        statutory=True,
    )
    schedule.organisations.set([world.organisations["police"], world.organisations["fire"]])
    world.more["schedule"] = schedule
    world.more["hold"] = sharing.LegalHold.objects.create(
        dataset=dataset, reason=SECRET, placed_on=date(2026, 1, 5)
    )
    for provider, recipient in (("police", "fire"), ("fire", "health")):
        sharing.DataUse.objects.create(
            at=NOW,
            user=world.users["analyst"],
            acting_as="Analyst",
            dataset=dataset,
            provider=world.organisations[provider],
            clause="clause 1",
            purpose="Strategic assessment",
            how=UseKind.ASKED,
            rows=2,
        )
        question = sharing.Question.objects.create(
            submission=world.more[f"submission {slug} {provider}"], rule="jump"
        )
        sharing.Remark.objects.create(
            question=question,
            by=world.users["fire_partner"],
            at=NOW,
            text=f"Secret question of {slug}",
        )
        sharing.DataRequest.objects.create(
            dataset=dataset,
            provider=world.organisations[provider],
            recipient=world.organisations[recipient],
            asked_by=world.users["fire_partner"],
            asked_at=NOW,
            purpose="Home visits",
            reason="To find who is at risk",
            detail=Detail.DISTRICT,
            starts_on=date(2026, 1, 22),
            expires_on=date(2026, 3, 31),
        )
    for organisation in ("police", "fire"):
        key = sharing.ApiKey.objects.create(
            organisation=world.organisations[organisation],
            label="Nightly export",
            prefix=f"test{organisation}",
            digest="0" * 64,
            made_by=world.users["county_team"],
            expires_on=date(2026, 6, 30),
        )
        key.datasets.set([dataset])
        sharing.Feed.objects.create(
            name=f"Nightly from {organisation}",
            organisation=world.organisations[organisation],
            dataset=dataset,
            kind="https",
            address="https://files.example/a.csv",
        )
        sharing.Upload.objects.create(
            key=key,
            dataset=dataset,
            file_name=f"{SECRET}.csv",
            size=10,
            digest="0" * 64,
            idempotency_key="one",
        )
    world.more |= {"sharing agreements": agreements, "in force": in_force, "draft": draft}
    world.more["clause"] = clause


@world_part
def evidence_room(world: World) -> None:
    findings = [
        Finding.objects.create(
            kind=FindingKind.EXTERNAL,
            sentence=name_for(str(shown["audience"]), "Burglary fell"),
            owner=world.organisations["police"],
            source="A needs assessment",
            period_from=date(2025, 1, 1),
            period_to=date(2025, 12, 31),
            saved_by=world.users["analyst"],
            **shown,
        )
        for shown in shown_to(world)
    ]
    world.more["findings"] = findings
    _watched(world)
    for who, body in (("analyst", "team"), ("board_member", "closed_group")):
        saved = SavedQuestion.objects.create(
            owner=world.users[who],
            name=f"{SECRET} by month" if body == "closed_group" else "Fires by month",
            dataset=world.more["dataset partner-data"],
            question={"dataset": "partner-data", "from": "2025-01", "to": "2025-12"},
            body=world.bodies[body],
        )
        Subscription.objects.create(
            question=saved, reader=world.users[who], when="new data", site="https://here.example/"
        )


def _watched(world: World) -> None:
    """A signal of the county and one of a district, of data that reaches some by county only."""
    dataset = sharing.Dataset.objects.create(
        slug="watched-data", name="watched-data", contract="agency-counts"
    )
    for role, detail in ((Role.COUNTY_TEAM, Detail.DISTRICT), (Role.CHAIR, Detail.COUNTY)):
        sharing.Term.objects.create(
            version=world.more["in force"],
            clause=world.more["clause"],
            dataset=dataset,
            recipient_role=role,
            purpose="Strategic assessment",
            detail=detail,
            basis=Basis.DUTY,
        )
    sent = sharing.Submission.objects.create(
        dataset=dataset,
        contract_version="1",
        organisation=world.organisations["police"],
        sent_at=NOW,
        state=SubmissionState.STORED,
        file_name="watched.csv",
        file_size=10,
        file_digest="1" * 64,
        received=2,
        stored=2,
        rejected=0,
    )
    month = sharing.SubmissionMonth.objects.create(
        submission=sent,
        dataset=dataset,
        organisation=world.organisations["police"],
        month=date(2025, 12, 1),
        received=2,
        stored=2,
        rejected=0,
        current=True,
    )
    for detail, area in ((Detail.COUNTY, ""), (Detail.DISTRICT, world.areas["ash"].code)):
        watch = Watch.objects.create(
            dataset=dataset,
            detail=detail,
            month=date(2025, 12, 1),
            data_version="1",
            method="Farrington flexible",
            series=2,
            tested=2,
            published=False,
            on=TODAY,
        )
        watch.read_months.set([month])
        Signal.objects.create(
            watch=watch,
            area=area,
            where="Ash" if area else "Woodshire",
            category="fires",
            what="Fires",
            observed=40,
            expected=12.0,
            upper=20.0,
            p_value=0.0001,
            q_value=0.001,
        )


@world_part
def assessment_room(world: World) -> None:
    county = world.bodies["county_partnership"]
    cycles = [
        Cycle.objects.create(
            body=county, name="2024-25", due_on=date(2024, 12, 1), closed_on=date(2025, 3, 1)
        ),
        Cycle.objects.create(body=county, name="2025-26", due_on=date(2025, 12, 1)),
    ]
    audiences = shown_to(world)
    assessments = []
    for number, cycle in enumerate(cycles):
        for csp in ("ash_csp", "birch_csp"):
            signed = number == 0 or csp == "birch_csp"
            shown = audiences[0 if csp == "ash_csp" else 1]
            assessments.append(
                Assessment.objects.create(
                    cycle=cycle,
                    csp=world.bodies[csp],
                    window_from=date(2024, 4, 1),
                    window_to=date(2025, 3, 31),
                    state=AssessmentState.SIGNED_OFF if signed else AssessmentState.IN_PROGRESS,
                    signed_off_on=date(2025, 2, 1) if signed else None,
                    **shown,
                )
            )
    world.more["placings"] = {}
    for assessment in assessments:
        section = Section.objects.create(assessment=assessment, kind=SectionKind.LEVELS)
        world.more["placings"][assessment.pk] = Placing.objects.create(
            section=section, finding=world.more["findings"][0]
        )
    issue = Issue.objects.create(name="Burglary", order=1)
    scoring = ScoringModel.objects.create(
        name="Grid", version="1", source="The partnership", axes=[], bands=[]
    )
    world.more |= {
        "cycles": cycles,
        "assessments": assessments,
        "issue": issue,
        "scoring model": scoring,
    }


@world_part
def agreement_room(world: World) -> None:
    county = world.bodies["county_partnership"]
    versions = []
    for number, (state, shown) in enumerate(
        (
            (AgreementState.PUBLISHED, 0),
            (AgreementState.PUBLISHED, 1),
            (AgreementState.AGREED, 0),
            (AgreementState.DRAFT, 0),
        )
    ):
        versions.append(
            AgreementVersion.objects.create(
                body=county,
                number=f"{number}.0",
                title=f"Agreement, {state}",
                effective_from=date(2022 + number, 4, 1),
                state=state,
                published_on=date(2022, 4, 1) if state == AgreementState.PUBLISHED else None,
                **shown_to(world)[shown],
            )
        )
    for version in versions:
        Chapter.objects.create(version=version, key="foreword", title="Foreword", order=1)
    priority = Priority.objects.create(body=county, name="Safer streets", order=1)
    theme = Theme.objects.create(body=county, name="Data", order=1)
    objective = Objective.objects.create(
        organisation=world.organisations["policing"],
        plan=world.more["plan public"],
        name="Put victims first",
        order=1,
    )
    changes = [
        PriorityChange.objects.create(
            body=county,
            kind=ChangeKind.ADDED,
            name=name_for(str(shown["audience"]), "Retail crime"),
            reason="It rose.",
            proposed_on=date(2025, 11, 1),
            **shown,
        )
        for shown in shown_to(world)
    ]
    world.more |= {
        "agreement versions": versions,
        "priority": priority,
        "theme": theme,
        "objective": objective,
        "priority changes": changes,
    }
