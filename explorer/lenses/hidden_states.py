"""The hidden state while a sequence is read: a row for each unit, a column for each step, and one unit by itself."""

from __future__ import annotations

import numpy as np
import torch

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sequence import Reading, cell_side, followed, reading, stepwise, with_remark
from explorer.lenses._sheet import Colours, Heat, Line, Lines, Part, Slider, Words, sheet
from explorer.training.trainer import Trainer

SHOWN = 24  # units at a time


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the units from option `first` on; `unit` is the one shown by itself, counted from there."""
    trainer, network = stepwise(trainer, "hidden_states")
    read = reading(trainer, request)
    states = torch.cat([state[0] for state in followed(trainer, network, read.inputs)]).T.cpu().numpy()  # hidden T
    units = len(states)
    first = int_option(request, "first", 1, 1, max(1, units - SHOWN + 1)) - 1
    shown = states[first : first + SHOWN]
    unit = int_option(request, "unit", 0, 0, len(shown) - 1)
    controls = read.controls
    if units > SHOWN:
        controls = (*controls, Slider("first", "Units from", first + 1, 1, units - SHOWN + 1))
    return sheet(
        Heat(
            "Hidden state", shown, [str(first + n + 1) for n in range(len(shown))], _columns(read),
            f"{units} units; a column is a step; pick a row", low=-1.0, high=1.0, cell=cell_side(read.steps),
            pick="unit", chosen=unit,
        ),
        _alone(read, shown[unit], first + unit + 1),
        caption=with_remark(
            "All that the network knows of the past stands in one column. Rows that change slowly remember; rows that "
            "flicker follow what is read.", read,
        ),
        controls=controls,
    )  # fmt: skip


def _columns(read: Reading) -> tuple[str, ...]:
    return read.labels if read.tokens else ()


def _alone(read: Reading, values: np.ndarray, number: int) -> Part:
    """Return one unit: as tints of the text, or as a line over the steps."""
    if not read.tokens:
        return Lines(f"Unit {number}", (Line("state", values),), x_title="step", low=-1.0, high=1.0, width=640)
    most = max(1e-6, float(np.abs(values).max()))
    return Words(
        f"Unit {number} over the text", written(read), tuple((values / most).tolist()),
        [f"{each:.2f}".replace("-", "−") for each in values], "amber below zero, blue above",
        Colours.SIGNED, code=True,
    )  # fmt: skip


def written(read: Reading) -> list[str]:
    """Return the pieces of a text as they are written, with real line ends behind the marks that show them."""
    return [f"{label}\n" if label == "↵" else label for label in read.labels]
