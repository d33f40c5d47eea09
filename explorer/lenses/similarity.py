"""How alike each two views of a batch come out: partners on the diagonal, and who is pushed away how strongly."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._contrast import LAYERS, contrasting, layer_choice, layer_option, percent, signed
from explorer.lenses._sheet import Heat, Numbers, sheet
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.trainer import Trainer

MEASURED = 128  # held-out pictures that the figures are taken of …
SHOWN = 30  # … and that the table shows, sorted by class


@dataclass(frozen=True)
class Pushes:
    """Cosines (N, N) between first views and second ones, their means, and who gets how much of the push."""

    cosines: Tensor
    partners: float
    same_class: float
    other_class: float
    share: float  # of the negatives, those of the same class
    push: float  # their share of the softmax's weight on negatives


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the cosines between first and second views; option `layer`: of h or of z."""
    trainer = contrasting(trainer, "similarity")
    layer = layer_option(request)
    inputs, targets = trainer.test
    found = pushes(trainer, inputs[:MEASURED], targets[:MEASURED], layer)
    order = targets[:SHOWN].argsort(stable=True)
    names = [trainer.dataset.classes[each] for each in targets[order].tolist()]
    return sheet(
        Heat(
            f"Cosines by {LAYERS[layer]}", found.cosines[order][:, order].cpu().numpy(), names, names,
            "rows: one view, columns: the other", low=-1.0, high=1.0, cell=13,
        ),
        Numbers(
            (
                ("partners", signed(found.partners), "two views of one picture"),
                ("same class", signed(found.same_class), "two pictures of one class"),
                ("other class", signed(found.other_class), "two pictures of two classes"),
                ("same class among the negatives", percent(found.share), "of all pairs"),
                ("their share of the push", percent(found.push), "weights of the softmax"),
            )
        ),
        caption=(
            "Partners lie on the diagonal. Pictures are sorted by class to be looked at, which the network cannot "
            "know: two of one class push each other away like any others, and the nearer, the harder."
        ),
        controls=(layer_choice(layer),),
    )  # fmt: skip


def pushes(trainer: ContrastiveTrainer, inputs: Tensor, targets: Tensor, layer: str) -> Pushes:
    """Compare two views of each picture (N, C, H, W) by h or z; classes (N,) only sort what is found."""
    alike = _alike(trainer, inputs, layer)
    same = targets[:, None] == targets[None]
    partner = torch.eye(len(alike), dtype=torch.bool, device=alike.device)
    kin = same & ~partner
    weights = (alike / trainer.temperature).masked_fill(partner, -torch.inf).softmax(1)
    return Pushes(
        alike,
        _mean(alike, partner),
        _mean(alike, kin),
        _mean(alike, ~same),
        float(kin.sum() / (~partner).sum()),
        float((weights * kin).sum() / weights.sum()),
    )


def _alike(trainer: ContrastiveTrainer, inputs: Tensor, layer: str) -> Tensor:
    """Return the cosine between each first and each second view, (N, N)."""
    first, second, one, other = trainer.compared(inputs)
    if layer == "h":
        one, other = unit(trainer.representation(first)), unit(trainer.representation(second))
    return one @ other.T


def _mean(alike: Tensor, where: Tensor) -> float:
    return float((alike * where).sum() / where.sum().clamp_min(1))
