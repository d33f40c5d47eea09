from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from explorer import catalog
from explorer.engine.errors import EngineBusy
from explorer.engine.messages import Frame
from explorer.ui import inside_frame
from explorer.ui.address import Address, View
from explorer.ui.inside_answers import Question
from explorer.ui.inside_frame import titled

SHORT, LONG = 0.01, 20.0


class Gate:
    """A question that is answered when the gate is opened."""

    def __init__(self, answer: str) -> None:
        self.answer, self.open, self.asked = answer, threading.Event(), 0

    def __call__(self) -> str:
        self.asked += 1
        assert self.open.wait(LONG)
        return self.answer


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate("first")
    yield made
    made.open.set()


def test_the_page_does_not_wait_and_asks_once(gate: Gate) -> None:
    question: Question[str] = Question()
    began = time.monotonic()
    assert [question.get("a", gate, SHORT) for _ in range(3)] == [None, None, None]
    assert time.monotonic() - began < LONG / 2
    gate.open.set()
    assert question.get("a", gate, LONG) == "first"
    assert gate.asked == 1
    assert question.get("a", gate, SHORT) == "first"  # known by now, not asked again
    assert gate.asked == 1


def test_what_was_there_stays_until_the_new_answer_comes(gate: Gate) -> None:
    question: Question[str] = Question()
    assert question.get("old", lambda: "old picture", LONG) == "old picture"
    assert question.get("new", gate, SHORT) == "old picture"
    assert question.key == "old"
    gate.open.set()
    assert question.get("new", gate, LONG) == "first"
    assert question.key == "new"


def test_a_question_overtaken_by_another_is_followed_by_it(gate: Gate) -> None:
    question: Question[str] = Question()
    assert question.get("early", gate, SHORT) is None
    gate.open.set()
    assert question.get("late", lambda: "second", LONG) == "second"


def test_a_failure_is_said_once_and_then_asked_again() -> None:
    def busy() -> str:
        raise EngineBusy(3)

    question: Question[str] = Question()
    with pytest.raises(EngineBusy, match="3 seconds"):
        question.get("a", busy, LONG)
    assert question.get("a", lambda: "there", LONG) == "there"


def test_renewing_does_not_return_a_kept_answer() -> None:
    question: Question[str] = Question()
    assert question.renew(lambda: "one", LONG) == "one"
    assert question.renew(lambda: "two", LONG) == "two"


def test_layers_have_titles_for_people() -> None:
    frame = Frame({}, {"layers": [{"path": "hidden.0.linear"}, {"path": "rosenblatt.sum"}]})
    assert [layer["title"] for layer in titled(frame)["layers"]] == ["hidden layer 1", "rosenblatt"]  # type: ignore[index,call-overload,union-attr]


@pytest.mark.parametrize("key", catalog.keys())
def test_the_empty_frame_shows_the_points_of_a_plane(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(inside_frame.st, "html", said.append)
    card = catalog.get(key)
    for task in card.tasks:
        inside_frame.empty(card, Address(view=View.INSIDE, task=task.key), task)
        marks = said[-1].count("<i ")
        plane = "point" in task.inside and task.key != "digits01"
        assert (marks > 3) == plane, task.key
        assert inside_frame.EMPTY in said[-1]
        places = np.array([float(each.split("px")[0]) for each in said[-1].split("top:")[1:]])
        assert np.all((places >= 0) & (places <= 260))
