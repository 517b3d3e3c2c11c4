from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from frankpledge.access.decisions import may, require
from frankpledge.access.enums import Capability
from frankpledge.analysis.disclosure import Refused
from frankpledge.components.map_ground import ground_kind
from frankpledge.components.parts import Download, Fact, crumbs, done
from frankpledge.components.tables import Column, Table
from frankpledge.core import clock
from frankpledge.evidence import actions, forms, rules, uses
from frankpledge.evidence.queries import (
    asking,
    choices,
    exporting,
    feeding,
    findings,
    mapping,
    presenting,
    seeing,
    terms,
)
from frankpledge.sharing.enums import UseKind


def _question(request: HttpRequest) -> tuple[Any, Any, list[Any]]:
    """What the address asks, its dataset and the datasets there are."""
    known = asking.datasets(actor=request.actor)
    slug = request.GET.get("dataset", "")
    if slug:
        dataset = asking.dataset_named(actor=request.actor, slug=slug)
    elif known:
        dataset = next((each for each in known if each.published_already), known[0])
    else:
        return None, None, []
    default = asking.default_question(dataset)
    given = request.GET.dict()
    for name, key in (("start", "from"), ("end", "to")):
        year, month = given.pop(f"{name}-year", ""), given.pop(f"{name}-month", "")
        if year and month:
            given[key] = f"{year.strip()}-{month.strip():0>2}"
    return rules.read(given, default=default), dataset, known


def explorer(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "breadcrumbs": crumbs(("Home", reverse("home"))),
        "may_save": may(request.actor, Capability.SAVE_FINDING),
        "may_see_audiences": may(request.actor, Capability.SEE_AUDIENCES),
    }
    try:
        question, dataset, known = _question(request)
        if question is None:
            return render(request, "evidence/nothing.html", context)
        providers = asking.providers(actor=request.actor, dataset=dataset, on=clock.today())
        context["choices"] = choices.choices(
            question=question, dataset=dataset, datasets=known, providers=providers
        )
        context["period_form"] = forms.PeriodForm(
            initial={
                "start": actions.first_day(question.start),
                "end": actions.first_day(question.end),
            }
        )
        context["question"] = question
        answer = asking.answer(actor=request.actor, question=question, on=clock.today())
        uses.note_answer(actor=request.actor, answer=answer, how=UseKind.ASKED, now=clock.now())
        beside = _beside(request, question)
    except (rules.UnableToAsk, Refused) as error:
        context["refusal"] = str(error)
        return render(request, "evidence/refused.html", context, status=422)
    settled = answer.question
    context |= {
        "question": settled,
        "choices": choices.choices(
            question=settled,
            dataset=dataset,
            datasets=known,
            providers=providers,
            small_areas=answer.small_areas,
        ),
        "answer": answer,
        "table": presenting.shortened(answer.table),
        "pictures": presenting.pictures(answer),
        "beside": beside,
        "downloads": _downloads(
            reverse("explorer-export", args=["csv"]), settled.address(), answer
        ),
        "save_url": f"{reverse('explorer-save')}?{settled.address()}",
        "who_sees_url": f"{reverse('explorer-who-sees')}?{settled.address()}",
        "feed_url": request.build_absolute_uri(feeding.address(settled)),
        "map_ground": ground_kind(),
        "map_url": f"{reverse('explorer-map')}?{settled.address()}" if answer.map_table else "",
    }
    return render(request, "evidence/explorer.html", context)


def reading(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "evidence/reading.html",
        {"breadcrumbs": crumbs(("Home", reverse("home")), ("Ask the data", reverse("explorer")))},
    )


def _beside(request: HttpRequest, question: Any) -> dict[str, Any] | None:
    """The same months and place of other data, read and protected by its own terms."""
    if not question.beside:
        return None
    other = rules.beside_of(question)
    try:
        answer = asking.answer(actor=request.actor, question=other, on=clock.today())
    except (rules.UnableToAsk, Refused) as error:
        return {"refusal": str(error)}
    uses.note_answer(actor=request.actor, answer=answer, how=UseKind.ASKED, now=clock.now())
    return {
        "answer": answer,
        "picture": presenting.pictures(answer, prefix="beside")[0],
        "url": f"{reverse('explorer')}?{answer.question.address()}",
    }


