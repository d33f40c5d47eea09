"""Where the z of held-out pictures lie on their sphere: partners together, and all of it used (Wang and Isola 2020)."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._contrast import contrasting, signed
from explorer.lenses._sheet import Choice, Line, Lines, Numbers, Points, sheet
from explorer.lenses.embedding import turn
from explorer.spec import SpecError, nearest
from explorer.training import contrastive_scores as scores
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.trainer import Trainer

PICTURES = 150
BINS = 25  # of distances 0 … 2
ARC = 49  # points of a drawn curve
SHAPES = {"circle": "on a circle", "sphere": "on a sphere"}
_before: WeakKeyDictionary[Trainer, dict[str, Tensor]] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at both views' z on a circle or a sphere (option `shape`) and at their distances; raises SpecError."""
    trainer = contrasting(trainer, "alignment_and_uniformity")
    shape = str(request.options.get("shape", "circle"))
    if shape not in SHAPES:
        raise SpecError(f"nothing to lie on is called '{shape}'; {nearest(shape, SHAPES)}")
    inputs, targets = (each[:PICTURES] for each in trainer.test)
    _, _, one, other = trainer.compared(inputs)
    places = _laid(trainer, torch.cat([one, other]), shape)
    aligned, even = float(scores.alignment(one, other)), float(scores.uniformity(one))
    best = evenly(one.shape[1])
    flat = shape == "circle"
    return sheet(
        Points(
            "Two views of each picture", places, targets.repeat(2).cpu().numpy(), trainer.dataset.classes,
            note=_note(one.shape[1], places.shape[1]), span=1.15 if flat else 0.0, side=380,
            curves=_curves(places) if flat else None,
        ),
        Lines(
            "How far apart they are",
            (Line("partners", _shares((one - other).norm(dim=1))), Line("different pictures", _shares(_apart(one)))),
            np.linspace(0, 2, BINS), "distance between two z", "share of pairs", low=0.0,
        ),
        Numbers(
            (
                ("alignment", f"{aligned:.2f}", "partners' squared distance; 0 is best"),
                ("uniformity", signed(even), f"evenly spread: {signed(best)}; all on one point: 0"),
            )
        ),
        caption=_caption(even, best),
        controls=(Choice("shape", "Laid out", shape, tuple(SHAPES.items())),),
    )  # fmt: skip


def evenly(dims: int) -> float:
    """Return the uniformity of points spread evenly over the sphere in so many dimensions.

    log E exp(−4 + 4t), where t is the cosine between two of them: −4 + log Σ 4^k / (k! (d/2)(d/2 + 1) …).
    """
    term, total = 1.0, 1.0
    for k in range(1, 60):
        term *= 4 / (k * (dims / 2 + k - 1))
        total += term
    return -4 + math.log(total)


def _laid(trainer: ContrastiveTrainer, z: Tensor, shape: str) -> np.ndarray:
    """Return the directions of z (N, D) within the two or three of largest spread, turned towards the last ones."""
    dims = 2 if shape == "circle" else 3
    places = z
    if z.shape[1] > dims:
        _, _, directions = torch.linalg.svd(z, full_matrices=False)
        places = unit(z @ directions[:dims].T)
    places = torch.cat([places, places.new_zeros(len(places), dims - places.shape[1])], 1)
    kept = _before.setdefault(trainer, {})
    if z.shape[1] > dims and shape in kept and kept[shape].shape == places.shape:
        places = places @ turn(places, kept[shape])
    kept[shape] = places
    return places.cpu().numpy()


def _note(has: int, shown: int) -> str:
    if has <= shown:
        return "classes by mark and colour"
    return f"the {shown} main directions of {has}, at length 1; classes by mark and colour"


def _curves(places: np.ndarray) -> np.ndarray:
    """Return the circle, and a line from each first view to the second, (curves, ARC, 2)."""
    angle = np.linspace(0, 2 * np.pi, ARC)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    first, second = np.split(places, 2)
    way = np.linspace(0, 1, ARC)[None, :, None]
    return np.concatenate([circle[None], first[:, None] * (1 - way) + second[:, None] * way])


def _apart(points: Tensor) -> Tensor:
    """Return the distances between each two different points."""
    distances = (2 - 2 * points @ points.T).clamp_min(0).sqrt()
    return distances[~torch.eye(len(points), dtype=torch.bool, device=points.device)]


def _shares(distances: Tensor) -> np.ndarray:
    """Return the share of the distances in each of the bins around 0 … 2."""
    places = (distances / 2 * (BINS - 1)).round().long().clamp(0, BINS - 1)
    return (torch.bincount(places, minlength=BINS).float() / max(1, len(distances))).cpu().numpy()


def _caption(even: float, best: float) -> str:
    if even > 0.1 * best:
        return (
            "Nearly all lie on one point. Partners are together because everything is: the network says the same of "
            "every picture."
        )
    return (
        "Partners are to lie together, and all pictures to fill the sphere. The loss asks for both: partners attract, "
        "and all others push."
    )
