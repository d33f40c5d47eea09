"""What the experiments measure on a trained MobileNet beyond loss and accuracy: what an answer costs."""

from __future__ import annotations

import copy
from statistics import median

import torch
from torch import Tensor, nn

from explorer.architectures.mobilenet.model import SmallMobileNet
from explorer.tracing.trace import META, traced
from explorer.training.clock import training_clock
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

REPEATS = 9  # of which the median counts
CALLS = {1: 40, 64: 6}  # batch size: forward passes timed together


def size(trainer: Trainer) -> dict[str, float]:
    """Return parameters and multiply–adds for one picture."""
    assert isinstance(trainer, SupervisedTrainer)
    blueprint = traced(copy.deepcopy(trainer.model).to(META), (trainer.dataset.input_shape,))
    return {"parameters": float(blueprint.parameters), "macs": float(blueprint.macs)}


def latency(trainer: Trainer) -> dict[str, float]:
    """Return what `size` does, and the milliseconds of the processor's time that an answer takes, for 1 picture and 64.

    Measured twice: with the channels of a cell side by side in memory, and (`…_planes`) with one plane a channel.
    """
    assert isinstance(trainer, SupervisedTrainer)
    assert isinstance(trainer.model, SmallMobileNet)
    network = copy.deepcopy(trainer.model).cpu()
    figures = size(trainer)
    for memory_format, ending in ((torch.channels_last, ""), (torch.contiguous_format, "_planes")):
        network.memory_format = memory_format
        for batch, calls in CALLS.items():
            figures[f"ms_{batch}{ending}"] = _milliseconds(network, trainer.test[0][:batch].cpu(), calls)
    return figures


def _milliseconds(network: nn.Module, pictures: Tensor, calls: int) -> float:
    """Return how long one forward pass takes, the median of several measurements of so many passes each."""
    clock = training_clock(torch.device("cpu"))
    taken: list[float] = []
    with evaluating(network):
        for _ in range(1 + REPEATS):  # the first warms up
            begin = clock()
            for _ in range(calls):
                network(pictures)
            taken.append((clock() - begin) / calls)
    return 1000 * median(taken[1:])
