"""The checkpoints of one run on disk: step 0, the newest, and about ten spread between."""

from __future__ import annotations

from pathlib import Path

from explorer.training import checkpoint
from explorer.training.checkpoint import CheckpointError, State

KEPT = 12


class Shelf:
    """Keeps checkpoints by step; those missed least go when there are too many."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.steps = checkpoint.steps(directory)

    def put(self, state: State) -> Path:
        """Save a state; raises OSError if it cannot be written."""
        path = checkpoint.save(state, self._directory)
        self.steps = sorted({*self.steps, state.step})
        if len(self.steps) > KEPT:
            self._remove(missed_least(self.steps))
        return path

    def nearest(self, step: int) -> State:
        """Return the newest state at or before `step`; raises CheckpointError if none can be read."""
        before = [each for each in self.steps if each <= step]
        if not before:
            raise CheckpointError(f"{self._directory} holds no checkpoint to go on from")
        return checkpoint.load(self._directory / f"{before[-1]}.safetensors")

    def forget_after(self, step: int) -> None:
        """Remove the checkpoints of a future that will not be."""
        for later in [each for each in self.steps if each > step]:
            self._remove(later)

    def _remove(self, step: int) -> None:
        (self._directory / f"{step}.safetensors").unlink(missing_ok=True)
        self.steps.remove(step)


def missed_least(steps: list[int]) -> int:
    """Return the step that leaves the smallest gap; never the first, never the newest."""
    gaps = [after - before for before, after in zip(steps[:-2], steps[2:], strict=True)]
    return steps[1 + gaps.index(min(gaps))]
