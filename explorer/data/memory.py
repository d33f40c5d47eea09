"""Made-up sequences that can only be answered by remembering: drawn anew for every batch, so none comes twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from explorer.data import Dataset, number
from explorer.spec import Settings

Pair = tuple[np.ndarray, np.ndarray]  # inputs, targets
SHOWN, HELD_OUT = 32, 500  # sequences in the part to learn from, which only stands for it, and in the other
NOT_ASKED = -100  # target of a step at which any answer will do
LETTERS, BLANK, GO = "abcdefgh", "·", "?"


@dataclass(frozen=True)
class Endless(Dataset):
    """A data set that never runs out: `draw(random, count)` makes so many sequences more."""

    draw: Callable[[np.random.Generator, int], Pair]

    def batch(self, seed: int, step: int, count: int) -> Pair:
        """Return the batch of this step: the same for the same seed, and never one of the held-out sequences."""
        return self.draw(np.random.default_rng([seed, 1, step]), count)


def draw_sums(random: np.random.Generator, count: int, length: int) -> Pair:
    """Return (count, length, 2) numbers and marks, and (count,) the sum of the two numbers that are marked.

    Numbers are even between 0 and 1; one mark lies in the first half, one in the second. The sum has the mean 1 and
    the variance 1/6.
    """
    inputs = np.zeros((count, length, 2), np.float32)
    inputs[:, :, 0] = random.random((count, length), np.float32)
    rows, half = np.arange(count), length // 2
    marked = random.integers(0, half, count), random.integers(half, length, count)
    for places in marked:
        inputs[rows, places, 1] = 1
    return inputs, inputs[rows, marked[0], 0] + inputs[rows, marked[1], 0]


def draw_copies(random: np.random.Generator, count: int, letters: int, delay: int) -> Pair:
    """Return tokens (count, letters + delay + letters) and targets: letters, blanks, a question mark, blanks.

    The letters are to be said again, in order, from the step of the question mark on; other steps are NOT_ASKED.
    """
    said = random.integers(0, len(LETTERS), (count, letters))
    inputs = np.full((count, letters + delay + letters), len(LETTERS), np.int64)
    inputs[:, :letters] = said
    inputs[:, letters + delay] = len(LETTERS) + 1
    targets = np.full_like(inputs, NOT_ASKED)
    targets[:, letters + delay :] = said
    return inputs, targets


def _endless(
    draw: Callable[[np.random.Generator, int], Pair], seed: int, classes: tuple[str, ...], source: str
) -> Endless:
    shown, held_out = draw(np.random.default_rng([seed, 1, 0]), SHOWN), draw(np.random.default_rng([seed, 0]), HELD_OUT)
    return Endless(*shown, *held_out, classes, f"{source}, drawn anew for every step; {HELD_OUT} held out", draw)


def _adding(settings: Settings, seed: int) -> Endless:
    length = int(number(settings, "length", 100))
    draw = partial(draw_sums, length=length)
    return _endless(draw, seed, ("sum",), f"Sequences of {length} numbers, two of them marked")


def _copying(settings: Settings, seed: int) -> Endless:
    letters, delay = int(number(settings, "letters", 3)), int(number(settings, "delay", 10))
    draw = partial(draw_copies, letters=letters, delay=delay)
    source = f"{letters} letters out of {len(LETTERS)}, to be said again {delay} steps later"
    return _endless(draw, seed, (*LETTERS, BLANK, GO), source)


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"adding": _adding, "copying": _copying}
