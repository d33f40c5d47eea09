"""A small network's reservoir: drawn once, then cut and scaled by whatever is turned while it runs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.spec import SpecError
from explorer.training.randomness import generator


@dataclass(frozen=True)
class Drawn:
    """The chances of one reservoir, from which every setting makes its own: the same draws, cut and scaled."""

    connected: Tensor  # (units, units) even in 0 … 1: those below the density are connected
    weights: Tensor  # (units, units) even in −1 … 1
    inputs: Tensor  # (units, 2) even in −1 … 1

    @classmethod
    def of(cls, units: int, seed: int) -> Drawn:
        """Draw on the CPU, so that every device gets the same."""
        chance = generator(torch.device("cpu"), seed)

        def even(*shape: int) -> Tensor:
            return torch.rand(shape, generator=chance, dtype=torch.float64)

        return cls(even(units, units), 2 * even(units, units) - 1, 2 * even(units, 2) - 1)

    def sparse(self, density: float) -> Tensor:
        """Return the recurrent weights before they are scaled."""
        return self.weights * (self.connected < density)


def radius_of(weights: Tensor) -> float:
    """Return the largest |eigenvalue| of a matrix."""
    return float(torch.linalg.eigvals(weights).abs().max())


@dataclass(frozen=True)
class Scaling:
    """What may be turned while it runs."""

    spectral_radius: float
    density: float
    leak: float
    input_scale: float


def weights_of(drawn: Drawn, scaling: Scaling, radius: float) -> tuple[Tensor, Tensor]:
    """Return the recurrent weights (units, units) and those of the inputs (units, 2).

    `radius` is that of `drawn.sparse(density)`. Raises SpecError where there is none.
    """
    units = len(drawn.inputs)
    if radius < 1e-6:
        raise SpecError(
            f"density = {scaling.density} leaves no loop among {units} units, so that nothing echoes. "
            f"Try {min(1.0, 10 / units):.3g}: ten connections for each unit."
        )
    recurrent = drawn.sparse(scaling.density) * (scaling.spectral_radius / radius)
    return recurrent, drawn.inputs * scaling.input_scale
