from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.blueprint import layer_name
from explorer.engine.messages import (
    Edit,
    Json,
    LayerStats,
    Mark,
    Pause,
    Resume,
    Rewind,
    RunState,
    Series,
    SetHypers,
    Snapshot,
)
from explorer.runspec import make_spec
from explorer.spec import Hyper, Scale, SpecError
from explorer.ui import train_drawing, train_graph
from explorer.ui.session import client
from explorer.ui.train import refresh_of
from explorer.ui.train_controls import log_stops, takes_points
from explorer.ui.train_curves import curves_data
from explorer.ui.train_prepared import Prepared


@pytest.fixture(autouse=True, scope="module")
def engine_of_its_own() -> Iterator[None]:
    """These tests share one engine, which is closed with its worker processes at the end."""
    client.clear()  # type: ignore[attr-defined]
    yield
    client().close()
    client.clear()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("watched", "seconds"), [(0, 0.2), (1, 0.2), (10, 0.2), (11, 0.4), (30, 0.6)])
def test_pages_of_a_crowd_refresh_less_often(watched: int, seconds: float) -> None:
    assert refresh_of(watched) == pytest.approx(seconds)


def view(key: str, run: str) -> None:
    from dataclasses import replace

    from explorer import catalog
    from explorer.ui import session, train

    address = session.address(catalog.get(key))
    train.show(catalog.get(key), replace(address, run=address.run or run))


def prepared(app: AppTest, key: str) -> Prepared:
    """The run that waits for this visitor."""
    session = app.session_state["explorer"]
    return session.panel(Prepared, f"{key}/{catalog.get(key).tasks[0].key}")


def until(run: str, wanted: Callable[[Snapshot], bool]) -> Snapshot:
    """Poll until the snapshot is as wanted; the limit only keeps a broken engine from hanging a test."""
    end = time.monotonic() + 60
    while not wanted(snapshot := client().snapshot(run)):
        assert time.monotonic() < end, f"still {snapshot.state} at step {snapshot.step}: {snapshot.message}"
        time.sleep(0.02)
    return snapshot


def page(key: str, run: str = "") -> AppTest:
    return AppTest.from_function(view, kwargs={"key": key, "run": run}, default_timeout=90).run()


def drawn(app: AppTest) -> str:
    return " ".join(html.proto.body for html in app.get("html"))


@pytest.mark.parametrize("key", ["perceptron", "feed_forward", "cnn"])
def test_before_training_the_view_shows_the_network_at_step_0_and_says_what_to_do(key: str) -> None:
    app = page(key)
    assert not app.exception
    assert "Nothing trained yet" in drawn(app)
    labels = {each.label for each in (*app.slider, *app.select_slider, *app.number_input)}
    assert {"Learning rate", "Seed"} <= labels
    run = prepared(app, key).run
    until(run, lambda shot: shot.state is RunState.PAUSED)
    assert run not in {row.run for row in client().runs()}, "it is no part of the history"
    app.run()
    assert "this is how the network starts" in drawn(app)
    assert prepared(app, key).run == run


def test_other_choices_prepare_another_network_and_drop_the_one_before() -> None:
    app = page("feed_forward")
    before = prepared(app, "feed_forward").run
    until(before, lambda shot: shot.state is RunState.PAUSED)
    app.number_input(key="seed_feed_forward").set_value(7).run()
    app.run()
    after = prepared(app, "feed_forward")
    assert after.spec is not None
    assert (after.spec.seed, after.run != before) == (7, True)
    end = time.monotonic() + 30
    while (client().store.run_directory(before)).exists():
        assert time.monotonic() < end
        time.sleep(0.02)


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
    run = client().start(make_spec(catalog.get("perceptron")))
    until(run, lambda shot: shot.step >= 3)
    client().control(run, Pause())
    step = until(run, lambda shot: shot.state is RunState.PAUSED).step
    app = page("perceptron", run)
    slider = next(each for each in app.select_slider if each.label == "Learning rate")
    slider.set_value(0.5).run()
    assert not app.exception
    marks = until(run, lambda shot: bool(shot.marks)).marks
    assert [(mark.step, mark.text) for mark in marks] == [(step, "learning rate 0.1 → 0.5")]
    app.run()
    assert f"you changed this at step {step:,}" in drawn(app)
    client().delete(run)


