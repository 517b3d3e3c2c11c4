"""Two cells corrected, agreed by another person and counted: without scripts, wide and narrow."""

from importlib import import_module

import pytest
from django.db import connection
from django.urls import reverse

from frankpledge.access.enums import Role
from frankpledge.access.models import User
from frankpledge.partnership.models import Holding, Post
from frankpledge.sharing.actions.importing import work
from frankpledge.sharing.enums import Approvals
from frankpledge.sharing.models import Submission, SubmissionMonth
from tests.browser import assert_accessible, sign_in, visit
from tests.sharing_world import ASH, BIRCH, NOW, TODAY, counts_file, sharing_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINES = [
    f"{ASH},2025-12,deliberate-primary-fires,7",
    f"{BIRCH},2025-12,deliberate-primary-fires,seven",
    f"{ASH},2025-11,deliberate-primary-fires,nine",
]


@pytest.fixture
def world(settings, tmp_path):
    settings.STORE, settings.TODAY = tmp_path / "store", TODAY
    made = sharing_world()
    officer = User.objects.create_user("officer@example.org", "Second Officer")
    post = Post.objects.create(
        title="Fire officer", organisation=made.organisations["fire"], role=Role.PARTNER
    )
    Holding.objects.create(post=post, holder=officer)
    made.users["officer"] = officer
    made.datasets["fires"].approvals = Approvals.PARTNER
    made.datasets["fires"].save()
    return made


@pytest.fixture
def put_away_trail(transactional_db):
    """The database refuses to empty the trail, so that the guard is lifted after the test."""
    yield
    guard = import_module("frankpledge.access.migrations.0002_audit_cannot_change")
    with connection.cursor() as cursor:
        for statement in guard.UNDO[connection.vendor]:
            cursor.execute(statement)
        cursor.execute("DELETE FROM access_auditentry")
        for statement in guard.SQLITE if connection.vendor == "sqlite" else guard.POSTGRESQL:
            cursor.execute(statement)


@pytest.mark.parametrize("width", [1280, 375])
def test_two_cells_are_corrected_agreed_and_counted(
    world, put_away_trail, live_server, open_page, tmp_path, width
):
    sender = world.actor("fire_sender")
    sent = world.send("fires", "fire", counts_file(tmp_path, LINES), actor=sender)
    page = open_page(width=width, javascript=False)
    sign_in(page, live_server.url, world.users["fire_sender"])
    visit(page, live_server.url + reverse("submission", args=[sent.pk]))
    page.get_by_role("button", name="Correct them here").click()
    for value, right in (("seven", "7"), ("nine", "9")):
        page.locator(f'input[value="{value}"]').fill(right)
    page.get_by_role("button", name="Send corrections").click()
    made = Submission.objects.get(corrects=sent)
    work(actor=sender, submission=made, clock=lambda: NOW)
    assert not SubmissionMonth.objects.filter(current=True).exists()
    page.context.clear_cookies()
    sign_in(page, live_server.url, world.users["officer"])
    visit(page, live_server.url + reverse("submission", args=[made.pk]))
    page.get_by_role("button", name="Agree to the file").click()
    page.get_by_role("button", name="Agree", exact=True).click()
    page.get_by_text("Agreed. It counts now.").wait_for()
    counted = SubmissionMonth.objects.filter(current=True, submission=made)
    assert sum(each.stored for each in counted) == 3
    looking = open_page(width=width)
    sign_in(looking, live_server.url, world.users["fire_sender"])
    for name, args in (
        ("submission", [sent.pk]),
        ("submission", [made.pk]),
        ("submission-ask", [made.pk]),
        ("submission-send-workbook", [sent.pk]),
        ("dataset", ["fires"]),
        ("caveats", ["fires"]),
    ):
        visit(looking, live_server.url + reverse(name, args=args))
        assert_accessible(looking)
