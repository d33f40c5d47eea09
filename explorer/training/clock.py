"""The clock that training time is measured with: CPU time where the CPU computes, wall time on a GPU."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

WINDOW = 0.5  # seconds


def training_clock(device: torch.device) -> Callable[[], float]:
    """Return a clock in seconds. With one thread it is that thread's CPU time, so that neighbours do not count."""
    if device.type in ("cuda", "mps"):
        return time.perf_counter
    return time.thread_time if torch.get_num_threads() == 1 else time.process_time


class Speed:
    """Steps per second of wall time, over windows of at least half a second."""

    def __init__(self) -> None:
        self._since, self._step, self._rate = time.perf_counter(), 0, 0.0

    def restart(self, step: int) -> None:
        """Count from this step on, as after going back."""
        self._since, self._step = time.perf_counter(), step

    def at(self, step: int) -> float:
        """Return the rate of the last full window, now that the run is at `step`."""
        now = time.perf_counter()
        if now - self._since >= WINDOW:
            self._rate = max(0, step - self._step) / (now - self._since)
            self.restart(step)
        return self._rate
