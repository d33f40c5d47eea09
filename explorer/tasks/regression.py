"""A number for each step of a sequence, or one after its last: squared error, also as a share of the targets' spread.

Answers are (B, T, 1). Targets (B, T) ask at every step; targets (B,) ask for the last step's answer alone.
"""

from __future__ import annotations

from torch import Tensor


def outputs(classes: int) -> int:
    """Return one output for each number that is asked for."""
    return classes


def asked(answers: Tensor, targets: Tensor) -> Tensor:
    """Return the answers that the targets are compared with, in the targets' shape."""
    numbers = answers.squeeze(-1)  # B T
    return numbers if targets.dim() == 2 else numbers[:, -1]


def loss(answers: Tensor, targets: Tensor) -> Tensor:
    """Return the mean squared error."""
    return (asked(answers, targets) - targets).square().mean()


def score(answers: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Return "nrmse": the root of the mean squared error over the targets' spread; 1 is what their mean would give."""
    return {"nrmse": loss(answers, targets).sqrt() / targets.std(correction=0).clamp_min(1e-12)}
