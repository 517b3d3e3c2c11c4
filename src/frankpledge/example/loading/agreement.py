"""Priorities, themes, leads, objectives, the six versions, the landscape and the draft."""

from __future__ import annotations

from datetime import date
from typing import Any

from frankpledge.agreement.enums import ChangeKind, ProposalState, VersionState
from frankpledge.agreement.models import (
    AgreementVersion,
    ChangeNote,
    Chapter,
    LandscapeEntry,
    Objective,
    Priority,
    PriorityChange,
    Theme,
)
from frankpledge.agreement.queries.document import compose
from frankpledge.assessment.models import Cycle, Issue
from frankpledge.core.markings import Audience
from frankpledge.documents.frozen import digest
from frankpledge.example.facts import read
from frankpledge.example.loading.partnership import Partnership

PUBLISHED = {"6.0": date(2022, 4, 29)}
PARTS = {
    "landscape": "landscape",
    "priorities.history": "history",
    "priorities": "priorities",
    "priorities.leads": "leads",
    "plans": "plans",
    "issues": "roll-up",
    "roll_up": "roll-up",
    "organisations.in_force": "responsible-authorities",
}


def load(
    partnership: Partnership, issues: dict[str, Issue], closed: Cycle, current: Cycle
) -> dict[str, Any]:
    priorities, themes = _priorities(partnership, issues)
    _objectives(partnership, priorities)
    versions = _versions(partnership, closed)
    _history(partnership, versions["6.0"], priorities, themes)
    _chapters(versions["6.0"])
    _landscape(versions["6.0"], partnership)
    _publish(versions["6.0"])
    draft = _draft(partnership, versions["6.0"], current)
    return {"priorities": priorities, "versions": versions, "draft": draft}


def _priorities(
    partnership: Partnership, issues: dict[str, Issue]
) -> tuple[dict[str, Priority], dict[str, Theme]]:
    facts = read("priorities")
    priorities, themes = {}, {}
    for order, row in enumerate(facts["priorities"], start=1):
        priority = Priority.objects.create(
            body=partnership.county,
            name=row["name"],
            scope=", ".join(row["scope"]),
            order=order,
            valid_from=row["since"],
            lead_note=row["lead_text"],
            delegated_to=partnership.bodies.get(row.get("led_by_body", "")),
        )
        priority.leads.set([partnership.posts[lead["post"]] for lead in row["leads"]])
        priorities[row["key"]] = priority
    for order, row in enumerate(facts["themes"], start=1):
        themes[row["key"]] = Theme.objects.create(
            body=partnership.county,
            name=row["name"],
            scope=", ".join(row.get("scope", [])),
            order=order,
            valid_from=row["since"],
        )
    for issue, serves in read("issues")["serves"].items():
        for key in serves.get("priorities", []):
            priorities[key].issues.add(issues[issue])
        for key in serves.get("themes", []):
            themes[key].issues.add(issues[issue])
    return priorities, themes


def _objectives(partnership: Partnership, priorities: dict[str, Priority]) -> None:
    facts = read("priorities")
    pairs = {row["objective"]: row["priorities"] for row in facts["crosswalk"]["pairs"]}
    owner = partnership.organisations["kent-policing-body"]
    for plan in facts["policing_plans"]:
        linked = next(each for title, each in partnership.plans.items() if plan["title"] in title)
        for order, row in enumerate(plan["objectives"], start=1):
            mapped = pairs.get(row["key"], [])
            objective = Objective.objects.create(
                organisation=owner,
                plan=linked,
                name=row["name"],
                order=order,
                valid_from=plan["valid_from"],
                valid_to=plan["valid_to"],
                crosswalk_note=facts["crosswalk"]["note"] if mapped else "",
            )
            objective.priorities.set([priorities[key] for key in mapped])


def _versions(partnership: Partnership, closed: Cycle) -> dict[str, AgreementVersion]:
    title = read("agreement_2022")["title"]
    labels = {row["key"]: row["label"] for row in read("agreement_2022")["chapters"]}
    versions: dict[str, AgreementVersion] = {}
    previous = None
    for row in read("versions")["versions"]:
        number = row["number"]
        latest = number == "6.0"
        previous = AgreementVersion.objects.create(
            body=partnership.county,
            number=number,
            title=title,
            effective_from=row["effective"],
            state=VersionState.AGREED if latest else VersionState.PUBLISHED,
            published_on=None if latest else row["effective"],
            previous=previous,
            cycle=closed if latest else None,
            audience=Audience.PUBLIC,
        )
        versions[number] = previous
        for order, note in enumerate(row["changes"]):
            key = note["chapter"] if note["chapter"] in labels else ""
            label = labels.get(note["chapter"], "Logos" if note["chapter"] == "logos" else "")
            ChangeNote.objects.create(
                version=previous,
                chapter_key=key,
                label=f"Ch.{label}" if label.isdigit() else label,
                text=note["note"],
                order=order,
            )
    return versions


def _history(
    partnership: Partnership,
    version: AgreementVersion,
    priorities: dict[str, Priority],
    themes: dict[str, Theme],
) -> None:
    for row in read("priorities")["history"]:
        on = row["effective"]
        subject = priorities.get(row["subject"]) or themes[row["subject"]]
        PriorityChange.objects.create(
            body=partnership.county,
            kind=ChangeKind(row["change"]),
            name=row.get("before", subject.name),
            new_name=row.get("after", ""),
            priority=priorities.get(row["subject"]) if row["kind"] == "priority" else None,
            theme=themes.get(row["subject"]) if row["kind"] == "theme" else None,
            reason=row["text"],
            state=ProposalState.AGREED,
            proposed_on=on,
            decided_on=on,
            decided_by=partnership.county.name,
            effective_from=on,
            version=version if on == version.effective_from else None,
            audience=Audience.PUBLIC,
        )


