"""Two reservoirs, alike but for their state, hear the same: whether they come to agree, as echo states do."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._reservoir import Echoing, echoing, kept
from explorer.lenses._sheet import Line, Lines, Numbers, Slider, Switch, sheet
from explorer.training.randomness import generator
from explorer.training.trainer import Trainer

STEPS = 400
AGREED, APART = 1e-3, 0.1  # of the distance at the start


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the distance over 400 steps; option `input` off: silence; `start` draws two other states."""
    network, data = echoing(trainer, "echo_state_test")
    driven = bool(request.options.get("input", True))
    start = int_option(request, "start", 1, 1, 20)
    values = torch.from_numpy(data.learnt).to(trainer.device)
    heard = values if driven else None
    distance = kept(trainer, "echo", (driven, start), lambda: distances(network, heard, start))
    share = distance.double().cpu().numpy()
    end = float(share[-1])
    return sheet(
        Lines(
            "Distance of the two states",
            (Line("with the input" if driven else "in silence", np.maximum(share, 1e-17)),),
            x_title="step", log=True, high=10.0, levels=(("as far as at the start", 1.0),), width=600, height=240,
            note="of what it was at the start",
        ),
        Numbers((("after 400 steps", _power(end), "of the distance at the start"),)),
        caption=(
            f"{_verdict(end)} Without input the border lies at a spectral radius of 1; an input that keeps the units "
            "busy moves it further out."
        ),
        controls=(Switch("input", "Hears the series", driven), Slider("start", "Another pair of starts", start, 1, 20)),
    )  # fmt: skip


def distances(network: Echoing, values: Tensor | None, seed: int) -> Tensor:
    """Return ‖x − x'‖ over its size at the start, before each of 400 steps and after the last; None: silence."""
    rest = network.rest(2)
    drawn = torch.rand(rest.shape, generator=generator(torch.device("cpu"), seed), dtype=torch.float64) * 2 - 1
    x = drawn.to(rest.device, rest.dtype)
    found = [(x[0] - x[1]).norm()]
    silence = rest.new_zeros(2, 2)
    for step in range(STEPS):
        if values is None:
            x = network.reservoir(silence, x, x)
        else:
            x = network.step(values[step % len(values)].view(1, 1).expand(2, 1), x)
        found.append((x[0] - x[1]).norm())
    return torch.stack(found) / found[0]


def _verdict(end: float) -> str:
    if end < AGREED:
        return "They agree: what the state is now depends on what was heard alone. These are echo states."
    if end > APART:
        return "They stay apart: the state still depends on how it began, and no read-out can know that."
    return "Not settled after 400 steps: they come nearer slowly, or only now and then."


def _power(value: float) -> str:
    return "below 1e−16" if value < 1e-16 else f"{value:.1e}".replace("e-", "e−")
