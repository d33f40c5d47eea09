"""The process that all workers are forked from: torch is imported and warmed in it, so that they start in milliseconds.

The standard library's fork server would run the program's entry script again in every worker, which here means
importing the whole web framework; this one knows nothing but the worker. It takes one request at a time over a socket:
a line of JSON with two open files, the worker's end of a pipe and its pulse. It ends when the socket closes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from typing import NoReturn

REQUEST_BYTES = 4096


@dataclass(frozen=True)
class Birth:
    """What a new process is to be."""

    kind: str  # "slot" | "desk"
    index: int
    memory_limit: int = 0  # bytes of address space; 0: none


def request(control: socket.socket, birth: Birth, connection: int, pulse: int) -> None:
    """Ask the server behind `control` for a process that owns these two files; returns at once."""
    line = json.dumps(asdict(birth)).encode().ljust(REQUEST_BYTES)
    socket.send_fds(control, [line], [connection, pulse])


def serve(control: socket.socket) -> None:
    """Fork a worker for every request until the socket closes."""
    while True:
        line, files, _, _ = socket.recv_fds(control, REQUEST_BYTES, 2)
        if not line:
            return
        birth = Birth(**json.loads(line))
        if os.fork() == 0:
            control.close()
            _live(birth, files[0], files[1])
        for file in files:
            os.close(file)


def _live(birth: Birth, connection: int, pulse: int) -> NoReturn:
    """Be the worker, and never return into the server's loop."""
    status = 1
    try:
        from explorer.engine.worker import main

        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        main(birth, connection, pulse)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries dead workers; the pool sees their pipes close
    from explorer.engine.preload import warm

    warm()
    serve(control)


if __name__ == "__main__":
    main()
