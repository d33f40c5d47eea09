"""What the experiments measure on an echo state network beyond its forecast."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.architectures.esn.model import SmallESN
from explorer.lenses._reservoir import echoing
from explorer.lenses.echo_state_test import distances
from explorer.training.randomness import generator
from explorer.training.trainer import Trainer

DELAYS, LEARN, JUDGE, SETTLE = 100, 1500, 1500, 200


def echo(trainer: Trainer) -> dict[str, float]:
    """Return log₁₀ of what two starts are apart after 400 steps of the series, and in silence; −17 is rounding."""
    network, data = echoing(trainer, "echo_state_test")
    series = torch.from_numpy(data.learnt).to(trainer.device)
    with torch.no_grad():
        return {
            name: float(distances(network, values, 1)[-1].clamp_min(1e-17).log10())
            for name, values in (("apart_driven", series), ("apart_silent", None))
        }


@torch.no_grad()
def memory(trainer: Trainer) -> dict[str, float]:
    """Return the memory capacity: over delays of 1 … 100 steps, the sum of r² between a random input and its recall.

    The input is even in −1 … 1; a read-out for each delay is found on 1,500 steps and judged on the next 1,500.
    """
    network = trainer.model
    assert isinstance(network, SmallESN)
    steps = SETTLE + LEARN + JUDGE
    chance = generator(torch.device("cpu"), trainer.spec.seed)
    heard = (torch.rand(steps, generator=chance, dtype=torch.float64) * 2 - 1).to(trainer.device)
    states, x = [], network.rest(1)
    for value in heard.view(-1, 1, 1):
        x = network.step(value, x)
        states.append(x)
    known = torch.cat([torch.cat(states), torch.ones(steps, 1, dtype=torch.float64, device=trainer.device)], 1)
    past = torch.stack([heard.roll(delay) for delay in range(1, DELAYS + 1)], 1)  # steps delays
    learn, judge = slice(SETTLE, SETTLE + LEARN), slice(SETTLE + LEARN, steps)
    recalled = known[judge] @ _fitted(known[learn], past[learn])
    return {"memory": float(_r_squared(recalled, past[judge]).sum())}


def _fitted(states: Tensor, wanted: Tensor) -> Tensor:
    unit = torch.eye(states.shape[1], dtype=states.dtype, device=states.device)
    return torch.linalg.solve(states.T @ states + 1e-7 * unit, states.T @ wanted)


def _r_squared(told: Tensor, true: Tensor) -> Tensor:
    """Return the squared correlation of each column."""
    told, true = told - told.mean(0), true - true.mean(0)
    return (told * true).sum(0).square() / (told.square().sum(0) * true.square().sum(0)).clamp_min(1e-300)
