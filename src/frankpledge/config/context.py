"""What every page's frame needs: whose service it is, who is asking, where they may go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from frankpledge.access.actors import Actor
from frankpledge.access.enums import Role
from frankpledge.components.parts import Link
from frankpledge.core import clock
from frankpledge.example.personas import personas
from frankpledge.partnership.enums import BodyKind
from frankpledge.partnership.models import Body

_PUBLIC = (
    ("Home", "home"),
    ("Ask the data", "explorer"),
    ("Agreement", "current-agreement"),
    ("Partnership", "bodies"),
)
_PARTNERS = (
    ("Home", "home"),
    ("Inbox", "inbox"),
    ("Returns", "submission-list"),
    ("Ask the data", "explorer"),
    ("Emerging issues", "emerging"),
    ("Findings", "finding-list"),
    ("Assessments", "assessment-list"),
    ("Agreement", "current-agreement"),
    ("Sharing", "sharing-agreement-list"),
    ("Partnership", "bodies"),
)


def layout(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    context: dict[str, Any] = {
        "actor": actor,
        "example": settings.EXAMPLE,
        "today": clock.today(),
        "organisation": SimpleLazyObject(_organisation),
    }
    if actor is not None:
        context["navigation"] = _navigation(request, actor)
    if settings.EXAMPLE:
        context["personas"] = personas
        context["others"] = [persona for persona in personas() if not persona.first]
        context["see_it_as_url"] = reverse("see-it-as")
    return context


def _organisation() -> str:
    top = Body.objects.filter(kind=BodyKind.COUNTY_PARTNERSHIP).order_by("created_at").first()
    return top.name if top else ""


def _navigation(request: HttpRequest, actor: Actor) -> list[Link]:
    places = list(_PARTNERS if actor.in_partnership else _PUBLIC)
    if actor.holds(Role.COUNTY_TEAM, Role.ADMINISTRATOR):
        places.append(("Audit trail", "audit-trail"))
    links = []
    for label, name in places:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        here = request.path == url if url == "/" else request.path.startswith(url)
        links.append(Link(label, url, here))
    return links
