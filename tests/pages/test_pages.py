"""Each page, drawn by Streamlit's own test runner with the real engine behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.engine.client import Client
from explorer.runspec import make_spec
from explorer.ui.header import LABELS
from tests.pages.conftest import everything

Page = Callable[..., AppTest]


def sound(test: AppTest) -> None:
    assert not test.exception
    assert not test.error, [each.value for each in test.error]


@pytest.mark.parametrize("view", [view.value for view in LABELS])
@pytest.mark.parametrize("key", catalog.keys())
def test_every_view_of_every_architecture_is_drawn(page: Page, key: str, view: str) -> None:
    test = page("architecture", key, view=view)
    sound(test)
    assert not test.warning
    assert catalog.get(key).lead[:20] in everything(test)


def test_home_counts_what_is_in_the_catalog(page: Page) -> None:
    test = page("home")
    sound(test)
    assert "networks, from 3 parameters to" in everything(test)


def test_neuron_is_drawn(page: Page) -> None:
    test = page("neuron")
    sound(test)
    assert "A layer is a matrix" in everything(test)


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


def test_turning_to_another_step_changes_the_address(page: Page) -> None:
    test = page("architecture", "perceptron", view="learn")
    test.button(key="step-perceptron-1").click().run()
    sound(test)
    assert "1" in test.query_params["step"]
    assert "learn" in test.query_params["view"]


def test_runs_lists_what_was_trained_and_deletes_it(page: Page, engine: Client) -> None:
    run = engine.start(make_spec(catalog.get("perceptron"), "and", steps=20))
    test = page("runs")
    sound(test)
    assert "Perceptron · AND" in everything(test)
    test.button(key=f"delete-{run}").click().run()
    next(button for button in test.button if button.label == "Delete it").click().run()
    sound(test)
    assert run not in [row.run for row in engine.runs()]
