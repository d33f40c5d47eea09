"""The device a run computes on: cuda, then mps, then cpu, unless another is asked for."""

from __future__ import annotations

import os

import psutil
import torch

from explorer.engine.messages import DeviceInfo
from explorer.spec import SpecError


def available() -> tuple[DeviceInfo, ...]:
    """Return the devices of this machine, the one used by default first."""
    cuda = tuple(_cuda(index) for index in range(torch.cuda.device_count())) if torch.cuda.is_available() else ()
    mps = (_mps(),) if torch.backends.mps.is_available() else ()
    return (*cuda, *mps, _cpu())


def choose(asked: str = "") -> torch.device:
    """Return the device asked for, or the best there is; raises SpecError naming what exists."""
    known = [info.key for info in available()]
    if asked in ("", "auto"):
        return torch.device(known[0])
    match = asked if asked in known else next((key for key in known if key.startswith(f"{asked}:")), "")
    if not match:
        raise SpecError(f"there is no device '{asked}' here; this machine has: {', '.join(known)}")
    return torch.device(match)


def info(device: torch.device) -> DeviceInfo:
    """Return what is known of the device, with its memory as it stands now."""
    if device.type == "cuda":
        return _cuda(device.index or 0)
    return _mps() if device.type == "mps" else _cpu()


def prepare(device: torch.device, threads: int = 1) -> None:
    """Set this process up for training: threads, and on a GPU the deterministic kernels that make replay bit-exact."""
    torch.set_num_threads(threads)
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS needs to be deterministic
        torch.use_deterministic_algorithms(True, warn_only=True)


def memory_used(device: torch.device) -> int:
    """Return the bytes that training holds: of the device on a GPU, of this process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return torch.mps.current_allocated_memory()
    return psutil.Process().memory_info().rss


def _cuda(index: int) -> DeviceInfo:
    free, total = torch.cuda.mem_get_info(index)
    return DeviceInfo(f"cuda:{index}", "cuda", torch.cuda.get_device_name(index), total, total - free)


def _mps() -> DeviceInfo:
    used, total = torch.mps.current_allocated_memory(), torch.mps.recommended_max_memory()
    return DeviceInfo("mps", "mps", "Apple GPU", total, used)


def _cpu() -> DeviceInfo:
    memory = psutil.virtual_memory()
    return DeviceInfo("cpu", "cpu", f"CPU, {os.cpu_count()} cores", memory.total, memory.total - memory.available)
