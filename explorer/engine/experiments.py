"""Runs an experiment's arms as ordinary runs, collects what they measure, and lets the claim be judged."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.engine.errors import EngineError, UnknownExperiment
from explorer.engine.messages import Progress, RunState, Snapshot
from explorer.experiments import measured, plan
from explorer.spec import Arm, Card, Experiment, Measured, RunSpec

log = logging.getLogger(__name__)

OVER = (RunState.FINISHED, RunState.DIVERGED, RunState.FAILED)
FAILED = "An arm failed, so there is no verdict. "


@dataclass
class _Trial:
    experiment: Experiment
    waiting: list[tuple[Arm, RunSpec]]
    total: int
    running: dict[str, tuple[Arm, int]] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)  # of its steps that a running run has done
    results: list[Measured] = field(default_factory=list)
    message: str = ""
    progress: Progress | None = None  # once it is over


class Experiments:
    """All experiments of one server. `begin` starts a run and returns its id; `finish` lets it go."""

    def __init__(self, begin: Callable[[RunSpec, str], str], finish: Callable[[str], None], at_once: int) -> None:
        self._begin, self._finish, self._at_once = begin, finish, at_once
        self._trials: dict[str, _Trial] = {}
        self._owner: dict[str, str] = {}  # run -> experiment
        self._lock = threading.RLock()

    def start(self, card: Card, experiment: Experiment, seeds: int, device: str) -> str:
        """Start the runs, seed by seed; returns the experiment's id."""
        id = secrets.token_urlsafe(9)
        runs = list(plan(card, experiment, seeds, device))
        with self._lock:
            self._trials[id] = _Trial(experiment, runs, len(runs))
            self._fill(id)
        return id

    def progress(self, id: str) -> Progress:
        """Return how far it has come; raises UnknownExperiment."""
        with self._lock:
            if id not in self._trials:
                raise UnknownExperiment(id)
            trial = self._trials[id]
            trial.progress = trial.progress or self._judged(trial)
            return trial.progress or _so_far(trial)

    def cancel(self, id: str) -> None:
        """Stop an experiment: arms not yet begun never are."""
        with self._lock:
            if id not in self._trials:
                raise UnknownExperiment(id)
            trial = self._trials[id]
            trial.waiting.clear()
            trial.message = "Stopped before it was done."
            for run in list(trial.running):
                self._forget(trial, run)

    def note(self, snapshot: Snapshot) -> None:
        """Take in the newest snapshot of an arm: how far it is, and what it measured once it is over."""
        with self._lock:
            id = self._owner.get(snapshot.run)
            if id is None:
                return
            trial = self._trials[id]
            arm, seed = trial.running[snapshot.run]
            trial.shares[snapshot.run] = min(1.0, snapshot.step / (arm.steps or trial.experiment.steps))
            if snapshot.state not in OVER:
                return
            if snapshot.state is RunState.FAILED:
                trial.message = FAILED + snapshot.message
            else:
                trial.results.append(measured(arm, seed, snapshot.latest, snapshot.series))
            self._forget(trial, snapshot.run)
            self._fill(id)

    def _fill(self, id: str) -> None:
        trial = self._trials[id]
        while trial.waiting and len(trial.running) < self._at_once:
            arm, spec = trial.waiting.pop(0)
            try:
                run = self._begin(spec, f"{spec.architecture}/{trial.experiment.key}")
            except EngineError as error:
                trial.message, trial.waiting = str(error), []
                return
            trial.running[run] = (arm, spec.seed)
            self._owner[run] = id

    def _forget(self, trial: _Trial, run: str) -> None:
        trial.running.pop(run)
        trial.shares.pop(run, None)
        self._owner.pop(run)
        self._finish(run)

    def _judged(self, trial: _Trial) -> Progress | None:
        """Return the final progress, or None while runs are still to come."""
        if trial.running or trial.waiting:
            return None
        results = _ordered(trial)
        if trial.message or len(results) < trial.total:
            return Progress(len(results), trial.total, results, None, None, trial.message)
        try:
            verdict, right = trial.experiment.answered(results)
        except Exception:
            log.exception("the verdict of %s could not be made", trial.experiment.key)
            return Progress(len(results), trial.total, results, None, None, "The measurements could not be judged.")
        return Progress(len(results), trial.total, results, verdict, right)


def _so_far(trial: _Trial) -> Progress:
    done = len(trial.results)
    share = (done + sum(trial.shares.values())) / max(1, trial.total)
    return Progress(done, trial.total, _ordered(trial), None, None, trial.message, len(trial.running), share)


def _ordered(trial: _Trial) -> tuple[Measured, ...]:
    places = {arm.key: place for place, arm in enumerate(trial.experiment.arms)}
    return tuple(sorted(trial.results, key=lambda one: (one.seed, places[one.arm])))
