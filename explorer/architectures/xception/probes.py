"""What the experiments measure on a trained Xception beyond loss and accuracy."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from torch import nn

from explorer.architectures.xception.model import FullConv, SeparableConv
from explorer.tracing.trace import META, traced
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer


def cost(trainer: Trainer) -> dict[str, float]:
    """Count the weights of the 3 × 3 layers, what 1/N + 1/k² says of them, and the multiply–adds of the whole."""
    assert isinstance(trainer, SupervisedTrainer)
    shapes = [_shape(layer) for layer in _layers(trainer.model)]
    full = sum(9 * c_in * c_out for c_in, c_out, _ in shapes)
    told = sum(9 * c_in * c_out * (1 / c_out + 1 / 9) for c_in, c_out, _ in shapes)
    blueprint = traced(copy.deepcopy(trainer.model).to(META), (trainer.dataset.input_shape,))
    return {
        "conv_weights": float(sum(weights for _, _, weights in shapes)),
        "share_by_formula": told / full,
        "macs": float(blueprint.macs),
    }


def _layers(model: nn.Module) -> Iterator[SeparableConv | FullConv]:
    return (module for module in model.modules() if isinstance(module, SeparableConv | FullConv))


def _shape(layer: SeparableConv | FullConv) -> tuple[int, int, int]:
    """Return the channels in and out, and how many weights the convolutions have, counted one by one."""
    convs = [module for module in layer.modules() if isinstance(module, nn.Conv2d)]
    weights = sum(module.weight.numel() for module in convs)
    return convs[0].in_channels, convs[-1].out_channels, weights
