"""What the experiments measure on a trained net of Inception modules beyond loss and accuracy."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from explorer.lenses._parts import Part, parts
from explorer.tracing.trace import small_blueprint
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

HELD_OUT = 2000
DRAWS = 5  # how often as many random channels are drawn


def work(trainer: Trainer) -> dict[str, float]:
    """Return "parameters" and "macs", the multiply-adds for one picture, of the net without its head."""
    blueprint = small_blueprint(trainer.spec)
    return {"parameters": float(blueprint.parameters), "macs": float(blueprint.macs)}


def without_branches(trainer: Trainer) -> dict[str, float]:
    """Return what each branch of the last module costs when it gives zeros, and as many random channels.

    "lost_1", "lost_3", "lost_5", "lost_pool" are shares of right answers; "random_1" … the means over a few draws.
    """
    assert isinstance(trainer, SupervisedTrainer)
    found = parts(trainer.model, trainer.test[0][:1])[-4:]
    whole = _accuracy(trainer, nullcontext())
    figures = {"all_on": whole}
    for name, part in zip(("1", "3", "5", "pool"), found, strict=True):
        figures[f"lost_{name}"] = whole - _accuracy(trainer, part.off())
        figures[f"random_{name}"] = whole - _random(trainer, part)
    return figures


def _random(trainer: SupervisedTrainer, part: Part) -> float:
    return sum(_accuracy(trainer, part.random_off(seed)) for seed in range(DRAWS)) / DRAWS


def _accuracy(trainer: SupervisedTrainer, off: AbstractContextManager[None]) -> float:
    inputs, targets = trainer.test[0][:HELD_OUT], trainer.test[1][:HELD_OUT]
    with off, evaluating(trainer.model):
        answers = torch.cat([trainer.model(each).argmax(1) for each in inputs.split(EVALUATION_BATCH)])
    return float((answers == targets).float().mean())
