"""What a representation is worth: neighbours with few labels, alignment and uniformity, counterparts found again."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

NEIGHBOURS = 5
SHARPNESS = 2.0  # t of the uniformity, as its authors take it
TIE = 1e-3  # weight of how near a neighbour is, beside its vote: decides between classes with as many votes


def first_of_each(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the first `count` examples of each class, class by class."""
    return np.concatenate([np.flatnonzero(labels == each)[:count] for each in np.unique(labels)])


def votes(known: Tensor, labels: Tensor, asked: Tensor, classes: int) -> Tensor:
    """Return the share of each class among the nearest neighbours by cosine, (N, classes); ties go to the nearer.

    known (M, D) with labels (M,), asked (N, D).
    """
    alike = F.normalize(asked, dim=1) @ F.normalize(known, dim=1).T  # N M
    nearest = alike.topk(min(NEIGHBOURS, len(labels)), 1)
    said = F.one_hot(labels[nearest.indices], classes).to(alike.dtype) * (1 + TIE * nearest.values)[..., None]
    found = said.sum(1)
    return found / found.sum(1, keepdim=True)


def alignment(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean squared distance between the two views of each picture, of unit length (N, D): 0 is best.

    Wang and Isola 2020, sec. 4.1, with α = 2.
    """
    return (first - second).square().sum(1).mean()


def uniformity(points: Tensor) -> Tensor:
    """Return log mean exp(−2 d²) over all pairs of points of unit length (N, D): 0 if all are one, −4 at the least.

    Wang and Isola 2020, sec. 4.1, with t = 2.
    """
    apart = 2 - 2 * (points @ points.T).fill_diagonal_(1.0)
    near = torch.exp(-SHARPNESS * apart.clamp_min(0))
    count = len(points)
    return ((near.sum() - count) / max(1, count * (count - 1))).clamp_min(1e-12).log()


def ranks(first: Tensor, second: Tensor) -> Tensor:
    """Return for each row of `first` how many rows of `second` are nearer than its own counterpart: 0 is found.

    Both (N, D), each centred by itself, so that what all pictures of one artist share does not count.
    """
    one, other = (F.normalize(each - each.mean(0), dim=1) for each in (first, second))
    alike = one @ other.T
    return (alike > alike.diagonal()[:, None]).sum(1)


def found_again(first: Tensor, second: Tensor, within: int) -> Tensor:
    """Return the share whose counterpart is among the `within` nearest, the mean of both directions."""
    both = torch.cat([ranks(first, second), ranks(second, first)])
    return (both < within).float().mean()
