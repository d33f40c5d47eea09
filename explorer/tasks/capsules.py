"""One of K classes by K lengths between 0 and 1, each judged by itself: the margin loss (Sabour et al. 2017, eq. 4)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

PRESENT, ABSENT = 0.9, 0.1  # m⁺ and m⁻: longer is long enough, shorter is short enough
HALF = 0.5  # λ: absent classes are many, and must not shrink all lengths at first


def outputs(classes: int) -> int:
    """Return one length for each class."""
    return classes


def margins(lengths: Tensor, present: Tensor) -> Tensor:
    """Return each example's margin loss, (B,); lengths (B, K), present (B, K) of 0 and 1."""
    missed = F.relu(PRESENT - lengths).square()
    imagined = F.relu(lengths - ABSENT).square()
    return (present * missed + HALF * (1 - present) * imagined).sum(1)


def loss(lengths: Tensor, targets: Tensor) -> Tensor:
    """Return the mean margin loss; lengths (B, K), targets (B,) int64."""
    return margins(lengths, F.one_hot(targets, lengths.shape[1]).to(lengths.dtype)).mean()


def score(lengths: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return the share of the batch whose longest capsule is the right one."""
    return {"accuracy": (lengths.argmax(1) == targets).float().mean()}


def probabilities(lengths: Tensor) -> Tensor:
    """Return each length's share of all lengths, (B, K): the network itself promises no probabilities."""
    return lengths / lengths.sum(1, keepdim=True).clamp_min(1e-12)
