"""Points that a learner puts into the plane: a run takes them from its upload; without one, a few to begin with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.data import Dataset
from explorer.data.plane import CLASSES
from explorer.spec import Settings

BEGINNING = np.array(
    [
        *([-0.7, 0.5], [-0.5, 0.7], [-0.4, 0.4], [0.5, -0.6], [0.7, -0.4], [0.4, -0.3]),
        *([0.6, 0.6], [0.4, 0.5], [0.7, 0.3], [-0.6, -0.5], [-0.4, -0.7], [-0.3, -0.4]),
    ],
    np.float32,
)
COLOURS = np.array([0] * 6 + [1] * 6, np.int64)


def _points(settings: Settings, seed: int) -> Dataset:
    return Dataset(
        BEGINNING,
        COLOURS,
        BEGINNING,
        COLOURS,
        CLASSES,
        "Twelve points to begin with; nothing held out. Put your own in their place",
    )


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"points": _points}
