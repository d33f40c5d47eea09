"""Three clouds of points (two for two classes), as noisy as asked."""

from __future__ import annotations

import numpy as np

from explorer.data import Dataset
from explorer.spec import Settings


def blobs(settings: Settings, seed: int) -> Dataset:
    random = np.random.default_rng(seed)
    count, noise = int(str(settings["points"])), float(str(settings["noise"]))
    targets = random.integers(0, 2, count + 60)
    inputs = (targets[:, None] * 2 - 1 + noise * random.standard_normal((count + 60, 2))).astype(np.float32)
    return Dataset(inputs[:count], targets[:count], inputs[count:], targets[count:], ("blue", "amber"), "made here")


DATASETS = {"blobs": blobs}
