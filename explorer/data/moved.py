"""Handwritten digits that do not lie in the middle: moved, turned, and two laid over each other. Made from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from explorer.data import Dataset, number
from explorer.data.images import DATASETS as IMAGES
from explorer.data.images import SPLIT_SEED, pictured
from explorer.spec import Settings


@dataclass(frozen=True)
class Overlapping(Dataset):
    """Held-out pictures of two digits each, a target 10 · a + b; to learn from there are single digits in the middle.

    The trainer moves these and lays two over each other, other ones in each step.
    """

    test_parts: np.ndarray  # (N, 2, H, W) uint8: the two digits of each held-out picture by themselves
    shift: int  # pixels by which each of the two is moved at most, up or down and sideways


def shifted(pictures: np.ndarray, down: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return pictures (N, H, W) moved by whole pixels, each by its own (N,); what comes in is as the darkest pixel."""
    _, height, width = pictures.shape
    room = int(max(np.abs(down).max(), np.abs(right).max()))
    padded = np.pad(pictures, ((0, 0), (room, room), (room, room)), constant_values=pictures.min())
    rows, columns = np.arange(height) + room - down[:, None], np.arange(width) + room - right[:, None]
    return padded[np.arange(len(pictures))[:, None, None], rows[:, :, None], columns[:, None]]


def turned(pictures: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Return pictures (N, H, W) turned anticlockwise about their middle, each by its own angle (N,).

    Pixels are mixed from their four neighbours; what comes in from outside is as the darkest pixel.
    """
    _, height, width = pictures.shape
    y, x = (each.astype(np.float32) for each in np.mgrid[:height, :width])
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    radians = np.deg2rad(degrees).astype(np.float32)[:, None, None]
    cosine, sine = np.cos(radians), np.sin(radians)
    return _mixed(pictures, cosine * y + sine * x + (height - 1) / 2, cosine * x - sine * y + (width - 1) / 2)


def _mixed(pictures: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the pictures' values at places between their pixels, (N, H, W)."""
    _, height, width = pictures.shape
    padded = np.pad(pictures, ((0, 0), (1, 2), (1, 2)), constant_values=pictures.min())  # neighbours always exist
    y, x = np.clip(y + 1, 0, height + 1), np.clip(x + 1, 0, width + 1)
    top, left = y.astype(np.int32), x.astype(np.int32)
    dy, dx = y - top, x - left
    each = np.arange(len(pictures))[:, None, None]
    upper = padded[each, top, left] * (1 - dx) + padded[each, top, left + 1] * dx
    lower = padded[each, top + 1, left] * (1 - dx) + padded[each, top + 1, left + 1] * dx
    return (upper * (1 - dy) + lower * dy).astype(np.float32)


@cache
def _moved(shift: int, turn: float) -> Dataset:
    digits, random = IMAGES["digits"]({}, 0), np.random.default_rng(SPLIT_SEED)

    def anew(inputs: np.ndarray) -> np.ndarray:
        angles = random.uniform(-turn, turn, len(inputs))
        return _scattered(turned(inputs[:, 0], angles) if turn else inputs[:, 0], shift, random)[:, None]

    also = f", turned by up to {turn:g} degrees" if turn else ""
    return replace(
        digits,
        train_inputs=anew(digits.train_inputs),
        test_inputs=anew(digits.test_inputs),
        source=f"{digits.source}, each moved by up to {shift} pixels{also}",
    )


@cache
def _overlapping(shift: int) -> Dataset:
    digits, random = IMAGES["digits"]({}, 0), np.random.default_rng(SPLIT_SEED)
    labels = digits.test_targets
    first, second = np.arange(len(labels)), random.permutation(len(labels))
    while (same := labels[first] == labels[second]).any():
        second[same] = random.integers(0, len(labels), same.sum())
    parts = np.stack([_scattered(digits.test_inputs[chosen, 0], shift, random) for chosen in (first, second)], 1)
    return Overlapping(
        digits.train_inputs,
        digits.train_targets,
        parts.max(1, keepdims=True),  # ink on ink stays ink
        10 * labels[first] + labels[second],
        digits.classes,
        f"{digits.source}, two laid over each other, each moved by up to {shift} pixels",
        pictured(parts, "digits"),
        shift,
    )


def _scattered(pictures: np.ndarray, shift: int, random: np.random.Generator) -> np.ndarray:
    down, right = (random.integers(-shift, shift, len(pictures), endpoint=True) for _ in range(2))
    return shifted(pictures, down, right)


def _read_moved(settings: Settings, seed: int) -> Dataset:
    return _moved(int(number(settings, "distance", 4)), number(settings, "turn", 0.0))


def _read_overlapping(settings: Settings, seed: int) -> Dataset:
    return _overlapping(int(number(settings, "distance", 4)))


DATASETS = {"digits": _read_moved, "overlapping": _read_overlapping}
