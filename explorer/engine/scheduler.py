"""Whose turn it is in a slot: newcomers sprint until they have something to show, then everyone gets a fair share.

Pure bookkeeping over run ids and seconds; it neither measures time nor knows what a run is.
"""

from __future__ import annotations

from dataclasses import dataclass

SPRINT_SLICE = 0.02  # seconds
FAIR_SLICE = 0.03
SPRINT_LIMIT = 0.25  # a newcomer that has nothing to show after so much time joins the others


@dataclass(frozen=True)
class Turn:
    run: str
    seconds: float


@dataclass
class _Entry:
    order: int
    spent: float  # seconds, comparable between runs: a latecomer starts level with the others
    sprinted: float = 0.0
    sprinting: bool = True
    ready: bool = False
    urgent: bool = False


class Scheduler:
    """Picks the next run: one whose control changed, else a newcomer, else the one that has had least time."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._arrivals = 0

    def add(self, run: str, sprint: bool = True) -> None:
        self._arrivals += 1
        self._entries[run] = _Entry(self._arrivals, self._level(), sprinting=sprint)

    def remove(self, run: str) -> None:
        self._entries.pop(run, None)

    def set_ready(self, run: str, ready: bool) -> None:
        """Say whether a run wants to go on; one that comes back starts level, without arrears."""
        entry = self._entries[run]
        if ready and not entry.ready:
            entry.spent = max(entry.spent, self._level())
        entry.ready = ready

    def urge(self, run: str) -> None:
        """Give this run the next slice."""
        self._entries[run].urgent = True

    def charge(self, run: str, seconds: float, shown: bool) -> None:
        """Book a slice; `shown` says that a newcomer has something to show now."""
        entry = self._entries[run]
        entry.urgent = False
        if not entry.sprinting:
            entry.spent += seconds
            return
        entry.sprinted += seconds
        if shown or entry.sprinted >= SPRINT_LIMIT:
            entry.sprinting = False
            entry.spent = self._level()

    def next(self) -> Turn | None:
        """Return whose turn it is and for how long, or None when nobody wants to go on."""
        ready = [(run, entry) for run, entry in self._entries.items() if entry.ready]
        if not ready:
            return None
        run, entry = min(ready, key=lambda pair: self._rank(pair[1]))
        return Turn(run, SPRINT_SLICE if entry.sprinting else FAIR_SLICE)

    def urgent_besides(self, run: str) -> bool:
        """Whether another run's control waits for a slice."""
        return any(entry.urgent and entry.ready for other, entry in self._entries.items() if other != run)

    def is_urgent(self, run: str) -> bool:
        """Whether this run's control is about to be answered by a slice."""
        entry = self._entries[run]
        return entry.urgent and entry.ready

    def is_sprinting(self, run: str) -> bool:
        return self._entries[run].sprinting

    def waiting_before(self, run: str) -> int:
        """Return how many sprinting newcomers come before this one; 0 once it has had a turn."""
        entry = self._entries.get(run)
        if entry is None or not entry.sprinting or entry.sprinted > 0:
            return 0
        return sum(other.sprinting and other.ready and other.order < entry.order for other in self._entries.values())

    @staticmethod
    def _rank(entry: _Entry) -> tuple[bool, bool, float, int]:
        return (not entry.urgent, not entry.sprinting, entry.order if entry.sprinting else entry.spent, entry.order)

    def _level(self) -> float:
        """Where a latecomer starts: with the ready run that has had least."""
        spent = [entry.spent for entry in self._entries.values() if entry.ready and not entry.sprinting]
        return min(spent, default=0.0)
