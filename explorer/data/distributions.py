"""Points in the plane for a generator to imitate, drawn from a seed: a ring, a grid, a spiral, all within −2.5 … 2.5.

The class of a point is its mode: the Gaussian it was drawn around, or the stretch of the spiral.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from explorer.data import Dataset, number
from explorer.spec import Settings

SPREAD = 0.05  # standard deviation of the points around their centre, along each axis
TURNS = 1.75  # of the spiral
STRETCHES = 20  # into which a line is cut to see how much of it is covered
FINE = 20  # centres in each stretch: a twentieth of it lies between two neighbours


@dataclass(frozen=True)
class Shape:
    """Where the points lie: centres (N, 2), and the mode (N,) that each belongs to."""

    centres: np.ndarray
    modes: np.ndarray

    @property
    def count(self) -> int:
        """How many modes there are."""
        return int(self.modes.max()) + 1


def ring() -> Shape:
    """Return eight centres at equal distances on a circle of radius 2."""
    angle = 2 * np.pi * np.arange(8) / 8
    return Shape(2 * np.stack([np.cos(angle), np.sin(angle)], 1), np.arange(8))


def grid() -> Shape:
    """Return five rows of five centres, one apart."""
    y, x = np.meshgrid(np.arange(2, -3, -1.0), np.arange(-2.0, 3), indexing="ij")
    return Shape(np.stack([x.ravel(), y.ravel()], 1), np.arange(25))


def spiral() -> Shape:
    """Return centres close together along one arm, cut into stretches of equal length."""
    share = np.linspace(0, 1, 4000)
    angle, radius = 2 * np.pi * TURNS * share, 0.3 + 1.7 * share
    return along([radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)])


def along(lines: Sequence[np.ndarray]) -> Shape:
    """Return centres in equal steps along lines, each the corners (N, 2) on its way, and the stretches they lie in.

    All lines together are cut into STRETCHES of equal length; the gap from one line to the next counts for nothing.
    """
    pieces = [np.linalg.norm(np.diff(line, axis=0), axis=1) for line in lines]
    way = np.cumsum(np.concatenate([np.concatenate([[0.0], piece]) for piece in pieces]))
    count = STRETCHES * FINE
    wanted = (np.arange(count) + 0.5) / count * way[-1]
    corners = np.concatenate(lines)
    centres = np.stack([np.interp(wanted, way, corners[:, axis]) for axis in (0, 1)], 1)
    return Shape(centres, np.arange(count) // FINE)


SHAPES: dict[str, Callable[[], Shape]] = {"ring": cache(ring), "grid": cache(grid), "spiral": cache(spiral)}


def shape(dataset: str) -> Shape:
    """Return the centres behind a data set of this module, named as on a card: "distributions.ring"."""
    return SHAPES[dataset.partition(".")[2]]()


def drawn(random: np.random.Generator, one: Shape, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw points (count, 2) around the centres, as many around each; return them with their modes."""
    chosen = np.arange(count) * len(one.centres) // count  # the same number from each centre
    points = one.centres[chosen] + SPREAD * random.normal(size=(count, 2))
    return points.astype(np.float32), one.modes[chosen].astype(np.int64)


def _dataset(name: str, title: str, mode: str) -> Callable[[Settings, int], Dataset]:
    def load(settings: Settings, seed: int) -> Dataset:
        one, count = SHAPES[name](), int(number(settings, "points", 4000))
        train = drawn(np.random.default_rng([seed, 0]), one, count)
        test = drawn(np.random.default_rng([seed, 1]), one, 1000)
        classes = tuple(f"{mode} {each}" for each in range(1, one.count + 1))
        return Dataset(*train, *test, classes, f"{title}, {count:,} points drawn with seed {seed}")

    return load


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {
    "ring": _dataset("ring", "A ring of eight Gaussians", "mode"),
    "grid": _dataset("grid", "A grid of 25 Gaussians", "mode"),
    "spiral": _dataset("spiral", "A spiral", "stretch"),
}
