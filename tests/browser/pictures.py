"""Takes the README's screenshots of the real app: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from explorer.bench.browser import FLAGS, chromium
from explorer.bench.server import app
from tests.browser.conftest import Visitor
from tests.browser.test_training import beyond, pause, start, transport

PICTURES = Path(__file__).resolve().parents[2] / "assets" / "pictures"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
STEPS = 1500
QUIET = 1500  # milliseconds for the last tweens to end


def main() -> int:
    """Take the pictures; return the exit status."""
    path = chromium()
    if not path:
        sys.stderr.write("No Chromium was found; install one, for example with: apt install chromium\n")
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data, app(Path(data)) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for colours in SCHEMES:
            _take(browser, running.url, colours)
        browser.close()
    return 0


def _take(browser: Browser, url: str, colours: Literal["light", "dark"]) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=colours)
    page = Visitor(context.new_page(), url).open("feed_forward?view=train")
    start(page)
    beyond(page, STEPS)
    pause(page)
    transport(page, "main").scroll_into_view_if_needed()
    page.wait_for_timeout(QUIET)
    page.screenshot(path=PICTURES / f"train_{colours}.png")
    context.close()


if __name__ == "__main__":
    sys.exit(main())
