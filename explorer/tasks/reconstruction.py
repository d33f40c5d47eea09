"""The picture itself, pixel by pixel: what is learnt is to give back what was put in."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from explorer.spec import SpecError


def outputs(classes: int) -> int:
    """Return 1: one picture, of the shape of the input; classes do not matter here."""
    return 1


def loss(pixels: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean squared error of a pixel; both (B, C, H, W) with pixels of 0 … 1."""
    return F.mse_loss(pixels, wanted)


def score(pixels: Tensor, wanted: Tensor) -> dict[str, Tensor]:
    """Return nothing: the loss says it all."""
    return {}


def probabilities(pixels: Tensor) -> Tensor:
    """Raise SpecError: a picture has no probabilities of classes."""
    raise SpecError("this network gives pictures, not classes")
