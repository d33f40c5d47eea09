"""The desk answers what is not a run: blueprints, source text, devices. It never trains, so no page waits for it."""

from __future__ import annotations

import logging
from multiprocessing.connection import Connection

from explorer.device import available
from explorer.engine.messages import DeviceInfo
from explorer.engine.orders import Answer, AskBlueprint, AskDevices, AskSmallBlueprint, AskSource, Order, Refusal, Shut
from explorer.engine.pulse import Pulse
from explorer.spec import SpecError

log = logging.getLogger(__name__)


class Desk:
    """One process's loop over questions."""

    def __init__(self, connection: Connection, pulse: Pulse) -> None:
        self._connection = connection
        self._pulse = pulse

    def serve(self) -> None:
        """Answer until told to end or the pool is gone."""
        while True:
            try:
                order = self._connection.recv()
            except EOFError:
                return
            if isinstance(order, Shut):
                return
            self._pulse.enter("")
            self._connection.send(self._reply(order))
            self._pulse.leave()

    def _reply(self, order: Order) -> Answer | Refusal:
        ticket: int = getattr(order, "ticket", 0)
        try:
            return Answer(ticket, _answer(order))
        except SpecError as error:
            return Refusal(ticket, str(error), wrong_name=True)
        except Exception as error:
            log.exception("a question failed: %s", order)
            return Refusal(ticket, f"This could not be worked out ({type(error).__name__}). The server's log has more.")


def _answer(order: Order) -> str | tuple[DeviceInfo, ...]:
    """Return the answer; blueprints travel as their JSON text."""
    if isinstance(order, AskDevices):
        return available()
    from explorer.blueprint import to_json
    from explorer.tracing import source, trace

    if isinstance(order, AskBlueprint):
        return to_json(trace.blueprint(order.architecture, order.variant, order.knobs))
    if isinstance(order, AskSmallBlueprint):
        return to_json(trace.small_blueprint(order.spec))
    if isinstance(order, AskSource):
        return source.runnable(order.architecture, order.variant, order.knobs)
    raise TypeError(f"the desk has no answer to {type(order).__name__}")
