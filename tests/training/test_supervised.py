from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from explorer.spec import SpecError
from explorer.training import optimizer
from explorer.training.batches import Batches
from explorer.training.run import Run
from explorer.training.supervised import SupervisedTrainer, evaluating, set_dropout

from .states import state_of, steps

MakeRun = Callable[..., Run]


def _trainer(run: Run) -> SupervisedTrainer:
    assert isinstance(run.trainer, SupervisedTrainer)
    return run.trainer


@pytest.mark.parametrize("task", ["two", "three"])
def test_it_learns(make_run: MakeRun, task: str) -> None:
    run = steps(make_run(task=task), 200)
    run.evaluate()
    assert run.curves.latest["test_accuracy"] > 0.95
    assert run.curves.latest["test_loss"] < 0.3


def test_one_step_of_gradient_descent_is_the_textbooks(make_run: MakeRun) -> None:
    trainer = _trainer(make_run(learning_rate=0.5))
    weight = trainer.model[4].weight  # type: ignore[index]
    before = weight.detach().clone()
    trainer.train_step()
    assert torch.allclose(weight, before - 0.5 * weight.grad)


def test_evaluating_changes_nothing_that_training_sees(make_run: MakeRun) -> None:
    run = steps(make_run(dropout=0.5, optimizer="adam"), 10)
    run.trainer.model[1].eval()  # type: ignore[index]  # a mode set by hand must come back, too
    before, random = state_of(run), torch.get_rng_state()
    first, second = run.trainer.evaluate(), run.trainer.evaluate()
    assert first == second
    assert state_of(run) == before
    assert torch.equal(torch.get_rng_state(), random)
    assert [module.training for module in run.trainer.model] == [True, False, True, True, True]  # type: ignore[union-attr]


def test_modes_come_back_after_an_error() -> None:
    model = nn.Sequential(nn.Dropout(), nn.Linear(1, 1))
    with pytest.raises(KeyError), evaluating(model):  # noqa: PT012
        assert not model.training
        raise KeyError
    assert all(module.training for module in model.modules())


@pytest.mark.parametrize(
    ("name", "value"), [("learning_rate", 0.25), ("weight_decay", 0.05), ("momentum", 0.8)], ids=str
)
def test_optimiser_settings_arrive(make_run: MakeRun, name: str, value: float) -> None:
    trainer = _trainer(make_run())
    trainer.set_hypers({name: value})
    key = {"learning_rate": "lr"}.get(name, name)
    assert trainer.optimizers()["optimizer"].param_groups[0][key] == value


def test_batch_size_dropout_and_noise_arrive(make_run: MakeRun) -> None:
    trainer = _trainer(make_run())
    quiet = trainer.train[0].clone()
    trainer.train_step()
    trainer.set_hypers({"batch_size": 17, "dropout": 0.4, "noise": 1.2})
    trainer.train_step()
    assert len(trainer._last[1]) == 17  # type: ignore[index]
    assert trainer.model[3].p == 0.4  # type: ignore[index]
    assert not torch.equal(trainer.train[0], quiet)
    trainer.set_hypers({"noise": 0.3})
    assert torch.equal(trainer.train[0], quiet)


def test_every_kind_of_dropout_is_set() -> None:
    model = nn.Sequential(nn.Dropout(0.1), nn.Dropout2d(0.1), nn.AlphaDropout(0.1))
    set_dropout(model, 0.7)
    assert [module.p for module in model] == [0.7, 0.7, 0.7]
    with pytest.raises(SpecError, match="dropout = much is not a number"):
        set_dropout(model, "much")


def test_the_graph_is_traced_with_one_held_out_example(make_run: MakeRun) -> None:
    trainer = _trainer(make_run())
    (example,) = trainer.example_inputs()
    assert torch.equal(example, trainer.test[0][:1])


@pytest.mark.parametrize("size", [1, 7, 10, 100])
def test_an_epoch_shows_every_sample_once_as_far_as_full_batches_go(size: int) -> None:
    data = torch.arange(50)
    batches = Batches(data[:, None].float(), data, size, seed=1)
    for _ in range(3):
        seen = torch.cat([batches.next()[1] for _ in range(batches.per_epoch)])
        assert len(seen.unique()) == len(seen) == min(size, 50) * batches.per_epoch


def test_inputs_stay_with_their_targets_and_the_order_changes() -> None:
    data = torch.arange(20)
    batches = Batches(data[:, None].float(), data, 20, seed=1)
    (first, first_targets), (second, second_targets) = batches.next(), batches.next()
    assert torch.equal(first[:, 0].long(), first_targets)
    assert torch.equal(second[:, 0].long(), second_targets)
    assert not torch.equal(first_targets, second_targets)


def test_resizing_within_an_epoch_repeats_nothing() -> None:
    data = torch.arange(20)
    batches = Batches(data[:, None].float(), data, 4, seed=1)
    seen = [batches.next()[1], batches.next()[1]]
    batches.resize(6)
    seen += [batches.next()[1], batches.next()[1]]
    assert len(torch.cat(seen).unique()) == 20


@pytest.mark.parametrize(
    ("schedule", "expected"), [("constant", [1, 1, 1]), ("linear", [1, 0.505, 0.01]), ("cosine", [1, 0.505, 0.01])]
)
def test_schedules_fall_to_a_floor(schedule: str, expected: list[float]) -> None:
    settings = {"schedule": schedule, "decay_steps": 100}
    assert [optimizer.factor(settings, step) for step in (0, 50, 100)] == pytest.approx(expected)
    assert optimizer.factor(settings, 1000) == pytest.approx(expected[-1])


def test_a_warm_up_comes_before_the_fall() -> None:
    settings = {"warmup_steps": 9, "schedule": "linear", "decay_steps": 109}
    shares = [optimizer.factor(settings, step) for step in (0, 4, 9, 59, 109)]
    assert shares == pytest.approx([0.1, 0.5, 1, 0.505, 0.01])


def test_muon_turns_matrices_by_as_much_in_all_directions_and_leaves_embeddings_to_adamw() -> None:
    words, inner = nn.Embedding(5, 8), nn.Linear(2, 2)
    model = nn.ModuleList([words, inner])
    settings = {"optimizer": "muon", "learning_rate": 0.1, "weight_decay": 0.0}
    made = optimizer.make(settings, model.parameters(), torch.device("cpu"), optimizer.embeddings(model))
    inner.weight.grad = torch.diag(torch.tensor([10.0, 1.0]))
    words.weight.grad = torch.tensor([0.0, 10.0, 0.0, 1.0, 0.0])[:, None].expand(5, 8).clone()
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    made.step()
    turned = torch.linalg.svdvals(inner.weight.detach() - before["1.weight"])
    assert turned[0] / turned[1] < 2
    looked_up = (words.weight.detach() - before["0.weight"]).abs().mean(1)  # Adam's first step is the rate
    assert looked_up.tolist() == pytest.approx([0, 0.1, 0, 0.1, 0], abs=1e-3)


@pytest.mark.parametrize("settings", [{"optimizer": "sdg"}, {"learning_rate": "fast"}])
def test_a_setting_that_makes_no_sense_is_named(settings: dict[str, str]) -> None:
    with pytest.raises(SpecError, match=next(iter(settings))):
        optimizer.make(settings, [nn.Parameter(torch.zeros(1))], torch.device("cpu"))
