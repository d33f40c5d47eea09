"""Digits in scenes: MNIST's digits pasted larger or smaller into a wider picture, among fragments and noise.

Held-out scenes are made of held-out digits. Every scene comes from one seed that belongs to the data set, so that all
runs see the same ones; they are made when they are first asked for and kept for the process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from explorer.data import Dataset, images, number
from explorer.spec import Settings

SEED = 20241
MEAN, SPREAD = 0.1, 0.2  # of the pixels, about: what inputs are scaled by
INKED = 0.3  # a pixel this dark belongs to the digit
PATCH = 6  # side of a fragment
GROUND = -1  # class of an object that is not there
CLASSES = images.DIGITS


@dataclass(frozen=True)
class Style:
    """What scenes look like; sizes in pixels."""

    side: int = 64
    least: int = 1  # digits in a scene
    most: int = 1
    scale: tuple[float, float] = (0.8, 1.6)
    fragments: int = 6
    noise: float = 0.25  # the most; each scene has its own, from none on


@dataclass(frozen=True)
class Drawn:
    """Scenes as they are drawn."""

    pixels: np.ndarray  # (N, H, W) float32, 0 … 1
    objects: np.ndarray  # (N, most, 5) int64: class, left, top, right, bottom; right and bottom lie just outside
    inks: np.ndarray  # (N, H, W) int8: the class of the digit whose ink a pixel is, GROUND for none


@dataclass(frozen=True)
class Scenes(Dataset):
    """A data set that knows where its digits are: (N, most, 5) int64 as in `Drawn`."""

    train_objects: np.ndarray
    test_objects: np.ndarray
    style: Style


def drawn(digits: np.ndarray, labels: np.ndarray, count: int, style: Style, seed: int) -> Drawn:
    """Draw scenes with digits (M, 28, 28) of 0 … 1; the same seed gives the same scenes."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((count, style.side, style.side), np.float32)
    objects = np.full((count, style.most, 5), GROUND, np.int64)
    inks = np.full(pixels.shape, GROUND, np.int8)
    many = random.integers(style.least, style.most + 1, count)
    for place in range(style.most):
        # no digit comes twice before every one has come once
        chosen = random.permutation(max(count, len(digits)))[:count] % len(digits)
        ink = _pasted(digits[chosen], style, objects[:, :place], random)
        ink[many <= place] = 0
        here, classes = ink > INKED, labels[chosen]
        inks[here] = np.broadcast_to(classes[:, None, None], here.shape)[here]
        objects[:, place] = _boxed(here, classes)
        np.maximum(pixels, ink, out=pixels)
    for _ in range(style.fragments):
        _scatter(pixels, digits, random)
    pixels += _noise(pixels.shape, random) * (random.random((count, 1, 1), np.float32) * style.noise)
    return Drawn(pixels.clip(0, 1, out=pixels), objects, inks)


