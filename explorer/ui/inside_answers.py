"""Questions to the engine that the page does not wait for: what is there is shown, the rest arrives later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from explorer.engine.errors import EngineError
from explorer.engine.messages import Frame, LensRequest, RunState, Snapshot
from explorer.spec import SpecError
from explorer.ui.session import client

T = TypeVar("T")
FIRST = 0.3  # seconds the page waits for an answer while it has nothing to show …
NEXT = 2.5  # … and while the last picture stands
MOST = 45.0  # seconds after which a question has failed; the first look at saliency loads a library in the worker


@dataclass
class Question(Generic[T]):
    """One kind of question: its newest answer, and what is under way."""

    key: Hashable = None  # what `answer` answers
    answer: T | None = None
    asked: tuple[Hashable, Future[T]] | None = None

    def get(self, key: Hashable, ask: Callable[[], T], patience: float) -> T | None:
        """Return the newest answer, perhaps to an earlier key, or None; raises what asking raised, once.

        Compare `self.key` with `key` to see whether the answer is the one asked for. `ask` runs in a thread of its own.
        """
        if self.answer is not None and self.key == key:
            return self.answer
        if self.asked is None:
            self.asked = (key, _begin(ask))
        asked, future = self.asked
        if not _done(future, patience):
            return self.answer
        self.asked = None
        self.answer, self.key = future.result(), asked
        return self.answer if asked == key else self.get(key, ask, patience)

    def renew(self, ask: Callable[[], T], patience: float) -> T | None:
        """Return an answer no older than the question under way, else the one before, else None."""
        self.key = None
        return self.get(True, ask, patience)


@dataclass
class Answers:
    """What one visitor has asked about one task's network."""

    run: Question[tuple[Snapshot | None, str]] = field(default_factory=Question[tuple["Snapshot | None", str]])
    looks: dict[str, Question[Frame]] = field(default_factory=dict)  # by lens
    waiting: bool = False  # whether something that was asked in this drawing has not arrived

    def look(self, snapshot: Snapshot, request: LensRequest, about: Hashable) -> Frame | None:
        """Return what the lens sees, perhaps of a moment ago, or None while nothing has come yet.

        `about` names the own input. A run that stands still is looked at once. Raises EngineError, SpecError.
        """
        question = self.looks.setdefault(request.lens, Question())
        wanted = (snapshot.run, tuple(sorted(request.options.items())), about)
        moment = None if snapshot.state is RunState.WAITING else snapshot.step
        if question.answer is not None and isinstance(question.key, tuple) and question.key[0] != snapshot.run:
            question.answer = None  # another network's picture would be wrong here
        engine = client()
        patience = FIRST if question.answer is None else NEXT
        seen = question.get((*wanted, moment), lambda: engine.look(snapshot.run, request, MOST), patience)
        self.waiting = self.waiting or not (isinstance(question.key, tuple) and question.key[:3] == wanted)
        return seen


def _begin(ask: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()
    threading.Thread(target=_carry_out, args=(future, ask), daemon=True, name="inside").start()
    return future


def _carry_out(future: Future[T], ask: Callable[[], T]) -> None:
    try:
        future.set_result(ask())
    except (EngineError, SpecError) as error:
        future.set_exception(error)
    finally:
        if not future.done():  # the thread's own report says what happened
            future.set_exception(RuntimeError("a question to the engine failed"))


def _done(future: Future[T], patience: float) -> bool:
    """Whether the question has been answered, or has failed, within `patience` seconds."""
    try:
        future.exception(patience)
    except TimeoutError:
        return False
    return True
