from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.messages import Edit, Mark, Rewind, SetHypers
from explorer.training import journal
from explorer.training.journal import Journal, JournalError

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(st.booleans(), st.integers(-(2**60), 2**60), NUMBERS, st.text(max_size=9))
CONTROLS = st.one_of(
    st.builds(SetHypers, st.dictionaries(st.text(min_size=1, max_size=9), VALUES, min_size=1)),
    st.builds(Edit, st.text(max_size=9), st.lists(st.integers(0, 9)).map(tuple), NUMBERS),
    st.builds(Rewind, st.integers(0, 10**9)),
)
MARKS = st.lists(st.builds(Mark, st.integers(0, 10**9), CONTROLS, st.text(max_size=20)), max_size=5)


@settings(deadline=None, max_examples=50)
@given(marks=MARKS)
def test_what_is_written_is_read(marks: list[Mark], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    marks = sorted(marks, key=lambda mark: mark.step)
    book = Journal(path)
    for mark in marks:
        book.append(mark)
    assert not marks or journal.read(path) == marks
    assert Journal(path).marks == marks


def test_truncating_forgets_later_marks(tmp_path: Path) -> None:
    book = Journal(tmp_path / "journal.jsonl")
    for step in (1, 5, 5, 9):
        book.append(Mark(step, SetHypers({"noise": step}), ""))
    book.truncate(5)
    assert [mark.step for mark in journal.read(tmp_path / "journal.jsonl")] == [1, 5, 5]


GOOD = '{"step": 3, "set": {"noise": 0.5}, "text": "noise 0.1 → 0.5"}\n'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "line 2"),
        ("{", "line 2"),
        ("[1]", "line 2"),
        ('{"step": 4, "text": ""}', "expected one of set, edit, rewind"),
        ('{"set": {}, "text": ""}', "'step' is missing"),
        ('{"step": 4, "set": {}}', "'text' is missing"),
        ('{"step": -1, "set": {}, "text": ""}', "whole number of at least 0"),
        ('{"step": "4", "set": {}, "text": ""}', "whole number of at least 0"),
        ('{"step": 4, "set": {"noise": NaN}, "text": ""}', "not a finite number"),
        ('{"step": 4, "set": {"noise": {}}, "text": ""}', "is not a value"),
        ('{"step": 4, "edit": {"parameter": "w", "index": ["a"], "value": 1}, "text": ""}', "line 2"),
        ('{"step": 4, "edit": {"parameter": "w", "index": [0], "value": Infinity}, "text": ""}', "not a finite number"),
        ('{"step": 2, "set": {}, "text": ""}', "steps must not go back"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(f"{GOOD}{line}\n{GOOD.replace('3', '9', 1)}", encoding="utf-8")
    with pytest.raises(JournalError, match=reason) as caught:
        Journal(path)
    assert "journal.jsonl" in str(caught.value)


def test_an_unfinished_last_line_was_never_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(GOOD + '{"step": 7, "se', encoding="utf-8")
    assert [mark.step for mark in Journal(path).marks] == [3]
    assert path.read_text(encoding="utf-8") == GOOD
