"""The scalars of a run over its steps, kept at about a thousand points however long it goes on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.messages import Series

LIMIT = 1000  # points of one curve
SCORED_FIRST = 100  # steps whose batches are all scored; later only
SCORE_EVERY = 4  # every fourth is: a score costs up to 2 % of a step, and no eye can tell


class Curve:
    """One scalar, at every `stride`-th step; at the limit every other point goes and the stride doubles."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.values: list[float] = []
        self.stride = 1

    @property
    def next(self) -> int:
        """The first step at which a further point is wanted."""
        return self.steps[-1] + self.stride if self.steps else 0

    def add(self, step: int, value: float) -> None:
        """Add a point; the caller keeps to `next`, except for points it wants in any case."""
        if self.steps and step <= self.steps[-1]:
            return
        self.steps.append(step)
        self.values.append(value)
        if len(self.steps) >= LIMIT:
            self.steps, self.values = self.steps[::2], self.values[::2]
            self.stride *= 2

    def cut(self, step: int) -> None:
        """Forget all points after `step`."""
        keep = sum(1 for each in self.steps if each <= step)
        del self.steps[keep:], self.values[keep:]
        self.stride = _stride(self.steps)

    def series(self) -> Series:
        return Series(np.array(self.steps, np.int32), np.array(self.values, np.float32))


class Curves:
    """Every scalar of a run: curves by name, and the newest value of each."""

    def __init__(self) -> None:
        self.curves: dict[str, Curve] = {}
        self.latest: dict[str, float] = {}
        self._score_at = 0

    def wants_scores(self, step: int) -> bool:
        """Return whether a batch's scores are wanted at this step, besides its loss; counts them as had."""
        wanted = step <= SCORED_FIRST or step >= self._score_at
        if wanted:
            self._score_at = step + SCORE_EVERY
        return wanted

    def add(self, step: int, scalars: Mapping[str, float]) -> int:
        """Record the scalars at this step; return the first step at which they are wanted again."""
        self.latest.update(scalars)
        wanted = [step + 1]
        for name, value in scalars.items():
            curve = self.curves.setdefault(name, Curve())
            curve.add(step, value)
            wanted.append(curve.next)
        return max(wanted)

    def cut(self, step: int) -> None:
        """Forget what came after `step`; the newest values become the newest that are left."""
        self._score_at = step
        for curve in self.curves.values():
            curve.cut(step)
        self.latest = {name: curve.values[-1] for name, curve in self.curves.items() if curve.values}

    def series(self) -> dict[str, Series]:
        return {name: curve.series() for name, curve in self.curves.items()}

    def load(self, series: Mapping[str, Series], latest: Mapping[str, float]) -> None:
        """Go on from curves that were saved."""
        self.curves = {}
        for name, one in series.items():
            curve = self.curves[name] = Curve()
            curve.steps, curve.values = one.steps.tolist(), one.values.tolist()
            curve.stride = _stride(curve.steps)
        self.latest = dict(latest)


def _stride(steps: list[int]) -> int:
    """Return the distance between points that keeps a curve of so many steps under the limit: a power of two."""
    return 1 << ((steps[-1] if steps else 0) // LIMIT).bit_length()
