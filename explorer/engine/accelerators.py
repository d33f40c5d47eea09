"""What can be said about this machine's devices before torch is up."""

from __future__ import annotations

import sys
from pathlib import Path

DEVICES = Path("/dev")
NAMES = ("nvidia[0-9]*", "kfd", "dxg")  # NVIDIA, AMD, Windows' Linux


def possible(platform: str = sys.platform, devices: Path = DEVICES) -> bool:
    """Whether something faster than the CPU may be here; False is certain, True has to be asked of torch."""
    return platform != "linux" or any(any(devices.glob(name)) for name in NAMES)
