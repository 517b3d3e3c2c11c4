"""Habits of templates, addresses and migrations: the real ones, and planted violations."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import AutoField
from django.template import Context, engines
from django.template.utils import get_app_template_dirs
from django.urls import get_resolver, path

from frankpledge.access.routes import ROUTES
from tests.architecture import page_guards as guards
from tests.undefined import UndefinedVariable

SRC = Path(__file__).resolve().parents[2] / "src/frankpledge"


def overrides() -> set[str]:
    """Our templates that a library looks up by a name of its own."""
    libraries = [
        Path(folder)
        for folder in get_app_template_dirs("templates")
        if SRC not in Path(folder).parents
    ]
    return {
        name for name in guards.templates(SRC) if any((lib / name).is_file() for lib in libraries)
    }


def test_templates_do_not_reach_records():
    found = {
        name: guards.reaches_records(path.read_text(encoding="utf-8"))
        for name, path in guards.templates(SRC).items()
    }
    assert len(found) > 30
    assert {name: tags for name, tags in found.items() if tags} == {}


def test_a_template_that_reaches_records_is_caught():
    assert guards.reaches_records("{% for f in model.objects.all %}{{ f }}{% endfor %}")


def test_every_template_is_used():
    assert guards.unused_templates(SRC, overrides()) == []


def test_an_unused_template_is_caught(tmp_path: Path):
    folder = tmp_path / "room/templates/room"
    folder.mkdir(parents=True)
    (folder / "used.html").write_text('{% include "room/part.html" %}')
    (folder / "part.html").write_text('{% include "room/part.html" %}')
    (folder / "kind_a.html").write_text("")
    (folder / "orphan.html").write_text('{% include "room/orphan.html" %}')
    (tmp_path / "room/views.py").write_text('render("room/used.html", f"room/kind_{kind}.html")')
    assert guards.unused_templates(tmp_path) == ["room/orphan.html"]


def test_an_undefined_variable_is_caught():
    template = engines["django"].engine.from_string("{% if nobody %}{{ nobody }}{% endif %}.")
    assert template.render(Context({})) == "."
    template = engines["django"].engine.from_string("{{ nobody.name }}")
    with pytest.raises(UndefinedVariable, match="nobody"):
        template.render(Context({}))


def test_a_library_may_leave_a_variable_undefined():
    template = engines["django"].engine.from_string("{{ nobody.name }}")
    for node in template.nodelist:
        node.origin = SimpleNamespace(name="/library/templates/page.html")
    assert template.render(Context({})) == ""


def addresses() -> list[guards.Address]:
    return list(guards.addresses(get_resolver().url_patterns))


def test_addresses_are_tidy():
    ours = [address for address in addresses() if address.ours]
    assert len(ours) > 5
    assert guards.untidy(ours) == []


@pytest.mark.parametrize(
    ("route", "name"),
    [
        ("camelCase/", "fine"),
        ("snake_case/", "fine"),
        ("no-slash", "fine"),
        ("fine/<uuid:pk>/", "snake_case"),
        ("fine/", None),
    ],
)
def test_an_untidy_address_is_caught(route: str, name: str | None):
    (address,) = guards.addresses([path(route, lambda request: None, name=name)])
    assert len(guards.untidy([address])) == 1


def test_every_address_is_decided():
    assert guards.undecided(addresses(), ROUTES) == []


def test_an_undecided_address_is_caught():
    planted = [guards.Address("door/", "door", True), guards.Address("back/", "back-door", True)]
    assert guards.undecided(planted, {"door": None}) == ["back-door has no entry"]
    assert guards.undecided(planted[:1], {"door": None, "gate": None}) == ["gate is no address"]


def missing_migrations(state: ProjectState) -> list[str]:
    """What our models say and no migration does."""
    loader = MigrationLoader(None)
    questioner = NonInteractiveMigrationQuestioner(dry_run=True)
    detector = MigrationAutodetector(loader.project_state(), state, questioner)
    ours = {config.label for config in apps.get_app_configs() if "frankpledge" in config.name}
    return [
        f"{app}: {operation.describe()}"
        for app, migrations in detector.changes(graph=loader.graph).items()
        if app in ours
        for migration in migrations
        for operation in migration.operations
    ]


def test_every_migration_is_present():
    assert missing_migrations(ProjectState.from_apps(apps)) == []


def test_a_missing_migration_is_caught():
    state = ProjectState.from_apps(apps)
    state.add_model(ModelState("core", "Planted", [("id", AutoField(primary_key=True))]))
    assert missing_migrations(state) == ["core: Create model Planted"]
