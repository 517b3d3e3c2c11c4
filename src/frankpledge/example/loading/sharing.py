"""The example's information sharing agreement, its datasets, terms and signatures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from frankpledge.example.facts import read
from frankpledge.example.loading.partnership import Partnership
from frankpledge.partnership.models import Organisation, Post
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    Dataset,
    DisclosureRule,
    Liaison,
    Schedule,
    SharingAgreement,
    Signature,
    Term,
)
from frankpledge.sharing.queries.wording import digest_of, wording


def load(partnership: Partnership) -> dict[str, Dataset]:
    facts = read("sharing")
    datasets = {row["slug"]: Dataset.objects.create(**row) for row in facts["datasets"]}
    for dataset in datasets.values():
        for rule in [] if dataset.published_already else facts["disclosure_rules"]:
            DisclosureRule.objects.create(dataset=dataset, **rule)
    agreement = _agreement(partnership, facts)
    signing = _liaisons(agreement, facts, partnership)
    for row in facts["versions"]:
        version = _version(agreement, row, facts, partnership, datasets)
        _signatures(version, facts["signatures"][row["number"]], signing, partnership)
    _schedules(facts, partnership, datasets)
    return datasets


def _schedules(
    facts: dict[str, Any], partnership: Partnership, datasets: dict[str, Dataset]
) -> None:
    """Each dataset is asked of the organisation that a term names for it."""
    providers = {row["dataset"]: row["provider"] for row in facts["terms"]}
    for row in facts["schedules"]:
        given = {key: value for key, value in row.items() if key != "datasets"}
        for slug in row["datasets"]:
            schedule = Schedule.objects.create(dataset=datasets[slug], **given)
            schedule.organisations.add(partnership.organisations[providers[slug]])


def _agreement(partnership: Partnership, facts: dict[str, Any]) -> SharingAgreement:
    row = facts["agreement"]
    agreement = SharingAgreement.objects.create(
        slug=row["slug"],
        title=row["title"],
        purpose_text=row["purpose"],
        owner=partnership.bodies[row["owner"]],
        keeper=partnership.posts[row["keeper"]],
    )
    agreement.parties.set(_authorities(partnership, date(2025, 10, 1)))
    return agreement


def _authorities(partnership: Partnership, on: date) -> list[Organisation]:
    return [
        each
        for each in partnership.organisations.values()
        if each.is_responsible_authority and each.is_in_force(on)
    ]


def _version(
    agreement: SharingAgreement,
    row: dict[str, Any],
    facts: dict[str, Any],
    partnership: Partnership,
    datasets: dict[str, Dataset],
) -> AgreementVersion:
    current = row["until"] is None
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=row["number"],
        state=VersionState.IN_FORCE if current else VersionState.SUPERSEDED,
        effective_from=row["effective"],
        review_on=row.get("review_by"),
        what_changed=row["note"],
        **facts["register"],
    )
    new_clauses = {"4.3", "5.2"}
    clauses: dict[str, Clause] = {}
    for order, clause in enumerate(facts["clauses"]):
        if current or clause["number"] not in new_clauses:
            clauses[clause["number"]] = Clause.objects.create(
                version=version,
                number=clause["number"],
                order=order,
                parent=clauses.get(clause["number"].rpartition(".")[0]),
                heading=clause["title"],
                text=clause["text"],
            )
    for term in facts["terms"]:
        if term["clause"] in clauses:
            _term(version, clauses, term, facts, partnership, datasets)
    return version


def _term(
    version: AgreementVersion,
    clauses: dict[str, Clause],
    row: dict[str, Any],
    facts: dict[str, Any],
    partnership: Partnership,
    datasets: dict[str, Dataset],
) -> None:
    dataset = datasets[row["dataset"]]
    roles = [*facts["recipient_roles"], "public"]
    for role in roles:
        Term.objects.create(
            version=version,
            clause=clauses[row["clause"]],
            dataset=dataset,
            provider=partnership.organisations[row["provider"]],
            recipient_role=role,
            purpose=row["purpose"],
            detail=row["detail"],
            basis=row["basis"],
            expires_on=row.get("expires_on"),
        )


def _liaisons(
    agreement: SharingAgreement, facts: dict[str, Any], partnership: Partnership
) -> dict[Any, Post]:
    """The post that signs for each party, and its liaison officer where one is known."""
    signing = {}
    for organisation in agreement.parties.all():
        key = facts["signatories"].get(organisation.slug)
        post = partnership.posts[key] if key else None
        post = (
            post or Post.objects.filter(organisation=organisation).order_by("title", "pk").first()
        )
        signing[organisation.pk] = post or Post.objects.create(
            title="Designated liaison officer",
            organisation=organisation,
            valid_from=facts["versions"][0]["effective"],
        )
        officer = facts["liaison_officers"].get(organisation.slug)
        for named, may_sign in (
            (signing[organisation.pk], True),
            (partnership.posts[officer] if officer else None, False),
        ):
            if named is not None:
                Liaison.objects.create(
                    agreement=agreement, organisation=organisation, post=named, may_sign=may_sign
                )
    return signing


def _signatures(
    version: AgreementVersion,
    row: dict[str, Any],
    signing: dict[Any, Post],
    partnership: Partnership,
) -> None:
    excepted = set(row.get("except", []))
    text = wording(version).text()
    for organisation in _authorities(partnership, row["on"]):
        if organisation.slug in excepted or organisation.pk not in signing:
            continue
        Signature.objects.create(
            version=version,
            organisation=organisation,
            post=signing[organisation.pk],
            signed_on=row["on"] + timedelta(days=7),
            text=text,
            text_digest=digest_of(text),
        )
