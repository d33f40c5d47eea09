"""One of K classes for each pixel; the last class is the ground."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

GROUND_WEIGHT = 0.1


def outputs(classes: int) -> int:
    """Return one logit a pixel for each class."""
    return classes


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats; logits (B, K, H, W), targets (B, H, W) int64.

    A pixel of the ground counts a tenth: there are so many that they would outweigh all that is to be told apart.
    """
    weights = torch.ones(logits.shape[1], device=logits.device)
    weights[-1] = GROUND_WEIGHT
    return F.cross_entropy(logits, targets, weights)


def score(logits: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return the share of right pixels, and the mean over classes of intersection over union.

    A class that neither the answer nor the truth has anywhere in the batch does not count.
    """
    both, either = overlaps(logits.argmax(1), targets, logits.shape[1])
    there = either > 0
    mean = (both / either.clamp_min(1)).sum() / there.sum().clamp_min(1)
    return {"accuracy": (logits.argmax(1) == targets).float().mean(), "iou": mean}


def overlaps(answers: Tensor, targets: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Return, for each class, how many pixels answer and truth share and how many either has; (K,) float each."""
    matrix = torch.bincount((targets * classes + answers).flatten(), minlength=classes * classes)
    matrix = matrix.view(classes, classes).float()
    both = matrix.diagonal()
    return both, matrix.sum(0) + matrix.sum(1) - both


def probabilities(logits: Tensor) -> Tensor:
    """Return the softmax of each pixel, (B, K, H, W)."""
    return logits.softmax(1)
