"""The only numbers of an echo state network that are learnt: the weights of its read-out."""

from __future__ import annotations

import numpy as np

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._reservoir import echoing
from explorer.lenses._sheet import Bars, Heat, Numbers, sheet
from explorer.training.trainer import Trainer

SIDE, LARGEST = 25, 10


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at all weights as a table, and at the largest as bars."""
    network, _ = echoing(trainer, "readout_weights")
    weights = network.readout.W_out.weight.detach()[0].cpu().numpy()  # units
    rows = -(-len(weights) // SIDE)
    table = np.full(rows * SIDE, np.nan)
    table[: len(weights)] = weights
    order = np.argsort(-np.abs(weights))[:LARGEST]
    fixed = sum(each.numel() for each in trainer.model.parameters()) - len(weights)
    return sheet(
        Numbers(
            (
                ("learnt", f"{len(weights):,}", "the read-out"),
                ("never changed", f"{fixed:,}", "the reservoir and its input"),
                ("length of W_out", f"{float(np.linalg.norm(weights)):.3g}", "√ of the sum of squares"),
            )
        ),
        Heat("Read-out weights", np.nan_to_num(table).reshape(rows, SIDE), note="a cell a unit, row by row"),
        Bars("The largest", [f"unit {at + 1}" for at in order], [float(weights[at]) for at in order]),
        caption=(
            "Large weights of both signs nearly cancel each other. More ridge makes them smaller, and what runs free "
            "steadier; too much makes it dull."
        ),
    )  # fmt: skip
