"""Pages are tested with the real engine: two workers and a data directory of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.engine.client import Client
from explorer.ui import session as sessions


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The engine that the pages under test use."""
    before = dict(os.environ)
    os.environ.update(
        EXPLORER_DATA_DIR=str(tmp_path_factory.mktemp("data")), EXPLORER_WORKERS="2", EXPLORER_DEVICE="cpu",
        EXPLORER_ENGINE="local",
    )  # fmt: skip
    sessions.client.clear()
    engine = sessions.client()
    yield engine
    engine.close()
    sessions.client.clear()
    os.environ.clear()
    os.environ.update(before)


def _page(module: str, key: str) -> None:
    import importlib

    from explorer import catalog
    from explorer.ui.frame import boundary

    with boundary():
        page = importlib.import_module(module)
        page.show(catalog.get(key)) if key else page.show()


@pytest.fixture
def page(engine: Client) -> Callable[..., AppTest]:
    """Return a page that has been drawn once: `page("architecture", "cnn", view="learn")`."""

    def draw(name: str, key: str = "", **params: str) -> AppTest:
        test = AppTest.from_function(_page, default_timeout=60, args=(f"pages.{name}", key))
        for each, value in params.items():
            test.query_params[each] = value
        return test.run()

    return draw


def sound(test: AppTest) -> None:
    assert not test.exception
    assert not test.error, [each.value for each in test.error]


def until(test: AppTest, condition: Callable[[AppTest], bool], seconds: float = 60.0) -> AppTest:
    """Draw the page again until the condition holds."""
    end = time.monotonic() + seconds
    while not condition(test):
        assert time.monotonic() < end, everything(test)
        time.sleep(0.1)
        test.run()
    return test


def everything(test: AppTest) -> str:
    """Return all that the page says in HTML and Markdown."""
    said = [element.proto.body for element in test.get("html")]
    return "\n".join(said + [element.value for element in test.markdown])


ROOT = Path(__file__).parents[2]
