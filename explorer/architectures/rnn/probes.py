"""What the experiments measure on a recurrent network beyond its loss."""

from __future__ import annotations

import math

from explorer.lenses._sequence import stepwise
from explorer.lenses.gradient_through_time import gradient_norms
from explorer.training.trainer import Trainer

SEQUENCES = 32
LEAST = -40.0  # log₁₀ of what a float32 holds no more


def back_in_time(trainer: Trainer) -> dict[str, float]:
    """Return log₁₀ of the gradient's norm 50 and 99 steps back over the last step's, −40 where nothing is left."""
    norms = gradient_norms(*stepwise(trainer, "gradient_through_time"), SEQUENCES)[0]
    last = float(norms[-1])
    return {f"back_{steps}": _decades(float(norms[-1 - steps]), last) for steps in (50, 99)}


def _decades(early: float, last: float) -> float:
    return max(LEAST, math.log10(early / last)) if early > 0 and last > 0 else LEAST
