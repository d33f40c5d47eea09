"""The path that the state takes while a sequence is read, in the plane of its two widest directions."""

from __future__ import annotations

import numpy as np
import torch

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._sequence import KINDS, followed, kinds_of, reading, reads_text, stepwise, with_remark
from explorer.lenses._sheet import Points, sheet
from explorer.lenses.embedding import explained, projected
from explorer.training.trainer import Trainer


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the states of one sequence: PCA, turned towards the picture before."""
    trainer, network = stepwise(trainer, "state_space")
    read = reading(trainer, request)
    states = torch.cat([state[0] for state in followed(trainer, network, read.inputs)])  # T hidden
    text = reads_text(trainer)
    labels = read.labels if read.tokens else [f"step {label}" for label in read.labels]
    return sheet(
        Points(
            "Path of the state", projected(trainer, states, 2),
            np.array(kinds_of(read.labels)) if text else None, KINDS if text else (),
            labels=labels, lines=True, marked=(len(states) - 1,), side=480,
            note="a point a step, joined in their order; the last is marked",
        ),
        caption=with_remark(
            f"The two directions hold {explained(states, 2):.0%} of the states' spread. "
            + ("After the same letter the state is seldom the same: it also holds what came before." if read.tokens else
               "A rhythm that the network has taken up is a ring."), read,
        ),
        controls=read.controls,
    )  # fmt: skip
