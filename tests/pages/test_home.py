"""Home: what it counts, which machine it names, its thumbnails, and the way back to the last run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.engine.client import Client
from explorer.engine.messages import DeviceInfo
from explorer.runspec import make_spec
from explorer.spec import Kind
from explorer.ui import home
from explorer.ui.miniatures import MOST_BARS, bars
from explorer.ui.session import KEY, Session
from tests.pages.conftest import everything, sound, until

Page = Callable[..., AppTest]


def test_it_counts_what_is_in_the_catalog(page: Page) -> None:
    test = page("home")
    sound(test)
    assert home.title(catalog.cards()) in everything(test)
    assert "networks, from 3 parameters to" in home.title(catalog.cards())


def test_the_line_about_the_workers_turns_into_the_devices_by_itself(page: Page) -> None:
    test = until(page("home"), lambda test: "On this machine:" in everything(test))
    sound(test)
    assert "The workers are starting" not in everything(test)


def test_workers_that_never_answered_are_not_waited_for_for_ever() -> None:
    assert home.machine((), said=False) == "The workers are starting …"
    assert "log says why" in home.machine((), said=True)


def test_an_accelerator_is_named() -> None:
    found = (DeviceInfo("cuda:0", "cuda", "A small card", 8 << 30, 0), DeviceInfo("cpu", "cpu", "CPU", 0, 0))
    assert home.devices_line(found).endswith(", A small card")


def test_an_unknown_order_is_answered_with_those_there_are(page: Page) -> None:
    test = page("home", order="colour")
    sound(test)
    assert any("colour" in each.value and "family, year, size" in each.value for each in test.warning)


def test_a_run_that_was_left_can_be_continued(page: Page, engine: Client) -> None:
    run = engine.start(make_spec(catalog.get("perceptron"), "and", steps=20))
    test = page("home")
    test.session_state[KEY] = Session(last_run=("perceptron", "and", run))
    test.run()
    sound(test)
    assert test.button(key="continue").label.startswith("Continue: Perceptron, step")
    engine.delete(run)
    test.run()
    sound(test)
    assert not any(button.label.startswith("Continue") for button in test.button)
    assert test.session_state[KEY].last_run is None


@pytest.mark.parametrize("key", catalog.keys())
def test_a_thumbnail_is_true_to_the_blueprint(engine: Client, key: str) -> None:
    blueprint = engine.blueprint(key, catalog.get(key).usual.id)
    drawn = bars(blueprint)
    assert drawn[0].kind is Kind.RESHAPE
    assert 2 <= len(drawn) <= MOST_BARS
    assert {bar.kind for bar in drawn[1:]} <= {node.kind for node in blueprint.nodes}
    assert all(0 < bar.height <= 1 and 0 < bar.width <= 1 for bar in drawn)


def test_layers_side_by_side_are_one_bar(engine: Client) -> None:
    """C3 of LeNet-5 is sixteen small convolutions beside each other: one layer of sixteen maps."""
    drawn = bars(engine.blueprint("cnn", "lenet5-1998"))
    kinds = [bar.kind for bar in drawn[1:]]
    convolution, pooling = Kind.CONVOLUTION, Kind.POOLING
    assert kinds[:5] == [convolution, pooling, convolution, pooling, convolution]
    assert drawn[1].width < drawn[3].width < drawn[5].width  # 6, 16 and 120 maps
    assert drawn[1].height > drawn[3].height > drawn[5].height  # 28, 10 and 1 wide


def test_small_dense_layers_say_how_many_units_they_have(engine: Client) -> None:
    drawn = bars(engine.blueprint("perceptron", catalog.get("perceptron").variants[0].id))
    assert [bar.units for bar in drawn] == [2, 1]
