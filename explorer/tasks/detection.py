"""Several objects in a picture: what `localisation` sees at every location, merged into a few boxes.

Merging takes decision after decision on a few boxes, so it is done in numpy on the CPU.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.tasks import localisation
from explorer.tasks.localisation import EDGES, loss, outputs, probabilities

__all__ = ["Found", "found", "found_in_all", "loss", "merged", "outputs", "overlap", "probabilities", "right", "score"]

SURE = 0.5  # a location counts if something is as likely there
SAME = 0.3  # boxes of one class that overlap so much are one
MOST = 12  # boxes left in a picture


@dataclass(frozen=True)
class Found:
    """Boxes in one picture, the surest first; confidence is added up over the locations that were merged."""

    boxes: np.ndarray  # (n, 4) float, pixels
    classes: np.ndarray  # (n,) int
    sure: np.ndarray  # (n,) float


def found_in_all(maps: Tensor, sure: float = SURE) -> list[Found]:
    """Return, for each picture of the maps (B, K + 5, h, w), the boxes of all locations that see something."""
    seen, classes = (each.cpu().numpy() for each in localisation.classes_of(maps)[:, :-1].max(1))  # B h w
    boxes = localisation.boxes(maps[:, -EDGES:]).cpu().numpy()  # B h w 4
    return [_kept(*each, sure) for each in zip(boxes, classes, seen, strict=True)]


def found(maps: Tensor, sure: float = SURE) -> Found:
    """Return the boxes of all locations of one picture's maps (1, K + 5, h, w) that see something."""
    return found_in_all(maps, sure)[0]


def _kept(boxes: np.ndarray, classes: np.ndarray, seen: np.ndarray, sure: float) -> Found:
    keep = seen >= sure
    order = np.argsort(-seen[keep], kind="stable")
    return Found(boxes[keep][order], classes[keep][order], seen[keep][order])


def merged(one: Found, same: float = SAME) -> Found:
    """Merge boxes of one class that overlap: the surest and all that overlap it become their weighted mean, in turn.

    A simpler rule than the paper's, which merges pair by pair (sec. 4.3); as there, confidence is added and not lost.
    """
    left = np.ones(len(one.sure), bool)
    boxes, classes, sure = [], [], []
    while len(boxes) < MOST and left.any():
        first = int(left.argmax())
        group = left & (one.classes == one.classes[first]) & (overlap(one.boxes, one.boxes[first]) >= same)
        group[first] = True
        weights = one.sure[group, None]
        boxes.append((one.boxes[group] * weights).sum(0) / weights.sum())
        classes.append(one.classes[first])
        sure.append(weights.sum())
        left &= ~group
    if not boxes:
        return one
    order = np.argsort(-np.array(sure), kind="stable")
    return Found(np.stack(boxes)[order], np.array(classes)[order], np.array(sure)[order])


def right(one: Found, objects: np.ndarray, fit: float = 0.5) -> np.ndarray:
    """Return which boxes are right, (n,) bool: of an object's class, overlapping it by `fit`, the surest one only."""
    objects = objects[objects[:, 0] >= 0]
    taken, hits = np.zeros(len(objects), bool), np.zeros(len(one.sure), bool)
    for at in range(len(one.sure) if len(objects) else 0):
        fits = overlap(objects[:, 1:], one.boxes[at])
        fits[taken | (objects[:, 0] != one.classes[at])] = 0.0
        if fits.max() >= fit:
            taken[fits.argmax()] = hits[at] = True
    return hits


def overlap(boxes: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return intersection over union of boxes (n, 4) with one other (4,); a box turned inside out has no area."""
    shared = np.minimum(boxes[:, 2:], other[2:]) - np.maximum(boxes[:, :2], other[:2])
    both = shared.clip(0).prod(1)
    areas = (boxes[:, 2:] - boxes[:, :2]).clip(0).prod(1) + (other[2:] - other[:2]).clip(0).prod()
    return both / np.maximum(areas - both, 1e-12)


def score(maps: Tensor, objects: Tensor) -> dict[str, Tensor]:
    """Return recall and precision of the merged boxes at an overlap of one half."""
    truth = objects.cpu().numpy()
    answers = [merged(each) for each in found_in_all(maps)]
    hits = sum(int(right(one, each).sum()) for one, each in zip(answers, truth, strict=True))
    boxes, there = sum(len(one.sure) for one in answers), int((truth[..., 0] >= 0).sum())
    return {"recall": torch.tensor(hits / max(1, there)), "precision": torch.tensor(hits / max(1, boxes))}
