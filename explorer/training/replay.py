"""Runs a run again from its seed and journal and holds the result against what was kept, byte by byte."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from explorer.engine.messages import RunState
from explorer.training import checkpoint, records
from explorer.training.checkpoint import CheckpointError
from explorer.training.run import Run

COMPARED = ("module/", "optimizer/", "extra/", "random/")


@dataclass(frozen=True)
class ReplayReport:
    """Whether the same run came out: how many tensors were compared (weights, optimiser, data order, randomness)."""

    bit_exact: bool
    step: int
    tensors: int
    differing: tuple[str, ...]
    made_with: Mapping[str, str]  # versions then
    replayed_with: Mapping[str, str]  # versions now


def replay(directory: Path) -> ReplayReport:
    """Replay the run up to its newest checkpoint; raises CheckpointError or JournalError if it cannot be read."""
    spec = records.read(directory)
    kept = checkpoint.steps(directory / "checkpoints")
    if not kept:
        raise CheckpointError(f"{directory} holds no checkpoint to compare with")
    was = checkpoint.load(directory / "checkpoints" / f"{kept[-1]}.safetensors")
    with tempfile.TemporaryDirectory(prefix="explorer-replay-") as room:
        again = Path(room) / "run"
        records.write(spec, again, records.read_upload(directory))
        if (directory / "journal.jsonl").exists():
            shutil.copy(directory / "journal.jsonl", again)
        run = Run.begin(again)
        run.state = RunState.LIVE
        while run.step < was.step and run.advance():
            pass
        run.checkpoint()
        now = checkpoint.load(again / "checkpoints" / f"{run.step}.safetensors")
    differing = tuple(name for name in was.tensors if name.startswith(COMPARED) and not _same(name, was, now))
    compared = sum(name.startswith(COMPARED) for name in was.tensors)
    return ReplayReport(
        not differing and now.step == was.step,
        now.step,
        compared,
        differing,
        records.read_versions(directory),
        records.versions(),
    )


def _same(name: str, was: checkpoint.State, now: checkpoint.State) -> bool:
    return name in now.tensors and _bytes(was.tensors[name]) == _bytes(now.tensors[name])


def _bytes(tensor: Tensor) -> bytes:
    """Return the numbers as they lie in memory, so that equal means equal to the last bit."""
    return tensor.cpu().contiguous().flatten().view(dtype=torch.uint8).numpy().tobytes()
