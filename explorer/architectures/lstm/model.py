"""Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000), written out gate by gate."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.architectures.lstm.small import build_small
from explorer.architectures.rnn.model import check_steps
from explorer.spec import Settings, int_of

__all__ = ["build", "build_small", "example"]


class CentredSigmoid(nn.Module):
    """A logistic curve stretched to (−span, span): g with span 2 and h with span 1 (1997, appendix A.1)."""

    def __init__(self, span: int) -> None:
        super().__init__()
        self.span = span

    def forward(self, x: Tensor) -> Tensor:
        return 2 * self.span * torch.sigmoid(x) - self.span


class Layer(nn.Module):
    """Units that read the input and the last hidden state: f(W x + U h + b); the gates and the candidate are such.

    `biases` 2 gives each of the two matrices a bias, as torch does.
    """

    def __init__(self, inputs: int, hidden_size: int, activation: nn.Module, biases: int = 1) -> None:
        super().__init__()
        self.from_input = nn.Linear(inputs, hidden_size)
        self.from_hidden = nn.Linear(hidden_size, hidden_size, bias=biases == 2)
        self.activation = activation

    def forward(self, x: Tensor, h: Tensor) -> Tensor:  # B inputs, B hidden
        return self.activation(self.from_input(x) + self.from_hidden(h))  # B hidden


class Peephole(nn.Module):
    """One weight for each cell, through which a gate sees that cell's state and no other (Gers & Schmidhuber 2000)."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, c: Tensor) -> Tensor:  # B hidden
        return self.weight * c  # B hidden


class PeepholeGate(nn.Module):
    """A gate that sees the cell state as well: σ(W x + U h + p ⊙ c + b)."""

    def __init__(self, inputs: int, hidden_size: int) -> None:
        super().__init__()
        self.from_input = nn.Linear(inputs, hidden_size)
        self.from_hidden = nn.Linear(hidden_size, hidden_size, bias=False)
        self.peephole = Peephole(hidden_size)
        self.activation = nn.Sigmoid()

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Tensor:  # B inputs, B hidden, B hidden
        return self.activation(self.from_input(x) + self.from_hidden(h) + self.peephole(c))  # B hidden


class CellState(nn.Module):
    """The memory: what was kept of it, plus what is new. Nothing bends it on its way from step to step."""

    def forward(self, kept: Tensor, new: Tensor) -> Tensor:  # B hidden, B hidden
        return kept + new  # B hidden


class HiddenState(nn.Module):
    """What the cell shows of its memory: the only thing that other layers, and the next step's gates, get to read."""

    def forward(self, o: Tensor, shown: Tensor) -> Tensor:  # B hidden, B hidden
        return o * shown  # B hidden


class Cell(nn.Module):
    """The LSTM cell with a forget gate, as it is built today."""

    def __init__(self, inputs: int, hidden_size: int, biases: int) -> None:
        super().__init__()
        self.forget_gate = Layer(inputs, hidden_size, nn.Sigmoid(), biases)
        self.input_gate = Layer(inputs, hidden_size, nn.Sigmoid(), biases)
        self.candidate = Layer(inputs, hidden_size, nn.Tanh(), biases)
        self.output_gate = Layer(inputs, hidden_size, nn.Sigmoid(), biases)
        self.cell_state = CellState()
        self.tanh = nn.Tanh()
        self.hidden_state = HiddenState()

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:  # B inputs, B hidden, B hidden
        f = self.forget_gate(x, h)  # B hidden, each number between 0 and 1
        i = self.input_gate(x, h)  # B hidden
        g = self.candidate(x, h)  # B hidden
        o = self.output_gate(x, h)  # B hidden
        c = self.cell_state(f * c, i * g)  # B hidden
        h = self.hidden_state(o, self.tanh(c))  # B hidden
        return h, c


