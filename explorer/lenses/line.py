"""Neurons that draw a line: weights, bias, and one sample taken apart into input × weight, sum and activation.

Arrays: weights (N, inputs), biases (N,), sums (N,), answers (N,) float32 for N neurons; sample (inputs,) float32. In
the plane points (P, 2) float32 and classes (P,) uint8; for pictures weight_maps (N, H, W) uint8, zero at 128, and
picture (H, W) uint8.
"""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn

from explorer.data import Dataset
from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._looking import pictures, range_of, signed_bytes
from explorer.spec import SpecError
from explorer.training.trainer import Trainer


class OneByOne(Protocol):
    """A trainer that shows its neurons one sample a step and remembers the last."""

    model: nn.Module
    dataset: Dataset
    train: tuple[Tensor, Tensor]
    sample: tuple[Tensor, Tensor] | None


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at single neurons side by side; raises SpecError for any other network. No options."""
    if not hasattr(trainer, "sample"):
        raise SpecError(
            f"the lens 'line' looks at single neurons that learn sample by sample; {trainer.spec.architecture} does not"
        )
    one = cast(OneByOne, trainer)
    neurons = {name: _linear(child) for name, child in one.model.named_children()}
    inputs, targets = one.sample if one.sample is not None else (one.train[0][:1], one.train[1][:1])
    with torch.no_grad():
        weights = torch.cat([linear.weight for linear in neurons.values()])  # N inputs
        biases = torch.cat(
            [linear.weight.new_zeros(1) if linear.bias is None else linear.bias for linear in neurons.values()]
        )
        sums = weights @ inputs.flatten() + biases  # N
        answers = one.model(inputs)[0]  # N
    arrays = {"weights": weights, "biases": biases, "sums": sums, "answers": answers, "sample": inputs.flatten()}
    packed = {name: tensor.detach().cpu().numpy().copy() for name, tensor in arrays.items()}
    facts: dict[str, Json] = {
        "neurons": list(neurons),
        "paths": [path for path, each in one.model.named_modules() if isinstance(each, nn.Linear)],
        "bias": all(linear.bias is not None for linear in neurons.values()),
        "target": int(targets[0]),
        "classes": list(one.dataset.classes),
        "source": one.dataset.source,
    }
    return Frame({**packed, **_ground(one, inputs, weights)}, facts)


def _linear(neuron: nn.Module) -> nn.Linear:
    return next(each for each in neuron.modules() if isinstance(each, nn.Linear))


def _ground(one: OneByOne, inputs: Tensor, weights: Tensor) -> dict[str, np.ndarray]:
    """Return the points of the plane, or the weights and the sample as pictures."""
    if one.dataset.input_shape == (2,):
        return {"points": one.dataset.train_inputs, "classes": one.dataset.train_targets.astype(np.uint8)}
    channels, height, width = one.dataset.input_shape
    maps = weights.view(len(weights), channels, height, width).sum(1)  # N H W
    scaled = maps / maps.abs().amax((1, 2), keepdim=True).clamp(min=1e-12)
    return {"weight_maps": signed_bytes(scaled, 1.0), "picture": pictures(inputs, *range_of(one.train[0]))[0]}
