"""A real Chromium before a live portal. A page that complains in its console fails its test."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("BROWSER_PICTURES", "")
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Registered before the page's own scripts; a violation is reported to the document alone.
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", function (event) {
  console.error("CSP " + event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile);
});
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


# Playwright's event loop runs in this thread while a test is under way; the ORM is still called
# from one thread only.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """A SQLite file: in memory all threads of the live server would share one connection."""
    database = connections["default"]
    if database.vendor == "sqlite":
        database.settings_dict["TEST"]["NAME"] = str(settings.VAR_DIR / "browser.sqlite3")


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is missing: apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


class Complaints(list):
    """What went wrong in the pages of a test, beyond what the test expects by `allow`."""

    def __init__(self):
        super().__init__()
        self.allowed = []

    def allow(self, pattern):
        """An answer such as 422 is an error to the console and right to us."""
        self.allowed.append(pattern)

    def watch(self, page):
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.append(f"page error: {error}"))
        page.on("requestfailed", self._request_failed)

    def _heard(self, message):
        if message.type in ("error", "warning"):
            place = message.location.get("url", "")
            self.append(f"console {message.type}: {message.text} {place}")

    def _request_failed(self, request):
        # Leaving a page cancels what it still loads.
        if request.failure != "net::ERR_ABORTED":
            self.append(f"request failed: {request.url} {request.failure}")

    def unexpected(self):
        return [text for text in self if not any(re.search(p, text) for p in self.allowed)]


@pytest.fixture
def complaints():
    return Complaints()


@pytest.fixture(params=SIZES)
def size(request):
    """Every browser test runs at the desk and on the phone; `parametrize("size", [...])` narrows."""
    return request.param


@pytest.fixture
def open_page(chromium, live_server, size, complaints):
    """open_page() is a fresh person at a fresh browser: no cookie is shared with another."""
    contexts = []

    def open_page(path=None):
        width, height = SIZES[size]
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            has_touch=size == "phone",
        )
        context.set_default_timeout(15_000)
        context.add_init_script(WATCH_POLICY)
        contexts.append(context)
        page = context.new_page()
        complaints.watch(page)
        if path:
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints.unexpected(), "\n".join(complaints.unexpected())


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def sign_in(open_page):
    """sign_in("left", password) gives the page of someone who came in by the sign-in form."""

    def sign_in(username, password, page=None):
        page = page or open_page()
        page.goto("/accounts/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return page

    return sign_in


@pytest.fixture
def axe(size):
    """axe(page) fails on a violation of WCAG level A or AA, and on a page wider than its window."""

    def axe(page):
        # An evaluated script is not subject to the page's policy, so the policy stays as it is.
        if not page.evaluate("() => typeof window.axe === 'object'"):
            page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
        found = page.evaluate(
            """() => axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"],
            }).then(result => result.violations.map(violation => ({
                rule: violation.id, help: violation.help,
                where: violation.nodes.slice(0, 5).map(
                    node => node.target.join(" ") + " | " + (node.any[0] || {message: ""}).message),
            })))"""
        )
        assert not found, f"{page.url}\n" + json.dumps(found, ensure_ascii=False, indent=1)
        wide = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 1, f"{page.url} is {wide} px wider than its window"

    return axe


@pytest.fixture
def picture(size):
    """picture(page, "home") keeps a picture where BROWSER_PICTURES names a folder, else does nothing."""

    def picture(page, name):
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(PICTURES, f"{name}-{size}.png"), full_page=True)

    return picture
