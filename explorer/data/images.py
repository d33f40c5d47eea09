"""Pictures bundled with Explorer, handwritten digits, clothes and emoji: inputs (N, C, H, W) float32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from explorer import paths
from explorer.data import Dataset, number
from explorer.spec import Settings

DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
EMOJI = ("smileys", "people", "animals", "food", "travel", "activities", "objects", "symbols", "flags")
MEAN_AND_SPREAD = {"digits": (0.131, 0.308), "clothes": (0.286, 0.353), "emoji": (0.75, 0.32)}  # of the training pixels
SPLIT_SEED = 20240  # the split is part of the data set: the same for every run


def normalised(pixels: np.ndarray, name: str) -> np.ndarray:
    """Return uint8 pixels as float32 with mean 0 and spread 1 over the training part of the set called `name`."""
    mean, spread = MEAN_AND_SPREAD[name]
    return ((pixels.astype(np.float32) / 255 - mean) / spread).astype(np.float32)


def pictured(inputs: np.ndarray, name: str) -> np.ndarray:
    """Undo `normalised`: float inputs back to uint8 pixels."""
    mean, spread = MEAN_AND_SPREAD[name]
    return np.clip((inputs * spread + mean) * 255 + 0.5, 0, 255).astype(np.uint8)


@cache
def _digits() -> Dataset:
    with np.load(paths.assets() / "data" / "mnist_5k.npz", allow_pickle=False) as file:
        images, labels = file["images"], file["labels"].astype(np.int64)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    train, test = order[:4000], order[4000:]
    inputs = normalised(images, "digits")[:, None]  # N 1 28 28
    return Dataset(
        inputs[train],
        labels[train],
        inputs[test],
        labels[test],
        DIGITS,
        "MNIST, 4,000 digits to learn from and 1,000 held out",
    )


@cache
def _zero_or_one() -> Dataset:
    digits = _digits()
    train, test = digits.train_targets < 2, digits.test_targets < 2
    return Dataset(
        digits.train_inputs[train],
        digits.train_targets[train],
        digits.test_inputs[test],
        digits.test_targets[test],
        ("0", "1"),
        f"The zeros and ones of MNIST, {train.sum()} to learn from and {test.sum()} held out",
    )


@cache
def _clothes() -> Dataset:
    with np.load(paths.assets() / "data" / "fashion_mnist.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in ("train_images", "train_labels", "test_images", "test_labels")}
    return Dataset(
        normalised(arrays["train_images"], "clothes")[:, None],
        arrays["train_labels"].astype(np.int64),
        normalised(arrays["test_images"], "clothes")[:, None],
        arrays["test_labels"].astype(np.int64),
        CLOTHES,
        "Fashion-MNIST, 12,000 pictures to learn from and 3,000 held out",
    )


@cache
def _emoji() -> Dataset:
    """A fifth of each class's *names* is held out: no emoji is learnt from one artist and tested on the other."""
    with np.load(paths.assets() / "data" / "emoji32.npz", allow_pickle=False) as file:
        images, labels, names = file["images"], file["labels"].astype(np.int64), file["names"]
    images, labels, names = images[labels >= 0], labels[labels >= 0], names[labels >= 0]
    test = np.isin(names, _fifth_of_each_class(names, labels))
    inputs = np.ascontiguousarray(normalised(images, "emoji").transpose(0, 3, 1, 2))  # N 3 32 32
    return Dataset(
        inputs[~test],
        labels[~test],
        inputs[test],
        labels[test],
        EMOJI,
        f"Emoji by two artists, {(~test).sum():,} to learn from and {test.sum():,} held out by name",
    )


def _fifth_of_each_class(names: np.ndarray, labels: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(SPLIT_SEED)
    of_class = [np.unique(names[labels == label]) for label in np.unique(labels)]
    return np.concatenate([random.choice(unique, len(unique) // 5, replace=False) for unique in of_class])


@cache
def _roomy(canvas: int) -> Dataset:
    """The digits in the middle of a wider canvas, on the same ground."""
    digits = _digits()
    room = (canvas - 28) // 2
    ground = float(digits.train_inputs.min())

    def placed(inputs: np.ndarray) -> np.ndarray:
        return np.pad(inputs, ((0, 0), (0, 0), (room, room), (room, room)), constant_values=ground)

    return replace(
        digits,
        train_inputs=placed(digits.train_inputs),
        test_inputs=placed(digits.test_inputs),
        source=f"{digits.source}, on a canvas of {canvas} × {canvas}",
    )


def _on_canvas(settings: Settings, seed: int) -> Dataset:
    canvas = int(number(settings, "canvas", 28))
    return _digits() if canvas == 28 else _roomy(canvas)


def _fixed(read: Callable[[], Dataset]) -> Callable[[Settings, int], Dataset]:
    return lambda settings, seed: read()


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {
    "digits": _on_canvas,
    "zero_or_one": _fixed(_zero_or_one),
    "clothes": _fixed(_clothes),
    "emoji": _fixed(_emoji),
}
