"""What stands where: at every location of a picture a class, or nothing, and the edges of a box.

The network gives maps (B, K + 1 + 4, h, w): logits of K classes and of nothing, then left, top, right and bottom edge
as shares of `REACH` pixels from the location. Locations lie `STRIDE` pixels apart, the first `FIRST` pixels from the
border. Objects are (B, D, 5): class and edges in pixels; a class below 0 is an object that is not there.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

STRIDE, FIRST, REACH = 8, 16, 32
NEAR, FAR = 6, 10  # pixels from an object's middle: up to NEAR a location answers for it, from FAR on it says nothing
EDGES = 4
NOTHING_WEIGHT = 0.25  # most places are empty; without this they would outweigh the digits
IGNORED = -100


def outputs(classes: int) -> int:
    """Return the maps that are needed for so many classes: one each, one for nothing, four for the edges."""
    return classes + 1 + EDGES


def loss(maps: Tensor, objects: Tensor) -> Tensor:
    """Return both losses, added."""
    return class_loss(maps[:, :-EDGES], objects) + box_loss(maps[:, -EDGES:], objects)


def class_loss(logits: Tensor, objects: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the mean cross-entropy over locations, (B, K + 1, h, w); those between NEAR and FAR do not count.

    `smoothing`: the share of each target that is spread over all classes, so that no answer gets too sure.
    """
    weights = torch.ones(logits.shape[1], device=logits.device)
    weights[-1] = NOTHING_WEIGHT
    wanted = labels(objects, logits)
    return F.cross_entropy(logits, wanted, weights, ignore_index=IGNORED, label_smoothing=smoothing)


def box_loss(edges: Tensor, objects: Tensor) -> Tensor:
    """Return the mean squared error of the edges (B, 4, h, w), where a location answers for an object."""
    nearest, away = _nearest(objects, edges)
    wanted = (nearest[..., 1:].to(edges.dtype) - _corners(edges)) / REACH  # B h w 4
    answers = (away <= NEAR)[..., None].to(edges.dtype)
    errors = (edges.permute(0, 2, 3, 1) - wanted).square() * answers
    return errors.sum() / (EDGES * answers.sum()).clamp_min(1.0)


def labels(objects: Tensor, maps: Tensor) -> Tensor:
    """Return what each location should say, (B, h, w): a class, K for nothing, IGNORED where it is neither."""
    nearest, away = _nearest(objects, maps)
    nothing = torch.full_like(away, maps.shape[1] - 1, dtype=torch.long)
    unsure = torch.where(away < FAR, torch.full_like(nothing, IGNORED), nothing)
    return torch.where(away <= NEAR, nearest[..., 0].long(), unsure)


def score(maps: Tensor, objects: Tensor) -> dict[str, Tensor]:
    """Return the share of pictures whose first object's class is answered, and the mean overlap with its box."""
    first = objects[:, 0]
    return {
        "accuracy": (probabilities(maps).argmax(1) == first[:, 0]).float().mean(),
        "iou": overlap(box(maps), first[:, 1:].to(maps.dtype)).mean(),
    }


def probabilities(maps: Tensor) -> Tensor:
    """Return the classes' shares of what is seen at all locations together, (B, K); for pictures of one object.

    What is added are the odds of each class against nothing, so that a location that sees nothing has no say.
    """
    odds = maps[:, : -EDGES - 1] - maps[:, -EDGES - 1 : -EDGES]
    return odds.flatten(2).logsumexp(2).softmax(1)


def box(maps: Tensor) -> Tensor:
    """Return one box for each picture, (B, 4) in pixels: the locations' boxes, weighted by how sure they are."""
    sure = classes_of(maps)[:, :-1].amax(1).flatten(1).square()  # B h·w
    weights = sure / sure.sum(1, keepdim=True).clamp_min(1e-12)
    return (boxes(maps[:, -EDGES:]).flatten(1, 2) * weights[..., None]).sum(1)


def classes_of(maps: Tensor) -> Tensor:
    """Return the probabilities of classes and nothing at each location, (B, K + 1, h, w)."""
    return maps[:, :-EDGES].softmax(1)


def boxes(edges: Tensor) -> Tensor:
    """Return the box that each location predicts, (B, h, w, 4) in pixels."""
    return edges.permute(0, 2, 3, 1) * REACH + _corners(edges)


def overlap(one: Tensor, other: Tensor) -> Tensor:
    """Return intersection over union of boxes (…, 4), by pairs that broadcast; a box turned inside out has no area."""
    shared = torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(one[..., :2], other[..., :2])
    both = shared.clamp_min(0).prod(-1)
    return both / (_area(one) + _area(other) - both).clamp_min(1e-12)


def _area(edges: Tensor) -> Tensor:
    return (edges[..., 2:] - edges[..., :2]).clamp_min(0).prod(-1)


def _corners(maps: Tensor) -> Tensor:
    """Return each location's place as (x, y, x, y), (h, w, 4)."""
    height, width = maps.shape[2:]
    y, x = torch.meshgrid(_line(height, maps), _line(width, maps), indexing="ij")
    return torch.stack([x, y, x, y], 2)


def _line(count: int, like: Tensor) -> Tensor:
    return FIRST + STRIDE * torch.arange(count, device=like.device, dtype=like.dtype)


def _nearest(objects: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return for each location the nearest object (B, h, w, 5) and how far its middle is, sideways or up (B, h, w)."""
    middles = (objects[..., 1:3] + objects[..., 3:]).to(maps.dtype) / 2  # B D 2
    places = _corners(maps)[None, :, :, None, :2]  # 1 h w 1 2
    away = (middles[:, None, None] - places).abs().amax(4)  # B h w D
    away = away.masked_fill((objects[..., 0] < 0)[:, None, None], float("inf"))
    distance, which = away.min(3)  # B h w
    picked = objects[:, None, None].expand(*which.shape, *objects.shape[1:])
    return picked.gather(3, which[..., None, None].expand(*which.shape, 1, objects.shape[2]))[..., 0, :], distance
