"""What the lenses share: the learner's view of a trainer, outputs caught on their way, numbers as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules import activation

from explorer.engine.messages import LensRequest
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer


def supervised(trainer: Trainer, lens: str) -> SupervisedTrainer:
    """Return the trainer as one that learns from labelled examples; raises SpecError if it is not."""
    if not isinstance(trainer, SupervisedTrainer):
        raise SpecError(
            f"the lens '{lens}' needs labelled examples to learn from; {trainer.spec.architecture} has none"
        )
    return trainer


def int_option(request: LensRequest, name: str, default: int, low: int, high: int) -> int:
    """Read a whole number among the request's options, brought into low … high."""
    value = request.options.get(name, default)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"{name} = {value} is not a number")
    return int(min(high, max(low, value)))


def is_activation(module: nn.Module) -> bool:
    """Whether the module is one of torch's activation functions, or the identity that stands in for none."""
    return type(module).__module__ == activation.__name__ or isinstance(module, nn.Identity)


@contextmanager
def catching(modules: Sequence[tuple[str, nn.Module]], keep: Callable[[str, Tensor], None]) -> Iterator[None]:
    """Inside, `keep(path, output)` is called after each of the modules has run."""

    def hook(path: str) -> Callable[[nn.Module, object, object], None]:
        def caught(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, Tensor):
                keep(path, output)

        return caught

    handles = [module.register_forward_hook(hook(path)) for path, module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def signed_bytes(values: Tensor, scale: float) -> np.ndarray:
    """Return −scale … +scale as uint8, zero at 128 (values beyond are cut off); NaN becomes 128."""
    return (
        torch.nan_to_num(values * (127 / max(scale, 1e-12)), nan=0.0)
        .clamp(-127, 127)
        .add(128.5)
        .to(torch.uint8)
        .cpu()
        .numpy()
    )


def pictures(inputs: Tensor, low: float, high: float) -> np.ndarray:
    """Return inputs (N, C, H, W) as uint8 pictures (N, H, W) or (N, H, W, 3); low … high become 0 … 255."""
    pixels = ((inputs - low) * (255 / max(high - low, 1e-12))).clamp(0, 255).add(0.5).to(torch.uint8)
    return (pixels[:, 0] if pixels.shape[1] == 1 else pixels.permute(0, 2, 3, 1)).cpu().numpy()


def range_of(inputs: Tensor) -> tuple[float, float]:
    """Return the smallest and the largest number of a data set's inputs."""
    low, high = inputs.aminmax()
    return float(low), float(high)
