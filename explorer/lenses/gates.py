"""The gates and the memory of an LSTM while a sequence is read, how open the gates stand, and one cell by itself."""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sequence import State, Stepwise, cell_side, reading, stepwise, with_remark
from explorer.lenses._sheet import Bars, Choice, Colours, Heat, Line, Lines, Part, Slider, Words, sheet
from explorer.lenses.hidden_states import SHOWN, written
from explorer.spec import SpecError, nearest
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

WAYS = {
    "forget_gate": "forget gate", "input_gate": "input gate", "output_gate": "output gate",
    "candidate": "candidate", "cell": "cell state", "hidden": "hidden state",
}  # fmt: skip
GATES = ("forget_gate", "input_gate", "output_gate")
BINS = 10


class Seen(Protocol):
    """What one step computes; each is (B, hidden)."""

    cell: Tensor
    hidden: Tensor


class Gated(Stepwise, Protocol):
    """A network that shows its gates."""

    def gates(self, x: Tensor, state: State) -> Seen: ...


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at option `what`, one of WAYS, for the cells from `first` on; `unit` is the one shown by itself."""
    trainer, network = stepwise(trainer, "gates")
    if not hasattr(trainer.model, "gates"):
        return sheet(caption="There are no gates here. This network's recurrent layer is a plain one.")
    what = str(request.options.get("what", "forget_gate"))
    if what not in WAYS:
        raise SpecError(f"an LSTM has nothing called '{what}'; {nearest(what, WAYS)}")
    read = reading(trainer, request)
    with evaluating(trainer.model):
        seen = _followed(cast("Gated", network), read.inputs)
    values = _over_time(seen, what)
    first = int_option(request, "first", 1, 1, max(1, len(values) - SHOWN + 1)) - 1
    shown = values[first : first + SHOWN]
    unit = int_option(request, "unit", 0, 0, len(shown) - 1)
    gate = what in GATES
    controls = (*read.controls, Choice("what", "Look at", what, tuple(WAYS.items())))
    if len(values) > SHOWN:
        controls = (*controls, Slider("first", "Cells from", first + 1, 1, len(values) - SHOWN + 1))
    return sheet(
        Heat(
            WAYS[what].capitalize(), shown, [str(first + n + 1) for n in range(len(shown))],
            read.labels if read.tokens else (), f"{len(values)} cells; a column is a step; pick a row",
            Colours.ATTENTION if gate else Colours.SIGNED, *_scale(shown, what), cell=cell_side(read.steps),
            pick="unit", chosen=unit,
        ),
        _alone(_over_time(seen, "cell")[first + unit], first + unit + 1, read.labels, read.tokens, written(read)),
        *([_histogram(values, what)] if gate else []),
        caption=with_remark(_caption(values, what), read),
        controls=controls,
    )  # fmt: skip


def _followed(network: Gated, inputs: Tensor) -> list[Seen]:
    state, found = network.start(len(inputs)), []
    for x in network.read(inputs).unbind(1):
        seen = network.gates(x, state)
        state = (seen.hidden, seen.cell)
        found.append(seen)
    return found


def _over_time(seen: list[Seen], what: str) -> np.ndarray:
    return torch.cat([getattr(each, what) for each in seen]).T.cpu().numpy()  # hidden T


def _scale(shown: np.ndarray, what: str) -> tuple[float, float]:
    if what in GATES:
        return 0.0, 1.0
    most = max(1.0, float(np.abs(shown).max()))
    return -most, most


def _alone(cell: np.ndarray, number: int, labels: tuple[str, ...], tokens: bool, pieces: list[str]) -> Part:
    """Return the memory of one cell: as tints of the text, or as a line over the steps."""
    title = f"Cell {number}: its memory c"
    if not tokens:
        return Lines(title, (Line("c", cell),), x_title="step", width=640)
    most = max(1e-6, float(np.abs(cell).max()))
    tips = [f"{value:.2f}".replace("-", "−") for value in cell]
    return Words(title, pieces, tuple((cell / most).tolist()), tips, "over the text", Colours.SIGNED, code=True)


def _histogram(values: np.ndarray, what: str) -> Bars:
    counts, _ = np.histogram(values, BINS, (0.0, 1.0))
    names = [f"{n / BINS:.1f}–{(n + 1) / BINS:.1f}" for n in range(BINS)]
    note = "all cells, all steps"
    return Bars(f"How open the {WAYS[what]}s stand", names, (counts / max(1, values.size)).tolist(), note, shares=True)


def _caption(values: np.ndarray, what: str) -> str:
    if what in GATES:
        between = float(((values > 0.1) & (values < 0.9)).mean())
        return (
            f"A gate is a sigmoid, not a switch. {between:.0%} of these values lie between 0.1 and 0.9. Pick a row to "
            "see what that cell keeps."
        )
    return (
        "What a gate multiplies. The cell state has no bounds; what is shown of it, the hidden state, lies within ±1."
    )
