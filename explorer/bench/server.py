"""Starts the real app on a free port with a data directory of its own, for benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

COMMAND = (sys.executable, "-m", "explorer")


@dataclass(frozen=True)
class App:
    """A running app; `process` is the web server, its workers are its descendants."""

    port: int
    process: subprocess.Popen[bytes]
    started: float  # time.perf_counter() just before the command

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> float:
        """Return the proportional set size of the server and all its workers together, in MB."""
        return proportional_memory(self.process.pid)


def proportional_memory(pid: int) -> float:
    """Return the memory of a process and its descendants in MB, shared pages counted once."""
    total = 0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        try:
            whole = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        total += getattr(whole, "pss", whole.rss)  # only Linux knows the share; elsewhere the resident size
    return total / 1e6


@contextmanager
def app(data_dir: Path, workers: int = 2, wait: float = 60.0) -> Iterator[App]:
    """Run the app until the block ends; raises RuntimeError with what it printed if it does not come up."""
    port = free_port()
    options = ("--no-browser", "--port", str(port), "--workers", str(workers), "--device", "cpu")
    environment = {**os.environ, "EXPLORER_DATA_DIR": str(data_dir)}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen([*COMMAND, *options], env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            running = App(port, process, started)
            if not answers(running, wait):
                output.seek(0)
                raise RuntimeError(f"the app did not start: {output.read().decode(errors='replace')[-2000:]}")
            yield running
        finally:
            end(process)


def answers(running: App, wait: float) -> bool:
    """Whether the server says that it is healthy before `wait` seconds have passed."""
    deadline = time.perf_counter() + wait
    while time.perf_counter() < deadline and running.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{running.url}/_stcore/health", timeout=2) as reply:
                if reply.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
    return False


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and whatever it left behind."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for each in psutil.wait_procs(family, timeout=5)[1]:
        each.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
