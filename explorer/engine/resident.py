"""One run as it lives in a slot: what it may spend on being watched, when it is checkpointed, and how it fails."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from explorer.engine.messages import Control, Frame, LensRequest, Pace, Pause, Resume, RunState, Snapshot
from explorer.engine.orders import Open
from explorer.engine.pace import Allowance
from explorer.spec import SpecError
from explorer.store import uploads
from explorer.training import checkpoint
from explorer.training.run import Run

log = logging.getLogger(__name__)

LENS_SHARE = 0.015  # of a run's own training time
LENS_CREDIT = 0.03  # seconds of looking that may be saved up
CHECKPOINT_SECONDS = 4.0
SCORE_SECONDS = 0.25  # between scores of a run that is held back
LENS_PATIENCE = 2.0  # after so many seconds a watcher gets a new frame, whatever it costs


class Resident:
    """A run in this process. Raises SpecError, OSError or whatever the network raises when it cannot be made."""

    def __init__(self, order: Open) -> None:
        self.id, self.spec = order.run, order.spec
        self.directory = Path(order.directory)
        self._lock = _lock(self.directory)
        self.run = _make(order, self.directory)
        self.shown, self.message = order.shown, order.message
        if order.replaced and not self.message:
            self.message = f"The worker stopped and was replaced. The run went on from step {self.run.step:,}."
        if not self.run.state.over and self.run.state is not RunState.DIVERGED:
            self.run.apply(Pause() if order.paused else Resume())
        self.allowance = Allowance(order.pace, time.monotonic())
        self._frames: dict[str, Frame] = {}
        self._looked_at: dict[str, tuple[int, float]] = {}  # by lens: step and time of the last look
        self._asked: dict[str, bytes] = {}
        self._credit, self._credited = LENS_CREDIT, self.run.seconds
        self._score_at = 0.0
        self._saved = -1, 0.0  # newest checkpoint's step, and when it was first seen

    @property
    def state(self) -> RunState:
        return self.shown or self.run.state

    @property
    def ready(self) -> bool:
        """Whether the run wants to go on."""
        return self.shown is None and self.run.runnable

    @property
    def paced(self) -> bool:
        """Whether the run wants to go on but is held back to a pace."""
        return self.ready and self.allowance.steps_per_second > 0

    def due(self) -> bool:
        """Whether the run wants to go on and its pace allows a step now."""
        return self.ready and self.allowance.has_step(time.monotonic())

    def advance(self) -> None:
        """Do one step, and score the held-out data when it is time."""
        self.run.advance()
        self.allowance.spend()
        if self.paced:
            self._score_by_the_clock()
        else:
            self.run.evaluate_if_due()

    def _score_by_the_clock(self) -> None:
        """Scores are rationed by training time, of which a slow run uses next to none: it gets four a second."""
        now = time.monotonic()
        if now >= self._score_at:
            self.run.evaluate()
            self._score_at = now + max(SCORE_SECONDS, 10 * (time.monotonic() - now))

    def fail(self, error: BaseException) -> None:
        """Take the run out of training; its owner gets a sentence, the server's log the traceback."""
        log.error("run %s failed after step %d", self.id, self.run.step, exc_info=error)
        self.shown, self.message = RunState.FAILED, explain(error, self.run.step)

    def apply(self, control: Control) -> None:
        """Apply a control between steps; what the card refuses changes nothing and becomes the run's message."""
        if self.shown is not None:
            return
        if isinstance(control, Pace):
            self.allowance = Allowance(control.steps_per_second, time.monotonic())
            return
        self.message = ""
        try:
            self.run.apply(control)
        except SpecError as error:
            self.message = str(error)

    def look(self, request: LensRequest) -> Frame:
        return self.run.look(request)

    def snapshot(self, watch: tuple[LensRequest, ...], waiting_before: int) -> Snapshot:
        """Return the run as it stands, with the frames of the watched lenses that the time budget allows to renew."""
        self._earn()
        for request in watch:
            self._refresh(request)
        plain = self.run.snapshot(())
        return replace(
            plain,
            run=self.id,
            state=self.state,
            frames=self._watched(watch),
            waiting_before=waiting_before,
            message=self.message or plain.message,
        )

    def checkpoint_if_due(self) -> None:
        """Save a run that has gone on for some seconds of wall time: its own clock stands still while others train."""
        step, since = self._saved
        newest = self.run.checkpoints[-1] if self.run.checkpoints else -1
        if newest != step:
            self._saved = newest, time.monotonic()
        elif self.run.step > step and time.monotonic() - since > CHECKPOINT_SECONDS:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Save the run as it stands."""
        if self.shown is None:
            self.run.checkpoint()

    def close(self) -> None:
        """Let the directory go."""
        os.close(self._lock)

    def _earn(self) -> None:
        earned = (self.run.seconds - self._credited) * LENS_SHARE
        self._credit, self._credited = min(LENS_CREDIT, self._credit + earned), self.run.seconds

    def _refresh(self, request: LensRequest) -> None:
        step, when = self._looked_at.get(request.lens, (-1, 0.0))
        question = _fingerprint(request)
        same = self._asked.get(request.lens) == question
        if same and step == self.run.step:
            return
        patience = time.monotonic() - when < LENS_PATIENCE
        if same and self.ready and self._credit < 0 and patience:
            return
        began = time.perf_counter()
        self._frames[request.lens] = self._seen(request)
        self._credit -= time.perf_counter() - began
        self._asked[request.lens] = question
        self._looked_at[request.lens] = (self.run.step, time.monotonic())

    def _seen(self, request: LensRequest) -> Frame:
        """Look; what a lens cannot do must not end the run: the page gets the reason in place of the picture."""
        try:
            return self.run.look(request)
        except SpecError as error:
            return Frame({}, {"error": str(error)})
        except Exception as error:
            log.exception("lens %s failed on run %s", request.lens, self.id)
            return Frame({}, {"error": f"This view could not be drawn ({type(error).__name__})."})

    def _watched(self, watch: tuple[LensRequest, ...]) -> Mapping[str, Frame]:
        return {request.lens: self._frames[request.lens] for request in watch}


def explain(error: BaseException, step: int) -> str:
    """Return what happened in words for the run's owner."""
    text = str(error).split("\n")[0][:200]
    if isinstance(error, MemoryError) or "allocate memory" in text or "out of memory" in text.lower():
        return "There was not enough memory for this run. Choose a smaller network or batch and start again."
    if isinstance(error, OSError):
        return f"The run stopped after step {step:,}: {error.strerror or text}. Make room on the disk, then go on."
    if isinstance(error, SpecError):
        return str(error)
    return f"The run stopped after step {step:,} with an error ({type(error).__name__}: {text}). Start again."


def _make(order: Open, directory: Path) -> Run:
    if checkpoint.steps(directory / "checkpoints"):
        return Run.open(directory)
    (directory / "run.json").unlink(missing_ok=True)  # a worker was lost while it made this run
    upload = uploads.load(Path(order.upload)) if order.upload else None
    return Run.create(order.spec, directory, upload)


def _lock(directory: Path) -> int:
    """Hold the run for this process: two servers on one data directory must not both train it."""
    directory.mkdir(parents=True, exist_ok=True)
    file = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise SpecError("This run is open in another Explorer on this machine. Close that one first.") from None
    return file


def _fingerprint(request: LensRequest) -> bytes:
    own = b"" if request.input is None else request.input.tobytes()
    return repr(sorted(request.options.items())).encode() + own
