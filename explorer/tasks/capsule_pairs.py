"""Two of K classes in one picture by K lengths: both are there, so both are to be long (Sabour et al. 2017, sec. 6).

A target is one number for the pair: K · a + b for the classes a and b.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from explorer.tasks.capsules import margins, outputs, probabilities

__all__ = ["both", "loss", "outputs", "probabilities", "score"]


def both(targets: Tensor, classes: int) -> Tensor:
    """Return which classes are there, (B, K) of 0 and 1, for pairs (B,) int64."""
    first, second = targets // classes, targets % classes
    return (F.one_hot(first, classes) + F.one_hot(second, classes)).clamp_max(1)


def loss(lengths: Tensor, targets: Tensor) -> Tensor:
    """Return the mean margin loss; lengths (B, K), targets (B,) int64."""
    return margins(lengths, both(targets, lengths.shape[1]).to(lengths.dtype)).mean()


def score(lengths: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return by the two longest: the share of pictures with both classes right, and the share of classes found."""
    found = both(targets, lengths.shape[1]).gather(1, lengths.topk(2).indices).float().mean(1)  # B: 0, ½ or 1
    return {"accuracy": (found == 1).float().mean(), "found": found.mean()}
