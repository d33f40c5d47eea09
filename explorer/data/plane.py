"""Two classes of points in the plane, generated from a seed; coordinates lie roughly in -1 … 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.data import Dataset, number
from explorer.spec import Settings

Points = tuple[np.ndarray, np.ndarray]  # (N, 2) float, (N,) class
TURNS = 1.5
CLASSES = ("amber", "blue")


def _labels(count: int) -> np.ndarray:
    return np.arange(count) % 2


def _on_spirals(random: np.random.Generator, count: int, noise: float) -> Points:
    """Two arms of one and a half turns, half a turn apart."""
    labels = _labels(count)
    along = np.sqrt(random.uniform(0.02, 1.0, count))  # the square root spreads the points evenly along the arm
    angle = 2 * np.pi * TURNS * along + np.pi * labels
    points = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return points + 0.2 * noise * random.normal(size=(count, 2)), labels


def _on_circles(random: np.random.Generator, count: int, noise: float) -> Points:
    """A disc (blue) inside a ring (amber)."""
    labels = _labels(count)
    radius = np.where(labels == 1, random.uniform(0, 0.45, count), random.uniform(0.65, 0.95, count))
    angle = random.uniform(0, 2 * np.pi, count)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return points + 0.4 * noise * random.normal(size=(count, 2)), labels


def _on_moons(random: np.random.Generator, count: int, noise: float) -> Points:
    """Two half circles that reach into each other."""
    labels = _labels(count)
    angle = random.uniform(0, np.pi, count)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], 1)
    lower = np.stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)], 1)
    points = np.where(labels[:, None] == 1, lower, upper) + noise * random.normal(size=(count, 2))
    return points / 1.6, labels


def _on_quadrants(random: np.random.Generator, count: int, noise: float) -> Points:
    """Blue where both coordinates have the same sign: exclusive or, drawn in the plane."""
    points = random.uniform(0.06, 0.9, (count, 2)) * random.choice([-1, 1], (count, 2))
    labels = (points[:, 0] * points[:, 1] > 0).astype(int)
    return points + 0.4 * noise * random.normal(size=(count, 2)), labels


def _in_clouds(random: np.random.Generator, count: int, noise: float) -> Points:
    """Two Gaussian clouds around (-0.4, -0.4) and (0.4, 0.4)."""
    labels = _labels(count)
    centre = np.where(labels[:, None] == 1, 0.4, -0.4)
    return centre + (0.1 + 0.5 * noise) * random.normal(size=(count, 2)), labels


def _dataset(
    draw: Callable[[np.random.Generator, int, float], Points], name: str
) -> Callable[[Settings, int], Dataset]:
    def load(settings: Settings, seed: int) -> Dataset:
        count, noise = int(number(settings, "points", 300)), number(settings, "noise", 0.1)
        train = draw(np.random.default_rng([seed, 0]), count, noise)
        test = draw(np.random.default_rng([seed, 1]), int(number(settings, "test_points", count)), noise)
        return Dataset(
            train_inputs=train[0].astype(np.float32),
            train_targets=train[1].astype(np.int64),
            test_inputs=test[0].astype(np.float32),
            test_targets=test[1].astype(np.int64),
            classes=CLASSES,
            source=f"{name}, {count} points to learn from and {len(test[1])} held out, generated with seed {seed}",
        )

    return load


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {
    "spirals": _dataset(_on_spirals, "Two spirals"),
    "circles": _dataset(_on_circles, "A disc in a ring"),
    "moons": _dataset(_on_moons, "Two moons"),
    "quadrants": _dataset(_on_quadrants, "Opposite quadrants"),
    "clouds": _dataset(_in_clouds, "Two Gaussian clouds"),
}
