"""A worker's sign of life: a few bytes of memory shared with the pool, written without any message."""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
import time

_LAYOUT = struct.Struct("d d 40s")  # last beat, start of the work at hand (0: none), the run being worked on


class Pulse:
    """One worker's pulse, seen from either side; times are seconds of the machine's monotonic clock."""

    def __init__(self, file: int) -> None:
        self.file = file
        self._memory = mmap.mmap(file, _LAYOUT.size)

    @classmethod
    def create(cls) -> Pulse:
        """Make a new pulse in a file without a name."""
        with tempfile.TemporaryFile() as file:
            file.truncate(_LAYOUT.size)
            return cls(os.dup(file.fileno()))

    def beat(self) -> None:
        """Say that the process is alive."""
        struct.pack_into("d", self._memory, 0, time.monotonic())

    def enter(self, run: str) -> None:
        """Say which run is being worked on from now."""
        struct.pack_into("d 40s", self._memory, 8, time.monotonic(), run.encode()[:40])

    def leave(self) -> None:
        """Say that the work at hand is done."""
        struct.pack_into("d 40s", self._memory, 8, 0.0, b"")

    @property
    def last_beat(self) -> float:
        return _LAYOUT.unpack_from(self._memory)[0]

    @property
    def busy_since(self) -> float:
        """Start of the work at hand; 0 when idle."""
        return _LAYOUT.unpack_from(self._memory)[1]

    @property
    def run(self) -> str:
        """The run being worked on; empty when idle."""
        return _LAYOUT.unpack_from(self._memory)[2].rstrip(b"\0").decode(errors="replace")

    def close(self) -> None:
        self._memory.close()
        os.close(self.file)
