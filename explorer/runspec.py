"""Makes a run's specification out of what was chosen: defaults filled in, values checked or clamped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.spec import Card, Knob, RunSpec, Settings, SpecError, Task, Value, nearest

NOTHING: Mapping[str, Value] = {}


def make_spec(
    card: Card,
    task: str = "",
    knobs: Settings = NOTHING,
    hypers: Settings = NOTHING,
    data: Settings = NOTHING,
    seed: int = 0,
    device: str = "cpu",
    steps: int = 0,
    upload: str = "",
    probe: str = "",
) -> RunSpec:
    """Return the complete spec of a run; no task named means the card's first.

    Raises SpecError for an unknown name or a value outside its range.
    """
    chosen = card.task(task) if task else card.first_task
    return RunSpec(
        architecture=card.key,
        task=chosen.key,
        seed=seed,
        device=device,
        knobs=_filled(chosen.knobs, knobs, f"knob of {card.key}/{chosen.key}"),
        hypers=_filled(chosen.hypers, hypers, f"hyperparameter of {card.key}/{chosen.key}"),
        data=_filled(chosen.data_knobs, data, f"data knob of {card.key}/{chosen.key}"),
        upload=upload,
        steps=steps,
        probe=probe,
    )


def clamped_spec(
    card: Card,
    task: str = "",
    knobs: Settings = NOTHING,
    hypers: Settings = NOTHING,
    data: Settings = NOTHING,
    seed: int = 0,
    device: str = "cpu",
    steps: int = 0,
    upload: str = "",
) -> tuple[RunSpec, tuple[str, ...]]:
    """Return a complete spec with every value brought into its range, and a sentence for each one that changed."""
    chosen = card.task(task) if task else card.first_task
    inside_knobs, knob_notes = clamp(chosen.knobs, knobs)
    inside_hypers, hyper_notes = clamp(chosen.hypers, hypers)
    inside_data, data_notes = clamp(chosen.data_knobs, data)
    spec = make_spec(card, chosen.key, inside_knobs, inside_hypers, inside_data, seed, device, steps, upload)
    return spec, (*knob_notes, *hyper_notes, *data_notes)


def clamp(allowed: Sequence[Knob], values: Settings) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return the values brought into range, unknown names left out, and a sentence for each change."""
    known = {knob.name: knob for knob in allowed}
    inside: dict[str, Value] = {}
    notes = []
    for name, value in values.items():
        if name not in known:
            notes.append(f"'{name}' is not something to set here; {nearest(name, known)}")
            continue
        inside[name] = known[name].clamp(value)
        if not same(inside[name], value):
            notes.append(f"{known[name].label} {shown(value)} is outside its range; {shown(inside[name])} is used.")
    return inside, tuple(notes)


def clamp_hypers(task: Task, values: Settings) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return the task's hyperparameters brought into their ranges, and a sentence for each change."""
    return clamp(task.hypers, values)


def check_hypers(task: Task, values: Settings) -> dict[str, Value]:
    """Return the values in their own types; raises SpecError for an unknown name or a value outside its range."""
    return {name: task.hyper(name).check(value) for name, value in values.items()}


def same(inside: Value, given: Value) -> bool:
    """Whether clamping left a value as it was, its spelling aside (`"0.1"` is 0.1, `[8, 8]` is (8, 8))."""
    if isinstance(inside, tuple):
        return shown(inside) == shown(given)
    return inside == given or str(inside).lower() == str(given).lower() or _number(inside) == _number(given)


def shown(value: Value) -> str:
    """Return a value as it is written in addresses and on the command line: 0.01, 8-8-6, true."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return "-".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: Value) -> float | str:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)


def _filled(allowed: Sequence[Knob], chosen: Settings, what: str) -> dict[str, Value]:
    known = {knob.name: knob for knob in allowed}
    values: dict[str, Value] = {name: knob.default for name, knob in known.items()}
    for name, value in chosen.items():
        if name not in known:
            raise SpecError(f"no {what} is called '{name}'; {nearest(name, known)}")
        values[name] = known[name].check(value)
    return values
