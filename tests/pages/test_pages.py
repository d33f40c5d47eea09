"""Each page, drawn by Streamlit's own test runner with the real engine behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.ui.header import LABELS
from tests.pages.conftest import everything, sound

Page = Callable[..., AppTest]


@pytest.mark.parametrize("view", [view.value for view in LABELS])
@pytest.mark.parametrize("key", catalog.keys())
def test_every_view_of_every_architecture_is_drawn(page: Page, key: str, view: str) -> None:
    test = page("architecture", key, view=view)
    sound(test)
    assert not test.warning
    assert catalog.get(key).lead[:20] in everything(test)


@pytest.mark.parametrize(
    ("part", "asked", "right"),
    [("variant", "lenet5-modem", "lenet5-modern"), ("view", "lern", "learn"), ("task", "mnits", "mnist")],
)
def test_a_wrong_name_in_the_address_is_answered_with_the_right_one(
    page: Page, part: str, asked: str, right: str
) -> None:
    test = page("architecture", "cnn", **{part: asked})
    sound(test)
    assert any(right in each.value for each in test.warning)


def test_an_unknown_run_in_the_address_is_said(page: Page) -> None:
    test = page("architecture", "cnn", run="nothere")
    sound(test)
    assert any("nothere" in each.value for each in test.warning)
