from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frankpledge.access.decisions import may, require
from frankpledge.access.enums import Capability
from frankpledge.agreement import actions, forms, rules
from frankpledge.agreement.enums import VersionState
from frankpledge.agreement.queries import reading
from frankpledge.agreement.queries.document import document_of
from frankpledge.components.parts import Download, Fact, crumbs, done
from frankpledge.components.serving import document_response
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.core.history import ChangedMeanwhile, seen_as


def _trail(*more: tuple[str, str]) -> Any:
    return crumbs(("Home", reverse("home")), ("Agreement", reverse("current-agreement")), *more)


def current(request: HttpRequest) -> HttpResponse:
    """The permanent address of the agreement in force."""
    found = reading.current(actor=request.actor)
    today = clock.today()
    return render(
        request,
        "agreement/current.html",
        {
            "version": found,
            "priorities": reading.priorities(actor=request.actor, on=today),
            "themes": reading.themes(actor=request.actor, on=today),
            "downloads": _downloads(found) if found else [],
            "drafts": reading.drafts(actor=request.actor),
            "may_propose": may(request.actor, Capability.PROPOSE_CHANGE),
            "marking": found.marking if found else "",
            "breadcrumbs": crumbs(("Home", reverse("home"))),
        },
    )


def _downloads(found: Any) -> list[Download]:
    pages = (("Read it here", "html"), ("PDF", "pdf"), ("Word", "docx"))
    return [
        Download(label, reverse("agreement-document", args=[found.number, kind]))
        for label, kind in pages
    ]


class VersionTable(Table):
    caption, noun, default_sort = "Versions of the agreement", "version", "-effective"
    columns = (
        Column(
            "number",
            "Version",
            url=lambda row: reverse("agreement-version", args=[row.number]),
        ),
        Column(
            "effective",
            "Effective from",
            kind="date",
            sort="effective_from",
            value=lambda row: row.effective_from,
        ),
        Column("state", "Status", value=lambda row: row.get_state_display()),
        Column("published", "Published on", kind="date", value=lambda row: row.published_on),
    )
    empty = "No version has been published yet."


def versions(request: HttpRequest) -> HttpResponse:
    table = VersionTable(request.GET, reading.versions(actor=request.actor))
    return table.render(request, "agreement/versions.html", {"breadcrumbs": _trail()})


def version(request: HttpRequest, number: str) -> HttpResponse:
    page = reading.version_page(actor=request.actor, number=number, today=clock.today())
    found = page.version
    return render(
        request,
        "agreement/version.html",
        {
            "page": page,
            "version": found,
            "facts": [
                Fact("Status", found.get_state_display()),
                Fact("Effective from", found.effective_from),
                Fact("Published on", found.published_on or "Not published"),
                Fact(
                    "Brings together",
                    f"Assessments of {found.cycle}" if found.cycle else "No cycle of assessments",
                    change_url=reverse("agreement-cycle", args=[found.number])
                    if page.may_draft and found.state == VersionState.DRAFT
                    else "",
                    change="cycle of assessments",
                ),
            ],
            "downloads": _downloads(found) if page.has_text else [],
            "marking": found.marking,
            "breadcrumbs": _trail(("Versions", reverse("agreement-versions"))),
        },
    )


