"""The real app in a real browser. Every request is recorded: one that leaves the machine fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, WebSocket, expect, sync_playwright

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

    def watch(self) -> None:
        """Note requests that leave the machine and errors of scripts, until `unwatch`."""
        for event, listener in self._listeners():
            self.page.on(event, listener)

    def unwatch(self) -> None:
        for event, listener in self._listeners():
            self.page.remove_listener(event, listener)

    def _listeners(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        return ("request", self._asked), ("websocket", self._connected), ("pageerror", self._failed)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss"):
            self._connected(request)

    def _connected(self, to: Request | WebSocket) -> None:
        if urlsplit(to.url).hostname not in HERE:
            self.outside.append(to.url)

    def _failed(self, error: Error) -> None:
        self.errors.append(str(error))


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
COLOURS: tuple[Colours, ...] = ("light", "dark")
Kind = tuple[Colours, int]  # theme and width


class House:
    """The browser profiles, one for each theme and width, and their windows; one test after the other uses them.

    A profile that has been here before has the app's scripts in its cache, and a window has them in its memory.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._profiles: dict[Kind, BrowserContext] = {}
        self._free: dict[Kind, list[Page]] = {}

    def window(self, kind: Kind, height: int) -> Page:
        colours, width = kind
        if kind not in self._profiles:
            self._profiles[kind] = self._browser.new_context(color_scheme=colours)
            self._profiles[kind].set_default_timeout(PATIENCE)
        page = free.pop() if (free := self._free.get(kind)) else self._profiles[kind].new_page()
        page.set_viewport_size({"width": width, "height": height})
        return page

    def leave(self, kind: Kind, page: Page) -> None:
        """Leave the app, which ends the page's session, and keep the window for who comes next."""
        page.goto("about:blank")
        self._free.setdefault(kind, []).append(page)

    def close(self) -> None:
        for profile in self._profiles.values():
            profile.close()


@pytest.fixture(scope="session")
def house(browser: Browser) -> Iterator[House]:
    opened = House(browser)
    yield opened
    opened.close()


@pytest.fixture
def visitors(house: House, running_app: App, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """Return a maker of visitors: each has a window and with it a session of their own."""
    made: list[tuple[Kind, Visitor]] = []

    def make(colours: Colours = "light", width: int = 1400, height: int = 1000) -> Visitor:
        visitor = Visitor(house.window((colours, width), height), running_app.url)
        visitor.watch()
        made.append(((colours, width), visitor))
        return visitor

    yield make
    _keep_pictures(request.node, [visitor for _, visitor in made])
    for kind, visitor in made:
        visitor.unwatch()
        house.leave(kind, visitor.page)
    assert [url for _, visitor in made for url in visitor.outside] == []
    assert [error for _, visitor in made for error in visitor.errors] == []


@pytest.fixture
def visitor(visitors: Callable[..., Visitor]) -> Visitor:
    return visitors()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


def _keep_pictures(item: pytest.Item, made: list[Visitor]) -> None:
    report = item.stash.get(REPORT, None)
    if report is None or not report.failed:
        return
    FAILURES.mkdir(exist_ok=True)
    for number, visitor in enumerate(made):
        name = "".join(letter if letter.isalnum() else "_" for letter in item.name)
        visitor.page.screenshot(path=FAILURES / f"{name}_{number}_{os.getpid()}.png", full_page=True)
