"""What the lenses on contrastive learning share: the trainer, views of held-out pictures, an own picture among them."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.messages import LensRequest
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Choice
from explorer.spec import SpecError, nearest
from explorer.training.contrastive import ContrastiveTrainer
from explorer.training.trainer import Trainer

LAYERS = {"h": "h, before the head", "z": "z, after the head"}


def contrasting(trainer: Trainer, lens: str) -> ContrastiveTrainer:
    """Return the trainer as one that learns from pairs of views; raises SpecError if it is not."""
    if not isinstance(trainer, ContrastiveTrainer):
        raise SpecError(f"the lens '{lens}' compares views of pictures; {trainer.spec.architecture} has none")
    return trainer


def examples(trainer: ContrastiveTrainer, request: LensRequest, count: int) -> tuple[Tensor, list[str]]:
    """Return held-out pictures (N, C, H, W) with the names of their classes; an own picture comes first.

    The first `count` of the held-out ones, two apart, so that of an emoji by two artists only one is there.
    """
    inputs, targets = trainer.test
    stride = 2 if trainer.drawn_twice else 1
    inputs, targets = inputs[::stride][:count], targets[::stride][:count]
    names = [trainer.dataset.classes[each] for each in targets.tolist()]
    if request.input is None:
        return inputs, names
    own, _ = picture(request, trainer.test)
    return torch.cat([own, inputs[:-1]]), ["yours", *names[:-1]]


def layer_option(request: LensRequest, default: str = "z") -> str:
    """Read which of h and z is looked at; raises SpecError for another word."""
    word = str(request.options.get("layer", default))
    if word not in LAYERS:
        raise SpecError(f"nothing to compare pictures by is called '{word}'; {nearest(word, LAYERS)}")
    return word


def layer_choice(value: str) -> Choice:
    return Choice("layer", "Compared by", value, tuple(LAYERS.items()))


def signed(value: float) -> str:
    """Return a number with two digits and a minus that is one."""
    return f"{value:.2f}".replace("-", "−")


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"
