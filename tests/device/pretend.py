"""A process in which device "cuda" exists without a GPU: tensors have shape, type and device, but no numbers.

`load(shim)` must be called before torch is imported, since torch asks for its CUDA hooks once. Without a shim (no
compiler) the same checks run on device "meta", which catches tensors left on the CPU, too.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock


def torch_folder() -> Path:
    """Return the folder of the installed torch, without importing it."""
    spec = importlib.util.find_spec("torch")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def load(shim: Path) -> None:
    """Load the shim into this process, into which torch has not been imported yet."""
    ctypes.CDLL(os.fspath(torch_folder() / "lib" / "libtorch_cpu.so"), ctypes.RTLD_GLOBAL)
    ctypes.CDLL(os.fspath(shim), ctypes.RTLD_GLOBAL)


@contextlib.contextmanager
def cuda() -> Iterator[None]:
    """Inside, every tensor is a fake one; a CPU tensor that meets a "cuda" tensor raises."""
    import torch
    from torch import nn
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.fx.experimental.symbolic_shapes import ShapeEnv

    mode = FakeTensorMode(allow_non_fake_inputs=False, shape_env=ShapeEnv(), static_shapes=True)
    patches = (
        mock.patch.object(nn.Module, "_apply", _apply({})),
        mock.patch.object(torch.Tensor, "item", _item),
        mock.patch.object(torch.Tensor, "__float__", lambda tensor: float(_item(tensor))),
        mock.patch.object(torch.Tensor, "__int__", lambda tensor: int(_item(tensor))),
        mock.patch.object(torch.Tensor, "__bool__", lambda tensor: bool(_item(tensor))),
        mock.patch.object(torch.Tensor, "numpy", _numpy),
        mock.patch.object(torch.Tensor, "tolist", lambda tensor: _numpy(tensor.cpu()).tolist()),
        mock.patch.object(torch.cuda, "is_available", return_value=True),
        mock.patch.object(FakeTensorMode, "avoid_device_init", property(lambda mode: True)),
    )
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        stack.enter_context(mode)
        yield


@contextlib.contextmanager
def meta() -> Iterator[None]:
    """Inside, generators asked for on "meta" are the CPU's, since that device has none."""
    import torch

    from explorer.training import batches

    with mock.patch.object(batches, "generator", lambda device, seed: torch.Generator().manual_seed(seed)):
        yield


def _apply(moved: dict[int, Any]) -> Callable[..., Any]:
    """Return a `Module._apply` that replaces parameters (torch swaps them in place, which fake tensors refuse)."""

    def apply(module: Any, change: Callable[[Any], Any], recurse: bool = True) -> Any:
        import torch

        for child in module.children() if recurse else ():
            child._apply(change)
        for name, parameter in module._parameters.items():
            if parameter is not None:
                if id(parameter) not in moved:  # a tied weight stays one weight
                    with torch.no_grad():
                        new = torch.nn.Parameter(change(parameter), parameter.requires_grad)
                    moved[id(parameter)] = (parameter, new)
                module._parameters[name] = moved[id(parameter)][1]
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = change(buffer)
        return module

    return apply


def _item(tensor: Any) -> float | int:
    """There is no number to read; not 0, since Adam divides by 1 − β^step."""
    return 10.0 if tensor.dtype.is_floating_point else 10


def _numpy(tensor: Any, *args: object, **options: object) -> Any:
    import numpy as np

    if tensor.device.type != "cpu":
        raise TypeError(f"can't convert {tensor.device} tensor to numpy; use Tensor.cpu() first")
    return np.zeros(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
