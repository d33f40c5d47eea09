"""The simple recurrent network (Elman 1990), and the recurrent layer that it became, written out step by step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.architectures.rnn.small import build_small
from explorer.spec import Settings, SpecError, int_of

__all__ = ["build", "build_small", "example"]

APART = 12  # so many steps can still be read when each is drawn as a block of its own

ACTIVATIONS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


class Cell(nn.Module):
    """One step: h = f(W_xh x + W_hh h + b), where the h on the right is that of the step before.

    `biases` 2 gives each of the two matrices a bias, as torch does; their sum is all that can be learnt of them.
    """

    def __init__(self, inputs: int, hidden_size: int, activation: str, biases: int) -> None:
        super().__init__()
        self.from_input = nn.Linear(inputs, hidden_size)
        self.from_hidden = nn.Linear(hidden_size, hidden_size, bias=biases == 2)
        self.activation = ACTIVATIONS[activation]()

    def forward(self, x: Tensor, h: Tensor) -> Tensor:  # B inputs, B hidden
        return self.activation(self.from_input(x) + self.from_hidden(h))  # B hidden


class Context(nn.Module):
    """Holds the hidden units of the step before: copied one to one, by weights fixed at 1 (Elman 1990, figure 2).

    The copy is an input like any other: errors are not carried back through it into earlier steps.
    """

    def forward(self, h: Tensor) -> Tensor:  # B hidden
        return h.detach()  # B hidden


class Output(nn.Module):
    """A layer of logistic units: y = σ(W_hy h + b)."""

    def __init__(self, hidden_size: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden_size, outputs)
        self.activation = nn.Sigmoid()

    def forward(self, h: Tensor) -> Tensor:  # B hidden
        return self.activation(self.linear(h))  # B outputs


class ElmanNet(nn.Module):
    """Figure 2 of Elman 1990: input and context feed the hidden units, which feed the output and the next context."""

    def __init__(self, inputs: int, hidden_size: int, outputs: int, activation: str) -> None:
        super().__init__()
        self.context = Context()
        self.hidden = Cell(inputs, hidden_size, activation, biases=1)
        self.output = Output(hidden_size, outputs)
        self.hidden_size = hidden_size

    def forward(self, sequence: Tensor) -> Tensor:  # B T inputs
        h = torch.full(
            (sequence.shape[0], self.hidden_size), 0.5, device=sequence.device
        )  # B hidden: neither on nor off
        answers = []
        for x in sequence.unbind(1):  # B inputs
            h = self.hidden(x, self.context(h))  # B hidden
            answers.append(self.output(h))  # B outputs
        return torch.stack(answers, 1)  # B T outputs


class RNN(nn.Module):
    """The recurrent layer of today's libraries: starts from zeros, and errors flow back through every step.

    Without `output` it returns its state at every step; with it, what `output` makes of the states asked for.
    """

    def __init__(self, cell: Cell, output: nn.Linear | None, every_step: bool) -> None:
        super().__init__()
        self.cell = cell
        self.output = output
        self.every_step = every_step

    def forward(self, sequence: Tensor) -> Tensor:  # B T inputs
        h = torch.zeros(sequence.shape[0], self.cell.from_hidden.in_features, device=sequence.device)  # B hidden
        found = []
        for x in sequence.unbind(1):  # B inputs
            h = self.cell(x, h)  # B hidden
            if self.every_step:
                found.append(h if self.output is None else self.output(h))  # B outputs
        if self.every_step or self.output is None:
            return torch.stack(found, 1)  # B T outputs
        return self.output(h)  # B outputs


def build(settings: Settings) -> nn.Module:
    """Build a network at the size of its paper; raises SpecError for more steps apart than can be read."""
    check_steps(settings)
    inputs, hidden_size, activation = (
        int_of(settings, "inputs"),
        int_of(settings, "hidden_size"),
        settings["activation"],
    )
    if settings["form"] == "elman":
        return ElmanNet(inputs, hidden_size, int_of(settings, "outputs"), str(activation))
    cell = Cell(inputs, hidden_size, str(activation), biases=1 if settings["form"] == "textbook" else 2)
    output = nn.Linear(hidden_size, int_of(settings, "outputs")) if "outputs" in settings else None
    return RNN(cell, output, every_step=settings.get("answers") != "after the last step")


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return one sequence of as many steps as are asked for."""
    return (torch.zeros(1, int_of(settings, "steps"), int_of(settings, "inputs")),)


def check_steps(settings: Settings) -> None:
    """Raise SpecError if the steps are to be drawn apart and are too many for that."""
    steps = int_of(settings, "steps")
    if settings.get("unrolled") and steps > APART:
        raise SpecError(
            f"steps = {steps} are too many to draw one by one: each becomes a block of its own. "
            f"Try {APART} or fewer, or turn unrolled off: the loop stands for any number."
        )
