"""How an echo state network finds its read-out, and what its live settings do."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer import catalog
from explorer.architectures.esn import probes
from explorer.architectures.esn.drawing import Drawn, Scaling, radius_of, weights_of
from explorer.architectures.esn.model import SmallESN
from explorer.architectures.esn.training import ONLINE, EchoTrainer
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value
from explorer.training import checkpoint
from explorer.training.factory import make_trainer
from explorer.training.randomness import Randomness

CPU = torch.device("cpu")
MORE_RIDGE = 1e-4  # at which float64 holds both ways of solving to many digits


def trainer_of(task: str = "sunspots", units: int = 40, seed: int = 0, **hypers: Value) -> EchoTrainer:
    torch.manual_seed(seed)
    made = make_trainer(make_spec(catalog.get("esn"), task, knobs={"units": units}, hypers=hypers, seed=seed), CPU)
    assert isinstance(made, EchoTrainer)
    return made


def learn_all(trainer: EchoTrainer) -> EchoTrainer:
    while trainer.position < len(trainer.series) - 1:
        trainer.train_step()
    return trainer


def weights(trainer: EchoTrainer) -> np.ndarray:
    return trainer.network.readout.W_out.weight.detach().numpy()[0].copy()


def by_hand(trainer: EchoTrainer) -> np.ndarray:
    """The states written down in numpy, and the least squares of the stacked equations, which know no Gram matrix."""
    body = trainer.network.reservoir
    assert body.W_in is not None
    around, into = body.W.weight.numpy(), body.W_in.weight.numpy()
    x, states, series = np.zeros(len(around)), [], trainer.series.numpy()
    for value in series[:-1]:
        x = (1 - body.leak) * x + body.leak * np.tanh(into @ [value, 1.0] + around @ x)
        states.append(x)
    washout = len(series) // 10
    known, wanted = np.array(states[washout:]), series[washout + 1 :]
    ridge = math.sqrt(float(str(trainer.hypers["ridge"]))) * np.eye(known.shape[1])
    stacked = np.concatenate([known, ridge]), np.concatenate([wanted, np.zeros(known.shape[1])])
    return np.linalg.lstsq(*stacked, rcond=None)[0]


@pytest.mark.parametrize("values", [5, 37, 3000])
@pytest.mark.parametrize("method", ["ridge regression", ONLINE])
def test_both_ways_come_to_the_solution_of_the_least_squares(method: str, values: int) -> None:
    trainer = learn_all(trainer_of(method=method, values_a_step=values, ridge=MORE_RIDGE, leak=0.7))
    assert weights(trainer) == pytest.approx(by_hand(trainer), rel=1e-4, abs=1e-5)


def test_what_is_heard_again_changes_nothing_of_the_ridge_solution() -> None:
    trainer = learn_all(trainer_of(values_a_step=50))
    found = weights(trainer)
    for _ in range(7):
        assert math.isfinite(float(trainer.train_step()["loss"]))
    assert np.array_equal(weights(trainer), found)


@pytest.mark.parametrize("method", ["ridge regression", ONLINE])
@pytest.mark.parametrize(
    ("name", "value"),
    [("spectral_radius", 0.6), ("leak", 0.4), ("density", 0.5), ("input_scale", 0.8), ("ridge", 0.01)],
)
def test_a_change_hears_all_again_as_if_it_had_been_so_from_the_start(name: str, value: float, method: str) -> None:
    changed = trainer_of(values_a_step=60, method=method)
    for _ in range(2):
        changed.train_step()
    before = weights(changed)
    changed.set_hypers({name: value})
    fresh = trainer_of(values_a_step=120, method=method)
    fresh.set_hypers({name: value})
    fresh.train_step()
    assert weights(changed) == pytest.approx(weights(fresh), rel=1e-6, abs=1e-9)
    assert not np.allclose(weights(changed), before)
    changed.set_hypers({name: changed.task.hyper(name).default})
    assert weights(changed) == pytest.approx(before, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("method", ["ridge regression", ONLINE])
def test_a_checkpoint_goes_on_to_the_last_bit(method: str) -> None:
    trainer, other, chance = trainer_of(method=method), trainer_of(method=method), Randomness(0, CPU)
    for _ in range(50):  # into the second time through
        trainer.train_step()
    checkpoint.restore(checkpoint.capture(50, trainer, chance), other, chance)
    for _ in range(3):
        assert float(trainer.train_step()["loss"]) == float(other.train_step()["loss"])
    assert np.array_equal(weights(trainer), weights(other))
    assert trainer.evaluate() == other.evaluate()


def test_old_values_count_less_with_forgetting() -> None:
    kept, forgetful = (learn_all(trainer_of(method=ONLINE, forgetting=each)) for each in (1.0, 0.95))
    assert not np.allclose(weights(kept), weights(forgetful))
    assert np.isfinite(weights(forgetful)).all()


@pytest.mark.parametrize(("radius", "density"), [(0.5, 0.05), (1.3, 1.0)])
def test_the_reservoir_has_the_radius_and_the_density_asked_for(radius: float, density: float) -> None:
    drawn = Drawn.of(120, seed=1)
    scaling = Scaling(radius, density, leak=1.0, input_scale=0.5)
    around, into = weights_of(drawn, scaling, radius_of(drawn.sparse(density)))
    assert float(torch.linalg.eigvals(around).abs().max()) == pytest.approx(radius)
    assert float((around != 0).double().mean()) == pytest.approx(density, abs=0.01)
    assert 0.45 < float(into.abs().max()) <= 0.5


def test_a_reservoir_without_a_loop_is_refused_with_a_density_that_has_one() -> None:
    drawn = Drawn.of(10, seed=0)
    with pytest.raises(SpecError, match=r"density = 0.01 .* Try 1"):
        weights_of(drawn, Scaling(0.9, 0.01, 1.0, 0.5), radius_of(drawn.sparse(0.01)))


def test_running_alone_means_hearing_ones_own_answers() -> None:
    trainer = learn_all(trainer_of("mackey_glass", 60, values_a_step=3000))
    found = trainer.forecast(3)
    heard, told = trainer.test[0][3:4], []
    with torch.no_grad():
        for _ in range(3):
            told.append(float(trainer.network(heard)[0, -1, 0]))
            heard = torch.cat([heard, torch.tensor([[[told[-1]]]], dtype=heard.dtype)], 1)
    assert found.free[:3].tolist() == pytest.approx(told, rel=1e-6)
    assert found.one_step[-1].item() == pytest.approx(told[0], rel=1e-6)


def test_the_scores_are_those_of_the_futures() -> None:
    trainer = learn_all(trainer_of("mackey_glass", 60, values_a_step=3000))
    told = torch.stack([trainer.forecast(n).free for n in range(len(trainer.future))])
    last = (told[:, -1] - trainer.future[:, -1]).square().mean().sqrt() / trainer.future.std(correction=0)
    assert trainer.evaluate()["test_nrmse_last"] == pytest.approx(float(last), rel=1e-4)


def test_nothing_of_the_reservoir_is_learnt() -> None:
    trainer = trainer_of()
    before = {name: each.clone() for name, each in trainer.network.reservoir.state_dict().items()}
    learn_all(trainer)
    assert all(torch.equal(each, before[name]) for name, each in trainer.network.reservoir.state_dict().items())
    learnt = [name for name, each in trainer.network.named_parameters() if each.requires_grad]
    assert learnt == ["readout.W_out.weight"]


def test_memory_capacity_of_a_delay_line_is_its_length() -> None:
    """A reservoir that only passes its input on, from unit to unit, recalls exactly as many steps as it has units."""
    trainer = trainer_of(units=20)
    net = trainer.model
    assert isinstance(net, SmallESN)
    assert net.reservoir.W_in is not None
    with torch.no_grad():
        net.reservoir.W.weight.copy_(torch.diag(torch.ones(19, dtype=torch.float64), -1))
        net.reservoir.W_in.weight.zero_()
        net.reservoir.W_in.weight[0, 0] = 1e-2  # so soft that tanh is a straight line
    net.reservoir.leak = 1.0
    assert probes.memory(trainer)["memory"] == pytest.approx(19, abs=2.5)  # the newest value is no delay


def test_two_starts_agree_below_a_radius_of_one_and_not_far_above_in_silence() -> None:
    calm, wild = (probes.echo(trainer_of(units=60, spectral_radius=each)) for each in (0.8, 1.8))
    assert calm["apart_silent"] < -10
    assert calm["apart_driven"] < -10
    assert wild["apart_silent"] > -1
