"""Runs in real worker processes, driven as pages drive them."""

from __future__ import annotations

import math
import sys
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer import catalog
from explorer.data import Dataset
from explorer.engine.client import Client
from explorer.engine.errors import UnknownExperiment, UnknownRun
from explorer.engine.messages import (
    Control,
    Edit,
    LensRequest,
    Pause,
    Resume,
    Rewind,
    RunState,
    SetHypers,
    Step,
    Stop,
)
from explorer.runspec import make_spec
from explorer.spec import Outcome, SpecError
from explorer.training.replay import replay

from .conftest import spec, until


def test_a_run_trains_pauses_steps_and_goes_on(client: Client) -> None:
    run = client.start(spec())
    until(client, run, lambda shot: shot.state is RunState.LIVE and shot.step > 5)
    client.control(run, Pause())
    paused = until(client, run, lambda shot: shot.state is RunState.PAUSED)
    client.control(run, Step())
    stepped = until(client, run, lambda shot: shot.step > paused.step)
    assert (stepped.state, stepped.step) == (RunState.PAUSED, paused.step + 1)
    client.control(run, Step(3))
    assert until(client, run, lambda shot: shot.step == paused.step + 4).state is RunState.PAUSED
    client.control(run, Resume())
    until(client, run, lambda shot: shot.state is RunState.LIVE and shot.step > paused.step + 4)
    client.control(run, Stop())
    assert until(client, run, lambda shot: shot.state is RunState.FINISHED).latest["test_accuracy"] > 0


def test_runs_that_go_on_and_are_looked_at_are_counted(client: Client) -> None:
    before = client.watched
    runs = [client.start(spec()) for _ in range(2)]
    for run in runs:
        until(client, run, lambda shot: shot.state is RunState.LIVE)
    assert client.watched == before + 2
    client.control(runs[0], Stop())
    until(client, runs[0], lambda shot: shot.state is RunState.FINISHED)
    assert client.watched <= before + 1  # runs of tests before may have been forgotten meanwhile
    client.control(runs[1], Stop())


def test_a_prepared_run_waits_unseen_until_its_first_step(client: Client) -> None:
    run = client.start(spec(), paused=True)
    waiting = until(client, run, lambda shot: shot.state is RunState.PAUSED)
    assert waiting.step == 0
    assert run not in {row.run for row in client.runs()}
    client.control(run, Step())
    assert until(client, run, lambda shot: shot.step == 1).state is RunState.PAUSED
    end = time.monotonic() + 30  # the history is written a moment after the page is told
    while run not in {row.run for row in client.runs()}:
        assert time.monotonic() < end
        time.sleep(0.02)
    client.abandon(run)
    assert client.snapshot(run).step == 1, "a run that has begun is not given up"
    assert run in {row.run for row in client.runs()}


def test_a_prepared_run_that_is_given_up_leaves_nothing(client: Client) -> None:
    run = client.start(spec(), paused=True)
    until(client, run, lambda shot: shot.state is RunState.PAUSED)
    directory = client.directory(run)
    client.abandon(run)
    end = time.monotonic() + 30
    while directory.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    with pytest.raises(UnknownRun):
        client.snapshot(run)


def test_a_changed_value_is_clamped_marked_and_used(client: Client) -> None:
    run = client.start(spec())
    assert client.control(run, SetHypers({"learning_rate": 0.25})) == ()
    notes = client.control(run, SetHypers({"batch_size": 1000, "colour": 3}))
    shot = until(client, run, lambda shot: len(shot.marks) == 2)
    assert shot.hypers["learning_rate"] == 0.25
    assert shot.hypers["batch_size"] == 64
    assert any("1000" in note and "64" in note for note in notes)
    assert any("colour" in note for note in notes)
    client.delete(run)


