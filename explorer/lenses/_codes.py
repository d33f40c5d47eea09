"""What the lenses on autoencoders share: the two halves of the network, pixels, and the best that a plane can do."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn

from explorer.lenses._looking import pictures, range_of, supervised
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer

SWEEPS = 4  # of the search for principal directions; the error is right to a thousandth


def coding(trainer: Trainer, lens: str) -> tuple[SupervisedTrainer, nn.Module, nn.Module]:
    """Return the trainer, its encoder and its decoder; raises SpecError where the network has no such halves."""
    trainer = supervised(trainer, lens)
    encoder, decoder = getattr(trainer.model, "encoder", None), getattr(trainer.model, "decoder", None)
    if not isinstance(encoder, nn.Module) or not isinstance(decoder, nn.Module):
        raise SpecError(
            f"the lens '{lens}' looks at a code between two halves; this network has no encoder and decoder"
        )
    return trainer, encoder, decoder


def pixels(trainer: SupervisedTrainer, inputs: Tensor) -> Tensor:
    """Return the network's inputs as pixels of 0 … 1."""
    low, high = range_of(trainer.test[0])
    return (inputs - low) / max(high - low, 1e-12)


def shown(values: Tensor) -> np.ndarray:
    """Return pixels of 0 … 1, (N, C, H, W), as uint8 pictures."""
    return pictures(values, 0.0, 1.0)


def written(error: float) -> str:
    return f"{error:.4f}"


@dataclass(frozen=True)
class Plane:
    """Principal directions (D, k) of the training pixels around their mean (D,)."""

    middle: np.ndarray
    directions: np.ndarray

    def given_back(self, values: np.ndarray) -> np.ndarray:
        """Return pictures (N, D) as far as the directions can tell them."""
        return self.middle + (values - self.middle) @ self.directions @ self.directions.T


_planes: WeakKeyDictionary[SupervisedTrainer, Plane] = WeakKeyDictionary()


def plane_of(trainer: SupervisedTrainer, numbers: int) -> Plane:
    """Return PCA of the training pixels with so many numbers, worked out once for a trainer."""
    kept = _planes.get(trainer)
    if kept is None or kept.directions.shape[1] != numbers:
        values = pixels(trainer, torch.from_numpy(trainer.dataset.train_inputs)).numpy()
        kept = _planes[trainer] = principal(values.reshape(len(values), -1), numbers)
    return kept


def principal(values: np.ndarray, numbers: int) -> Plane:
    """Return the `numbers` directions of largest spread of (N, D), found by repeated multiplication."""
    middle = values.mean(0)
    centred = values - middle
    start = np.random.default_rng(0).standard_normal((values.shape[1], min(numbers + 16, *values.shape)))
    found = start.astype(values.dtype)
    for _ in range(SWEEPS):
        found, _ = np.linalg.qr(centred.T @ (centred @ found))
    _, _, turned = np.linalg.svd(centred @ found, full_matrices=False)
    return Plane(middle, (found @ turned.T)[:, :numbers])
