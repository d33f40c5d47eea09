"""A browser without a picture: a session over Streamlit's websocket that opens pages and polls their fragments."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0  # seconds to wait for a script to finish
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Visitor:
    """One session. Times are in seconds from sending a request to the message that its script has finished."""

    socket: ClientConnection
    page_hash: str = ""
    page: str = ""
    query: str = ""
    first_delta: float = 0.0  # of the last request
    polls: dict[str, float] = field(default_factory=dict)  # fragment id -> seconds between polls
    deltas: int = 0  # in the last request
    begun: bool = False  # whether a run has begun since the last request
    exceptions: list[str] = field(default_factory=list)

    async def open(self, page: str, query: str = "") -> float:
        """Run a page from the top, as a click on a link does."""
        self.page, self.query = page, query
        self.page_hash = ""
        self.polls.clear()
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        return await self._run(message)

    async def refresh(self, fragment: str) -> float:
        """Run one polled fragment again, as the page's timer does."""
        message = BackMsg()
        request = message.rerun_script
        request.page_script_hash, request.query_string = self.page_hash, self.query
        request.fragment_id, request.is_auto_rerun = fragment, True
        return await self._run(message)

    async def poll(self, seconds: float) -> list[float]:
        """Refresh the page's quickest fragment at its own pace for some time; return how long each took."""
        if not self.polls:
            return []
        fragment, pause = min(self.polls.items(), key=lambda each: each[1])
        end, times = time.perf_counter() + seconds, []
        while time.perf_counter() < end:
            taken = await self.refresh(fragment)
            times.append(taken)
            await asyncio.sleep(max(0.0, pause - taken))
        return times

    async def _run(self, message: BackMsg) -> float:
        await self._drain()
        begin = time.perf_counter()
        self.first_delta, self.deltas, self.begun = 0.0, 0, False
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = ForwardMsg.FromString(await self._receive())
                if self._take(answer, begin):
                    return time.perf_counter() - begin

    async def _drain(self) -> None:
        """Take what has come since the last request's end, so that no run before counts as the answer to the next."""
        while True:
            try:
                async with asyncio.timeout(0):
                    received = await self.socket.recv()
            except TimeoutError:
                return
            self._take(ForwardMsg.FromString(received if isinstance(received, bytes) else received.encode()), 0.0)

    async def _receive(self) -> bytes:
        received = await self.socket.recv()
        return received if isinstance(received, bytes) else received.encode()

    def _take(self, answer: ForwardMsg, begin: float) -> bool:
        """Note what a message says; return whether the script has finished."""
        kind = answer.WhichOneof("type")
        if kind == "new_session":
            self.begun = True
            self.page_hash = answer.new_session.page_script_hash
        elif kind == "navigation":
            self.page_hash = answer.navigation.page_script_hash or self.page_hash
        elif kind == "auto_rerun":
            self.polls[answer.auto_rerun.fragment_id] = answer.auto_rerun.interval
        elif kind in ("delta", "ref_hash"):
            self._count(answer, begin)
        return kind == "script_finished" and self.begun and answer.script_finished in FINISHED

    def _count(self, answer: ForwardMsg, begin: float) -> None:
        self.deltas += 1
        self.first_delta = self.first_delta or time.perf_counter() - begin
        element = answer.delta.new_element
        if element.WhichOneof("type") == "exception":
            self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
        elif element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
            self.exceptions.append(element.alert.body)


@asynccontextmanager
async def visit(url: str) -> AsyncIterator[Visitor]:
    """Open a session with the app at `url` (http://host:port)."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket:  # type: ignore[list-item]
        yield Visitor(socket)