def test_what_the_network_does_not_have_is_refused_in_words(client: Client) -> None:
    run = client.start(spec())
    client.control(run, Edit("0.wieght", (0, 0), 1.0))
    shot = until(client, run, lambda shot: bool(shot.message))
    assert "0.weight" in shot.message
    assert shot.state is RunState.LIVE
    with pytest.raises(SpecError, match="finite"):
        client.control(run, Edit("0.weight", (0, 0), math.nan))
    with pytest.raises(SpecError, match="no lens"):
        client.look(run, LensRequest("nonsense"))
    client.delete(run)


def test_unknown_names_are_named(client: Client) -> None:
    with pytest.raises(UnknownRun, match="nobody"):
        client.snapshot("nobody")
    with pytest.raises(UnknownRun):
        client.control("recorded-no-such", Pause())
    with pytest.raises(UnknownExperiment):
        client.experiment_progress("none")
    with pytest.raises(SpecError, match="fragile"):
        client.experiment("fragil", "learns")
    with pytest.raises(SpecError, match="cuda:7"):
        client.start(type(spec())(**{**spec().__dict__, "device": "cuda:7"}))


def test_a_learners_own_points_are_trained_on_and_deleted_with_the_run(client: Client) -> None:
    x = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    own = Dataset(x, (x[:, 0] > 0).astype(np.int64), x[:10], (x[:10, 0] > 0).astype(np.int64), ("no", "yes"), "mine")
    run = client.start(spec(steps=200), upload=own)
    shot = until(client, run, lambda shot: shot.state is RunState.FINISHED)
    assert shot.latest["test_accuracy"] > 0.8
    assert list((client.store.directory / "uploads").iterdir())
    client.delete(run)
    assert not list((client.store.directory / "uploads").iterdir())
    with pytest.raises(UnknownRun):
        client.snapshot(run)


def test_a_lens_looks_at_runs_that_train_and_that_are_over(client: Client) -> None:
    run = client.start(make_spec(catalog.get("feed_forward"), "spirals", steps=100))
    watch = (LensRequest("plane"),)
    while not client.snapshot(run, watch).frames:
        pass
    until(client, run, lambda shot: shot.state is RunState.FINISHED)
    over = client.snapshot(run, watch)
    assert over.frames["plane"].arrays
    client.pool.let_go(run)
    looked = client.look(run, watch[0], timeout=30.0)
    for name, array in over.frames["plane"].arrays.items():
        assert np.array_equal(looked.arrays[name], array), name


def test_the_desk_answers_from_disk_the_second_time(client: Client) -> None:
    first = client.blueprint("cnn", "lenet5-1998")
    assert first.trainable == 60_000
    kept = list((client.store.directory / "blueprints").iterdir())
    assert client.blueprint("cnn", "lenet5-1998") == first
    assert list((client.store.directory / "blueprints").iterdir()) == kept
    assert "nn." in client.source("cnn", "lenet5-1998")
    small = make_spec(catalog.get("feed_forward"), "spirals")
    assert client.small_blueprint(small).parameters > 0
    with pytest.raises(SpecError, match="lenet5-1998"):
        client.blueprint("cnn", "lenet5-1988")


def test_a_fork_goes_its_own_way(client: Client) -> None:
    run = client.start(spec(steps=400))
    until(client, run, lambda shot: shot.state is RunState.FINISHED)
    fork = client.fork(run, 100, {"learning_rate": 0.5})
    shot = until(client, fork, lambda shot: shot.state is RunState.FINISHED)
    assert shot.step == 400
    assert shot.hypers["learning_rate"] == 0.5
    assert client.snapshot(run).hypers["learning_rate"] == 0.1
    assert {row.run: row.parent for row in client.runs()}[fork] == run


def test_a_value_that_is_not_finite_stops_the_run_which_goes_back_and_on(client: Client) -> None:
    run = client.start(spec())
    until(client, run, lambda shot: shot.step > 20)
    client.control(run, SetHypers({"learning_rate": 1e30}))
    shot = until(client, run, lambda shot: shot.state is RunState.DIVERGED)
    assert shot.divergence is not None
    assert shot.divergence.layer in ("0", "3", "")
    client.control(run, Rewind(shot.divergence.safe_step))
    client.control(run, SetHypers({"learning_rate": 0.05}))
    client.control(run, Resume())
    again = until(client, run, lambda shot: shot.state is RunState.LIVE and shot.step > 100)
    assert again.divergence is None
    assert math.isfinite(again.latest["loss"])
    client.delete(run)


