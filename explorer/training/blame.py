"""Traces a run that stopped being finite back to the layer and the step where it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.engine.messages import Divergence
from explorer.training import divergence
from explorer.training.checkpoint import State
from explorer.training.divergence import Finding

if TYPE_CHECKING:
    from explorer.training.run import Run

BEFORE = 3  # steps before the loss broke, from which each is checked: a broken gradient shows in the loss a step later


def blame(run: Run, step: int) -> Divergence:
    """Find where the loss of `step` broke; leave the run before the step where it began, its network still sound."""
    start = next((state for state in reversed(run.anchors) if state.step <= step - BEFORE), run.anchors[0])
    watch_from = max(start.step, step - BEFORE)
    found, at, norm = _trace(run, start, watch_from, step)
    if start.step < watch_from == at - 1:  # it may have begun before the first step that was checked
        found, at, norm = _trace(run, start, start.step, step)
    run.redo(start, at - 1)
    run.curves.cut(run.step)
    return Divergence(at, found.layer, found.what, norm, _safe_step(run))


def _trace(run: Run, start: State, watch_from: int, end: int) -> tuple[Finding, int, float]:
    """Do the steps up to `end` again, checked from `watch_from` on; return what broke, its step, the last norm."""
    run.redo(start, watch_from)
    norm = divergence.total_gradient_norm(run.trainer)
    with run.randomness:
        while run.step < end:
            found = divergence.watched_step(run.trainer)
            run.step += 1
            if found is not None:
                return found, run.step, norm
            norm = divergence.total_gradient_norm(run.trainer)
            run.make_marks()
    return Finding("", "loss"), end, norm


def _safe_step(run: Run) -> int:
    """Return the newest checkpoint from before the training loss was at its lowest: there it was not rising yet."""
    loss = run.curves.curves.get("loss")
    best = loss.steps[loss.values.index(min(loss.values))] if loss and loss.values else 0
    return max((step for step in run.checkpoints if step <= best), default=0)
