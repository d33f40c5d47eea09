"""What happens in each layer during one training step: gradient norm, mean |activation|, share of dead units."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules import activation

from explorer.engine.messages import LayerStats

CAN_DIE = (nn.ReLU, nn.ReLU6)  # their zero passes no gradient back: a unit at zero for all inputs learns nothing more


def watched(model: nn.Module) -> dict[str, nn.Module]:
    """Return the modules that have statistics, by path: those with their own parameters, and activation functions."""
    return {
        path: module
        for path, module in model.named_modules()
        if any(True for _ in module.parameters(recurse=False)) or _is_activation(module)
    }


class StatsStep:
    """Runs one training step with hooks on every watched layer and keeps what they saw, unread, on the device."""

    def __init__(self, model: nn.Module) -> None:
        self._layers = watched(model)
        self._activation: dict[str, Tensor] = {}
        self._dead: dict[str, Tensor] = {}
        self._gradient: dict[str, Tensor] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Inside, forward passes are measured; at the end the gradients that the step left are."""
        handles = [module.register_forward_hook(self._hook(path)) for path, module in self._layers.items()]
        try:
            yield
            self._gradient = {
                path: norm for path, module in self._layers.items() if (norm := gradient_norm(module)) is not None
            }
        finally:
            for handle in handles:
                handle.remove()

    def stats(self) -> tuple[LayerStats, ...]:
        """Read the figures, in the order of the model's layers; layers that took no part are left out."""
        activation_of, dead_of, gradient_of = map(_read, (self._activation, self._dead, self._gradient))
        return tuple(
            LayerStats(path, gradient_of.get(path, math.nan), activation_of[path], dead_of.get(path, math.nan))
            for path in self._layers
            if path in activation_of
        )

    def _hook(self, path: str) -> Callable[..., None]:
        def keep(module: nn.Module, inputs: object, output: object) -> None:
            tensor = first_tensor(output)
            if tensor is None or not module.training:
                return
            tensor = tensor.detach()
            self._activation[path] = tensor.abs().mean()
            if isinstance(module, CAN_DIE) and tensor.dim() > 1:
                self._dead[path] = (tensor <= 0).transpose(0, _unit_axis(tensor)).flatten(1).all(1).float().mean()

        return keep


def gradient_norm(module: nn.Module) -> Tensor | None:
    """Return the 2-norm of the gradient of the module's own parameters, 0-dim, or None if it has none."""
    norms = [each.grad.norm() for each in module.parameters(recurse=False) if each.grad is not None]
    return torch.stack(norms).norm() if norms else None


def first_tensor(output: object) -> Tensor | None:
    """Return the output itself, or the first tensor of a tuple (recurrent layers give output and state)."""
    if isinstance(output, Tensor):
        return output
    return (
        next((each for each in output if isinstance(each, Tensor)), None) if isinstance(output, (tuple, list)) else None
    )


def _unit_axis(tensor: Tensor) -> int:
    """Return the axis of the units: channels of (B, C, H, W), else the last."""
    return 1 if tensor.dim() == 4 else tensor.dim() - 1


def _is_activation(module: nn.Module) -> bool:
    return type(module).__module__ == activation.__name__ and not any(True for _ in module.children())


def _read(tensors: Mapping[str, Tensor]) -> dict[str, float]:
    """Return the numbers of 0-dim tensors, fetched from the device in one go."""
    if not tensors:
        return {}
    return dict(zip(tensors, torch.stack(list(tensors.values())).tolist(), strict=True))
