"""The echo state network (Jaeger 2001): a large random network that stays as it was drawn, and a trained read-out."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from explorer.architectures.esn.drawing import Drawn, Scaling, radius_of, weights_of
from explorer.architectures.rnn.model import check_steps
from explorer.spec import Settings, SpecError, float_of, int_of

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "linear": nn.Identity}


def reservoir(units: int, density: float, spectral_radius: float) -> Tensor:
    """Return random recurrent weights, units × units, drawn from torch's global generator.

    As in the report: a share `density` is not zero, and those have one size and either sign with equal chance. The
    size is such that the largest |eigenvalue| is `spectral_radius`. Raises SpecError where they form no loop.
    """
    connected, positive = torch.rand(units, units) < density, torch.rand(units, units) < 0.5
    signs = connected * torch.where(positive, 1.0, -1.0)  # units units
    largest = float(torch.linalg.eigvals(signs).abs().max())
    if largest < 0.5:  # whole numbers: with a loop anywhere it is 1 or more, without one 0 but for rounding
        raise SpecError(
            f"{units} units with a density of {density} have no loop that could be scaled to a spectral radius of "
            f"{spectral_radius}. Try a density of {min(1.0, 10 / units):.3g}: ten connections for each unit."
        )
    return signs * (spectral_radius / largest)


class Reservoir(nn.Module):
    """x(n+1) = (1 − a) x(n) + a tanh(W_in u(n+1) + W x(n) + W_back y(n)), none of it trained.

    With a leak `a` of 1, as in the report, nothing is carried over but by W. W is kept with its zeros.
    """

    def __init__(self, inputs: int, units: int, fed_back: int, leak: float) -> None:
        super().__init__()
        self.W_in = nn.Linear(inputs, units, bias=False) if inputs else None
        self.W = nn.Linear(units, units, bias=False)
        self.W_back = nn.Linear(fed_back, units, bias=False) if fed_back else None
        self.tanh = nn.Tanh()
        self.leak = leak
        self.requires_grad_(False)

    def forward(self, u: Tensor | None, x: Tensor, y: Tensor) -> Tensor:  # B inputs, B units, B outputs
        total = self.W(x)  # B units
        if self.W_in is not None and u is not None:
            total = self.W_in(u) + total
        if self.W_back is not None:
            total = total + self.W_back(y)
        new = self.tanh(total)
        return new if self.leak == 1 else x + self.leak * (new - x)  # B units; (1 − a) x + a new, put another way


class Readout(nn.Module):
    """y(n+1) = f_out(W_out x(n+1)): the only weights that learn, and a linear problem once the states are there."""

    def __init__(self, units: int, outputs: int, activation: str) -> None:
        super().__init__()
        self.W_out = nn.Linear(units, outputs, bias=False)
        self.f_out = ACTIVATIONS[activation]()

    def forward(self, x: Tensor) -> Tensor:  # B units
        return self.f_out(self.W_out(x))  # B outputs


class Driven(nn.Module):
    """An echo state network that an input signal drives, from a reservoir at rest."""

    def __init__(self, reservoir: Reservoir, readout: Readout) -> None:
        super().__init__()
        self.reservoir = reservoir
        self.readout = readout

    def forward(self, signal: Tensor) -> Tensor:  # B T inputs
        units, outputs = self.readout.W_out.in_features, self.readout.W_out.out_features
        x = torch.zeros(signal.shape[0], units, device=signal.device)  # B units
        y = torch.zeros(signal.shape[0], outputs, device=signal.device)  # B outputs
        answers = []
        for u in signal.unbind(1):  # B inputs
            x = self.reservoir(u, x, y)  # B units
            y = self.readout(x)  # B outputs
            answers.append(y)
        return torch.stack(answers, 1)  # B T outputs


class Generator(nn.Module):
    """An echo state network without input: what it says is what it hears next.

    While it learns, the teacher's values stand in for its own; this is the time after, when it runs free from the
    state and the last value that the teacher left.
    """

    def __init__(self, reservoir: Reservoir, readout: Readout, steps: int) -> None:
        super().__init__()
        self.reservoir = reservoir
        self.readout = readout
        self.steps = steps

    def forward(self, state: Tensor, last_value: Tensor) -> Tensor:  # B units, B outputs
        x, y = state, last_value
        answers = []
        for _ in range(self.steps):
            x = self.reservoir(None, x, y)  # B units
            y = self.readout(x)  # B outputs
            answers.append(y)
        return torch.stack(answers, 1)  # B T outputs


class SmallESN(nn.Module):
    """Answers at every step with what comes next; only the read-out is ever changed.

    Everything is computed in float64: the read-out is the solution of linear equations that float32 cannot hold.
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.reservoir = Reservoir(inputs=2, units=units, fed_back=0, leak=1.0)  # the value, and a constant 1
        self.readout = Readout(units, 1, "linear")
        nn.init.zeros_(self.readout.W_out.weight)
        self.double()

    @property
    def units(self) -> int:
        return self.readout.W_out.in_features

    def forward(self, signal: Tensor) -> Tensor:  # B T 1
        answers, _ = self.heard(signal, self.rest(signal.shape[0]))
        return answers  # B T 1

    def heard(self, signal: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Go on from the state x (B, units) and return the answers (B, T, 1) and the state at the end."""
        answers = []
        for u in self._driving(signal.to(x.dtype)).unbind(1):  # B 2
            x = self.reservoir(u, x, x)
            answers.append(self.readout(x))
        return torch.stack(answers, 1), x

    def step(self, value: Tensor, x: Tensor) -> Tensor:
        """Return the state (B, units) after one more value (B, 1)."""
        return self.reservoir(self._driving(value.to(x.dtype)), x, x)

    @staticmethod
    def _driving(values: Tensor) -> Tensor:
        """Return what the reservoir hears, (…, 2): values (…, 1), and a constant 1 beside each."""
        return torch.cat([values, torch.ones_like(values)], -1)

    @torch.no_grad()
    def fill(self, drawn: Drawn, scaling: Scaling, radius: float) -> None:
        """Write the reservoir's weights as `weights_of` makes them, and its leak."""
        assert self.reservoir.W_in is not None
        recurrent, inputs = weights_of(drawn, scaling, radius)
        self.reservoir.W.weight.copy_(recurrent)
        self.reservoir.W_in.weight.copy_(inputs)
        self.reservoir.leak = scaling.leak

    def rest(self, batch: int) -> Tensor:
        """Return the state of a reservoir that has heard nothing."""
        return self.readout.W_out.weight.new_zeros(batch, self.units)


def build(settings: Settings) -> nn.Module:
    """Build a network of the report; with real tensors its reservoir is drawn and scaled, on meta it stays empty.

    Raises SpecError where nothing drives the reservoir or echoes in it, and for more steps apart than can be read.
    """
    check_steps(settings)
    inputs, units, outputs = (int_of(settings, name) for name in ("inputs", "units", "outputs"))
    density, feedback = float_of(settings, "density"), bool(settings["feedback"])
    check_drive(inputs, feedback)
    check_density(units, density)
    body = Reservoir(inputs, units, outputs if feedback else 0, float_of(settings, "leak"))
    if not body.W.weight.is_meta:
        draw(body, density, float_of(settings, "spectral_radius"))
    readout = Readout(units, outputs, str(settings["f_out"]))
    return Driven(body, readout) if inputs else Generator(body, readout, int_of(settings, "steps"))


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> SmallESN:
    """Build the network for a series of single numbers, its reservoir drawn by chance and at its usual settings."""
    net = SmallESN(int_of(settings, "units"))
    if not net.readout.W_out.weight.is_meta:
        drawn = Drawn.of(net.units, int(torch.randint(2**31, ())))
        usual = Scaling(spectral_radius=0.9, density=min(1.0, 10 / net.units), leak=1.0, input_scale=0.5)
        net.fill(drawn, usual, radius_of(drawn.sparse(usual.density)))
    return net


def check_drive(inputs: int, feedback: bool) -> None:
    """Raise SpecError for a network that hears nothing."""
    if not inputs and not feedback:
        raise SpecError(
            "inputs = 0 and no feedback: nothing drives the reservoir, and it falls silent. "
            "Try inputs = 1, or turn the feedback on."
        )


def check_density(units: int, density: float) -> None:
    """Raise SpecError for so few connections that hardly any of them can close to a loop."""
    if units * density < 1:
        enough = math.ceil(1000 / units) / 1000
        raise SpecError(
            f"density = {density} gives {units} × {density} = {units * density:.2g} connections to a unit; with less "
            f"than one there is hardly a loop in which anything could echo. Try {enough} or more."
        )


def draw(body: Reservoir, density: float, spectral_radius: float) -> None:
    """Draw the fixed weights: W as `reservoir` makes it, input and feedback weights even between −1 and 1."""
    with torch.no_grad():
        body.W.weight.copy_(reservoir(body.W.in_features, density, spectral_radius))
    for layer in (body.W_in, body.W_back):
        if layer is not None:
            nn.init.uniform_(layer.weight, -1, 1)


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return a signal of as many steps as are asked for; for a network without input, the state it starts from."""
    inputs, units, outputs = (int_of(settings, name) for name in ("inputs", "units", "outputs"))
    if inputs:
        return (torch.zeros(1, int_of(settings, "steps"), inputs),)
    return torch.zeros(1, units), torch.zeros(1, outputs)
