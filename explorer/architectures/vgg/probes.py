"""What the experiments measure on a trained VGG beyond loss and accuracy."""

from __future__ import annotations

import torch
from torch import nn

from explorer.lenses.receptive_fields import fields
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer


def windows(trainer: Trainer) -> dict[str, float]:
    """Return the convolutions' parameters, the pixels a side that a cell at the first stage's end sees, and the fit.

    "train_accuracy" is over all pictures learnt from, as they are.
    """
    assert isinstance(trainer, SupervisedTrainer)
    convolutions = [each for each in trainer.model.modules() if isinstance(each, nn.Conv2d)]
    weights = sum(parameter.numel() for each in convolutions for parameter in each.parameters())
    seen = fields(trainer, trainer.test[0][:1])
    inputs, targets = trainer.train
    with evaluating(trainer.model):
        logits = torch.cat([trainer.model(part) for part in inputs.split(EVALUATION_BATCH)])
    return {
        "convolution_parameters": float(weights),
        "parameters": float(sum(each.numel() for each in trainer.model.parameters())),
        "sees": float(max(field.high for field in seen if field.path.startswith("stages.0."))),
        "train_accuracy": float(trainer.kind.score(logits, targets)["accuracy"]),
    }
