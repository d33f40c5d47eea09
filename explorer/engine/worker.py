"""The life of one worker process from fork to end: a slot that trains runs, or the desk that answers questions."""

from __future__ import annotations

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


def main(birth: Birth, connection: int, pulse: int) -> None:
    """Serve until the pool says so or its end of the pipe closes."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=f"{birth.kind} {birth.index}: %(message)s")
    device.prepare(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
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


def _volunteer_for_the_kernel() -> None:
    """Short of memory, Linux should end a worker, whose runs come back, before the web process."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("500")
