"""Habits of the Python files: each guard on the real tree and on a planted violation."""

from pathlib import Path

import pytest

from tests.architecture import python_guards as guards

SRC = Path(__file__).resolve().parents[2] / "src/frankpledge"


def files(*stems: str) -> list[Path]:
    """The files (or packages' files) of these names in every room."""
    return [
        path
        for path in sorted(SRC.rglob("*.py"))
        if path.stem in stems or path.parent.name in stems
    ]


def found(guard, paths: list[Path]) -> dict[str, list[str]]:
    results = {str(p.relative_to(SRC)): guard(p.read_text(encoding="utf-8")) for p in paths}
    return {name: result for name, result in results.items() if result}


def test_pages_do_not_reach_records():
    paths = files("views", "forms", "urls", "templatetags")
    assert len(paths) > 5
    assert found(guards.reaches_records, paths) == {}


@pytest.mark.parametrize(
    "planted",
    [
        "rows = Finding.objects.all()",
        "rows = Finding._default_manager.filter(pk=1)",
        "from django.shortcuts import get_object_or_404",
        "record = shortcuts.get_object_or_404(Finding, pk=1)",
        "from frankpledge.evidence.models import FindingQuerySet",
    ],
)
def test_a_page_that_reaches_records_is_caught(planted: str):
    assert guards.reaches_records(planted)


def test_pages_do_not_write():
    assert found(guards.saves, files("views", "forms")) == {}


@pytest.mark.parametrize("planted", ["form.save()", "record.delete()", "x.objects.bulk_create([])"])
def test_a_page_that_writes_is_caught(planted: str):
    assert guards.saves(planted)


def test_rules_queries_actions_and_models_are_told_the_time():
    paths = files("rules", "queries", "actions", "models")
    assert len(paths) > 10
    assert found(guards.reads_clock, paths) == {}


@pytest.mark.parametrize(
    "planted",
    [
        "when = datetime.now(UTC)",
        "when = datetime.datetime.utcnow()",
        "day = date.today()",
        "moment = timezone.now()",
        "field = models.DateTimeField(default=timezone.now)",
        "from django.utils.timezone import now",
        "from frankpledge.core.clock import today",
        "seconds = time.time()",
    ],
)
def test_reading_the_clock_is_caught(planted: str):
    assert guards.reads_clock(planted)


def test_files_have_a_shape():
    assert guards.shapeless(SRC) == []


def test_shapeless_files_are_caught(tmp_path: Path):
    (tmp_path / "utils.py").write_text("")
    (tmp_path / "views.py").write_text("x = 1\n" * (guards.MOST_LINES + 1))
    assert len(guards.shapeless(tmp_path)) == 2


def test_only_the_example_knows_a_place():
    paths = [
        path
        for path in sorted(SRC.rglob("*"))
        if path.suffix in {".py", ".html", ".yaml", ".typ", ".js", ".scss"}
        and not {"example", "built"} & set(path.relative_to(SRC).parts)
    ]
    assert len(paths) > 100
    assert found(guards.knows_a_place, paths) == {}


@pytest.mark.parametrize("planted", ['AREA = "E07000114"', "hint = 'For example, Thanet'"])
def test_a_place_in_code_is_caught(planted: str):
    assert guards.knows_a_place(planted)
