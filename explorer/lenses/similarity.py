"""How alike each two views of a batch come out: partners on the diagonal, and who is pushed away how strongly."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._contrast import LAYERS, contrasting, layer_choice, layer_option, signed
from explorer.lenses._sheet import Heat, Numbers, sheet
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.trainer import Trainer

MEASURED = 128  # held-out pictures that the figures are taken of …
SHOWN = 30  # … and that the table shows, sorted by class


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the cosines between first and second views; option `layer`: of h or of z."""
    trainer = contrasting(trainer, "similarity")
    layer = layer_option(request)
    inputs, targets = (each[:MEASURED] for each in trainer.test)
    alike = _alike(trainer, inputs, layer)
    order = targets[:SHOWN].argsort(stable=True)
    names = [trainer.dataset.classes[each] for each in targets[order].tolist()]
    same = targets[:, None] == targets[None]
    partner = torch.eye(len(alike), dtype=torch.bool, device=alike.device)
    kin, others = same & ~partner, ~same
    pushed = (alike / trainer.temperature).masked_fill(partner, -torch.inf).softmax(1)
    share, push = float(kin.float().sum() / (~partner).sum()), float((pushed * kin).sum() / pushed.sum())
    return sheet(
        Heat(
            f"Cosines by {LAYERS[layer]}", alike[order][:, order].cpu().numpy(), names, names,
            "rows: one view, columns: the other", low=-1.0, high=1.0, cell=13,
        ),
        Numbers(
            (
                ("partners", signed(float(alike[partner].mean())), "two views of one picture"),
                ("same class", signed(_mean(alike, kin)), "two pictures of one class"),
                ("other class", signed(_mean(alike, others)), "two pictures of two classes"),
                ("same class among the negatives", f"{share:.0%}".replace("%", " %"), "of all pairs"),
                ("their share of the push", f"{push:.0%}".replace("%", " %"), "weights of the softmax"),
            )
        ),
        caption=(
            "Partners lie on the diagonal. Pictures are sorted by class to be looked at, which the network cannot "
            "know: two of one class push each other away like any others, and the nearer, the harder."
        ),
        controls=(layer_choice(layer),),
        facts={"same_class_push": push, "same_class_share": share},
    )  # fmt: skip


def _alike(trainer: ContrastiveTrainer, inputs: Tensor, layer: str) -> Tensor:
    """Return the cosine between each first and each second view, (N, N)."""
    first, second, one, other = trainer.compared(inputs)
    if layer == "h":
        one, other = unit(trainer.representation(first)), unit(trainer.representation(second))
    return one @ other.T


def _mean(alike: Tensor, where: Tensor) -> float:
    return float((alike * where).sum() / where.sum().clamp_min(1))