def _chapters(version: AgreementVersion) -> None:
    for order, row in enumerate(read("agreement_2022")["chapters"], start=1):
        Chapter.objects.create(
            version=version,
            key=row["key"],
            label=row["label"],
            title=row["title"],
            order=order,
            text=_text(row),
        )


def _text(row: dict[str, Any]) -> str:
    """The chapter as a person would type it, with [[part]] where records speak."""
    lines = [row["intro"]] if "intro" in row else []
    for paragraph in row.get("paragraphs", []):
        number = f"{paragraph['number']} " if "number" in paragraph else ""
        lines.append(number + paragraph["text"])
        if "from" in paragraph:
            lines.append(_filled(paragraph["from"], paragraph))
    if "from" in row:
        appendix_e = row["key"] == "priorities-table"
        lines.append("[[priority-tables]]" if appendix_e else _filled(row["from"], row))
    if "signed_by" in row:
        lines.append(f"**{row['signed_by']['office']}**  \n{row['signed_by']['post']}")
    return "\n\n".join(lines)


def _bullets(items: list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _filled(source: str, row: dict[str, Any]) -> str:
    if source in PARTS:
        return f"[[{PARTS[source]}]]"
    table, _, key = source.partition(".")
    facts = read(table)
    if table == "organisations":
        names = [each["name"] if isinstance(each, dict) else each for each in facts[key]]
        return _bullets(names)
    if table == "bodies":
        by_slug = {body["slug"]: body["name"] for body in facts["bodies"]}
        return _bullets([by_slug[slug] for slug in facts[key]])
    if table == "achievements":
        rows = [f"**{each['title']}.** {each['text']}" for each in facts["achievements"]]
        return "\n\n".join(
            [facts["intro"].strip(), *(f"5.{i} {text}" for i, text in enumerate(rows, 1))]
        )
    if table == "ranking":
        names = [name for column in facts["columns"] for name in column]
        return "\n\n".join([*facts["paragraphs"][:3], _bullets(names), facts["paragraphs"][3]])
    if table == "horizon":
        return "\n\n".join(_horizon(heading) for heading in facts["headings"])
    if table == "priorities":
        return _policing_plan(facts, row.get("plan", "making-kent-safer"))
    raise LookupError(f"No text is made from {source}")


def _horizon(heading: dict[str, Any]) -> str:
    lead = f" {heading['lead_in']}" if "lead_in" in heading else ""
    return f"**{heading['name']}**{lead}\n\n" + _bullets([row["text"] for row in heading["items"]])


def _policing_plan(facts: dict[str, Any], key: str) -> str:
    plan = next(each for each in facts["policing_plans"] if each["key"] == key)
    parts = [f"The plan is “{plan['title']}”."]
    for name, lead in (("principles", "Its principles are:"), ("commitments", "It commits to:")):
        if name in plan:
            parts.append(f"{lead}\n\n{_bullets(plan[name])}")
    return "\n\n".join([*parts, "[[objectives]]"])


def _landscape(version: AgreementVersion, partnership: Partnership) -> None:
    for order, row in enumerate(read("landscape")["entries"], start=1):
        cited = [partnership.legislation.get(key) for key in row.get("legislation", [])]
        LandscapeEntry.objects.create(
            version=version,
            group=row["group"],
            number=row["number"],
            title=row["title"],
            text=row["text"].strip(),
            order=order,
            legislation=cited[0] if cited else None,
        )


def _publish(version: AgreementVersion) -> None:
    version.state = VersionState.PUBLISHED
    version.published_on = PUBLISHED[version.number]
    composed = compose(version)
    version.content = composed.kept()
    version.content_digest = digest(composed.document)
    version.save()


def _draft(
    partnership: Partnership, previous: AgreementVersion, current: Cycle
) -> AgreementVersion:
    facts = read("cycle_2025_26")["draft_agreement"]
    version = AgreementVersion.objects.create(
        body=partnership.county,
        number=facts["number"],
        title=previous.title,
        effective_from=facts["effective"],
        previous=previous,
        cycle=current,
        audience=Audience.PUBLIC,
    )
    replaced = {row["number"]: row for row in facts["replaced_paragraphs"]}
    new_parts = {row["chapter"]: row for row in facts["replaced_chapters"]}
    for order, row in enumerate(read("agreement_2022")["chapters"], start=1):
        paragraphs = [
            replaced.get(each.get("number", ""), each) for each in row.get("paragraphs", [])
        ]
        changed = {**row, **new_parts.get(row["key"], {})}
        if paragraphs:
            changed["paragraphs"] = paragraphs
        Chapter.objects.create(
            version=version,
            key=row["key"],
            label=row["label"],
            title=row["title"].replace("2021-22", current.name).replace("(2022-2025)", "").strip(),
            order=order,
            text=_text(changed),
        )
    for entry in previous.landscape.all():
        LandscapeEntry.objects.create(
            version=version,
            group=entry.group,
            number=entry.number,
            title=entry.title,
            text=entry.text,
            order=entry.order,
            legislation_id=entry.legislation_id,
        )
    return version
