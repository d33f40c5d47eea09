"""What the experiments measure on a trained network beyond loss and neighbours."""

from __future__ import annotations

from explorer.architectures.moco.training import MoCoTrainer
from explorer.lenses.queue import by_age
from explorer.training.trainer import Trainer


def staleness(trainer: Trainer) -> dict[str, float]:
    """Return "oldest_cosine", the oldest kept key against what the encoder makes of its view now, and "oldest_age"."""
    assert isinstance(trainer, MoCoTrainer)
    drift = trainer.drift()
    ages, cosines = by_age(drift.ages, drift.cosines, int(trainer.ages.max()))
    return {"oldest_cosine": float(cosines[-1]), "oldest_age": float(ages[-1])}