def document(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    found = reading.version(actor=request.actor, number=number)
    if not found.chapters.exists():
        raise Http404
    return document_response(
        request,
        document_of(found),
        kind=kind,
        stem=f"community-safety-agreement-{found.number}",
        classification=found.classification,
        breadcrumbs=_trail((f"Version {found.number}", _url(found))),
    )


def _url(found: Any) -> str:
    return reverse("agreement-version", args=[found.number])


def _form_page(
    request: HttpRequest, form: Any, title: str, cancel_url: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "title": title, "cancel_url": cancel_url, "breadcrumbs": _trail()}
    return render(request, "components/form_page.html", {**context, **more})


def draft(request: HttpRequest, number: str) -> HttpResponse:
    previous = reading.version(actor=request.actor, number=number)
    require(request.actor, Capability.DRAFT_AGREEMENT, previous)
    form = forms.DraftForm(request.POST or None, cycles=reading.cycles_of(previous))
    if form.is_valid():
        with form.saving(actions.UnableToChangeVersion):
            made = actions.draft_next(
                actor=request.actor, previous=previous, fields=form.cleaned_data, now=clock.now()
            )
        if not form.errors:
            done(request, f"Version {made.number} is drafted from version {previous.number}.")
            return redirect("agreement-version", made.number)
    return _form_page(request, form, "Draft the next version", _url(previous), submit="Draft it")


def cycle(request: HttpRequest, number: str) -> HttpResponse:
    found = reading.version(actor=request.actor, number=number)
    require(request.actor, Capability.DRAFT_AGREEMENT, found)
    form = forms.CycleForm(
        request.POST or None, cycles=reading.cycles_of(found), initial={"cycle": found.cycle_id}
    )
    if form.is_valid():
        with form.saving(actions.UnableToChangeVersion):
            actions.rest_on_cycle(
                actor=request.actor, version=found, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, "The cycle of assessments is saved.")
            return redirect("agreement-version", found.number)
    return _form_page(request, form, "Cycle of assessments", _url(found), marking=found.marking)


def chapter(request: HttpRequest, number: str, key: str) -> HttpResponse:
    found = reading.version(actor=request.actor, number=number)
    require(request.actor, Capability.DRAFT_AGREEMENT, found)
    which = reading.chapter(found, key)
    seen = seen_as(which.title, which.text)
    form = forms.ChapterForm(
        request.POST or None, initial={"title": which.title, "text": which.text, "seen": seen}
    )
    if form.is_valid():
        with form.saving(actions.UnableToChangeVersion, ChangedMeanwhile):
            actions.write_chapter(
                actor=request.actor, chapter=which, now=clock.now(), **form.cleaned_data
            )
        if not form.errors:
            done(request, f"“{which.title}” is saved.")
            return redirect("agreement-version", found.number)
    stale = form.is_bound and form.data.get("seen", seen) != seen
    form.see(seen)
    return _form_page(
        request,
        form,
        str(which),
        _url(found),
        marking=found.marking,
        theirs=which.text if stale else "",
    )


def change_notes(request: HttpRequest, number: str) -> HttpResponse:
    page = reading.version_page(actor=request.actor, number=number, today=clock.today())
    found = page.version
    require(request.actor, Capability.DRAFT_AGREEMENT, found)
    seen = seen_as(*reading.texts_of_notes(found))
    initial = {**forms.NotesForm.initial_of(found), "seen": seen}
    form = forms.NotesForm(request.POST or None, version=found, initial=initial)
    if form.is_valid():
        with form.saving(actions.UnableToChangeVersion, ChangedMeanwhile):
            actions.write_change_notes(
                actor=request.actor,
                version=found,
                notes=form.notes(),
                seen=form.cleaned_data["seen"],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "The change notes are saved.")
            return redirect("agreement-version", found.number)
    stale = form.is_bound and form.data.get("seen", seen) != seen
    form.see(seen)
    return render(
        request,
        "agreement/change_notes.html",
        {
            "form": form,
            "page": page,
            "theirs": "\n".join(str(note) for note in page.notes) if stale else "",
            "title": f"Change notes of version {found.number}",
            "cancel_url": _url(found),
            "marking": found.marking,
            "breadcrumbs": _trail((f"Version {found.number}", _url(found))),
        },
    )


def move(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """Agree, send back to draft, or publish: each asks first and says what happens."""
    found = reading.version(actor=request.actor, number=number)
    require(request.actor, Capability.PUBLISH_AGREEMENT, found)
    if what not in _MOVES:
        raise Http404
    if what == "discard":
        require(request.actor, Capability.DRAFT_AGREEMENT, found)
    words = _MOVES[what]
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            _do_move(request, found, what)
        except rules.UnableToPublish as error:
            problems = error.problems
        except (rules.UnableToMove, actions.UnableToChangeVersion) as error:
            problems = (str(error),)
        else:
            done(request, words["done"])
            if what == "discard":
                return redirect("agreement-versions")
            return redirect("agreement-version", found.number)
    return render(
        request,
        "agreement/move.html",
        {
            "problems": problems,
            "title": words["title"].format(number=found.number),
            "what_happens": words["what"],
            "submit": words["submit"],
            "cancel_url": _url(found),
            "cannot_be_undone": words.get("warning", ""),
            "marking": found.marking,
            "breadcrumbs": _trail((f"Version {found.number}", _url(found))),
        },
    )


_MOVES = {
    "agree": {
        "title": "Record that version {number} is agreed",
        "what": "The text stands still. It can still go back to draft until it is published.",
        "submit": "It is agreed",
        "done": "The version is agreed.",
    },
    "back": {
        "title": "Send version {number} back to draft",
        "what": "The text can be changed again.",
        "submit": "Send it back",
        "done": "The version is a draft again.",
    },
    "discard": {
        "title": "Discard the draft of version {number}",
        "what": "The priorities stay as they are. What was agreed waits for the next draft.",
        "warning": "The chapters and change notes of this draft are gone.",
        "submit": "Discard it",
        "done": "The draft is discarded.",
    },
    "publish": {
        "title": "Publish version {number}",
        "what": "Everybody can read it at the permanent address of the agreement.",
        "warning": "A published version can never be changed. A correction needs a new version.",
        "submit": "Publish it",
        "done": "The version is published.",
    },
}


def _do_move(request: HttpRequest, found: Any, what: str) -> None:
    if what == "agree":
        actions.agree(actor=request.actor, version=found, now=clock.now())
    elif what == "back":
        actions.back_to_draft(actor=request.actor, version=found, now=clock.now())
    elif what == "discard":
        actions.discard_draft(actor=request.actor, version=found, now=clock.now())
    else:
        actions.publish(actor=request.actor, version=found, today=clock.today(), now=clock.now())


class ProposalTable(Table):
    caption, noun, default_sort = "Changes of priority", "change", "-proposed"
    columns = (
        Column("change", "Change", value=str, url=lambda row: reverse("proposal", args=[row.pk])),
        Column("state", "Status", value=lambda row: row.get_state_display(), sort="state"),
        Column(
            "proposed",
            "Proposed on",
            kind="date",
            sort="proposed_on",
            value=lambda row: row.proposed_on,
        ),
        Column("decided", "Decided on", kind="date", value=lambda row: row.decided_on),
    )
    empty = "No change of priority has been proposed."


def proposals(request: HttpRequest) -> HttpResponse:
    table = ProposalTable(request.GET, reading.proposals(actor=request.actor))
    return table.render(
        request,
        "agreement/proposals.html",
        {
            "may_propose": may(request.actor, Capability.PROPOSE_CHANGE),
            "breadcrumbs": _trail(),
        },
    )


def propose(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    body = reading.makers(actor=request.actor).first()
    if body is None:
        raise Http404
    form = forms.ProposalForm(
        request.POST or None,
        priorities=reading.priorities(actor=request.actor, on=today),
        findings=reading.citable(actor=request.actor),
        issues=reading.issues(on=today),
        initial={"findings": request.GET.getlist("finding")},
    )
    if form.is_valid():
        with form.saving():
            made = actions.propose_change(
                actor=request.actor,
                fields={**form.change(), "body": body},
                findings=form.cleaned_data["findings"],
                issues=form.cleaned_data["issues"],
                today=today,
                now=clock.now(),
            )
        if not form.errors:
            done(request, "The change is proposed.")
            return redirect("proposal", made.pk)
    return _form_page(
        request, form, "Propose a change of priority", reverse("proposals"), submit="Propose it"
    )


def proposal(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.proposal(actor=request.actor, pk=pk)
    return render(
        request,
        "agreement/proposal.html",
        {
            "proposal": found,
            "findings": reading.cited(actor=request.actor, proposal=found),
            "may_decide": may(request.actor, Capability.DRAFT_AGREEMENT),
            "may_withdraw": may(request.actor, Capability.PROPOSE_CHANGE, found),
            "marking": found.marking,
            "breadcrumbs": _trail(("Changes of priority", reverse("proposals"))),
        },
    )


def decide(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.proposal(actor=request.actor, pk=pk)
    require(request.actor, Capability.DRAFT_AGREEMENT)
    form = forms.DecisionForm(request.POST or None, drafts=reading.drafts(actor=request.actor))
    if form.is_valid():
        with form.saving(rules.UnableToDecide, actions.UnableToChangeVersion):
            actions.decide_change(
                actor=request.actor,
                proposal=found,
                agreed=form.cleaned_data["agreed"] == "yes",
                decided_by=form.cleaned_data["decided_by"],
                version=form.cleaned_data["version"],
                today=clock.today(),
                now=clock.now(),
            )
        if not form.errors:
            done(request, "The decision is recorded.")
            return redirect("proposal", found.pk)
    return _form_page(request, form, f"Decide: {found}", reverse("proposal", args=[found.pk]))


@require_POST
def withdraw(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.proposal(actor=request.actor, pk=pk)
    try:
        actions.withdraw_change(actor=request.actor, proposal=found, now=clock.now())
    except rules.UnableToDecide as error:
        messages.error(request, str(error))
    else:
        done(request, "The proposal is withdrawn.")
    return redirect("proposal", found.pk)


def priority(request: HttpRequest, pk: Any) -> HttpResponse:
    found = reading.priority(actor=request.actor, pk=pk)
    return render(
        request,
        "agreement/priority.html",
        {
            "priority": found,
            "facts": [
                Fact("Includes", found.scope or "No scope line is given"),
                Fact("Lead", found.lead_note or "Vacant"),
                Fact("Issues", ", ".join(str(issue) for issue in found.issues.all()) or "None"),
                Fact("In force from", found.valid_from),
            ],
            "objectives": found.objectives.select_related("plan"),
            "breadcrumbs": _trail(),
        },
    )
