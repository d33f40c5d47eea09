"""How much each earlier state matters to the loss of the last answer: ‖∂loss/∂h‖ over the steps, on held-out data."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._sequence import State, Stepwise, stepwise
from explorer.lenses._sheet import Line, Lines, Numbers, sheet
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer

SEQUENCES = 16
NAMES = ("hidden state h", "cell state c")


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the first held-out sequences; the gradients are of the last answer's loss alone."""
    trainer, network = stepwise(trainer, "gradient_through_time")
    norms = gradient_norms(trainer, network, SEQUENCES)
    ratios = _ratios(norms[0])
    steps = len(ratios)
    state = f"; by way of the cell state, by {_per_step(_ratios(norms[1])):.2f}" if norms[1:] else ""
    back = [n for n in (10, 30, 60, 99) if n < steps]
    return sheet(
        Lines(
            "‖∂ loss / ∂ state‖", [Line(name, each) for name, each in zip(NAMES, norms, strict=False)],
            x_title="step", log=True, width=560, height=240, note=f"{SEQUENCES} held-out sequences",
        ),
        Numbers([(f"{n} steps back", _share(float(ratios[-1 - n])), "of the last step's, for h") for n in back]),
        caption=(
            f"On its way back the error is multiplied at every step, by {_per_step(ratios):.2f} on average{state}. "
            "Below 1 it vanishes, above 1 it explodes: on this axis both are straight lines."
        ),
    )  # fmt: skip


def gradient_norms(trainer: SupervisedTrainer, network: Stepwise, sequences: int) -> list[np.ndarray]:
    """Return, for each part of the state, the norm of the last answer's loss by it, (T,)."""
    inputs, targets = trainer.test[0][:sequences], trainer.test[1][:sequences]
    modes = [(module, module.training) for module in trainer.model.modules()]
    trainer.model.eval()
    try:
        with torch.enable_grad():
            states = _recorded(network, inputs)
            answer = network.output(states[-1][0])[:, None]  # B 1 outputs
            loss = trainer.kind.loss(answer, targets if targets.dim() == 1 else targets[:, -1:])
            grads = torch.autograd.grad(loss, [part for state in states for part in state], allow_unused=True)
    finally:
        for module, training in modes:
            module.training = training
    parts = len(states[0])
    return [
        np.array([0.0 if grad is None else float(grad.norm()) for grad in grads[part::parts]]) for part in range(parts)
    ]


def _recorded(network: Stepwise, inputs: Tensor) -> list[State]:
    """Follow the sequences from a state that asks for gradients, so that every later one does, whatever is trained."""
    state, found = tuple(each.requires_grad_() for each in network.start(len(inputs))), []
    for x in network.read(inputs).unbind(1):
        state = network.step(x, state)
        found.append(state)
    return found


def _ratios(norms: np.ndarray) -> np.ndarray:
    return norms / max(float(norms[-1]), 1e-300)


def _per_step(ratios: np.ndarray) -> float:
    """Return the factor of one step back, as the mean over all that have not become 0."""
    lasting = np.flatnonzero(ratios > 0)
    if not len(lasting) or lasting[0] == len(ratios) - 1:
        return 0.0
    return float(ratios[lasting[0]] ** (1 / (len(ratios) - 1 - lasting[0])))


def _share(ratio: float) -> str:
    if ratio == 0:
        return "0"
    return f"{ratio:.2g}" if 1e-3 <= ratio < 1e4 else f"{ratio:.0e}".replace("e-0", "e−").replace("e-", "e−")
