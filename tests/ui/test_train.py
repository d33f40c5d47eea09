from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.engine.messages import LayerStats, Mark, RunState, Series, SetHypers, Snapshot
from explorer.runspec import make_spec
from explorer.spec import Hyper, Scale
from explorer.ui import train_graph
from explorer.ui.session import client
from explorer.ui.train_controls import log_stops
from explorer.ui.train_curves import curves_data


@pytest.fixture(autouse=True, scope="module")
def engine_of_its_own() -> Iterator[None]:
    """These tests share one engine, which is closed with its worker processes at the end."""
    client.clear()  # type: ignore[attr-defined]
    yield
    client().close()
    client.clear()  # type: ignore[attr-defined]


def view(key: str, run: str) -> None:
    from explorer import catalog
    from explorer.ui import train
    from explorer.ui.address import Address, View

    card = catalog.get(key)
    train.show(card, Address(View.TRAIN, card.variants[0].id, card.tasks[0].key, run))


def page(key: str, run: str = "") -> AppTest:
    return AppTest.from_function(view, kwargs={"key": key, "run": run}, default_timeout=90).run()


@pytest.mark.parametrize("key", ["perceptron", "feed_forward", "cnn"])
def test_before_training_the_view_says_what_to_do(key: str) -> None:
    app = page(key)
    assert not app.exception
    assert any("Press Train" in html.proto.body for html in app.get("html"))
    labels = {each.label for each in (*app.slider, *app.select_slider, *app.number_input)}
    assert {"Learning rate", "Seed"} <= labels


def test_an_unknown_run_is_named_and_the_view_goes_on() -> None:
    app = page("feed_forward", "nosuchrun")
    assert not app.exception
    assert any("nosuchrun" in warning.value for warning in app.warning)


def test_wrong_widths_are_said_and_not_taken() -> None:
    app = page("feed_forward")
    app.text_input[0].set_value("8-x").run()
    assert not app.exception
    assert any("8-x" in error.value for error in app.error)


def test_a_run_turned_while_it_trains_says_when() -> None:
    card = catalog.get("perceptron")
    run = client().start(make_spec(card, steps=50))
    app = page("perceptron", run)
    assert not app.exception


def series(*values: float) -> Series:
    return Series(np.arange(len(values), dtype=np.int32), np.array(values, np.float32))


@pytest.fixture
def make_snapshot() -> Callable[..., Snapshot]:
    def make(key: str, **curves: Series) -> Snapshot:
        mark = Mark(1, SetHypers({"learning_rate": 0.1}), "learning rate 0.01 → 0.1")
        return Snapshot("r", make_spec(catalog.get(key)), RunState.LIVE, 3, 0.1, 10, 0.1, {}, curves, (mark,), (), {})

    return make


def test_losses_share_a_panel_and_scores_another(make_snapshot: Callable[..., Snapshot]) -> None:
    snapshot = make_snapshot("feed_forward", loss=series(1, 2), test_loss=series(3), accuracy=series(0.5))
    data = curves_data(catalog.get("feed_forward").tasks[0], snapshot, {"loss": series(9, 8)})
    panels = data["panels"]
    assert isinstance(panels, list)
    assert len(panels) == 2
    loss, score = panels
    assert isinstance(loss, dict)
    assert isinstance(score, dict)
    assert [each["label"] for each in loss["series"]] == ["training", "test"]  # type: ignore[union-attr,index,call-overload]
    assert len(loss["ghosts"]) == 1
    assert score["percent"] is True
    assert score["target"] == {"label": "the page's target: 95\u2009% on test", "value": 0.95}
    assert data["marks"] == [{"step": 1, "text": "learning rate 0.01 → 0.1"}]


def test_log_sliders_hold_ends_default_and_value() -> None:
    rate = Hyper("learning_rate", "learning rate", 0.003, 1e-5, 1.0, scale=Scale.LOG)
    stops = log_stops(rate, 0.0123)
    assert stops[0] == 1e-5
    assert stops[-1] == 1.0
    assert {0.003, 0.0123} <= set(stops)
    assert list(stops) == sorted(stops)
    decay = log_stops(Hyper("weight_decay", "weight decay", 0.0, 0.0, 10.0, scale=Scale.LOG), 0.0)
    assert decay[0] == 0.0
    batch = log_stops(Hyper("batch_size", "batch size", 32, 1, 512, 1, scale=Scale.LOG), 48)
    assert all(isinstance(each, int) for each in batch)
    assert 48 in batch
    assert 512 in batch


def test_overlays_place_figures_and_leave_out_what_means_nothing() -> None:
    layers = (
        LayerStats("a", 10.0, 0.5, math.nan),
        LayerStats("b", 1e-4, 0.25, 0.5),
        LayerStats("c", math.nan, 0.1, 0.0),
    )
    gradient = train_graph.overlay("gradient norm", layers)
    assert {path: each.value for path, each in gradient.layers.items()} == pytest.approx({"a": 1.0, "b": 0.0})
    assert train_graph.overlay("activation", layers).layers["b"].value == pytest.approx(0.5)
    assert set(train_graph.overlay("dead units", layers).layers) == {"b", "c"}
