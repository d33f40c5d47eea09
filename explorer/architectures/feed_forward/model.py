"""The feed-forward network (Rumelhart, Hinton & Williams 1986): layers of weighted sums, each bent by an activation."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from explorer.spec import Settings, float_of, int_of, widths_of

ACTIVATIONS: dict[str, type[nn.Module]] = {"none": nn.Identity, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


class Layer(nn.Module):
    """One hidden layer: h = f(W x + b)."""

    def __init__(self, in_features: int, out_features: int, activation: str) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.activation = ACTIVATIONS[activation]()

    def forward(self, x: Tensor) -> Tensor:  # B in
        return self.activation(self.linear(x))  # B out


class FeedForward(nn.Module):
    """Hidden layers of the given widths, then one linear layer for the output.

    `dropout` (Srivastava et al. 2014, not of 1986) switches off units of the last hidden layer while it trains.
    """

    def __init__(
        self, in_features: int, widths: tuple[int, ...], out_features: int, activation: str, dropout: bool = False
    ) -> None:
        super().__init__()
        self.hidden = nn.ModuleList()
        for width in widths:
            self.hidden.append(Layer(in_features, width, activation))
            in_features = width
        self.dropout = nn.Dropout(0.0) if dropout else None  # the share is a live knob
        self.output = nn.Linear(in_features, out_features)

    def forward(self, x: Tensor) -> Tensor:  # B ...
        x = torch.flatten(x, 1)  # B in
        for layer in self.hidden:
            x = layer(x)  # B width
        if self.dropout is not None:
            x = self.dropout(x)
        return self.output(x)  # B out


def initialise(model: nn.Module, activation: str, gain: float) -> None:
    """Draw every weight matrix by Glorot's rule (He's for ReLU), times `gain`; biases start at zero."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            if activation == "relu":
                nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
            else:
                nn.init.xavier_uniform_(module.weight)
            with torch.no_grad():
                module.weight.mul_(gain)
                module.bias.zero_()


def build(settings: Settings) -> nn.Module:
    """Build a network at the size of its paper."""
    activation = str(settings["activation"])
    return FeedForward(int_of(settings, "inputs"), widths_of(settings), int_of(settings, "outputs"), activation)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """Build the network that trains live, for inputs of any shape (they are flattened)."""
    activation = str(settings["activation"])
    model = FeedForward(math.prod(input_shape), widths_of(settings), outputs, activation, dropout=True)
    initialise(model, activation, float_of(settings, "init_gain"))
    return model
