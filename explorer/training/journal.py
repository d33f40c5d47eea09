"""The journal of a run: every change made to it by hand, one JSON object a line. Seed and journal replay the run."""

from __future__ import annotations

import itertools
import json
import math
import os
from pathlib import Path

from explorer.engine.messages import Edit, Mark, Rewind, SetHypers
from explorer.spec import Value


class JournalError(ValueError):
    """A line of the journal cannot be read; the message names file and line."""


class Journal:
    """The marks of one run, oldest first, on disk as soon as they are made.

    An unfinished last line was never acknowledged to anyone (the disk was full, or the power went): it is dropped.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.marks: list[Mark] = []
        if path.exists():
            self.marks = read(path)
            self._write()

    def append(self, mark: Mark) -> None:
        """Write a mark at the end; raises OSError, and keeps nothing, if it cannot be written."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(to_line(mark))
        self.marks.append(mark)

    def truncate(self, step: int) -> None:
        """Forget every change made after `step`."""
        self.replace([mark for mark in self.marks if mark.step <= step])

    def replace(self, marks: list[Mark]) -> None:
        """Put other marks in place of all."""
        self.marks = marks
        self._write()

    def _write(self) -> None:
        part = self._path.with_suffix(".part")
        part.write_text("".join(map(to_line, self.marks)), encoding="utf-8")
        os.replace(part, self._path)


def read(path: Path) -> list[Mark]:
    """Return the marks of a journal; raises JournalError for a line that is not one."""
    lines = path.read_text(encoding="utf-8").split("\n")
    marks = [_mark(line, f"{path}, line {number}") for number, line in enumerate(lines[:-1], 1)]
    for before, after in itertools.pairwise(marks):
        if after.step < before.step:
            raise JournalError(f"{path}: step {after.step} comes after step {before.step}; steps must not go back")
    return marks


def to_line(mark: Mark) -> str:
    """Return the mark as one line of JSON."""
    return json.dumps({"step": mark.step, **_control(mark.control), "text": mark.text}, ensure_ascii=False) + "\n"


def _control(control: SetHypers | Edit | Rewind) -> dict[str, object]:
    match control:
        case SetHypers(values):
            return {"set": dict(values)}
        case Edit(parameter, index, value):
            return {"edit": {"parameter": parameter, "index": list(index), "value": value}}
        case Rewind(step):
            return {"rewind": step}


def _mark(line: str, place: str) -> Mark:
    try:
        entry = json.loads(line)
        step, text = entry["step"], entry["text"]
        if not isinstance(step, int) or step < 0 or not isinstance(text, str):
            raise ValueError("step must be a whole number of at least 0, text a string")
        return Mark(step, _parse(entry), text)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"'{error.args[0]}' is missing" if isinstance(error, KeyError) else str(error)
        raise JournalError(f"{place}: {reason}") from None


def _parse(entry: dict[str, object]) -> SetHypers | Edit | Rewind:
    match entry:
        case {"set": dict(values)}:
            return SetHypers({str(name): _value(value) for name, value in values.items()})
        case {"edit": {"parameter": str(parameter), "index": list(index), "value": int() | float() as value}}:
            return Edit(parameter, tuple(int(each) for each in index), _finite(value))
        case {"rewind": int(step)}:
            return Rewind(step)
    raise ValueError("expected one of set, edit, rewind")


def _value(value: object) -> Value:
    if isinstance(value, list):
        return tuple(int(each) for each in value)
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return _finite(value)
    raise ValueError(f"{value!r} is not a value")


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return float(value)
