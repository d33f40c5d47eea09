"""Random symbols, then the same again and again: only who looks up what followed last time can foretell them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.data import Dataset
from explorer.data.memory import NOT_ASKED, Endless, Pair
from explorer.spec import Settings

SYMBOLS = "abcdefghijklmnopqrstuvwxyz012345"
LENGTH = 64
SHORTEST = 4  # symbols of a block; the longest is half the length
SHOWN, HELD_OUT = 32, 256


def draw(random: np.random.Generator, count: int) -> Pair:
    """Return tokens and the ones after each, (count, LENGTH): in each row a block of its own length, repeated."""
    blocks = random.integers(0, len(SYMBOLS), (count, LENGTH // 2))
    lengths = random.integers(SHORTEST, LENGTH // 2 + 1, (count, 1))
    rows = np.take_along_axis(blocks, np.arange(LENGTH + 1) % lengths, 1)
    return rows[:, :-1], rows[:, 1:]


def draw_twice(random: np.random.Generator, count: int) -> Pair:
    """Return 32 random symbols and the same again; asked is only what can be known: the repetition, from its 2nd on."""
    blocks = random.integers(0, len(SYMBOLS), (count, LENGTH // 2))
    rows = np.concatenate([blocks, blocks, blocks[:, :1]], 1)
    targets = rows[:, 1:].copy()
    targets[:, : LENGTH // 2] = NOT_ASKED
    return rows[:, :-1], targets


def _load(settings: Settings, seed: int) -> Endless:
    shown = draw(np.random.default_rng([seed, 1, 0]), SHOWN)
    held_out = draw_twice(np.random.default_rng([seed, 0]), HELD_OUT)
    source = (
        f"Random blocks of {SHORTEST} to {LENGTH // 2} out of {len(SYMBOLS)} symbols, repeated, drawn anew for every "
        f"step; {HELD_OUT} blocks of {LENGTH // 2} held out, scored where they come again"
    )
    return Endless(*shown, *held_out, tuple(SYMBOLS), source, draw)


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"blocks": _load}
