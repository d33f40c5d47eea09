"""A few photographs for a network trained on ImageNet: inputs (N, 3, 227, 227) float32, 0 … 1, 1,000 classes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

from explorer import paths
from explorer.data import Dataset
from explorer.spec import Settings

SIDE = 227  # what SqueezeNet 1.1 was trained with
# each photograph with the nearest of the thousand names: a dahlia and a space rocket have none of their own
SAMPLES = {"cat": "tabby", "coffee": "espresso", "palace": "palace", "dahlia": "daisy", "rocket": "missile"}
PARTS = ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))  # where in what room there is, from the left and the top
ZOOM = 0.7  # side of a part against the photograph's shorter side


@cache
def classes() -> tuple[str, ...]:
    """Return the names of ImageNet's 1,000 classes, in the order of its outputs."""
    text = (paths.assets() / "data" / "imagenet_classes.txt").read_text("utf-8")
    return tuple(text.splitlines())


@cache
def _samples() -> Dataset:
    photographs = {name: Image.open(paths.assets() / "data" / "photographs" / f"{name}.jpg") for name in SAMPLES}
    named = [classes().index(SAMPLES[name]) for name in photographs]
    whole = np.stack([_cut(each, 1.0, (0.5, 0.5)) for each in photographs.values()])
    parts = np.stack([_cut(each, ZOOM, place) for each in photographs.values() for place in PARTS])
    of_parts = np.repeat(named, len(PARTS)).astype(np.int64)
    return Dataset(
        np.ascontiguousarray(parts[..., ::-1]),
        of_parts,
        np.concatenate([whole, parts]),
        np.concatenate([np.array(named, np.int64), of_parts]),
        classes(),
        f"{len(whole)} photographs and {len(parts)} parts of them, with the nearest of ImageNet's names; "
        "to learn from: the parts, mirrored",
    )


def _cut(photograph: Image.Image, share: float, place: tuple[float, float]) -> np.ndarray:
    """Return a square of the photograph, so large against its shorter side, as (3, SIDE, SIDE) float32 of 0 … 1."""
    side = share * min(photograph.size)
    left, top = ((room - side) * at for room, at in zip(photograph.size, place, strict=True))
    box = (left, top, left + side, top + side)
    square = photograph.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS, box)
    return (np.asarray(square, np.float32) / 255).transpose(2, 0, 1)


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"samples": lambda settings, seed: _samples()}
