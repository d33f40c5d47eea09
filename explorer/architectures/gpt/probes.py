"""What the experiments measure on a trained small GPT beyond loss and accuracy."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from explorer.architectures.gpt.model import GPT
from explorer.architectures.gpt.training import GPTTrainer
from explorer.training.attention import recording
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

ROWS = 64  # held-out rows on which heads are measured


def size(trainer: Trainer) -> dict[str, float]:
    """Return the number of parameters of the blocks: without the tables of tokens and places."""
    assert isinstance(trainer.model, GPT)
    return {"block_parameters": float(sum(each.numel() for each in trainer.model.blocks.parameters()))}


def places(trainer: Trainer) -> dict[str, float]:
    """Return the held-out loss in nats at the 1st, 4th and 16th place of the window, and over its last quarter."""
    assert isinstance(trainer, GPTTrainer)
    inputs, targets = trainer.scored()
    with evaluating(trainer.model):
        costs = F.cross_entropy(trainer.model(inputs).flatten(0, 1), targets.flatten(), reduction="none")
    by_place = costs.view(targets.shape).mean(0)
    at = {f"loss_at_{place}": float(by_place[place - 1]) for place in (1, 4, 16)}
    return {**at, "loss_at_end": float(by_place[-(len(by_place) // 4) :].mean())}


def heads(trainer: Trainer) -> dict[str, float]:
    """Return the largest mean attention of a head to what followed last time, and to the token before."""
    assert isinstance(trainer, SupervisedTrainer)
    rows = trainer.test[0][:ROWS]
    half = rows.shape[1] // 2
    again = torch.arange(half, rows.shape[1] - 1, device=rows.device)
    with recording(trainer.model) as seen, evaluating(trainer.model):
        trainer.model(rows)
    return {
        "induction": max(float(one.weights[:, :, again, again - half + 1].mean((0, 2)).max()) for one in seen),
        "previous": max(float(one.weights[:, :, again, again - 1].mean((0, 2)).max()) for one in seen),
    }
