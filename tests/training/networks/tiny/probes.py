from __future__ import annotations

from explorer.training.trainer import Trainer


def weight_norm(trainer: Trainer) -> dict[str, float]:
    return {"weight_norm": float(next(trainer.model.parameters()).detach().norm())}