def _downloads(url: str, address: str, answer: Any) -> list[Download]:
    stem = url.removesuffix("csv")
    kinds = [("CSV", "csv"), ("CSV with its metadata", "csvw.zip"), ("Excel", "xlsx")]
    kinds += [("Chart as SVG", "svg"), ("Chart as PNG", "png")]
    if answer.map_table is not None:
        kinds += [("Map as SVG", "map.svg"), ("Map as GeoJSON", "geojson")]
        kinds += [("Map as GeoPackage", "gpkg")]
    return [Download(label, f"{stem}{kind}?{address}") for label, kind in kinds]


def explorer_export(request: HttpRequest, kind: str) -> HttpResponse:
    try:
        question, _, _ = _question(request)
        if question is None:
            raise Http404
        answer = asking.answer(actor=request.actor, question=question, on=clock.today())
        file = exporting.export(answer, kind, made_on=clock.today())
    except (rules.UnableToAsk, Refused) as error:
        return render(request, "evidence/refused.html", {"refusal": str(error)}, status=422)
    uses.note_answer(actor=request.actor, answer=answer, how=UseKind.EXPORTED, now=clock.now())
    return file


def who_sees(request: HttpRequest) -> HttpResponse:
    """What each audience sees of one table, and why."""
    try:
        question, _, _ = _question(request)
        if question is None:
            raise Http404
        found = seeing.seeing(actor=request.actor, question=question, on=clock.today())
    except (rules.UnableToAsk, Refused) as error:
        return render(request, "evidence/refused.html", {"refusal": str(error)}, status=422)
    back = f"{reverse('explorer')}?{found.question.address()}"
    trail = crumbs(("Home", reverse("home")), ("Ask the data", back))
    return render(
        request, "evidence/who_sees.html", {"seeing": found, "back": back, "breadcrumbs": trail}
    )


def explorer_map(request: HttpRequest) -> HttpResponse:
    """The map of the answer, drawn by the browser of whoever asks to move about in it."""
    try:
        question, _, _ = _question(request)
        if question is None:
            raise Http404
        answer = asking.answer(actor=request.actor, question=question, on=clock.today())
    except (rules.UnableToAsk, Refused) as error:
        return JsonResponse({"refusal": str(error)}, status=422)
    layers = mapping.layers(answer)
    uses.note_answer(actor=request.actor, answer=answer, how=UseKind.ASKED, now=clock.now())
    return JsonResponse(layers)


def explorer_save(request: HttpRequest) -> HttpResponse:
    try:
        question, _, _ = _question(request)
        if question is None:
            raise Http404
        answer = asking.answer(actor=request.actor, question=question, on=clock.today())
    except (rules.UnableToAsk, Refused) as error:
        return render(request, "evidence/refused.html", {"refusal": str(error)}, status=422)
    initial = {"sentence": answer.sentence.sentence, "audience": "partnership"}
    form = forms.SaveForm(request.POST or None, initial=initial)
    back = f"{reverse('explorer')}?{answer.question.address()}"
    _, fewer = terms.who_reads(
        dataset=answer.dataset,
        question=answer.question,
        providers=answer.rests_on.organisations,
        on=clock.today(),
    )
    if form.is_valid():
        with form.saving(actions.UnableToSave):
            finding = actions.save_finding(
                actor=request.actor, answer=answer, words=form.cleaned_data, now=clock.now()
            )
        if not form.errors:
            done(request, "The Finding is saved. Assessments and proposals can cite it.")
            return redirect("finding", finding.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Save this answer as a Finding",
            "intro": f"The figures, the chart and the caveats are kept as they are now. {fewer}",
            "submit": "Save the Finding",
            "cancel_url": back,
            "breadcrumbs": crumbs(("Home", reverse("home")), ("Ask the data", back)),
        },
    )