class Cell1997(nn.Module):
    """The memory cell of 1997: no forget gate, so that the state is only ever added to (blocks of size 1)."""

    def __init__(self, inputs: int, hidden_size: int) -> None:
        super().__init__()
        self.input_gate = Layer(inputs, hidden_size, nn.Sigmoid())
        self.candidate = Layer(inputs, hidden_size, CentredSigmoid(2))
        self.output_gate = Layer(inputs, hidden_size, nn.Sigmoid())
        self.cell_state = CellState()
        self.squash = CentredSigmoid(1)
        self.hidden_state = HiddenState()

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:  # B inputs, B hidden, B hidden
        i = self.input_gate(x, h)  # B hidden
        g = self.candidate(x, h)  # B hidden, between −2 and 2
        o = self.output_gate(x, h)  # B hidden
        c = self.cell_state(c, i * g)  # B hidden: the constant error carousel, a loop of weight 1
        h = self.hidden_state(o, self.squash(c))  # B hidden
        return h, c


class PeepholeCell(nn.Module):
    """The cell whose gates see its state: two of them the old one, the output gate the new one.

    The state is shown without squashing it: Gers & Schmidhuber 2000 leave h(·) out.
    """

    def __init__(self, inputs: int, hidden_size: int) -> None:
        super().__init__()
        self.forget_gate = PeepholeGate(inputs, hidden_size)
        self.input_gate = PeepholeGate(inputs, hidden_size)
        self.candidate = Layer(inputs, hidden_size, nn.Tanh())
        self.output_gate = PeepholeGate(inputs, hidden_size)
        self.cell_state = CellState()
        self.hidden_state = HiddenState()

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:  # B inputs, B hidden, B hidden
        f = self.forget_gate(x, h, c)  # B hidden
        i = self.input_gate(x, h, c)  # B hidden
        g = self.candidate(x, h)  # B hidden
        c = self.cell_state(f * c, i * g)  # B hidden
        o = self.output_gate(x, h, c)  # B hidden
        h = self.hidden_state(o, c)  # B hidden
        return h, c


class LSTM(nn.Module):
    """A cell over the steps of a sequence, from a memory of zeros.

    Without `output` it returns its hidden state at every step; with it, what `output` makes of the states asked for.
    """

    def __init__(self, cell: nn.Module, hidden_size: int, output: nn.Linear | None, every_step: bool) -> None:
        super().__init__()
        self.cell = cell
        self.output = output
        self.hidden_size = hidden_size
        self.every_step = every_step

    def forward(self, sequence: Tensor) -> Tensor:  # B T inputs
        h = torch.zeros(sequence.shape[0], self.hidden_size, device=sequence.device)  # B hidden
        c = torch.zeros(sequence.shape[0], self.hidden_size, device=sequence.device)  # B hidden
        found = []
        for x in sequence.unbind(1):  # B inputs
            h, c = self.cell(x, h, c)  # B hidden, B hidden
            if self.every_step:
                found.append(h if self.output is None else self.output(h))  # B outputs
        if self.every_step or self.output is None:
            return torch.stack(found, 1)  # B T outputs
        return self.output(h)  # B outputs


def build(settings: Settings) -> nn.Module:
    """Build a network of the form asked for; raises SpecError for more steps apart than can be read."""
    check_steps(settings)
    hidden_size = int_of(settings, "hidden_size")
    cell = cell_of(str(settings["form"]), int_of(settings, "inputs"), hidden_size)
    output = nn.Linear(hidden_size, int_of(settings, "outputs")) if "outputs" in settings else None
    return LSTM(cell, hidden_size, output, every_step=settings.get("answers") != "after the last step")


def cell_of(form: str, inputs: int, hidden_size: int) -> nn.Module:
    """Return the cell of 1997, the one with peepholes, or today's with one bias ("textbook") or two ("torch")."""
    if form == "1997":
        return Cell1997(inputs, hidden_size)
    if form == "peephole":
        return PeepholeCell(inputs, hidden_size)
    return Cell(inputs, hidden_size, biases=1 if form == "textbook" else 2)


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return one sequence of as many steps as are asked for."""
    return (torch.zeros(1, int_of(settings, "steps"), int_of(settings, "inputs")),)
