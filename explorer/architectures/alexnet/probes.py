"""What the experiments measure on a trained AlexNet beyond loss and accuracy."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.architectures.alexnet.training import AlexNetTrainer
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer


def generalisation(trainer: Trainer) -> dict[str, float]:
    """Return accuracy and loss on the pictures learnt from, as they are, the gap to the held-out ones, and the size.

    "gap" is the accuracy on the pictures learnt from minus the accuracy on the held-out ones.
    """
    assert isinstance(trainer, SupervisedTrainer)
    accuracy, loss = _scored(trainer, *trainer.train)
    held_out, _ = _scored(trainer, *trainer.test)
    parameters = float(sum(parameter.numel() for parameter in trainer.model.parameters()))
    return {
        "train_accuracy": accuracy,
        "train_loss": loss,
        "gap": accuracy - held_out,
        "parameters": parameters,
    }


def _scored(trainer: SupervisedTrainer, inputs: Tensor, targets: Tensor) -> tuple[float, float]:
    with evaluating(trainer.model):
        logits = torch.cat([trainer.model(part) for part in inputs.split(EVALUATION_BATCH)])
    return float(trainer.kind.score(logits, targets)["accuracy"]), float(trainer.kind.loss(logits, targets))


def speed(trainer: Trainer) -> dict[str, float]:
    """Return the steps until the running training error was down to a quarter; one more than all, if it never was."""
    assert isinstance(trainer, AlexNetTrainer)
    at = int(trainer.quarter_at)
    return {"steps_to_quarter": float(at if at > 0 else trainer.spec.steps + 1)}
