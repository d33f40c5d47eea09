"""Reads `name=value` and `STEP:name=value` from the command line and sorts them by what they set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.spec import Hyper, Settings, SpecError, Task, Value, nearest


@dataclass(frozen=True)
class Chosen:
    """Checked settings of a run, by where they belong."""

    knobs: Settings
    hypers: Settings
    data: Settings


def parse(texts: Iterable[str]) -> dict[str, Value]:
    """Return the settings in `name=value` texts; raises SpecError for one that has another form."""
    found: dict[str, Value] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise SpecError(f"'{text}' is not of the form name=value")
        found[name] = value
    return found


def sort(task: Task, values: Settings) -> Chosen:
    """Return the settings checked against the task; raises SpecError for an unknown name or a value out of range."""
    places = {"knobs": task.knobs, "hypers": task.hypers, "data": task.data_knobs}
    known = {knob.name: (place, knob) for place, knobs in places.items() for knob in knobs}
    chosen: dict[str, dict[str, Value]] = {place: {} for place in places}
    for name, value in values.items():
        if name not in known:
            raise SpecError(f"the task {task.key} has no setting called '{name}'; {nearest(name, known)}")
        place, knob = known[name]
        chosen[place][name] = knob.check(value)
    return Chosen(chosen["knobs"], chosen["hypers"], chosen["data"])


def schedule(task: Task, texts: Iterable[str]) -> dict[int, dict[str, Value]]:
    """Return the changes in `STEP:name=value` texts by the step they come after; only hyperparameters can change."""
    changes: dict[int, dict[str, Value]] = {}
    for text in texts:
        step, colon, assignment = text.partition(":")
        if not colon or not step.isdecimal():
            raise SpecError(f"'{text}' is not of the form STEP:name=value")
        for name, value in parse([assignment]).items():
            changes.setdefault(int(step), {})[name] = _hyper(task, name).check(value)
    return changes


def _hyper(task: Task, name: str) -> Hyper:
    if name in {knob.name for knob in (*task.knobs, *task.data_knobs)}:
        turnable = ", ".join(hyper.name for hyper in task.hypers)
        raise SpecError(f"{name} needs a new start and cannot change during a run; what can: {turnable}")
    return task.hyper(name)
