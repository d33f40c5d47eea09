"""The recurrent networks that train live: tokens or numbers in, one recurrent layer, an answer at every step."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from explorer.spec import Settings, float_of, int_of

EMBEDDED = 32  # numbers that stand for a token
State = tuple[Tensor, ...]  # (B, hidden) each; the first is the hidden state
BENDS = {"tanh": torch.tanh, "relu": torch.relu, "none": lambda total: total}


class Reader(nn.Module, ABC):
    """Reads a sequence step by step; the layer itself is torch's, which is several times quicker than a loop here.

    `step` computes the same from the same weights, one step at a time, for whoever wants to look at every state.
    """

    def __init__(self, recurrent: nn.Module, hidden_size: int, outputs: int, tokens: bool) -> None:
        super().__init__()
        self.embed = nn.Embedding(outputs, EMBEDDED) if tokens else None
        self.recurrent = recurrent
        self.output = nn.Linear(hidden_size, outputs)

    def forward(self, sequence: Tensor) -> Tensor:  # B T of tokens, or B T inputs
        answers, _ = self.carried(sequence, None)
        return answers  # B T outputs

    def carried(self, sequence: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Go on from a state, None for rest, and return the answers and the state at the end."""
        states, after = self.recurrent(self.read(sequence), None if state is None else self.packed(state))  # B T hidden
        return self.output(states), self.unpacked(after)

    def read(self, sequence: Tensor) -> Tensor:
        """Return what the recurrent layer gets of each step, (B, T, inputs)."""
        return sequence if self.embed is None else self.embed(sequence)

    def start(self, batch: int) -> State:
        """Return the state of a network at rest."""
        return (self.output.weight.new_zeros(batch, self.output.in_features),)

    @abstractmethod
    def step(self, x: Tensor, state: State) -> State:
        """Return the state after one step with the input x, (B, inputs)."""

    @abstractmethod
    def packed(self, state: State) -> Tensor | tuple[Tensor, Tensor]:
        """Return a state in the shape that torch's layer takes."""

    @abstractmethod
    def unpacked(self, state: Tensor | tuple[Tensor, Tensor]) -> State:
        """Return a state from the shape that torch's layer gives."""

    def weight(self, name: str) -> Tensor:
        """Return a weight of the recurrent layer: ih of the input, hh of the last state."""
        return self.recurrent.get_parameter(f"weight_{name}_l0")

    def bias(self) -> Tensor:
        """Return the sum of the recurrent layer's two biases."""
        return self.recurrent.get_parameter("bias_ih_l0") + self.recurrent.get_parameter("bias_hh_l0")


class SmallRNN(Reader):
    """h = f(W_ih x + W_hh h + b), and an answer read from each h."""

    def __init__(self, inputs: int, hidden_size: int, outputs: int, tokens: bool, activation: str) -> None:
        layer = (
            Unbent(inputs, hidden_size)
            if activation == "none"
            else nn.RNN(inputs, hidden_size, nonlinearity=activation, batch_first=True)
        )
        super().__init__(layer, hidden_size, outputs, tokens)
        self.bend = BENDS[activation]

    def step(self, x: Tensor, state: State) -> State:
        total = x @ self.weight("ih").T + state[0] @ self.weight("hh").T + self.bias()
        return (self.bend(total),)

    def packed(self, state: State) -> Tensor:
        return state[0][None]  # 1 B hidden

    def unpacked(self, state: Tensor | tuple[Tensor, Tensor]) -> State:
        return (state[0],)


class Unbent(nn.Module):
    """The recurrent layer without activation, which torch does not have: h = W_ih x + W_hh h + b."""

    def __init__(self, inputs: int, hidden_size: int) -> None:
        super().__init__()
        like = nn.RNN(inputs, hidden_size)
        for name, weight in like.named_parameters():
            self.register_parameter(name, nn.Parameter(weight.detach()))

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:  # B T inputs, 1 B hidden
        around, bias = self.get_parameter("weight_hh_l0"), self.get_parameter("bias_hh_l0")
        driven = x @ self.get_parameter("weight_ih_l0").T + self.get_parameter("bias_ih_l0") + bias  # B T hidden
        h = driven.new_zeros(len(x), len(bias)) if state is None else state[0]
        found = []
        for each in driven.unbind(1):  # B hidden
            h = each + h @ around.T
            found.append(h)
        return torch.stack(found, 1), h[None]


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> SmallRNN:
    """Build the network for sequences of tokens, input_shape (T,), or of numbers, (T, inputs)."""
    tokens, hidden_size = len(input_shape) == 1, int_of(settings, "hidden_size")
    inputs = EMBEDDED if tokens else input_shape[1]
    net = SmallRNN(inputs, hidden_size, outputs, tokens, str(settings["activation"]))
    begin(net.weight("hh"), str(settings["start"]), float_of(settings, "gain"))
    return net


@torch.no_grad()
def begin(around: Tensor, start: str, gain: float) -> None:
    """Draw the recurrent matrix anew, scaled so that its largest singular value is `gain`.

    For "orthogonal" and "identity" that is the spectral radius as well; for "gaussian" the radius is about half.
    """
    if start == "orthogonal":
        nn.init.orthogonal_(around)
    elif start == "identity":
        nn.init.eye_(around)
    else:
        nn.init.normal_(around)
        around /= torch.linalg.matrix_norm(around, 2)
    around *= gain
