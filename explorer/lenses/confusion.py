"""Which class is taken for which on held-out data, and the mistakes the network is surest of.

Arrays: matrix (K, K) int32, row = true class, column = answer; and for pictures worst (M, H, W[, 3]) uint8. An
evaluation is dear, so its result is kept until the weights have changed, and then for ten times what it cost.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

PATIENCE = 10  # times the cost of an evaluation that its result is good for while training goes on
LONGEST = 3.0  # seconds that a matrix may be behind the network, however slow the machine
clock = time.monotonic


@dataclass(frozen=True)
class Kept:
    weights: tuple[float, ...]  # fingerprint of network and data
    until: float
    worst: int
    frame: Frame


_kept: WeakKeyDictionary[Trainer, Kept] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at all held-out answers; option `worst`: how many mistakes to show, 0 … 24."""
    trainer = supervised(trainer, "confusion")
    versions = _fingerprint(trainer)
    worst = int_option(request, "worst", 8, 0, 24)
    kept = _kept.get(trainer)
    if kept is not None and kept.worst == worst and (kept.weights == versions or clock() < kept.until):
        return kept.frame
    begin = clock()
    frame = _evaluated(trainer, worst)
    cost = clock() - begin
    _kept[trainer] = Kept(versions, begin + cost + min(LONGEST, max(0.5, PATIENCE * cost)), worst, frame)
    return frame


def _fingerprint(trainer: SupervisedTrainer) -> tuple[float, ...]:
    """Return sums that change with the weights or the data; fused optimisers do not raise a tensor's version."""
    with torch.no_grad():
        tensors = (*trainer.model.parameters(), *trainer.model.buffers())
        sums = [part for each in tensors for part in (each.double().sum(), each.double().square().sum())]
        return (*torch.stack(sums).tolist(), float(trainer.test[0].data_ptr()))


def _evaluated(trainer: SupervisedTrainer, most: int) -> Frame:
    inputs, targets = trainer.test
    with evaluating(trainer.model):
        probabilities = torch.cat(
            [trainer.kind.probabilities(trainer.model(part)) for part in inputs.split(EVALUATION_BATCH)]
        )
    sure, answers = probabilities.max(1)
    classes = len(trainer.dataset.classes)
    matrix = torch.bincount(targets * classes + answers, minlength=classes * classes).view(classes, classes)
    wrong = _surest(sure, answers != targets, most)
    arrays: dict[str, np.ndarray] = {"matrix": matrix.to(torch.int32).cpu().numpy()}
    if len(trainer.dataset.input_shape) == 3:
        arrays["worst"] = pictures(inputs[wrong], *range_of(inputs))
    mistakes: list[Json] = [
        {"index": int(at), "true": int(targets[at]), "answer": int(answers[at]), "probability": float(sure[at])}
        for at in wrong
    ]
    facts: dict[str, Json] = {
        "classes": list(trainer.dataset.classes),
        "mistakes": mistakes,
        "wrong": int((answers != targets).sum()),
        "held_out": len(targets),
    }
    return Frame(arrays, facts)


def _surest(sure: Tensor, wrong: Tensor, most: int) -> Tensor:
    """Return the places of the wrong answers, the surest first."""
    places = wrong.nonzero()[:, 0]
    return places[sure[places].argsort(descending=True, stable=True)[:most]]
