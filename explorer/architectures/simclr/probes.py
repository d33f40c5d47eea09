"""What the experiments measure on a trained network beyond loss and neighbours."""

from __future__ import annotations

from explorer.lenses.similarity import pushes
from explorer.training.contrastive import ContrastiveTrainer
from explorer.training.trainer import Trainer


def classes(trainer: Trainer) -> dict[str, float]:
    """Return how alike z of held-out pictures of one class and of two are, and the share of the push within a class.

    "same_class", "other_class": mean cosines between views of different pictures; "share": of all negatives, those of
    the same class; "push": their share of the softmax's weight on negatives.
    """
    assert isinstance(trainer, ContrastiveTrainer)
    found = pushes(trainer, *trainer.test, "z")
    return {
        "same_class": found.same_class, "other_class": found.other_class, "share": found.share, "push": found.push,
    }  # fmt: skip
