"""The web process's end of one worker: a pipe, a pulse, a thread that reads, and the fork server behind them all."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from explorer.engine.errors import WorkerLost
from explorer.engine.forkserver import Birth, request
from explorer.engine.orders import Hello, Order, Report
from explorer.engine.pulse import Pulse
from explorer.paths import PACKAGE

log = logging.getLogger(__name__)

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class ForkServer:
    """Starts the fork server, and again should it ever end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self, birth: Birth, connection: int, pulse: int) -> None:
        """Ask for a process that owns the two files; it may come seconds later, while torch is still being imported."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            assert self._control is not None
            request(self._control, birth, connection, pulse)

    def close(self) -> None:
        """End the server; workers live on until their own pipes close."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            if self._process is not None:
                _wait_or_kill(self._process)

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "explorer.engine.forkserver", str(theirs.fileno())]
        # In a session of its own: Ctrl-C is for the web process, which then closes the workers in good order.
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], env=_environment(), stdin=subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()
        self._control = ours


class Link:
    """One worker process. `on_report` and `on_end` are called from the link's own thread."""

    def __init__(
        self,
        server: ForkServer,
        birth: Birth,
        on_report: Callable[[Link, Report], None],
        on_end: Callable[[Link], None],
    ) -> None:
        self.birth, self.born = birth, time.monotonic()
        self.pid = 0
        self.killed = False
        self.pulse = Pulse.create()
        self._on_report, self._on_end = on_report, on_end
        self._sending = threading.Lock()
        self._ended = threading.Event()
        ours, theirs = socket.socketpair()
        self._connection = Connection(ours.detach())
        server.fork(birth, theirs.fileno(), self.pulse.file)
        theirs.close()
        threading.Thread(target=self._read, name=f"{birth.kind} {birth.index}", daemon=True).start()

    @property
    def up(self) -> bool:
        """Whether the process is there and has said so."""
        return self.pid != 0 and not self._ended.is_set()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def send(self, order: Order) -> None:
        """Send an order; raises WorkerLost if the process has ended."""
        try:
            with self._sending:
                self._connection.send(order)
        except (OSError, ValueError) as error:
            raise WorkerLost from error

    def kill(self) -> None:
        """End the process at once; its end is then reported like any other."""
        if self.up:
            self.killed = True
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, seconds: float) -> bool:
        """Wait for the process's end; says whether it came."""
        return self._ended.wait(seconds)

    def _read(self) -> None:
        try:
            while True:
                report = self._connection.recv()
                if isinstance(report, Hello):
                    self.pid = report.pid
                try:
                    self._on_report(self, report)
                except Exception:
                    log.exception("a report of %s %d was lost", self.birth.kind, self.birth.index)
        except (EOFError, OSError):
            self._ended.set()
        self._on_end(self)


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))
    # Asked through NVML, "is there a GPU?" does not initialise CUDA, which would make forking impossible.
    return os.environ | ONE_THREAD | {"PYTHONPATH": path, "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
