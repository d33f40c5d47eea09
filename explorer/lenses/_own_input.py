"""The input that a look is about: the learner's own, or a held-out one."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import LensRequest
from explorer.lenses._looking import int_option, range_of
from explorer.spec import SpecError


def picture(request: LensRequest, held_out: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
    """Return one picture (1, C, H, W) as the network takes it and its place among the held-out ones, −1 for an own one.

    An own picture comes as uint8 (C, H, W) or (H, W), 0 … 255; it is brought to the range of the held-out pictures.
    Option `index` chooses a held-out one, modulo their number. Raises SpecError for another shape or type.
    """
    inputs, targets = held_out
    if request.input is None:
        index = int_option(request, "index", 0, 0, 10**9) % len(targets)
        return inputs[index : index + 1], index
    own = request.input[None] if request.input.ndim == 2 else request.input
    if own.dtype != np.uint8 or own.shape != tuple(inputs.shape[1:]):
        wanted = " × ".join(str(size) for size in inputs.shape[1:])
        raise SpecError(f"the picture has shape {own.shape} and type {own.dtype}; expected {wanted} of uint8")
    low, high = range_of(inputs)
    pixels = torch.from_numpy(np.ascontiguousarray(own)).to(inputs.device, inputs.dtype)
    return (low + pixels * ((high - low) / 255))[None], -1


def numbers(request: LensRequest, held_out: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
    """Return one input (1, …) given as finite numbers of the network's input shape, or a held-out one; as `picture`."""
    inputs, _ = held_out
    if request.input is None or inputs.dim() == 4:
        return picture(request, held_out)
    if request.input.shape != tuple(inputs.shape[1:]) or not np.isfinite(request.input).all():
        raise SpecError(
            f"the point {request.input.tolist()} does not fit; expected {tuple(inputs.shape[1:])} finite numbers"
        )
    return torch.from_numpy(request.input.astype(np.float32)).to(inputs.device)[None], -1
