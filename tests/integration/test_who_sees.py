"""Side by side: what the public, a partner and the asker see of one table."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from frankpledge.access.enums import Role
from frankpledge.core.registries import Grant
from frankpledge.evidence.queries import sources
from frankpledge.evidence.queries.seeing import Seeing, seeing
from frankpledge.evidence.rules import Question
from frankpledge.sharing.models import DisclosureRule, Term
from tests import sharing_world as sharing
from tests.integration.test_evidence import _client
from tests.integration.test_evidence import shared as shared
from tests.worlds import TODAY

URL = "/ask/who-sees/?dataset=abuse&from=2025-06&to=2025-06&by=area"


def _seen(world: sharing.SharingWorld, who: str = "leader", **more: Any) -> Seeing:
    asked = {"by": "area", **more}
    return seeing(
        actor=world.actor(who), question=Question("abuse", "2025-06", "2025-06", **asked), on=TODAY
    )


def _row(found: Seeing, label: str) -> list[tuple[str, str] | None]:
    cells = next(cells for name, cells in found.rows if name == label)
    return [(cell.text, cell.why) if cell else None for cell in cells]


def test_each_figure_says_what_was_done_to_it_for_whom(shared: sharing.SharingWorld):
    DisclosureRule.objects.filter(audience="public").update(valid_from="2025-01-01", round_to=1)
    found = _seen(shared)
    assert [column.name for column in found.columns] == ["The public", "A partner", "The county"]
    hidden, *others = _row(found, "Birch")
    assert hidden == ("[c]", "Hidden because it is a small count.")
    assert others == [("2", "Shown."), ("2", "Shown.")]
    hidden, *others = _row(found, "Ash")
    assert hidden == ("[c]", "Hidden because a smaller figure could be worked out from it.")
    rule = found.columns[0]
    assert "Counts of 1 to 4 are shown as [c]" in rule.does
    assert (rule.since, rule.source) == ("In force from 1 January 2025.", "The rule")
    assert found.sentence.startswith("The public sees 0 of ")


def test_rounding_is_said(shared: sharing.SharingWorld):
    found = _seen(shared, by="month", area=sharing.ASH)
    assert _row(found, "June 2025")[0] in (
        ("45", "Rounded to the nearest 5."),
        ("[c]", "Hidden because a smaller figure could be worked out from it."),
    )
    sources._releases.clear()
    Term.objects.filter(recipient_role="partner").delete()
    assert _row(_seen(shared, by="month"), "June 2025")[0] == ("50", "Rounded to the nearest 5.")


@pytest.mark.parametrize("round_to", [1, 5])
def test_what_the_asker_may_not_see_has_no_reason(shared: sharing.SharingWorld, round_to: int):
    """The reason of the public's rule would tell more than the asker's own table leaves open."""
    DisclosureRule.objects.filter(audience="public").update(round_to=1)
    DisclosureRule.objects.create(
        dataset=shared.datasets["abuse"],
        audience="partnership",
        suppress_below=3,
        round_to=round_to,
        source="For partners",
    )
    for label in ("Birch", "Ash"):
        public, partner, mine = _row(_seen(shared), label)
        assert public == ("[c]", "Hidden by the rule.")
        near = ("45", "Rounded to the nearest 5.")
        assert partner == mine == (near if label == "Ash" and round_to > 1 else public)


def test_a_partners_column_is_closed_where_the_asker_reads_less(
    shared: sharing.SharingWorld, tmp_path: Any
):
    """Partners are given the fire service's figures too, which this analyst is not."""
    term = Term.objects.filter(dataset=shared.datasets["abuse"], recipient_role="partner").get()
    term.pk, term.provider = None, shared.organisations["fire"]
    term._state.adding = True
    term.save()
    lines = [f"{sharing.ASH},2025-06,domestic-abuse-incidents,7777"]
    sent = shared.send("abuse", "fire", sharing.counts_file(tmp_path, lines, "fire.csv"))
    assert sent.stored == 1, sent.refusal
    analyst = replace(
        shared.actor("leader"),
        grants=frozenset({Grant(role=Role.ANALYST, organisation_id=uuid4())}),
    )
    question = Question("abuse", "2025-06", "2025-06", by="area")
    found = seeing(actor=analyst, question=question, on=TODAY)
    assert [bool(column.refusal) for column in found.columns] == [False, True, False]
    assert found.columns[2].name == "You"
    assert "7,8" not in str(found)
    assert "7,8" in str(_seen(shared).rows)


def test_an_audience_without_a_term_sees_nothing(shared: sharing.SharingWorld):
    Term.objects.filter(recipient_role="public").delete()
    found = _seen(shared)
    assert found.columns[0].refusal
    assert _row(found, "Birch")[0] is None
    assert "public sees nothing" in found.sentence


def test_the_page_is_for_those_who_answer_for_the_figures(shared: sharing.SharingWorld):
    page = _client(shared, "leader").get(URL)
    assert page.status_code == 200
    said = re.sub(r"<[^>]+>", " ", page.content.decode())
    assert "small count" in said and "Source: The rule" in said
    explorer = reverse("explorer") + "?dataset=abuse&from=2025-06&to=2025-06&by=area"
    assert "/ask/who-sees/" in _client(shared, "leader").get(explorer).content.decode()
    for who, status in (("public", 302), ("stranger", 403), ("colleague", 403)):
        answer = _client(shared, who).get(URL)
        assert answer.status_code == status
        assert "small count" not in answer.content.decode()
        assert "/ask/who-sees/" not in _client(shared, who).get(explorer).content.decode()
    unknown = _client(shared, "leader").get("/ask/who-sees/?dataset=fires")
    none = _client(shared, "leader").get("/ask/who-sees/?dataset=no-such-data")
    assert (unknown.status_code, none.status_code) in {(403, 404), (404, 404), (422, 404)}
    assert _client(shared, "leader").get(f"{URL}&from=x").status_code == 422
