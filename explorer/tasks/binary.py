"""One of two classes by a single logit: its sigmoid is the probability of class 1, its sign the answer."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def outputs(classes: int) -> int:
    """Return 1; raises ValueError unless there are two classes."""
    if classes != 2:
        raise ValueError(f"a single logit tells 2 classes apart, but the data has {classes}")
    return 1


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean binary cross-entropy in nats; logits (B, 1), targets (B,) int64 of 0 and 1."""
    return F.binary_cross_entropy_with_logits(logits.squeeze(1), targets.to(logits.dtype))


def score(logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return the share of the batch on the right side; a logit of exactly 0 answers class 0."""
    return {"accuracy": ((logits.squeeze(1) > 0) == (targets > 0)).float().mean()}


def probabilities(logits: Tensor) -> Tensor:
    """Return P(class 0) and P(class 1), (B, 2)."""
    right = logits.sigmoid()  # (B, 1)
    return torch.cat([1 - right, right], dim=1)
