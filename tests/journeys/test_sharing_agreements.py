"""The pages of agreements in a real browser, at both widths, and signing without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from frankpledge.sharing.models import AgreementVersion, Clause, Signature
from tests.browser import assert_accessible, sign_in, visit
from tests.sharing_world import TODAY, SharingWorld, sharing_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> SharingWorld:
    settings.STORE, settings.HOME, settings.TODAY = tmp_path / "store", tmp_path, TODAY
    made = sharing_world(signed=("fire", "county"))
    made.sign("health")
    Signature.objects.filter(organisation__slug="health").update(
        revoked_on=TODAY, revoked_because="A new chief"
    )
    top = Clause.objects.create(
        version=made.version, number="4", order=2, heading="Power", text="While signed."
    )
    made.version.clauses.filter(number__startswith="4.").update(parent=top)
    AgreementVersion.objects.create(agreement=made.agreement, number="3.0")
    return made


def _addresses(world: SharingWorld) -> list[str]:
    draft = AgreementVersion.objects.get(number="3.0")
    Clause.objects.create(version=draft, number="1", heading="Why", text="To share.")
    signature = Signature.objects.filter(revoked_on__isnull=False).get()
    clause = world.version.clauses.get(number="4")
    of = ["ashshire", draft.pk]
    return [
        reverse("sharing-agreement-list"),
        reverse("sharing-agreement", args=["ashshire"]),
        reverse("sharing-board"),
        reverse("sharing-matrix"),
        f"{reverse('sharing-matrix')}?without={clause.pk}",
        reverse("sharing-register-import"),
        reverse("sharing-agreement-new"),
        reverse("sharing-change", args=["ashshire"]),
        reverse("sharing-liaison-new", args=["ashshire"]),
        reverse("sharing-version", args=["ashshire", world.version.pk]),
        reverse("sharing-document", args=["ashshire", world.version.pk, "html"]),
        reverse("sharing-signature", args=["ashshire", signature.pk, "html"]),
        reverse("sharing-sign", args=["ashshire", world.version.pk, "county"]),
        *(
            reverse(name, args=of)
            for name in (
                "sharing-version",
                "sharing-version-register",
                "sharing-paste",
                "sharing-clause-new",
                "sharing-term-new",
                "sharing-on-paper",
                "sharing-put-in-force",
            )
        ),
    ]


def test_every_page_of_agreements_is_accessible_at_both_widths(
    live_server: Any, desktop: Page, phone: Page, world: SharingWorld
) -> None:
    addresses = _addresses(world)
    for page in (desktop, phone):
        sign_in(page, live_server.url, world.users["leader"])
        for address in addresses:
            visit(page, live_server.url + address)
            assert_accessible(page)


def test_clauses_are_pasted_shown_and_saved_without_scripts(
    live_server: Any, no_script: Page, desktop: Page, put_away_trail: None, world: SharingWorld
) -> None:
    draft = AgreementVersion.objects.get(number="3.0")
    url = live_server.url + reverse("sharing-paste", args=["ashshire", draft.pk])
    pasted = "1 Why\nTo share.\n1.1 Who\nThe parties.\n1.3 What\nCounts."
    for page in (desktop, no_script):
        sign_in(page, live_server.url, world.users["leader"])
        visit(page, url)
        page.get_by_label("Text of the clauses").fill(pasted)
        page.get_by_role("button", name="Show the clauses").click()
        assert page.get_by_text("3 clauses were found").is_visible()
    assert_accessible(desktop)
    no_script.get_by_role("button", name="Save these clauses").click()
    assert no_script.get_by_text("3 clauses saved").is_visible()
    assert draft.clauses.count() == 3


def test_a_version_is_signed_without_scripts(
    live_server: Any, no_script: Page, put_away_trail: None, world: SharingWorld
) -> None:
    sign_in(no_script, live_server.url, world.users["colleague"])
    visit(no_script, live_server.url + reverse("sharing-agreement", args=["ashshire"]))
    no_script.get_by_role("link", name="Sign Ashshire Police").or_(
        no_script.get_by_role("button", name="Sign Ashshire Police")
    ).first.click()
    assert no_script.get_by_text("has not signed this agreement before").is_visible()
    no_script.get_by_label("Colleague post").check()
    no_script.get_by_label("I have read these words").check()
    no_script.get_by_role("button", name="Sign for Ashshire Police").click()
    assert no_script.get_by_text("Signed for Ashshire Police").is_visible()
    assert Signature.objects.filter(organisation__slug="police").count() == 1
