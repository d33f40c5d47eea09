"""The two losses of the game on logits a, where D = σ(a): log D = −softplus(−a), log(1 − D) = −softplus(a)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(real: Tensor, made: Tensor, real_label: float = 1.0) -> Tensor:
    """Return −V(D, G) as a mean, from logits of real and made examples.

    `real_label` below 1: D is asked for that probability only where it sees real ones (one-sided label smoothing,
    Salimans et al. 2016, sec. 3.4).
    """
    right = real_label * F.softplus(-real) + (1 - real_label) * F.softplus(real)
    return right.mean() + F.softplus(made).mean()


def generator_loss(made: Tensor, minimax: bool = False) -> Tensor:
    """Return −log D(G(z)) as a mean; with `minimax` log(1 − D(G(z))), the paper's eq. 1."""
    return -F.softplus(made).mean() if minimax else F.softplus(-made).mean()
