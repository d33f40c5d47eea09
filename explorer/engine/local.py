"""The local pool: slots and a desk, kept alive from the web process, with every run's newest snapshot."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from explorer.engine.errors import EngineBusy, EngineClosed, RunFailed, WorkerLost
from explorer.engine.forkserver import Birth
from explorer.engine.held import Held
from explorer.engine.link import ForkServer, Link
from explorer.engine.messages import Control, DeviceInfo, Frame, LensRequest, RunState, Snapshot
from explorer.engine.orders import (
    Act,
    Acted,
    Answer,
    Drop,
    Dropped,
    Glance,
    Order,
    Published,
    Refusal,
    Report,
    Shut,
    Split,
    Want,
)  # fmt: skip
from explorer.engine.patience import Patience
from explorer.spec import RunSpec, SpecError

log = logging.getLogger(__name__)

Value: TypeAlias = Frame | RunSpec | str | tuple[DeviceInfo, ...]


@dataclass
class _Ticket:
    done: threading.Event
    link: Link
    reply: Answer | Refusal | None = None


class Pool:
    """Processes and the runs in them. All methods may be called from any thread."""

    def __init__(
        self,
        slots: int,
        on_snapshot: Callable[[Snapshot], None],
        patience: Patience | None = None,
        memory_limit: int = 0,
    ) -> None:
        self.patience = patience or Patience()
        self._on_snapshot, self._memory_limit = on_snapshot, memory_limit
        self._lock = threading.RLock()
        self._server = ForkServer()
        self._held: dict[str, Held] = {}
        self._tickets: dict[int, _Ticket] = {}
        self._numbers = itertools.count(1)
        self._closing = threading.Event()
        self._slots = [self._start("slot", index) for index in range(slots)]
        self._apart: list[Link] = []  # quarantine: one run each
        self._desk = self._start("desk", 0)
        threading.Thread(target=self._watch, name="pool", daemon=True).start()

    # ---- runs -----------------------------------------------------------------------------------------------------

    def condition(self) -> threading.Condition:
        """Return a condition on the pool's lock for a new run's news."""
        return threading.Condition(self._lock)

    def find(self, run: str) -> Held | None:
        with self._lock:
            return self._held.get(run)

    def hold(self, held: Held, awake: bool = True) -> Held:
        """Take a run into the pool's care (the first to do so wins); a run that is awake is opened in a slot."""
        with self._lock:
            held = self._held.setdefault(held.run, held)
            if awake:
                self._wake(held)
            return held

    def control(self, held: Held, control: Control) -> None:
        """Send a control; it is applied between two steps, and sent again if the process is lost before."""
        with self._lock:
            self._wake(held)
            serial = next(self._numbers)
            held.pending[serial] = control
            held.asked_at = time.monotonic()
            held.note(control)
            self._send(held, Act(held.run, serial, control))

    def snapshot(self, held: Held, watch: tuple[LensRequest, ...]) -> Snapshot:
        """Return the newest snapshot, waiting a moment for one newer than that at hand; wakes a sleeping run."""
        with self._lock:
            held.asked_at = time.monotonic()
            self._wake(held)
            if not held.current(watch):
                self._renew(held, watch)
            return held.snapshot

    def watched(self) -> int:
        """Return how many runs that go on somebody has looked at within the last seconds."""
        with self._lock:
            return sum(held.followed for held in self._held.values())

    def look(self, held: Held, request: LensRequest, timeout: float) -> Frame:
        """Look through a lens; raises SpecError for a request the lens refuses, RunFailed, WorkerLost or EngineBusy."""
        with self._lock:
            held.asked_at = time.monotonic()
            self._wake(held)
            if held.link is None:
                raise WorkerLost
            number = self._ticket(held.link)
        value = self._asked(number, Glance(number, held.run, request), timeout)
        assert isinstance(value, Frame)
        return value

    def split(self, source: Held | None, order: Callable[[int], Split], timeout: float) -> None:
        """Copy a run inside the slot it lives in, between two of its steps."""
        with self._lock:
            link = source.link if source and source.link else self._emptiest()
            number = self._ticket(link)
        self._asked(number, order(number), timeout)

    def ask(self, question: Callable[[int], Order], timeout: float) -> Value:
        """Put a question to the desk; asked once more if the desk is lost over it."""
        for attempt in (1, 2):
            try:
                with self._lock:
                    number = self._ticket(self._desk)
                return self._asked(number, question(number), timeout)
            except WorkerLost:
                if attempt == 2 or self._closing.is_set():
                    raise
                self._closing.wait(0.1)
        raise WorkerLost

    def let_go(self, run: str, wait: float = 3.0) -> None:
        """Put a run to sleep now and forget it here."""
        with self._lock:
            held = self._held.get(run)
            if held is None:
                return
            self._drop(held)
            held.news.wait_for(lambda: held.link is None, wait)
            self._held.pop(run, None)

    def rest(self, held: Held) -> None:
        """Put a run to sleep without waiting for it."""
        with self._lock:
            self._drop(held)

    def crowd(self, device: str) -> int:
        """Return how many runs are held open on this device."""
        with self._lock:
            return sum(held.spec.device == device and held.link is not None for held in self._held.values())

    def processes(self) -> tuple[Link, ...]:
        """Return every live process, the desk last."""
        return (*self._slots, *self._apart, self._desk)

    def slot_of(self, run: str) -> Link | None:
        """Return the process a run lives in."""
        held = self.find(run)
        return held.link if held else None

    def close(self) -> None:
        """Checkpoint every run and end every process."""
        if self._closing.is_set():
            return
        self._closing.set()
        links = self.processes()
        for link in links:
            _try_send(link, Shut())
        deadline = time.monotonic() + 5.0
        for link in links:
            if link.up and not link.wait(max(0.0, deadline - time.monotonic())):
                link.kill()
        self._server.close()

    # ---- opening and asking -----------------------------------------------------------------------------------------

    def _wake(self, held: Held) -> None:
        if self._closing.is_set():
            raise EngineClosed
        if held.leaving:
            held.recall = True
        elif held.link is None or held.link.ended:
            self._open(held, self._place(held))

    def _open(self, held: Held, link: Link, replaced: bool = False) -> None:
        held.link, held.wanted, held.leaving, held.recall = link, False, False, False
        self._send(held, held.order(replaced))
        for serial, control in held.pending.items():
            self._send(held, Act(held.run, serial, control))

    def _renew(self, held: Held, watch: tuple[LensRequest, ...]) -> None:
        wait = self.patience.first if not held.fresh and held.snapshot.state is not RunState.WAITING else None
        if wait is None:
            stale = held.pending or time.monotonic() - held.published_at > self.patience.stale
            wait = self.patience.settled if stale else self.patience.fresh
        everything = held.watch(watch)
        if not held.wanted or set(held.shown_lenses) != {request.lens for request in everything}:
            held.wanted = True
            self._send(held, Want(held.run, everything))
        before = held.published_at
        held.news.wait_for(lambda: not held.wanted and held.published_at > before, wait)
        if not held.fresh and wait == self.patience.first:
            raise EngineBusy(wait)

    def _send(self, held: Held, order: Order) -> None:
        """Send to the run's process; if that is gone its replacement is about to be told everything."""
        if held.link is not None:
            _try_send(held.link, order)

    def _ticket(self, link: Link) -> int:
        if self._closing.is_set():
            raise EngineClosed
        number = next(self._numbers)
        self._tickets[number] = _Ticket(threading.Event(), link)
        return number

    def _asked(self, number: int, order: Order, timeout: float) -> Value:
        ticket = self._tickets[number]
        try:
            ticket.link.send(order)
            if not ticket.done.wait(timeout):
                raise EngineBusy(timeout)
        finally:
            with self._lock:
                self._tickets.pop(number, None)
        return _value(ticket.reply)

    def _place(self, held: Held) -> Link:
        """Return the slot for a run: one slot only for each GPU, so that all its runs share one CUDA context."""
        kind, _, index = held.spec.device.partition(":")
        return self._slots[int(index or 0) % len(self._slots)] if kind in ("cuda", "mps") else self._emptiest()

    def _emptiest(self) -> Link:
        """Return the slot with the fewest runs that go on, then the fewest runs."""
        crowd = {id(link): [0, 0] for link in self._slots}
        for held in self._held.values():
            if held.link is not None and id(held.link) in crowd:
                crowd[id(held.link)][0] += held.snapshot.state in (RunState.WAITING, RunState.LIVE)
                crowd[id(held.link)][1] += 1
        return min(self._slots, key=lambda link: crowd[id(link)])

    def _drop(self, held: Held) -> None:
        if held.link is not None and not held.leaving:
            held.leaving = True
            self._send(held, Drop(held.run))

    # ---- reports ----------------------------------------------------------------------------------------------------

    def _report(self, link: Link, report: Report) -> None:
        if isinstance(report, Published):
            self._published(link, report)
        elif isinstance(report, (Answer, Refusal)):
            with self._lock:
                self._reply(self._tickets.get(report.ticket), report)
        elif isinstance(report, Acted):
            with self._lock:
                held = self._held.get(report.run)
                if held:
                    held.applied(report.serial)
        elif isinstance(report, Dropped):
            self._left(report.run)

    def _published(self, link: Link, report: Published) -> None:
        with self._lock:
            held = self._held.get(report.snapshot.run)
            if held is None or held.link is not link:
                return
            if report.snapshot.state is RunState.FAILED:
                held.wanted, held.shown, held.message = False, RunState.FAILED, report.snapshot.message
                held.pending.clear()
            if report.wanted:
                held.wanted = False
                held.shown_lenses = held.identities(report.snapshot)
            held.accept(report.snapshot)
            snapshot = held.snapshot
        self._on_snapshot(snapshot)

    def _left(self, run: str) -> None:
        with self._lock:
            held = self._held.get(run)
            if held is None:
                return
            link, held.link, held.leaving = held.link, None, False
            if held.recall or held.pending:
                self._open(held, self._place(held))
            elif not held.snapshot.state.over:
                held.snapshot = replace(held.snapshot, state=RunState.ASLEEP)
            held.fresh = held.fresh and held.snapshot.state.over
            held.news.notify_all()
            snapshot = held.snapshot
            if link in self._apart:
                _try_send(link, Shut())
        self._on_snapshot(snapshot)

    @staticmethod
    def _reply(ticket: _Ticket | None, reply: Answer | Refusal | None) -> None:
        if ticket:
            ticket.reply = reply
            ticket.done.set()

    # ---- faults -----------------------------------------------------------------------------------------------------

    def _ended(self, link: Link) -> None:
        """A process has ended: put another in its place and give it the same runs."""
        if self._closing.is_set():
            return
        culprit = link.pulse.run
        if not link.pid:  # it never came up: whatever keeps it from starting must not be tried in a tight loop
            self._closing.wait(self.patience.retry)
        with self._lock:
            for ticket in list(self._tickets.values()):
                if ticket.link is link:
                    self._reply(ticket, None)
            self._replace(link)
            for held in [held for held in self._held.values() if held.link is link]:
                self._rehouse(held, guilty=held.run == culprit)
        link.pulse.close()

    def _replace(self, link: Link) -> None:
        if link is self._desk:
            log.warning("the desk stopped and is replaced")
            self._desk = self._start("desk", 0)
        elif link in self._slots:
            log.warning("slot %d stopped and is replaced", link.birth.index)
            self._slots[self._slots.index(link)] = self._start("slot", link.birth.index)
        elif link in self._apart:
            self._apart.remove(link)

    def _rehouse(self, held: Held, guilty: bool) -> None:
        """Open a run again; one that has ended its process twice gets one of its own, the third time none."""
        held.crashes += guilty
        if held.crashes >= 3:
            held.shown = RunState.FAILED
            held.message = "This run stopped its worker three times and was taken out. Start again with other settings."
        if held.crashes == 2 and guilty:
            link = self._start("slot", len(self._slots) + len(self._apart))
            self._apart.append(link)
        else:
            link = self._place(held)
        self._open(held, link, replaced=True)

    def _watch(self) -> None:
        """Look after leases and heartbeats until the pool is closed."""
        last = time.monotonic()
        while not self._closing.wait(self.patience.tick):
            now = time.monotonic()
            if now - last < 4 * self.patience.tick:  # otherwise this process itself was held up
                for link in self.processes():
                    self._check(link, now)
            last = now
            self._expire(now)

    def _check(self, link: Link, now: float) -> None:
        if link.ended or not link.up:
            return
        silent, busy = now - link.pulse.last_beat, link.pulse.busy_since
        if silent > self.patience.silence or (busy and now - busy > self.patience.stall):
            if not link.killed:
                log.warning("%s %d hangs and is ended", link.birth.kind, link.birth.index)
            link.kill()

    def _expire(self, now: float) -> None:
        with self._lock:
            for held in self._held.values():
                if held.leased and held.link is not None and now - held.asked_at > self.patience.lease:
                    self._drop(held)

    def _start(self, kind: str, index: int) -> Link:
        return Link(self._server, Birth(kind, index, self._memory_limit), self._report, self._ended)


def _try_send(link: Link, order: Order) -> None:
    """Send, unless the process is gone: its end is reported by its own thread, which puts things right."""
    try:
        link.send(order)
    except WorkerLost:
        log.info("%s did not reach %s %d", type(order).__name__, link.birth.kind, link.birth.index)


def _value(reply: Answer | Refusal | None) -> Value:
    if reply is None:
        raise WorkerLost
    if isinstance(reply, Refusal):
        raise SpecError(reply.message) if reply.wrong_name else RunFailed(reply.message)
    return reply.value
