"""The example's information sharing agreement, its datasets, terms and signatures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from frankpledge.example.facts import read
from frankpledge.example.loading.partnership import Partnership
from frankpledge.partnership.models import Organisation, Post
from frankpledge.sharing.actions.agreements import text_digest
from frankpledge.sharing.enums import VersionState
from frankpledge.sharing.models import (
    AgreementVersion,
    Clause,
    Dataset,
    DisclosureRule,
    SharingAgreement,
    Signature,
    Term,
)


def load(partnership: Partnership) -> dict[str, Dataset]:
    facts = read("sharing")
    datasets = {row["slug"]: Dataset.objects.create(**row) for row in facts["datasets"]}
    for dataset in datasets.values():
        for rule in [] if dataset.published_already else facts["disclosure_rules"]:
            DisclosureRule.objects.create(dataset=dataset, **rule)
    agreement = _agreement(partnership, facts)
    for row in facts["versions"]:
        version = _version(agreement, row, facts, partnership, datasets)
        _signatures(version, facts["signatures"][row["number"]], partnership)
    return datasets


def _agreement(partnership: Partnership, facts: dict[str, Any]) -> SharingAgreement:
    row = facts["agreement"]
    agreement = SharingAgreement.objects.create(
        slug=row["slug"],
        title=row["title"],
        purpose_text=row["purpose"],
        owner=partnership.bodies[row["owner"]],
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
    )
    new_clauses = {"4.3", "5.2"}
    clauses = {}
    for order, clause in enumerate(facts["clauses"]):
        if current or clause["number"] not in new_clauses:
            clauses[clause["number"]] = Clause.objects.create(
                version=version,
                number=clause["number"],
                order=order,
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


def _signatures(version: AgreementVersion, row: dict[str, Any], partnership: Partnership) -> None:
    excepted = set(row.get("except", []))
    digest = text_digest(version)
    for organisation in _authorities(partnership, row["on"]):
        post = Post.objects.filter(organisation=organisation).order_by("title", "pk").first()
        if organisation.slug in excepted:
            continue
        post = post or Post.objects.create(
            title="Designated liaison officer", organisation=organisation, valid_from=row["on"]
        )
        Signature.objects.create(
            version=version,
            organisation=organisation,
            post=post,
            signed_on=row["on"] + timedelta(days=7),
            text_digest=digest,
        )
