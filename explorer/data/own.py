"""What a learner puts into the plane, points or lines: a run takes it from its upload; without one, a beginning."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from explorer.data import Dataset
from explorer.data.distributions import STRETCHES, along, drawn
from explorer.data.plane import CLASSES
from explorer.spec import Settings, SpecError

BEGINNING = np.array(
    [
        *([-0.7, 0.5], [-0.5, 0.7], [-0.4, 0.4], [0.5, -0.6], [0.7, -0.4], [0.4, -0.3]),
        *([0.6, 0.6], [0.4, 0.5], [0.7, 0.3], [-0.6, -0.5], [-0.4, -0.7], [-0.3, -0.4]),
    ],
    np.float32,
)
COLOURS = np.array([0] * 6 + [1] * 6, np.int64)
SHORTEST = 1.0  # length of a drawing; a cloud's standard deviation is 0.05
LEARNT = 4000  # points drawn along it


def _points(settings: Settings, seed: int) -> Dataset:
    return Dataset(
        BEGINNING,
        COLOURS,
        BEGINNING,
        COLOURS,
        CLASSES,
        "Twelve points to begin with; nothing held out. Put your own in their place",
    )


def lines(strokes: Sequence[np.ndarray], source: str = "Your drawing") -> Dataset:
    """Return points along drawn lines, each (N, 2) within −2.5 … 2.5, to learn from; held out are the lines themselves.

    The class of a point is the stretch it lies in. Raises SpecError if next to nothing is drawn.
    """
    long = sum(float(np.linalg.norm(np.diff(each, axis=0), axis=1).sum()) for each in strokes)
    if long < SHORTEST:
        raise SpecError(f"the lines are {long:.2g} long all together; expected at least {SHORTEST:g}")
    one = along(strokes)
    points = drawn(np.random.default_rng(0), one, LEARNT)
    stretches = tuple(f"stretch {each}" for each in range(1, STRETCHES + 1))
    return Dataset(
        *points, one.centres.astype(np.float32), one.modes.astype(np.int64), stretches,
        f"{source}, {LEARNT:,} points along {long:.1f} of line",
    )  # fmt: skip


def heart() -> np.ndarray:
    """Return the corners of a heart, (N, 2): what stands here before anything is drawn."""
    turn = np.linspace(0, 2 * np.pi, 120)
    across = 16 * np.sin(turn) ** 3
    up = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return np.stack([across, up + 2.5], 1) / 8


def _drawing(settings: Settings, seed: int) -> Dataset:
    return lines([heart()], "A heart to begin with; draw your own in its place")


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"points": _points, "drawing": _drawing}
