from __future__ import annotations

import errno
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer import catalog
from explorer.engine.messages import Edit, Pause, Resume, RunState, SetHypers, Step, Stop
from explorer.spec import RunSpec, SpecError
from explorer.training import checkpoint
from explorer.training.curves import LIMIT, SCORE_EVERY, SCORED_FIRST
from explorer.training.run import Run

from .states import state_of, steps

MakeRun = Callable[..., Run]


def test_pause_step_and_resume(make_run: MakeRun) -> None:
    run = make_run()
    assert run.state is RunState.WAITING
    steps(run, 3)
    assert run.state is RunState.LIVE
    run.apply(Pause())
    assert not run.advance()
    run.apply(Step(2))
    assert (run.advance(), run.advance(), run.advance()) == (True, True, False)
    assert (run.state, run.step) == (RunState.PAUSED, 5)
    run.apply(Resume())
    assert run.advance()


def test_a_batch_is_scored_at_first_and_then_now_and_then(make_run: MakeRun) -> None:
    run = steps(make_run(), SCORED_FIRST + 3 * SCORE_EVERY + 1)
    series = run.curves.series()
    every = list(range(1, SCORED_FIRST + 1))
    later = [SCORED_FIRST + each * SCORE_EVERY for each in (1, 2, 3)]
    assert series["accuracy"].steps.tolist() == every + later
    assert series["loss"].steps.tolist() == list(range(1, run.step + 1))
    run.apply(Step(1))
    steps(run, 1)
    assert run.curves.series()["accuracy"].steps[-1] == run.step, "a step by hand counts"
    run.apply(Resume())
    steps(run, 2 * LIMIT)
    assert run.step - run.curves.series()["accuracy"].steps[-1] <= 2 * SCORE_EVERY, "however thin the points lie"


def test_stop_scores_the_network_and_ends(make_run: MakeRun) -> None:
    run = steps(make_run(), 3)
    run.apply(Stop())
    assert (run.state, run.advance()) == (RunState.FINISHED, False)
    assert "test_accuracy" in run.curves.latest
    with pytest.raises(SpecError, match="finished"):
        run.apply(SetHypers({"momentum": 0.5}))
    run.apply(Resume())
    assert run.state is RunState.FINISHED


def test_the_last_step_is_measured_by_the_probe(make_run: MakeRun) -> None:
    run = make_run(steps=7, probe="weight_norm")
    while run.advance():
        pass
    assert (run.step, run.state) == (7, RunState.FINISHED)
    assert run.curves.latest["weight_norm"] == pytest.approx(float(run.trainer.model[0].weight.detach().norm()))  # type: ignore[index]
    assert Run.open(run.directory).curves.latest["weight_norm"] == run.curves.latest["weight_norm"]


def test_a_change_leaves_a_mark_in_words(make_run: MakeRun) -> None:
    run = steps(make_run(learning_rate=0.003), 4)
    mark = run.apply(SetHypers({"learning_rate": 0.012}))
    assert mark is not None
    assert (mark.step, mark.text) == (4, "learning rate 0.003 → 0.012")
    both = run.apply(SetHypers({"learning_rate": 0.012, "momentum": 0.9, "batch_size": 32}))
    assert both is not None
    assert both.text == "momentum 0 → 0.9, batch size 10 → 32"
    assert run.apply(SetHypers({"momentum": 0.9})) is None
    assert len(run.journal.marks) == 2


def test_an_edit_writes_one_number(make_run: MakeRun) -> None:
    run = make_run()
    before = run.trainer.model[0].weight.detach().clone()  # type: ignore[index]
    mark = run.apply(Edit("0.weight", (2, 1), -1.5))
    assert mark is not None
    assert mark.text.startswith("0.weight[2, 1] ")
    assert mark.text.endswith(" → −1.5")
    before[2, 1] = -1.5
    assert torch.equal(run.trainer.model[0].weight, before)  # type: ignore[index]


@pytest.mark.parametrize(
    ("control", "message"),
    [
        (SetHypers({"learning_rat": 0.1}), "did you mean 'learning_rate'"),
        (SetHypers({"momentum": 2.0}), r"momentum = 2.0 is outside 0.0 … 0.99"),
        (SetHypers({"momentum": math.nan}), "momentum"),
        (SetHypers({"momentum": 0.5, "batch_size": 0}), "batch_size"),
        (Edit("0.wieght", (0, 0), 1.0), "did you mean '0.weight'"),
        (Edit("0.weight", (0, 2), 1.0), r"has shape \(8, 2\)"),
        (Edit("0.weight", (-1, 0), 1.0), r"\[-1, 0\] is not a place"),
        (Edit("0.weight", (0,), 1.0), "is not a place"),
        (Edit("0.weight", (0, 0), math.inf), "expected a finite number"),
    ],
)
def test_what_the_card_refuses_changes_nothing(make_run: MakeRun, control: SetHypers | Edit, message: str) -> None:
    run = steps(make_run(), 3)
    before = state_of(run)
    with pytest.raises(SpecError, match=message):
        run.apply(control)
    assert state_of(run) == before
    assert run.journal.marks == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_settings_within_their_ranges_train_and_replay_from_a_checkpoint(
    make_run: MakeRun, tmp_path: Path, data: st.DataObject
) -> None:
    task = catalog.get("tiny").task("two")
    run = make_run(f"run{len(list(tmp_path.iterdir()))}")
    for _ in range(3):
        hyper = data.draw(st.sampled_from(task.hypers))
        low, high = float(hyper.minimum or 0), min(float(hyper.maximum or 0), 1e3)
        number = st.integers(int(low), int(high)) if isinstance(hyper.default, int) else st.floats(low, high)
        value = data.draw(number)
        run.apply(SetHypers({hyper.name: value}))
        assert run.trainer.hypers[hyper.name] == value
        for _ in range(2):
            run.advance()
    if run.state is RunState.DIVERGED:
        return
    run.checkpoint()
    assert state_of(Run.open(run.directory)) == state_of(run)


