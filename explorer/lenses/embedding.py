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
from explorer.lenses._contrast import LAYERS, layer_choice, layer_option
from explorer.lenses._features import features_of
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Choice, Points, Tiles, sheet
from explorer.spec import SpecError, nearest
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.randomness import Preserved
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer

POINTS = 300
NEIGHBOURS = 10
VIEWS_SEED = 1  # the same chance at every step
METHODS = {"plane": "PCA, two directions", "space": "PCA, three directions", "tsne": "t-SNE, neighbours only"}
_before: WeakKeyDictionary[Trainer, Tensor] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the first `points` held-out examples, and an own picture among them.

    Options: `method` plane, space or tsne; `point`, one to look at with its neighbours; `layer` h or z where there are
    both. Raises SpecError.
    """
    trainer = supervised(trainer, "embedding")
    method = str(request.options.get("method", "plane"))
    if method not in METHODS:
        raise SpecError(f"no way to draw points is called '{method}'; {nearest(method, METHODS)}")
    contrastive = isinstance(trainer, ContrastiveTrainer)
    layer = layer_option(request, "h")
    many = int_option(request, "points", POINTS, 20, 1000)
    inputs, targets, classes = _examples(trainer, request, many)
    chosen = int_option(request, "point", -1, -1, len(inputs) - 1)
    features = features_of(trainer, inputs, layer)
    places = (
        by_neighbours(features) if method == "tsne" else projected(trainer, features, 3 if method == "space" else 2)
    )
    drawn = pictures(inputs, *range_of(trainer.test[0])) if inputs.dim() == 4 else None
    read = f"of {LAYERS[layer]}" if contrastive else "before the last layer"
    own = [len(inputs) - 1] if len(classes) > len(trainer.dataset.classes) else []
    marked = [*([chosen] if chosen >= 0 else []), *own]
    return sheet(
        Points(
            "Held-out examples", places, targets.cpu().numpy(), classes, drawn,
            note=f"{features.shape[1]} numbers each, {read}" + ("; click a point" if drawn is not None else ""),
            side=460, pick="point" if drawn is not None else "", marked=marked,
        ),
        *(_looked_at(trainer, inputs, targets, classes, features, chosen) if drawn is not None and chosen >= 0 else ()),
        caption=(
            f"Near is alike, for the network. {len(inputs)} held-out examples; "
            + ("t-SNE keeps neighbours, not distances between groups." if method == "tsne" else
               f"the directions shown hold {explained(features, places.shape[1]):.0%} of the spread.")
        ),
        controls=(
            Choice("method", "Drawn by", method, tuple(METHODS.items())),
            *((layer_choice(layer),) if contrastive else ()),
        ),
    )  # fmt: skip


def _examples(trainer: SupervisedTrainer, request: LensRequest, many: int) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Return held-out examples, their classes and the classes' names; an own picture is the last, a class by itself."""
    inputs, targets, classes = trainer.test[0][:many], trainer.test[1][:many], trainer.dataset.classes
    if request.input is None or inputs.dim() != 4:
        return inputs, targets, classes
    own, _ = picture(request, trainer.test)
    return torch.cat([inputs, own]), torch.cat([targets, targets.new_full((1,), len(classes))]), (*classes, "yours")


def _looked_at(
    trainer: SupervisedTrainer, inputs: Tensor, targets: Tensor, classes: tuple[str, ...], features: Tensor, chosen: int
) -> tuple[Tiles, ...]:
    """Return the chosen example, what training would make of it, and those nearest to it among the points shown."""
    one = inputs[chosen : chosen + 1]
    views = _views(trainer, one)
    centred = unit(features.float() - features.float().mean(0))
    alike = (centred @ centred[chosen]).index_fill(0, torch.tensor(chosen, device=centred.device), -torch.inf)
    best = alike.topk(min(NEIGHBOURS, len(alike) - 1))
    low, high = range_of(trainer.test[0])
    names = [f"{classes[int(targets[at])]} {float(value):.2f}" for at, value in zip(*best[::-1], strict=True)]
    return (
        Tiles(
            "This one" + (", and as training may see it" if len(views) > 1 else ""), pictures(views, low, high),
            [classes[int(targets[chosen])], *["a view"] * (len(views) - 1)], side=76,
        ),
        Tiles("Its neighbours", pictures(inputs[best.indices], low, high), names, "cosine around the middle", side=60),
    )  # fmt: skip


def _views(trainer: SupervisedTrainer, one: Tensor) -> Tensor:
    """Return a picture (1, C, H, W) and two changed copies of it, if training changes pictures."""
    if not trainer.augmentation.on:
        return one
    with Preserved(trainer.device), torch.no_grad():
        torch.manual_seed(VIEWS_SEED)
        return torch.cat([one, trainer.augmentation(one.repeat(2, 1, 1, 1))])


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
