"""What is remembered of a run, so that a process that takes another's place goes on as was last asked."""

from __future__ import annotations

import threading
from dataclasses import replace

from explorer import catalog
from explorer.engine.held import Held, blank
from explorer.engine.messages import Resume, RunState
from explorer.runspec import make_spec


def test_a_snapshot_from_before_a_control_does_not_undo_it() -> None:
    spec, lock = make_spec(catalog.get("perceptron")), threading.Condition()
    held = Held("run", spec, "", "", lock, blank("run", spec), paused=True)
    paused = replace(held.snapshot, state=RunState.PAUSED)
    with lock:
        held.pending[1] = Resume()
        held.note(Resume())
        held.accept(paused)  # published before the control arrived
        assert not held.order().paused
        held.pending.clear()
        held.accept(paused)  # it paused by itself, after that
        assert held.order().paused


def test_a_paused_run_is_asked_again_after_a_control_that_its_newest_snapshot_does_not_show() -> None:
    spec, lock = make_spec(catalog.get("perceptron")), threading.Condition()
    held = Held("run", spec, "", "", lock, blank("run", spec), paused=True)
    with lock:
        held.accept(replace(held.snapshot, state=RunState.PAUSED))
        assert held.current(())
        held.pending[1] = Resume()
        held.accept(replace(held.snapshot, state=RunState.PAUSED))  # asked for before the control was sent
        held.applied(1)
        assert not held.current(())
        held.accept(replace(held.snapshot, state=RunState.LIVE))
        assert held.current(())
