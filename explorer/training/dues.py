"""When a run's housekeeping is due, by its own clock: copies in memory, checkpoints, measured steps."""

from __future__ import annotations

import math
from collections.abc import Callable

CHECKPOINT_EVERY = 3.0  # seconds between checkpoints: what a killed worker loses at most, with some room
CHECKPOINT_AFTER_CHANGE = 0.25  # after a change by hand, sooner
ANCHOR_EVERY = 0.5  # seconds between copies in memory, from which a divergence is traced back
STATS_EVERY = 1.0  # seconds between measured steps while someone watches
WATCHED_FOR = 2.0  # seconds after a snapshot in which the run counts as watched
SHARE = 200  # nothing may cost more than half a hundredth of the training time


class Dues:
    """`next` is when to look again: one comparison a step is all that housekeeping costs in between."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._watched_until = -math.inf
        self.restart()

    def restart(self) -> None:
        """Count from now."""
        now = self._clock()
        self.anchor = self.stats = self.next = now
        self.checkpoint = now + CHECKPOINT_EVERY

    def changed(self) -> None:
        """Checkpoint soon, since a change was made by hand."""
        self.checkpoint = min(self.checkpoint, self._clock() + CHECKPOINT_AFTER_CHANGE)
        self.next = -math.inf

    def watch(self) -> None:
        """Measure steps now and then, since someone looks."""
        self._watched_until = self._clock() + WATCHED_FOR
        self.next = -math.inf

    def anchored(self, begin: float) -> None:
        self.anchor = self._later(begin, ANCHOR_EVERY)

    def saved(self, begin: float) -> None:
        self.checkpoint = self._later(begin, CHECKPOINT_EVERY)

    def measure(self, now: float) -> bool:
        """Whether the next step is to be measured; settles when to look again."""
        watched = now < self._watched_until
        due = watched and now >= self.stats
        if due:
            self.stats = now + STATS_EVERY
        self.next = min(self.anchor, self.checkpoint, self.stats if watched else math.inf)
        return due

    def _later(self, begin: float, least: float) -> float:
        """Return when to do again what began at `begin` and is done now."""
        now = self._clock()
        return now + max(least, SHARE * (now - begin))