def test_thirty_runs_on_two_slots_all_get_their_share(client: Client) -> None:
    runs = [client.start(spec(seed=seed)) for seed in range(30)]
    for run in runs:
        until(client, run, lambda shot: shot.step > 0)
    for run in runs:
        until(client, run, lambda shot: shot.step >= 40)
    seconds = [client.snapshot(run).seconds for run in runs]
    assert max(seconds) < 10 * min(seconds)
    for run in runs:
        client.control(run, Stop())
    for run in runs:
        until(client, run, lambda shot: shot.state is RunState.FINISHED)


def test_a_run_replays_bit_exactly_after_changes_made_while_others_trained(client: Client) -> None:
    neighbours = [client.start(spec(seed=seed)) for seed in range(4)]
    run = client.start(spec(steps=600, seed=9))
    until(client, run, lambda shot: shot.step > 20)
    client.control(run, SetHypers({"dropout": 0.5}))
    client.control(run, Edit("0.weight", (0, 0), 0.75))
    until(client, run, lambda shot: shot.state is RunState.FINISHED)
    assert replay(client.directory(run)).bit_exact
    for neighbour in neighbours:
        client.delete(neighbour)


def test_an_experiment_runs_its_arms_and_is_judged(client: Client) -> None:
    id = client.experiment("fragile", "learns", seeds=2)
    while (progress := client.experiment_progress(id)).verdict is None:
        assert not progress.message
    assert (progress.done, progress.total, progress.right) == (4, 4, 0)
    assert progress.verdict.outcome is Outcome.HOLDS
    assert [(one.arm, one.seed) for one in progress.measured] == [
        ("still", 0), ("moving", 0), ("still", 1), ("moving", 1),
    ]  # fmt: skip
    assert not any(row.experiment for row in client.runs())


def test_an_experiment_whose_arm_fails_says_so(client: Client) -> None:
    id = client.experiment("fragile", "broken")
    while not (progress := client.experiment_progress(id)).message:
        assert progress.verdict is None
    assert "fell over" in progress.message


CONTROLS = st.one_of(
    st.just(Pause()),
    st.just(Resume()),
    st.builds(Step, st.integers(-5, 5000)),
    st.builds(Rewind, st.integers(-10, 10_000)),
    st.builds(
        lambda name, value: SetHypers({name: value}),
        st.sampled_from(("learning_rate", "batch_size", "dropout", "nothing")),
        st.one_of(st.floats(0, 1), st.integers(), st.text(max_size=5), st.booleans()),
    ),
    st.builds(Edit, st.sampled_from(("0.weight", "3.bias", "x")), st.tuples(st.integers(-2, 9)), st.floats(-2, 2)),
)


@pytest.fixture(scope="module")
def played(client: Client) -> str:
    return client.start(spec())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(controls=st.lists(CONTROLS, max_size=6))
def test_no_sequence_of_controls_breaks_a_run_or_leaves_its_ranges(
    client: Client, played: str, controls: list[Control]
) -> None:
    for control in controls:
        client.control(played, control)
    shot = until(client, played, lambda shot: not client.pool.find(played).pending)  # type: ignore[union-attr]
    assert shot.state in (RunState.LIVE, RunState.PAUSED, RunState.WAITING, RunState.DIVERGED)
    task = catalog.get("fragile").task("points")
    for name, value in shot.hypers.items():
        assert task.hyper(name).check(value) == value


def test_the_web_process_does_not_need_torch() -> None:
    import subprocess

    code = "import sys; import explorer.engine.client; print('torch' in sys.modules, 'streamlit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
