from __future__ import annotations

from torch import nn

from explorer.spec import Settings


def build(settings: Settings) -> nn.Module:
    return build_small(settings, (2,), 1)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(input_shape[0], 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, outputs))
