"""What the browser gets: no crown, no foreign address, the same bytes each time."""

import json
import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[3]
BUILT = ROOT / "src/frankpledge/components/static/built"


def test_the_lock_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_versions_are_exact():
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for version in {**wanted["dependencies"], **wanted["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


@pytest.fixture
def style():
    file = BUILT / "frankpledge.css"
    if not file.is_file():
        pytest.fail("The front end is not built: npm ci && npm run build.")
    return file.read_text(encoding="utf-8")


def test_the_style_sheet_uses_nothing_that_is_not_ours_to_use(style):
    for unwanted in ("GDS Transport", "crown", "url(http", 'url("http', "@import"):
        assert unwanted not in style
    assert '"Source Sans 3"' in style


def test_every_file_the_style_sheet_names_is_there(style):
    named = re.findall(r"url\(\"?((?:fonts|images)/[^\")]+)", style)
    assert len(named) > 10
    assert [name for name in named if not (BUILT / name).is_file()] == []


@pytest.mark.parametrize("name", ["404.html", "500.html", "403_csrf.html"])
def test_error_pages_draw_without_any_context(name):
    page = get_template(name).render({})
    assert "<h1" in page
    assert '<html lang="en-GB"' in page