def test_a_snapshot_tells_all(make_run: MakeRun) -> None:
    run = steps(make_run(), 30)
    run.evaluate()
    seen = run.snapshot()
    assert (seen.run, seen.step, seen.state) == ("run", 30, RunState.LIVE)
    assert seen.epoch == pytest.approx(3.0)
    assert seen.series["loss"].steps.tolist() == list(range(1, 31))
    assert set(seen.latest) == {"loss", "accuracy", "test_loss", "test_accuracy"}
    assert seen.rewindable == (0,)
    assert seen.memory_bytes > 0
    assert 0 < seen.seconds < 10


def test_layer_statistics_are_those_of_a_step(make_run: MakeRun) -> None:
    run = steps(make_run(), 1)
    stats = {each.path: each for each in run.snapshot().layers}
    assert list(stats) == ["0", "1", "2", "4"]
    layer = run.trainer.model[4]  # type: ignore[index]
    norm = torch.cat([layer.weight.grad.flatten(), layer.bias.grad.flatten()]).norm()
    assert stats["4"].gradient_norm == pytest.approx(float(norm))
    assert math.isnan(stats["2"].gradient_norm)
    assert 0 <= stats["2"].dead_share <= 1
    assert math.isnan(stats["0"].dead_share)
    assert not run.trainer.model[0]._forward_hooks  # type: ignore[index]


def test_dead_units_are_counted(make_run: MakeRun) -> None:
    run = make_run()
    with torch.no_grad():
        run.trainer.model[1].bias[:6] = -100.0  # type: ignore[index]
    steps(run, 1)
    assert {each.path: each.dead_share for each in run.layer_stats()}["2"] == pytest.approx(6 / 8)


def test_watching_does_not_change_what_is_learnt(make_run: MakeRun) -> None:
    watched, alone = make_run("watched", dropout=0.5), make_run("alone", dropout=0.5)
    for _ in range(30):
        steps(watched, 1)
        watched._measure_next = True
        watched.snapshot()
        watched.evaluate()
    assert state_of(watched) == state_of(steps(alone, 30))


def test_evaluations_wait_until_they_are_cheap(make_run: MakeRun) -> None:
    run = steps(make_run(), 1)
    run.seconds = 0.0
    assert not run.evaluate_if_due()
    run.seconds = 1.0
    assert run.evaluate_if_due()
    assert not run.evaluate_if_due()


def test_a_full_disk_is_said_and_training_goes_on(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run, save = steps(make_run(), 2), checkpoint.save

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save", full)
    run._dues.checkpoint = run._dues.next = 0.0
    steps(run, 2)
    assert "No space left on device" in run.snapshot().message
    monkeypatch.setattr(checkpoint, "save", save)
    run._dues.checkpoint = run._dues.next = 0.0
    steps(run, 1)
    assert (run.snapshot().message, run.checkpoints) == ("", (0, 5))


def test_a_change_that_cannot_be_journalled_is_not_made(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = steps(make_run(), 2)
    monkeypatch.setattr(run.journal, "_path", run.directory / "nowhere" / "journal.jsonl")
    with pytest.raises(OSError, match="nowhere"):
        run.apply(SetHypers({"momentum": 0.5}))
    assert run.trainer.hypers["momentum"] == 0.0


def test_the_specification_survives_its_file(tmp_path: Path) -> None:
    from explorer.training import records

    spec = RunSpec("tiny", "two", 2**40, "cpu", {"widths": (8, 4), "on": True}, {"lr": 0.1}, {"n": 3}, "u", 5, "p")
    records.write(spec, tmp_path, None)
    assert records.read(tmp_path) == spec


def test_the_same_seed_gives_the_same_weights_and_another_does_not(make_run: MakeRun) -> None:
    one, same, other = make_run("one"), make_run("same"), make_run("other", seed=1)
    assert state_of(one) == state_of(same)
    weights = [run.trainer.model[0].weight.detach().numpy() for run in (one, other)]  # type: ignore[index]
    assert not np.array_equal(*weights)