def _noise(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Return normal noise for each scene: a stretch of one long row of it, since drawing it all takes the most time."""
    count, height, width = shape
    row = random.standard_normal(2**19, np.float32)
    starts = random.integers(0, len(row) - height * width, count)
    return np.lib.stride_tricks.sliding_window_view(row, height * width)[starts].reshape(shape)


def _pasted(digits: np.ndarray, style: Style, others: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return each digit (N, 28, 28) at its own size and place in an empty scene, (N, side, side).

    Places are tried a few times, and that one is taken which lies farthest from the scene's other objects.
    """
    count, side = len(digits), style.side
    scale = random.uniform(*style.scale, count).astype(np.float32)
    room = side - 28 * scale  # the canvas of a digit has four empty pixels on each side
    tries = random.random((8 if others.shape[1] else 1, count, 2), np.float32) * room[None, :, None]
    corner = tries[_farthest(tries + 14 * scale[None, :, None], others), np.arange(count)]  # N 2: x, y
    across, down = (_stretch(corner[:, axis], scale, side) for axis in (0, 1))  # N side 28
    return down @ digits @ across.transpose(0, 2, 1)


def _farthest(centres: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each scene which of the tried centres (T, N, 2) is farthest from the nearest other object's."""
    if not others.shape[1]:
        return np.zeros(centres.shape[1], np.int64)
    middles = (others[:, :, 1:3] + others[:, :, 3:5]) / 2  # N others 2
    away = np.abs(centres[:, :, None] - middles).max(3)  # T N others
    away = np.where(others[:, :, 0] == GROUND, np.inf, away)
    return away.min(2).argmax(0)


def _stretch(corner: np.ndarray, scale: np.ndarray, side: int) -> np.ndarray:
    """Return, for each scene, which of 28 rows of the digit each row of the scene reads, (N, side, 28): bilinear."""
    read = (np.arange(side, dtype=np.float32) + 0.5 - corner[:, None]) / scale[:, None] - 0.5  # N side
    return np.maximum(0, 1 - np.abs(read[:, :, None] - np.arange(28, dtype=np.float32)))


def _boxed(here: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return class and edges of what is True in each scene (N, H, W), (N, 5); GROUND where nothing is."""
    rows, columns = np.any(here, axis=2), np.any(here, axis=1)  # N H and N W
    edges = [columns.argmax(1), rows.argmax(1)]
    edges += [each.shape[1] - each[:, ::-1].argmax(1) for each in (columns, rows)]
    found = np.stack([classes, *edges], 1)
    found[~rows.any(1)] = GROUND
    return found


def _scatter(pixels: np.ndarray, digits: np.ndarray, random: np.random.Generator) -> None:
    """Put a small piece of a digit into each scene, at four fifths of its ink, where it may mislead."""
    count, side, _ = pixels.shape
    chosen, scenes = random.integers(0, len(digits), count), np.arange(count)
    rows, columns = np.arange(PATCH)[None, :, None], np.arange(PATCH)[None, None, :]
    top, left = random.integers(5, 23 - PATCH, (2, count, 1, 1))
    y, x = random.integers(0, side - PATCH, (2, count, 1, 1))
    piece = 0.8 * digits[chosen[:, None, None], top + rows, left + columns]
    at = (scenes[:, None, None], y + rows, x + columns)
    pixels[at] = np.maximum(pixels[at], piece)


# ---- data sets -----------------------------------------------------------------------------------------------------

SEVERAL = Style(most=3, scale=(0.7, 1.1))
SEGMENTS = Style(side=32, most=2, scale=(0.6, 0.85), fragments=0, noise=0.2)


def _digits(held_out: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST's digits as pixels (M, 28, 28) float32 of 0 … 1, and their classes."""
    one = images.DATASETS["digits"]({}, 0)
    inputs, labels = (one.test_inputs, one.test_targets) if held_out else (one.train_inputs, one.train_targets)
    return images.pictured(inputs[:, 0], "digits").astype(np.float32) / 255, labels


def scenes(style: Style, count: int, held_out: bool, seed: int) -> Drawn:
    """Draw scenes of digits to learn from, or of held-out ones."""
    return drawn(*_digits(held_out), count, style, seed)


def normalised(pixels: np.ndarray) -> np.ndarray:
    """Return pixels of 0 … 1, (N, H, W), as inputs (N, 1, H, W) of about mean 0 and spread 1."""
    return ((pixels - MEAN) / SPREAD)[:, None]


@lru_cache(2)
def _located(style: Style, learnt: int, held_out: int) -> Scenes:
    train, test = scenes(style, learnt, False, SEED), scenes(style, held_out, True, SEED + 1)
    what = "one digit" if style.most == 1 else f"one to {style.most} digits"
    return Scenes(
        normalised(train.pixels), train.objects[:, 0, 0], normalised(test.pixels), test.objects[:, 0, 0], CLASSES,
        f"Scenes of {what} from MNIST, {learnt:,} to learn from and {held_out:,} held out, made of held-out digits",
        train.objects, test.objects, style,
    )  # fmt: skip


@lru_cache(1)
def _segmented(noise: float, learnt: int = 3000, held_out: int = 500) -> Dataset:
    style = replace(SEGMENTS, noise=noise)
    train, test = scenes(style, learnt, False, SEED), scenes(style, held_out, True, SEED + 1)
    return Dataset(
        normalised(train.pixels), _classes(train.inks), normalised(test.pixels), _classes(test.inks),
        (*CLASSES, "ground"),
        f"Scenes of one or two digits from MNIST, {learnt:,} to learn from and {held_out:,} held out, with the class "
        "of every pixel",
    )  # fmt: skip


def _classes(inks: np.ndarray) -> np.ndarray:
    """Return the class of each pixel, int64; the ground is the last."""
    return np.where(inks == GROUND, len(CLASSES), inks).astype(np.int64)


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {
    "single": lambda settings, seed: _located(Style(), 4000, 1000),
    "several": lambda settings, seed: _located(SEVERAL, 4000, 500),
    "segments": lambda settings, seed: _segmented(number(settings, "noise", SEGMENTS.noise)),
}
