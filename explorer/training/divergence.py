"""Finds the first value that is not finite in a training step: in which layer, and in what."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from explorer.training.layer_stats import first_tensor
from explorer.training.trainer import Trainer


@dataclass(frozen=True)
class Finding:
    """Where the first non-finite value stood; `what` is activation, loss, gradient or weight."""

    layer: str
    what: str


@dataclass
class _Forward:
    """What the forward passes of one step met: layers in the order they ran, and the first whose output broke."""

    order: list[tuple[str, nn.Module]] = field(default_factory=list)
    broken: str | None = None


def all_finite(scalars: Mapping[str, float | Tensor]) -> bool:
    """Whether every scalar is a finite number."""
    return all(math.isfinite(value) for value in scalars.values())


def watched_step(trainer: Trainer) -> Finding | None:
    """Do one training step with every layer checked; return what first, in order of computation, was not finite."""
    seen = _Forward()
    with _watching(trainer, seen):
        scalars = trainer.train_step()
    if seen.broken is not None:
        return Finding(seen.broken, "activation")
    if not all_finite(scalars):
        return Finding(seen.order[-1][0] if seen.order else "", "loss")
    return _gradient(seen) or _weight(seen)


def total_gradient_norm(trainer: Trainer) -> float:
    """Return the 2-norm of all gradients the last step left; 0.0 before the first step."""
    grads = [p.grad for module in trainer.modules().values() for p in module.parameters() if p.grad is not None]
    return float(torch.stack([grad.norm() for grad in grads]).norm()) if grads else 0.0


@contextmanager
def _watching(trainer: Trainer, seen: _Forward) -> Iterator[None]:
    with ExitStack() as hooks:
        for name, module in trainer.modules().items():
            for path, layer in module.named_modules():
                if not any(True for _ in layer.children()):
                    whole = path if module is trainer.model else f"{name}.{path}"
                    hooks.callback(layer.register_forward_hook(_hook(seen, whole)).remove)
        yield


def _hook(seen: _Forward, path: str) -> Callable[..., None]:
    def check(module: nn.Module, inputs: object, output: object) -> None:
        seen.order.append((path, module))
        tensor = first_tensor(output)
        if seen.broken is None and tensor is not None and not bool(torch.isfinite(tensor).all()):
            seen.broken = path

    return check


def _gradient(seen: _Forward) -> Finding | None:
    """Return the layer whose gradient broke first; gradients are computed from the last layer to the first."""
    for path, module in reversed(seen.order):
        if not all(_finite(each.grad) for each in module.parameters(recurse=False)):
            return Finding(path, "gradient")
    return None


def _weight(seen: _Forward) -> Finding | None:
    for path, module in seen.order:
        if not all(_finite(each) for each in module.parameters(recurse=False)):
            return Finding(path, "weight")
    return None


def _finite(tensor: Tensor | None) -> bool:
    return tensor is None or bool(torch.isfinite(tensor).all())
