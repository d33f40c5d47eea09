from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.lenses import confusion
from explorer.training.supervised import SupervisedTrainer
from tests.lenses.trainers import assert_unseen, look, trained


def test_matrix_counts_every_held_out_answer() -> None:
    trainer = trained("feed_forward", "mnist", 30)
    assert isinstance(trainer, SupervisedTrainer)
    frame = look(trainer, "confusion")
    with torch.no_grad():
        answers = trainer.model(trainer.test[0]).argmax(1)
    expected = np.zeros((10, 10), int)
    for true, answer in zip(trainer.test[1].tolist(), answers.tolist(), strict=True):
        expected[true, answer] += 1
    assert np.array_equal(frame.arrays["matrix"], expected)
    assert frame.facts["wrong"] == expected.sum() - np.trace(expected)


def test_mistakes_are_wrong_and_the_surest_first() -> None:
    frame = look(trained("feed_forward", "mnist", 5), "confusion", worst=6)
    mistakes = frame.facts["mistakes"]
    assert isinstance(mistakes, list)
    assert len(mistakes) == 6 == len(frame.arrays["worst"])
    sure = [
        float(str(each["probability"]))
        for each in mistakes
        if isinstance(each, dict) and each["true"] != each["answer"]
    ]
    assert len(sure) == 6
    assert sure == sorted(sure, reverse=True)


def test_an_evaluation_is_kept_while_nothing_changes_and_for_a_while_after(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(confusion, "clock", lambda: now[0])
    trainer = trained("feed_forward", "mnist", 2)
    first = look(trainer, "confusion")
    now[0] += 1000
    assert look(trainer, "confusion") is first  # the same weights
    trainer.train_step()
    second = look(trainer, "confusion")
    assert second is not first
    trainer.train_step()
    assert look(trainer, "confusion") is second  # other weights, but too soon
    now[0] += 1
    assert look(trainer, "confusion") is not second


def test_training_sees_nothing_of_it() -> None:
    assert_unseen("cnn", "mnist", "confusion")
