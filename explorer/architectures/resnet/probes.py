"""What the experiments measure on a trained residual or plain net beyond loss and accuracy."""

from __future__ import annotations

from contextlib import ExitStack

import torch
from torch import Tensor

from explorer.lenses._parts import Part, parts
from explorer.training.randomness import generator
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

TRAINING = 3000  # training pictures that are scored again
HELD_OUT = 1000
DRAWS, TOGETHER = 5, 3  # how often three blocks are drawn that are switched off together


def training(trainer: Trainer) -> dict[str, float]:
    """Return "train_loss" and "train_accuracy" of the first training pictures, as the net answers when it is used."""
    assert isinstance(trainer, SupervisedTrainer)
    inputs, targets = trainer.train[0][:TRAINING], trainer.train[1][:TRAINING]
    with evaluating(trainer.model):
        logits = torch.cat([trainer.model(each) for each in inputs.split(EVALUATION_BATCH)])
    accuracy = (logits.argmax(1) == targets).float().mean()
    return {"train_loss": float(trainer.kind.loss(logits, targets)), "train_accuracy": float(accuracy)}


def without_blocks(trainer: Trainer) -> dict[str, float]:
    """Return the accuracy with all blocks, and with one or three of those that keep the shape switched off.

    "one_off" is the mean over the blocks, "worst_off" the least of them, "three_off" the mean over a few draws.
    """
    assert isinstance(trainer, SupervisedTrainer)
    found = [part for part in parts(trainer.model, trainer.test[0][:1]) if _keeps_shape(part)]
    ones = [_accuracy(trainer, [part]) for part in found]
    random = generator(torch.device("cpu"), 0)
    draws = [torch.randperm(len(found), generator=random)[:TOGETHER].tolist() for _ in range(DRAWS)]
    threes = [_accuracy(trainer, [found[at] for at in draw]) for draw in draws]
    return {
        "all_on": _accuracy(trainer, []),
        "one_off": sum(ones) / len(ones),
        "worst_off": min(ones),
        "three_off": sum(threes) / len(threes),
    }


def _keeps_shape(part: Part) -> bool:
    """Whether the block can be left out of a plain net too: its first convolution keeps map and channels."""
    convolution = part.module.get_submodule("conv1")
    assert isinstance(convolution, torch.nn.Conv2d)
    return convolution.stride == (1, 1) and convolution.in_channels == convolution.out_channels


def _accuracy(trainer: SupervisedTrainer, off: list[Part]) -> float:
    inputs, targets = trainer.test[0][:HELD_OUT], trainer.test[1][:HELD_OUT]
    with ExitStack() as stack:
        for part in off:
            stack.enter_context(part.off())
        with evaluating(trainer.model):
            right: list[Tensor] = [
                trainer.model(x).argmax(1) == y
                for x, y in zip(inputs.split(EVALUATION_BATCH), targets.split(EVALUATION_BATCH), strict=True)
            ]
    return float(torch.cat(right).float().mean())
