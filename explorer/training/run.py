"""One run: a trainer with its time, randomness, journal, curves and checkpoints; used by worker and command line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from explorer import catalog, device, lenses
from explorer.data import Dataset
from explorer.engine.messages import (
    Control,
    Divergence,
    Edit,
    Frame,
    LayerStats,
    LensRequest,
    Mark,
    Pause,
    Resume,
    Rewind,
    RunState,
    SetHypers,
    Snapshot,
    Step,
    Stop,
)
from explorer.spec import RunSpec, SpecError
from explorer.training import archive, checkpoint, controls, divergence, records
from explorer.training.blame import blame
from explorer.training.clock import Speed, training_clock
from explorer.training.curves import Curves
from explorer.training.dues import Dues
from explorer.training.factory import make_trainer
from explorer.training.journal import Journal
from explorer.training.layer_stats import StatsStep
from explorer.training.portrait import portrait
from explorer.training.randomness import Preserved, Randomness
from explorer.training.shelf import Shelf
from explorer.training.trainer import Trainer

EVALUATE_EVERY = 0.05  # seconds of training between evaluations, at least; and ten times what one costs
READ_EVERY = 32  # steps whose losses are read together on a GPU, where each reading waits for the device


class Run:
    """A run in its directory. `advance()` does one step; a slice of many in `with run.randomness:` saves time.

    `seconds` is CPU time spent in training steps (wall time on a GPU), evaluation and housekeeping excluded.
    """

    def __init__(self, spec: RunSpec, directory: Path, upload: Dataset | None) -> None:
        """Use `Run.create` or `Run.open`."""
        self.spec, self.directory = spec, directory
        self.task = catalog.get(spec.architecture).task(spec.task)
        self.device = device.choose(spec.device)
        self.randomness = Randomness(spec.seed, self.device)
        with self.randomness:
            self.trainer: Trainer = make_trainer(spec, self.device, upload)
        self.state = RunState.WAITING
        self.step = 0
        self.seconds = 0.0
        self.message = ""
        self.divergence: Divergence | None = None
        self.curves = Curves()
        self.journal = Journal(directory / "journal.jsonl")
        self.shelf = Shelf(directory / "checkpoints")
        self.on_redo: Callable[[], None] = lambda: None  # called at every step done again, for a worker's heartbeat
        self._clock = training_clock(self.device)
        self._reads_each_step = self.device.type == "cpu"
        self._unread: list[tuple[int, Mapping[str, float | Tensor]]] = []
        self._marks_done = 0  # how many of the journal's marks the network has felt
        self._single_steps = 0
        self._record_at = 0
        self._evaluate_at = EVALUATE_EVERY
        self._stats: StatsStep | None = None
        self._measure_next = True
        self._speed = Speed()
        self.anchors: list[checkpoint.State] = []  # copies in memory, the newest last
        self._dues = Dues(self._clock)
        self._now = self._clock()
        self._unsaved = False

    # ---- beginnings ----------------------------------------------------------------------------------------

    @classmethod
    def create(cls, spec: RunSpec, directory: Path, upload: Dataset | None = None) -> Run:
        """Start a run: write its directory, draw its weights, keep the checkpoint of step 0.

        Raises SpecError for what the card refuses, FileExistsError if a run is there already, OSError on a full disk.
        """
        records.write(spec, directory, upload)
        run = cls.begin(directory)
        run.checkpoint()
        return run

    @classmethod
    def begin(cls, directory: Path) -> Run:
        """Return the run in the directory at its step 0, whatever has become of it since."""
        return cls(records.read(directory), directory, records.read_upload(directory))

    @classmethod
    def open(cls, directory: Path) -> Run:
        """Go on with a run from its newest checkpoint; changes journalled after it are made again at their steps.

        Raises CheckpointError or JournalError if the directory cannot be read.
        """
        run = cls.begin(directory)
        saved = run.shelf.nearest(sys.maxsize)
        run._restore(saved)
        archive.unpack(saved, run)
        return run

    # ---- steps ---------------------------------------------------------------------------------------------

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """The steps whose state is on disk."""
        return tuple(self.shelf.steps)

    @property
    def runnable(self) -> bool:
        """Whether `advance` has something to do."""
        return self.state in (RunState.LIVE, RunState.WAITING) or self._single_steps > 0

    @property
    def epoch(self) -> float:
        return self.step / self.trainer.steps_per_epoch

    def advance(self) -> bool:
        """Do one training step, if the run is to go on; return whether it did. A non-finite value makes it DIVERGED."""
        if not self.runnable:
            return False
        with self.randomness:
            self.make_marks()
            self._step()
            self._after_step()
        return True

    def _step(self) -> None:
        if self._measure_next:
            scalars = self._measured_step()
        else:
            begin = self._clock()
            scalars = self.trainer.train_step()
            self._now = self._clock()
            self.seconds += self._now - begin
        self.step += 1
        if self._reads_each_step:
            if not divergence.all_finite(scalars):
                return self._diverge(self.step)
        else:
            self._unread.append((self.step, scalars))
            if len(self._unread) >= READ_EVERY and not self._read_losses():
                return None
        if self.step >= self._record_at:
            self._record(scalars)
        return None

    def _measured_step(self) -> Mapping[str, float | Tensor]:
        """Do a step with the layers' statistics taken; its time counts as training."""
        self._measure_next = False
        self._stats = StatsStep(self.trainer.model)
        begin = self._clock()
        with self._stats.watching():
            scalars = self.trainer.train_step()
        self._now = self._clock()
        self.seconds += self._now - begin
        return scalars

    def _after_step(self) -> None:
        if self._single_steps:
            self._single_steps -= 1
        elif self.state is RunState.WAITING:
            self.state = RunState.LIVE
        if self.spec.steps and self.step >= self.spec.steps and self.state is not RunState.DIVERGED:
            self._finish(measure=True)
        elif self._now >= self._dues.next:
            self._keep_house()

    def _diverge(self, step: int) -> None:
        """Stop as diverged, before the step in which the first non-finite value stood."""
        self.divergence = blame(self, step)
        self.state, self._single_steps = RunState.DIVERGED, 0
        self._save()

    def _record(self, scalars: Mapping[str, float | Tensor]) -> None:
        scored = self.curves.wants_scores(self.step) or self._single_steps
        whole = {**scalars, **self.trainer.batch_scores()} if scored else scalars
        self._record_at = self.curves.add(self.step, {name: float(value) for name, value in whole.items()})

    def _read_losses(self) -> bool:
        """Read the losses of the last steps in one go (on a GPU); return False if one was not finite."""
        unread, self._unread = self._unread, []
        values = [torch.as_tensor(value, device=self.device) for _, scalars in unread for value in scalars.values()]
        if not values or bool(torch.isfinite(torch.stack(values)).all()):
            return True
        first = next(step for step, scalars in unread if not divergence.all_finite(scalars))
        self._diverge(first)
        return False

    def _finish(self, measure: bool) -> None:
        """Score the trained network for the last time, measure more if the run asks for it, and end."""
        if not self._read_losses():
            return
        self.evaluate()
        if measure and self.spec.probe:
            probes = importlib.import_module(f"explorer.architectures.{self.spec.architecture}.probes")
            with Preserved(self.device):
                self.curves.latest.update(getattr(probes, self.spec.probe)(self.trainer))
        self.state = RunState.FINISHED
        self._single_steps = 0
        self._save()

    # ---- evaluation and looking ----------------------------------------------------------------------------

    def evaluate_if_due(self) -> bool:
        """Score the held-out data if that costs at most a tenth of the training time so far; return whether it did."""
        if self.seconds < self._evaluate_at or self.state is RunState.DIVERGED:
            return False
        self.evaluate()
        return True

    def evaluate(self) -> None:
        """Score the held-out data now; its time does not count as training."""
        begin = self._clock()
        with Preserved(self.device):
            scores = self.trainer.evaluate()
        self.curves.add(self.step, scores)
        self._evaluate_at = self.seconds + max(EVALUATE_EVERY, 10 * (self._clock() - begin))

    def look(self, request: LensRequest) -> Frame:
        """Look through a lens; raises SpecError for an unknown one. Training sees nothing of it."""
        with Preserved(self.device):
            return lenses.look(self.trainer, request)

    def snapshot(self, watch: tuple[LensRequest, ...] = ()) -> Snapshot:
        """Return the run as it stands, with the frames of the lenses asked for; layer statistics stay fresh for 2 s."""
        if self._unread:
            with self.randomness:
                self._read_losses()
        self._dues.watch()
        return portrait(self, watch, self._speed.at(self.step))

    def layer_stats(self) -> tuple[LayerStats, ...]:
        """Return what the last measured step saw in each layer."""
        return self._stats.stats() if self._stats else ()

    # ---- controls ------------------------------------------------------------------------------------------

    def apply(self, control: Control) -> Mark | None:
        """Carry out a control between two steps; return the mark it left in the journal, if it changed what is learnt.

        Raises SpecError, with nothing changed, for a name or value that the card refuses.
        """
        match control:
            case SetHypers() | Edit():
                return self._change(control)
            case Rewind(step):
                return self.rewind(step)
            case Stop():
                if not self.state.over:
                    self._finish(measure=False)
            case Pause():
                if self.state in (RunState.LIVE, RunState.WAITING):
                    self.state = RunState.PAUSED
                self._single_steps = 0
            case Resume():
                if not self.state.over:
                    self.state, self.divergence = RunState.LIVE, None
            case Step(count):
                if self.state in (RunState.LIVE, RunState.WAITING, RunState.PAUSED):
                    self.state = RunState.PAUSED
                    self._single_steps += max(0, count)
        return None

    def _change(self, control: SetHypers | Edit) -> Mark | None:
        if self.state.over:
            raise SpecError(f"the run is {self.state.value}; fork it to go on from one of its steps")
        with self.randomness:
            self.make_marks(at_once=True)
            if isinstance(control, SetHypers):
                control = controls.checked(control, self.task, self.trainer)
                if not control.values:
                    return None
                mark = controls.hypers_mark(self.step, control, self.task, self.trainer)
            else:
                mark = controls.edit_mark(self.step, control, self.trainer)
            self._journal(mark)
            controls.carry_out(control, self.trainer)
        return mark

    def _journal(self, mark: Mark) -> None:
        self.journal.append(mark)
        self._marks_done += 1
        self._dues.changed()

    def make_marks(self, at_once: bool = False) -> None:
        """Make the journalled changes that this step comes after, which a resumed or rewound network has not felt yet.

        At once: those of later steps too, which then move here, since a new change is about to be made on top of them.
        """
        marks = self.journal.marks
        if self._marks_done == len(marks):
            return
        if at_once and marks[-1].step > self.step:
            self.journal.replace([Mark(min(mark.step, self.step), mark.control, mark.text) for mark in marks])
            marks = self.journal.marks
        while self._marks_done < len(marks) and marks[self._marks_done].step <= self.step:
            controls.carry_out(marks[self._marks_done].control, self.trainer)
            self._marks_done += 1

    # ---- checkpoints, rewinding ----------------------------------------------------------------------------

    def checkpoint(self) -> Path:
        """Save the run's whole state; raises OSError if it cannot be written."""
        with self.randomness:
            self._read_losses()
            self.make_marks()
        state = self._capture()
        self.anchors = self.anchors or [state]
        return self.shelf.put(archive.pack(state, self))

    def rewind(self, step: int) -> Mark:
        """Go back to how the run stood at `step`: the nearest checkpoint, then the same steps again with the journal.

        What was changed at that very step stays; later changes are forgotten. Raises SpecError for a step not reached.
        """
        if not 0 <= step <= self.step:
            raise SpecError(f"step {step} is outside 0 … {self.step}, which this run has done")
        mark = controls.rewind_mark(step, self.step)
        self.journal.truncate(step)
        self.shelf.forget_after(step)
        self.redo(self.shelf.nearest(step), step)
        self.curves.cut(step)
        self.divergence, self._record_at, self._evaluate_at = None, step, self.seconds
        if self.state in (RunState.DIVERGED, RunState.FINISHED):
            self.state = RunState.PAUSED
        self._journal(mark)
        return mark

    def redo(self, state: checkpoint.State, step: int) -> None:
        """Put a state back and do the steps from there to `step` again."""
        self._restore(state)
        with self.randomness:
            while self.step < step:
                self.make_marks()
                begin = self._clock()
                self.trainer.train_step()
                self.seconds += self._clock() - begin
                self.step += 1
                self.on_redo()
            self.make_marks()

    def _capture(self) -> checkpoint.State:
        state = checkpoint.capture(self.step, self.trainer, self.randomness)
        return checkpoint.State(
            state.step, state.tensors, {**state.facts, "marks": self._marks_done, "seconds": self.seconds}
        )

    def _restore(self, state: checkpoint.State) -> None:
        checkpoint.restore(state, self.trainer, self.randomness)
        self.step = state.step
        self.seconds = float(str(state.facts["seconds"]))
        self._marks_done = int(str(state.facts["marks"]))
        self._unread.clear()
        self.anchors = [state]
        self._speed.restart(self.step)
        self._dues.restart()

    # ---- housekeeping: between steps, by the clock ---------------------------------------------------------

    def _keep_house(self) -> None:
        """Do what is due, and note when the next thing will be."""
        now, dues = self._now, self._dues
        if now >= dues.anchor and self._read_losses():
            self.anchors = [*self.anchors[-1:], self._capture()]
            dues.anchored(now)
        if now >= dues.checkpoint and self.state is not RunState.DIVERGED:
            self._save()
            dues.saved(now)
        self._measure_next |= dues.measure(now)

    def _save(self) -> None:
        """Checkpoint; where that cannot be written the run goes on and says so, until it can."""
        try:
            self.checkpoint()
        except OSError as error:
            reason = error.strerror or str(error)
            self.message = f"This run cannot be saved ({reason}). It goes on, but would be lost with its worker."
            self._unsaved = True
            return
        if self._unsaved:
            self.message, self._unsaved = "", False
