"""A slot trains many runs in one process: it gives out turns, listens to the pool, and publishes snapshots."""

from __future__ import annotations

import logging
import select
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from explorer.engine.held import blank
from explorer.engine.messages import Resume, Rewind, RunState, SetHypers, Snapshot
from explorer.engine.orders import (
    Act,
    Acted,
    Answer,
    Drop,
    Dropped,
    Glance,
    Open,
    Order,
    Published,
    Refusal,
    Shut,
    Split,
    Want,
)
from explorer.engine.pulse import Pulse
from explorer.engine.resident import Resident, explain
from explorer.engine.scheduler import Scheduler, Turn
from explorer.spec import RunSpec, SpecError
from explorer.training.run import Run

log = logging.getLogger(__name__)

POLL_SECONDS = 0.002  # asking the pipe after every step costs a tiny network a tenth of its speed
IDLE_SECONDS = 0.25
FIRST_STEPS = 5  # a newcomer has something to show after so many steps


class Slot:
    """One process's runs."""

    def __init__(self, connection: Connection, pulse: Pulse) -> None:
        self._connection = connection
        self._pulse = pulse
        self._inbox = select.poll()
        self._inbox.register(connection.fileno(), select.POLLIN)
        self._scheduler = Scheduler()
        self._residents: dict[str, Resident] = {}
        self._deferred: dict[str, Want] = {}  # to be answered after the slice that a control has asked for
        self._open = True

    def serve(self) -> None:
        """Train until told to end or the pool is gone; every run is checkpointed before the process ends."""
        try:
            while self._open:
                self._listen()
                rest = self._call_paced()
                turn = self._scheduler.next()
                if turn is None:
                    self._inbox.poll(rest * 1000)
                else:
                    self._work(turn)
        except (EOFError, ConnectionError):
            log.info("the pool is gone; saving %d runs", len(self._residents))
        for resident in self._residents.values():
            self._guarded(resident, resident.checkpoint)

    def _call_paced(self) -> float:
        """Let held-back runs that may do a step now take part again; return how long nobody else will need to."""
        rest = IDLE_SECONDS
        for resident in self._residents.values():
            if resident.paced:
                self._scheduler.set_ready(resident.id, resident.due())
                rest = min(rest, max(0.001, resident.allowance.rest()))
        return rest

    # ---- training -------------------------------------------------------------------------------------------------

    def _work(self, turn: Turn) -> None:
        """Give one run its slice, listening in between."""
        resident = self._residents[turn.run]
        began = time.perf_counter()
        self._pulse.enter(turn.run)
        self._guarded(resident, lambda: self._train(resident, began + turn.seconds))
        self._pulse.leave()
        if turn.run in self._residents:
            sprinting = self._scheduler.is_sprinting(turn.run)
            shown = resident.run.step >= FIRST_STEPS or not resident.ready
            self._scheduler.charge(turn.run, time.perf_counter() - began, shown)
            self._settle(resident, news=sprinting and shown)
            self._guarded(resident, resident.checkpoint_if_due)

    def _train(self, resident: Resident, end: float) -> None:
        run, sprinting = resident.run, self._scheduler.is_sprinting(resident.id)
        with run.randomness:
            heard = time.perf_counter()
            while resident.due():
                resident.advance()
                now = time.perf_counter()
                if now >= end or (sprinting and run.step >= FIRST_STEPS):
                    return
                if self._deferred and resident.id in self._deferred:
                    self._publish(resident, self._deferred.pop(resident.id))
                if now - heard >= POLL_SECONDS:
                    heard = now
                    if self._inbox.poll(0) and self._interrupted(resident):
                        return

    def _interrupted(self, resident: Resident) -> bool:
        """Listen in the middle of a slice; says whether the slice is over."""
        self._listen()
        self._pulse.enter(resident.id)
        return resident.id not in self._residents or self._scheduler.urgent_besides(resident.id) or not self._open

    def _settle(self, resident: Resident, news: bool = False) -> None:
        """Save and publish a run that has just stopped going on; publish one that has news or is waited for."""
        self._scheduler.set_ready(resident.id, resident.due())
        if not resident.ready and resident.run.step not in resident.run.checkpoints:
            self._guarded(resident, resident.checkpoint)
        want = self._deferred.pop(resident.id, None)
        if want or news or not resident.ready:
            self._publish(resident, want)

    def _guarded(self, resident: Resident, work: Callable[[], Any]) -> Any:
        """Do something for one run; what it raises is that run's end only."""
        try:
            return work()
        except (EOFError, ConnectionError):
            raise  # the pool is gone
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the traceback goes to the log, the run ends
            if resident.state is not RunState.FAILED:
                resident.fail(error)
                self._scheduler.set_ready(resident.id, False)
                self._publish(resident)
            return None

    # ---- talking --------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        while self._open and self._connection.poll():
            self._obey(self._connection.recv())

    def _obey(self, order: Order) -> None:
        if isinstance(order, Open):
            self._take_in(order)
        elif isinstance(order, Shut):
            self._open = False
        elif isinstance(order, (Glance, Split)):
            self._answer(order)
        elif isinstance(order, (Act, Want, Drop)) and order.run in self._residents:
            self._serve_run(order, self._residents[order.run])
        elif isinstance(order, Drop):
            self._connection.send(Dropped(order.run))

    def _serve_run(self, order: Act | Want | Drop, resident: Resident) -> None:
        if isinstance(order, Act):
            self._act(order, resident)
        elif isinstance(order, Want):
            self._answer_want(order, resident)
        else:
            self._let_go(resident)

    def _take_in(self, order: Open) -> None:
        if order.run in self._residents:
            return
        self._pulse.enter(order.run)
        try:
            resident = Resident(order)
        except (Exception, SystemExit) as error:
            log.exception("run %s could not be opened", order.run)
            self._connection.send(Published(_failed(order.run, order.spec, explain(error, 0)), wanted=False))
            return
        finally:
            self._pulse.leave()
        resident.run.on_redo = lambda: self._pulse.enter(order.run)
        self._residents[order.run] = resident
        self._scheduler.add(order.run, sprint=resident.run.step < FIRST_STEPS)
        self._scheduler.set_ready(order.run, resident.ready)
        if not resident.ready or order.replaced:
            self._publish(resident)

    def _answer_want(self, order: Want, resident: Resident) -> None:
        """Publish now, or after the slice that a control has just asked for, so that the answer shows what it did."""
        if resident.ready and self._scheduler.is_urgent(resident.id):
            self._deferred[resident.id] = order
        else:
            self._publish(resident, order)

    def _act(self, order: Act, resident: Resident) -> None:
        self._pulse.enter(order.run)
        self._guarded(resident, lambda: resident.apply(order.control))
        self._pulse.leave()
        self._connection.send(Acted(order.run, order.serial))
        self._scheduler.set_ready(order.run, resident.due())
        self._scheduler.urge(order.run)
        if not resident.ready:
            self._settle(resident)

    def _let_go(self, resident: Resident) -> None:
        if resident.run.step not in resident.run.checkpoints:
            self._guarded(resident, resident.checkpoint)
        self._publish(resident)
        resident.close()
        self._deferred.pop(resident.id, None)
        del self._residents[resident.id]
        self._scheduler.remove(resident.id)
        self._connection.send(Dropped(resident.id))

    def _publish(self, resident: Resident, want: Want | None = None) -> None:
        self._pulse.enter(resident.id)
        try:
            snapshot = resident.snapshot(want.watch if want else (), self._scheduler.waiting_before(resident.id))
        except Exception as error:  # noqa: BLE001 - the traceback goes to the log, the run ends
            resident.fail(error)
            self._scheduler.set_ready(resident.id, False)
            snapshot = _failed(resident.id, resident.spec, resident.message)
        self._pulse.leave()
        self._connection.send(Published(snapshot, wanted=want is not None))

    def _answer(self, order: Glance | Split) -> None:
        self._pulse.enter(order.run)
        try:
            value = self._residents[order.run].look(order.request) if isinstance(order, Glance) else self._split(order)
            self._connection.send(Answer(order.ticket, value))
        except SpecError as error:
            self._connection.send(Refusal(order.ticket, str(error), wrong_name=True))
        except Exception as error:
            log.exception("%s for run %s failed", type(order).__name__, order.run)
            self._connection.send(Refusal(order.ticket, f"This could not be done ({type(error).__name__})."))
        finally:
            self._pulse.leave()

    def _split(self, order: Split) -> RunSpec:
        """Copy the source's directory between two of its steps, go back to the step, and make the change."""
        source = self._residents.get(order.source)
        if source is not None:
            source.checkpoint()
        directory = Path(order.directory)
        shutil.copytree(order.source_directory, directory, ignore=shutil.ignore_patterns("lock"))
        try:
            return self._parted(order, Run.open(directory))
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise

    def _parted(self, order: Split, run: Run) -> RunSpec:
        """Bring the copy to where it parts from its source."""
        run.on_redo = lambda: self._pulse.enter(order.run)
        if order.step != run.step or run.state.over:
            run.apply(Rewind(order.step))
        if order.hypers:
            run.apply(SetHypers(order.hypers))
        run.apply(Resume())
        run.checkpoint()
        return run.spec


def _failed(run: str, spec: RunSpec, message: str) -> Snapshot:
    """Return the snapshot of a run that cannot give one itself."""
    return replace(blank(run, spec, RunState.FAILED), message=message)