def test_a_diverged_run_names_layer_and_step_and_goes_back_with_half_the_rate() -> None:
    spec = make_spec(catalog.get("feed_forward"), "spirals", {"activation": "relu"}, {"learning_rate": 1.0})
    run = client().start(spec, paused=True)
    client().control(run, Edit("output.weight", (0, 0), 3e38))
    client().control(run, Resume())
    found = until(run, lambda shot: shot.state is RunState.DIVERGED).divergence
    assert found is not None
    app = page("feed_forward", run)
    assert f"at step {found.step:,}" in drawn(app)
    assert layer_name(found.layer) in drawn(app)
    next(button for button in app.button if "halve" in button.label).click().run()
    assert not app.exception
    back = until(run, lambda shot: shot.hypers["learning_rate"] == 0.5)
    assert any(isinstance(mark.control, Rewind) for mark in back.marks)
    client().delete(run)


def test_layers_have_names_that_people_read() -> None:
    assert layer_name("features.stage1.conv") == "stage 1 · convolution"
    assert layer_name("hidden.0.linear") == "hidden layer 1 · linear"
    assert layer_name("fc") == "output layer"
    assert layer_name("rosenblatt.sum") == "rosenblatt · sum"
    assert layer_name("stages.0.conv1") == "stage 1 · conv1"
    assert layer_name("dense.fc4.linear", 2) == "fc4 · linear"
    assert layer_name("fire2.expand1x1") == "fire 2 · expand 1×1"
    assert layer_name("") == "the network"


def test_only_a_task_that_learns_from_own_points_takes_them() -> None:
    takers = {task.key for task in catalog.get("feed_forward").tasks if takes_points(task)}
    assert takers == {"own"}


def test_a_drawing_sent_by_the_browser_is_read_with_care() -> None:
    (stroke,) = train_drawing.strokes_of([[[0, 1], [9, -0.5]], []])
    assert stroke.tolist() == [[0.0, 1.0], [train_drawing.SPAN, -0.5]]
    many: list[Json] = [[0, 0] for _ in range(4001)]
    strokes: list[Json] = [[] for _ in range(61)]
    refused: list[Json] = [None, "lines", [1], [[[0]]], [[[0, "x"]]], [[[0, math.nan]]], strokes, [many]]
    for each in refused:
        with pytest.raises(SpecError):
            train_drawing.strokes_of(each)


def test_what_is_drawn_is_what_the_next_run_learns_from() -> None:
    card = catalog.get("gan")
    (task,) = [each for each in card.tasks if train_drawing.takes_lines(each)]
    here = train_drawing.Drawing()
    sent = {"id": 1.0, "strokes": [[[-2, 0], [2, 0]], [[0, 1], [0, 2]]]}
    assert train_drawing._take(here, sent, "shown")
    assert (here.during, here.refused, len(here.strokes)) == ("shown", "", 2)
    assert here.dataset is not None
    assert np.abs(here.dataset.test_inputs[:, 0]).max() == pytest.approx(2, abs=0.02)
    assert not train_drawing._take(here, sent, ""), "heard once"
    assert train_drawing._take(here, {"id": 2.0, "strokes": [[[0, 0], [0.1, 0]]]}, "")
    assert "0.1 long" in here.refused
    assert len(here.strokes) == 2
    assert task.inside


def series(*values: float) -> Series:
    return Series(np.arange(len(values), dtype=np.int32), np.array(values, np.float32))


@pytest.fixture
def make_snapshot() -> Callable[..., Snapshot]:
    def make(key: str, **curves: Series) -> Snapshot:
        mark = Mark(1, SetHypers({"learning_rate": 0.1}), "learning rate 0.01 → 0.1")
        return Snapshot("r", make_spec(catalog.get(key)), RunState.LIVE, 3, 0.1, 10, 0.1, {}, curves, (mark,), (), {})

    return make


def test_several_held_out_figures_in_one_panel_are_told_apart(make_snapshot: Callable[..., Snapshot]) -> None:
    for panel in curves_data(catalog.get("overfeat").tasks[0], make_snapshot("overfeat"), {})["panels"]:
        labels = [line["label"] for line in panel["series"]]
        assert len(labels) == len(set(labels)), labels


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
    ghosts = loss["ghosts"]
    assert isinstance(ghosts, list)
    assert len(ghosts) == 1
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
