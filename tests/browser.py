"""The real browser that journeys drive, and what every page is held to.

    def test_a_list(live_server, desktop, phone):
        for page in (desktop, phone):
            visit(page, live_server.url + "/actions/")
            assert_accessible(page)

`desktop` is 1280 wide, `phone` 375, `no_script` is 1280 with scripts off; `open_page(width=…,
javascript=…)` makes others. With SCREENSHOTS naming a folder, each visit leaves a picture.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import html5lib
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright keeps an event loop in this thread; the tests themselves use the database plainly.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AXE = ROOT / "node_modules/axe-core/axe.min.js"
BUILT = ROOT / "src/frankpledge/components/static/built/frankpledge.css"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",  # which still draws WebGL, in software
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PageOpener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; a missing part fails and says how to get it."""
    if not Path(CHROMIUM).is_file():
        pytest.fail(f"No browser at {CHROMIUM}: apt-get install chromium, or set CHROMIUM.")
    if not AXE.is_file() or not BUILT.is_file():
        pytest.fail("The front end is not built: npm ci && npm run build.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[PageOpener]:
    """Makes pages, each with cookies of its own."""
    contexts: list[Any] = []

    def open_one(*, width: int = 1280, height: int = 900, javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.faults = []  # type: ignore[attr-defined]
        page.scripts = javascript  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.faults.append(f"script: {error}"))  # type: ignore[attr-defined]
        page.on("console", lambda message: _note(page, message))
        return page

    yield open_one
    for context in contexts:
        context.close()


def _note(page: Page, message: Any) -> None:
    # The browser reports a page of status 403 as an error; whoever visits it knows about that one.
    address = message.location.get("url", "")
    page_itself = "responded with a status of" in message.text and "/static/" not in address
    if message.type == "error" and not page_itself:
        page.faults.append(f"console: {message.text} {address}")  # type: ignore[attr-defined]


@pytest.fixture
def desktop(open_page: PageOpener) -> Page:
    return open_page(width=1280)


@pytest.fixture
def phone(open_page: PageOpener) -> Page:
    return open_page(width=375, height=740)


@pytest.fixture
def no_script(open_page: PageOpener) -> Page:
    return open_page(width=1280, javascript=False)


@pytest.fixture
def put_away_trail(transactional_db: None) -> Iterator[None]:
    """The database refuses to empty the trail, so that the guard is lifted after the test."""
    yield
    from django.db import connection

    guard = import_module("frankpledge.access.migrations.0002_audit_cannot_change")
    with connection.cursor() as cursor:
        for statement in guard.UNDO[connection.vendor]:
            cursor.execute(statement)
        cursor.execute("DELETE FROM access_auditentry")
        for statement in guard.SQLITE if connection.vendor == "sqlite" else guard.POSTGRESQL:
            cursor.execute(statement)


def sign_in(page: Page, url: str, user: Any) -> None:
    """Signs a user in without the sign-in page, for journeys that are about something else."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


def visit(page: Page, url: str, *, status: int = 200) -> Page:
    """Opens an address: the status is as expected, the markup is strict, nothing is refused by
    the security policy, no script fails, and the page does not run off the side."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == status, f"{url} answered {answer.status}"
    assert_valid_html(answer.text(), url)
    assert_sound(page)
    return page


def assert_sound(page: Page) -> None:
    """No script error, no refusal by the security policy, no sideways scrolling of the page."""
    faults = list(page.faults)  # type: ignore[attr-defined]
    page.faults.clear()  # type: ignore[attr-defined]
    assert not faults, f"{page.url}: {faults}"
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} runs {wide}px off the side: {_widest(page)}"
    _picture(page)


def _widest(page: Page) -> Any:
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
        .slice(0, 5).map(e => e.tagName + "." + e.className)"""
    )


def assert_valid_html(text: str, where: str = "page") -> None:
    """Parsed strictly, with no inline script or style and no id used twice."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(text)
    assert not parser.errors, f"{where}: {parser.errors[:5]}"
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    twice = {one for one in ids if ids.count(one) > 1}
    assert not twice, f"{where}: ids used twice: {sorted(twice)}"
    for element in tree.iter():
        assert element.get("style") is None, f"{where}: inline style on {element.tag}"
        events = [name for name in element.keys() if str(name).startswith("on")]  # noqa: SIM118
        assert not events, f"{where}: inline script on {element.tag}"
        if element.tag == "script" and element.get("src") is None:
            assert element.get("type") == "application/json", f"{where}: inline script"
        assert element.tag != "style", f"{where}: inline style sheet"


def assert_accessible(page: Page) -> None:
    """axe-core finds nothing, best practice included."""
    assert page.scripts, "axe needs scripts: check the same page with them on"  # type: ignore[attr-defined]
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    said = [
        f"{v['id']}: {v['help']}: " + "; ".join(node["html"][:160] for node in v["nodes"][:4])
        for v in found["violations"]
    ]
    assert not said, f"{page.url} at {page.viewport_size}:\n" + "\n".join(said)


def _picture(page: Page) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        width = (page.viewport_size or {"width": 0})["width"]
        name = re.sub(r"[^a-z0-9]+", "-", page.url.split("/", 3)[-1].lower()).strip("-") or "home"
        page.screenshot(path=f"{folder}/{name[:80]}-{width}.png", full_page=True)
