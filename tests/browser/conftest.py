"""The real app in a real browser. Every request is recorded: one that leaves the machine fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from explorer.bench.browser import FLAGS, chromium
from explorer.bench.server import App, app

FAILURES = Path(__file__).with_name("failures")
HERE = ("127.0.0.1", "localhost")
PATIENCE = 30_000  # milliseconds; conditions are waited for, so a quick machine does not wait
DRAWN = """() => {
  const parts = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
  return parts.length && parts.every((part) => part.shadowRoot?.childElementCount) &&
    !document.querySelector("[data-testid=stSkeleton]")
}"""
REPORT = pytest.StashKey[pytest.TestReport]()

expect.set_options(timeout=PATIENCE)


@dataclass
class Visitor:
    """One person at one browser window."""

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)  # requests to anywhere else
    errors: list[str] = field(default_factory=list)  # what the page's scripts threw

    def open(self, where: str = "") -> Page:
        """Open an address such as "cnn?view=train" and wait until its page stands."""
        self.page.goto(f"{self.url}/{where}")
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible()
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until the page's script has run to its end."""
        expect(self.page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")

    def drawn(self) -> None:
        """Wait until every component of the page has been loaded and has drawn something."""
        self.page.wait_for_function(DRAWN)

    def note(self, request: Request) -> None:
        place = urlsplit(request.url)
        if place.scheme in ("http", "https", "ws", "wss") and place.hostname not in HERE:
            self.outside.append(request.url)


@pytest.fixture(scope="session")
def running_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with app(tmp_path_factory.mktemp("browser-data"), workers=2) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    assert path, "no Chromium was found; install one, for example with: apt install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()


Colours = Literal["light", "dark"]


@pytest.fixture
def visitors(browser: Browser, running_app: App, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """Return a maker of visitors, each with a browser profile of its own."""
    contexts: list[BrowserContext] = []
    made: list[Visitor] = []

    def make(colours: Colours = "light", width: int = 1400, height: int = 1000) -> Visitor:
        contexts.append(_profile(browser, colours, width, height))
        made.append(_arrive(contexts[-1], running_app))
        return made[-1]

    yield make
    _keep_pictures(request.node, made)
    for context in contexts:
        context.close()
    _accuse(made)


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Iterator[dict[Colours, BrowserContext]]:
    """A profile for each theme that has been here before: its scripts come from the browser's cache."""
    made: dict[Colours, BrowserContext] = {each: _profile(browser, each, 1400, 1000) for each in ("light", "dark")}
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def regular(
    profiles: dict[Colours, BrowserContext], running_app: App, request: pytest.FixtureRequest
) -> Iterator[Callable[[Colours], Visitor]]:
    """Return a maker of visitors who have been here before: a new window each, the profile of their theme."""
    made: list[Visitor] = []

    def make(colours: Colours) -> Visitor:
        made.append(_arrive(profiles[colours], running_app))
        return made[-1]

    yield make
    _keep_pictures(request.node, made)
    for visitor in made:
        visitor.page.close()
    _accuse(made)


@pytest.fixture
def visitor(visitors: Callable[..., Visitor]) -> Visitor:
    return visitors()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


def _profile(browser: Browser, colours: Colours, width: int, height: int) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)
    context.set_default_timeout(PATIENCE)
    return context


def _arrive(context: BrowserContext, app: App) -> Visitor:
    """Open a window whose requests and errors are noted."""
    visitor = Visitor(context.new_page(), app.url)
    visitor.page.on("request", visitor.note)
    visitor.page.on("websocket", lambda socket: visitor.outside.extend(_outside(socket.url)))
    visitor.page.on("pageerror", lambda error: visitor.errors.append(str(error)))
    return visitor


def _accuse(made: list[Visitor]) -> None:
    assert [url for visitor in made for url in visitor.outside] == []
    assert [error for visitor in made for error in visitor.errors] == []


def _outside(url: str) -> list[str]:
    return [] if urlsplit(url).hostname in HERE else [url]


def _keep_pictures(item: pytest.Item, made: list[Visitor]) -> None:
    report = item.stash.get(REPORT, None)
    if report is None or not report.failed:
        return
    FAILURES.mkdir(exist_ok=True)
    for number, visitor in enumerate(made):
        name = "".join(letter if letter.isalnum() else "_" for letter in item.name)
        visitor.page.screenshot(path=FAILURES / f"{name}_{number}_{os.getpid()}.png", full_page=True)
