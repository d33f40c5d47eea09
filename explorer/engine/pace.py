"""Holds a run back to a number of steps a second, so that eyes can follow what takes a fraction of a millisecond."""

from __future__ import annotations

from explorer import catalog
from explorer.store.database import RunRow

MOST_SAVED = 0.05  # seconds of steps that may be caught up at once after a wait


class Allowance:
    """Steps that a run may do now: they come in at its pace and are spent one by one."""

    def __init__(self, steps_per_second: float, now: float) -> None:
        self.steps_per_second = max(0.0, steps_per_second)
        self._steps, self._counted = 1.0, now

    def has_step(self, now: float) -> bool:
        """Whether a step may be done at time `now` (seconds, never going back)."""
        if not self.steps_per_second:
            return True
        earned = (now - self._counted) * self.steps_per_second
        self._steps = min(self._steps + earned, max(1.0, self.steps_per_second * MOST_SAVED))
        self._counted = now
        return self._steps >= 1.0

    def spend(self) -> None:
        """Book one step."""
        if self.steps_per_second:
            self._steps -= 1.0

    def rest(self) -> float:
        """Return the seconds until the next step may be done, 0 if it may be now."""
        if not self.steps_per_second:
            return 0.0
        return max(0.0, (1.0 - self._steps) / self.steps_per_second)


def pace_again(row: RunRow) -> float:
    """Return the pace at which a run is opened again: its task's; one that begins, or an experiment's, has none."""
    if row.experiment or row.step == 0:
        return 0.0
    return catalog.get(row.spec.architecture).task(row.spec.task).pace
