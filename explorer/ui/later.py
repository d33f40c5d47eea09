"""Answers that may take a while on a cold engine: asked in the background, shown when they are there."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from typing import TypeVar

from explorer.ui.session import session

_T = TypeVar("_T")
AT_ONCE = 0.1  # seconds that a page waits for an answer
MOST = 30  # answers kept for one visitor
_threads = ThreadPoolExecutor(4, "later")


@dataclass
class Asked:
    futures: dict[Hashable, Future] = field(default_factory=dict)


def later(question: Hashable, answer: Callable[[], _T]) -> _T | None:
    """Return what `answer()` returns, or None as long as it is not there; it runs once for one question.

    It must not draw. What it raises is raised here, once, and the next call asks again.
    """
    futures = session().panel(Asked).futures
    future = futures.setdefault(question, _threads.submit(answer)) if question not in futures else futures[question]
    try:
        value = future.result(AT_ONCE)
    except NotYet:
        return None
    except Exception:
        futures.pop(question, None)
        raise
    while len(futures) > MOST:
        futures.pop(next(iter(futures)))
    return value
