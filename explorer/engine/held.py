"""What the web process knows of one run: its newest snapshot, who watches what, and where it lives."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

from explorer.engine.link import Link
from explorer.engine.messages import Control, LensRequest, Pace, Pause, Resume, RunState, Snapshot, Step
from explorer.engine.orders import Open
from explorer.spec import RunSpec

WATCH_SECONDS = 2.0  # a lens nobody has asked for in so long is no longer watched
FOLLOWED_SECONDS = 5.0  # longer than any page takes to ask again, so that a count of followers does not flicker
MOVING = (RunState.WAITING, RunState.LIVE)


@dataclass
class Held:
    """One run in the web process; every field is guarded by the pool's lock, which `news` waits on."""

    run: str
    spec: RunSpec
    directory: str
    upload: str
    news: threading.Condition
    snapshot: Snapshot
    link: Link | None = None
    paused: bool = False
    pace: float = 0.0  # steps a second, 0: as fast as it goes
    shown: RunState | None = None
    message: str = ""
    fresh: bool = False  # the snapshot is from the run itself, not made up here while it is being opened
    asked_at: float = field(default_factory=time.monotonic)  # a snapshot was last asked for
    published_at: float = 0.0
    wanted: bool = False  # a Want is on its way
    outdated: bool = False  # a control was applied after the newest snapshot was taken
    leaving: bool = False  # a Drop is on its way
    recall: bool = False  # wanted back before it has left
    leased: bool = True  # False: stays without watchers (an experiment's arm)
    crashes: int = 0
    pending: dict[int, Control] = field(default_factory=dict)  # sent and not yet known to be applied
    watched: dict[str, tuple[LensRequest, float]] = field(default_factory=dict)
    shown_lenses: dict[str, tuple] = field(default_factory=dict)  # what the newest snapshot was asked to hold

    def note(self, control: Control) -> None:
        """Keep what must be said again to a process that takes the place of a lost one."""
        if isinstance(control, (Pause, Step, Resume)):
            self.paused = not isinstance(control, Resume)
        if isinstance(control, Pace):
            self.pace = control.steps_per_second

    def identities(self, snapshot: Snapshot) -> dict[str, tuple]:
        """Return what each frame of a snapshot was asked to show."""
        return {lens: identity(request) for lens, (request, _) in self.watched.items() if lens in snapshot.frames}

    @property
    def followed(self) -> bool:
        """Whether it goes on, and somebody has looked at it within the last seconds."""
        return self.snapshot.state in MOVING and time.monotonic() - self.asked_at < FOLLOWED_SECONDS

    def order(self, replaced: bool = False) -> Open:
        """Return the order that opens this run in a slot."""
        return Open(
            self.run, self.directory, self.spec, self.upload, self.paused, self.shown, self.message, replaced, self.pace
        )  # fmt: skip

    def watch(self, requests: tuple[LensRequest, ...]) -> tuple[LensRequest, ...]:
        """Note what is being watched and return everything that anyone watches now."""
        now = time.monotonic()
        self.watched |= {request.lens: (request, now) for request in requests}
        self.watched = {lens: pair for lens, pair in self.watched.items() if now - pair[1] < WATCH_SECONDS}
        return tuple(request for request, _ in self.watched.values())

    def current(self, requests: tuple[LensRequest, ...]) -> bool:
        """Whether the newest snapshot is as new as can be and holds what is asked for."""
        if not self.fresh or self.pending or self.wanted or self.outdated:
            return False
        if self.snapshot.state is RunState.FAILED:
            return True
        holds = all(self.shown_lenses.get(request.lens) == identity(request) for request in requests)
        if self.snapshot.state in MOVING:
            return holds and time.monotonic() - self.published_at < 0.05
        return holds

    def applied(self, serial: int) -> None:
        """Note that a control was applied: a paused run says so by nothing else if it had just been asked."""
        self.pending.pop(serial, None)
        self.outdated = True

    def accept(self, snapshot: Snapshot) -> None:
        """Take the newest snapshot; one sent for a change of state, without lenses, keeps the frames seen last."""
        frames = dict(snapshot.frames) or self.snapshot.frames
        if not snapshot.frames and snapshot.step != self.snapshot.step:
            self.shown_lenses = {}
        self.snapshot = replace(snapshot, frames=frames)
        self.fresh, self.outdated, self.published_at = True, False, time.monotonic()
        if not self.pending and snapshot.state in (RunState.PAUSED, RunState.LIVE):
            self.paused = snapshot.state is RunState.PAUSED  # while a control is on its way, this is older than it
        self.news.notify_all()


def identity(request: LensRequest) -> tuple:
    """Return something that is equal for equal requests."""
    own = b"" if request.input is None else request.input.tobytes()
    return (request.lens, tuple(sorted(request.options.items())), own)


def blank(run: str, spec: RunSpec, state: RunState = RunState.WAITING, step: int = 0) -> Snapshot:
    """Return the snapshot of a run that has nothing to show yet."""
    return Snapshot(run, spec, state, step, 0.0, 0.0, 0.0, spec.hypers, {}, (), (), {}, device=spec.device)
