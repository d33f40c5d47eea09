"""What a few units of a reservoir do while it hears a held-out stretch of the series, from silence on."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._reservoir import Echoing, echoing, kept, window_of
from explorer.lenses._sequence import cell_side
from explorer.lenses._sheet import Heat, Line, Lines, Slider, sheet
from explorer.training.trainer import Trainer

STEPS, LINES, ROWS = 150, 5, 30


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the units from option `first` on, while the held-out window `index` is heard."""
    network, data = echoing(trainer, "reservoir_traces")
    index = int_option(request, "index", 0, 0, len(data.test_inputs) - 1)
    first = int_option(request, "first", 1, 1, max(1, network.units - ROWS + 1)) - 1
    values = window_of(trainer, data, index)[:STEPS]
    states = kept(trainer, "traces", index, lambda: _followed(network, values)).T.cpu().numpy()  # units steps
    shown = states[first : first + ROWS]
    return sheet(
        Lines("The input", (Line("input", values.cpu().numpy()),), x_title="step", width=640, height=130),
        Lines(
            "What units make of it",
            [Line(f"unit {first + n + 1}", trace) for n, trace in enumerate(shown[:LINES])],
            x_title="step", width=640, low=-1.0, high=1.0,
        ),
        Heat(
            "More of them", shown, low=-1.0, high=1.0, cell=cell_side(states.shape[1], 640),
            note=f"units {first + 1} to {first + len(shown)} of {network.units}; a column is a step",
        ),
        caption=(
            "Every unit hears the same and does something else with it. None of this is learnt: the read-out only "
            "finds the mixture of these curves that is the value to come."
        ),
        controls=(
            Slider("index", "Held-out window", index, 0, len(data.test_inputs) - 1),
            Slider("first", "Units from", first + 1, 1, max(2, network.units - ROWS + 1)),
        ),
    )  # fmt: skip


def _followed(network: Echoing, values: Tensor) -> Tensor:
    x, states = network.rest(1), []
    for value in values.view(-1, 1, 1):
        x = network.step(value, x)
        states.append(x)
    return torch.cat(states)
