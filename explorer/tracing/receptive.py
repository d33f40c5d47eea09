"""How much of the input image one unit sees: kernel by kernel, the widest branch where branches meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

KERNELS = {
    "conv2d": ("weight", 3, 5),  # place of kernel, of stride, of dilation among the arguments
    "max_pool2d": ("kernel_size", 2, 4),
    "_max_pool2d": ("kernel_size", 2, 4),
    "max_pool2d_with_indices": ("kernel_size", 2, 4),
    "avg_pool2d": ("kernel_size", 2, 99),
    "lp_pool2d": ("kernel_size", 3, 99),
}
WHOLE = ("adaptive_avg_pool2d", "adaptive_max_pool2d", "mean", "amax")


@dataclass(frozen=True)
class Sight:
    """One side of the window that a unit sees, and the distance between the windows of neighbours, in input pixels."""

    size: int = 1
    step: float = 1


def see(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], before: Sequence[Sight | None], output: Tensor
) -> Sight | None:
    """Return what a unit of the output sees; None once there is no image any more."""
    seen = [each for each in before if each is not None]
    if not seen or output.dim() != 4:
        return None
    widest = max(seen, key=lambda sight: (sight.size, sight.step))
    if name in KERNELS:
        return _through(widest, *_window(name, args, kwargs))
    if name in WHOLE and int(output.shape[-1]) == 1:
        return None  # every unit now stands for the whole map: there is no window to speak of
    if name in WHOLE:
        side = int(args[0].shape[-1])
        return _through(widest, side - int(output.shape[-1]) + 1, side / max(1, int(output.shape[-1])), 1)
    if name == "__getitem__":
        return Sight(widest.size, widest.step * _slice_step(args[1]))
    if name in ("conv_transpose2d", "interpolate", "upsample"):
        return _widened(widest, args, output)
    return widest


def _through(sight: Sight, kernel: int, stride: float, dilation: int) -> Sight:
    return Sight(int(sight.size + (kernel - 1) * dilation * sight.step), sight.step * stride)


def _window(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[int, int, int]:
    first, stride_at, dilation_at = KERNELS[name]
    value = kwargs.get(first, args[1] if len(args) > 1 else 1)
    kernel = int(value.shape[-1]) if isinstance(value, Tensor) else _side(value)
    stride = kwargs.get("stride", args[stride_at] if len(args) > stride_at else None)
    dilation = kwargs.get("dilation", args[dilation_at] if len(args) > dilation_at else 1)
    usual = 1 if first == "weight" else kernel  # pooling without a stride takes its kernel
    return kernel, _side(stride) if stride not in (None, ()) and stride != [] else usual, _side(dilation)


def _widened(sight: Sight, args: Sequence[Any], output: Tensor) -> Sight:
    """A finer map sees at least what its coarser source sees, and its kernel's overlap on top."""
    ratio = int(args[0].shape[-1]) / int(output.shape[-1])
    kernel = int(args[1].shape[-1]) if len(args) > 1 and isinstance(args[1], Tensor) else 1
    overlap = max(0, -(-int(kernel * ratio) // 1) - 1)
    return Sight(int(sight.size + overlap * sight.step), sight.step * ratio)


def _side(value: Any) -> int:
    return int(value[-1]) if isinstance(value, (tuple, list)) else int(value)


def _slice_step(index: Any) -> int:
    last = index[-1] if isinstance(index, tuple) and index else index
    return int(last.step or 1) if isinstance(last, slice) else 1
