"""How long the engine waits for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How long the pool waits, in seconds."""

    lease: float = 180.0  # a run nobody has asked for goes to sleep
    silence: float = 5.0  # a process without a heartbeat is replaced
    stall: float = 60.0  # so is one that is stuck in a single step, evaluation or look
    retry: float = 2.0  # before another try at a process that did not even start
    fresh: float = 0.04  # how long a watcher waits for a snapshot newer than the one at hand
    stale: float = 1.0  # a snapshot older than that is worth waiting longer for
    settled: float = 0.25  # namely so long, as after a control
    first: float = 10.0  # and for the first one of a run that has to be opened
    tick: float = 0.25
