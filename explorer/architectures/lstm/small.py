"""The LSTM that trains live, in torch's form, and the same step by step with every gate to be seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.architectures.rnn import small as plain
from explorer.architectures.rnn.small import EMBEDDED, Reader, SmallRNN, State
from explorer.spec import Settings, float_of, int_of


@dataclass(frozen=True)
class Gates:
    """What one step computes, (B, hidden) each: gates between 0 and 1, candidate between −1 and 1, both states."""

    input_gate: Tensor
    forget_gate: Tensor
    candidate: Tensor
    output_gate: Tensor
    cell: Tensor
    hidden: Tensor


class SmallLSTM(Reader):
    """c = f ⊙ c + i ⊙ g, h = o ⊙ tanh(c), and an answer read from each h."""

    def __init__(self, inputs: int, hidden_size: int, outputs: int, tokens: bool) -> None:
        super().__init__(nn.LSTM(inputs, hidden_size, batch_first=True), hidden_size, outputs, tokens)

    def start(self, batch: int) -> State:
        return (*super().start(batch), *super().start(batch))

    def step(self, x: Tensor, state: State) -> State:
        found = self.gates(x, state)
        return found.hidden, found.cell

    def gates(self, x: Tensor, state: State) -> Gates:
        """Return everything that one step computes."""
        h, c = state
        total = x @ self.weight("ih").T + h @ self.weight("hh").T + self.bias()  # B 4·hidden, in torch's order
        i, f, g, o = total.chunk(4, 1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        return Gates(i, f, g, o, c, o * torch.tanh(c))

    def packed(self, state: State) -> tuple[Tensor, Tensor]:
        return state[0][None], state[1][None]  # 1 B hidden each

    def unpacked(self, state: Tensor | tuple[Tensor, Tensor]) -> State:
        return state[0][0], state[1][0]


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> Reader:
    """Build the network for sequences of tokens, input_shape (T,), or of numbers, (T, inputs).

    With `cell` "plain": a tanh layer of about as many parameters instead, its matrix a rotation.
    """
    tokens, hidden_size = len(input_shape) == 1, int_of(settings, "hidden_size")
    inputs = EMBEDDED if tokens else input_shape[1]
    if settings["cell"] == "plain":
        rival = SmallRNN(inputs, width_for(hidden_size, inputs), outputs, tokens, "tanh")
        plain.begin(rival.weight("hh"), "orthogonal", 1.0)
        return rival
    net = SmallLSTM(inputs, hidden_size, outputs, tokens)
    begin(net, str(settings["start"]), float_of(settings, "forget_bias"))
    return net


def width_for(hidden_size: int, inputs: int) -> int:
    """Return the size at which a plain layer has about as many parameters as an LSTM of `hidden_size`.

    w (i + w) + 2 w = 4 [h (i + h) + 2 h], solved for w.
    """
    parameters = 4 * (hidden_size * (inputs + hidden_size) + 2 * hidden_size)
    linear = inputs + 2
    return round((math.sqrt(linear**2 + 4 * parameters) - linear) / 2)


@torch.no_grad()
def begin(net: SmallLSTM, start: str, forget_bias: float) -> None:
    """Draw each gate's recurrent matrix anew if "orthogonal" is asked for; set the bias of the forget gates."""
    if start == "orthogonal":
        for part in net.weight("hh").chunk(4):
            nn.init.orthogonal_(part)
    hidden_size = net.output.in_features
    for name in ("bias_ih_l0", "bias_hh_l0"):
        net.recurrent.get_parameter(name)[hidden_size : 2 * hidden_size] = forget_bias / 2
