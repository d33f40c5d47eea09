"""What the pages use: runs, looks, blueprints and experiments, behind one object. No torch is imported here."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from explorer import blueprint as blueprints
from explorer import catalog, paths
from explorer.blueprint import Blueprint
from explorer.data import Dataset
from explorer.engine import accelerators
from explorer.engine.blueprints import BlueprintCache, small_key, variant_key
from explorer.engine.errors import DataDirectoryError, RunFailed, UnknownRun, WorkerLost
from explorer.engine.experiments import Experiments
from explorer.engine.held import Held, blank
from explorer.engine.local import Pool
from explorer.engine.messages import (
    Control,
    DeviceInfo,
    Edit,
    Frame,
    LensRequest,
    Pace,
    Progress,
    Rewind,
    RunState,
    SetHypers,
    Snapshot,
    Step,
)
from explorer.engine.orders import AskBlueprint, AskDevices, AskSmallBlueprint, AskSource, Question, Split
from explorer.engine.pace import pace_again
from explorer.engine.patience import Patience
from explorer.runspec import NOTHING, clamp_hypers, make_spec
from explorer.spec import RunSpec, Settings, SpecError, nearest
from explorer.store import uploads
from explorer.store.database import RunRow, Store, advice

log = logging.getLogger(__name__)

RECORD_SECONDS = 2.0  # between entries in the database while a run goes on
DESK_SECONDS = 60.0
DEVICE_SECONDS = 30.0  # for the first answer, which waits for torch
FASTEST_PACE = 10_000  # steps a second; 0 is without a limit
MOST_STEPS = 1000  # in one Step control
MOST_INPUT_BYTES = 4_000_000
MOVING = (RunState.WAITING, RunState.LIVE)


class Client:
    """One per server. Methods may be called from any thread; errors are those of engine/errors.py and SpecError."""

    def __init__(self, store: Store, pool: Pool, device: str, slots: int) -> None:
        """Use `Client.open`."""
        self.store, self.pool = store, pool
        self._asked_device, self._devices = device, ()
        self._recorded_at: dict[str, tuple[float, RunState]] = {}
        self._prepared: set[str] = set()  # runs that wait for their first step
        self._lock = threading.Lock()
        self._cache = BlueprintCache(store.directory / "blueprints")
        self._experiments = Experiments(self._begin_arm, self._end_arm, at_once=2 * slots)

    @classmethod
    def open(
        cls,
        data_dir: Path | None = None,
        workers: int = 0,
        device: str = "",
        patience: Patience | None = None,
        memory_limit: int = 0,
    ) -> Client:
        """Start the engine; returns before its workers are up. Workers 0: one per core, or per GPU where those train.

        `memory_limit` bounds a worker's address space in bytes. Raises DataDirectoryError.
        """
        store = Store(data_dir or paths.data_dir())
        store.put_to_sleep()
        store.delete_unseen()
        slots = workers or os.cpu_count() or 1
        notes: list[Client] = []
        pool = Pool(slots, lambda snapshot: notes[0]._note(snapshot), patience, memory_limit)
        notes.append(cls(store, pool, device, slots))
        return notes[0]

    def close(self) -> None:
        """Checkpoint every run, end every process."""
        self.pool.close()
        self.store.close()

    # ---- runs -----------------------------------------------------------------------------------------------------

    def start(self, spec: RunSpec, upload: Dataset | None = None, paused: bool = False) -> str:
        """Start a run and return its id; an upload is kept until the run is deleted.

        Paused: it waits at step 0 for a control, is no part of the history before its first step, and is deleted if
        nobody looks at it any more. Raises SpecError for a spec the card refuses, DataDirectoryError, UploadError.
        """
        spec = self._checked(spec)
        if upload is not None:
            spec = replace(spec, upload=self._save(upload))
        return self._begin(spec, prepared=paused)

    def abandon(self, run: str) -> None:
        """Delete a run that was started paused and has done no step, without waiting for it; others are left alone."""
        held = self.pool.find(run)
        if held is not None and run in self._prepared:
            self.pool.rest(held)

    def control(self, run: str, control: Control) -> tuple[str, ...]:
        """Send a control; returns a sentence for each value that had to be brought into its range.

        Raises UnknownRun, RunFailed for a recorded run, SpecError for what cannot be meant.
        """
        held = self._find(run)
        if held.shown is RunState.RECORDED:
            raise RunFailed("This run is recorded. Make your own from it to go on from here.")
        control, notes = self._clamped(held.spec, control)
        self.pool.control(held, control)
        return notes

    @property
    def watched(self) -> int:
        """How many runs that go on are being looked at now, by whomever: pages refresh less often the more they are."""
        return self.pool.watched()

    def fork(self, run: str, step: int, hypers: Settings = NOTHING) -> str:
        """Start a new run from this one as it stood at `step`, with other hyperparameters; returns its id."""
        source = self._find(run)
        values, _ = clamp_hypers(catalog.get(source.spec.architecture).task(source.spec.task), hypers)
        new = secrets.token_urlsafe(9)
        directory = self.store.run_directory(new)
        self.pool.split(
            source,
            lambda ticket: Split(ticket, run, source.directory, max(0, step), new, str(directory), values),
            DESK_SECONDS,
        )
        self._add(new, source.spec, parent=run)
        return new

    def snapshot(self, run: str, watch: tuple[LensRequest, ...] = ()) -> Snapshot:
        """Return the newest snapshot with the frames of the lenses asked for; renews the lease, wakes a sleeping run.

        Raises UnknownRun, EngineBusy if a run that had to be opened again does not come up in time.
        """
        return self.pool.snapshot(self._find(run), _safe(watch))

    def look(self, run: str, request: LensRequest, timeout: float = 5.0) -> Frame:
        """Look at a run, whatever its state, through a lens; raises SpecError, RunFailed, EngineBusy, WorkerLost."""
        held = self._find(run)
        (request,) = _safe((request,))
        end = time.monotonic() + timeout
        while True:
            try:
                return self.pool.look(held, request, max(0.1, end - time.monotonic()))
            except WorkerLost:  # its runs are being opened again elsewhere
                if time.monotonic() > end - 0.5:
                    raise
                time.sleep(0.2)

    def runs(self) -> tuple[RunRow, ...]:
        """Return all runs but experiments' arms, the newest first, with the state they are in now."""
        return tuple(self._up_to_date(row) for row in self.store.runs())

    def delete(self, run: str) -> None:
        """Delete a run with all that belongs to it; raises UnknownRun."""
        held = self._find(run)
        if held.shown is RunState.RECORDED:
            raise RunFailed("This run is shipped with Explorer and stays.")
        self.pool.let_go(run)
        self.store.delete(run)

    def directory(self, run: str) -> Path:
        """Return the run's directory, for a download or a replay; raises UnknownRun."""
        return Path(self._find(run).directory)

    def recorded(self, architecture: str, task: str) -> str | None:
        """Return the id of the recorded run shipped for this task, or None if there is none."""
        if not (paths.recorded() / architecture / task / "run.json").exists():
            return None
        return f"recorded-{architecture}-{task}"

    # ---- the desk ---------------------------------------------------------------------------------------------------

    def blueprint(self, key: str, variant: str, knobs: Settings = NOTHING) -> Blueprint:
        """Return a paper-scale network's graph and numbers; raises SpecError for a wrong name or value."""
        card = catalog.get(key)
        card.settings(card.variant(variant), knobs)
        question = lambda: self._ask(lambda ticket: AskBlueprint(ticket, key, variant, knobs))  # noqa: E731
        return blueprints.from_json(self._cache.get(variant_key("paper", key, variant, knobs), question))

    def small_blueprint(self, spec: RunSpec) -> Blueprint:
        """Return the graph and numbers of the network that trains live."""
        question = lambda: self._ask(lambda ticket: AskSmallBlueprint(ticket, spec))  # noqa: E731
        return blueprints.from_json(self._cache.get(small_key(spec), question))

    def source(self, key: str, variant: str, knobs: Settings = NOTHING) -> str:
        """Return runnable PyTorch text of a paper-scale network; raises SpecError for a wrong name or value."""
        card = catalog.get(key)
        card.settings(card.variant(variant), knobs)
        question = lambda: self._ask(lambda ticket: AskSource(ticket, key, variant, knobs))  # noqa: E731
        return self._cache.get(variant_key("source", key, variant, knobs), question)

    def devices(self) -> tuple[DeviceInfo, ...]:
        """Return what can be trained on, the best first; memory as it stood when first asked."""
        if not self._devices:
            found = self.pool.ask(AskDevices, DEVICE_SECONDS)
            assert isinstance(found, tuple)
            self._devices = found
        return self._devices

    @property
    def device(self) -> str:
        """The device runs train on unless they say otherwise; raises SpecError if the one asked for is not there."""
        return self._device(self._asked_device)

    # ---- experiments ------------------------------------------------------------------------------------------------

    def experiment(self, key: str, name: str, seeds: int = 0) -> str:
        """Start an experiment's runs (seeds 0: as many as it asks for) and return its id; raises SpecError."""
        card = catalog.get(key)
        return self._experiments.start(card, card.experiment(name), max(0, min(seeds, 20)), self.device)

    def experiment_progress(self, id: str) -> Progress:
        """Return how far it has come, with the verdict once it is done; raises UnknownExperiment."""
        return self._experiments.progress(id)

    def cancel_experiment(self, id: str) -> None:
        """Stop an experiment; raises UnknownExperiment."""
        self._experiments.cancel(id)

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _begin(self, spec: RunSpec, experiment: str = "", prepared: bool = False) -> str:
        run = secrets.token_urlsafe(9)
        if prepared:
            self._prepared.add(run)
        self._add(run, spec, experiment, prepared=prepared)
        return run

    def _add(self, run: str, spec: RunSpec, experiment: str = "", parent: str = "", prepared: bool = False) -> None:
        upload = str(uploads.path_of(self.store.directory, spec.upload)) if spec.upload else ""
        now = time.time()
        row = RunRow(
            run, spec, RunState.WAITING, 0, 0.0, now, now, prepared, "", upload, experiment, parent, prepared=prepared
        )
        self.store.add(row)
        held = self._held(row)
        held.leased = not experiment
        self.pool.hold(held)

    def _begin_arm(self, spec: RunSpec, experiment: str) -> str:
        return self._begin(spec, experiment)

    def _end_arm(self, run: str) -> None:
        held = self.pool.find(run)
        if held is not None:
            held.leased = True
            self.pool.rest(held)

    def _find(self, run: str) -> Held:
        held = self.pool.find(run)
        if held is not None:
            return held
        row = self._recorded_row(run) if run.startswith("recorded-") else self.store.get(run)
        if row is None:
            raise UnknownRun(run)
        return self.pool.hold(self._held(row), awake=False)

    def _held(self, row: RunRow) -> Held:
        shown = row.state if row.state in (RunState.FAILED, RunState.RECORDED) else None
        snapshot = replace(blank(row.run, row.spec, row.state, row.step), message=row.message)
        directory = str(self.store.run_directory(row.run))
        return Held(
            row.run, row.spec, directory, row.upload, self.pool.condition(), snapshot, paused=row.paused,
            shown=shown, message=row.message if shown else "", pace=pace_again(row),
        )  # fmt: skip

    def _recorded_row(self, run: str) -> RunRow | None:
        """Copy a recorded run to where it may be opened, if it is not there or has been made anew."""
        for source in paths.recorded().glob("*/*/run.json"):
            architecture, task = source.parts[-3:-1]
            if run == f"recorded-{architecture}-{task}":
                self._copy(source.parent, self.store.run_directory(run))
                spec = make_spec(catalog.get(architecture), task)
                return RunRow(run, spec, RunState.RECORDED, 0, 0.0, 0.0, 0.0)
        return None

    def _copy(self, source: Path, target: Path) -> None:
        mark = target / "run.json"
        try:
            if not mark.exists() or mark.read_bytes() != (source / "run.json").read_bytes():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(source, target)
        except OSError as error:
            raise advice(self.store.directory, error) from error

    def _note(self, snapshot: Snapshot) -> None:
        """Record a snapshot in the database at once if the state changed, otherwise every few seconds."""
        when, state = self._recorded_at.get(snapshot.run, (0.0, None))
        now = time.monotonic()
        begun = snapshot.step > 0 and snapshot.run in self._prepared
        if begun or state is not snapshot.state or now - when > RECORD_SECONDS:
            self._recorded_at[snapshot.run] = (now, snapshot.state)
            self._record(snapshot)
        self._experiments.note(snapshot)
        if begun:
            self._prepared.discard(snapshot.run)
        elif snapshot.run in self._prepared and snapshot.state is RunState.ASLEEP:
            self._forget(snapshot.run)

    def _record(self, snapshot: Snapshot) -> None:
        """Note it in the database; training goes on where that cannot be written, and the log says why."""
        if snapshot.state is RunState.RECORDED:
            return
        try:
            self.store.record(snapshot)
        except DataDirectoryError as error:
            log.warning("run %s was not recorded: %s", snapshot.run, error)

    def _forget(self, run: str) -> None:
        """Delete a prepared run that was left before it began."""
        self._prepared.discard(run)
        self.pool.let_go(run)
        try:
            self.store.delete(run)
        except DataDirectoryError as error:
            log.warning("run %s, which never began, was not deleted: %s", run, error)

    def _up_to_date(self, row: RunRow) -> RunRow:
        held = self.pool.find(row.run)
        if held is None or not held.fresh:
            return row
        shot = held.snapshot
        return replace(row, state=shot.state, step=shot.step, seconds=shot.seconds, message=shot.message)

    def _checked(self, spec: RunSpec) -> RunSpec:
        card = catalog.get(spec.architecture)
        whole = make_spec(card, spec.task, spec.knobs, spec.hypers, spec.data, spec.seed, self._device(spec.device))
        return replace(whole, upload=spec.upload, steps=max(0, spec.steps), probe=spec.probe)

    def _device(self, asked: str) -> str:
        if asked == "cpu":
            return asked
        if asked in ("", "auto") and not self._devices and not accelerators.possible():
            return "cpu"
        keys = [each.key for each in self.devices()]
        if asked in ("", "auto"):
            return keys[0]
        matching = [key for key in keys if key == asked or key.startswith(f"{asked}:")]
        if not matching:
            raise SpecError(f"there is no device '{asked}' here; {nearest(asked, keys)}")
        return min(matching, key=self.pool.crowd)

    def _clamped(self, spec: RunSpec, control: Control) -> tuple[Control, tuple[str, ...]]:
        if isinstance(control, SetHypers):
            values, notes = clamp_hypers(catalog.get(spec.architecture).task(spec.task), control.values)
            return SetHypers(values), notes
        if isinstance(control, Step) and not 1 <= control.count <= MOST_STEPS:
            inside = max(1, min(control.count, MOST_STEPS))
            return Step(inside), (f"{control.count} steps at once are too many or too few; {inside} is used.",)
        if isinstance(control, Edit) and not np.isfinite(control.value):
            raise SpecError(f"{control.parameter} cannot be set to {control.value}; it has to be a finite number")
        if isinstance(control, Pace) and not 0 <= control.steps_per_second <= FASTEST_PACE:
            raise SpecError(f"a pace of {control.steps_per_second} steps a second is not within 0 … {FASTEST_PACE:,}")
        if isinstance(control, Rewind) and control.step < 0:
            return Rewind(0), (f"Step {control.step} was never reached; step 0 is used.",)
        return control, ()

    def _save(self, upload: Dataset) -> str:
        try:
            return uploads.save(self.store.directory, upload)
        except OSError as error:
            raise advice(self.store.directory, error) from error

    def _ask(self, question: Callable[[int], Question]) -> str:
        answer = self.pool.ask(question, DESK_SECONDS)
        assert isinstance(answer, str)
        return answer


def _safe(watch: tuple[LensRequest, ...]) -> tuple[LensRequest, ...]:
    """Refuse inputs that are not plain numbers or are too large to send to a worker."""
    for request in watch:
        own = request.input
        if own is not None and (own.dtype.kind not in "biuf" or own.nbytes > MOST_INPUT_BYTES):
            size = MOST_INPUT_BYTES // 1_000_000
            raise SpecError(f"the input has to be numbers, {size} MB at most; this is {own.dtype}, {own.nbytes} bytes")
    return watch
