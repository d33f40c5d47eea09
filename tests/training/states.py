"""Compares what training can see of two runs, byte by byte."""

from __future__ import annotations

from explorer.training import checkpoint
from explorer.training.run import Run


def state_of(run: Run) -> dict[str, bytes]:
    """Return every tensor of the run's state as bytes, and its facts as text."""
    state = checkpoint.capture(run.step, run.trainer, run.randomness)
    return {name: tensor.numpy().tobytes() for name, tensor in state.tensors.items()} | {
        "facts": repr(state.facts).encode()
    }


def steps(run: Run, count: int) -> Run:
    """Advance so many steps."""
    for _ in range(count):
        assert run.advance()
    return run
