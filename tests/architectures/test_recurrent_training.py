"""Trainers for sequences: clipping, data that never run out, and a text read on and on with its state."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer import catalog
from explorer.data import characters
from explorer.data.series import Continued
from explorer.runspec import make_spec
from explorer.spec import Value
from explorer.tasks import next_token, regression
from explorer.training import checkpoint
from explorer.training.factory import make_trainer
from explorer.training.forecasting import ForecastTrainer
from explorer.training.randomness import Randomness
from explorer.training.sequences import SequenceTrainer
from explorer.training.text import Rows, TextTrainer

CPU = torch.device("cpu")
KEYS = ("rnn", "lstm")


def trainer_of(key: str, task: str, **hypers: Value) -> SequenceTrainer:
    torch.manual_seed(0)
    made = make_trainer(make_spec(catalog.get(key), task, hypers=hypers), CPU)
    assert isinstance(made, SequenceTrainer)
    return made


def test_a_number_is_asked_at_every_step_or_after_the_last() -> None:
    answers = torch.tensor([[[0.0], [1.0]], [[2.0], [3.0]]])
    assert float(regression.loss(answers, torch.tensor([1.0, 5.0]))) == pytest.approx(2.0)
    assert float(regression.loss(answers, torch.tensor([[1.0, 1.0], [2.0, 3.0]]))) == pytest.approx(0.25)
    targets = torch.randn(50)
    mean = targets.mean().expand(50, 3, 1)
    assert float(regression.score(mean, targets)["nrmse"]) == pytest.approx(1.0)


def test_steps_that_are_not_asked_count_neither_as_loss_nor_as_score() -> None:
    logits = torch.randn(2, 3, 5)
    targets = torch.tensor([[-100, 1, -100], [-100, -100, 4]])
    logits[0, 1], logits[1, 2] = torch.tensor([0, 9.0, 0, 0, 0]), torch.tensor([9.0, 0, 0, 0, 0])
    wanted = -(logits[0, 1].log_softmax(0)[1] + logits[1, 2].log_softmax(0)[4]) / 2
    assert torch.allclose(next_token.loss(logits, targets), wanted)
    assert float(next_token.score(logits, targets)["accuracy"]) == 0.5


@pytest.mark.parametrize("clip", [0.0, 0.1])
def test_the_gradient_is_shortened_to_the_norm_allowed_and_told_as_it_was(clip: float) -> None:
    trainer = trainer_of("rnn", "adding", clip=clip)
    told = float(trainer.train_step()["gradient_norm"])
    left = float(torch.stack([each.grad.norm() for each in trainer.model.parameters() if each.grad is not None]).norm())
    assert left == pytest.approx(min(told, clip) if clip else told, rel=1e-3)
    assert told > 0.1


def test_rows_of_a_text_go_on_where_they_stopped_and_begin_again_at_the_end() -> None:
    rows = Rows(torch.arange(100), batch_size=4, columns=8)
    (first, after), (second, _) = rows.next(), rows.next()
    assert first[:, 0].tolist() == [0, 25, 50, 75]
    assert torch.equal(after, first + 1)
    assert torch.equal(second[:, 0], first[:, -1] + 1)
    rows.fresh = False
    third, _ = rows.next()
    assert (third[:, 0].tolist(), rows.fresh) == ([16, 41, 66, 91], False)
    again, _ = rows.next()
    assert (torch.equal(again, first), rows.fresh) == (True, True)
    rows.resize(2)
    assert rows.next()[0].shape == (2, 8)


@pytest.mark.parametrize("key", KEYS)
def test_the_state_is_carried_on_but_no_error_goes_back_beyond_a_step(key: str) -> None:
    trainer = trainer_of(key, "characters", batch_size=2, steps_back=16)
    assert isinstance(trainer, TextTrainer)
    for _ in range(2):
        trainer.train_step()
    assert all(not each.requires_grad for each in trainer._state)
    learnt = torch.from_numpy(characters.streams()[0])
    length = len(trainer.train[0].flatten()) // 2
    with torch.no_grad():
        state = trainer._network.start(2)
        before = torch.stack([learnt[:16], learnt[length : length + 16]])
        _, state = trainer._network.carried(before, state)
    assert trainer._state[0].shape == state[0].shape
    assert not torch.equal(trainer._state[0], torch.zeros_like(state[0]))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("task", ["characters", "adding", "copying", "sines"])
def test_a_checkpoint_goes_on_to_the_last_bit(key: str, task: str) -> None:
    trainer, other = trainer_of(key, task), trainer_of(key, task)
    chance = Randomness(0, CPU)
    for _ in range(3):
        trainer.train_step()
    checkpoint.restore(checkpoint.capture(3, trainer, chance), other, chance)
    for _ in range(2):
        assert float(trainer.train_step()["loss"]) == float(other.train_step()["loss"])
    for one, two in zip(trainer.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize("key", KEYS)
def test_running_free_means_hearing_ones_own_answers(key: str) -> None:
    trainer = trainer_of(key, "sines")
    assert isinstance(trainer, ForecastTrainer)
    assert isinstance(trainer.dataset, Continued)
    found = trainer.forecast(7)
    heard, told = trainer.test[0][7:8], []
    with torch.no_grad():
        for _ in range(4):  # the whole window anew each time: no state to go wrong
            told.append(float(trainer.model(heard)[0, -1, 0]))
            heard = torch.cat([heard, torch.tensor([[[told[-1]]]])], 1)
    assert found.free[:4].tolist() == pytest.approx(told, abs=1e-5)
    assert np.array_equal(found.true.numpy(), trainer.dataset.future[7])
    assert found.one_step[-1].item() == pytest.approx(told[0], abs=1e-5)


@pytest.mark.parametrize("hyper", [("batch_size", 8), ("steps_back", 20)])
def test_a_text_goes_on_after_a_change(hyper: tuple[str, int]) -> None:
    trainer = trainer_of("lstm", "characters")
    trainer.train_step()
    trainer.set_hypers({hyper[0]: hyper[1]})
    assert torch.isfinite(torch.as_tensor(trainer.train_step()["loss"]))
    assert trainer._last is not None
    assert tuple(trainer._last[1].shape) == ((8, 64) if hyper[0] == "batch_size" else (32, 20))