class FindingTable(Table):
    caption, noun, default_sort = "Findings", "Finding", "-saved"
    columns = (
        Column("sentence", "What was found", url=lambda row: reverse("finding", args=[row.pk])),
        Column("dataset", "From", value=lambda row: str(row.dataset or row.owner or "")),
        Column("period", "Period ends", kind="date", sort="period_to", value=lambda r: r.period_to),
        Column(
            "stale",
            "Status",
            value=lambda row: "Newer data has come" if row.is_stale else "",
            colour=lambda row: "yellow" if row.is_stale else "",
        ),
        Column("saved", "Saved", kind="date", sort="created_at", value=lambda r: r.created_at),
    )
    empty = "No Finding has been saved that you can see. Ask the data and save an answer."


def finding_list(request: HttpRequest) -> HttpResponse:
    table = FindingTable(request.GET, findings.findings(actor=request.actor))
    return table.render(
        request,
        "evidence/findings.html",
        {
            "may_save": may(request.actor, Capability.SAVE_FINDING),
            "breadcrumbs": crumbs(("Home", reverse("home"))),
        },
    )


def finding(request: HttpRequest, pk: Any) -> HttpResponse:
    found = findings.finding(actor=request.actor, pk=pk)
    ask = rules.read(found.question, default=rules.Question("", "2000-01", "2000-01"))
    said = presenting.since(found, on=clock.today())
    return render(
        request,
        "evidence/finding.html",
        {
            "finding": found,
            "real": found.figure.get("real"),
            "pictures": presenting.pictures_of(found, said),
            "table": presenting.shortened(presenting.table_of(found, said)),
            "caveats": (*said, *found.caveats),
            "facts": _facts(found),
            "standing": terms.standing(actor=request.actor, finding=found, on=clock.today()),
            "ask_again": f"{reverse('explorer')}?{ask.address()}" if found.question else "",
            "downloads": [
                Download(label, reverse("finding-export", args=[found.pk, kind]))
                for label, kind in (("CSV", "csv"), ("Excel", "xlsx"))
                if found.table
            ],
            "marking": found.marking,
            "breadcrumbs": crumbs(("Home", reverse("home")), ("Findings", reverse("finding-list"))),
        },
    )


def _facts(found: Any) -> list[Fact]:
    period = f"{found.period_from:%-d %B %Y} to {found.period_to:%-d %B %Y}"
    facts = [Fact("Period", period)]
    if found.dataset:
        facts += [
            Fact("Data", found.dataset.name),
            Fact("Version of the data", found.data_version),
            Fact("Disclosure", found.disclosure),
        ]
    else:
        facts += [Fact("Source", found.source), Fact("Owner", found.owner)]
    return [*facts, Fact("Saved", found.created_at)]


def finding_export(request: HttpRequest, pk: Any, kind: str) -> HttpResponse:
    found = findings.finding(actor=request.actor, pk=pk)
    table = presenting.table_of(found, presenting.since(found, on=clock.today()))
    if table is None:
        raise Http404
    return exporting.table_file(
        table,
        kind,
        made_on=clock.today(),
        marking=found.marking,
        classification=found.classification,
        caveats=exporting.finding_caveats(found, on=clock.today()),
        sentence=found.sentence,
    )


def finding_new(request: HttpRequest) -> HttpResponse:
    require(request.actor, Capability.SAVE_FINDING)
    form = forms.ExternalForm(request.POST or None, owners=findings.owners(actor=request.actor))
    if form.is_valid():
        fields = dict(form.cleaned_data)
        pasted = fields.pop("table") or [[]]
        with form.saving(actions.UnableToSave):
            made = actions.bring_in_finding(
                actor=request.actor,
                fields=fields,
                columns=pasted[0],
                rows=pasted[1:],
                now=clock.now(),
            )
        if not form.errors:
            done(request, "The Finding is brought in, with its source and owner.")
            return redirect("finding", made.pk)
    return render(
        request,
        "components/form_page.html",
        {
            "form": form,
            "title": "Bring in a Finding from elsewhere",
            "intro": "A needs assessment, a survey or a slide: what it found, and whose it is.",
            "submit": "Bring it in",
            "cancel_url": reverse("finding-list"),
            "breadcrumbs": crumbs(("Home", reverse("home")), ("Findings", reverse("finding-list"))),
        },
    )
