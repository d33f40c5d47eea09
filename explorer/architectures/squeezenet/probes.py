"""What the experiments measure on a trained small SqueezeNet: its size, and what is left of it in fewer bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

BITS = (32, 16, 8, 6, 4, 3)  # for each weight; 16 is half precision, fewer are whole numbers times one scale a filter
KILOBYTE = 1024


def size(trainer: Trainer) -> dict[str, float]:
    """Return the number of parameters, and the kilobytes (of 1,024) that they take with 32 bits each."""
    parameters = sum(each.numel() for each in trainer.model.parameters())
    return {"parameters": float(parameters), "kilobytes": parameters * 4 / KILOBYTE}


def formats(trainer: Trainer) -> dict[str, float]:
    """Return "accuracy_32" … "accuracy_3" on held-out data with the convolutions' weights rounded to so many bits.

    "kilobytes_32" …: the size of all parameters then; biases and normalisation keep 32 bits, or 16 in half precision.
    """
    assert isinstance(trainer, SupervisedTrainer)
    figures = size(trainer)
    for bits in BITS:
        with _rounded(trainer.model, bits):
            figures[f"accuracy_{bits}"] = _accuracy(trainer)
        figures[f"kilobytes_{bits}"] = _bits(trainer.model, bits) / 8 / KILOBYTE
    return figures


def _convolutions(model: nn.Module) -> list[nn.Conv2d]:
    return [each for each in model.modules() if isinstance(each, nn.Conv2d)]


def _bits(model: nn.Module, bits: int) -> int:
    """Return the bits of all parameters, with one scale of 32 bits for each filter that is stored as whole numbers."""
    weights = [each.weight for each in _convolutions(model)]
    inside = sum(each.numel() for each in weights)
    others = sum(each.numel() for each in model.parameters()) - inside
    scales = sum(len(each) for each in weights) if bits < 16 else 0
    return inside * bits + others * (16 if bits == 16 else 32) + scales * 32


@contextmanager
def _rounded(model: nn.Module, bits: int) -> Iterator[None]:
    """Inside, the convolutions' weights are as they would be read back from so many bits."""
    before = [(each.weight, each.weight.detach().clone()) for each in _convolutions(model)]
    try:
        with torch.no_grad():
            for weight, value in before:
                weight.copy_(read_back(value, bits))
        yield
    finally:
        with torch.no_grad():
            for weight, value in before:
                weight.copy_(value)


def read_back(weight: Tensor, bits: int) -> Tensor:
    """Return a filter bank (O, I, k, k) as stored in so many bits a weight and read again.

    Below 16 bits: −m … m with m = 2^(bits − 1) − 1, times a scale for each filter so that its largest weight is m.
    """
    if bits == 32:
        return weight
    if bits == 16:
        return weight.half().float()
    most = 2 ** (bits - 1) - 1
    scale = weight.flatten(1).abs().amax(1).clamp_min(1e-12)[:, None, None, None] / most
    return (weight / scale).round() * scale


def _accuracy(trainer: SupervisedTrainer) -> float:
    inputs, targets = trainer.test
    with evaluating(trainer.model):
        answers = torch.cat([trainer.model(each).argmax(1) for each in inputs.split(EVALUATION_BATCH)])
    return float((answers == targets).float().mean())
