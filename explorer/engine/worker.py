"""The life of one worker process from fork to end: a slot that trains runs, or the desk that answers questions."""

from __future__ import annotations

import ctypes
import logging
import os
import random
import resource
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from explorer import device
from explorer.engine.desk import Desk
from explorer.engine.forkserver import Birth
from explorer.engine.orders import Hello
from explorer.engine.pulse import Pulse
from explorer.engine.slot import Slot

BEAT_SECONDS = 0.2
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
LARGEST_FROM_HEAP = 32 * 2**20  # bytes; glibc takes no more
KEPT_FREE = 256 * 2**20  # bytes at the heap's end


def main(birth: Birth, connection: int, pulse: int) -> None:
    """Serve until the pool says so or its end of the pipe closes."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=f"{birth.kind} {birth.index}: %(message)s")
    device.prepare(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    _keep_memory()
    random.seed()  # forked processes would otherwise share the server's
    _limit(birth.memory_limit)
    _volunteer_for_the_kernel()
    pipe, heart = Connection(connection), Pulse(pulse)
    heart.beat()
    pipe.send(Hello(os.getpid()))
    threading.Thread(target=_beat, args=(heart,), daemon=True).start()
    (Desk(pipe, heart) if birth.kind == "desk" else Slot(pipe, heart)).serve()


def _beat(heart: Pulse) -> None:
    while True:
        heart.beat()
        time.sleep(BEAT_SECONDS)


def _limit(memory: int) -> None:
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _keep_memory() -> None:
    """Keep what is freed instead of giving it back to the kernel after each step or score, and asking for it again.

    With glibc's own thresholds a step of the small networks took 50 to 200 page faults, 3 % of its time.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_option is not None:
        set_option(M_MMAP_THRESHOLD, LARGEST_FROM_HEAP)
        set_option(M_TRIM_THRESHOLD, KEPT_FREE)


def _volunteer_for_the_kernel() -> None:
    """Short of memory, Linux should end a worker, whose runs come back, before the web process."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("500")
