"""A run as it stands now, as the plain data that pages and commands are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import device
from explorer.engine.messages import LensRequest, Snapshot

if TYPE_CHECKING:
    from explorer.training.run import Run


def portrait(run: Run, watch: tuple[LensRequest, ...], steps_per_second: float) -> Snapshot:
    """Return the run's snapshot, with a frame for each lens asked for."""
    return Snapshot(
        run=run.directory.name,
        spec=run.spec,
        state=run.state,
        step=run.step,
        seconds=run.seconds,
        steps_per_second=steps_per_second,
        epoch=run.epoch,
        hypers=dict(run.trainer.hypers),
        series=run.curves.series(),
        marks=tuple(run.journal.marks),
        layers=run.layer_stats(),
        frames={request.lens: run.look(request) for request in watch},
        rewindable=run.checkpoints,
        message=run.message,
        divergence=run.divergence,
        device=str(run.device),
        memory_bytes=device.memory_used(run.device),
        latest=dict(run.curves.latest),
    )
