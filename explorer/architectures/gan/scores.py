"""How good what G makes is: modes of a known distribution that are covered, or classes that a judge recognises."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer.data.distributions import SPREAD, Shape

NEAR = 4 * SPREAD  # a point farther than four standard deviations from every centre belongs to none
COVERED = 0.01  # share of the samples that a mode or a class needs to count
SURE = 0.9  # probability from which the judge is called confident


def plane_scores(samples: Tensor, shape: Shape) -> Mapping[str, float]:
    """Return "modes" covered by the samples (N, 2), the share "near" one, and the share of the commonest ("top")."""
    centres = torch.from_numpy(shape.centres).to(samples.device, samples.dtype)
    distance, centre = torch.cdist(samples, centres).min(1)
    mode = torch.from_numpy(shape.modes).to(samples.device)[centre]
    near = distance <= NEAR
    counts = torch.bincount(mode[near], minlength=shape.count)
    return {
        "modes": float((counts >= COVERED * len(samples)).sum()),
        "near": float(near.float().mean()),
        "top": float(torch.bincount(mode).max()) / len(samples),
    }


def picture_scores(probabilities: Tensor) -> Mapping[str, float]:
    """Return how many "classes" are covered, and the share of "confident" answers, from the judge's (N, classes).

    No class counts for more than its fair share of the samples: a classifier is sure of noise too, all of it of one
    class, and one good digit made over and over is no good generator.
    """
    most, answer = probabilities.max(1)
    sure = most > SURE
    counts = torch.bincount(answer[sure], minlength=probabilities.shape[1])
    return {
        "classes": float((counts >= COVERED * len(probabilities)).sum()),
        "confident": float(counts.clamp_max(len(probabilities) / probabilities.shape[1]).sum()) / len(probabilities),
    }
