"""What the experiments measure on a trained LSTM beyond its loss."""

from __future__ import annotations

import torch

from explorer.architectures.lstm.small import SmallLSTM
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

GATES = ("forget_gate", "input_gate", "output_gate")
SEQUENCES = 32
SHUT, OPEN = 0.1, 0.9


def openness(trainer: Trainer) -> dict[str, float]:
    """Return the share of each gate's values that lie between 0.1 and 0.9 on held-out sequences, and of all three."""
    assert isinstance(trainer, SupervisedTrainer)
    network = trainer.model
    assert isinstance(network, SmallLSTM)
    inputs = trainer.test[0][:SEQUENCES]
    found: dict[str, list[torch.Tensor]] = {gate: [] for gate in GATES}
    with evaluating(network):
        state = network.start(len(inputs))
        for x in network.read(inputs).unbind(1):
            seen = network.gates(x, state)
            state = (seen.hidden, seen.cell)
            for gate in GATES:
                found[gate].append(getattr(seen, gate))
    shares = {f"between_{gate}": _between(torch.cat(values)) for gate, values in found.items()}
    return {**shares, "between": sum(shares.values()) / len(shares)}


def _between(values: torch.Tensor) -> float:
    return float(((values > SHUT) & (values < OPEN)).float().mean())
