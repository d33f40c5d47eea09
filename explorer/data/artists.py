"""Emoji drawn by two artists each: the same names in two hands, a fifth of the names held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from explorer import paths
from explorer.data import Dataset
from explorer.data.images import EMOJI, normalised
from explorer.spec import Settings

SPLIT_SEED = 20240  # the split is part of the data set: the same for every run
ARTISTS = ("Noto", "Twemoji")


@dataclass(frozen=True)
class Counterparts(Dataset):
    """Pictures 2n and 2n + 1 show the same thing, drawn by the first and by the second artist."""

    names: tuple[str, ...] = field(default=())  # of the held-out pairs


@cache
def _emoji() -> Counterparts:
    with np.load(paths.assets() / "data" / "emoji32.npz", allow_pickle=False) as file:
        images, labels, names, second = (file[name] for name in ("images", "labels", "names", "is_twemoji"))
    order = np.lexsort((second, names))
    images, labels, names, second = images[order], labels[order], names[order], second[order]
    whole = (names[::2] == names[1::2]) & ~second[::2] & second[1::2] & (labels[::2] >= 0)
    pairs = np.flatnonzero(whole & _drawn_once(images[::2]) & _drawn_once(images[1::2]))
    test = np.zeros(len(pairs), bool)
    test[np.random.default_rng(SPLIT_SEED).permutation(len(pairs))[: len(pairs) // 5]] = True
    rows = [np.stack([2 * part, 2 * part + 1], 1).ravel() for part in (pairs[~test], pairs[test])]
    inputs = [np.ascontiguousarray(normalised(images[part], "emoji").transpose(0, 3, 1, 2)) for part in rows]
    return Counterparts(
        inputs[0],
        labels[rows[0]].astype(np.int64),
        inputs[1],
        labels[rows[1]].astype(np.int64),
        EMOJI,
        f"{len(pairs):,} emoji by two artists each, {test.sum():,} of them held out",
        tuple(str(name).replace("_", " ") for name in names[rows[1][::2]]),
    )


def _drawn_once(images: np.ndarray) -> np.ndarray:
    """Return which pictures are the first of their kind: some emoji look the same under two names."""
    first = {image.tobytes(): place for place, image in reversed([*enumerate(images)])}
    once = np.zeros(len(images), bool)
    once[[*first.values()]] = True
    return once


def _two(settings: Settings, seed: int) -> Dataset:
    return _emoji()


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"emoji": _two}
