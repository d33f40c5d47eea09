"""The clock that training time is measured with: CPU time where the CPU computes, wall time on a GPU."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch


def training_clock(device: torch.device) -> Callable[[], float]:
    """Return a clock in seconds. With one thread it is that thread's CPU time, so that neighbours do not count."""
    if device.type in ("cuda", "mps"):
        return time.perf_counter
    return time.thread_time if torch.get_num_threads() == 1 else time.process_time
