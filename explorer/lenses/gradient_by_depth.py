"""How strong the gradient is at every depth: what arrives at each layer's output, and what it asks of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import catching, supervised
from explorer.lenses._sheet import Line, Lines, Numbers, sheet
from explorer.spec import SpecError
from explorer.training.randomness import Preserved
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer

PICTURES = 32  # training examples
WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Linear)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Send the loss of the first training examples back once; raises SpecError for a net without enough layers."""
    trainer = supervised(trainer, "gradient_by_depth")
    layers = [(path, each) for path, each in trainer.model.named_modules() if isinstance(each, WEIGHTED)]
    names, arriving, asked = _gradients(trainer, layers)
    if len(names) < 2:
        raise SpecError("one layer has no depth; this network needs two layers with weights, or more")
    depth = np.arange(1, len(names) + 1, dtype=np.float32)
    x_title = "layers with weights, first to last"
    return sheet(
        Lines(
            "Gradient that arrives at each layer", [Line("‖∂L/∂output‖", arriving)], depth, x_title, log=True,
            note="of the whole batch", width=520,
        ),
        Lines(
            "Against the weights it is to change", [Line("‖∂L/∂W‖ ÷ ‖W‖", asked)], depth, x_title, log=True, width=520,
        ),
        Numbers(
            (
                ("first layer ÷ last layer", f"{arriving[0] / max(arriving[-1], 1e-30):.3g}", "of what arrives"),
                ("smallest ÷ largest", f"{np.nanmin(asked) / max(np.nanmax(asked), 1e-30):.2g}", "of the second curve"),
            )
        ),
        caption=(
            "Does the gradient reach the first layer? If a curve falls by powers of ten towards the left, it vanishes "
            "on its way back; if it rises so, it explodes. "
            f"Layer 1 is {names[0]}, layer {len(names)} is {names[-1]}. "
            f"One backward pass of {min(PICTURES, len(trainer.train[1]))} training examples, as a training step does "
            "it; nothing is changed."
        ),
    )  # fmt: skip


def _gradients(
    trainer: SupervisedTrainer, layers: Sequence[tuple[str, nn.Module]]
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the names of the layers that ran, and by layer the gradient's length at the output and at the weights."""
    ran: dict[str, Tensor] = {}

    def keep(path: str, output: Tensor) -> None:
        ran.setdefault(path, output)

    inputs, targets = trainer.train[0][:PICTURES], trainer.train[1][:PICTURES]
    with _unmoved(trainer), torch.enable_grad(), catching(layers, keep):
        _, loss = trainer.objective(inputs, targets)
        outputs = [output for output in ran.values() if output.requires_grad]
        modules = [trainer.model.get_submodule(path) for path, output in ran.items() if output.requires_grad]
        weights = [each.weight for each in modules if isinstance(each, WEIGHTED)]
        found = torch.autograd.grad(loss, [*outputs, *weights], allow_unused=True)
    lengths = torch.stack([loss.new_zeros(()) if each is None else each.norm() for each in found])
    sizes = torch.stack([weight.detach().norm() for weight in weights])
    sizes = torch.where(sizes > 0, sizes, torch.nan)  # weights that begin at zero have no size to compare with
    arriving, asked = lengths[: len(outputs)], lengths[len(outputs) :] / sizes
    names = [layer_name(path, 2) for path, output in ran.items() if output.requires_grad]
    return names, _array(arriving), _array(asked)


def _array(lengths: Tensor) -> np.ndarray:
    return lengths.clamp_min(1e-30).detach().float().cpu().numpy()


@contextmanager
def _unmoved(trainer: SupervisedTrainer) -> Iterator[None]:
    """Inside, the network may run as in training: running statistics and random numbers are put back at the end."""
    buffers = [(buffer, buffer.clone()) for buffer in trainer.model.buffers()]
    try:
        with Preserved(trainer.device):
            yield
    finally:
        with torch.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)
