"""Held-out examples as the last layer sees them, brought into the plane or into space, each as its picture.

The numbers before the last layer are projected on the directions of their largest spread (PCA); every projection is
turned so that it lies as near as it can to the one before, so that points move only because the network changed.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._features import before_the_answer
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._sheet import Choice, Points, sheet
from explorer.spec import SpecError, nearest
from explorer.training.trainer import Trainer

POINTS = 300
METHODS = {"plane": "PCA, two directions", "space": "PCA, three directions", "tsne": "t-SNE, neighbours only"}
_before: WeakKeyDictionary[Trainer, Tensor] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the first `points` held-out examples; option `method`: plane, space or tsne. Raises SpecError."""
    trainer = supervised(trainer, "embedding")
    method = str(request.options.get("method", "plane"))
    if method not in METHODS:
        raise SpecError(f"no way to draw points is called '{method}'; {nearest(method, METHODS)}")
    many = int_option(request, "points", POINTS, 20, 1000)
    inputs, targets = trainer.test[0][:many], trainer.test[1][:many]
    features = before_the_answer(trainer.model, inputs)
    places = (
        by_neighbours(features) if method == "tsne" else projected(trainer, features, 3 if method == "space" else 2)
    )
    drawn = pictures(inputs, *range_of(trainer.test[0])) if inputs.dim() == 4 else None
    return sheet(
        Points(
            "Held-out examples", places, targets.cpu().numpy(), trainer.dataset.classes, drawn,
            note=f"{features.shape[1]} numbers each, before the last layer", side=460,
        ),
        caption=(
            f"Near is alike, for the network. {len(inputs)} held-out examples; "
            + ("t-SNE keeps neighbours, not distances between groups." if method == "tsne" else
               f"the directions shown hold {explained(features, places.shape[1]):.0%} of the spread.")
        ),
        controls=(Choice("method", "Drawn by", method, tuple(METHODS.items())),),
    )  # fmt: skip


def projected(trainer: Trainer, features: Tensor, dims: int) -> np.ndarray:
    """Return the features (N, D) on their `dims` main directions, at unit spread, turned towards those shown last."""
    centred = (features - features.mean(0)).float()
    centred = torch.cat([centred, centred.new_zeros(len(centred), max(0, dims - centred.shape[1]))], 1)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    places = centred @ directions[:dims].T
    places = places / places.square().mean().sqrt().clamp_min(1e-12)
    before = _before.get(trainer)
    if before is not None and before.shape == places.shape:
        places = places @ turn(places, before)
    _before[trainer] = places
    return places.cpu().numpy()


def turn(places: Tensor, before: Tensor) -> Tensor:
    """Return the rotation or reflection that brings `places` nearest to `before` (orthogonal Procrustes)."""
    left, _, right = torch.linalg.svd(places.T @ before)
    return left @ right


def by_neighbours(features: Tensor) -> np.ndarray:
    """Return the features by t-SNE, (N, 2) at unit spread; the same features give the same picture."""
    from sklearn.manifold import TSNE

    found = TSNE(2, perplexity=min(30, len(features) / 4), init="pca", random_state=0).fit_transform(
        features.float().cpu().numpy()
    )
    return found / max(float(np.sqrt(np.mean(found**2))), 1e-12)


def explained(features: Tensor, dims: int) -> float:
    """Return the share of the features' variance that their `dims` main directions hold."""
    spreads = torch.linalg.svdvals((features - features.mean(0)).float()).square()
    return float(spreads[:dims].sum() / spreads.sum().clamp_min(1e-12))
