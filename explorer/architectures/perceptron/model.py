"""The perceptron (Rosenblatt 1958): a weighted sum and a threshold; and the same neuron with a sigmoid in its place."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from explorer.spec import Settings, int_of


class Threshold(nn.Module):
    """1 where the sum is above zero, else 0. Its slope is zero everywhere, so no gradient passes through it."""

    def forward(self, total: Tensor) -> Tensor:
        return (total > 0).to(total.dtype)


class Perceptron(nn.Module):
    """y = 1 if w·x + b > 0, else 0."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.sum = nn.Linear(in_features, out_features, bias=bias)
        self.threshold = Threshold()

    def forward(self, x: Tensor) -> Tensor:  # B in
        return self.threshold(self.sum(torch.flatten(x, 1)))  # B out


class SigmoidNeuron(nn.Module):
    """The same weighted sum; a sigmoid gives it a slope for gradient descent to follow. `forward` returns the logit."""

    def __init__(self, in_features: int, bias: bool = True) -> None:
        super().__init__()
        self.sum = nn.Linear(in_features, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:  # B in
        return self.sum(torch.flatten(x, 1))  # B 1


class SideBySide(nn.Module):
    """A perceptron and a sigmoid neuron that see the same samples; `forward` gives both answers as probabilities."""

    def __init__(self, in_features: int, bias: bool) -> None:
        super().__init__()
        self.rosenblatt = Perceptron(in_features, 1, bias)
        self.sigmoid = SigmoidNeuron(in_features, bias)

    def forward(self, x: Tensor) -> Tensor:  # B ...
        return torch.cat([self.rosenblatt(x), self.sigmoid(x).sigmoid()], dim=1)  # B 2


def build(settings: Settings) -> nn.Module:
    """Build a perceptron with the inputs and outputs that the settings name."""
    return Perceptron(int_of(settings, "inputs"), int_of(settings, "outputs"), bool(settings["bias"]))


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build both neurons for inputs of any shape (they are flattened), with small random weights."""
    model = SideBySide(math.prod(input_shape), bool(settings["bias"]))
    with torch.no_grad():
        for neuron in (model.rosenblatt, model.sigmoid):
            neuron.sum.weight.normal_(std=0.5 / math.sqrt(math.prod(input_shape)))
            if neuron.sum.bias is not None:
                neuron.sum.bias.zero_()
        model.sigmoid.sum.weight.copy_(model.rosenblatt.sum.weight)  # both start from the same line
    return model
