"""The truth tables of two inputs: four points, nothing held out (the held-out part is the table itself)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.data import Dataset
from explorer.spec import Settings

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
TABLES = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "nand": (1, 1, 1, 0), "xor": (0, 1, 1, 0)}


def _table(name: str) -> Callable[[Settings, int], Dataset]:
    def load(settings: Settings, seed: int) -> Dataset:
        targets = np.array(TABLES[name], np.int64)
        return Dataset(CORNERS, targets, CORNERS, targets, ("0", "1"), f"The truth table of {name.upper()}, four rows")

    return load


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {name: _table(name) for name in TABLES}
