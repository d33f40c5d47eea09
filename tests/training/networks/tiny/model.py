"""Two layers with dropout and batch normalisation, so that a checkpoint has everything to forget."""

from __future__ import annotations

from torch import nn

from explorer.spec import Settings

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh}


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(input_shape[0], 8),
        nn.BatchNorm1d(8),
        ACTIVATIONS[str(settings["activation"])](),
        nn.Dropout(0.0),
        nn.Linear(8, outputs),
    )
